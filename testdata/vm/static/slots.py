# typed slots: layout, defaults, foreign writes, unset values
import __static__
from __static__ import box, cbool, double, int8, int64
from typing import ClassVar, Final, Optional


class P:
    x: int
    name: Optional[str]
    count: int64
    ratio: double
    on: cbool
    small: int8
    anything: object

    def __init__(self, x: int) -> None:
        self.x = x
        self.name = None

    def bump(self, by: int64) -> int64:
        self.count += by
        return self.count

    def scale(self, by: double) -> double:
        self.ratio = self.ratio + by
        return self.ratio


class Q(P):
    extra: str

    def __init__(self, x: int, extra: str) -> None:
        super().__init__(x)
        self.extra = extra


class D:
    limit: int = 10
    kind: ClassVar[str] = "class variable"
    fixed: Final[int] = 7

    def total(self) -> int:
        return self.limit + 1


class Infer:
    def __init__(self, a: int, b: str) -> None:
        self.a: int = a
        self.b = b


def get(o, name):
    try:
        return getattr(o, name)
    except AttributeError:
        return "AttributeError"


def put(o, name, value):
    try:
        setattr(o, name, value)
        return "stored"
    except (TypeError, AttributeError, OverflowError) as e:
        return "TypeError" if isinstance(e, TypeError) else type(e).__name__


p = P(1)
q = Q(2, "e")
d = D()
n = Infer(1, "b")
print(p.x, p.name, p.count, p.ratio, p.on, p.small)  # expect: 1 None 0 0.0 False 0
print(get(p, "anything"), get(p, "extra"), get(p, "__dict__"))  # expect: AttributeError AttributeError AttributeError
print(put(p, "x", 5), put(p, "x", "no"), put(p, "x", None), p.x)  # expect: stored TypeError TypeError 5
print(put(p, "name", "n"), put(p, "name", None), put(p, "name", 5), p.name)  # expect: stored stored TypeError None
print(put(p, "count", 9), put(p, "count", 2**70), put(p, "count", "x"), get(p, "count"))  # expect: stored OverflowError TypeError 9
print(put(p, "ratio", 1.5), put(p, "on", True), get(p, "ratio"), get(p, "on"))  # expect: stored stored 1.5 True
print(put(p, "unknown", 1), put(p, "anything", [1]), get(p, "anything"))  # expect: AttributeError stored [1]
print(p.bump(5), p.bump(-20), p.scale(0.25))  # expect: 14 -6 1.75
print(q.x, q.extra, q.name, isinstance(q, P), put(q, "extra", 5), put(q, "x", 3), q.x)  # expect: 2 e None True TypeError stored 3
print(d.limit, D.limit, d.total(), put(d, "limit", 20), d.total(), D.limit)  # expect: 10 10 11 stored 21 10
print(D.kind, d.kind, D.fixed, put(d, "limit", "x"))  # expect: class variable class variable 7 TypeError
print(n.a, n.b, put(n, "a", "x"), put(n, "b", 5), get(n, "b"))  # expect: 1 b TypeError stored 5


class Node:
    next: Optional["Node"] = None
    weight: int = 1


first = Node()
print(first.next, Node.next, first.weight)  # expect: None None 1
first.next = Node()
print(first.next.weight, Node.next, put(first, "next", 5))  # expect: 1 None TypeError
