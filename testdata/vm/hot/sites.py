# what instructions remember of classes, functions and numbers, and what makes them forget
import copy

# ints and floats in turns at one site
def work(a, b): return a + b, a - b, a * b, a < b, a >= b
def part(a, b): return a / b
pairs = [(1, 2), (1.5, 2), (2, 0.5), (0.0, -0.0), (3, 4), (2.5, 2.5), (1 << 61, 1 << 61), (1e300, 1e300), (0, 1.0), (-1, 1 << 70)]
seen = None
for _ in range(40):
    out = [work(a, b) for a, b in pairs]
    assert seen in (None, out)
    seen = out
print(seen[0], seen[1], seen[2])  # expect: (3, -1, 2, True, False) (3.5, -0.5, 3.0, True, False) (2.5, 1.5, 1.0, False, True)
print(seen[3], seen[6][:3])  # expect: (0.0, 0.0, -0.0, False, True) (4611686018427387904, 0, 5316911983139663491615228241121378304)
print(seen[7], seen[9])  # expect: (2e+300, 0.0, inf, False, True) (1180591620717411303423, -1180591620717411303425, -1180591620717411303424, True, False)
for _ in range(40):
    quotients = [part(a, b) for a, b in [(1, 2), (7, 7), (0, -5), (1.0, 4), (9, 0.5), ((1 << 60) + 1, 3), (6, 3)]]
print(quotients)  # expect: [0.5, 1.0, -0.0, 0.25, 18.0, 3.843071682022823e+17, 2.0]
for zero in (0, 0.0, False):
    try: part(3, zero)
    except ZeroDivisionError as error: print(error)
# expect: division by zero
# expect: division by zero
# expect: division by zero
print([-x for x in (0.5, -0.5, 0.0, 1e-300, 3, -(1 << 62))])  # expect: [-0.5, 0.5, -0.0, -1e-300, -3, 4611686018427387904]
def large(a, b): return a ^ b
numbers = [3, (1 << 63) - 1, 1 << 62, 5, 1 << 90]
print({large(large(a, b), b) == a for _ in range(10) for a in numbers for b in numbers})  # expect: {True}

# attributes of one class while others change
class Base:
    other = 0
    def first(self): return "base"
class Left(Base):
    def __init__(self, x): self.x = x
    def first(self): return "left " + super().first()
def use(o): return o.x, o.first(), o.other
o = Left(1)
for i in range(40):
    use(o)
    setattr(Left, "added%d" % i, i)
print(use(o))  # expect: (1, 'left base', 0)
Base.first = lambda self: "new"
Base.other = print
print(use(o)[:2], use(o)[2] is print)  # expect: (1, 'left new') True
Left.x = property(lambda self: "property", lambda self, value: None)
print(use(o)[0])  # expect: property
del Left.x
print(use(o)[0])  # expect: 1
class Middle(Base):
    def first(self): return "middle"
class Other(Base): pass
Left.__bases__ = (Middle,)
print(o.first())  # expect: left middle

# more shapes than a site remembers, stores and loads
classes = [type("C%d" % i, (), {"__slots__": ("pad", "v") if i % 2 else ("v",), "get": lambda self, i=i: (i, self.v)}) for i in range(9)]
def through(o, v):
    o.v = v
    return o.v, o.get()
objects = [c() for c in classes] + [type("D%d" % i, (), {"get": lambda self: "d"})() for i in range(5)]
for n in range(20):
    result = [through(o, n) for o in objects]
print(result[0], result[7], result[13], len(result))  # expect: (19, (0, 19)) (19, (7, 19)) (19, 'd') 14
class Late: v = "class"
def read(o): return o.v
late = Late()
print([read(o) for o in objects + [late]][-1])  # expect: class
late.v = "own"
print([read(o) for o in objects + [late]][-1])  # expect: own

# attributes from elsewhere
class Slim:
    def __init__(self): self.a = self.b = 1
many = [Slim() for _ in range(3)]
for n in range(10):
    for m in many: setattr(m, "extra%d" % n, n)
print([sorted(vars(m).items())[-1] for m in many], copy.copy(many[0]).extra3)  # expect: [('extra9', 9), ('extra9', 9), ('extra9', 9)] 3

# calls with keywords at one site, of functions that change
def f(a, b=2, c=3, *, d=4): return a, b, c, d
def g(a, b=20, c=30): return a, b, c
def h(c, b, a=7): return c, b, a
def call(function): return function(1, c=5), function(b=6, c=8, a=9)
def safe(function):
    try: return call(function)
    except TypeError as error: return str(error)
for _ in range(40):
    calls = [safe(x) for x in (g, f, g, h, g)]
print(calls[0], calls[1])  # expect: ((1, 20, 5), (9, 6, 8)) ((1, 2, 5, 4), (9, 6, 8, 4))
print(calls[3])  # expect: h() got multiple values for argument 'c'
g.__defaults__ = (21, 31)
print(call(g))  # expect: ((1, 21, 5), (9, 6, 8))
g.__defaults__ = None
print(safe(g))  # expect: g() missing 1 required positional argument: 'b'
class K:
    def m(self, a, b=2): return self.n, a, b
    def __init__(self, n, m=None): self.n, self.o = n, m
    @classmethod
    def k(cls, text): return cls.__name__ + text
def make(c): return c(4).m(b=1, a=0), c(n=5, m=6).o, c(7).k("!")
for _ in range(40): made = make(K)
print(made)  # expect: ((4, 0, 1), 6, 'K!')
K.__init__ = lambda self, n, m=1: setattr(self, "n", -n) or setattr(self, "o", m)
print(make(K))  # expect: ((-4, 0, 1), 6, 'K!')
def bad(self, n, m=1): return 3
K.__init__ = bad
try: make(K)
except TypeError as error: print(error)  # expect: __init__() should return None, not 'int'

# answers that a jump asks for at once
def ask(x, y, items):
    out = []
    if x is y: out.append("is")
    if x is not y: out.append("is not")
    if x in items: out.append("in")
    if x not in items: out.append("not in")
    if not x: out.append("not")
    if x == y: out.append("==")
    if isinstance(x, (int, str)): out.append("instance")
    return " ".join(out) + (" and" if x and not y else " or" if x or y else "")
class Falsy:
    def __bool__(self): return False
class Sized:
    def __len__(self): return 1
for _ in range(40):
    answers = [ask("a", "a", ("a",)), ask("ab", "".join(["a", "b"]), []), ask(0, 0.0, {0}), ask([], [1], [[]]), ask(Falsy(), Sized(), ())]
for answer in answers: print(answer)
# expect: is in == instance or
# expect: is not not in == instance or
# expect: is not in not == instance
# expect: is not in not or
# expect: is not not in not or

# ranges and iterators
print([list(range(*x)) for x in [(3,), (1, 4), (5, 1, -2), (0,), (2, 2)]], [n for n in range(4611686018427387901, 4611686018427387905)][-1])  # expect: [[0, 1, 2], [1, 2, 3], [5, 3], [], []] 4611686018427387904
try: range(1, 2, 0)
except ValueError as error: print(error)  # expect: range() arg 3 must not be zero
print([list(), dict(), set(), tuple()], [[x, *y] for x, y in [(1, (2,)), (3, [])]])  # expect: [[], {}, set(), ()] [[1, 2], [3]]
class List(list):
    def append(self, item): super().append(item * 2)
def add(to): to.append(3); return to
for _ in range(40): added = [add([]), add(List()), add([1])]
print(added)  # expect: [[3], [6], [1, 3]]
