# properties
class T:
    def __init__(self):
        self._c = 0
    @property
    def c(self):
        "the temperature"
        return self._c
    @c.setter
    def c(self, v):
        print("set", v)
        self._c = v
    @c.deleter
    def c(self):
        print("delete")
        self._c = None
    f = property(lambda self: self._c * 9 / 5 + 32)
    @property
    def broken(self):
        return self.missing
    w = property(fset=lambda self, v: print("write only", v))
    n = property()
t = T()
t.c = 100  # expect: set 100
print(t.c, t.f, T.c.__doc__, type(T.c).__name__, T.c.fget(t), T.c.fset.__name__, T.f.fset)
# expect: 100 212.0 the temperature property 100 c None
del t.c  # expect: delete
print(t.c)  # expect: None
t.w = 5  # expect: write only 5
for text in ("t.f = 1", "del t.f", "t.w", "t.broken", "t.n", "t.n = 1", "T.c.fget = 1"):
    try:
        exec(text)
    except AttributeError as e:
        print(text, "->", e)
# expect: t.f = 1 -> property 'f' of 'T' object has no setter
# expect: del t.f -> property 'f' of 'T' object has no deleter
# expect: t.w -> property 'w' of 'T' object has no getter
# expect: t.broken -> 'T' object has no attribute 'missing'
# expect: t.n -> property 'n' of 'T' object has no getter
# expect: t.n = 1 -> property 'n' of 'T' object has no setter
# expect: T.c.fget = 1 -> readonly attribute
t.__dict__["c"] = "shadow"
print(t.c)  # expect: None
class U(T):
    @T.c.setter
    def c(self, v):
        print("U sets", v)
        T.c.fset(self, v + 1)
    f = "plain"
u = U()
u.c = 5
# expect: U sets 5
# expect: set 6
print(u.c, u.f)  # expect: 6 plain
class V(T):
    @property
    def c(self):
        return "V.c " + str(super().c)
print(V().c)  # expect: V.c 0
try:
    V().c = 1
except AttributeError as e:
    print(e)
# expect: property 'c' of 'V' object has no setter
def get(self): return "late"
T.late = property(get)
print(t.late, isinstance(T.late, property), T.late.__name__, T.f.__name__ if hasattr(T.f, "__name__") else "none")
# expect: late True get f
class C:
    @classmethod
    def cm(cls): return cls
    x = 1
class Lazy:
    calls = 0
    from functools import cached_property
    @cached_property
    def v(self):
        Lazy.calls += 1
        return 42
l = Lazy()
print(l.v, l.v, Lazy.calls, l.__dict__)  # expect: 42 42 1 {'v': 42}
del l.v
print(l.v, Lazy.calls)  # expect: 42 2
