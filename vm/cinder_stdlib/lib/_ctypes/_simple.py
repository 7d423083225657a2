"""Plain values: numbers, characters, and pointers to text."""

import sys
import _foreign
from _ctypes._core import CArgObject, CType_Type, _CData, _Info, finish, info_of, keep, set_info

#: Bytes by letter; the alignment is the same.
_SIZES = dict.fromkeys("cbB?", 1) | dict.fromkeys("hHv", 2) | dict.fromkeys("iIfu", 4)
_SIZES |= dict.fromkeys("lLqQdPzZOX", 8) | dict.fromkeys("gD", 16) | {"F": 8, "G": 32}
_ALIGNMENTS = _SIZES | {"F": 4, "D": 8, "G": 16}
_FORMATS = {"l": "q", "L": "Q"}
_KNOWN = "cbBhHiIlLdDFGfuzZqQPOv?g"
_SWAPPABLE = "hHiIlLqQfd"
_PARTS = {"F": "f", "D": "d", "G": "g"}
#: How libffi is told of a complex number: as of a struct of two, which all calling conventions here treat alike.
_COMPLEX_SPECS = {}


def _wrong(value, expected):
    return TypeError(f"{expected} expected instead of {type(value).__name__} instance")


def _get_plain(code):
    read = _foreign.read
    return lambda memory, offset: read(memory, offset, code)


def _set_integer(code):
    write = _foreign.write

    def store(memory, offset, value):
        write(memory, offset, code, value)

    return store


def _set_char(memory, offset, value):
    expected = "one character bytes, bytearray, or an integer in range(256) expected"
    if isinstance(value, (bytes, bytearray)):
        if len(value) != 1:
            raise TypeError(f"{expected}, not {type(value).__name__} of length {len(value)}")
        value = value[0]
    elif not isinstance(value, int):
        raise TypeError(f"{expected}, not {type(value).__name__}")
    elif not 0 <= value < 256:
        raise TypeError(f"{expected}, not {value}")
    _foreign.write(memory, offset, "B", value)


def _set_wide_char(memory, offset, value):
    if not isinstance(value, str):
        raise TypeError(f"a unicode character expected, not instance of {type(value).__name__}")
    if len(value) != 1:
        raise TypeError(f"a unicode character expected, not a string of length {len(value)}")
    _foreign.write(memory, offset, "I", ord(value))


def _get_string(memory, offset):
    address = _foreign.read(memory, offset, "P")
    return _foreign.string_at(address, -1) if address else None


def bytes_memory(value):
    """The address of the content with a zero behind it, and what keeps it there."""
    made = _raw_array(len(value) + 1)
    _foreign.write_bytes(made, 0, value)
    return _foreign.address(made), made


def text_memory(value):
    """The address of the text as `wchar_t`, with a zero behind it, and what keeps it there."""
    content = value.encode("utf-32-le", "surrogatepass")
    made = _raw_array(len(content) + 4)
    _foreign.write_bytes(made, 0, content)
    return _foreign.address(made), made


def _raw_array(size):
    return _foreign.make(_foreign.Memory, _foreign.kind("B", 1, (size,), size))


class _HeldBytes(bytes):
    """Bytes that C data points to: `_copy` has a zero behind the content."""

    def __new__(cls, value, copy):
        made = super().__new__(cls, value)
        made._copy = copy
        return made


class _HeldText(str):
    """Text that C data points to: `_copy` has it as `wchar_t` with a zero behind."""

    def __new__(cls, value, copy):
        made = super().__new__(cls, value)
        made._copy = copy
        return made


def _set_string(memory, offset, value):
    if value is None:
        _foreign.write(memory, offset, "P", 0)
    elif isinstance(value, bytes):
        address, copy = bytes_memory(value)
        _foreign.write(memory, offset, "P", address)
        return _HeldBytes(value, copy)
    elif isinstance(value, int):
        _foreign.write(memory, offset, "P", value)
    else:
        raise _wrong(value, "bytes or integer address")


def _get_wide_string(memory, offset):
    address = _foreign.read(memory, offset, "P")
    return _foreign.wstring_at(address, -1) if address else None


def _set_wide_string(memory, offset, value):
    if value is None:
        _foreign.write(memory, offset, "P", 0)
    elif isinstance(value, str):
        address, copy = text_memory(value)
        _foreign.write(memory, offset, "P", address)
        return _HeldText(value, copy)
    elif isinstance(value, int):
        _foreign.write(memory, offset, "P", value)
    else:
        raise _wrong(value, "unicode string or integer address")


def _get_pointer(memory, offset):
    return _foreign.read(memory, offset, "P") or None


def _set_pointer(memory, offset, value):
    if value is None:
        value = 0
    elif not isinstance(value, int):
        raise TypeError("cannot be converted to pointer")
    _foreign.write(memory, offset, "P", value)


class _Box:
    """Holds a number that a `py_object` is made of: the ids of floats and large ints are no addresses."""

    __slots__ = ("value",)


def object_at(address):
    """The object that a `py_object` with this word stands for."""
    if not address:
        raise ValueError("PyObject is NULL")
    found = _foreign.object_at(address)
    return found.value if type(found) is _Box else found


def _get_object(memory, offset):
    return object_at(_foreign.read(memory, offset, "P"))


def object_word(value):
    """The word that stands for an object, and what keeps it good."""
    if type(value) in (float, int):
        box = _Box()
        box.value = value
        return id(box), box
    return id(value), value


def _set_object(memory, offset, value):
    word, kept = object_word(value)
    _foreign.write(memory, offset, "P", word)
    return kept


def _get_complex(part, size):
    return lambda memory, offset: complex(
        _foreign.read(memory, offset, part), _foreign.read(memory, offset + size, part)
    )


def _set_complex(part, size):
    def store(memory, offset, value):
        value = complex(value)
        _foreign.write(memory, offset, part, value.real)
        _foreign.write(memory, offset + size, part, value.imag)

    return store


_SPECIAL = {
    "c": (_get_plain("c"), _set_char),
    "u": (_get_plain("u"), _set_wide_char),
    "z": (_get_string, _set_string),
    "Z": (_get_wide_string, _set_wide_string),
    "P": (_get_pointer, _set_pointer),
    "O": (_get_object, _set_object),
}
for _letter, _part in _PARTS.items():
    _SPECIAL[_letter] = (_get_complex(_part, _SIZES[_part]), _set_complex(_part, _SIZES[_part]))


def _make_info(code):
    letter = code[-1]
    order = ">" if code[0] == ">" else "<"
    info = _Info(_SIZES[letter], _ALIGNMENTS[letter], order + _FORMATS.get(letter, letter))
    info.code = code
    info.spec = letter
    if letter in _PARTS:
        if letter not in _COMPLEX_SPECS:
            _COMPLEX_SPECS[letter] = _foreign.struct_type((_PARTS[letter],) * 2, 0, 0)
        info.spec = _COMPLEX_SPECS[letter]
    info.has_pointer = letter in "zZPO"
    info.getter, info.setter = _SPECIAL.get(letter) or (_get_plain(code), _set_integer(code))
    return info


class PyCSimpleType(CType_Type):
    """Metaclass of the plain values."""

    __module__ = "_ctypes"

    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        if bases == (_CData,):
            return cls
        try:
            letter = cls._type_
        except AttributeError:
            raise AttributeError("class must define a '_type_' attribute") from None
        if not isinstance(letter, str):
            raise TypeError("class must define a '_type_' string attribute")
        if len(letter) != 1:
            raise ValueError("class must define a '_type_' attribute which must be a string of length 1")
        if letter not in _KNOWN:
            raise AttributeError(
                "class must define a '_type_' attribute which must be\n"
                f"a single character string containing one of the\nsupported types: '{_KNOWN}'."
            )
        info = _make_info(letter)
        info.is_simple = cls.__base__ is _SimpleCData
        set_info(cls, info)
        if info.is_simple and letter in _SWAPPABLE and mcls is PyCSimpleType:
            _add_swapped(mcls, cls, name, bases, namespace)
        return cls

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        letter = cls._type_
        if letter in _FROM_PARAM:
            made = _FROM_PARAM[letter](value)
        else:
            made = _number_param(cls, value, letter)
        if made is not None:
            return made if made is not _NULL else None
        parameter = getattr(value, "_as_parameter_", None)
        if parameter is not None:
            return cls.from_param(parameter)
        raise TypeError(
            f"'{type(value).__name__}' object cannot be interpreted as {cls.__name__}"
            if letter not in "zZP"
            else _PARAM_TEXTS[letter].format(type(value).__name__)
        )


_PARAM_TEXTS = {
    "z": "'{}' object cannot be interpreted as ctypes.c_char_p",
    "Z": "'{}' object cannot be interpreted as ctypes.c_wchar_p",
    "P": "'{}' object cannot be interpreted as ctypes.c_void_p",
}
_NULL = object()


def _add_swapped(mcls, cls, name, bases, namespace):
    """The class for the other byte order, and the ways from one to the other."""
    other = type.__new__(mcls, name + "_be", bases, dict(namespace))
    info = _make_info(">" + cls._type_)
    info.is_simple = True
    set_info(other, info)
    for one in (cls, other):
        type.__setattr__(one, "__ctype_le__", cls)
        type.__setattr__(one, "__ctype_be__", other)


def _number_param(cls, value, letter):
    if isinstance(value, CArgObject):
        return value if isinstance(value._obj, cls) else None
    info = info_of(cls)
    made = _foreign.make(_SimpleCData, info.kind)
    try:
        kept = info.setter(made, 0, value)
    except TypeError:
        if getattr(value, "_as_parameter_", None) is not None:
            return None
        raise
    if letter in _PARTS:
        return CArgObject(letter, made, made)
    if letter == "O":
        return CArgObject("O", _foreign.read(made, 0, "P"), kept)
    plain = _foreign.read(made, 0, "B" if letter == "c" else "I" if letter == "u" else info.code)
    return CArgObject(letter, plain, value)


def _points_to(value, letters):
    """Whether C data is an array of, or a pointer to, plain values of these letters; `None` for any."""
    from _ctypes._sequence import Array, _Pointer

    if not isinstance(value, (Array, _Pointer)):
        return False
    item = info_of(value._type_) if isinstance(value._type_, type) else None
    return letters is None or (item is not None and item.code is not None and item.code in letters)


def _char_pointer_param(value):
    if value is None:
        return _NULL
    if isinstance(value, bytes):
        address, memory = bytes_memory(value)
        return CArgObject("z", address, (value, memory))
    if isinstance(value, _SimpleCData) and type(value)._type_ == "z":
        return value
    if _points_to(value, "c"):
        return value
    if isinstance(value, CArgObject) and isinstance(value._obj, _SimpleCData) and type(value._obj)._type_ == "c":
        return value


def _wide_pointer_param(value):
    if value is None:
        return _NULL
    if isinstance(value, str):
        address, memory = text_memory(value)
        return CArgObject("Z", address, (value, memory))
    if isinstance(value, _SimpleCData) and type(value)._type_ == "Z":
        return value
    if _points_to(value, "u"):
        return value
    if isinstance(value, CArgObject) and isinstance(value._obj, _SimpleCData) and type(value._obj)._type_ == "u":
        return value


def _void_pointer_param(value):
    from _ctypes._function import CFuncPtr

    if value is None:
        return _NULL
    if isinstance(value, int):
        return CArgObject("P", value & 0xFFFFFFFFFFFFFFFF, None)
    if isinstance(value, bytes):
        return _char_pointer_param(value)
    if isinstance(value, str):
        return _wide_pointer_param(value)
    if isinstance(value, CArgObject):
        return value if value._tag in "PzZX" else None
    if _points_to(value, None):
        return value
    if isinstance(value, CFuncPtr):
        return CArgObject("P", _foreign.read(value, 0, "P"), value)
    if isinstance(value, _SimpleCData) and type(value)._type_ in "zZP":
        return CArgObject("Z", _foreign.read(value, 0, "P"), value)


_FROM_PARAM = {"z": _char_pointer_param, "Z": _wide_pointer_param, "P": _void_pointer_param}


class _SimpleCData(_CData, metaclass=PyCSimpleType):
    __module__ = "_ctypes"
    __slots__ = ()

    def __init__(self, value=None, /):
        if value is not None:
            self.value = value

    @property
    def value(self):
        """current value"""
        info = finish(type(self))
        return info.getter(self, 0)

    @value.setter
    def value(self, value):
        info = finish(type(self))
        if isinstance(value, _SimpleCData) and info.code != "O":
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer"
                            if info.code[-1] not in "fdgzZPcu" else f"cannot be converted from {type(value).__name__}")
        keep(self, 0, info.setter(self, 0, value))

    @value.deleter
    def value(self):
        raise TypeError("can't delete attribute")

    def __bool__(self):
        return any(_foreign.read_bytes(self, 0, _foreign.size(self)))

    def __repr__(self):
        cls = type(self)
        if cls.__base__ is not _SimpleCData:
            return object.__repr__(self)
        return f"{cls.__name__}({self.value!r})"

    def __ctypes_from_outparam__(self):
        return self.value if info_of(type(self)).is_simple else self
