# what can be called and bound
class C:
    def method(self, *a): return "method", a
    @classmethod
    def cls_m(cls, *a): return cls.__name__, a
    @staticmethod
    def st(*a): return "static", a
    builtin = len
    lam = lambda *a: len(a)
    cls_attr = int
    bound_elsewhere = "x,y".split
    part = __import__("functools").partial(max, 3)
c = C()
print(c.method(1), C.method(c, 2), c.cls_m(3), C.cls_m(4), c.st(5), C.st(6))
# expect: ('method', (1,)) ('method', (2,)) ('C', (3,)) ('C', (4,)) ('static', (5,)) ('static', (6,))
print(c.builtin([1, 2]), c.lam(), C.lam(), c.cls_attr("7"), c.bound_elsewhere(","), C.part(9))
# expect: 2 1 0 7 ['x', 'y'] 9
m = c.method
print(m(1), m.__self__ is c, m.__func__ is C.__dict__["method"], m == c.method, m is c.method, hash(m) == hash(c.method), {m: 1}[c.method])
# expect: ('method', (1,)) True True True False True 1
print(C.cls_m.__self__ is C, type(C.__dict__["st"]).__name__, C.__dict__["st"](1), type(C.__dict__["cls_m"]).__name__)
# expect: True staticmethod ('static', (1,)) classmethod
try:
    C.__dict__["cls_m"](1)
except TypeError as e:
    print(e)
# expect: 'classmethod' object is not callable
class D(C): pass
print(D.cls_m(), D().cls_m(), super(D, D).cls_m(), D().method.__self__.__class__.__name__)
# expect: ('D', ()) ('D', ()) ('D', ()) D
import types
c.extra = types.MethodType(lambda self, x: (self is c, x), c)
c.plain = lambda x: ("plain", x)
print(c.extra(1), c.plain(2))  # expect: (True, 1) ('plain', 2)
C.added = lambda self: "added to class"
print(c.added(), D().added())  # expect: added to class added to class
print(str.upper("a"), "a".upper.__call__(), int.__add__(1, 2), (1).__add__(2), [].append.__name__, list.append.__get__([1])(2), dict.fromkeys.__self__ is dict)
# expect: A A 3 3 append None True
up = str.upper
print(list(map(up, "ab")), [f("x") for f in (str.isalpha, len, "abx".find)], type(up).__name__, type("".upper).__name__, type(int.__add__).__name__, type((1).__add__).__name__, type(object.__init__).__name__)
# expect: ['A', 'B'] [True, 1, 2] method_descriptor builtin_function_or_method wrapper_descriptor method-wrapper wrapper_descriptor
class Meta(type):
    def __call__(cls, *a): return "metacall", a
class E(metaclass=Meta): pass
print(E(1))  # expect: ('metacall', (1,))
class F:
    def __init__(self): self.__call__ = lambda: "instance"
    def __call__(self): return "class"
print(F()(), F().__call__())  # expect: class instance
class G:
    @classmethod
    @property
    def chained(cls): return "no longer chained"
    @staticmethod
    def f(): return "callable in body too"
    v = f()
print(G.v, type(G.chained).__name__)  # expect: callable in body too method
