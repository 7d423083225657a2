# `@native`: symbols of C libraries, called with raw integers from static code only
import __static__
from __static__ import box, cbool, char, int8, int16, int32, int64, native, uint8, uint32, uint64
from typing import Any, Final

LIBC: Final[str] = "libc.so.6"


@native("libc.so.6")
def labs(i: int64) -> int64:
    pass


@native(LIBC)
def abs(i: int32) -> int32:
    pass


@native(LIBC)
def toupper(c: int32) -> int32:
    pass


@native(LIBC)
def ffsll(bits: int64) -> int32:
    pass


@native(LIBC)
def srand(seed: uint32) -> None:
    pass


@native(LIBC)
def toascii(c: int32) -> cbool:
    pass


@native("libno-such-library.so.0")
def nothing(i: int64) -> int64:
    pass


@native(LIBC)
def no_such_symbol_in_the_library() -> int64:
    pass


def use(n: int) -> object:
    x: int64 = int64(n)
    y: int32 = int32(x)
    return box(labs(x)), box(abs(y)), box(toupper(97)), box(ffsll(64)), srand(1), box(toascii(1)), box(toascii(0))


print(use(-7))  # expect: (7, 7, 65, 7, None, True, False)


# in a loop, and where the result is used at once
def total(n: int) -> int:
    sum: int64 = 0
    i: int64 = 0
    while i < int64(n):
        sum += labs(0 - i)
        i += 1
    return box(sum)


print(total(1000))  # expect: 499500


# arguments are evaluated and checked as for any typed call
def checked(x: Any) -> object:
    try:
        return box(labs(int64(x)))
    except (TypeError, OverflowError) as error:
        return f"{type(error).__name__}: {error}"


print(checked(-3), checked("s"))  # expect: 3 TypeError: expected 'int', got 'str'
print(checked(1 << 70))  # expect: OverflowError: int overflow


# what cannot be found is told at the first call
def missing_library() -> object:
    try:
        return box(nothing(1))
    except RuntimeError as error:
        return str(error).split(": lib")[0]


def missing_symbol() -> object:
    try:
        return box(no_such_symbol_in_the_library())
    except RuntimeError as error:
        return str(error).split(": ")[:2]


print(missing_library())  # expect: classloader: Could not load library 'libno-such-library.so.0'
print(missing_symbol())  # expect: ['classloader', "unable to lookup 'no_such_symbol_in_the_library' in 'libc.so.6'"]


# everybody else is refused
def from_elsewhere(f: Any) -> object:
    try:
        return f(1)
    except RuntimeError as error:
        return str(error)


print(from_elsewhere(labs))  # expect: native callable 'labs' can only be called from static modules
print(labs, labs.__name__)  # expect: <native callable 'labs' of 'libc.so.6'> labs


# `char` is a small number
def char_value(c: char) -> char:
    return c + 1


def char_box(c: char) -> object:
    return box(c)


def through(f: Any, value: Any) -> object:
    try:
        return f(value)
    except (OverflowError, TypeError) as error:
        return str(error)


print(through(char_value, 126), through(char_value, 127), char_box(-5))  # expect: 127 -128 -5
print(through(char_box, 128))  # expect: int overflow
print(through(char_box, "a"))  # expect: char_box expected 'int' for argument c, got 'str'
