# attributes, shapes and classes that change under hot code
class P:
    kind = "class"
    def __init__(self, x): self.x = x
    def get(self): return self.x
    def double(self): return self.get() * 2
def total(ps):
    t = 0
    for p in ps:
        t += p.double()
    return t
ps = [P(i) for i in range(100)]
for _ in range(30):
    total(ps)
print(total(ps))  # expect: 9900
P.get = lambda self: self.x + 1000
print(total(ps))  # expect: 209900
del P.get
P.get = lambda self: 1
print(total(ps))  # expect: 200
ps[50].get = lambda: 5000
print(total(ps))  # expect: 10198
del ps[50].get
class Q(P):
    def get(self): return -1
ps[3].__class__ = Q
print(total(ps))  # expect: 196
def read(o): return o.kind
for p in ps * 20:
    read(p)
print(read(ps[0]))  # expect: class
ps[0].kind = "instance"
print(read(ps[0]), read(ps[1]))  # expect: instance class
P.kind = "changed"
print(read(ps[0]), read(ps[1]), read(ps[3]))  # expect: instance changed changed
P.kind = property(lambda self: "property")
print(read(ps[0]), read(ps[1]))  # expect: property property
Q.kind = "on Q"
print(read(ps[3]))  # expect: on Q
del P.kind
print(read(ps[0]))  # expect: instance
try:
    read(ps[1])
except AttributeError as e:
    print(e)
# expect: 'P' object has no attribute 'kind'
P.__getattr__ = lambda self, n: f"getattr {n}"
print(read(ps[1]), read(ps[0]))  # expect: getattr kind instance
del P.__getattr__
def set_y(o, v): o.y = v
for i in range(2000):
    set_y(ps[i % 100], i)
class S:
    __slots__ = ("y",)
s = S()
set_y(s, 1)
class W:
    def __setattr__(self, n, v): print("setattr", n, v)
set_y(W(), 2)  # expect: setattr y 2
P.y = property(lambda self: "prop y")
try:
    set_y(ps[0], 3)
except AttributeError as e:
    print(e)
# expect: property '<lambda>' of 'P' object has no setter
print(s.y, ps[0].y, ps[0].__dict__["y"])  # expect: 1 prop y 1900
del P.y
print(ps[0].y)  # expect: 1900
order_a, order_b = P(1), P(2)
order_a.m, order_a.n = 1, 2
order_b.n, order_b.m = 3, 4
def mn(o): return o.m * 10 + o.n
print([mn(o) for o in (order_a, order_b) * 500][-2:], sum(mn(o) for o in (order_a, order_b) * 500))
# expect: [12, 43] 27500
class Base: v = 1
class Mid(Base): pass
class Leaf(Mid): pass
def leaf(o): return o.v
l = Leaf()
print(sum(leaf(l) for _ in range(2000)))  # expect: 2000
Mid.v = 2
print(leaf(l))  # expect: 2
Leaf.__bases__ = (Base,)
print(leaf(l))  # expect: 1
Base.v = 3
print(leaf(l))  # expect: 3
many = []
for i in range(40):
    o = P(i)
    setattr(o, f"extra{i}", i)
    many.append(o)
print(sum(o.get() for o in many * 20), sum(o.x for o in many * 20))  # expect: 800 15600
