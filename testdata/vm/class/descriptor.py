# the descriptor protocol
class D:
    def __init__(self, tag): self.tag = tag
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = name
    def __get__(self, obj, owner=None):
        return f"get {self.tag} {obj is None} {owner and owner.__name__}"
class Data(D):
    def __set__(self, obj, value):
        print("set", self.tag, value)
    def __delete__(self, obj):
        print("delete", self.tag)
class C:
    non = D("non")
    data = Data("data")
# expect: set_name C non
# expect: set_name C data
c = C()
print(c.non, c.data, C.non, C.data)  # expect: get non False C get data False C get non True C get data True C
c.non = 1
c.data = 2  # expect: set data 2
print(c.__dict__, c.non)  # expect: {'non': 1} 1
c.__dict__["data"] = 3
print(c.data)  # expect: get data False C
del c.data  # expect: delete data
del c.non
print(c.non, c.__dict__)  # expect: get non False C {'data': 3}
C.data = "replaced"
print(c.data)  # expect: 3
class Sub(C): pass
print(Sub().non, Sub.non, Sub.__dict__.get("non"))  # expect: get non False Sub get non True Sub None
class OnlySet:
    def __set__(self, obj, v): obj.__dict__["o"] = v * 2
class O: o = OnlySet()
o = O()
print(type(o.o).__name__)  # expect: OnlySet
o.o = 5
print(o.o)  # expect: 10
try:
    del o.o
except AttributeError as e:
    print(e)
# expect: __delete__
class Typed:
    def __init__(self, t): self.t = t
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, obj, owner): return self if obj is None else getattr(obj, self.name)
    def __set__(self, obj, v):
        if not isinstance(v, self.t):
            raise TypeError(f"{self.name[1:]} must be {self.t.__name__}")
        setattr(obj, self.name, v)
class P:
    x = Typed(int)
    y = Typed(str)
    def __init__(self, x, y): self.x, self.y = x, y
p = P(1, "a")
print(p.x, p.y, p.__dict__)  # expect: 1 a {'_x': 1, '_y': 'a'}
try:
    p.x = "no"
except TypeError as e:
    print(e)
# expect: x must be int
class Callable:
    def __call__(self, *a): return ("called", a)
class Fn:
    plain = Callable()
    def real(self): return "real"
print(Fn().plain(1), Fn.real.__get__(Fn())(), Fn.real.__get__(None, Fn) is Fn.real)  # expect: ('called', (1,)) real True
class M:
    def __get__(self, o, t): return lambda *a: ("bound by M", a)
class WithMeta:
    m = M()
    __len__ = M()
print(WithMeta().m(1))  # expect: ('bound by M', (1,))
try:
    len(WithMeta())
except TypeError as e:
    print(e)
# expect: 'tuple' object cannot be interpreted as an integer
class BadGet:
    def __get__(self, o, t): raise AttributeError("from get")
class HasBad:
    b = BadGet()
    def __getattr__(self, n): return "fallback " + n
print(HasBad().b, getattr(HasBad, "b", "class default"))  # expect: fallback b class default
try:
    class E:
        class F:
            def __set_name__(self, o, n): raise ValueError("in set_name")
        f = F()
except ValueError as e:
    print(type(e).__name__, e, e.__notes__)
# expect: ValueError in set_name ["Error calling __set_name__ on 'F' instance 'f' in 'E'"]
print(int.__dict__["real"].__get__(5), str.__dict__["upper"].__get__("abc")(), type(int.__dict__["real"]).__name__, type(str.__dict__["join"]).__name__, C.__dict__["__dict__"].__get__(c))
# expect: 5 ABC getset_descriptor method_descriptor {'data': 3}
