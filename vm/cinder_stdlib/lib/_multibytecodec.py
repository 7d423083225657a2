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
        if encoding not in names or encoding not in _LABELS:
            raise LookupError("no such codec is supported.")
        return MultibyteCodec(encoding)

    return getcodec
