# calls: keywords, defaults, virtual methods, super, final, inline, properties, static and class methods
import __static__
from __static__ import box, cbool, double, inline, int64
from typing import ClassVar, final


def f(a: int, b: int = 2, c: str = "c") -> str:
    return f"{a} {b} {c}"


def prim(a: int64, b: int64 = 10, c: double = 0.5) -> int64:
    if c > 0.4:
        return a + b
    return a - b


@inline
def triple(x: int64) -> int64:
    return x * 3


class Shape:
    made: ClassVar[int] = 0

    def __init__(self, name: str) -> None:
        self.name: str = name

    def area(self) -> int64:
        return 0

    def describe(self) -> str:
        return f"{self.name} {box(self.area())}"

    @property
    def title(self) -> str:
        return self.name.upper()

    @staticmethod
    def unit() -> int64:
        return 1

    @classmethod
    def make(cls, name: str) -> "Shape":
        return Shape(name)


class Rect(Shape):
    def __init__(self, w: int64, h: int64) -> None:
        super().__init__("rect")
        self.w: int64 = w
        self.h: int64 = h

    def area(self) -> int64:
        return self.w * self.h

    @property
    def title(self) -> str:
        return "R:" + super().title


@final
class Square(Rect):
    def __init__(self, w: int64) -> None:
        Rect.__init__(self, w, w)

    def describe(self) -> str:
        return "square " + super().describe()


def areas(shapes: list[Shape]) -> int:
    total: int64 = 0
    for shape in shapes:
        s: Shape = shape
        total += s.area()
    return box(total)


def even(n: int64) -> cbool:
    if n == 0:
        return True
    return odd(n - 1)


def odd(n: int64) -> cbool:
    if n == 0:
        return False
    return even(n - 1)


def fib(n: int64) -> int64:
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def keywords() -> list[str]:
    return [f(1), f(1, 5), f(1, c="x"), f(b=3, a=1), f(c="z", b=0, a=9)]


def prims() -> list[int]:
    return [box(prim(1)), box(prim(1, 2)), box(prim(1, c=0.1)), box(prim(b=5, a=4)), box(triple(7)), box(triple(prim(1)))]


def titles() -> list[str]:
    s: Shape = Rect(1, 2)
    return [s.title, Shape("a").title, Shape.make("made").title]


calls: list[str] = []


def note(name: str) -> int:
    calls.append(name)
    return len(calls)


print(keywords())  # expect: ['1 2 c', '1 5 c', '1 2 x', '1 3 c', '9 0 z']
print(prims())  # expect: [11, 3, -9, 9, 21, 33]
print(Shape("s").describe(), Rect(3, 4).describe(), Square(5).describe())  # expect: s 0 rect 12 square rect 25
print(areas([Shape("s"), Rect(2, 3), Square(4)]), titles(), box(Shape.unit()))  # expect: 22 ['R:RECT', 'A', 'MADE'] 1
print(box(even(10)), box(odd(10)), box(fib(20)), f(note("a"), note("b")), f(b=note("c"), a=note("d")), calls)  # expect: True False 6765 1 2 c 4 3 c ['a', 'b', 'c', 'd']
