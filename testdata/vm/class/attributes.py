# attribute lookup, setting, deletion, class against instance
class A:
    shared = []
    n = 0
    def __init__(self):
        self.own = "own"
a, b = A(), A()
a.shared.append(1)
a.n += 1
print(b.shared, a.n, b.n, A.n, a.__dict__, b.__dict__)  # expect: [1] 1 0 0 {'own': 'own', 'n': 1} {'own': 'own'}
A.n = 50
print(a.n, b.n)  # expect: 1 50
A.late = lambda self: "late method"
print(a.late())  # expect: late method
a.late = lambda: "instance function"
print(a.late(), b.late())  # expect: instance function late method
del a.late
print(a.late())  # expect: late method
for text in ("a.nope", "del a.nope", "A.nope", "del A.nope", "a.own.x", "None.x", "(1).x", "a.n.m = 1", "None.x = 1", "(5).real = 1", "del a.shared", "a.__dict__ = 5", "a.__class__ = 5", "int.x = 1", "[].x = 1", "object().x = 1", "a.__init__.x = 1", "A.__dict__['q'] = 1", "getattr(a, 5)", "''.upper = 1", "A.__name__ = 5", "del A.__name__"):
    try:
        exec(text)
        print("no error", text)
    except (AttributeError, TypeError) as e:
        print(text, "->", type(e).__name__, e)
# expect: a.nope -> AttributeError 'A' object has no attribute 'nope'
# expect: del a.nope -> AttributeError 'A' object has no attribute 'nope'
# expect: A.nope -> AttributeError type object 'A' has no attribute 'nope'
# expect: del A.nope -> AttributeError type object 'A' has no attribute 'nope'
# expect: a.own.x -> AttributeError 'str' object has no attribute 'x'
# expect: None.x -> AttributeError 'NoneType' object has no attribute 'x'
# expect: (1).x -> AttributeError 'int' object has no attribute 'x'
# expect: a.n.m = 1 -> AttributeError 'int' object has no attribute 'm' and no __dict__ for setting new attributes
# expect: None.x = 1 -> AttributeError 'NoneType' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: (5).real = 1 -> AttributeError attribute 'real' of 'int' objects is not writable
# expect: del a.shared -> AttributeError 'A' object has no attribute 'shared'
# expect: a.__dict__ = 5 -> TypeError __dict__ must be set to a dictionary, not a 'int'
# expect: a.__class__ = 5 -> TypeError __class__ must be set to a class, not 'int' object
# expect: int.x = 1 -> TypeError cannot set 'x' attribute of immutable type 'int'
# expect: [].x = 1 -> AttributeError 'list' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: object().x = 1 -> AttributeError 'object' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: a.__init__.x = 1 -> AttributeError 'method' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: A.__dict__['q'] = 1 -> TypeError 'mappingproxy' object does not support item assignment
# expect: getattr(a, 5) -> TypeError attribute name must be string, not 'int'
# expect: ''.upper = 1 -> AttributeError 'str' object attribute 'upper' is read-only
# expect: A.__name__ = 5 -> TypeError can only assign string to A.__name__, not 'int'
# expect: del A.__name__ -> TypeError cannot delete '__name__' attribute of immutable type 'A'
print(vars(a), sorted(k for k in vars(A) if not k.startswith("__")), hasattr(a, "own"), getattr(a, "zz", "dflt"))
# expect: {'own': 'own', 'n': 1} ['late', 'n', 'shared'] True dflt
setattr(a, "dynamic", 1)
setattr(a, "not an identifier", 2)
delattr(a, "own")
print(a.__dict__, getattr(a, "not an identifier"))  # expect: {'n': 1, 'dynamic': 1, 'not an identifier': 2} 2
a.__dict__["via"] = 3
a.__dict__ = {"whole": 1} | a.__dict__
print(a.via, a.whole)  # expect: 3 1
class B:
    pass
a.__class__ = B
print(type(a).__name__, a.whole, isinstance(a, A), A.__module__, A.__qualname__, A.__doc__, type(A), A.__subclasses__())
# expect: B 1 False __main__ A None <class 'type'> []
A.__name__ = "Renamed"
print(A.__name__, A.__qualname__, repr(A).replace("__main__.", ""))  # expect: Renamed A <class 'A'>
try:
    a.nope
except AttributeError as e:
    print(e.name, e.obj is a)
# expect: nope True
class Many:
    def __init__(self, k):
        for i in range(k):
            setattr(self, f"f{i}", i)
m = Many(100)
print(len(m.__dict__), m.f0, m.f99, list(m.__dict__)[50])  # expect: 100 0 99 f50
