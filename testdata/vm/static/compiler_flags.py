# under the flags the names `dict` and `list` of the module mean the checked generics
import __static__
from __static__ import CheckedDict, CheckedList
from __static__.compiler_flags import checked_dicts, checked_lists
from typing import Any


def numbers() -> list[int]:
    return list[int]((1, 2))


def ages() -> dict[str, int]:
    return dict[str, int](x=42)


def displayed() -> object:
    return type([1, 2]).__name__, type({"a": 1}).__name__


def tried(what: Any) -> object:
    try:
        return what()
    except TypeError as error:
        return str(error)


def untyped(value: Any) -> Any:
    return value


print(numbers(), type(numbers()) == CheckedList[int])  # expect: [1, 2] True
print(ages(), type(ages()) == CheckedDict[str, int])  # expect: {'x': 42} True
print(displayed())  # expect: ('chklist[int]', 'chkdict[str, int]')
print(tried(lambda: untyped(numbers()).append("s")))  # expect: bad value 'str' for chklist[int]


# the open generic has no instances
def open_dict() -> object:
    return dict(x=42)


print(tried(open_dict))  # expect: cannot create '__static__.chkdict[K, V]' instances
