"""What all classes of C data share."""

import sys
import _foreign


class ArgumentError(Exception):
    __module__ = "_ctypes"


class _Info:
    """How a class lies in memory and how its values come and go."""

    __slots__ = (
        "kind",  # number of the memory's kind
        "size",
        "align",
        "format",
        "shape",
        "item_bytes",
        "length",  # parts that may keep objects alive; 0 for plain values
        "code",  # letter of a plain value, with `>` for the other byte order
        "spec",  # how libffi is told
        "getter",  # (memory, offset) -> value, for plain values
        "setter",  # (memory, offset, value) -> what must be kept alive
        "is_simple",  # a plain value, read as such when it is part of something
        "is_final",
        "has_pointer",
        "arrays",
        "pointer_type",
        "item",
    )

    def __init__(self, size, align, format, shape=(), item_bytes=None, length=0):
        self.size = size
        self.align = align
        self.format = format
        self.shape = shape
        self.item_bytes = size if item_bytes is None else item_bytes
        self.length = length
        self.kind = _foreign.kind(format, self.item_bytes, shape, size)
        self.code = self.spec = self.getter = self.setter = self.pointer_type = self.item = None
        self.is_simple = self.is_final = self.has_pointer = False
        self.arrays = {}


def info_of(cls):
    """The class's own information, or that of the base it was derived from unchanged; None for what is no class of C data."""
    return type.__getattribute__(cls, "_info_") if isinstance(cls, CType_Type) else None


#: The namespace of a class, whatever its metaclass says.
own_dict = type.__dict__["__dict__"].__get__


class CType_Type(type):
    """Metaclass of all classes of C data."""

    __module__ = "_ctypes"

    _info_ = None

    def from_address(cls, address, /):
        if not isinstance(address, int):
            raise TypeError("integer expected")
        sys.audit("ctypes.cdata", address)
        return _foreign.view(cls, finish(cls).kind, address, None)

    def from_buffer(cls, source, offset=0, /):
        info = finish(cls)
        view = memoryview(source)
        if view.readonly:
            raise TypeError("underlying buffer is not writable")
        if not view.c_contiguous:
            raise TypeError("underlying buffer is not C contiguous")
        _check_room(view.nbytes, offset, info.size)
        sys.audit("ctypes.cdata/buffer", view.nbytes, info.size, offset)
        made = _foreign.overlay(cls, info.kind, view, offset)
        keep(made, -1, view)
        return made

    def from_buffer_copy(cls, source, offset=0, /):
        info = finish(cls)
        if isinstance(source, str):
            raise TypeError(f"a bytes-like object is required, not '{type(source).__name__}'")
        with memoryview(source) as view:
            content = view.tobytes()
        _check_room(len(content), offset, info.size)
        made = _foreign.make(cls, info.kind)
        _foreign.write_bytes(made, 0, content[offset : offset + info.size])
        return made

    def in_dll(cls, library, name, /):
        info = finish(cls)
        handle = library._handle
        if not isinstance(handle, int):
            raise TypeError("the _handle attribute of the second argument must be an integer")
        try:
            address = _foreign.dlsym(handle, name)
        except OSError as error:
            raise ValueError(str(error)) from None
        made = _foreign.view(cls, info.kind, address, None)
        return made

    def from_param(cls, value, /):
        if isinstance(value, cls):
            return value
        if isinstance(value, CArgObject) and isinstance(value._obj, cls):
            return value
        parameter = getattr(value, "_as_parameter_", None)
        if parameter is not None:
            return cls.from_param(parameter)
        found = type(value).__name__
        if isinstance(value, CArgObject):
            found = f"pointer to {type(value._obj).__name__}"
        raise TypeError(f"expected {cls.__name__} instance instead of {found}")

    def __mul__(cls, length):
        from _ctypes._sequence import array_type

        if not isinstance(length, int):
            try:
                length = length.__index__()
            except AttributeError:
                return NotImplemented
        return array_type(cls, length)

    __rmul__ = __mul__

    @property
    def __pointer_type__(cls):
        info = info_of(cls)
        if info is None:
            raise TypeError(f"{cls} must have storage info")
        if info.pointer_type is None:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute '__pointer_type__'")
        return info.pointer_type

    @__pointer_type__.setter
    def __pointer_type__(cls, pointer):
        info = info_of(cls)
        if info is None:
            raise TypeError(f"{cls} must have storage info")
        info.pointer_type = pointer


def _check_room(available, offset, size):
    if offset < 0:
        raise ValueError("offset cannot be negative")
    if offset + size > available:
        raise ValueError(f"Buffer size too small ({available} instead of at least {offset + size} bytes)")


def set_info(cls, info):
    type.__setattr__(cls, "_info_", info)


def finish(cls):
    """The information of a class that is about to be used: its layout is fixed from now on."""
    info = info_of(cls)
    if info is None:
        raise TypeError("abstract class")
    info.is_final = True
    return info


class _CData(_foreign.Memory):
    __module__ = "_ctypes"
    __slots__ = ()

    def __new__(cls, /, *args, **kwargs):
        info = finish(cls)
        return _foreign.make(cls, info.kind)

    def __hash__(self):
        raise TypeError("unhashable type")

    def __ctypes_from_outparam__(self):
        return self

    def __reduce__(self):
        info = info_of(type(self))
        if info.has_pointer:
            raise ValueError("ctypes objects containing pointers cannot be pickled")
        state = (getattr(self, "__dict__", {}), _foreign.read_bytes(self, 0, _foreign.size(self)))
        return _unpickle, (type(self), state)

    def __setstate__(self, state, /):
        attributes, content = state
        size = min(len(content), _foreign.size(self))
        _foreign.write_bytes(self, 0, content[:size])
        self.__dict__.update(attributes)


def _unpickle(cls, state, /):
    made = cls.__new__(cls)
    made.__setstate__(state)
    return made


class CArgObject:
    """An argument that is ready for a call."""

    __module__ = "_ctypes"
    __slots__ = ("_tag", "_value", "_obj")

    def __init__(self, tag, value, obj):
        self._tag = tag
        self._value = value
        self._obj = obj

    def __repr__(self):
        tag, value = self._tag, self._value
        if tag in "zZPX":
            return f"<cparam {tag!r} ({value:#x})>"
        if tag == "c":
            return f"<cparam 'c' ({bytes([value])!r})>"
        if tag == "V":
            return f"<cparam 'V' at {_foreign.address(value):#x}>"
        return f"<cparam {tag!r} ({value})>"


def container(memory):
    """The outermost memory it lies in."""
    while (base := memory._b_base_) is not None:
        memory = base
    return memory


def keep(target, index, value):
    """Keeps `value` alive as long as the memory that part `index` of `target` lies in."""
    if value is None:
        return
    outermost = container(target)
    kept = outermost._objects
    if kept is None and (info_of(type(outermost)).length or index < 0):
        kept = {}
        _foreign.set_objects(outermost, kept)
    if type(kept) is not dict or (outermost is target and not info_of(type(target)).length and index >= 0):
        _foreign.set_objects(outermost, value)
        return
    name = f"{index & 0xffffffff:x}"
    while (base := target._b_base_) is not None:
        name += f":{_foreign.index(target):x}"
        target = base
    kept[name] = value


def kept_by(memory):
    """What the parts of a memory keep alive."""
    outermost = container(memory)
    kept = outermost._objects
    if kept is None and info_of(type(outermost)).length:
        kept = {}
        _foreign.set_objects(outermost, kept)
    return kept


def get_part(cls, base, offset, index):
    """The part of `base` at `offset`, as value or as C data."""
    info = info_of(cls)
    if info.is_simple:
        return info.getter(base, offset)
    return _foreign.derive(cls, info.kind, base, offset, index)


def set_part(cls, base, offset, index, value):
    """Stores a value into the part of `base` at `offset`."""
    keep(base, index, _store(cls, base, offset, value))


def _store(cls, base, offset, value):
    """Stores a value; gives what must be kept alive."""
    from _ctypes._sequence import Array, _Pointer

    info = info_of(cls)
    if not isinstance(value, _CData):
        if info.setter is not None:
            return info.setter(base, offset, value)
        if isinstance(value, tuple):
            try:
                made = cls(*value)
            except Exception as error:
                raise RuntimeError(f"({cls.__name__}) {type(error)}: {error}") from None
            return _store(cls, base, offset, made)
        if value is None and issubclass(cls, _Pointer):
            _foreign.write(base, offset, "P", 0)
            return None
        raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")
    if isinstance(value, cls):
        _foreign.write_bytes(base, offset, _foreign.read_bytes(value, 0, info.size))
        return kept_by(value)
    if issubclass(cls, _Pointer) and isinstance(value, Array):
        item = value._type_
        if not isinstance(item, type) or not issubclass(item, cls._type_):
            raise TypeError(
                f"incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance"
            )
        _foreign.write(base, offset, "P", _foreign.address(value))
        return (value, kept_by(value))
    if info.code == "O":
        return info.setter(base, offset, value)
    raise TypeError(f"incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance")


def sizeof(obj_or_type, /):
    if isinstance(obj_or_type, CType_Type):
        info = info_of(obj_or_type)
        if info is not None:
            return info.size
    elif isinstance(obj_or_type, _CData):
        return _foreign.size(obj_or_type)
    raise TypeError("this type has no size")


def alignment(obj_or_type, /):
    cls = obj_or_type if isinstance(obj_or_type, type) else type(obj_or_type)
    info = info_of(cls)
    if info is None:
        raise TypeError("no alignment info")
    return info.align


def addressof(obj, /):
    if not isinstance(obj, _CData):
        raise TypeError(f"addressof() argument must be _ctypes._CData, not {type(obj).__name__}")
    sys.audit("ctypes.addressof", obj)
    return _foreign.address(obj)


def byref(obj, offset=0, /):
    if not isinstance(obj, _CData):
        raise TypeError(f"byref() argument 1 must be _ctypes._CData, not {type(obj).__name__}")
    return CArgObject("P", _foreign.address(obj) + offset.__index__(), obj)


def resize(obj, size, /):
    if not isinstance(obj, _CData):
        raise TypeError(f"resize() argument 1 must be _ctypes._CData, not {type(obj).__name__}")
    least = info_of(type(obj)).size
    if size < least:
        raise ValueError(f"minimum size is {least}")
    _foreign.resize(obj, size)


def buffer_info(obj_or_type, /):
    """Format, number of dimensions and shape of C data or of a class of it."""
    cls = obj_or_type if isinstance(obj_or_type, type) else type(obj_or_type)
    info = info_of(cls)
    if info is None:
        raise TypeError("not a ctypes type or object")
    return info.format, len(info.shape), info.shape
