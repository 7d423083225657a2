# decorators of functions and classes, stacking, arguments
def trace(f):
    def wrapper(*args, **kw):
        print("call", f.__name__, args, kw)
        r = f(*args, **kw)
        print("return", r)
        return r
    return wrapper
@trace
def add(a, b=1):
    return a + b
add(1)
# expect: call add (1,) {}
# expect: return 2
add(2, b=3)
# expect: call add (2,) {'b': 3}
# expect: return 5
print(add.__name__)  # expect: wrapper
def tag(name):
    print("make", name)
    def deco(f):
        print("apply", name)
        def inner(*a):
            return f"<{name}>{f(*a)}</{name}>"
        return inner
    return deco
@tag("b")
@tag("i")
def text(s):
    return s
# expect: make b
# expect: make i
# expect: apply i
# expect: apply b
print(text("hi"))  # expect: <b><i>hi</i></b>
def register(cls):
    cls.registered = True
    return cls
@register
class C: pass
print(C.registered)  # expect: True
@lambda f: "replaced"
def g(): pass
print(g)  # expect: replaced
class Count:
    def __init__(self, f):
        self.f, self.n = f, 0
    def __call__(self, *a):
        self.n += 1
        return self.f(*a)
@Count
def h(x): return x * 2
print(h(1), h(2), h.n)  # expect: 2 4 2
import functools
@functools.cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(80), fib.cache_info())  # expect: 23416728348467685 CacheInfo(hits=78, misses=81, maxsize=None, currsize=81)
@functools.wraps(add)
def w(): "w doc"
print(w.__name__, w.__wrapped__ is add)  # expect: wrapper True
decos = [trace]
@decos[0]
def k(): return "k"
k()
# expect: call k () {}
# expect: return k
class M:
    @staticmethod
    def s(x): return "s", x
    @classmethod
    def c(cls, x): return cls.__name__, x
    @property
    def p(self): return "p"
print(M.s(1), M().s(2), M.c(3), M().c(4), M().p)  # expect: ('s', 1) ('s', 2) ('M', 3) ('M', 4) p
@print
class Printed: pass  # expect: <class '__main__.Printed'>
print(Printed)  # expect: None
