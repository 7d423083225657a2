# Messages show a builtin class by the name it was declared with, its signature where it has one.
import collections
import datetime
import functools
import inspect
import itertools
import operator
import re
import types


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


day, deque, match = datetime.date(2020, 1, 1), collections.deque(), re.match("a", "a")
show(lambda: day < 1)  # expect: TypeError '<' not supported between instances of 'datetime.date' and 'int'
show(lambda: day[0])  # expect: TypeError 'datetime.date' object is not subscriptable
show(lambda: deque.nope)  # expect: AttributeError 'collections.deque' object has no attribute 'nope'
show(lambda: setattr(deque, "nope", 1))
# expect: AttributeError 'collections.deque' object has no attribute 'nope' and no __dict__ for setting new attributes
show(lambda: iter(match))  # expect: TypeError 're.Match' object is not iterable
show(lambda: iter(int | str))  # expect: TypeError 'typing.Union' object is not iterable
show(lambda: re.compile("a") + 1)  # expect: TypeError unsupported operand type(s) for +: 're.Pattern' and 'int'
show(lambda: collections.deque.nope)  # expect: AttributeError type object 'collections.deque' has no attribute 'nope'
show(lambda: datetime.date.replace)  # expect: <method 'replace' of 'datetime.date' objects>
show(lambda: collections.deque.append(1))
# expect: TypeError descriptor 'append' for 'collections.deque' objects doesn't apply to a 'int' object
show(lambda: type("X", (type(match),), {}))  # expect: TypeError type 're.Match' is not an acceptable base type
show(lambda: str.__dict__["maketrans"].__func__.__qualname__)  # expect: str.maketrans
show(lambda: str.maketrans.__self__)  # expect: None
show(lambda: str.maketrans.__reduce__())  # expect: (<built-in function getattr>, (<class 'str'>, 'maketrans'))
show(lambda: (...).__reduce__())  # expect: Ellipsis
show(lambda: NotImplemented.__reduce__())  # expect: NotImplemented
for kind in (list, dict, bool, enumerate, map, zip, functools.partial, itertools.chain, operator.itemgetter, types.FunctionType, property):
    show(lambda: (kind.__name__, str(inspect.signature(kind))))
# expect: ('list', '(iterable=(), /)')
# expect: ValueError no signature found for builtin type <class 'dict'>
# expect: ('bool', '(object=False, /)')
# expect: ('enumerate', '(iterable, start=0)')
# expect: ('map', '(function, iterable, /, *iterables, strict=False)')
# expect: ('zip', '(*iterables, strict=False)')
# expect: ('partial', '(func, /, *args, **keywords)')
# expect: ('chain', '(*iterables)')
# expect: ('itemgetter', '(item, /, *items)')
# expect: ('function', '(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)')
# expect: ('property', '(fget=None, fset=None, fdel=None, doc=None)')
show(lambda: types.GeneratorType[int, str, None])  # expect: generator[int, str, None]
show(lambda: types.CoroutineType[int, str, None])  # expect: coroutine[int, str, None]


class Path:
    __fspath__ = None


import os
show(lambda: os.fspath(Path()))  # expect: TypeError expected str, bytes or os.PathLike object, not Path
show(lambda: os.fspath(day))  # expect: TypeError expected str, bytes or os.PathLike object, not date
