# static enums: members, lookups, typed uses of their attributes
import __static__
from __static__ import Enum, IntEnum, StringEnum


class Color(Enum):
    RED = 1
    GREEN = "green"

    def shout(self) -> str:
        return self.name.upper() + "!"


class Size(IntEnum):
    SMALL = 1
    LARGE = 10


class Word(StringEnum):
    YES = "yes"


def shouted(c: Color) -> str:
    return c.shout()


def first() -> int:
    return Color.RED.value


def double(n: int) -> int:
    return n + n


def length(s: str) -> int:
    return len(s)


print(Color.RED, Color.GREEN.value, first())  # expect: Color.RED green 1
print(shouted(Color.GREEN), shouted(Color["RED"]))  # expect: GREEN! RED!
print(Color(1) is Color.RED, Color("green") is Color.GREEN)  # expect: True True
print(double(Size.LARGE), length(Word.YES), Word("yes"))  # expect: 20 3 yes

anything: object = shouted
try:
    anything(1)
except TypeError as error:
    print(error)  # expect: shouted expected 'Color' for argument c, got 'int'
try:
    Color(7)
except ValueError as error:
    print(error)  # expect: Enum type Color has no attribute with value 7
