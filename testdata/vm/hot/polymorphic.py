# many classes with equal names of attributes, subclass trees, mixed receivers
class A:
    def __init__(self): self.a = 1; self.b = 2
    def f(self): return self.a + self.b
class B:
    def __init__(self): self.b = 3; self.a = 4
    def f(self): return self.a * self.b
class C(A):
    def __init__(self): super().__init__(); self.c = 5
    def f(self): return super().f() + self.c
class D:
    __slots__ = ("a", "b")
    def __init__(self): self.a, self.b = 6, 7
    def f(self): return self.a - self.b
class E:
    a = 8
    b = property(lambda self: 9)
    f = staticmethod(lambda: 100)
class F:
    def __getattr__(self, n):
        if n == "f": return lambda: 1000
        if n in "ab": return ord(n)
        raise AttributeError(n)
objs = [A(), B(), C(), D(), E(), F()]
def sums(objs, n):
    t = 0
    for i in range(n):
        o = objs[i % len(objs)]
        t += o.f() + o.a + o.b
    return t
for k in range(1, 7):
    print(k, sums(objs[:k], 1200))
# expect: 1 7200
# expect: 2 15000
# expect: 3 14400
# expect: 4 14400
# expect: 5 39600
# expect: 6 272000
print(sums([A()], 1000), sums([D()], 1000), sums(objs[::-1], 1200))  # expect: 6000 12000 272000
def setter(o, i):
    o.a = i
    o.a += 1
    return o.a
for i in range(2000):
    for o in objs[:4]:
        if setter(o, i) != i + 1:
            print("wrong", i, o)
print([o.a for o in objs[:4]])  # expect: [2000, 2000, 2000, 2000]
class Counter:
    count = 0
    @classmethod
    def hit(cls):
        cls.count += 1
        return cls.count
class Sub(Counter): pass
for _ in range(1500):
    Counter.hit()
for _ in range(1000):
    Sub.hit()
print(Counter.count, Sub.count, Counter().hit(), Sub().hit())  # expect: 1500 2500 1501 2501
class Lazy:
    def __init__(self, n):
        if n % 2: self.odd = n
        if n % 3 == 0: self.three = n
        self.n = n
ls = [Lazy(i) for i in range(60)]
print(sum(getattr(l, "odd", 0) + getattr(l, "three", 0) + l.n for l in ls * 20), sum(hasattr(l, "three") for l in ls))
# expect: 64800 20
for l in ls:
    if hasattr(l, "odd"): del l.odd
    l.new = 1
print(sum(l.n + l.new for l in ls * 20), ls[3].__dict__, ls[6].__dict__, ls[1].__dict__)
# expect: 36600 {'three': 3, 'n': 3, 'new': 1} {'three': 6, 'n': 6, 'new': 1} {'n': 1, 'new': 1}
def call_any(fs, n): return sum(fs[i % len(fs)](i) for i in range(n))
class Callable:
    def __call__(self, x): return x + 1
    def m(self, x): return x + 2
print(call_any([lambda x: x, abs, int, Callable(), Callable().m, float, [1].__len__.__class__ and hash, str.__len__ and (lambda x: -x)], 2000))
# expect: 1498250.0
