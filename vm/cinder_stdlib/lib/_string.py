"""Parsing of format strings, for string.Formatter."""


def formatter_parser(text, /):
    """Pieces of a format string: literal text, field name, format spec, conversion."""
    if not isinstance(text, str):
        raise TypeError(f"expected str, got {type(text).__name__}")
    return _pieces(text)


def _pieces(text):
    at = 0
    end = len(text)
    while at < end:
        literal = []
        field = None
        while at < end:
            char = text[at]
            at += 1
            if char == "{":
                if at < end and text[at] == "{":
                    at += 1
                    yield "".join(literal) + "{", None, None, None
                    literal = None
                    break
                if at >= end:
                    raise ValueError("Single '{' encountered in format string")
                field = at
                break
            if char == "}":
                if at < end and text[at] == "}":
                    at += 1
                    yield "".join(literal) + "}", None, None, None
                    literal = None
                    break
                raise ValueError("Single '}' encountered in format string")
            literal.append(char)
        if literal is None:
            continue
        if field is None:
            yield "".join(literal), None, None, None
            continue
        depth = 1
        brackets = False
        while at < end:
            char = text[at]
            if char == "[":
                brackets = True
            elif char == "]":
                brackets = False
            elif char == "{" and not brackets:
                depth += 1
            elif char == "}" and not brackets:
                depth -= 1
                if depth == 0:
                    break
            at += 1
        else:
            raise ValueError("expected '}' before end of string")
        body = text[field:at]
        at += 1
        name, conversion, spec = _split_field(body)
        yield "".join(literal), name, spec, conversion


def _split_field(body):
    brackets = False
    for index, char in enumerate(body):
        if char == "[":
            brackets = True
        elif char == "]":
            brackets = False
        elif char == "{":
            raise ValueError("unexpected '{' in field name")
        elif char in "!:" and not brackets:
            break
    else:
        return body, None, ""
    name = body[:index]
    rest = body[index:]
    conversion = None
    if rest[0] == "!":
        if len(rest) < 2:
            raise ValueError("end of string while looking for conversion specifier")
        conversion = rest[1]
        rest = rest[2:]
        if rest and rest[0] != ":":
            raise ValueError("expected ':' after conversion specifier")
    return name, conversion, rest[1:]


def _number(text):
    return int(text) if text.isascii() and text.isdigit() else text


def formatter_field_name_split(text, /):
    """First part of a field name, and an iterator over the attribute and item accesses after it."""
    if not isinstance(text, str):
        raise TypeError(f"expected str, got {type(text).__name__}")
    for index, char in enumerate(text):
        if char in ".[":
            break
    else:
        index = len(text)
    return _number(text[:index]), _accesses(text[index:])


def _accesses(rest):
    while rest:
        if rest[0] == ".":
            end = 1
            while end < len(rest) and rest[end] not in ".[":
                end += 1
            if end == 1:
                raise ValueError("Empty attribute in format string")
            yield True, rest[1:end]
            rest = rest[end:]
        elif rest[0] == "[":
            end = rest.find("]")
            if end < 0:
                raise ValueError("Missing ']' in format string")
            if end == 1:
                raise ValueError("Empty attribute in format string")
            yield False, _number(rest[1:end])
            rest = rest[end + 1:]
        else:
            raise ValueError("Only '.' or '[' may follow ']' in format field specifier")
