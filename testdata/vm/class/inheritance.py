# MRO, super, cooperative calls
class A:
    def who(self): return ["A"]
    def hi(self): return "hi from A"
class B(A):
    def who(self): return ["B"] + super().who()
class C(A):
    def who(self): return ["C"] + super().who()
class D(B, C):
    def who(self): return ["D"] + super().who()
print(D().who(), [k.__name__ for k in D.__mro__], D().hi(), super(B, D()).who(), super(C, D()).who())
# expect: ['D', 'B', 'C', 'A'] ['D', 'B', 'C', 'A', 'object'] hi from A ['C', 'A'] ['A']
class X: pass
class Y(X): pass
for bases in ((X, Y), (A, A), (D, A, B), (int, str), (bool,), (type(None),), (5,)):
    try:
        print([k.__name__ for k in type("T", bases, {}).__mro__])
    except TypeError as e:
        print(str(e).replace("\n", " | "))
# expect: Cannot create a consistent method resolution order (MRO) for bases X, Y
# expect: duplicate base class A
# expect: Cannot create a consistent method resolution order (MRO) for bases B, A
# expect: multiple bases have instance lay-out conflict
# expect: type 'bool' is not an acceptable base type
# expect: type 'NoneType' is not an acceptable base type
# expect: metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
class Base:
    def __init__(self, **kw):
        print("Base", kw)
class M1(Base):
    def __init__(self, a=0, **kw):
        print("M1", a)
        super().__init__(**kw)
class M2(Base):
    def __init__(self, b=0, **kw):
        print("M2", b)
        super().__init__(**kw)
class Both(M1, M2):
    def __init__(self, **kw):
        super().__init__(**kw)
Both(a=1, b=2, c=3)
# expect: M1 1
# expect: M2 2
# expect: Base {'c': 3}
class S(A):
    @classmethod
    def make(cls): return cls.__name__
    @property
    def p(self): return "S.p"
class T(S):
    @classmethod
    def make(cls): return "T:" + super().make()
    @property
    def p(self): return "T." + super().p
    def indirect(self): return (lambda: super(T, self).p)()
    def nested(self):
        def inner(): return super(T, self).hi()
        return inner()
print(T.make(), T().make(), T().p, T().indirect(), T().nested())  # expect: T:T T:T T.S.p S.p hi from A
def outside(self): return super().x
try:
    outside(1)
except RuntimeError as e:
    print(e)
# expect: super(): __class__ cell not found
class Q:
    def m(self): return super().nope
    def n(self):
        del self
        super()
    def t(self): return __class__.__name__, super().__thisclass__.__name__, super().__self__ is self
for f in (lambda: Q().m(), lambda: Q().n(), lambda: super(Q, 5), lambda: super(5, 5)):
    try:
        print(f())
    except (AttributeError, RuntimeError, TypeError) as e:
        print(type(e).__name__, e)
# expect: AttributeError 'super' object has no attribute 'nope'
# expect: RuntimeError super(): arg[0] deleted
# expect: TypeError super(type, obj): obj (instance of int) is not an instance or subtype of type (Q).
# expect: TypeError super() argument 1 must be a type, not int
print(Q().t(), issubclass(D, A), issubclass(A, D), issubclass(D, (int, A)), isinstance(D(), (str, C)), D.__bases__ == (B, C), D.__base__.__name__)
# expect: ('Q', 'Q', True) True False True True True B
class E(A): pass
E.__bases__ = (C,)
print(E().who(), [k.__name__ for k in E.__mro__], E in C.__subclasses__())
# expect: ['C', 'A'] ['E', 'C', 'A', 'object'] True
class Abs(list):
    def __len__(self): return super().__len__() + 100
    def __contains__(self, x): return not super().__contains__(x)
print(len(Abs([1])), 1 in Abs([1]), 2 in Abs([1]))  # expect: 101 False True
class G(B): hi = A.who
print(G().hi())  # expect: ['A']
