"""Codecs of the East Asian encodings: error handlers, and what is kept between calls. The tables are the machine's."""

import _cinder_multibyte as _tables
from _codecs import lookup_error as _lookup_error

# What the tables call an encoding.
_LABELS = {
    "big5": "big5", "big5hkscs": "big5", "cp950": "big5", "gb2312": "gbk", "gbk": "gbk", "gb18030": "gb18030",
    "euc_kr": "euc-kr", "cp949": "euc-kr", "shift_jis": "shift_jis", "cp932": "shift_jis", "euc_jp": "euc-jp",
    "iso2022_jp": "iso-2022-jp",
}


class MultibyteCodec:
    __slots__ = ("name", "_label")

    def __init__(self, name):
        self.name = name
        self._label = _LABELS[name]

    def encode(self, input, errors=None):
        if not isinstance(input, str):
            raise TypeError(f"encode() argument 'input' must be str, not {type(input).__name__}")
        return self._encode(input, errors or "strict"), len(input)

    def decode(self, input, errors=None):
        data = bytes(input)
        text, used = self._decode(data, errors or "strict", True)
        return text, used

    def _encode(self, text, errors):
        parts = []
        position = 0
        while True:
            part, used = _tables.encode(self._label, text[position:] if position else text)
            parts.append(part)
            position += used
            if position >= len(text):
                return b"".join(parts)
            error = UnicodeEncodeError(self.name, text, position, position + 1, "illegal multibyte sequence")
            replacement, position = _handled(errors, error, len(text), "encoding")
            parts.append(replacement if isinstance(replacement, bytes) else self._encode(replacement, "strict"))

    def _decode(self, data, errors, final):
        parts = []
        position = 0
        while True:
            text, used, bad = _tables.decode(self._label, data[position:] if position else data)
            parts.append(text)
            position += used
            if not bad:
                return "".join(parts), position
            is_cut = position + bad >= len(data)
            if is_cut and not final:
                return "".join(parts), position
            reason = "incomplete multibyte sequence" if is_cut and bad < 2 else "illegal multibyte sequence"
            error = UnicodeDecodeError(self.name, data, position, position + bad, reason)
            replacement, position = _handled(errors, error, len(data), "decoding")
            parts.append(replacement)
            if position >= len(data):
                return "".join(parts), position


class HzCodec(MultibyteCodec):
    """HZ (RFC 1843): GB 2312 in seven bits, between `~{` and `~}`."""

    __slots__ = ()

    def __init__(self):
        self.name = "hz"
        self._label = "gbk"

    def _pair(self, character):
        """The two bytes of a character of GB 2312, None for another."""
        coded, used = _tables.encode(self._label, character)
        in_table = used and len(coded) == 2 and 0xA1 <= coded[0] <= 0xF7 and coded[1] >= 0xA1
        return bytes((coded[0] & 0x7F, coded[1] & 0x7F)) if in_table else None

    def _encode(self, text, errors):
        out = bytearray()
        is_shifted = False
        position = 0
        while position < len(text):
            character = text[position]
            pair = None if character < "\x80" else self._pair(character)
            if pair is None and character >= "\x80":
                error = UnicodeEncodeError(self.name, text, position, position + 1, "illegal multibyte sequence")
                replacement, position = _handled(errors, error, len(text), "encoding")
                if is_shifted:
                    out += b"~}"
                    is_shifted = False
                out += replacement if isinstance(replacement, bytes) else self._encode(replacement, "strict")
                continue
            if is_shifted != (pair is not None):
                is_shifted = not is_shifted
                out += b"~{" if is_shifted else b"~}"
            out += pair or (b"~~" if character == "~" else character.encode())
            position += 1
        return bytes(out + b"~}" if is_shifted else out)

    def _decode(self, data, errors, final):
        parts = []
        position, size = 0, len(data)
        shifted_from = None
        text_before = 0
        while position < size:
            pair = data[position:position + 2]
            width = 1
            if pair[:1] == b"~":
                if len(pair) < 2 and not final:
                    break
                if pair == b"~{" and shifted_from is None:
                    shifted_from, text_before, position = position, len(parts), position + 2
                    continue
                if pair == b"~}" and shifted_from is not None:
                    shifted_from, position = None, position + 2
                    continue
                if pair in (b"~~", b"~\n") and shifted_from is None:
                    parts.append("~" if pair == b"~~" else "")
                    position += 2
                    continue
                width = min(2, len(pair))
            elif shifted_from is None and pair[0] < 0x80 or shifted_from is not None and pair[:1] == b"\n":
                parts.append(chr(pair[0]))
                shifted_from = None
                position += 1
                continue
            elif shifted_from is not None:
                if len(pair) < 2 and not final:
                    break
                if len(pair) == 2 and pair[0] < 0x80 and pair[1] < 0x80:
                    text, used, bad = _tables.decode(self._label, bytes(byte | 0x80 for byte in pair))
                    if not bad:
                        parts.append(text)
                        position += 2
                        continue
                width = 1
            reason = "incomplete multibyte sequence" if len(pair) < 2 else "illegal multibyte sequence"
            error = UnicodeDecodeError(self.name, data, position, position + width, reason)
            replacement, position = _handled(errors, error, size, "decoding")
            parts.append(replacement)
        if shifted_from is not None and not final:
            # What was shifted begins anew with the bytes to come.
            return "".join(parts[:text_before]), shifted_from
        return "".join(parts), position


def _handled(errors, error, length, what):
    """What the error handler puts in place, and where it goes on."""
    result = _lookup_error(errors)(error)
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], int)):
        raise TypeError(f"{what} error handler must return (str, int) tuple")
    replacement, position = result
    if not isinstance(replacement, (str, bytes) if what == "encoding" else str):
        raise TypeError(f"{what} error handler must return (str, int) tuple")
    if position < 0:
        position += length
    if not 0 <= position <= length:
        raise IndexError(f"position {position} from error handler out of bounds")
    return replacement, position


class MultibyteIncrementalEncoder:
    def __init__(self, errors="strict"):
        self.errors = errors

    def encode(self, input, final=False):
        return self.codec._encode(input, self.errors)

    def reset(self):
        pass

    def getstate(self):
        return 0

    def setstate(self, state):
        pass


class MultibyteIncrementalDecoder:
    def __init__(self, errors="strict"):
        self.errors = errors
        self._pending = b""

    def decode(self, input, final=False):
        data = self._pending + bytes(input)
        text, used = self.codec._decode(data, self.errors, final)
        self._pending = data[used:]
        return text

    def reset(self):
        self._pending = b""

    def getstate(self):
        return self._pending, 0

    def setstate(self, state):
        self._pending = bytes(state[0])


class MultibyteStreamReader:
    def __init__(self, stream, errors="strict"):
        self.stream = stream
        self.errors = errors
        self._pending = b""

    def _decoded(self, data, final):
        data = self._pending + data
        text, used = self.codec._decode(data, self.errors, final)
        self._pending = data[used:]
        return text

    def read(self, size=-1):
        if size is None or size < 0:
            return self._decoded(self.stream.read(), True)
        while True:
            data = self.stream.read(size)
            text = self._decoded(data, not data)
            if text or not data:
                return text

    def readline(self, size=-1):
        data = self.stream.readline() if size is None or size < 0 else self.stream.readline(size)
        return self._decoded(data, not data)

    def readlines(self, sizehint=-1):
        return self.read().splitlines(True)

    def reset(self):
        self._pending = b""


class MultibyteStreamWriter:
    def __init__(self, stream, errors="strict"):
        self.stream = stream
        self.errors = errors

    def write(self, text):
        self.stream.write(self.codec._encode(text, self.errors))

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def reset(self):
        pass


def _getcodec(names):
    def getcodec(encoding, /):
        if not isinstance(encoding, str):
            raise TypeError("encoding name must be a string.")
        if encoding == "hz" and encoding in names:
            return HzCodec()
        if encoding not in names or encoding not in _LABELS:
            raise LookupError("no such codec is supported.")
        return MultibyteCodec(encoding)

    return getcodec
