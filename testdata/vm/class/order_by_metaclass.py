# `mro` methods of metaclasses, assignments to `__bases__`, `__class__` cells seen early, `super()` for stand-ins.
import warnings


class Base:
    pass


def attempt(step):
    try:
        print(step())
    except Exception as error:
        print(type(error).__name__, error)


for order in ((Base,), (Base, object)):
    class Meta(type):
        def mro(cls):
            return order

    attempt(lambda: Meta("Odd", (Base,), {}))


class Shy(type):
    def mro(cls):
        print(cls.__name__, cls.__mro__)
        return type.mro(cls)


class Watched(metaclass=Shy):
    pass


Watched.__bases__ += ()


class Plain:
    pass


class Derived(Plain):
    pass


class Slotted:
    __slots__ = "a"


def assign(bases):
    Derived.__bases__ = bases
    return Derived.__bases__, Derived.__mro__


attempt(lambda: assign((Plain, list)))
attempt(lambda: assign((1,)))
attempt(lambda: assign((Derived,)))
attempt(lambda: assign((bool,)))
attempt(lambda: assign((Slotted,)))
attempt(lambda: assign(()))
attempt(lambda: assign((Base, Plain)))
for slots in (("__dict__",) * 2, ("__weakref__",) * 2):
    attempt(lambda: type("A", (), {"__slots__": slots}))
for slots in ("__dict__", "__weakref__"):
    attempt(lambda: type("A", (Plain,), {"__slots__": slots}))


# Assigned again from within.
class Again(type):
    armed = False

    def mro(cls):
        if Again.armed and cls.__name__ == "C":
            Again.armed = False
            C.__bases__ = (B2,)
        return type.mro(cls)


class A(metaclass=Again):
    pass


class B1(A):
    pass


class B2(A):
    pass


class C(A):
    pass


Again.armed = True
C.__bases__ = (B1,)
B1.__bases__ = (C,)
print(C.__bases__, B2.__subclasses__(), B1.__subclasses__(), C.__subclasses__(), B1.__mro__)


class Cycle(type):
    armed = False

    def mro(cls):
        if Cycle.armed:
            if cls.__name__ == "D1":
                D2.__bases__ = (D1,)
            if cls.__name__ == "D2":
                D1.__bases__ = (D2,)
        return type.mro(cls)


class D(metaclass=Cycle):
    pass


class D1(D):
    pass


class D2(D):
    pass


Cycle.armed = True


def cycle():
    D1.__bases__ += ()


attempt(cycle)


class Early(type):
    def mro(cls):
        print(cls.__dict__["where"]())
        return super().mro()


class Cell(metaclass=Early):
    def where():
        return __class__.__name__


class Named:
    __slots__ = ["__qualname__", "__classcell__"]


named = Named()
named.__qualname__ = "q"
print(Named.__qualname__, named.__qualname__, hasattr(named, "__classcell__"))


class Proxy:
    def __init__(self, target):
        self.__target = target

    def __getattribute__(self, name):
        if name.startswith("_Proxy__"):
            return object.__getattribute__(self, name)
        return getattr(self.__target, name)


class Low:
    def f(self):
        return "low"


class High(Low):
    def f(self):
        return super(High, self).f() + " high"

    def g(self):
        return super().f()


print(High.f(Proxy(High())), High.g(Proxy(High())))


class WithoutWeak:
    __slots__ = ("a",)


class WithWeak:
    __slots__ = ("a", "__weakref__")


def change():
    x = WithoutWeak()
    x.__class__ = WithWeak


attempt(change)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    type("Numbers", (), {1: 2})
print(caught[0].category.__name__, caught[0].message)
for arguments in ((1, 2, 3), [1, 2], ([], {}), ((), []), ((1,), {}), ((1,), {"k": 2})):
    class Pickled:
        def __getnewargs_ex__(self):
            return arguments

    attempt(lambda: [getattr(part, "__name__", part) for part in Pickled().__reduce_ex__(2)][1:])
# expect: TypeError super(type, obj): obj (type Odd) is not an instance or subtype of type (Odd).
# expect: TypeError super(type, obj): obj (type Odd) is not an instance or subtype of type (Odd).
# expect: Watched None
# expect: Watched (<class '__main__.Watched'>, <class 'object'>)
# expect: TypeError __bases__ assignment: 'list' object layout differs from 'Plain'
# expect: TypeError Derived.__bases__ must be tuple of classes, not 'int'
# expect: TypeError a __bases__ item causes an inheritance cycle
# expect: TypeError type 'bool' is not an acceptable base type
# expect: TypeError __bases__ assignment: 'Slotted' object layout differs from 'Plain'
# expect: TypeError can only assign non-empty tuple to Derived.__bases__, not ()
# expect: ((<class '__main__.Base'>, <class '__main__.Plain'>), (<class '__main__.Derived'>, <class '__main__.Base'>, <class '__main__.Plain'>, <class 'object'>))
# expect: TypeError __dict__ slot disallowed: we already got one
# expect: TypeError __weakref__ slot disallowed: we already got one
# expect: TypeError __dict__ slot disallowed: we already got one
# expect: TypeError __weakref__ slot disallowed: we already got one
# expect: (<class '__main__.B2'>,) [<class '__main__.C'>] [] [<class '__main__.B1'>] (<class '__main__.B1'>, <class '__main__.C'>, <class '__main__.B2'>, <class '__main__.A'>, <class 'object'>)
# expect: TypeError a __bases__ item causes an inheritance cycle
# expect: Cell
# expect: Named q False
# expect: low high low
# expect: TypeError __class__ assignment: 'WithWeak' object layout differs from 'WithoutWeak'
# expect: RuntimeWarning non-string key in the __dict__ of class Numbers
# expect: ValueError __getnewargs_ex__ should return a tuple of length 2, not 3
# expect: TypeError __getnewargs_ex__ should return a tuple, not 'list'
# expect: TypeError first item of the tuple returned by __getnewargs_ex__ must be a tuple, not 'list'
# expect: TypeError second item of the tuple returned by __getnewargs_ex__ must be a dict, not 'list'
# expect: [(<class '__main__.Pickled'>, 1), None, None, None]
# expect: [(<class '__main__.Pickled'>, (1,), {'k': 2}), None, None, None]
