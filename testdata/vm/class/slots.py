# __slots__
class P:
    __slots__ = ("x", "y")
    def __init__(self, x, y):
        self.x, self.y = x, y
p = P(1, 2)
print(p.x, p.y, P.__slots__, type(P.x).__name__, hasattr(p, "__dict__"))
# expect: 1 2 ('x', 'y') member_descriptor False
del p.x
for text in ("p.z = 1", "p.x", "p.__dict__", "del p.x", "P.x.__get__(5)"):
    try:
        exec(text)
        print("no error", text)
    except (AttributeError, TypeError) as e:
        print(text, "->", type(e).__name__, e)
# expect: p.z = 1 -> AttributeError 'P' object has no attribute 'z' and no __dict__ for setting new attributes
# expect: p.x -> AttributeError 'P' object has no attribute 'x'
# expect: p.__dict__ -> AttributeError 'P' object has no attribute '__dict__'
# expect: del p.x -> AttributeError x
# expect: P.x.__get__(5) -> TypeError descriptor 'x' for 'P' objects doesn't apply to a 'int' object
p.x = 10
print(p.x, P.x.__get__(p))  # expect: 10 10
class Q(P):
    __slots__ = ("z",)
q = Q(1, 2)
q.z = 3
print(q.x, q.y, q.z, hasattr(q, "__dict__"))  # expect: 1 2 3 False
class R(P): pass
r = R(1, 2)
r.other = 5
print(r.__dict__, r.x)  # expect: {'other': 5} 1
class One:
    __slots__ = "single"
o = One()
o.single = 1
print(o.single, One.__slots__)  # expect: 1 single
class WithDict:
    __slots__ = ["a", "__dict__"]
w = WithDict()
w.a, w.b = 1, 2
print(w.__dict__, w.a)  # expect: {'b': 2} 1
for body in ({"__slots__": ("x",), "x": 1}, {"__slots__": (5,)}, {"__slots__": ("not ok",)}, {"__slots__": ("a", "a", "b")}, {"__slots__": ()}):
    try:
        print(type("T", (), body).__slots__)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
# expect: ValueError 'x' in __slots__ conflicts with class variable
# expect: TypeError __slots__ items must be strings, not 'int'
# expect: TypeError __slots__ must be identifiers
# expect: ('a', 'a', 'b')
# expect: ()
class S1:
    __slots__ = ("a",)
class S2:
    __slots__ = ("b",)
try:
    class Both(S1, S2): pass
except TypeError as e:
    print(e)
# expect: multiple bases have instance lay-out conflict
class Empty:
    __slots__ = ()
class Ok(S1, Empty):
    __slots__ = ("c",)
print([k.__name__ for k in Ok.__mro__])  # expect: ['Ok', 'S1', 'Empty', 'object']
class Private:
    __slots__ = ("__hidden",)
    def __init__(self): self.__hidden = 1
print(Private()._Private__hidden, Private.__slots__)  # expect: 1 ('__hidden',)
class Doc:
    __slots__ = {"x": "the x", "y": None}
print(Doc.x.__doc__, sorted(Doc.__slots__))  # expect: None ['x', 'y']
class Default:
    __slots__ = ("v",)
    def __getattr__(self, n): return "fallback"
d = Default()
print(d.v)  # expect: fallback
d.v = 1
print(d.v)  # expect: 1
import copy
e = copy.copy(P(7, 8))
print(e.x, e.y)  # expect: 7 8
try:
    q.__class__ = R
except TypeError as e:
    print(e)
# expect: __class__ assignment: 'R' object layout differs from 'Q'
