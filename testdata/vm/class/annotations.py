# annotations are lazy (PEP 649)
import annotationlib
x: int = 1
def f(a: int, b: "bytes" = 2, *c: float, **e: bool) -> list[int]: pass
class C:
    a: int
    b: str = "x"
    c: Later
    def m(self) -> C: pass
try:
    C.__annotations__
except NameError as e:
    print(e)
# expect: name 'Later' is not defined
class Later: pass
print(list(C.__annotations__), C.__annotations__["c"] is Later, C.m.__annotations__["return"] is C, hasattr(C, "a"), C.b)
# expect: ['a', 'b', 'c'] True True False x
print(f.__annotations__)
# expect: {'a': <class 'int'>, 'b': 'bytes', 'c': <class 'float'>, 'e': <class 'bool'>, 'return': list[int]}
def g(p: unknown_one, q: int): pass
try:
    g.__annotations__
except NameError as e:
    print(e)
# expect: name 'unknown_one' is not defined
print(annotationlib.get_annotations(g, format=annotationlib.Format.STRING))  # expect: {'p': 'unknown_one', 'q': 'int'}
print(annotationlib.get_annotations(g, format=annotationlib.Format.FORWARDREF)["q"])  # expect: <class 'int'>
unknown_one = float
print(g.__annotations__, g.__annotations__ is g.__annotations__)
# expect: {'p': <class 'float'>, 'q': <class 'int'>} True
def log(v):
    print("evaluated", v)
    return v
def h(a: log("arg")) -> log("ret"): pass
print("defined")  # expect: defined
print(h.__annotations__)
# expect: evaluated arg
# expect: evaluated ret
# expect: {'a': 'arg', 'return': 'ret'}
print(h.__annotations__)  # expect: {'a': 'arg', 'return': 'ret'}
def local():
    v: log("never") = 1
    w: also_undefined
    return v, sorted(locals())
print(local())  # expect: (1, ['v'])
class D:
    def __init__(self): self.z: nothing_here = 3
print(D().z, D.__annotations__)  # expect: 3 {}
h.__annotations__ = {"new": 1}
print(h.__annotations__)  # expect: {'new': 1}
del h.__annotations__
print(h.__annotations__, (lambda: 0).__annotations__)  # expect: {} {}
t = [1, 2]
t[0]: int = 5
(u): int = 6
print(t, u)  # expect: [5, 2] 6
class Base:
    p: int
class Derived(Base):
    q: str
class Nothing(Base): pass
print(Derived.__annotations__, Nothing.__annotations__)  # expect: {'q': <class 'str'>} {}
def conditional(flag):
    class K:
        if flag:
            yes: int
        else:
            no: str
    return K.__annotations__
print(conditional(True), conditional(False))  # expect: {'yes': <class 'int'>} {'no': <class 'str'>}
import typing
print(typing.get_type_hints(Derived), typing.get_type_hints(f)["return"])
# expect: {'p': <class 'int'>, 'q': <class 'str'>} list[int]
