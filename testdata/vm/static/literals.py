# Literal types: casts let the value pass, entries and fields every plain int; instances of subclasses never do
import __static__
from typing import Literal
from __static__ import cast


class Odd(int):
    def __add__(self, other: object) -> str:
        return "odd"

    def __neg__(self) -> str:
        return "odd"


def doubled(x: Literal[3]) -> int:
    return x + x


def negated(x: Literal[3]) -> int:
    return -x


def as_three(x) -> int:
    return cast(Literal[3], x)


def assigned(x) -> int:
    y: Literal[3] = x
    return y


def given(x) -> Literal[3]:
    return x


def certain(x) -> bool:
    return cast(Literal[True], x)


class Box:
    def __init__(self, x: int) -> None:
        self.f: Literal[1] = 1


anything: object = doubled


def attempt(function, *arguments) -> None:
    try:
        print(function(*arguments))
    except TypeError as error:
        print(type(error).__name__, error)


attempt(doubled, 3)  # expect: 6
attempt(doubled, 4)  # expect: 8
attempt(doubled, Odd(3))  # expect: StaticTypeError doubled expected 'int' for argument x, got 'Odd'
attempt(negated, True)  # expect: StaticTypeError negated expected 'int' for argument x, got 'bool'
for function in (as_three, assigned, given):
    attempt(function, 3)
    attempt(function, 4)
    attempt(function, Odd(3))
# expect: 3
# expect: TypeError expected 3, got 4
# expect: TypeError expected exactly 'int', got 'Odd'
# expect: 3
# expect: TypeError expected 3, got 4
# expect: TypeError expected exactly 'int', got 'Odd'
# expect: 3
# expect: TypeError expected 3, got 4
# expect: TypeError expected exactly 'int', got 'Odd'
attempt(certain, True)  # expect: True
attempt(certain, False)  # expect: TypeError expected True, got False
attempt(certain, 1)  # expect: TypeError expected exactly 'bool', got 'int'
attempt(setattr, Box(1), "f", Odd(1))  # expect: StaticTypeError expected 'int', got 'Odd' for attribute 'f'
