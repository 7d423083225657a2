"""The registry of codecs, and the codecs that the machine does itself."""

_search_functions = []
_cache = {}
_error_handlers = {}


def register(search_function, /):
    if not callable(search_function):
        raise TypeError("argument must be callable")
    _search_functions.append(search_function)


def unregister(search_function, /):
    if search_function in _search_functions:
        _search_functions.remove(search_function)
        _cache.clear()


def _forget_codec(encoding, /):
    _cache.pop(encoding, None)


def lookup(encoding, /):
    if not isinstance(encoding, str):
        raise TypeError(f"lookup() argument must be str, not {type(encoding).__name__}")
    if "\0" in encoding:
        raise ValueError("embedded null character")
    name = encoding.lower().replace(" ", "-")
    found = _cache.get(name)
    if found is not None:
        return found
    if not _search_functions:
        import encodings
    for search in _search_functions:
        found = search(name)
        if found is None:
            continue
        if not isinstance(found, tuple) or len(found) != 4:
            raise TypeError("codec search functions must return 4-tuples")
        _cache[name] = found
        return found
    raise LookupError(f"unknown encoding: {encoding}")


def _converted(convert, obj, errors, what, encoding):
    try:
        result = convert(obj, errors)
    except Exception as error:
        error.add_note(f"{what} with '{encoding}' codec failed")
        raise
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"{what[:-3]}er must return a tuple (object, integer)")
    return result[0]


def encode(obj, encoding="utf-8", errors="strict"):
    return _converted(lookup(encoding)[0], obj, errors, "encoding", encoding)


def decode(obj, encoding="utf-8", errors="strict"):
    return _converted(lookup(encoding)[1], obj, errors, "decoding", encoding)


# ---- error handlers ----

def _bad(error):
    return TypeError(f"don't know how to handle {type(error).__name__} in error callback")


def strict_errors(error, /):
    if isinstance(error, BaseException):
        raise error
    raise TypeError("codec must pass exception instance")


def ignore_errors(error, /):
    if not isinstance(error, UnicodeError):
        raise _bad(error)
    return "", error.end


def replace_errors(error, /):
    if isinstance(error, UnicodeEncodeError):
        return "?" * (error.end - error.start), error.end
    if isinstance(error, UnicodeDecodeError):
        return "\ufffd", error.end
    if isinstance(error, UnicodeTranslateError):
        return "\ufffd" * (error.end - error.start), error.end
    raise _bad(error)


def xmlcharrefreplace_errors(error, /):
    if not isinstance(error, UnicodeEncodeError):
        raise _bad(error)
    return "".join(f"&#{ord(c)};" for c in error.object[error.start:error.end]), error.end


def _escape(code):
    if code < 0x100:
        return f"\\x{code:02x}"
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}"


def backslashreplace_errors(error, /):
    if not isinstance(error, UnicodeError):
        raise _bad(error)
    piece = error.object[error.start:error.end]
    if isinstance(piece, str):
        piece = [ord(c) for c in piece]
    return "".join(_escape(code) for code in piece), error.end


def namereplace_errors(error, /):
    if not isinstance(error, UnicodeEncodeError):
        raise _bad(error)
    try:
        import unicodedata
        name = unicodedata.name
    except ImportError:
        name = lambda c, default: default
    parts = []
    for c in error.object[error.start:error.end]:
        found = name(c, None)
        parts.append(_escape(ord(c)) if found is None else f"\\N{{{found}}}")
    return "".join(parts), error.end


def surrogateescape_errors(error, /):
    if isinstance(error, UnicodeEncodeError):
        out = bytearray()
        for c in error.object[error.start:error.end]:
            if not 0xDC80 <= ord(c) <= 0xDCFF:
                raise error
            out.append(ord(c) - 0xDC00)
        return bytes(out), error.end
    if isinstance(error, UnicodeDecodeError):
        out = []
        for byte in error.object[error.start:min(error.end, error.start + 4)]:
            if byte < 128:
                break
            out.append(chr(0xDC00 + byte))
        if not out:
            raise error
        return "".join(out), error.start + len(out)
    raise _bad(error)


def surrogatepass_errors(error, /):
    if isinstance(error, UnicodeEncodeError):
        text = error.object[error.start:error.end]
        return text.encode(error.encoding, "surrogatepass"), error.end
    if isinstance(error, UnicodeDecodeError):
        raise error
    raise _bad(error)


_error_handlers.update(
    strict=strict_errors, ignore=ignore_errors, replace=replace_errors, xmlcharrefreplace=xmlcharrefreplace_errors,
    backslashreplace=backslashreplace_errors, namereplace=namereplace_errors, surrogateescape=surrogateescape_errors,
    surrogatepass=surrogatepass_errors,
)


def register_error(errors, handler, /):
    if not callable(handler):
        raise TypeError("handler must be callable")
    _error_handlers[errors] = handler


def _unregister_error(errors, /):
    return _error_handlers.pop(errors, None) is not None


def lookup_error(name, /):
    try:
        return _error_handlers[name]
    except KeyError:
        raise LookupError(f"unknown error handler name '{name}'") from None


# ---- codecs of the machine ----

def _content(data):
    if type(data) is bytes:
        return data
    try:
        return bytes(memoryview(data))
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


def _native(name, widest):
    """Encoder and stateful decoder; `widest` is the most bytes a character takes."""

    def encoder(string, errors=None, /):
        return string.encode(name, errors or "strict"), len(string)

    def decoder(data, errors=None, final=False, /):
        data = _content(data)
        errors = errors or "strict"
        if final or widest == 1:
            return data.decode(name, errors), len(data)
        try:
            return data.decode(name), len(data)
        except UnicodeDecodeError as error:
            # An incomplete character at the end is left for the next call.
            if error.end == len(data) and len(data) - error.start < widest and (
                "unexpected end" in error.reason or "truncated" in error.reason
            ):
                used = error.start
                return data[:used].decode(name, errors), used
            return data.decode(name, errors), len(data)

    return encoder, decoder


utf_8_encode, utf_8_decode = _native("utf-8", 4)
latin_1_encode, latin_1_decode = _native("latin-1", 1)
ascii_encode, ascii_decode = _native("ascii", 1)
utf_16_le_encode, utf_16_le_decode = _native("utf-16-le", 4)
utf_16_be_encode, utf_16_be_decode = _native("utf-16-be", 4)
utf_32_le_encode, utf_32_le_decode = _native("utf-32-le", 4)
utf_32_be_encode, utf_32_be_decode = _native("utf-32-be", 4)


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE64_VALUES = {byte: value for value, byte in enumerate(_BASE64)}
# Characters that UTF-7 (RFC 2152) writes as they are.
_UTF_7_DIRECT = frozenset(set(range(32, 127)) - set(b"+\\~") | set(b"\t\n\r"))


def utf_7_encode(string, errors=None, /):
    out, bits, pending = bytearray(), 0, 0
    is_shifted = False
    for code in map(ord, string):
        if code in _UTF_7_DIRECT:
            if is_shifted:
                if bits:
                    out.append(_BASE64[pending << (6 - bits) & 63])
                is_shifted, bits, pending = False, 0, 0
                # Others end the sequence by themselves.
                if code in _BASE64_VALUES or code == 0x2D:
                    out += b"-"
            out.append(code)
            continue
        if not is_shifted:
            if code == 0x2B:
                out += b"+-"
                continue
            out += b"+"
            is_shifted = True
        units = (code,) if code < 0x10000 else (0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF))
        for unit in units:
            pending, bits = pending << 16 | unit, bits + 16
            while bits >= 6:
                bits -= 6
                out.append(_BASE64[pending >> bits])
                pending &= (1 << bits) - 1
    if is_shifted:
        if bits:
            out.append(_BASE64[pending << (6 - bits) & 63])
        out += b"-"
    return bytes(out), len(string)


def utf_7_decode(data, errors=None, final=False, /):
    data = _content(data)
    out, at, start, size = [], 0, 0, len(data)
    is_shifted, bits, pending, surrogate, kept = False, 0, 0, "", 0

    def fail(end, reason):
        nonlocal at
        error = UnicodeDecodeError("utf7", data, start, end, reason)
        text, at = lookup_error(errors or "strict")(error)
        if at < 0:
            at += size
        if not 0 <= at <= size:
            raise IndexError(f"position {at} from error handler out of bounds")
        out.append(text)

    while at < size:
        byte = data[at]
        if is_shifted and byte in _BASE64_VALUES:
            at += 1
            pending, bits = pending << 6 | _BASE64_VALUES[byte], bits + 6
            if bits >= 16:
                bits -= 16
                unit, pending = pending >> bits, pending & (1 << bits) - 1
                if surrogate and 0xDC00 <= unit < 0xE000:
                    out.append(chr(0x10000 + ((ord(surrogate) & 0x3FF) << 10) + (unit & 0x3FF)))
                    surrogate = ""
                    continue
                out.append(surrogate)
                surrogate = ""
                if 0xD800 <= unit < 0xDC00:
                    surrogate = chr(unit)
                else:
                    out.append(chr(unit))
        elif is_shifted:
            is_shifted = False
            if bits >= 6:
                fail(at + 1, "partial character in shift sequence")
                continue
            if bits and pending:
                fail(at + 1, "non-zero padding bits in shift sequence")
                continue
            if byte < 128 and byte != 0x2B:
                out.append(surrogate)
            surrogate = ""
            if byte == 0x2D:
                at += 1
        elif byte == 0x2B:
            start = at
            at += 1
            if at < size and data[at] == 0x2D:
                at += 1
                out.append("+")
            elif at < size and data[at] not in _BASE64_VALUES:
                fail(at + 1, "ill-formed sequence")
            else:
                is_shifted, bits, pending, surrogate, kept = True, 0, 0, "", len(out)
        elif byte < 128:
            at += 1
            out.append(chr(byte))
        else:
            start = at
            fail(at + 1, "unexpected special character")
    if is_shifted:
        if not final:
            # The sequence begins again with the next piece.
            return "".join(out[:kept]), start
        if surrogate or bits >= 6 or bits and pending:
            fail(size, "unterminated shift sequence")
            if at < size:
                text, used = utf_7_decode(data[at:], errors, final)
                return "".join(out) + text, at + used
    return "".join(out), at


def utf_16_encode(string, errors=None, byteorder=0, /):
    name = "utf-16" if byteorder == 0 else "utf-16-le" if byteorder < 0 else "utf-16-be"
    return string.encode(name, errors or "strict"), len(string)


def utf_32_encode(string, errors=None, byteorder=0, /):
    name = "utf-32" if byteorder == 0 else "utf-32-le" if byteorder < 0 else "utf-32-be"
    return string.encode(name, errors or "strict"), len(string)


def utf_16_decode(data, errors=None, final=False, /):
    text, used, _ = utf_16_ex_decode(data, errors, 0, final)
    return text, used


def utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /):
    data = _content(data)
    skip = 0
    if byteorder == 0:
        if len(data) < 2 and not final:
            return "", 0, 0
        if data[:2] == b"\xff\xfe":
            byteorder, skip = -1, 2
        elif data[:2] == b"\xfe\xff":
            byteorder, skip = 1, 2
    decoder = utf_16_be_decode if byteorder > 0 else utf_16_le_decode
    text, used = decoder(data[skip:], errors, final)
    return text, used + skip, byteorder


def utf_32_decode(data, errors=None, final=False, /):
    text, used, _ = utf_32_ex_decode(data, errors, 0, final)
    return text, used


def utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /):
    data = _content(data)
    skip = 0
    if byteorder == 0:
        if len(data) < 4 and not final:
            return "", 0, 0
        if data[:4] == b"\xff\xfe\0\0":
            byteorder, skip = -1, 4
        elif data[:4] == b"\0\0\xfe\xff":
            byteorder, skip = 1, 4
    decoder = utf_32_be_decode if byteorder > 0 else utf_32_le_decode
    text, used = decoder(data[skip:], errors, final)
    return text, used + skip, byteorder


def readbuffer_encode(data, errors=None, /):
    data = data.encode() if isinstance(data, str) else _content(data)
    return data, len(data)


def charmap_build(map, /):
    return {ord(c): index for index, c in enumerate(map)}


def _handled(errors, error, size, what):
    """The replacement that the handler of `errors` gives, and where to go on."""
    result = lookup_error(errors or "strict")(error)
    kinds = (str, bytes) if what == "encoding" else str
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], kinds) and isinstance(result[1], int)):
        wanted = "(str/bytes, int)" if what == "encoding" else "(str, int)"
        raise TypeError(f"{what} error handler must return {wanted} tuple")
    text, at = result
    place = at + size if at < 0 else at
    if not 0 <= place <= size:
        raise IndexError(f"position {at} from error handler out of bounds")
    return text, place


def _mapped(mapping, character):
    """The bytes of a character, None when the mapping lacks it."""
    try:
        found = mapping[ord(character)]
    except LookupError:
        return None
    if found is None or isinstance(found, bytes):
        return found
    if not isinstance(found, int):
        raise TypeError(f"character mapping must return integer, bytes or None, not {type(found).__name__}")
    if not 0 <= found < 256:
        raise TypeError("character mapping must be in range(256)")
    return bytes((found,))


def charmap_encode(string, errors=None, mapping=None, /):
    if mapping is None:
        return latin_1_encode(string, errors)
    out = bytearray()
    at, size = 0, len(string)
    while at < size:
        found = _mapped(mapping, string[at])
        if found is not None:
            out += found
            at += 1
            continue
        # One error tells of all characters in a row that are lacking.
        end = at + 1
        while end < size and _mapped(mapping, string[end]) is None:
            end += 1
        error = UnicodeEncodeError("charmap", string, at, end, "character maps to <undefined>")
        text, at = _handled(errors, error, size, "encoding")
        if isinstance(text, bytes):
            out += text
            continue
        for character in text:
            found = _mapped(mapping, character)
            if found is None:
                raise error
            out += found
    return bytes(out), size


def charmap_decode(data, errors=None, mapping=None, /):
    if mapping is None:
        return latin_1_decode(data, errors)
    data = _content(data)
    out = []
    at, size = 0, len(data)
    while at < size:
        try:
            found = mapping[data[at]]
        except LookupError:
            found = None
        if isinstance(found, int):
            if not 0 <= found < 0x110000:
                raise TypeError("character mapping must be in range(0x110000)")
            found = chr(found)
        elif found is not None and not isinstance(found, str):
            raise TypeError("character mapping must return integer, None or str")
        if found is None or found == "\ufffe":
            error = UnicodeDecodeError("charmap", data, at, at + 1, "character maps to <undefined>")
            found, at = _handled(errors, error, size, "decoding")
            out.append(found)
        else:
            out.append(found)
            at += 1
    return "".join(out), size


def unicode_escape_encode(string, errors=None, /):
    out = []
    for c in string:
        code = ord(c)
        if c == "\\":
            out.append("\\\\")
        elif c in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[c])
        elif 32 <= code < 127:
            out.append(c)
        else:
            out.append(_escape(code))
    return "".join(out).encode("ascii"), len(string)


def raw_unicode_escape_encode(string, errors=None, /):
    out = bytearray()
    for c in string:
        code = ord(c)
        if code < 256:
            out.append(code)
        else:
            out += _escape(code).encode("ascii")
    return bytes(out), len(string)


_SIMPLE = {"\n": "", "\\": "\\", "'": "'", '"': '"', "b": "\b", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v", "a": "\a"}


_HEX = frozenset("0123456789abcdefABCDEF")
_WIDTHS = {"x": 2, "u": 4, "U": 8}


def _digits(text, at, width):
    """Where the hexadecimal digits from `at` on end, of which there may be `width`."""
    end = at
    while end < len(text) and end - at < width and text[end] in _HEX:
        end += 1
    return end


def _named(text, at):
    r"""The character of `\N{NAME}` behind its N, where it ends, and what is wrong."""
    if text[at:at + 1] != "{":
        return None, at, "malformed \\N character escape"
    close = text.find("}", at)
    if close < 0:
        return None, len(text), "malformed \\N character escape"
    if close == at + 1:
        return None, close, "malformed \\N character escape"
    import unicodedata
    try:
        return unicodedata.lookup(text[at + 1:close]), close + 1, None
    except KeyError:
        return None, close + 1, "unknown Unicode character name"


def _escaped(text, slash):
    """The character of the escape at `slash` (None for an unknown one), where it ends, and what is wrong."""
    at = slash + 1
    if at >= len(text):
        return None, at, "\\ at end of string"
    letter = text[at]
    at += 1
    if letter in _SIMPLE:
        return _SIMPLE[letter], at, None
    if letter in "01234567":
        end = at
        while end < len(text) and end - at < 2 and text[end] in "01234567":
            end += 1
        return chr(int(text[at - 1:end], 8)), end, None
    if letter in _WIDTHS:
        width = _WIDTHS[letter]
        end = _digits(text, at, width)
        if end - at < width:
            return None, end, f"truncated \\{letter}{'X' * width} escape"
        code = int(text[at:end], 16)
        return (chr(code), end, None) if code < 0x110000 else (None, end, "illegal Unicode character")
    if letter == "N":
        return _named(text, at)
    return None, at, None


def _warn_of_escape(prefix, escape, kind):
    import warnings
    text = f'{prefix}"{escape}" is an invalid {kind}escape sequence. Such sequences will not work in the future. '
    warnings.warn(text, DeprecationWarning, 3)


def _text_and_bytes(data):
    # What does not fit a byte stands for its UTF-8.
    content = data.encode("utf-8") if isinstance(data, str) else _content(data)
    return content.decode("latin-1"), content


def unicode_escape_decode(data, errors=None, final=True, /):
    text, content = _text_and_bytes(data)
    out = []
    at, size = 0, len(text)
    while at < size:
        slash = text.find("\\", at)
        if slash < 0:
            out.append(text[at:])
            break
        out.append(text[at:slash])
        character, end, wrong = _escaped(text, slash)
        if wrong is not None:
            if not final and end >= size and "illegal" not in wrong and "unknown" not in wrong:
                return "".join(out), slash
            error = UnicodeDecodeError("unicodeescape", content, slash, end, wrong)
            character, end = _handled(errors, error, size, "decoding")
        elif character is None:
            character = text[slash:end]
            _warn_of_escape("", character, "")
        elif ord(character[:1] or "\0") > 0xFF and text[slash + 1] in "01234567":
            _warn_of_escape("", text[slash:end], "octal ")
        out.append(character)
        at = end
    return "".join(out), size


def raw_unicode_escape_decode(data, errors=None, final=True, /):
    text, content = _text_and_bytes(data)
    out = []
    at, size = 0, len(text)
    while at < size:
        slash = text.find("\\", at)
        if slash < 0:
            out.append(text[at:])
            break
        out.append(text[at:slash])
        if slash + 1 >= size and not final:
            return "".join(out), slash
        letter = text[slash + 1:slash + 2]
        if letter not in ("u", "U"):
            # A backslash takes the character behind it along, so that `\\\\u` is no escape.
            out.append(text[slash:slash + 2])
            at = slash + 2
            continue
        width = _WIDTHS[letter]
        end = _digits(text, slash + 2, width)
        if end - slash - 2 < width:
            if end >= size and not final:
                return "".join(out), slash
            wrong = f"truncated \\{letter}{'X' * width} escape"
        else:
            code = int(text[slash + 2:end], 16)
            wrong = None if code < 0x110000 else "\\Uxxxxxxxx out of range"
        if wrong is None:
            out.append(chr(code))
        else:
            error = UnicodeDecodeError("rawunicodeescape", content, slash, end, wrong)
            character, end = _handled(errors, error, size, "decoding")
            out.append(character)
        at = end
    return "".join(out), size


def escape_decode(data, errors=None, /):
    text, content = _text_and_bytes(data)
    out = []
    at, size = 0, len(text)
    while at < size:
        slash = text.find("\\", at)
        if slash < 0:
            out.append(text[at:])
            break
        out.append(text[at:slash])
        letter = text[slash + 1:slash + 2]
        if not letter:
            raise ValueError("Trailing \\ in string")
        if letter in "uUN":
            character, end, wrong = None, slash + 2, None
        else:
            character, end, wrong = _escaped(text, slash)
        if wrong is not None:
            if errors not in (None, "strict", "replace", "ignore"):
                raise ValueError(f"decoding error; unknown error handling code: {errors}")
            if errors in (None, "strict"):
                raise ValueError(f"invalid \\x escape at position {slash}")
            character = "?" if errors == "replace" else ""
        elif character is None:
            character = text[slash:end]
            _warn_of_escape("b", character, "")
        elif character:
            if ord(character) > 0xFF:
                _warn_of_escape("b", text[slash:end], "octal ")
            character = chr(ord(character) & 0xFF)
        out.append(character)
        at = end
    return "".join(out).encode("latin-1"), len(data)


def escape_encode(data, errors=None, /):
    names = {9: b"\\t", 10: b"\\n", 13: b"\\r", 39: b"\\'", 92: b"\\\\"}
    content = _content(data)
    parts = [names.get(byte) or (bytes((byte,)) if 32 <= byte < 127 else b"\\x%02x" % byte) for byte in content]
    return b"".join(parts), len(content)



# Classes keep these as attributes, where Python functions would bind to instances and builtin ones do not.
for _name in [name for name in globals() if name.endswith(("_encode", "_decode"))]:
    globals()[_name] = staticmethod(globals()[_name])
del _name
