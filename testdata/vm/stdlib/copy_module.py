# copy and deepcopy
import copy
a = [1, [2, 3], {"k": [4]}, (5, [6])]
s, d = copy.copy(a), copy.deepcopy(a)
print(s == a == d, s is a, s[1] is a[1], d[1] is a[1], d[3] is a[3], d[2]["k"] is a[2]["k"])
# expect: True False True False False False
a[1].append("x")
print(s[1], d[1])  # expect: [2, 3, 'x'] [2, 3]
class P:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return self.x == o.x
p = P([1])
q, r = copy.copy(p), copy.deepcopy(p)
print(q.x is p.x, r.x is p.x, r == p, type(r).__name__)  # expect: True False True P
loop = [1]
loop.append(loop)
l2 = copy.deepcopy(loop)
print(l2[1] is l2, l2 is not loop)  # expect: True True
shared = [1]
two = [shared, shared]
t2 = copy.deepcopy(two)
print(t2[0] is t2[1], t2[0] is shared)  # expect: True False
class C:
    def __copy__(self): return "copied"
    def __deepcopy__(self, memo): return ("deep", type(memo).__name__)
print(copy.copy(C()), copy.deepcopy([C()]))  # expect: copied [('deep', 'dict')]
class S:
    __slots__ = ("a", "b")
s = S()
s.a = [1]
s2 = copy.deepcopy(s)
print(s2.a, s2.a is s.a, hasattr(s2, "b"))  # expect: [1] False False
class St:
    def __init__(self): self.v, self.secret = 1, 2
    def __getstate__(self): return {"v": self.v}
    def __setstate__(self, st): self.__dict__.update(st, restored=True)
print(vars(copy.copy(St())))  # expect: {'v': 1, 'restored': True}
class Red:
    def __init__(self, a): self.a = a
    def __reduce__(self): return (Red, (self.a * 2,))
print(copy.copy(Red(5)).a, copy.copy(5), copy.deepcopy("s"), copy.copy(None), copy.deepcopy(len) is len, copy.deepcopy(P) is P, copy.copy((1, 2)), copy.deepcopy(({1: [2]},)), copy.copy({1, 2}), copy.deepcopy(bytearray(b"x")), copy.copy(range(3)))
# expect: 10 5 s None True True (1, 2) ({1: [2]},) {1, 2} bytearray(b'x') range(0, 3)
try:
    copy.copy(x for x in ())
except TypeError as e:
    print(e)
# expect: cannot pickle 'generator' object
class L(list): pass
l = L([1, [2]])
l.extra = [3]
m = copy.deepcopy(l)
print(m, type(m).__name__, m.extra, m.extra is l.extra, copy.replace(__import__("collections").namedtuple("N", "a b")(1, 2), b=5))
# expect: [1, [2]] L [3] False N(a=1, b=5)
