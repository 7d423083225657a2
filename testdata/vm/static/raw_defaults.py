# class-level defaults of primitive fields: what new instances begin with, in subclasses, static or not
import __static__
from __static__ import box, cbool, double, int8, int64, uint64


class C:
    x: int64 = 5
    d: double = 1.5
    b: cbool = True
    y: int = 7
    small: int8 = -3
    big: uint64 = 18446744073709551615
    none: int64


class Same(C):
    pass


class Other(C):
    x: int64 = 9
    more: int64 = 2


class Init(C):
    def __init__(self, x: int64) -> None:
        self.d = 2.5
        if x:
            self.x = x


def shown(c: C) -> str:
    return f"{box(c.x)} {box(c.d)} {box(c.b)} {c.y} {box(c.small)} {box(c.big)} {box(c.none)}"


def made() -> list[str]:
    return [shown(C()), shown(Same()), shown(Other()), shown(Init(0)), shown(Init(4))]


def stored() -> str:
    c = C()
    c.x = 11
    c.b = False
    d = C()
    return f"{box(c.x)} {box(c.b)} {box(d.x)} {box(d.b)}"


def many(n: int) -> int64:
    total: int64 = 0
    for i in range(n):
        c = C()
        total += c.x
        c.x = 1000
        total += Other().more
    return total


namespace: dict[str, object] = {"C": C, "shown": shown}
exec(
    """
class Plain(C):
    x = 21

class Bare(C):
    def __init__(self):
        self.extra = 1

def run():
    import copy
    c = C()
    p = Plain()
    b = Bare()
    print(c.x, c.d, c.b, c.small, c.big, c.none, C.x, p.x, b.x, b.extra, shown(p))
    c.x = 3
    print(copy.copy(c).x, C.__new__(C).x, [Plain().x for _ in range(3)])
""",
    namespace,
)

print(made()[0])  # expect: 5 1.5 True 7 -3 18446744073709551615 0
print(made()[1] == made()[0], made()[2])  # expect: True 9 1.5 True 7 -3 18446744073709551615 0
print(made()[3], made()[4])  # expect: 5 2.5 True 7 -3 18446744073709551615 0 4 2.5 True 7 -3 18446744073709551615 0
print(stored(), box(many(3000)))  # expect: 11 False 5 True 21000
namespace["run"]()
# expect: 5 1.5 True -3 18446744073709551615 0 5 21 5 1 21 1.5 True 7 -3 18446744073709551615 0
# expect: 3 5 [21, 21, 21]
