# untyped callers: arguments are checked and converted on entry, results are boxed
import __static__
from __static__ import box, cbool, double, int8, int64, uint8
from typing import Optional


def i64(x: int64) -> int64:
    return x


def i8(x: int8) -> int8:
    return x


def u8(x: uint8) -> uint8:
    return x


def dbl(x: double) -> double:
    return x * 2.0


def flag(x: cbool) -> cbool:
    return not x


def needs_int(x: int) -> int:
    return x


def needs_str(x: str, y: Optional[str] = None) -> str:
    return x


class A:
    def m(self, x: int) -> int:
        return x


class B(A):
    pass


def needs_a(a: A) -> str:
    return type(a).__name__


def maybe(a: Optional[A]) -> bool:
    return a is None


def number(x: float) -> object:
    return x


def untyped(x, y=2):
    return x, y


def call(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except (TypeError, OverflowError) as e:
        return "TypeError" if isinstance(e, TypeError) else type(e).__name__


print(call(i64, 5), call(i64, -(2**63)), call(i64, True))  # expect: 5 -9223372036854775808 1
print(call(i64, 2**63), call(i64, "x"), call(i64, 1.5), call(i64, None))  # expect: OverflowError TypeError TypeError TypeError
print(call(i8, 127), call(i8, -128), call(i8, 128))  # expect: 127 -128 OverflowError
print(call(u8, 255), call(u8, 256), call(u8, -1))  # expect: 255 OverflowError OverflowError
print(call(dbl, 1.5), call(dbl, "x"), call(dbl, None))  # expect: 3.0 TypeError TypeError
print(call(flag, True), call(flag, False), call(flag, "x"))  # expect: False True TypeError
print(call(needs_int, 7), call(needs_int, True), call(needs_int, 1.0), call(needs_int, None))  # expect: 7 True TypeError TypeError
print(call(needs_str, "s"), call(needs_str, "s", "t"), call(needs_str, "s", None), call(needs_str, 5), call(needs_str, "s", 5))  # expect: s s s TypeError TypeError
print(call(needs_str, x="k"), call(needs_str, y="k"), call(needs_str))  # expect: k TypeError TypeError
print(call(needs_a, A()), call(needs_a, B()), call(needs_a, 5), call(needs_a, None))  # expect: A B TypeError TypeError
print(call(maybe, None), call(maybe, B()), call(maybe, 1))  # expect: True False TypeError
print(call(number, 1), call(number, 1.5), call(number, "anything"))  # expect: 1 1.5 anything
print(call(untyped, 1), call(untyped, "a", None), call(untyped))  # expect: (1, 2) ('a', None) TypeError
print(call(A().m, 3), call(A().m, "x"), call(A.m, B(), 4), call(A.m, 5, 4))  # expect: 3 TypeError 4 TypeError
