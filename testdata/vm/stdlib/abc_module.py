# abstract base classes
from abc import ABC, abstractmethod, ABCMeta, abstractproperty
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @property
    @abstractmethod
    def name(self): ...
    def describe(self): return f"{self.name}: {self.area()}"
class Sq(Shape):
    def __init__(self, s): self.s = s
    def area(self): return self.s ** 2
    name = "square"
class Half(Shape):
    def area(self): return 0
print(Sq(3).describe(), sorted(Shape.__abstractmethods__), Sq.__abstractmethods__ == frozenset(), isinstance(Sq(1), Shape))
# expect: square: 9 ['area', 'name'] True True
for c in (Shape, Half):
    try:
        c()
    except TypeError as e:
        print(e)
# expect: Can't instantiate abstract class Shape without an implementation for abstract methods 'area', 'name'
# expect: Can't instantiate abstract class Half without an implementation for abstract method 'name'
class Duck(metaclass=ABCMeta):
    @classmethod
    def __subclasshook__(cls, c):
        if cls is Duck:
            return any("quack" in k.__dict__ for k in c.__mro__) or NotImplemented
        return NotImplemented
class Donald:
    def quack(self): pass
class Reg: pass
Duck.register(Reg)
print(issubclass(Donald, Duck), isinstance(Donald(), Duck), issubclass(Reg, Duck), issubclass(int, Duck), isinstance(5, Duck))
# expect: True True True False False
from collections.abc import Iterable, Sized, Sequence, Mapping, MutableMapping, Hashable, Callable, Iterator, Container, Set, MutableSequence, Generator, Awaitable
print(isinstance([], Sequence), isinstance({}, Mapping), isinstance("s", Sequence), isinstance(5, Hashable), isinstance([], Hashable), isinstance(len, Callable), isinstance(iter([]), Iterator), isinstance({1}, Set), isinstance((i for i in ()), Generator), isinstance(range(1), Sequence), isinstance({}.keys(), Set))
# expect: True True True True False True True True True True True
class MySeq(Sequence):
    def __init__(self, *a): self.a = a
    def __getitem__(self, i): return self.a[i]
    def __len__(self): return len(self.a)
s = MySeq(1, 2, 3, 2)
print(list(s), 2 in s, s.index(3), s.count(2), list(reversed(s)))  # expect: [1, 2, 3, 2] True 2 2 [2, 3, 2, 1]
class MyMap(MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
m = MyMap()
m.update(a=1, b=2)
print(m.pop("a"), m.setdefault("c", 3), list(m.items()), m.get("zz"), "b" in m, m == {"b": 2, "c": 3}, dict(m), m.popitem(), len(m))
# expect: 1 3 [('b', 2), ('c', 3)] None True True {'b': 2, 'c': 3} ('b', 2) 1
class OnlyIter:
    def __iter__(self): return iter([])
print(isinstance(OnlyIter(), Iterable), isinstance(OnlyIter(), Container), isinstance(5, Iterable))
# expect: True False False
try:
    MySeq.__bases__[0]()
except TypeError as e:
    print(e)
# expect: Can't instantiate abstract class Sequence without an implementation for abstract methods '__getitem__', '__len__'
class Late(ABC): pass
Late.f = abstractmethod(lambda self: 0)
print(Late().f())  # expect: 0
