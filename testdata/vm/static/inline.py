# `@inline`: the call is replaced by what the callee returns, and nothing else can be told from it
import __static__
import sys
from __static__ import box, cast, cbool, double, inline, int8, int64
from typing import Any, Final, Optional, final

LOG: list = []
SCALE: Final[int] = 3


def note(name: str, value: Any) -> Any:
    LOG.append(name)
    return value


@inline
def twice(x: int) -> object:
    return x + x


@inline
def mixed(a: int, b: int = 5, c: int = 7) -> object:
    return (a, b, c, a * b)


# every argument is evaluated once, in the order it is written
def order() -> object:
    LOG.clear()
    return twice(note("x", 4)), mixed(c=note("c", 1), a=note("a", 2)), list(LOG)


print(order())  # expect: (8, (2, 5, 1, 10), ['x', 'c', 'a'])


# an argument that is not used is still evaluated
@inline
def second(a: object, b: object) -> object:
    return b


def unused() -> object:
    LOG.clear()
    return second(note("dropped", 1), note("kept", 2)), list(LOG)


print(unused())  # expect: (2, ['dropped', 'kept'])


# the body sees no variable of the caller, and changes none
@inline
def hides(x: object) -> object:
    return (lambda: x)()


def caller_variables() -> object:
    x = 1
    y = twice(x + 1)
    z = hides("inner")
    return x, y, z


print(caller_variables())  # expect: (1, 4, 'inner')


# primitives stay unboxed, and wrap as in the function
@inline
def add(a: int64, b: int64) -> int64:
    return a * 2 + b


@inline
def narrow(a: int8) -> int8:
    return a + a


@inline
def less(a: int64, b: int64) -> cbool:
    return a < b


@inline
def half(x: double) -> double:
    return x / 2.0


def primitives(n: int) -> object:
    x: int64 = int64(n)
    total: int64 = add(x, add(x, 1))
    if less(total, 100):
        total += 1
    return box(total), box(narrow(100)), box(half(5.0))


print(primitives(4))  # expect: (18, -56, 2.5)


# a dynamic argument is checked, and so is a dynamic result
@inline
def wants(x: int) -> int:
    return cast(int, note("body", x))


@inline
def claims(x: Any) -> str:
    return x


def checked(x: Any) -> object:
    LOG.clear()
    try:
        return wants(x), LOG
    except TypeError as error:
        return str(error), LOG


def result(x: Any) -> object:
    try:
        return claims(x)
    except TypeError as error:
        return str(error)


print(checked(1), checked("s"))  # expect: (1, []) ("expected 'int', got 'str'", [])
print(result("s"), result(2))  # expect: s expected 'str', got 'int'


# inside one another, and by themselves
@inline
def inner(x: int64) -> int64:
    return x + 1


@inline
def outer(x: int64) -> int64:
    return inner(inner(x)) * inner(x)


@inline
def countdown(n: int64) -> int64:
    return 0 if n == 0 else countdown(n - 1) + 1


@inline
def fib(n: int64) -> int64:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def nested(n: int) -> object:
    x: int64 = int64(n)
    return box(outer(x)), box(countdown(x)), box(countdown(50)), box(fib(15))


print(nested(3))  # expect: (20, 3, 50, 610)


# methods, where the implementation is certain
@final
class Point:
    def __init__(self, x: int, y: Optional[int]) -> None:
        self.x = x
        self.y: Optional[int] = y

    @inline
    def height(self) -> int:
        return self.y if self.y is not None else -1

    @inline
    def scaled(self, by: int = SCALE) -> object:
        return self.x * by

    @staticmethod
    @inline
    def zero(n: int64) -> int64:
        return n - n


class Base:
    @inline
    def name(self) -> str:
        return "base"


class Derived(Base):
    def name(self) -> str:
        return "derived"


def show(base: Base) -> str:
    return base.name()


def methods() -> object:
    p = Point(2, None)
    q = Point(3, 9)
    return p.height(), q.height(), p.scaled(), q.scaled(10), box(p.zero(5)), show(Base()), show(Derived())


print(methods())  # expect: (-1, 9, 6, 30, 0, 'base', 'derived')


# what has variables, scopes or a frame of its own stays a call
@inline
def listed(n: int) -> object:
    return [i for i in range(n)]


@inline
def named(n: int) -> object:
    return (m := n) + m


@inline
def own_locals(n: int) -> object:
    return sorted(locals())


class Upper:
    def greet(self) -> str:
        return "upper"


@final
class Lower(Upper):
    @inline
    def greet(self) -> str:
        return super().greet() + "!"


def kept() -> object:
    n = 3
    return listed(n), named(n), own_locals(n), Lower().greet()


print(kept())  # expect: ([0, 1, 2], 6, ['n'], 'upper!')


# a test in the body narrows what stands for the parameter, not the argument
@inline
def length(x: object) -> object:
    return len(x) if isinstance(x, str) else -1


def lengths(x: object) -> object:
    return length(x), length("four"), x


print(lengths(5), lengths("ab"))  # expect: (-1, 4, 5) (2, 4, 'ab')


# exceptions are the call's
@inline
def divide(a: int, b: int) -> object:
    return a / b


def line_of(error: BaseException) -> object:
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_name, trace.tb_lineno - trace.tb_frame.f_code.co_firstlineno


def fails(b: int) -> object:
    try:
        return (
            divide(1, b)
        )
    except ZeroDivisionError as error:
        return str(error), line_of(error)


print(fails(0))  # expect: ('division by zero', ('fails', 3))


# in a loop, in a generator, at module level
def loop(n: int) -> object:
    total: int64 = 0
    for i in range(n):
        total = add(total, int64(i))
    return box(total)


def generator(n: int) -> object:
    for i in range(n):
        yield twice(i)


print(loop(10), list(generator(4)))  # expect: 1013 [0, 2, 4, 6]
print(twice(21), mixed(1))  # expect: 42 (1, 5, 7, 5)


# the function itself is an ordinary one
print(twice.__name__, list(map(twice, [1, 2])))  # expect: twice [2, 4]
try:
    getattr(sys.modules[__name__], "twice")("s")
except TypeError as error:
    print(error)  # expect: twice expected 'int' for argument x, got 'str'
