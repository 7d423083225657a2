# instructions that meet objects and functions of many kinds, while classes change
class Base:
    tag = 1
    def who(self): return 'base'
def make(i):
    class C(Base):
        def __init__(self, v):
            setattr(self, 'pad%d' % (i % 3), 0)
            self.v = v
            self.w = v + 1
        def who(self): return 'c%d' % i
    return C
classes = [make(i) for i in range(6)]
def use(o):
    o.v += 1
    return o.v, o.who(), o.w, o.tag
def rounds(n):
    out = []
    for r in range(n):
        for c in classes:
            out.append(use(c(r)))
    return out
a = rounds(20)
print(a[-1], len(a))  # expect: (20, 'c5', 20, 1) 120
classes[0].who = lambda self: 'changed'
print(rounds(3)[-6:])  # expect: [(3, 'changed', 3, 1), (3, 'c1', 3, 1), (3, 'c2', 3, 1), (3, 'c3', 3, 1), (3, 'c4', 3, 1), (3, 'c5', 3, 1)]
Base.tag = 2
print(rounds(1)[0], classes[3](0).tag)  # expect: (1, 'changed', 1, 2) 2
Base.tag = 3
print(rounds(1)[0])  # expect: (1, 'changed', 1, 3)
classes[1].tag = 9
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 3), (1, 'c1', 1, 9), (1, 'c2', 1, 3)]
classes[1].tag = 10
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 3), (1, 'c1', 1, 10), (1, 'c2', 1, 3)]
Base.tag = 'text'
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 'text'), (1, 'c1', 1, 10), (1, 'c2', 1, 'text')]
Base.tag = property(lambda self: 'prop')
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 'prop'), (1, 'c1', 1, 10), (1, 'c2', 1, 'prop')]
del classes[1].tag
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 'prop'), (1, 'c1', 1, 'prop'), (1, 'c2', 1, 'prop')]
class D:
    def __get__(self, o, t): return 'desc'
    def __set__(self, o, v): o.__dict__['stored'] = v
classes[2].v = D()
o = classes[2](5)
o.__dict__['v'] = 7
print(o.v, use.__name__, o.__dict__)  # expect: desc use {'pad2': 0, 'stored': 5, 'w': 6, 'v': 7}
del classes[2].v
print(rounds(1)[:3])  # expect: [(1, 'changed', 1, 'prop'), (1, 'c1', 1, 'prop'), (1, 'c2', 1, 'prop')]
# method shadowed by an instance attribute
def call(o): return o.who()
objs = [c(1) for c in classes]
for o in objs * 10: call(o)
objs[4].who = lambda: 'own'
print([call(o) for o in objs])  # expect: ['changed', 'c1', 'c2', 'c3', 'own', 'c5']
del objs[4].who
print([call(o) for o in objs])  # expect: ['changed', 'c1', 'c2', 'c3', 'c4', 'c5']
# functions of different arity, natives, bound methods at one site
def f0(): return 0
def f1(a): return a
def f2(a, b=5): return a, b
def f3(*a): return a
def apply(f, x): return f(x)
def gen(x): yield x
for f in [f1, f2, f3, len, str, lambda q: q * 2, objs[0].__init__, Base.who, gen, int] * 10:
    try: r = apply(f, '12')
    except Exception as e: r = type(e).__name__, str(e)
fs = [f1, f2, f3, len, str, lambda q: q * 2, gen, int, f0]
for f in fs:
    try: r = apply(f, '12')
    except Exception as e: r = type(e).__name__, str(e)
    print(r if f is not gen else list(r))
# expect: 12
# expect: ('12', 5)
# expect: ('12',)
# expect: 2
# expect: 12
# expect: 1212
# expect: ['12']
# expect: 12
# expect: ('TypeError', 'f0() takes 0 positional arguments but 1 was given')
class S:
    __slots__ = ('x',)
class T:
    def __init__(self): self.x = 't'
class U:
    x = 'u'
class W:
    def __getattr__(self, n): return n + '!'
def rx(o):
    try: return o.x
    except AttributeError as e: return str(e)
s = S(); s2 = S(); s2.x = 's2'
for i in range(20):
    r = [rx(o) for o in (s, s2, T(), U(), W(), U, 5)]
print(r)  # expect: ["'S' object has no attribute 'x'", 's2', 't', 'u', 'x!', 'u', "'int' object has no attribute 'x'"]
def sx(o, v):
    try: o.x = v
    except AttributeError as e: return str(e)
    return o.x
for i in range(20):
    r = [sx(o, i) for o in (s, s2, T(), U(), W(), 5)]
print(r)  # expect: [19, 19, 19, 19, 19, "'int' object has no attribute 'x' and no __dict__ for setting new attributes"]
l = list(range(10))
l[2:5] = l
print(l)  # expect: [0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 9]
l = list(range(10))
l[2:5] = [7, 8, 9]
print(l)  # expect: [0, 1, 7, 8, 9, 5, 6, 7, 8, 9]
l[:] = l
print(l)  # expect: [0, 1, 7, 8, 9, 5, 6, 7, 8, 9]
l[1:4] = (4, 5, 6)
print(l)  # expect: [0, 4, 5, 6, 9, 5, 6, 7, 8, 9]
l[5:2] = [1]
print(l)  # expect: [0, 4, 5, 6, 9, 1, 5, 6, 7, 8, 9]
l[:3] = l[2::-1]
print(l)  # expect: [5, 4, 0, 6, 9, 1, 5, 6, 7, 8, 9]
print(l[::-1], l[-3:], l[:-20], l[100:], l[-100:2], l[8:2:-2])  # expect: [9, 8, 7, 6, 5, 1, 9, 6, 0, 4, 5] [7, 8, 9] [] [] [5, 4] [7, 5, 9]
l[3:3] = []
l[0:2] = iter([1])
print(l)  # expect: [1, 0, 6, 9, 1, 5, 6, 7, 8, 9]
big = list(range(1000))
big[10:990] = big[989:9:-1]
print(sum(big), big[10], big[989])  # expect: 499500 989 10
print(len(big[::-3]), big[::-3][:3])  # expect: 334 [999, 996, 993]
try: l[0:1] = 5
except TypeError as e: print(e)
# expect: must assign iterable to extended slice
try: l[::0]
except ValueError as e: print(e)
# expect: slice step cannot be zero
class Counter:
    n = 0
    def __init__(self): Counter.n += 1
for i in range(3000): Counter()
print(Counter.n, Counter().n)  # expect: 3000 3001
Counter.n = None
print(Counter.n)  # expect: None
Counter.n = 1.5
print(Counter.n, Counter().n)  # expect: 1.5 2.5
def cn(c): return c.n
for i in range(50): cn(Counter); Counter.n = i
print(cn(Counter))  # expect: 49
class Sub(Counter): pass
for i in range(50): cn(Sub); cn(Sub()); Counter.n = i
print(cn(Sub), cn(Sub()))  # expect: 49 50
class H:
    __hash__ = None
    def __eq__(self, o): return True
try: hash(H())
except TypeError as e: print(e)
# expect: unhashable type: 'H'
H.__hash__ = 5
try: hash(H())
except TypeError as e: print(e)
# expect: 'int' object is not callable
