# Pickling, copying and merging of deques and default dictionaries; partial objects.
import collections
import copy
import functools
import itertools
import operator
import pickle


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


class Deque(collections.deque):
    pass


deque = Deque("ab")
deque.mark = 7
show(lambda: pickle.loads(pickle.dumps(deque)).mark)  # expect: 7
show(lambda: copy.deepcopy(deque).mark)  # expect: 7
show(lambda: copy.copy(deque).mark)  # expect: AttributeError 'Deque' object has no attribute 'mark'
iterator = iter(collections.deque("abc"))
next(iterator)
show(lambda: list(pickle.loads(pickle.dumps(iterator))))  # expect: ['b', 'c']
show(lambda: list(type(iter(deque))(deque, 1)))  # expect: ['b']
show(lambda: list(type(reversed(deque))(deque)))  # expect: ['b', 'a']
deque.append(deque)
show(lambda: deque)  # expect: Deque(['a', 'b', [...]])
numbers = collections.defaultdict(int, a=1)
show(lambda: numbers | {"b": 2})  # expect: defaultdict(<class 'int'>, {'a': 1, 'b': 2})
show(lambda: {"b": 2} | numbers)  # expect: defaultdict(<class 'int'>, {'b': 2, 'a': 1})
show(lambda: numbers | 3)  # expect: TypeError unsupported operand type(s) for |: 'collections.defaultdict' and 'int'
conflict = collections.defaultdict(lambda: conflict.setdefault("k", 5) and 6)
show(lambda: (conflict["k"], dict(conflict)))  # expect: (5, {'k': 5})


class Own(collections.defaultdict):
    def __init__(self):
        self.default_factory = self.make

    def make(self):
        return []


show(lambda: repr(Own()).count("make"))  # expect: 1
partial = functools.partial(print, 1)


def clear():
    del partial.__dict__


show(clear)  # expect: TypeError cannot delete __dict__


class Partial(functools.partial):
    pass


show(lambda: Partial(Partial(print, functools.Placeholder, 1), 0).args)  # expect: (0, 1)


class Cycle(itertools.cycle):
    def __init__(self, items, mark=None):
        self.mark = mark


show(lambda: Cycle([1], mark=3).mark)  # expect: 3
show(lambda: itertools.cycle([1], mark=3))  # expect: TypeError cycle() takes no keyword arguments
show(lambda: operator.length_hint(itertools.repeat(None)))  # expect: 0
show(lambda: operator.length_hint(itertools.repeat(None, 4)))  # expect: 4
