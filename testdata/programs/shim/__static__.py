"""What `import __static__` means to a Python that knows nothing of Static Python.

The primitives become the ordinary numbers, the checked containers the ordinary containers, the decorators return
their argument, `cast` checks. Programs that depend on wrap-around or on the integer `/` of primitives behave
differently here; the programs of this folder do not.
"""
from types import UnionType
from typing import Union, get_args, get_origin

int8 = int16 = int32 = int64 = uint8 = uint16 = uint32 = uint64 = int
cbool = bool
double = float
CheckedList = list
CheckedDict = dict
clen = len
crange = range


class Array(list):
    """Array[int64](n): n zeros."""

    def __init__(self, length):
        super().__init__([0] * length)

    def __class_getitem__(cls, element):
        return cls


def box(value):
    return value


def unbox(value):
    return value


def cast(wanted, value):
    if get_origin(wanted) in (Union, UnionType):
        args = get_args(wanted)
        if len(args) != 2 or type(None) not in args:
            raise ValueError("cast expects type or Optional[T]")
        if value is None:
            return None
        wanted = args[0] if args[1] is type(None) else args[1]
    if not isinstance(value, wanted):
        raise TypeError(f"expected '{wanted.__name__}', got '{type(value).__name__}'")
    return value


def prod_assert(value, message=None):
    if not value:
        raise AssertionError(message) if message is not None else AssertionError


def inline(function):
    return function


def dynamic_return(function):
    return function


def allow_weakrefs(cls):
    return cls
