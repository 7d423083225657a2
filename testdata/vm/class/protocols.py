# containers, callables, contexts and iteration of user classes
class Seq:
    def __init__(self, *items): self.items = list(items)
    def __len__(self): return len(self.items)
    def __getitem__(self, i):
        print("getitem", i)
        return self.items[i]
    def __setitem__(self, i, v): print("setitem", i, v)
    def __delitem__(self, i): print("delitem", i)
s = Seq("a", "b")
print(s[0], s[-1])
# expect: getitem 0
# expect: getitem -1
# expect: a b
s[1:3] = "x"  # expect: setitem slice(1, 3, None) x
s["k", 1] = 2  # expect: setitem ('k', 1) 2
del s[::2], s[...]
# expect: delitem slice(None, None, 2)
# expect: delitem Ellipsis
s[0] += "!"
# expect: getitem 0
# expect: setitem 0 a!
print(list(s), "b" in s, len(s), bool(s), list(reversed(s)))
# expect: getitem 0
# expect: getitem 1
# expect: getitem 2
# expect: getitem 0
# expect: getitem 1
# expect: getitem 1
# expect: getitem 0
# expect: ['a', 'b'] True 2 True ['b', 'a']
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n
    def __length_hint__(self): return self.n
print(list(It(3)), sum(It(4)), max(It(5)), tuple(It(2)), 2 in It(3), sorted(It(3)), [*It(2)], dict(zip(It(2), "ab")))
# expect: [2, 1, 0] 6 4 (1, 0) True [0, 1, 2] [1, 0] {1: 'a', 0: 'b'}
a, b, c = It(3)
print(a, b, c)  # expect: 2 1 0
class Cont:
    def __contains__(self, x): print("contains", x); return x > 5
    def __reversed__(self): return "rev"
    def __missing__(self, k): return k
print(6 in Cont(), 1 in Cont(), 1 not in Cont(), reversed(Cont()))
# expect: contains 6
# expect: contains 1
# expect: contains 1
# expect: True False True rev
class Call:
    def __call__(self, *a, **k): return a, k
print(Call()(1, x=2), callable(Call()), callable(Cont()), list(map(Call(), [1, 2])))
# expect: ((1,), {'x': 2}) True False [((1,), {}), ((2,), {})]
class BadIter:
    def __iter__(self): return 5
class BadLen:
    def __len__(self): return "x"
class NoIter:
    __iter__ = None
    def __getitem__(self, i): return i
class NoContains:
    __contains__ = None
    def __iter__(self): return iter([1])
class BadNext:
    def __iter__(self): return self
for f in (lambda: iter(BadIter()), lambda: len(BadLen()), lambda: iter(NoIter()), lambda: 1 in NoContains(), lambda: next(5), lambda: list(BadNext()), lambda: [][0:"a"], lambda: reversed(It(1)), lambda: (lambda x: x[0])(5), lambda: (lambda x: x())(5)):
    try:
        print(f())
    except TypeError as e:
        print(e)
# expect: iter() returned non-iterator of type 'int'
# expect: 'str' object cannot be interpreted as an integer
# expect: 'NoIter' object is not iterable
# expect: 'NoContains' object is not a container
# expect: 'int' object is not an iterator
# expect: iter() returned non-iterator of type 'BadNext'
# expect: slice indices must be integers or None or have an __index__ method
# expect: 'It' object is not reversible
# expect: 'int' object is not subscriptable
# expect: 'int' object is not callable
class Str:
    def __str__(self): return "str!"
class Rep:
    def __repr__(self): return "rep!"
class BadStr:
    def __str__(self): return 5
    def __repr__(self): return None
    def __format__(self, s): return 1
print(str(Str()), f"{Str()}", str(Rep()), repr(Rep()), [Rep()], f"{Rep()!r:>8}", "%s %r" % (Str(), Rep()))
# expect: str! str! rep! rep! [rep!]     rep! str! rep!
for f in (str, repr, format, bool):
    try:
        print(f(BadStr()))
    except TypeError as e:
        print(e)
# expect: __str__ returned non-string (type int)
# expect: __repr__ returned non-string (type NoneType)
# expect: __format__ must return a str, not int
# expect: True
class B:
    def __bytes__(self): return b"bytes!"
    def __fspath__(self): return "/a/path"
import os, operator
print(bytes(B()), os.fspath(B()), operator.index(True), operator.length_hint(It(7)), operator.attrgetter("n")(It(3)), operator.itemgetter(1, 0)("xy"), operator.methodcaller("upper")("q"))
# expect: b'bytes!' /a/path 1 7 3 ('y', 'x') Q
