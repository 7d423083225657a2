# Objects that claim another class, and an `isinstance` that says what it likes: tests never make typed code read what is not there
import __static__
import builtins
from __static__ import box, int64
from typing import Optional


class Account:
    def __init__(self) -> None:
        self.count: int = 7
        self.raw: int64 = 9
        self.next: Optional[Account] = None

    def total(self) -> int:
        return self.count


class Other:
    def __init__(self) -> None:
        self.held: object = None


class Liar:
    @property
    def __class__(self) -> object:
        return Account


def field(x: object) -> int:
    if isinstance(x, Account):
        return x.count
    return -1


def raw_field(x) -> int:
    return box(x.raw) if isinstance(x, Account) else -1


def stored(x) -> int:
    if not isinstance(x, Account):
        return -1
    x.raw = 5
    x.count = 3
    return x.count


def method(x) -> int:
    assert isinstance(x, Account)
    return x.total()


def one_of_two(x) -> int:
    if isinstance(x, (Account, Other)):
        return 1
    return -1


def held(x: Other) -> int:
    if isinstance(x.held, Account):
        return x.held.count
    return -1


def walrus(x) -> int:
    if isinstance(y := x, Account):
        return y.count
    return -1


def length(x) -> int:
    if isinstance(x, list):
        return len(x)
    return -1


def answer(x) -> bool:
    x = isinstance(x, Account)
    return x


def both(x) -> int:
    if isinstance(x, Account) and x.count == 7:
        return 1
    return 0


def attempt(function, argument) -> str:
    try:
        return function.__name__ + " " + str(function(argument))
    except (TypeError, AssertionError) as error:
        return function.__name__ + " " + type(error).__name__ + " " + str(error)


functions = (field, raw_field, stored, method, one_of_two, walrus, length, both, answer)
for function in functions:
    print(attempt(function, Account()))
# expect: field 7
# expect: raw_field 9
# expect: stored 3
# expect: method 7
# expect: one_of_two 1
# expect: walrus 7
# expect: length -1
# expect: both 1
# expect: answer True
for function in functions:
    print(attempt(function, Liar()))
# expect: field TypeError expected 'Account', got 'Liar'
# expect: raw_field TypeError expected 'Account', got 'Liar'
# expect: stored TypeError expected 'Account', got 'Liar'
# expect: method TypeError expected 'Account', got 'Liar'
# expect: one_of_two TypeError expected 'Account | Other', got 'Liar'
# expect: walrus TypeError expected 'Account', got 'Liar'
# expect: length -1
# expect: both TypeError expected 'Account', got 'Liar'
# expect: answer True
other = Other()
other.held = Liar()
print(attempt(held, other))  # expect: held TypeError expected 'Account', got 'Liar'
other.held = Account()
print(attempt(held, other))  # expect: held 7
kept = builtins.isinstance
for says in (True, "yes"):
    builtins.isinstance = lambda value, classes: says
    results = [attempt(function, 3) for function in functions]
    builtins.isinstance = kept
    for result in results:
        print(result)
# expect: field TypeError expected 'Account', got 'int'
# expect: raw_field TypeError expected 'Account', got 'int'
# expect: stored TypeError expected 'Account', got 'int'
# expect: method TypeError expected 'Account', got 'int'
# expect: one_of_two TypeError expected 'Account | Other', got 'int'
# expect: walrus TypeError expected 'Account', got 'int'
# expect: length TypeError expected 'list', got 'int'
# expect: both TypeError expected 'Account', got 'int'
# expect: answer True
# expect: field TypeError expected 'bool', got 'str'
# expect: raw_field TypeError expected 'bool', got 'str'
# expect: stored TypeError expected 'bool', got 'str'
# expect: method TypeError expected 'bool', got 'str'
# expect: one_of_two TypeError expected 'bool', got 'str'
# expect: walrus TypeError expected 'bool', got 'str'
# expect: length TypeError expected 'bool', got 'str'
# expect: both TypeError expected 'bool', got 'str'
# expect: answer TypeError expected 'bool', got 'str'
