"""Arrays and pointers."""

import sys
import _foreign
from _ctypes._core import (
    CArgObject,
    CType_Type,
    _CData,
    _Info,
    finish,
    get_part,
    info_of,
    keep,
    kept_by,
    set_info,
    set_part,
)


class PyCArrayType(CType_Type):
    """Metaclass of arrays."""

    __module__ = "_ctypes"

    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        if bases == (_CData,):
            return cls
        length = getattr(cls, "_length_", None)
        if length is None:
            raise AttributeError("class must define a '_length_' attribute")
        if not isinstance(length, int):
            raise TypeError("The '_length_' attribute must be an integer")
        if length < 0:
            raise ValueError("The '_length_' attribute must not be negative")
        item = getattr(cls, "_type_", None)
        if item is None:
            raise AttributeError("class must define a '_type_' attribute")
        item_info = info_of(item)
        if item_info is None:
            raise TypeError("_type_ must have storage info")
        size = item_info.size * length
        if size > (1 << 63) - 1:
            raise OverflowError("array too large")
        item_info.is_final = True
        info = _Info(
            size, item_info.align, item_info.format, (length, *item_info.shape), item_info.item_bytes, length
        )
        info.item = item
        info.spec = "P"
        info.has_pointer = item_info.has_pointer
        set_info(cls, info)
        for name, attribute in _TEXT_ATTRIBUTES.get(item_info.code, {}).items():
            type.__setattr__(cls, name, attribute)
        return cls


def array_type(item, length):
    """`item * length`."""
    if length < 0:
        raise ValueError(f"Array length must be >= 0, not {length}")
    info = info_of(item)
    if info is None:
        raise TypeError("_type_ must have storage info")
    made = info.arrays.get((item, length))
    if made is None:
        # As if the class had been made where the product is written.
        module = sys._getframemodulename(2) or "_ctypes"
        namespace = {"_length_": length, "_type_": item, "__module__": module}
        made = info.arrays[item, length] = PyCArrayType(f"{item.__name__}_Array_{length}", (Array,), namespace)
    return made


def _text_codes(cls):
    """The letter of the items when they are characters."""
    code = info_of(cls._type_).code
    return code if code in ("c", "u") else None


class Array(_CData, metaclass=PyCArrayType):
    """Abstract base class for arrays.

    The recommended way to create concrete array types is by multiplying any
    ctypes data type with a non-negative integer. Alternatively, you can subclass
    this type and define _length_ and _type_ class variables. Array elements can
    be read and written using standard subscript and slice accesses for slice
    reads, the resulting object is not itself an Array.
    """

    __module__ = "_ctypes"
    __slots__ = ()

    def __init__(self, *args):
        for index, value in enumerate(args):
            self[index] = value

    def __class_getitem__(cls, parameters, /):
        import types

        return types.GenericAlias(cls, parameters)

    def __len__(self):
        return self._length_

    def _place(self, index):
        length = self._length_
        if index < 0:
            index += length
        if not 0 <= index < length:
            raise IndexError("invalid index")
        return index

    def __getitem__(self, index):
        cls = self._type_
        size = info_of(cls).size
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length_)
            code = _text_codes(type(self))
            if code == "c" and step == 1:
                return _foreign.read_bytes(self, start, max(stop - start, 0))
            items = [get_part(cls, self, at * size, at) for at in range(start, stop, step)]
            return items if code is None else (b"" if code == "c" else "").join(items)
        index = self._place(_index(index, "indices must be integers"))
        return get_part(cls, self, index * size, index)

    def __setitem__(self, index, value):
        cls = self._type_
        size = info_of(cls).size
        if isinstance(index, slice):
            places = range(*index.indices(self._length_))
            if len(value) != len(places):
                raise ValueError("Can only assign sequence of same size")
            for at, item in zip(places, value):
                set_part(cls, self, at * size, at, item)
            return
        index = self._place(_index(index, "indices must be integer"))
        set_part(cls, self, index * size, index, value)

    def __delitem__(self, index):
        raise TypeError("Array does not support item deletion")


def _index(index, message):
    try:
        return index.__index__()
    except AttributeError:
        raise TypeError(message) from None


class _CharArrayValue:
    """`value` and `raw` of arrays of `c_char`."""

    @property
    def raw(self):
        """value"""
        return _foreign.read_bytes(self, 0, _foreign.size(self))

    @raw.setter
    def raw(self, content):
        with memoryview(content) as view:
            content = view.tobytes()
        if len(content) > _foreign.size(self):
            raise ValueError("byte string too long")
        _foreign.write_bytes(self, 0, content)

    @property
    def value(self):
        """string value"""
        content = _foreign.read_bytes(self, 0, _foreign.size(self))
        end = content.find(b"\0")
        return content if end < 0 else content[:end]

    @value.setter
    def value(self, content):
        if not isinstance(content, bytes):
            raise TypeError(f"bytes expected instead of {type(content).__name__} instance")
        size = _foreign.size(self)
        if len(content) > size:
            raise ValueError("byte string too long")
        _foreign.write_bytes(self, 0, content + b"\0" if len(content) < size else content)


class _WideCharArrayValue:
    """`value` of arrays of `c_wchar`."""

    @property
    def value(self):
        """string value"""
        content = _foreign.read_bytes(self, 0, _foreign.size(self))
        for at in range(0, len(content), 4):
            if content[at : at + 4] == b"\0\0\0\0":
                content = content[:at]
                break
        return content.decode("utf-32-le", "surrogatepass")

    @value.setter
    def value(self, text):
        if not isinstance(text, str):
            raise TypeError(f"unicode string expected instead of {type(text).__name__} instance")
        size = _foreign.size(self)
        content = text.encode("utf-32-le", "surrogatepass")
        if len(content) > size:
            raise ValueError("string too long")
        _foreign.write_bytes(self, 0, content + b"\0\0\0\0" if len(content) < size else content)


#: What arrays of characters have in addition, by letter of the items.
_TEXT_ATTRIBUTES = {
    "c": {"raw": _CharArrayValue.raw, "value": _CharArrayValue.value},
    "u": {"value": _WideCharArrayValue.value},
}


class PyCPointerType(CType_Type):
    """Metaclass of pointers."""

    __module__ = "_ctypes"

    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        item = namespace.get("_type_")
        _set_item(cls, item)
        if item is not None and bases == (_Pointer,) and info_of(item) is not None and info_of(item).pointer_type is None:
            info_of(item).pointer_type = cls
        return cls

    def set_type(cls, item, /):
        _set_item(cls, item)
        type.__setattr__(cls, "_type_", item)

    def from_param(cls, value, /):
        if value is None:
            return None
        item = info_of(cls).item
        if item is not None and isinstance(value, item):
            return CArgObject("P", _foreign.address(value), value)
        if isinstance(value, (_Pointer, Array)):
            other = value._type_
            if item is not None and isinstance(other, type) and issubclass(other, item):
                return value
        if isinstance(value, CArgObject) and item is not None and isinstance(value._obj, item):
            return value
        return super().from_param(value)


def _set_item(cls, item):
    format = "X{}"
    if item is not None:
        item_info = info_of(item)
        if item_info is None:
            raise TypeError(f"{item} must have storage info")
        shape = f"({','.join(map(str, item_info.shape))})" if item_info.shape else ""
        format = f"&{shape}{item_info.format}"
    info = _Info(8, 8, format, (), 8, 1)
    info.item = item
    info.spec = "P"
    info.has_pointer = True
    set_info(cls, info)


class _Pointer(_CData, metaclass=PyCPointerType):
    __module__ = "_ctypes"
    __slots__ = ()

    def __new__(cls, value=None, /):
        if info_of(cls).item is None:
            raise TypeError("Cannot create instance: has no _type_")
        return super().__new__(cls)

    def __init__(self, value=None, /):
        if value is not None:
            self.contents = value

    def __bool__(self):
        return _foreign.read(self, 0, "P") != 0

    def _target(self):
        address = _foreign.read(self, 0, "P")
        if not address:
            raise ValueError("NULL pointer access")
        return address

    @property
    def contents(self):
        """the object this pointer points to (read-write)"""
        address = self._target()
        cls = info_of(type(self)).item
        kept = kept_by(self)
        if type(kept) is dict:
            known = kept.get(_own_name(self))
            if isinstance(known, cls) and _foreign.address(known) == address:
                return known
        made = _foreign.view(cls, finish(cls).kind, address, self)
        return made

    @contents.setter
    def contents(self, value):
        cls = info_of(type(self)).item
        if not isinstance(value, cls):
            raise TypeError(f"expected {cls.__name__} instead of {type(value).__name__}")
        _foreign.write(self, 0, "P", _foreign.address(value))
        keep(self, 1, value)
        keep(self, 0, kept_by(value))

    @contents.deleter
    def contents(self):
        raise TypeError("Pointer does not support item deletion")

    def _item(self, index):
        cls = info_of(type(self)).item
        info = finish(cls)
        return cls, info, self._target() + index * info.size

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._slice(index)
        cls, info, address = self._item(_index(index, "Pointer indices must be integer"))
        made = _foreign.view(cls, info.kind, address & 0xFFFFFFFFFFFFFFFF, self)
        return info.getter(made, 0) if info.is_simple else made

    def _slice(self, index):
        step = 1 if index.step is None else index.step.__index__()
        if step == 0:
            raise ValueError("slice step cannot be zero")
        if index.start is None:
            if step < 0:
                raise ValueError("slice start is required for step < 0")
            start = 0
        else:
            start = index.start.__index__()
        if index.stop is None:
            raise ValueError("slice stop is required")
        places = range(start, index.stop.__index__(), step)
        code = info_of(self._type_).code
        items = [self[at] for at in places]
        if code in ("c", "u"):
            return (b"" if code == "c" else "").join(items)
        return items

    def __setitem__(self, index, value):
        cls, info, address = self._item(_index(index, "Pointer indices must be integer"))
        made = _foreign.view(cls, info.kind, address & 0xFFFFFFFFFFFFFFFF, self)
        from _ctypes._core import _store

        keep(self, index, _store(cls, made, 0, value))

    def __delitem__(self, index):
        raise TypeError("Pointer does not support item deletion")


def _own_name(pointer):
    """The name under which a pointer keeps what it points to."""
    name = "1"
    while (base := pointer._b_base_) is not None:
        name += f":{_foreign.index(pointer):x}"
        pointer = base
    return name
