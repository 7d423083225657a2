# defaults of raw fields that change while the program runs: open classes, subclasses with and without defaults of their own
import __static__
from __static__ import box, double, int8, int64
from __strict__ import mutable


@mutable
class C:
    x: int64 = 3
    d: double = 1.5
    n: int8 = 4

    def get(self) -> int64:
        return self.x


@mutable
class D(C):
    pass


@mutable
class Own(C):
    x: int64 = 30


def read(c: C) -> object:
    return box(c.x), box(c.d), box(c.n), box(c.get())


def total(n: int) -> object:
    sum: int64 = 0
    for i in range(n):
        sum += C().x + D().x
    return box(sum)


def attempt(call) -> object:
    try:
        return call()
    except Exception as error:
        return type(error).__name__, str(error)


def run() -> None:
    old = C()
    E = type("E", (D,), {})
    F = type("F", (D,), {"x": 11})
    print(read(C()), read(D()), read(Own()), read(E()), read(F()), total(100))
    setattr(C, "x", 7)
    print(C.x, D.x, Own.x, E.x, F.x)
    print(read(C()), read(D()), read(Own()), read(E()), read(F()), box(old.x), total(100))
    setattr(D, "x", 8)
    print(read(C()), read(D()), read(Own()), read(E()), read(F()), total(100))
    delattr(D, "x")
    print(attempt(lambda: read(D())), read(C()), read(F()))
    setattr(C, "n", 5)
    print(read(D())[2], C.n)
    setattr(C, "d", 2.5)
    print(read(C())[1], read(E())[1], read(F())[1])


run()
# expect: (3, 1.5, 4, 3) (3, 1.5, 4, 3) (30, 1.5, 4, 30) (3, 1.5, 4, 3) (11, 1.5, 4, 11) 600
# expect: 7 7 30 7 11
# expect: (7, 1.5, 4, 7) (7, 1.5, 4, 7) (30, 1.5, 4, 30) (7, 1.5, 4, 7) (11, 1.5, 4, 11) 3 1400
# expect: (7, 1.5, 4, 7) (8, 1.5, 4, 8) (30, 1.5, 4, 30) (8, 1.5, 4, 8) (11, 1.5, 4, 11) 1500
# expect: (7, 1.5, 4, 7) (7, 1.5, 4, 7) (11, 1.5, 4, 11)
# expect: 5 5
# expect: 2.5 2.5 2.5
