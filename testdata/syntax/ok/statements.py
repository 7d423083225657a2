"""Every kind of statement."""
from __future__ import annotations
import a.b as c, d
from ..e import (f, g as h,)
from i import *

global_value: int = 1
x = y = z
x, *y = z
x += 1
del x, y[0]
assert x, "no"
pass


@decorator(1)
async def coroutine(a, /, b: int = 2, *args: *Ts, c, d=4, **kwargs) -> None:
    global global_value
    async with m as n, (o):
        await p
    async for q in r:
        yield q
    else:
        return


class C[T: int, *Ts = *tuple[int, ...], **P = [int]](Base, metaclass=Meta):
    type Alias[U] = list[U]

    def method(self):
        def inner():
            nonlocal self
        raise ValueError from None


while True:
    break
else:
    continue_ = 1

for i in 1, *x:
    continue

try:
    pass
except A, B:
    pass
except (A, B) as e:
    pass
else:
    pass
finally:
    pass

try:
    pass
except* A:
    pass

match x:
    case 1 | -2.5 | 1 + 2j | "s" "t" | None:
        pass
    case [a, *_, (b)] if a:
        pass
    case {"k": v, a.b: 1, **rest}:
        pass
    case C(1, x=2) as whole:
        pass
    case _:
        pass

if a:
    pass
elif b:
    pass
else:
    pass
