"""Foreign functions and callbacks."""

import sys
import _foreign
from _ctypes._core import (
    ArgumentError,
    CArgObject,
    CType_Type,
    _CData,
    _Info,
    addressof,
    container,
    finish,
    info_of,
    keep,
    kept_by,
    set_info,
)
from _ctypes._simple import _SimpleCData, bytes_memory, object_at, object_word, text_memory
from _ctypes._sequence import Array, PyCPointerType, _Pointer
from _ctypes._aggregate import Structure, Union, spec_of

_CDECL = 1
_PYTHONAPI = 4
_USE_ERRNO = 8


class PyCFuncPtrType(CType_Type):
    """Metaclass of foreign functions."""

    __module__ = "_ctypes"

    def __new__(mcls, name, bases, namespace, /, **kwargs):
        cls = super().__new__(mcls, name, bases, namespace, **kwargs)
        if bases == (_CData,):
            return cls
        flags = getattr(cls, "_flags_", None)
        if not isinstance(flags, int):
            raise TypeError("class must define _flags_ which must be an integer")
        argtypes = namespace.get("_argtypes_")
        if argtypes is not None:
            _check_argtypes(argtypes)
        restype = namespace.get("_restype_")
        if restype is not None and not isinstance(restype, CType_Type) and not callable(restype):
            raise TypeError("_restype_ must be a type, a callable, or None")
        info = _Info(8, 8, "X{}", (), 8, 1)
        info.spec = "P"
        info.has_pointer = True
        set_info(cls, info)
        return cls


def _check_argtypes(argtypes):
    if not isinstance(argtypes, (tuple, list)):
        raise TypeError("_argtypes_ must be a sequence of types")
    for number, kind in enumerate(argtypes, 1):
        if not hasattr(kind, "from_param"):
            raise TypeError(f"item {number} in _argtypes_ has no from_param method")
    return tuple(argtypes)


class _NoValue:
    """Stands for an attribute that has not been set."""


class CFuncPtr(_CData, metaclass=PyCFuncPtrType):
    """Function Pointer"""

    __module__ = "_ctypes"

    _own_argtypes = None
    _own_restype = _NoValue
    _own_errcheck = None
    _paramflags = None
    _callable = None
    _closure = None

    def __new__(cls, /, *args, **kwargs):
        if info_of(cls) is None:
            raise TypeError("cannot construct instance of this class: no argtypes")
        return super().__new__(cls)

    def __init__(self, *args):
        if not args:
            return
        first = args[0]
        if isinstance(first, tuple):
            self._from_library(first, *args[1:])
        elif isinstance(first, int):
            if len(args) > 1:
                raise TypeError("COM methods are not supported on this platform")
            _foreign.write(self, 0, "P", first)
        elif callable(first):
            if len(args) > 1:
                raise TypeError("argument must be callable or integer function address")
            self._from_callable(first)
        else:
            raise TypeError("argument must be callable or integer function address")

    def _from_library(self, place, paramflags=None):
        name, library = place
        if not isinstance(name, (str, bytes)):
            if isinstance(name, int):
                raise AttributeError(f"function ordinal {name} not found")
            raise TypeError("the _name attribute of the second argument must be a string or an integer")
        sys.audit("ctypes.dlsym", library, name)
        handle = library._handle
        if not isinstance(handle, int):
            raise TypeError("the _handle attribute of the second argument must be an integer")
        try:
            address = _foreign.dlsym(handle, name)
        except OSError as error:
            shown = name if isinstance(name, str) else name.decode("utf-8", "replace")
            if shown.startswith(("Py", "_Py")) and getattr(library, "_name", None) is None:
                raise AttributeError(f"{error} (cinder has no C API of Python)") from None
            raise AttributeError(str(error)) from None
        self._paramflags = _check_paramflags(paramflags, type(self))
        _foreign.write(self, 0, "P", address)
        keep(self, 0, library)

    def _from_callable(self, function):
        cls = type(self)
        argtypes = getattr(cls, "_argtypes_", None)
        if argtypes is None:
            raise TypeError("cannot construct instance of this class: no argtypes")
        restype = getattr(cls, "_restype_", None)
        if restype is not None and (
            not isinstance(restype, CType_Type) or (info_of(restype).setter is None and not issubclass(restype, _NO_SETTER))
        ):
            raise TypeError("invalid result type for callback function")
        specs = tuple(_spec(kind) for kind in argtypes)
        entry = _make_entry(function, tuple(argtypes), restype)
        result = None if restype is None else _spec(restype)
        self._closure = _foreign.closure(entry, specs, result, cls._flags_)
        self._callable = function
        _foreign.write(self, 0, "P", self._closure.address)
        keep(self, 0, self._closure)

    # What a program may set.

    @property
    def argtypes(self):
        """specify the argument types"""
        if self._own_argtypes is not None:
            return self._own_argtypes
        return getattr(type(self), "_argtypes_", None)

    @argtypes.setter
    def argtypes(self, argtypes):
        self._own_argtypes = None if argtypes is None else _check_argtypes(argtypes)

    @argtypes.deleter
    def argtypes(self):
        self._own_argtypes = None

    @property
    def restype(self):
        """specify the result type"""
        if self._own_restype is not _NoValue:
            return self._own_restype
        return getattr(type(self), "_restype_", None)

    @restype.setter
    def restype(self, restype):
        if restype is not None and not isinstance(restype, CType_Type) and not callable(restype):
            raise TypeError("restype must be a type, a callable, or None")
        self._own_restype = restype

    @restype.deleter
    def restype(self):
        self._own_restype = _NoValue

    @property
    def errcheck(self):
        """a function to check for errors"""
        return self._own_errcheck

    @errcheck.setter
    def errcheck(self, function):
        if function is not None and not callable(function):
            raise TypeError("the errcheck attribute must be callable")
        self._own_errcheck = function

    @errcheck.deleter
    def errcheck(self):
        self._own_errcheck = None

    def __bool__(self):
        return _foreign.read(self, 0, "P") != 0

    def __repr__(self):
        return f"<{type(self).__name__} object at {id(self):#x}>"

    def __call__(self, *args, **kwargs):
        argtypes = self.argtypes
        outputs = None
        if self._paramflags:
            args, outputs = _with_paramflags(self._paramflags, argtypes, args, kwargs)
        elif kwargs:
            raise TypeError("this function takes no keyword arguments")
        result = _call(self, _foreign.read(self, 0, "P"), args, argtypes, self.restype, type(self)._flags_)
        if self._own_errcheck is not None:
            checked = self._own_errcheck(result, self, args)
            if checked is not args:
                # The function answers for what it gives back, but the usual way for its arguments stays.
                return checked
        elif outputs is None:
            return result
        if outputs is None:
            return result
        values = [argument.__ctypes_from_outparam__() for argument in outputs]
        return values[0] if len(values) == 1 else tuple(values)


_NO_SETTER = (_Pointer, CFuncPtr)


def _check_paramflags(flags, cls):
    if flags is None:
        return None
    argtypes = getattr(cls, "_argtypes_", None)
    if argtypes is None:
        return None
    if not isinstance(flags, tuple):
        raise TypeError("paramflags must be a tuple or None")
    if len(flags) != len(argtypes):
        raise ValueError("paramflags must have the same length as argtypes")
    checked = []
    for flag, kind in zip(flags, argtypes):
        if not isinstance(flag, tuple) or not 1 <= len(flag) <= 3 or not isinstance(flag[0], int):
            raise TypeError("paramflags must be a sequence of (int [,string [,value]]) tuples")
        if flag[0] & 3 == 2:
            info = info_of(kind) if isinstance(kind, CType_Type) else None
            if info is None or not (issubclass(kind, (_Pointer, Array)) or info.code in ("P", "z", "Z")):
                raise TypeError(f"'out' parameter must be a pointer type, not {getattr(kind, '__name__', kind)}")
        elif flag[0] & ~0x17 or flag[0] & 3 not in (0, 1, 3):
            raise TypeError(f"paramflag value {flag[0]} not supported")
        checked.append((flag + (None, _NoValue)[len(flag) - 1 :])[:3] if len(flag) < 3 else flag)
    return checked


def _with_paramflags(flags, argtypes, args, kwargs):
    """The arguments of a call, and those that give results (None when there are none)."""
    given = list(args)
    used = 0
    arguments = []
    outputs = []
    for (flag, name, default), kind in zip(flags, argtypes):
        direction = flag & 3
        if flag & 4:
            arguments.append(0 if default is _NoValue else default)
            continue
        if direction == 2:
            target = kind._type_ if issubclass(kind, _Pointer) else kind
            if not isinstance(target, type):
                raise TypeError(f"NULL stgdict for 'out' parameter {name!r}")
            made = target()
            outputs.append(made)
            arguments.append(made if issubclass(kind, Array) else CArgObject("P", addressof(made), made))
            continue
        if given:
            value = given.pop(0)
            used += 1
            if name is not None and name in kwargs:
                raise TypeError(f"argument {name!r} given by name and position")
        elif name is not None and name in kwargs:
            value = kwargs[name]
            used += 1
        elif default is not _NoValue:
            value = default
        elif name is not None:
            raise TypeError(f"required argument '{name}' missing")
        else:
            raise TypeError("not enough arguments")
        if direction == 3:
            target = kind._type_ if issubclass(kind, _Pointer) else kind
            if not isinstance(value, target):
                value = target(value)
            outputs.append(value)
        arguments.append(value)
    if used != len(args) + len(kwargs):
        raise TypeError(f"call takes exactly {used} arguments ({len(args) + len(kwargs)} given)")
    return tuple(arguments), outputs or None


def _spec(cls):
    if issubclass(cls, (Structure, Union)):
        return spec_of(cls)
    return info_of(cls).spec


def _call(function, address, args, argtypes, restype, flags):
    specs, values, kept = [], [], []
    if argtypes:
        required = len(argtypes)
        if len(args) < required:
            plural = "" if required == 1 else "s"
            raise TypeError(f"this function takes at least {required} argument{plural} ({len(args)} given)")
    for number, value in enumerate(args, 1):
        try:
            if argtypes and number <= len(argtypes):
                value = argtypes[number - 1].from_param(value)
            spec, word = _convert(value, number, kept)
        except Exception as error:
            raise ArgumentError(f"argument {number}: {type(error).__name__}: {error}") from None
        specs.append(spec)
        values.append(word)
        kept.append(value)
    inner = _INTERNAL.get(address)
    if inner is not None:
        return inner(*args)
    made = None
    spec = "i"
    if restype is None:
        spec = None
    elif isinstance(restype, CType_Type):
        info = finish(restype)
        if issubclass(restype, (Structure, Union)):
            spec = spec_of(restype)
            made = _foreign.make(restype, info.kind) if info.size >= 8 else _foreign.make(_CData, _WORD)
        elif info.code is None or not isinstance(info.spec, str):
            if issubclass(restype, Array):
                raise TypeError("a function cannot give an array")
            spec = info.spec
            if not isinstance(spec, str):
                made = _foreign.make(restype, info.kind)
        else:
            spec = info.spec
    result = _foreign.call(address, tuple(specs), tuple(values), spec, made, flags)
    if restype is None:
        return None
    if not isinstance(restype, CType_Type):
        return restype(result)
    return _result(restype, result, made)


_WORD = _foreign.kind("B", 1, (16,), 16)


def _result(restype, result, made):
    """The result of a call as a value of its type."""
    info = info_of(restype)
    if made is not None:
        if not isinstance(made, restype):
            complete = _foreign.make(restype, info.kind)
            _foreign.write_bytes(complete, 0, _foreign.read_bytes(made, 0, info.size))
            made = complete
        return info.getter(made, 0) if info.is_simple else made
    if info.is_simple:
        result = _plain_result(info.code, result)
    else:
        memory = _foreign.make(restype, info.kind)
        if info.code == "c":
            _foreign.write_bytes(memory, 0, result)
        else:
            _foreign.write(memory, 0, "I" if info.code == "u" else info.code or "P", ord(result) if info.code == "u" else result)
        result = memory
    check = getattr(restype, "_check_retval_", None)
    return result if check is None else check(result)


def _plain_result(code, word):
    if code == "z":
        return _foreign.string_at(word, -1) if word else None
    if code == "Z":
        return _foreign.wstring_at(word, -1) if word else None
    if code == "P":
        return word or None
    if code == "O":
        return object_at(word)
    return word


def _convert(value, number, kept):
    """Spec and word of an argument; `kept` gets what must live until the call is over."""
    if isinstance(value, CArgObject):
        tag, word = value._tag, value._value
        if isinstance(word, _CData):
            return _spec(type(word)), word
        return tag, word
    if isinstance(value, _CData):
        cls = type(value)
        info = info_of(cls)
        if isinstance(value, (Structure, Union)):
            return spec_of(cls), value
        if isinstance(value, Array):
            return "P", _foreign.address(value)
        if not isinstance(info.spec, str):
            return info.spec, value
        if info.code is None:
            return "P", _foreign.read(value, 0, "P")
        if info.code in ("c", "u"):
            return info.spec, _foreign.read(value, 0, "B" if info.code == "c" else "I")
        return info.spec, _foreign.read(value, 0, info.code)
    if value is None:
        return "P", 0
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise OverflowError("int too long to convert")
        return "i", value
    if isinstance(value, bytes):
        address, memory = bytes_memory(value)
        kept.append(memory)
        return "P", address
    if isinstance(value, str):
        address, memory = text_memory(value)
        kept.append(memory)
        return "P", address
    parameter = getattr(value, "_as_parameter_", None)
    if parameter is not None:
        return _convert(parameter, number, kept)
    raise TypeError(f"Don't know how to convert parameter {number}")


def _make_entry(function, argtypes, restype):
    """What the native side calls for a callback: with the addresses of the arguments, and that for the result."""
    readers = [(kind, info_of(kind)) for kind in argtypes]
    info = None if restype is None else info_of(restype)

    def entry(addresses, result):
        args = []
        for (kind, kind_info), address in zip(readers, addresses):
            made = _foreign.view(kind, kind_info.kind, address, None)
            if kind_info.is_simple:
                args.append(kind_info.getter(made, 0))
            else:
                # The arguments are gone when the function returns; a program may keep what it got.
                copy = _foreign.make(kind, kind_info.kind)
                _foreign.write_bytes(copy, 0, _foreign.read_bytes(made, 0, kind_info.size))
                args.append(copy)
        try:
            value = function(*args)
        except BaseException as error:
            _report(error, "Exception ignored while calling ctypes callback function", function)
            if info is not None:
                _foreign.write_bytes(_foreign.view(_CData, _result_kind(info), result, None), 0, bytes(max(info.size, 8)))
            return
        if restype is None:
            return
        try:
            _store_result(restype, info, result, value)
        except BaseException as error:
            _report(error, "Exception ignored while converting result of ctypes callback function", function)

    return entry


def _result_kind(info):
    """What libffi gives for the result of a callback."""
    size = max(info.size, 8)
    return _foreign.kind("B", 1, (size,), size)


def _store_result(restype, info, address, value):
    """Writes what a callback gave; libffi wants small integers as whole words."""
    if isinstance(value, restype):
        content = _foreign.read_bytes(value, 0, info.size)
        made = _foreign.view(_CData, _foreign.kind("B", 1, (info.size,), info.size), address, None)
        if info.code is None or info.code in "fdg":
            _foreign.write_bytes(made, 0, content)
            return
        value = _foreign.read(value, 0, {"c": "B", "u": "I"}.get(info.code, info.code))
    elif info.setter is None:
        if value is None and issubclass(restype, _Pointer):
            value = 0
        else:
            raise TypeError(f"expected {restype.__name__} instance, got {type(value).__name__}")
    else:
        made = _foreign.make(_CData, _WORD)
        kept = info.setter(made, 0, value)
        if not isinstance(info.spec, str):
            _foreign.copy(address, _foreign.address(made), info.size)
            return
        if info.code == "z" or info.code == "Z":
            if kept is not None:
                import warnings

                # Nobody can tell when the caller is done with the text: it stays.
                _LASTING.append(kept)
                warnings.warn("memory leak in callback function.", RuntimeWarning, 2)
        elif info.code == "O":
            _LASTING.append(kept)
        value = _foreign.read(made, 0, {"c": "B", "u": "I"}.get(info.code, info.code))
    if info.code in ("f", "d", "g"):
        _foreign.poke(address, info.code, value)
    elif info.code is not None and info.code[-1] in "bhilq":
        _foreign.poke(address, "q", value)
    else:
        _foreign.poke(address, "Q", value)


#: What results of callbacks point to.
_LASTING = []


def _report(error, message, function):
    import types

    hook = getattr(sys, "unraisablehook", None)
    if hook is None:
        return
    hook(
        types.SimpleNamespace(
            exc_type=type(error),
            exc_value=error,
            # Without the frame that called the function.
            exc_traceback=error.__traceback__.tb_next or error.__traceback__,
            err_msg=f"{message} {function!r}",
            object=None,
        )
    )


# Functions that `ctypes` calls by address although they are no C functions. Their addresses are those of a few bytes that nobody calls.

_MARKS = _foreign.make(_foreign.Memory, _foreign.kind("B", 1, (64,), 64))


def _mark(index):
    return _foreign.address(_MARKS) + index


def _void_address(value):
    """The address that a `c_void_p` parameter takes."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, CArgObject):
        return value._value
    if isinstance(value, Array):
        return _foreign.address(value)
    if isinstance(value, _CData):
        return _foreign.read(value, 0, "P")
    raise TypeError("wrong type")


def _string_at(pointer, size):
    if isinstance(pointer, bytes):
        return pointer[: size if size >= 0 else None].split(b"\0")[0] if size < 0 else (pointer + b"\0")[:size]
    sys.audit("ctypes.string_at", pointer, size)
    return _foreign.string_at(_void_address(pointer), size)


def _wstring_at(pointer, size):
    if isinstance(pointer, str):
        return pointer.split("\0")[0] if size < 0 else (pointer + "\0")[:size]
    sys.audit("ctypes.wstring_at", pointer, size)
    return _foreign.wstring_at(_void_address(pointer), size)


def _memoryview_at(pointer, size, readonly):
    address = _void_address(pointer)
    if size < 0:
        raise ValueError(f"memoryview_at: size is negative (or overflowed): {size}")
    kind = _foreign.kind("B", 1, (size,), size)
    view = memoryview(_foreign.view(_foreign.Memory, kind, address, None))
    return view.toreadonly() if readonly else view


def _cast(address, source, cls):
    is_pointer = isinstance(cls, type) and (
        issubclass(cls, (_Pointer, CFuncPtr)) or issubclass(cls, _SimpleCData) and info_of(cls).code in ("s", "P", "z", "U", "Z", "X", "O")
    )
    if not is_pointer:
        name = cls.__name__ if isinstance(cls, type) else type(cls).__name__
        raise TypeError(f"cast() argument 2 must be a pointer type, not {name}")
    made = cls()
    if isinstance(source, _CData):
        # Both share what they keep alive, and the new one keeps the old.
        shared = kept_by(source)
        if type(shared) is not dict:
            shared = {}
            outermost = container(source)
            if outermost._objects is not None:
                shared[id(outermost._objects)] = outermost._objects
            _foreign.set_objects(outermost, shared)
        shared[id(source)] = source
        _foreign.set_objects(made, shared)
        word = _foreign.address(source) if isinstance(source, (Array, Structure, Union)) else _foreign.read(source, 0, "P")
    elif isinstance(source, bytes):
        word, memory = bytes_memory(source)
        _foreign.set_objects(made, {id(source): memory})
    elif isinstance(source, str):
        word, memory = text_memory(source)
        _foreign.set_objects(made, {id(source): memory})
    else:
        word = _void_address(address)
        if isinstance(source, CArgObject):
            _foreign.set_objects(made, {id(source): source})
    _foreign.write(made, 0, "P", word)
    return made


_string_at_addr, _wstring_at_addr, _cast_addr, _memoryview_at_addr = (_mark(index) for index in range(1, 5))
_memmove_addr = _foreign.MEMMOVE
_memset_addr = _foreign.MEMSET
_INTERNAL = {
    _string_at_addr: _string_at,
    _wstring_at_addr: _wstring_at,
    _cast_addr: _cast,
    _memoryview_at_addr: _memoryview_at,
}


def dlopen(name, mode=_foreign.RTLD_LOCAL, /):
    """Open a shared library."""
    sys.audit("ctypes.dlopen", name)
    return _foreign.dlopen(name, mode)


def dlsym(handle, name, /):
    """Find symbol in shared library."""
    sys.audit("ctypes.dlsym/handle", handle, name)
    return _foreign.dlsym(handle, name)


def call_function(address, arguments, /):
    """Call a foreign function by address."""
    return _call(None, address, arguments, None, _int_type(), 0)


def call_cdeclfunction(address, arguments, /):
    """Call a foreign function by address."""
    return _call(None, address, arguments, None, _int_type(), _CDECL)


def _int_type():
    from ctypes import c_int

    return c_int


def PyObj_FromPtr(address, /):
    return object_at(address)


def Py_INCREF(value, /):
    """Gives the object back: there are no reference counts."""
    return value


def Py_DECREF(value, /):
    """Gives the object back: there are no reference counts."""
    return value
