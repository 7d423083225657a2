# metaclasses, type(), __prepare__, __call__, __instancecheck__
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, [b.__name__ for b in bases], kw)
        return {"injected": 1}
    def __new__(mcs, name, bases, ns, **kw):
        print("new", name, [k for k in ns if not k.startswith("__")])
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw)
        super().__init__(name, bases, ns)
    def __call__(cls, *a):
        print("call", cls.__name__, a)
        return super().__call__(*a)
    def __len__(cls): return 42
    @property
    def prop(cls): return "meta prop of " + cls.__name__
    def meth(cls): return "meta method of " + cls.__name__
class A(metaclass=Meta, option=5):
    x = injected + 1
    def __init__(self, *a): self.a = a
# expect: prepare A [] {'option': 5}
# expect: new A ['injected', 'x']
# expect: init A {'option': 5}
a = A(1, 2)  # expect: call A (1, 2)
print(A.x, a.a, len(A), A.prop, A.meth(), type(A).__name__)  # expect: 2 (1, 2) 42 meta prop of A meta method of A Meta
try:
    a.meth
except AttributeError as e:
    print(e)
# expect: 'A' object has no attribute 'meth'
class B(A): pass
# expect: prepare B ['A'] {}
# expect: new B ['injected']
# expect: init B {}
print(type(B) is Meta, isinstance(B, Meta), B.mro()[1].__name__)  # expect: True True A
T = type("T", (object,), {"v": 1, "get": lambda self: self.v})
print(T, T().get(), type(T), T.__module__)  # expect: <class '__main__.T'> 1 <class 'type'> __main__
class Any(type):
    def __instancecheck__(cls, o): return o == "magic"
    def __subclasscheck__(cls, c): return c is int
class K(metaclass=Any): pass
print(isinstance("magic", K), isinstance(5, K), issubclass(int, K), isinstance(K(), K))  # expect: True False True True
class M1(type): pass
class M2(type): pass
class C1(metaclass=M1): pass
class C2(metaclass=M2): pass
try:
    class C3(C1, C2): pass
except TypeError as e:
    print(e)
# expect: metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
class Single(type):
    def __call__(cls, *a):
        if not hasattr(cls, "inst"):
            cls.inst = super().__call__(*a)
        return cls.inst
class S(metaclass=Single): pass
print(S() is S())  # expect: True
def func_meta(name, bases, ns):
    return name, bases, ns["z"]
class F(metaclass=func_meta):
    z = 1
print(F)  # expect: ('F', (), 1)
class Ordered(type):
    def __iter__(cls): return iter(k for k in cls.__dict__ if not k.startswith("_"))
    def __getitem__(cls, k): return cls.__dict__[k]
    def __contains__(cls, k): return k in cls.__dict__
    def __add__(cls, o): return cls.__name__ + "+" + o.__name__
    def __repr__(cls): return "<" + cls.__name__ + ">"
class E(metaclass=Ordered):
    b = 1
    a = 2
print(list(E), E["a"], "b" in E, E + E, E, [E])  # expect: ['b', 'a'] 2 True E+E <E> [<E>]
for f in (lambda: type("X", (5,), {}), lambda: type(1, (), {}), lambda: type("X", (), 5), lambda: type("X", ()), lambda: type("X", (), {}, k=1), lambda: object.__new__(5), lambda: int.__new__(str)):
    try:
        print(f())
    except TypeError as e:
        print(e)
# expect: metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
# expect: type.__new__() argument 1 must be str, not int
# expect: type.__new__() argument 3 must be dict, not int
# expect: type() takes 1 or 3 arguments
# expect: X.__init_subclass__() takes no keyword arguments
# expect: object.__new__(X): X is not a type object (int)
# expect: int.__new__(str): str is not a subtype of int
