"""Names of `__static__` that are written in Python; `__static__` fetches them when they are first asked for.

Static code knows these classes by their specification; here is what they do when they run.
"""
from typing import TypeVar as _TypeVar
from __static__ import _check_awaited, _native_callable, int64 as ssize_t, uint64 as size_t

_functions = (type(lambda: None), staticmethod, classmethod, property)
byte = bytes
pydict = PyDict = dict
TClass = _TypeVar("TClass", bound=type)
checked_dicts = checked_lists = noframe = shadow_frame = None


class ClassDecorator:
    """Annotation of functions that take a class and give it back."""


class StaticGeneric:
    """Base of classes whose type arguments exist at run time."""

    def __class_getitem__(cls, arguments):
        return cls


def mixin(cls):
    """Lets a class be combined with static ones: it is an ordinary class."""
    return cls


def _donotcompile(target):
    return target


async def _awaited(awaitable, type, name):
    """What an override of a coroutine function gave; its result is checked."""
    return _check_awaited(await awaitable, type, name)


def native(library):
    """A function of a C library, which only static code may call."""

    def decorate(function):
        return _native_callable(function, library)

    return decorate


def _is_member(name, value):
    if name.startswith("_"):
        return False
    kind = type(value)
    return not (isinstance(value, _functions) or hasattr(kind, "__get__"))


class _EnumType(type):
    def __new__(metaclass, name, bases, namespace, **keywords):
        if not bases or namespace.get("__module__") == __name__:
            return super().__new__(metaclass, name, bases, namespace)
        if len(bases) > 1:
            shown = ", ".join(base.__name__ for base in bases)
            raise TypeError(f"Static Enum types cannot support multiple bases: {shown}")
        base = bases[0]
        if type(base) is _EnumType and base._members_:
            raise TypeError(f"Static {base.__base__.__name__} types do not allow subclassing")
        values = {key: value for key, value in namespace.items() if _is_member(key, value)}
        rest = {key: value for key, value in namespace.items() if key not in values}
        cls = super().__new__(metaclass, name, bases, rest)
        members = {}
        for key, value in values.items():
            cls._check_value(value)
            member = cls._make(value)
            object.__setattr__(member, "name", key)
            object.__setattr__(member, "value", value)
            members[key] = member
            type.__setattr__(cls, key, member)
        type.__setattr__(cls, "_members_", members)
        type.__setattr__(cls, "__members__", members)
        return cls

    def __call__(cls, *arguments):
        if len(arguments) != 1:
            raise TypeError(f"{cls.__name__}() requires a single argument ({len(arguments)} given)")
        return cls._look_up(arguments[0])

    def _look_up(cls, value):
        if type(value) is cls:
            return value
        found = None
        for member in cls._members_.values():
            if member.value == value:
                found = member
        if found is None:
            raise ValueError(f"Enum type {cls.__name__} has no attribute with value {value!r}")
        return found

    def __getitem__(cls, name):
        return cls._members_[name]

    def __iter__(cls):
        return iter(cls._members_.values())

    def __reversed__(cls):
        return reversed(list(cls._members_.values()))

    def __len__(cls):
        return len(cls._members_)

    def __contains__(cls, member):
        return isinstance(member, cls)

    def __bool__(cls):
        return True

    def __setattr__(cls, name, value):
        if name in cls._members_:
            raise AttributeError("Static Enum values cannot be modified or deleted")
        super().__setattr__(name, value)

    def __delattr__(cls, name):
        if name in cls._members_:
            raise AttributeError("Static Enum values cannot be modified or deleted")
        super().__delattr__(name)


class Enum(metaclass=_EnumType):
    _members_ = {}

    @classmethod
    def _make(cls, value):
        return object.__new__(cls)

    @classmethod
    def _check_value(cls, value):
        pass

    def __setattr__(self, name, value):
        raise AttributeError("Enum values cannot be modified or deleted")

    def __delattr__(self, name):
        raise AttributeError("Enum values cannot be modified or deleted")

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def __repr__(self):
        return f"<{type(self).__name__}.{self.name}: {self.value!r}>"

    def __str__(self):
        return f"{type(self).__name__}.{self.name}"

    def __dir__(self):
        return ["name", "value"]

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        return type(self), (self.value,)


class IntEnum(Enum, int):
    __eq__ = int.__eq__
    __hash__ = int.__hash__

    @classmethod
    def _make(cls, value):
        return int.__new__(cls, value)

    @classmethod
    def _check_value(cls, value):
        if not isinstance(value, int):
            raise TypeError(f"IntEnum values must be int, not {type(value).__name__}")


class StringEnum(Enum, str):
    __eq__ = str.__eq__
    __hash__ = str.__hash__

    @classmethod
    def _make(cls, value):
        return str.__new__(cls, value)

    @classmethod
    def _check_value(cls, value):
        if not isinstance(value, str):
            raise TypeError(f"StringEnum values must be str, not {type(value).__name__}")

    @classmethod
    def _look_up(cls, value):
        if isinstance(value, bytes):
            value = value.decode()
        return type(cls)._look_up(cls, value)

    def __str__(self):
        return str(self.value)


def _is_async(function):
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & 0x180)


def _named_like(wrapper, function):
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__defaults__", "__kwdefaults__"):
        try:
            setattr(wrapper, name, getattr(function, name))
        except (AttributeError, TypeError):
            pass
    wrapper.__wrapped__ = function
    wrapper.__dict__.update({k: v for k, v in function.__dict__.items() if k != "__wrapped__"})
    return wrapper


class ExcContextDecorator:
    """A context manager that is a decorator as well; it may swallow exceptions."""

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return False

    def _recreate_cm(self):
        return self

    def __call__(self, function):
        if _is_async(function):

            async def wrapper(*arguments, **keywords):
                with self._recreate_cm():
                    return await function(*arguments, **keywords)

        else:

            def wrapper(*arguments, **keywords):
                with self._recreate_cm():
                    return function(*arguments, **keywords)

        return _named_like(wrapper, function)


class ContextDecorator(ExcContextDecorator):
    """A context manager that is a decorator as well; it never swallows exceptions."""
