# What a program puts in the places of builtins is not what typed code was compiled against
import __static__
import builtins
from __static__ import box, clen


def same(x: int) -> int:
    return x


def count(x: list) -> int:
    return len(x)


def copied(x) -> int:
    return box(clen(list(x)))


def shown(x: object) -> str:
    return str(x)


class Loud:
    def __init__(self, value: object = None) -> None:
        pass

    def __len__(self) -> str:
        return "loud"


class Mute:
    def __init__(self, value: object = None) -> None:
        pass


kept = {name: getattr(builtins, name) for name in ("int", "list", "str", "len")}
results: list = []


def attempt(function, argument) -> None:
    try:
        results.append(function(argument))
    except TypeError as error:
        results.append(error.args[0])


builtins.int = kept["str"]
builtins.list = Loud
builtins.str = Mute
builtins.len = lambda x: "long"
attempt(same, "text")
attempt(same, 3)
attempt(count, Loud())
attempt(count, [1])
attempt(copied, (1, 2))
attempt(shown, 3)
for name, value in kept.items():
    setattr(builtins, name, value)
for result in results:
    print(result)
# expect: same expected 'int' for argument x, got 'str'
# expect: 3
# expect: count expected 'list' for argument x, got 'Loud'
# expect: expected 'int', got 'str'
# expect: expected 'list', got 'Loud'
# expect: expected 'str', got 'Mute'
