# functions that run within a context manager, called from typed code
import __static__
from __static__ import ContextDecorator, ExcContextDecorator
from typing import List, Optional

log: List[str] = []


class Noted(ContextDecorator):
    def __enter__(self) -> "Noted":
        log.append("in")
        return self


class Forgiving(ExcContextDecorator):
    def __exit__(self, kind: object, value: object, traceback: object) -> bool:
        return kind is ValueError


@Noted()
def twice(x: int) -> int:
    return x + x


@Forgiving()
def parsed(text: str) -> int:
    return int(text)


class C:
    @Forgiving()
    def number(self, text: str) -> int:
        return int(text)


def run(c: C) -> None:
    print(twice(4), log)
    found: Optional[int] = parsed("x")
    print(found, parsed("12"), c.number("y"), c.number("3"))


run(C())
# expect: 8 ['in']
# expect: None 12 None 3
