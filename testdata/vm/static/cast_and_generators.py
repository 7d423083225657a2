# cast, dynamic values, generators and coroutines in static code
import __static__
from __static__ import box, cast, double, int64
from typing import Any, Iterator, Optional


def length(x: Any) -> int:
    return len(cast(list, x))


def text(x: object) -> str:
    return cast(str, x).upper()


def maybe(x: object) -> bool:
    return cast(Optional[str], x) is None


def from_dynamic(x: Any) -> int64:
    return int64(x) * 2


def to_double(x: Any) -> double:
    return double(x) + 0.5


def count(n: int64) -> Iterator[int]:
    i: int64 = 0
    while i < n:
        yield box(i)
        i += 1


def running(start: int64):
    total: int64 = start
    while True:
        got = yield box(total)
        total += int64(got)


async def twice(x: int64) -> int:
    return box(x * 2)


async def chained(n: int64) -> int:
    total: int64 = 0
    i: int64 = 0
    while i < n:
        total += int64(await twice(i))
        i += 1
    return box(total)


def drive(c):
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


def attempt(f, *args):
    try:
        return f(*args)
    except (TypeError, OverflowError) as e:
        return "TypeError" if isinstance(e, TypeError) else type(e).__name__


def closure(n: int):
    def inner(k: int) -> int:
        return n + k

    return inner


def checked(x: int) -> int:
    try:
        if x < 0:
            raise ValueError("negative")
        return x
    except ValueError as e:
        return -1
    finally:
        seen.append(x)


seen: list[int] = []
g = running(10)
print(length([1, 2]), attempt(length, "ab"), text("abc"), attempt(text, 5), maybe(None), maybe("s"), attempt(maybe, 1))  # expect: 2 TypeError ABC TypeError True False TypeError
print(box(from_dynamic(21)), attempt(from_dynamic, "x"), attempt(from_dynamic, 2**64), box(to_double(1.5)), attempt(to_double, "x"))  # expect: 42 TypeError OverflowError 2.0 TypeError
print(list(count(4)), sum(count(100)), next(g), g.send(5), g.send(-20))  # expect: [0, 1, 2, 3] 4950 10 15 -5
print(drive(chained(10)), closure(5)(3), attempt(closure(5), "x"))  # expect: 90 8 TypeError
print(checked(5), checked(-3), seen)  # expect: 5 -1 [5, -3]
