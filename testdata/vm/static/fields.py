# dataclasses of static code: descriptions of fields
import __static__
from dataclasses import dataclass, field
from typing import List


@dataclass
class Order:
    name: str = field()
    count: int = field(default=3)
    items: List[str] = field(default_factory=list)
    hidden: int = field(default=7, repr=False, compare=False)


def total(o: Order) -> int:
    return o.count + len(o.items)


a = Order("a")
b = Order("a", items=["x"])
print(a, total(a))  # expect: Order(name='a', count=3, items=[]) 3
print(b, total(b), a == b)  # expect: Order(name='a', count=3, items=['x']) 4 False
a.hidden = 9
print(a == Order("a"), a.hidden)  # expect: True 9
anything: object = Order
try:
    anything(1)
except TypeError as error:
    print(error)  # expect: expected 'str', got 'int' for attribute 'name'


@dataclass(frozen=True)
class Point:
    x: int
    y: int = field(hash=False)
    z: int


# A field without a value has none, whatever the ones around it have.
print(Point(1, 2, 3), hash(Point(1, 2, 3)) == hash((1, 3)))  # expect: Point(x=1, y=2, z=3) True
