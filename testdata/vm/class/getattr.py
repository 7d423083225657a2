# __getattr__, __getattribute__, __setattr__, __delattr__, __dir__
class A:
    def __init__(self):
        self.real = 1
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"no {name}")
        return f"made {name}"
a = A()
print(a.real, a.other, hasattr(a, "_x"), hasattr(a, "x"), getattr(a, "_y", "default"))
# expect: 1 made other False True default
class B:
    x = 5
    def __getattribute__(self, name):
        if name == "secret":
            return "intercepted"
        if name == "gone":
            raise AttributeError(name)
        return super().__getattribute__(name)
    def __getattr__(self, name):
        return "getattr:" + name
b = B()
b.secret = "stored"
print(b.x, b.secret, b.__dict__["secret"], b.gone, b.zzz)  # expect: 5 intercepted stored getattr:gone getattr:zzz
class S:
    def __setattr__(self, name, value):
        print("setattr", name, value)
        object.__setattr__(self, name, value)
    def __delattr__(self, name):
        print("delattr", name)
        super().__delattr__(name)
s = S()
s.a = 1  # expect: setattr a 1
s.a += 1  # expect: setattr a 2
s.b = s.c = 0
# expect: setattr b 0
# expect: setattr c 0
del s.b  # expect: delattr b
print(s.__dict__)  # expect: {'a': 2, 'c': 0}
s.__dict__["d"] = 4
try:
    del s.nope
except AttributeError as e:
    print(e)
# expect: delattr nope
# expect: 'S' object has no attribute 'nope'
class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_t", target)
    def __getattr__(self, n): return getattr(self._t, n)
    def __setattr__(self, n, v): setattr(self._t, n, v)
p = Proxy([3, 1])
p.sort()
print(p._t, p.__len__())  # expect: [1, 3] 2
try:
    len(p)
except TypeError as e:
    print(e)
# expect: object of type 'Proxy' has no len()
class Special:
    def __getattr__(self, n): return lambda *a: n
x = Special()
print(x.__foo__(), x.anything(1, 2))  # expect: __foo__ anything
for text in ("len(x)", "x + 1", "x[0]", "iter(x)"):
    try:
        eval(text)
    except TypeError as e:
        print(e)
# expect: object of type 'Special' has no len()
# expect: unsupported operand type(s) for +: 'Special' and 'int'
# expect: 'Special' object is not subscriptable
# expect: 'Special' object is not iterable
class Dir:
    def __dir__(self): return ["z", "a", "m"]
print(dir(Dir()), [n for n in dir(A()) if not n.startswith("__")])  # expect: ['a', 'm', 'z'] ['real']
class Meta(type):
    def __getattr__(cls, n): return f"meta {n}"
class WithMeta(metaclass=Meta): pass
print(WithMeta.anything)  # expect: meta anything
try:
    WithMeta().anything
except AttributeError as e:
    print(e)
# expect: 'WithMeta' object has no attribute 'anything'
def module_getattr(name):
    if name == "lazy":
        return "computed"
    raise AttributeError(name)
import types, sys
m = types.ModuleType("m")
m.__getattr__ = module_getattr
print(m.lazy, hasattr(m, "nope"), m.__name__, m)  # expect: computed False m <module 'm'>
class L:
    def __init__(self): self.log = []
    def __getattribute__(self, n):
        if n != "log":
            self.log.append(n)
        return object.__getattribute__(self, n)
    def f(self): return 1
l = L()
l.f()
l.y = 2
print(l.y, l.log)  # expect: 2 ['f', 'y']
