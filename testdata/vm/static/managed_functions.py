# functions that run within context managers are called directly, and promise what they promise
import __static__
from __static__ import ContextDecorator, ExcContextDecorator, box, int64
from typing import List, Literal, Optional, final

log: List[str] = []


class Noted(ContextDecorator):
    def __init__(self, name: str) -> None:
        self.name: str = name

    def __enter__(self) -> "Noted":
        log.append("in " + self.name)
        return self

    def __exit__(self, kind: object, value: object, traceback: object) -> Literal[False]:
        log.append("out " + self.name + (" of an exception" if kind else ""))
        return False


class Forgiving(ExcContextDecorator):
    def __exit__(self, kind: object, value: object, traceback: object) -> bool:
        return kind is ValueError


class Fresh(ContextDecorator):
    """A manager for each call."""

    def __init__(self) -> None:
        self.made: int = 0

    def _recreate_cm(self) -> "Noted":
        self.made = self.made + 1
        return Noted("fresh " + str(self.made))


def flush() -> object:
    told = ", ".join(log) or "nothing"
    log.clear()
    return told


@Noted("outer")
@Noted("inner")
def both(x: int) -> int:
    return x + 1


@Noted("raw")
def raw(x: int64) -> int64:
    if x > 10:
        return x * 2
    raise ValueError("small")


@Forgiving()
@Noted("within")
def forgiven(text: str, base: int = 10) -> int:
    return int(text, base)


@Fresh()
def fresh() -> int:
    return 1


@Noted("async")
async def later(x: int) -> int:
    return x * 3


@Noted("generator")
def several(n: int):
    for i in range(n):
        yield i


@Noted("line")
def line(x: int) -> int: return x


@final
class C:
    def __init__(self, n: int) -> None:
        self.n: int = n

    @Noted("method")
    def add(self, by: int) -> int:
        return self.n + by

    @staticmethod
    @Noted("static")
    def apart(x: int) -> int:
        return x

    @classmethod
    @Noted("class")
    def make(cls, n: int) -> "C":
        return C(n)

    @property
    @Noted("getter")
    def value(self) -> int:
        return self.n

    @value.setter
    @Noted("setter")
    def value(self, n: int) -> None:
        self.n = n

    @Forgiving()
    def closes_over(self, text: str) -> int:
        def inner() -> int:
            return int(text) + self.n

        return inner()


def early(x: int) -> int:
    @Noted("nested")
    def inner(y: int) -> int:
        return x + y

    return inner(2)


def run(c: C) -> None:
    print(both(1), flush())
    print(box(raw(11)), flush())
    try:
        raw(1)
    except ValueError as error:
        print(error, flush())
    found: Optional[int] = forgiven("x")
    print(found, forgiven("ff", 16), forgiven(base=2, text="11"), flush())
    print(fresh(), fresh(), flush())
    print(line(4), early(1), flush())
    print(c.add(2), C.apart(3), C.make(9).n, flush())
    c.value = 7
    print(c.value, flush())
    print(c.closes_over("x"), c.closes_over("5"))
    awaited = later(3)
    print(flush())
    try:
        awaited.send(None)
    except StopIteration as done:
        print(done.value, flush())
    values = several(2)
    print(flush())
    print(list(values), flush())


run(C(1))


class Liar(Noted):
    """Nobody can say what code that is not static does."""


def lying() -> None:
    namespace: object = {"Noted": Noted, "ContextDecorator": ContextDecorator}
    exec("class Swallows(Noted):\n    def __exit__(self, *given):\n        return True\n", namespace)
    swallows = namespace["Swallows"]("liar")
    hidden = [name for name in globals() if name.endswith("decorator_0>")]
    print(hidden[:2])
    for function, name in ((both, hidden[0]), (raw, "<raw_decorator_0>")):
        globals()[name] = swallows
        try:
            print(function("x") if function is both else function(1))
        except TypeError as error:
            print(error)


lying()
# expect: 2 in outer, in inner, out inner, out outer
# expect: 22 in raw, out raw
# expect: small in raw, out raw of an exception
# expect: None 255 3 in within, out within of an exception, in within, out within, in within, out within
# expect: 1 1 in fresh 1, out fresh 1, in fresh 2, out fresh 2
# expect: 4 3 in line, out line, in nested, out nested
# expect: 3 3 9 in method, out method, in static, out static, in class, out class
# expect: 7 in setter, out setter, in getter, out getter
# expect: None 12
# expect: nothing
# expect: 9 in async, out async
# expect: nothing
# expect: [0, 1] in generator, out generator
# expect: ['<both_decorator_0>', '<raw_decorator_0>']
# expect: both expected 'int' for argument x, got 'str'
# expect: expected 'int', got 'NoneType'
