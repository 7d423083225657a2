"""Structures and unions."""

import _foreign
from _ctypes._core import CType_Type, _CData, _Info, get_part, info_of, own_dict, set_info, set_part


class CField:
    """Structure/Union member"""

    __module__ = "ctypes"

    def __init__(self, *, name, type, byte_size, byte_offset, index, bit_size=None, bit_offset=None, _internal_use=True):
        if not isinstance(name, str):
            raise TypeError(f"CField() argument 'name' must be str, not {_class_name(name)}")
        info = info_of(type) if isinstance(type, CType_Type) else None
        if info is None:
            raise TypeError(f"type of field {name!r} must be a C type")
        if bit_size is not None:
            if info.code is None or info.code[-1] not in "bBhHiIlLqQ?cu":
                raise TypeError(f"bit fields not allowed for type {type.__name__}")
            if bit_size <= 0 or bit_size > byte_size * 8:
                raise ValueError(f"number of bits invalid for bit field {name!r}")
            if not 0 <= bit_offset <= byte_size * 8 - bit_size:
                raise ValueError(f"bit field {name!r} overflows its type ({bit_offset} + {bit_size} > {byte_size * 8})")
        # The parts are read-only, but for this class itself.
        put = object.__setattr__
        put(self, "_parts", (name, type, byte_size, byte_offset, index, bit_size, bit_offset))
        put(self, "_anonymous", False)

    name = property(lambda self: self._parts[0], doc="name of this field")
    type = property(lambda self: self._parts[1], doc="type of this field")
    byte_size = property(lambda self: self._parts[2], doc="size of the underlying object in bytes")
    byte_offset = property(lambda self: self._parts[3], doc="offset of this field in bytes")
    offset = property(lambda self: self._parts[3], doc="offset in bytes of this field (same as byte_offset)")
    is_bitfield = property(lambda self: self._parts[5] is not None, doc="true if this is a bitfield")
    is_anonymous = property(lambda self: self._anonymous, doc="true if this field is anonymous")

    @property
    def bit_size(self):
        """size in bits of a bit field, or of the whole field"""
        _, _, byte_size, _, _, bit_size, _ = self._parts
        return byte_size * 8 if bit_size is None else bit_size

    @property
    def bit_offset(self):
        """additional offset in bits (relative to byte_offset)"""
        return self._parts[6] or 0

    @property
    def size(self):
        """size in bytes; for bit fields a packed number, as it has always been"""
        _, _, byte_size, _, _, bit_size, bit_offset = self._parts
        return byte_size if bit_size is None else bit_size << 16 | bit_offset

    def __setattr__(self, name, value):
        raise AttributeError(f"attribute {name!r} of 'ctypes.CField' objects is not writable")

    def __repr__(self):
        name, cls, byte_size, offset, _, bit_size, bit_offset = self._parts
        place = f"size={byte_size}" if bit_size is None else f"bit_size={bit_size}, bit_offset={bit_offset}"
        return f"<ctypes.CField {name!r} type={cls.__name__}, ofs={offset}, {place}>"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        name, cls, byte_size, offset, index, bit_size, bit_offset = self._parts
        if not isinstance(instance, _CData):
            raise TypeError("not a ctype instance")
        if bit_size is None:
            return get_part(cls, instance, offset, index)
        word = _foreign.read(instance, offset, _word_code(cls, byte_size))
        value = word >> bit_offset & (1 << bit_size) - 1
        code = info_of(cls).code[-1]
        if code in "bhilq" and value >> bit_size - 1:
            value -= 1 << bit_size
        return bool(value) if code == "?" else value

    def __set__(self, instance, value):
        name, cls, byte_size, offset, index, bit_size, bit_offset = self._parts
        if not isinstance(instance, _CData):
            raise TypeError("not a ctype instance")
        if bit_size is None:
            set_part(cls, instance, offset, index, value)
            return
        if isinstance(value, _CData):
            raise TypeError(f"expected {cls.__name__} instance, got {_class_name(value)}")
        if info_of(cls).code[-1] == "?":
            value = bool(value)
        mask = (1 << bit_size) - 1 << bit_offset
        code = _word_code(cls, byte_size)
        bits = value.__index__() << bit_offset & mask if hasattr(value, "__index__") else _refuse(value)
        _foreign.write(instance, offset, code, _foreign.read(instance, offset, code) & ~mask | bits)

    def __delete__(self, instance):
        raise TypeError("can't delete attribute")


def _class_name(value):
    return type(value).__name__


def _refuse(value):
    raise TypeError(f"{_class_name(value)!r} object cannot be interpreted as an integer")


def _word_code(cls, byte_size):
    """The unsigned number that holds the bits of a bit field."""
    order = ">" if info_of(cls).code[0] == ">" else ""
    return order + {1: "B", 2: "H", 4: "I", 8: "Q"}[byte_size]


class _StructUnionType(CType_Type):
    """What the metaclasses of structures and unions share."""

    def __init__(cls, name, bases, namespace, /, **kwargs):
        super().__init__(name, bases, namespace, **kwargs)
        if bases == (_CData,) or "_abstract_" in namespace:
            return
        fields = namespace.get("_fields_")
        if fields is not None:
            cls._fields_ = fields
            return
        base = info_of(cls.__base__)
        if base is not None:
            info = _Info(base.size, base.align, base.format, (), base.size, base.length)
            info.spec = base.spec
            info.has_pointer = base.has_pointer
            base.is_final = True
        else:
            info = _Info(0, 1, "B")
        set_info(cls, info)

    def __setattr__(cls, name, value):
        if name == "_fields_":
            own = own_dict(cls).get("_info_")
            if own is not None and own.is_final:
                raise AttributeError("_fields_ is final")
            type.__setattr__(cls, name, value)
            _lay_out(cls, value)
        else:
            super().__setattr__(name, value)


class PyCStructType(_StructUnionType):
    """Metaclass of structures."""

    __module__ = "_ctypes"


class UnionType(_StructUnionType):
    """Metaclass of unions."""

    __module__ = "_ctypes"


def _lay_out(cls, fields):
    """Gives a class the layout of its `_fields_`."""
    from ctypes._layout import get_layout

    is_struct = isinstance(cls, PyCStructType)
    base = cls.__base__
    base_info = info_of(base)
    if base_info is not None and base_info.size == 0 and not base_info.length and not hasattr(base, "_fields_"):
        base_info = None
    layout = get_layout(cls, fields, is_struct, base if base_info is not None else None)
    made = list(layout.fields)
    format = layout.format_spec if is_struct else "B"
    if base_info is not None and base_info.length and is_struct:
        # What a base has is shown as bytes no more exactly than CPython does it.
        format = _with_base(base_info.format, layout.format_spec)
    previous = own_dict(cls).get("_info_")
    info = _Info(layout.size, layout.align, format, (), layout.size, len(made) + (base_info.length if base_info else 0))
    if previous is not None:
        info.pointer_type = previous.pointer_type
        if previous.is_final:
            raise AttributeError("_fields_ is final")
    if base_info is not None:
        base_info.is_final = True
        info.has_pointer = base_info.has_pointer
    first = base_info.length if base_info is not None else 0
    for field in made:
        part = info_of(field.type)
        part.is_final = True
        info.has_pointer = info.has_pointer or part.has_pointer
        if first:
            name, kind, byte_size, offset, index, bit_size, bit_offset = field._parts
            object.__setattr__(field, "_parts", (name, kind, byte_size, offset, index + first, bit_size, bit_offset))
        type.__setattr__(cls, field.name, field)
    set_info(cls, info)
    _add_anonymous(cls)


def _with_base(base_format, format):
    return base_format[:-1] + format[2:] if base_format.startswith("T{") else format


def _add_anonymous(cls):
    names = getattr(cls, "_anonymous_", None)
    if names is None:
        return
    try:
        names = list(names)
    except TypeError:
        raise TypeError("_anonymous_ must be a sequence") from None
    for name in names:
        outer = getattr(cls, name)
        if not isinstance(outer, CField):
            raise AttributeError(f"{name!r} is specified in _anonymous_ but not in _fields_")
        object.__setattr__(outer, "_anonymous", True)
        for entry in outer.type._fields_:
            inner = getattr(outer.type, entry[0])
            _, kind, byte_size, offset, index, bit_size, bit_offset = inner._parts
            field = CField(
                name=entry[0],
                type=kind,
                byte_size=byte_size,
                byte_offset=offset + outer.byte_offset,
                index=index,
                bit_size=bit_size,
                bit_offset=bit_offset,
            )
            type.__setattr__(cls, entry[0], field)


def spec_of(cls):
    """What libffi is told of a structure or union that is passed by value."""
    info = info_of(cls)
    if info.spec is None:
        elements = _elements(cls)
        if elements is None:
            info.spec = _foreign.struct_type(_words(cls), info.size, info.align)
        else:
            info.spec = _foreign.struct_type(elements, 0, 0)
    return info.spec


def _elements(cls):
    """Specs of the parts when they lie as libffi would place them; None otherwise."""
    if isinstance(cls, UnionType) or hasattr(cls, "_pack_") or hasattr(cls, "_align_"):
        return None
    elements = []
    for base in reversed(cls.__mro__):
        for entry in own_dict(base).get("_fields_", ()):
            if len(entry) > 2:
                return None
            kind, count = entry[1], 1
            while (info := info_of(kind)).item is not None and hasattr(kind, "_length_"):
                kind, count = info.item, count * kind._length_
            if count > 256:
                return None
            spec = spec_of(kind) if isinstance(kind, _StructUnionType) else info.spec
            elements += [spec] * count
    return tuple(elements) if elements else None


def _words(cls):
    """Specs of words that make calling conventions treat the bytes as they treat the class."""
    info = info_of(cls)
    if info.size > 16:
        return ("Q",) * (info.size // 8) + ("B",) * (info.size % 8)
    floating = [True] * 2
    _classify(cls, 0, floating)
    specs = []
    for at in range(0, info.size, 8):
        left = min(info.size - at, 8)
        if floating[at // 8]:
            specs.append("d" if left == 8 else "f")
        else:
            specs.append({8: "Q", 4: "I", 2: "H", 1: "B"}.get(left, "Q"))
    return tuple(specs) or ("B",)


def _classify(cls, offset, floating):
    """Marks the eight-byte words that hold anything but floating numbers."""
    info = info_of(cls)
    if isinstance(cls, _StructUnionType):
        for base in cls.__mro__:
            for entry in own_dict(base).get("_fields_", ()):
                field = own_dict(base)[entry[0]]
                _classify(field.type, offset + field.byte_offset, floating)
    elif hasattr(cls, "_length_"):
        for index in range(cls._length_):
            _classify(info.item, offset + index * info_of(info.item).size, floating)
    elif info.code is None or info.code not in ("f", "d"):
        floating[offset // 8] = False


class _Aggregate:
    """Construction of structures and unions."""

    __slots__ = ()

    def __init__(self, *args, **kwargs):
        cls = type(self)
        if args:
            names = _field_names(cls)
            if len(args) > len(names):
                raise TypeError("too many initializers")
            for name, value in zip(names, args):
                if name in kwargs:
                    raise TypeError(f"duplicate values for field {name!r}")
                setattr(self, name, value)
        for name, value in kwargs.items():
            setattr(self, name, value)


def _field_names(cls):
    names = []
    for base in reversed(cls.__mro__):
        names += [entry[0] for entry in own_dict(base).get("_fields_", ())]
    return names


class Structure(_CData, metaclass=PyCStructType):
    """Structure base class"""

    __module__ = "_ctypes"
    __slots__ = ()
    __init__ = _Aggregate.__init__


class Union(_CData, metaclass=UnionType):
    """Union base class"""

    __module__ = "_ctypes"
    __slots__ = ()
    __init__ = _Aggregate.__init__
