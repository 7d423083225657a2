"""Reading of JSON strings, with the messages of the accelerated scanner."""

import re as _re

_CHUNK = _re.compile(r'(.*?)(["\\\x00-\x1f])', _re.VERBOSE | _re.MULTILINE | _re.DOTALL)
_HEX = _re.compile(r"[0-9A-Fa-f]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _fail(message, text, position):
    from json.decoder import JSONDecodeError
    return JSONDecodeError(message, text, position)


def _code(text, at):
    if len(text) < at + 4 or not _HEX.match(text, at):
        raise _fail("Invalid \\uXXXX escape", text, at - 1)
    return int(text[at:at + 4], 16)


def scanstring(string, end, strict=True, /):
    """Text of the JSON string whose first character is at `end`, and the position behind it."""
    begin = end - 1
    parts = []
    while True:
        chunk = _CHUNK.match(string, end)
        if chunk is None:
            raise _fail("Unterminated string starting at", string, begin)
        end = chunk.end()
        content, terminator = chunk.groups()
        if content:
            parts.append(content)
        if terminator == '"':
            return "".join(parts), end
        if terminator != "\\":
            if strict:
                raise _fail("Invalid control character at", string, end - 1)
            parts.append(terminator)
            continue
        if end >= len(string):
            raise _fail("Unterminated string starting at", string, begin)
        escape = string[end]
        if escape != "u":
            char = _ESCAPES.get(escape)
            if char is None:
                raise _fail("Invalid \\escape", string, end - 1)
            end += 1
        else:
            code = _code(string, end + 1)
            end += 5
            if 0xD800 <= code <= 0xDBFF and string[end:end + 2] == "\\u":
                low = _code(string, end + 2)
                if 0xDC00 <= low <= 0xDFFF:
                    code = 0x10000 + ((code - 0xD800) << 10 | low - 0xDC00)
                    end += 6
            char = chr(code)
        parts.append(char)
