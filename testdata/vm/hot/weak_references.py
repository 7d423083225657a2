# weak references and finalisers; a collector with conservative roots may keep a few objects, so shares are counted
import gc, weakref
class Node:
    def __init__(self, v):
        self.v = v
        self.me = self
N = 200
def most(n):
    return "most" if n >= N * 9 // 10 else "few" if n <= N // 10 else f"{n} of {N}"
def collect():
    for _ in range(3):
        [object() for _ in range(100)]
        gc.collect()
def made():
    return [Node(i) for i in range(N)]
nodes = made()
refs = [weakref.ref(n) for n in nodes]
print(most(sum(r() is not None for r in refs)), refs[3]() is nodes[3], refs[0]().v)  # expect: most True 0
del nodes
collect()
print("alive:", most(sum(r() is not None for r in refs)))  # expect: alive: few
calls = []
def with_callbacks():
    objs = made()
    return [weakref.ref(o, lambda r: calls.append("dead")) for o in objs], [weakref.finalize(o, calls.append, "finalized") for o in objs]
refs, fins = with_callbacks()
collect()
print("dead:", most(calls.count("dead")), "finalized:", most(calls.count("finalized")), "alive:", most(sum(f.alive for f in fins)))
# expect: dead: most finalized: most alive: few
class Fin:
    log = []
    def __init__(self, n):
        self.n, self.loop = n, self
    def __del__(self): Fin.log.append(self.n)
def finals():
    for i in range(N):
        Fin(i)
finals()
collect()
print("__del__:", most(len(Fin.log)), len(set(Fin.log)) == len(Fin.log))  # expect: __del__: most True
def containers():
    a, b = made(), made()
    d = weakref.WeakValueDictionary((n.v, n) for n in a + b[:0])
    k = weakref.WeakKeyDictionary((n, n.v) for n in b)
    return a, d, k, weakref.WeakSet(b)
keep, d, k, s = containers()
collect()
print(len(d) == N, "keys:", most(len(k)), "set:", most(len(s)), d[5].v)  # expect: True keys: few set: few 5
del keep
collect()
print("values:", most(len(d)))  # expect: values: few
saved = []
class Res:
    def __init__(self, i): self.i, self.me, self.data = i, self, [i]
    def __del__(self): saved.append(self)
def resurrect():
    for i in range(N):
        Res(i)
resurrect()
collect()
print("saved:", most(len(saved)), all(r.me is r and r.data == [r.i] for r in saved))  # expect: saved: most True
n = Node(5)
p = weakref.proxy(n)
print(p.v, weakref.ref(n)() is n, weakref.ref(n) == weakref.ref(n), hash(weakref.ref(n)) == hash(n), weakref.getweakrefcount(n) > 0)
# expect: 5 True True True True
m = weakref.WeakMethod(n.__init__)
print(m()(7), n.v)  # expect: None 7
f = weakref.finalize(n, print, "called by hand", 1)
f()  # expect: called by hand 1
print(f.alive, f() is None, f.detach() is None)  # expect: False True True
for t in (5, "s", None, (1,), [1], {}):
    try:
        weakref.ref(t)
    except TypeError as e:
        print(e)
# expect: cannot create weak reference to 'int' object
# expect: cannot create weak reference to 'str' object
# expect: cannot create weak reference to 'NoneType' object
# expect: cannot create weak reference to 'tuple' object
# expect: cannot create weak reference to 'list' object
# expect: cannot create weak reference to 'dict' object
print(weakref.ref({1}) is not None, weakref.ref(print)() is print, weakref.ref(Node)() is Node)  # expect: True True True
class Slots: __slots__ = ("a",)
class WithWeak: __slots__ = ("a", "__weakref__")
w = WithWeak()
print(weakref.ref(w)() is w)  # expect: True
try:
    weakref.ref(Slots())
except TypeError as e:
    print(e)
# expect: cannot create weak reference to 'Slots' object
