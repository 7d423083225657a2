# __init_subclass__, __set_name__, __class_getitem__, __new__
class Plugin:
    registry = {}
    def __init_subclass__(cls, /, key=None, **kw):
        super().__init_subclass__(**kw)
        cls.registry[key or cls.__name__] = cls
class A(Plugin): pass
class B(Plugin, key="bee"): pass
class C(A): pass
print({k: v.__name__ for k, v in Plugin.registry.items()})  # expect: {'A': 'A', 'bee': 'B', 'C': 'C'}
try:
    class D(object, unknown=1): pass
except TypeError as e:
    print(e)
# expect: D.__init_subclass__() takes no keyword arguments
class Name:
    def __set_name__(self, owner, name): self.owner, self.name = owner, name
class Has:
    a = Name()
    b = c = Name()
print(Has.a.name, Has.b.name, Has.a.owner is Has)  # expect: a c True
Has.late = Name()
print(hasattr(Has.late, "name"))  # expect: False
class Box:
    def __class_getitem__(cls, item): return f"{cls.__name__}[{item}]"
print(Box[int], Box[1, 2], list[int], dict[str, int], tuple[int, ...])
# expect: Box[<class 'int'>] Box[(1, 2)] list[int] dict[str, int] tuple[int, ...]
class NewOnly:
    def __new__(cls, *args):
        print("new", args)
        self = super().__new__(cls)
        self.made = True
        return self
    def __init__(self, *args): print("init", args)
print(NewOnly(1, 2).made)
# expect: new (1, 2)
# expect: init (1, 2)
# expect: True
class Other:
    def __new__(cls): return "not an Other"
    def __init__(self): print("never")
print(Other())  # expect: not an Other
class Cached:
    cache = {}
    def __new__(cls, k):
        if k not in cls.cache:
            cls.cache[k] = super().__new__(cls)
        return cls.cache[k]
    def __init__(self, k): self.k = k
print(Cached(1) is Cached(1), Cached(1) is Cached(2))  # expect: True False
class Imm(tuple):
    def __new__(cls, *xs): return super().__new__(cls, sorted(xs))
print(Imm(3, 1, 2))  # expect: (1, 2, 3)
for f in (lambda: object().__init__(1), lambda: object.__new__(A, 5), lambda: type("N", (), {"__new__": lambda c, x: object.__new__(c)})(), lambda: type("I", (), {"__init__": lambda s: 5})(), lambda: A.__new__()):
    try:
        print(type(f()).__name__)
    except TypeError as e:
        print(e)
# expect: object.__init__() takes exactly one argument (the instance to initialize)
# expect: A() takes no arguments
# expect: <lambda>.<locals>.<lambda>() missing 1 required positional argument: 'x'
# expect: __init__() should return None, not 'int'
# expect: object.__new__(): not enough arguments
class Order:
    print("body start", __qualname__, __module__)
    def __init_subclass__(cls): print("init_subclass", cls.__name__, cls.attr.name)
# expect: body start Order __main__
class Sub(Order):
    attr = Name()
    print("body")
# expect: body
# expect: init_subclass Sub attr
class Weird:
    exec("made_by_exec = 1")
    for i in range(3): vars()["v%d" % i] = i
    del i
    if True:
        def cond(self): return "cond"
print(Weird.made_by_exec, Weird.v2, hasattr(Weird, "i"), Weird().cond())  # expect: 1 2 False cond
