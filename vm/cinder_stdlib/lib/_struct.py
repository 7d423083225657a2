"""Values packed into bytes as C structs are."""

__doc__ = "Functions to convert between Python values and C structs."


class error(Exception):
    pass


error.__module__ = "struct"

# Letter: native size, standard size, kind.
_KINDS = {
    "x": (1, 1, "pad"), "c": (1, 1, "char"), "b": (1, 1, "int"), "B": (1, 1, "uint"), "?": (1, 1, "bool"), "h": (2, 2, "int"),
    "H": (2, 2, "uint"), "i": (4, 4, "int"), "I": (4, 4, "uint"), "l": (8, 4, "int"), "L": (8, 4, "uint"), "q": (8, 8, "int"),
    "Q": (8, 8, "uint"), "n": (8, None, "int"), "N": (8, None, "uint"), "P": (8, None, "uint"), "e": (2, 2, "float"),
    "f": (4, 4, "float"), "d": (8, 8, "float"), "s": (1, 1, "string"), "p": (1, 1, "pascal"),
}
_FLOATS = {2: (5, 10), 4: (8, 23), 8: (11, 52)}
_cache = {}


def _clearcache():
    _cache.clear()


def _parse(format):
    if isinstance(format, (bytes, bytearray)):
        format = format.decode("ascii")
    elif not isinstance(format, str):
        raise TypeError(f"Struct() argument 1 must be a str or bytes object, not {type(format).__name__}")
    found = _cache.get(format)
    if found is not None:
        return found
    order = "little"
    native = True
    at = 0
    if format[:1] in ("@", "=", "<", ">", "!"):
        native = format[0] == "@"
        order = "big" if format[0] in ">!" else "little"
        at = 1
    items = []
    offset = 0
    while at < len(format):
        if format[at].isspace():
            at += 1
            continue
        start = at
        while at < len(format) and "0" <= format[at] <= "9":
            at += 1
        if at >= len(format):
            raise error("repeat count given without format specifier")
        count = int(format[start:at]) if at > start else 1
        kind = _KINDS.get(format[at])
        size = None if kind is None else kind[0] if native else kind[1]
        if size is None:
            raise error("bad char in struct format")
        letter = format[at]
        at += 1
        if native and kind[2] not in ("pad", "string", "pascal"):
            offset += -offset % size
        if kind[2] in ("string", "pascal"):
            items.append((offset, count, kind[2], letter))
            offset += count
        elif kind[2] == "pad":
            offset += count
        else:
            for _ in range(count):
                items.append((offset, size, kind[2], letter))
                offset += size
    result = (tuple(items), offset, order)
    if len(_cache) > 100:
        _cache.clear()
    _cache[format] = result
    return result


def _float_bits(value, size):
    from math import copysign, frexp, isinf, isnan
    exponent_bits, mantissa_bits = _FLOATS[size]
    bias = (1 << exponent_bits - 1) - 1
    sign = 1 if copysign(1.0, value) < 0 else 0
    top = (1 << exponent_bits) - 1
    if isnan(value):
        exponent, mantissa = top, 1 << mantissa_bits - 1
    elif isinf(value):
        exponent, mantissa = top, 0
    elif value == 0:
        exponent = mantissa = 0
    else:
        fraction, power = frexp(abs(value))
        power += bias - 1
        if power <= 0:
            scaled = fraction * 2.0 ** (mantissa_bits + power)
            exponent = 0
        else:
            scaled = (fraction * 2 - 1) * (1 << mantissa_bits)
            exponent = power
        mantissa = round(scaled)
        if mantissa >> mantissa_bits:
            mantissa = 0
            exponent += 1
        if exponent >= top:
            raise OverflowError("float too large to pack with " + {2: "e", 4: "f", 8: "d"}[size] + " format")
    return sign << exponent_bits + mantissa_bits | exponent << mantissa_bits | mantissa


def _float_value(bits, size):
    exponent_bits, mantissa_bits = _FLOATS[size]
    bias = (1 << exponent_bits - 1) - 1
    mantissa = bits & (1 << mantissa_bits) - 1
    exponent = bits >> mantissa_bits & (1 << exponent_bits) - 1
    sign = -1.0 if bits >> exponent_bits + mantissa_bits else 1.0
    if exponent == (1 << exponent_bits) - 1:
        return sign * (float("nan") if mantissa else float("inf"))
    from math import ldexp
    if exponent == 0:
        return sign * ldexp(mantissa, 1 - bias - mantissa_bits)
    return sign * ldexp(mantissa | 1 << mantissa_bits, exponent - bias - mantissa_bits)


def _store(out, base, item, value, order):
    offset, size, kind, letter = item
    offset += base
    if kind in ("int", "uint"):
        if not isinstance(value, int):
            index = getattr(type(value), "__index__", None)
            if index is None:
                raise error("required argument is not an integer")
            value = index(value)
        low, high = (-(1 << size * 8 - 1), (1 << size * 8 - 1) - 1) if kind == "int" else (0, (1 << size * 8) - 1)
        if not low <= value <= high:
            if letter in "qQ" or size == 8:
                raise error("int too large to convert" if letter not in "qQ" else f"int too large to convert")
            raise error(f"'{letter}' format requires {low} <= number <= {high}")
        out[offset:offset + size] = value.to_bytes(size, order, signed=kind == "int")
    elif kind == "float":
        try:
            value = float(value)
        except TypeError:
            raise error("required argument is not a float") from None
        out[offset:offset + size] = _float_bits(value, size).to_bytes(size, order)
    elif kind == "bool":
        out[offset] = 1 if value else 0
    elif kind == "char":
        if not isinstance(value, (bytes, bytearray)) or len(value) != 1:
            raise error("char format requires a bytes object of length 1")
        out[offset] = value[0]
    else:
        if not isinstance(value, (bytes, bytearray)):
            raise error(f"argument for '{letter}' must be a bytes object")
        if kind == "pascal":
            if not size:
                return
            value = bytes(value[:min(size - 1, 255)])
            value = bytes([len(value)]) + value
        value = bytes(value[:size])
        out[offset:offset + len(value)] = value


def _load(data, base, item, order):
    offset, size, kind, letter = item
    offset += base
    piece = data[offset:offset + size]
    if kind == "int":
        return int.from_bytes(piece, order, signed=True)
    if kind == "uint":
        return int.from_bytes(piece, order)
    if kind == "float":
        return _float_value(int.from_bytes(piece, order), size)
    if kind == "bool":
        return piece[0] != 0
    if kind == "pascal":
        return piece[1:1 + min(piece[0], size - 1)] if size else b""
    return piece


class Struct:
    """A compiled format."""

    def __init__(self, format):
        self._items, self.size, self._order = _parse(format)
        self.format = format if isinstance(format, str) else bytes(format).decode("ascii")

    def pack(self, *values):
        if len(values) != len(self._items):
            raise error(f"pack expected {len(self._items)} items for packing (got {len(values)})")
        out = bytearray(self.size)
        for item, value in zip(self._items, values):
            _store(out, 0, item, value, self._order)
        return bytes(out)

    def pack_into(self, buffer, offset, *values):
        if len(values) != len(self._items):
            raise error(f"pack_into expected {len(self._items)} items for packing (got {len(values)})")
        view = memoryview(buffer).cast("B")
        if offset < 0:
            offset += len(view)
        if offset < 0 or len(view) - offset < self.size:
            raise error(
                f"pack_into requires a buffer of at least {offset + self.size} bytes for packing {self.size} bytes at offset "
                f"{offset} (actual buffer size is {len(view)})"
            )
        view[offset:offset + self.size] = self.pack(*values)

    def unpack(self, buffer, /):
        data = bytes(buffer)
        if len(data) != self.size:
            raise error(f"unpack requires a buffer of {self.size} bytes")
        return tuple(_load(data, 0, item, self._order) for item in self._items)

    def unpack_from(self, buffer, offset=0):
        data = bytes(buffer)
        if offset < 0:
            if offset + len(data) < 0:
                raise error(f"offset {offset} out of range for {len(data)}-byte buffer")
            offset += len(data)
        if len(data) - offset < self.size:
            raise error(
                f"unpack_from requires a buffer of at least {offset + self.size} bytes for unpacking {self.size} bytes at offset "
                f"{offset} (actual buffer size is {len(data)})"
            )
        return tuple(_load(data, offset, item, self._order) for item in self._items)

    def iter_unpack(self, buffer, /):
        data = bytes(buffer)
        if not self.size:
            raise error("cannot iteratively unpack with a struct of length 0")
        if len(data) % self.size:
            raise error(f"iterative unpacking requires a buffer of a multiple of {self.size} bytes")
        return (self.unpack_from(data, offset) for offset in range(0, len(data), self.size))

    def __repr__(self):
        return f"Struct({self.format!r})"


def calcsize(format, /):
    return _parse(format)[1]


def pack(format, /, *values):
    return Struct(format).pack(*values)


def pack_into(format, buffer, offset, /, *values):
    Struct(format).pack_into(buffer, offset, *values)


def unpack(format, buffer, /):
    return Struct(format).unpack(buffer)


def unpack_from(format, /, buffer, offset=0):
    return Struct(format).unpack_from(buffer, offset)


def iter_unpack(format, buffer, /):
    return Struct(format).iter_unpack(buffer)
