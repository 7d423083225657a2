# copying, pickling and slicing keep typed slots and element types
import __static__
import copy
import pickle
from __static__ import CheckedDict, CheckedList, cbool, double, int64
from typing import Any, Optional


class Point:
    def __init__(self, x: int, y: int64) -> None:
        self.x: int = x
        self.y: int64 = y
        self.next: Optional["Point"] = None
        self.later: str

    def show(self) -> str:
        following = self.next
        return f"{self.x}{'' if following is None else following.show()}"


p = Point(1, 2)
p.next = Point(3, 4)


def tried(what: Any) -> object:
    try:
        return what()
    except (AttributeError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


# an unset slot stays unset
for copied in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
    print(copied.x, copied.y, copied.show(), hasattr(copied, "later"), copied.next is p.next)
# expect: 1 2 13 False True
# expect: 1 2 13 False False
# expect: 1 2 13 False False
print(p.__getstate__()[1].keys())  # expect: dict_keys(['next', 'x', 'y'])

# a state of other types is refused
restored: Any = Point.__new__(Point)
print(tried(lambda: setattr(restored, "x", "s")))  # expect: StaticTypeError: expected 'int', got 'str' for attribute 'x'
print(tried(lambda: restored.x), restored.y)  # expect: AttributeError: 'Point' object has no attribute 'x' 0

# what the class says of its slots
print(Point.__slots__, Point.__slot_types__["y"])  # expect: ('later', 'next', 'x', 'y') ('__static__', 'int64', '#')
print(Point.__slot_types__["x"], Point.__slot_types__["later"])  # expect: ('builtins', 'int') ('builtins', 'str')

# containers with element types
numbers = CheckedList[int]([1, 2, 3])
names = CheckedDict[str, int]({"a": 1})


def half(items: CheckedList[int]) -> CheckedList[int]:
    return items[0:2]


def untyped(value: Any) -> Any:
    return value


print(type(half(numbers)).__name__, half(numbers) == [1, 2])  # expect: chklist[int] True
print(tried(lambda: untyped(half(numbers)).append("s")))  # expect: TypeError: bad value 'str' for chklist[int]
print(type(copy.copy(numbers)).__name__, copy.deepcopy(names) == {"a": 1})  # expect: chklist[int] True


def joined(other: Any) -> object:
    d: Any = names
    d |= other
    return d


print(joined({"b": 2}))  # expect: {'a': 1, 'b': 2}
print(tried(lambda: joined({"c": "s"})))  # expect: TypeError: bad value 'str' for chkdict[str, int]
print(tried(lambda: joined([(3, 3)])))  # expect: TypeError: bad key 'int' for chkdict[str, int]
print(names)  # expect: {'a': 1, 'b': 2}
