# objects with __getitem__ and __call__ in Python under hot code
import sys, traceback
class Sc:
    def __init__(self): self.d = {}
    def __getitem__(self, k):
        if k == 'bad': raise KeyError(k)
        return self.d.get(k, k)
class Sub(Sc):
    def __getitem__(self, k): return 'sub', super().__getitem__(k)
class Def:
    def __getitem__(self, k, more=3): return k, more
class Gen:
    def __getitem__(self, k): yield k
def get(o, k): return o[k]
def g(o):
    for k in 'abc': yield o[k]
objs = [Sc(), Sub(), Def(), {'a': 1, 'bad': 2}, Gen()]
for i in range(5):
    for o in objs:
        r = get(o, 'a')
        print(list(r) if isinstance(o, Gen) else r)
# expect: a
# expect: ('sub', 'a')
# expect: ('a', 3)
# expect: 1
# expect: ['a']
# expect: a
# expect: ('sub', 'a')
# expect: ('a', 3)
# expect: 1
# expect: ['a']
# expect: a
# expect: ('sub', 'a')
# expect: ('a', 3)
# expect: 1
# expect: ['a']
# expect: a
# expect: ('sub', 'a')
# expect: ('a', 3)
# expect: 1
# expect: ['a']
# expect: a
# expect: ('sub', 'a')
# expect: ('a', 3)
# expect: 1
# expect: ['a']
s = Sc()
for i in range(50): get(s, i)
try: get(s, 'bad')
except KeyError as e: print('KeyError', e, [f.name for f in traceback.extract_tb(e.__traceback__)])
# expect: KeyError 'bad' ['<module>', 'get', '__getitem__']
print(list(g(s)), list(g(Sub())))  # expect: ['a', 'b', 'c'] [('sub', 'a'), ('sub', 'b'), ('sub', 'c')]
Sc.__getitem__ = lambda self, k: ('new', k)
print(get(s, 1), get(Sub(), 2))  # expect: ('new', 1) ('sub', ('new', 2))
del Sc.__getitem__
try: print(get(s, 1))
except TypeError as e: print(e)
# expect: 'Sc' object is not subscriptable
class Ca:
    def __call__(self, *a, **k): return a, k
class Cb:
    def __call__(self): return 'cb'
class Meta(type):
    def __call__(cls, *a): return 'meta', a
class M(metaclass=Meta): pass
def call(f, *a, **k): return f(*a, **k)
def call1(f): return f(1)
for i in range(6):
    for f in [Ca(), Cb(), M, Ca().__call__, call, len]:
        try: print(call1(f))
        except TypeError as e: print(e)
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
# expect: ((1,), {})
# expect: Cb.__call__() takes 1 positional argument but 2 were given
# expect: ('meta', (1,))
# expect: ((1,), {})
# expect: 'int' object is not callable
# expect: object of type 'int' has no len()
def gg(f):
    yield f(1); yield f(2, k=3); yield f()
print(list(gg(Ca())))  # expect: [((1,), {}), ((2,), {'k': 3}), ((), {})]
class R:
    def __call__(self): return self()
try: R()()
except RecursionError as e: print('rec', e)
# expect: rec maximum recursion depth exceeded
class R2:
    def __getitem__(self, k): return self[k]
try: R2()[1]
except RecursionError as e: print('rec', e)
# expect: rec maximum recursion depth exceeded
class Cd:
    __call__ = Ca()
print(Cd()(5))  # expect: ((5,), {})
class Ce:
    __call__ = staticmethod(lambda *a: a)
print(Ce()(5))  # expect: (5,)
class Cf:
    @classmethod
    def __call__(cls, *a): return cls.__name__, a
print(Cf()(5))  # expect: ('Cf', (5,))
