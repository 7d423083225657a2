# rich comparison, reflection, hash and eq
class C:
    def __init__(self, v): self.v = v
    def __lt__(self, o): print("lt"); return self.v < o.v
    def __le__(self, o): print("le"); return NotImplemented
    def __eq__(self, o): print("eq"); return isinstance(o, C) and self.v == o.v
a, b = C(1), C(2)
print(a < b, a > b, a == b, a != b, not a == a)
# expect: lt
# expect: lt
# expect: eq
# expect: eq
# expect: eq
# expect: True False False True False
try:
    a <= b
except TypeError as e:
    print(e)
# expect: le
# expect: '<=' not supported between instances of 'C' and 'C'
try:
    a >= b
except TypeError as e:
    print(e)
# expect: le
# expect: '>=' not supported between instances of 'C' and 'C'
try:
    hash(a)
except TypeError as e:
    print(e)
# expect: unhashable type: 'C'
print(C.__hash__, a in [b, a])
# expect: eq
# expect: None True
class H:
    def __init__(self, v): self.v = v
    def __hash__(self): return hash(self.v)
    def __eq__(self, o): return isinstance(o, H) and self.v == o.v
    def __repr__(self): return f"H{self.v}"
print({H(1): "a"}[H(1)], len({H(1), H(1), H(2)}), H(1) in {H(1)}, hash(H(5)) == hash(5), H(1) != H(2), {H(1): 1} == {H(1): 1})
# expect: a 2 True True True True
class Sub(C):
    def __gt__(self, o): print("Sub.gt"); return True
print(C(1) < Sub(2))
# expect: Sub.gt
# expect: True
class W:
    def __eq__(self, o): return "weird"
    def __ne__(self, o): return ["ne"]
    def __lt__(self, o): return 0
    def __contains__(self, x): return "truthy"
print(W() == 1, W() != 1, W() < 1, 1 in W(), 1 not in W(), not W() == 1, W() in [5])
# expect: weird ['ne'] 0 True False False True
for bad in ("x", None, 1.5, 2**70):
    class BadHash:
        def __hash__(self): return bad
    try:
        print(type(hash(BadHash())).__name__, hash(BadHash()) == hash(2**70))
    except TypeError as e:
        print(e)
# expect: __hash__ method should return an integer
# expect: __hash__ method should return an integer
# expect: __hash__ method should return an integer
# expect: int True
from functools import total_ordering
@total_ordering
class T:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
print(T(1) <= T(1), T(2) > T(1), T(1) >= T(2), max(T(1), T(3)).v, sorted([T(2), T(1)])[0].v)
# expect: True True False 3 1
class NoHash:
    __hash__ = None
try:
    {NoHash(): 1}
except TypeError as e:
    print(e)
# expect: cannot use 'NoHash' as a dict key (unhashable type: 'NoHash')
class Identity: pass
i = Identity()
print(i == i, i == Identity(), i != i, hash(i) == hash(i), [i] == [i], i in (i,), object() == object())
# expect: True False False True True True False
class Raises:
    def __eq__(self, o): raise ValueError("eq failed")
    __hash__ = lambda self: 1
r = Raises()
print(r in [r], [r] == [r], {r: 1}[r])  # expect: True True 1
try:
    r in [Raises()]
except ValueError as e:
    print(e)
# expect: eq failed
try:
    {r: 1}[Raises()]
except ValueError as e:
    print(e)
# expect: eq failed
print((1, 2) < (1, 3), [1, [2]] < [1, [3]], (1,) == [1], {1, 2} > {1}, "a" != b"a", range(2) == range(2), None == 0, 1 == True, hash(True) == hash(1))
# expect: True True False True True True False True True
