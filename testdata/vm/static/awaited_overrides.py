# what awaiting an override of a typed coroutine function gives is checked before typed code sees it
import __static__
from typing import Any, Optional


class C:
    async def f(self) -> int:
        return 1

    async def opt(self) -> Optional[int]:
        return None

    async def twice(self) -> object:
        return await self.f(), await self.f()


async def both(c: C) -> object:
    return await c.f(), await c.opt()


def give(c: C) -> object:
    return c.f()


def run(coroutine: Any) -> object:
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value
    except TypeError as error:
        return f"{type(error).__name__}: {error}"


def foreign(**members: Any) -> Any:
    return type("D", (C,), members)()


async def text(self: Any) -> Any:
    return "s"


async def number(self: Any) -> Any:
    return 7


print(run(both(C())), run(C().twice()))  # expect: (1, None) (1, 1)

# right results come through
print(run(both(foreign(f=number, opt=number))), run(foreign(f=number).twice()))  # expect: (7, 7) (7, 7)

# wrong ones do not, whoever awaits
print(run(both(foreign(f=text))))  # expect: StaticTypeError: unexpected return type from D.f, expected int, got str
print(run(both(foreign(opt=text))))  # expect: StaticTypeError: unexpected return type from D.opt, expected Optional[int], got str
print(run(give(foreign(f=text))))  # expect: StaticTypeError: unexpected return type from D.f, expected int, got str


# exceptions, and what is thrown in, pass through
class Waiting:
    def __await__(self) -> Any:
        try:
            yield "waits"
        except KeyError as error:
            return error.args[0]


def waits(self: Any) -> Any:
    return Waiting()


def throws(value: object) -> object:
    coroutine: Any = give(foreign(f=waits))
    first = coroutine.send(None)
    try:
        coroutine.throw(KeyError(value))
    except StopIteration as end:
        return first, end.value
    except TypeError as error:
        return first, f"{type(error).__name__}: {error}"


print(throws(3))  # expect: ('waits', 3)
print(throws("s"))  # expect: ('waits', 'StaticTypeError: unexpected return type from D.f, expected int, got str')
print(run(both(foreign(f=lambda self: 5))))  # expect: TypeError: 'int' object can't be awaited
