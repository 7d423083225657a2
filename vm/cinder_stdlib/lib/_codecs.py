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


def encode(obj, encoding="utf-8", errors="strict"):
    result = lookup(encoding)[0](obj, errors)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("encoder must return a tuple (object, integer)")
    return result[0]


def decode(obj, encoding="utf-8", errors="strict"):
    result = lookup(encoding)[1](obj, errors)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("decoder must return a tuple (object, integer)")
    return result[0]


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


def charmap_encode(string, errors=None, mapping=None, /):
    if mapping is None:
        return latin_1_encode(string, errors)
    out = bytearray()
    at = 0
    while at < len(string):
        try:
            found = mapping[ord(string[at])]
        except (LookupError, TypeError):
            found = None
        if isinstance(found, int):
            out.append(found)
            at += 1
        elif isinstance(found, bytes):
            out += found
            at += 1
        else:
            error = UnicodeEncodeError("charmap", string, at, at + 1, "character maps to <undefined>")
            text, at = lookup_error(errors or "strict")(error)
            if isinstance(text, str):
                for c in text:
                    found = mapping.get(ord(c))
                    if found is None:
                        raise error
                    out += bytes([found]) if isinstance(found, int) else found
            else:
                out += text
    return bytes(out), len(string)


def charmap_decode(data, errors=None, mapping=None, /):
    if mapping is None:
        return latin_1_decode(data, errors)
    data = _content(data)
    out = []
    at = 0
    while at < len(data):
        try:
            found = mapping[data[at]]
        except LookupError:
            found = None
        if isinstance(found, int):
            found = chr(found)
        if found is None or found == "\ufffe":
            error = UnicodeDecodeError("charmap", data, at, at + 1, "character maps to <undefined>")
            found, at = lookup_error(errors or "strict")(error)
            out.append(found)
        else:
            out.append(found)
            at += 1
    return "".join(out), len(data)


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


def _unescape(data, errors, codec, is_bytes):
    text = data.encode("latin-1").decode("latin-1") if isinstance(data, str) else _content(data).decode("latin-1")
    out = []
    at = 0
    size = len(text)
    while at < size:
        slash = text.find("\\", at)
        if slash < 0:
            out.append(text[at:])
            break
        out.append(text[at:slash])
        at = slash + 1
        if at >= size:
            raise _escape_error(codec, text, slash, size, "\\ at end of string", is_bytes)
        c = text[at]
        at += 1
        if c in _SIMPLE:
            out.append(_SIMPLE[c])
        elif c in "01234567":
            end = at
            while end < size and end - at < 2 and text[end] in "01234567":
                end += 1
            out.append(chr(int(text[at - 1:end], 8) & (0xFF if is_bytes else 0x1FF)))
            at = end
        elif c == "x" or c in "uU" and not is_bytes:
            width = {"x": 2, "u": 4, "U": 8}[c]
            digits = text[at:at + width]
            if len(digits) < width or any(d not in "0123456789abcdefABCDEF" for d in digits):
                shape = "x" * 0 + {"x": "\\xXX", "u": "\\uXXXX", "U": "\\UXXXXXXXX"}[c]
                raise _escape_error(codec, text, slash, at + len(digits), f"truncated {shape} escape", is_bytes)
            out.append(chr(int(digits, 16)))
            at += width
        elif c == "N" and not is_bytes and text[at:at + 1] == "{":
            import unicodedata
            end = text.find("}", at)
            out.append(unicodedata.lookup(text[at + 1:end]))
            at = end + 1
        else:
            out.append("\\" + c)
    return "".join(out)


def _escape_error(codec, text, start, end, reason, is_bytes):
    if is_bytes:
        return ValueError(f"invalid \\x escape at position {start}" if "x" in reason else "Trailing \\ in string")
    return UnicodeDecodeError(codec, text.encode("latin-1"), start, end, reason)


def unicode_escape_decode(data, errors=None, final=True, /):
    return _unescape(data, errors, "unicodeescape", False), len(data)


def raw_unicode_escape_decode(data, errors=None, final=True, /):
    text = data if isinstance(data, str) else _content(data).decode("latin-1")
    out = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1:at + 2] in ("u", "U"):
            width = 4 if text[at + 1] == "u" else 8
            out.append(chr(int(text[at + 2:at + 2 + width], 16)))
            at += 2 + width
        else:
            out.append(text[at])
            at += 1
    return "".join(out), len(data)


def escape_decode(data, errors=None, /):
    return _unescape(data, errors, "escape", True).encode("latin-1"), len(data)


def escape_encode(data, errors=None, /):
    return repr(_content(data))[2:-1].replace('"', '"').encode("ascii"), len(data)


# Classes keep these as attributes, where Python functions would bind to instances and builtin ones do not.
for _name in [name for name in globals() if name.endswith(("_encode", "_decode"))]:
    globals()[_name] = staticmethod(globals()[_name])
del _name
