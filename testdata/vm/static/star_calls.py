# `*x` and `**x` of known callees: by position, by name, with defaults, with primitives, in order, and what is wrong with them
import __static__
from __static__ import box, double, inline, int8, int64
from typing import final


def f(a: int, b: str) -> str:
    return f"{a} {b}"


def g(a: int, b: int = 2, c: str = "c") -> str:
    return f"{a} {b} {c}"


def raw(a: int64, b: double, c: int8) -> int64:
    return a + int64(c)


def raw_defaults(a: int64, b: int64 = 7) -> int64:
    return a * b


def only(a: int, /, b: int) -> int:
    return a * 10 + b


@inline
def twice(a: int64) -> int64:
    return a + a


class Point:
    def __init__(self, x: int64, y: int64 = 5) -> None:
        self.x: int64 = x
        self.y: int64 = y

    def moved(self, by: int, up: int) -> "Point":
        return Point(self.x + int64(by), self.y + int64(up))

    @classmethod
    def at(cls, x: int, y: int) -> str:
        return f"{cls.__name__} {x} {y}"

    @staticmethod
    def total(x: int, y: int) -> int:
        return x + y


@final
class Named:
    def __init__(self, a: int, b: str) -> None:
        self.a: int = a
        self.b: str = b


class Odd(dict):
    def __getitem__(self, key):
        return "odd"


class Iterates:
    def __iter__(self):
        yield 1
        yield "it"


class Endless:
    def __getitem__(self, index):
        return index


def failure(call) -> str:
    try:
        return repr(call())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def positional(x) -> str:
    return f(*x)


def tail(x) -> str:
    return f(1, *x)


def named(x) -> str:
    return g(**x)


def named_tail(x) -> str:
    return g(1, c="z", **x)


def mixed(x) -> str:
    return f(*x, b="kw")


def primitive(x) -> int:
    return box(raw(*x))


def primitive_named(x) -> int:
    return box(raw_defaults(**x))


def positional_only(x) -> int:
    return only(1, **x)


def expanded(x) -> int:
    return box(twice(*x)) + box(twice(**{"a": 4}))


def built(x) -> int:
    p = Point(*x, y=1)
    q = Point(**{"x": 2})
    r = p.moved(*x, up=3)
    return box(p.x * 1000 + p.y * 100 + q.x * 10 + q.y + r.y)


def final_built(x, y) -> str:
    a = Named(*x)
    b = Named(**y)
    return f"{a.a}{a.b}{b.a}{b.b}"


def methods(x) -> str:
    p = Point(1)
    return f"{box(p.moved(*x).x)} {box(p.moved(**{'up': 1, 'by': 2}).y)} {Point.at(*x)} {Point.total(*x)}"


seen: list[str] = []


def note(what: str, value):
    seen.append(what)
    return value


def spied(what: str):
    seen.append(what)
    yield 1


def ordered() -> str:
    # Stars come before keywords, wherever they are written.
    g(a=note("a", 1), **note("named", {"b": 1}), c=note("c", "c"))
    f(b=note("b", "b"), *note("star", (1,)))
    f(*spied("items"), b=note("after", "b"))
    return ",".join(seen)


def looped(n: int) -> int:
    total = 0
    for i in range(n):
        total += len(f(*(i, "x"))) + box(raw(*[i, 0.5, 1])) + box(raw_defaults(**{"a": i}))
    return total


print(positional((1, "b")), positional([2, "c"]), positional(Iterates()), tail("s"), tail({"k": 0}))  # expect: 1 b 2 c 1 it 1 s 1 k
print(named({"a": 1}), named({"c": "x", "a": 3}), named_tail({}), named_tail({"b": 9}), mixed([7]))  # expect: 1 2 c 3 2 x 1 2 z 1 9 z 7 kw
print(primitive((1, 0.5, 3)), primitive_named({"a": 2}), primitive_named({"b": 2, "a": 4}), positional_only({"b": 3}), expanded([3]))  # expect: 4 14 8 13 14
print(built([4]), final_built((1, "x"), {"b": "y", "a": 2}))  # expect: 4129 1x2y
print(methods([2, 3]))  # expect: 3 6 Point 2 3 5
print(ordered())  # expect: a,named,c,star,b,items,after
print(looped(500))  # expect: 1000890

print(failure(lambda: positional((1,))))  # expect: TypeError: missing argument b
print(failure(lambda: positional(())))  # expect: TypeError: missing argument a
print(failure(lambda: positional((1, "b", 2))))  # expect: TypeError: too many values after *: 2 expected
print(failure(lambda: positional(Endless())))  # expect: TypeError: too many values after *: 2 expected
print(failure(lambda: positional(5)))  # expect: TypeError: argument after * must be an iterable, not int
print(failure(lambda: positional(("a", "b"))))  # expect: TypeError: expected 'int', got 'str'
print(failure(lambda: tail((1,))))  # expect: TypeError: expected 'str', got 'int'
print(failure(lambda: named([("a", 1)])))  # expect: TypeError: argument after ** must be a dict, not list
print(failure(lambda: named({})))  # expect: TypeError: missing argument a
print(failure(lambda: named({"a": 1, "d": 2})))  # expect: TypeError: got an unexpected keyword argument 'd'
print(failure(lambda: named({"a": 1, 2: 2})))  # expect: TypeError: keywords must be strings
print(failure(lambda: named_tail({"a": 1})))  # expect: TypeError: got multiple values for argument 'a'
print(failure(lambda: named({"a": "x"})))  # expect: TypeError: expected 'int', got 'str'
print(failure(lambda: named(Odd(a=1))))  # expect: '1 2 c'
print(failure(lambda: primitive((1, 0.5, 300))))  # expect: OverflowError: int overflow
print(failure(lambda: primitive((1.5, 0.5, 3))))  # expect: TypeError: expected 'int', got 'float'
print(failure(lambda: primitive_named({"a": None})))  # expect: TypeError: expected 'int', got 'NoneType'
