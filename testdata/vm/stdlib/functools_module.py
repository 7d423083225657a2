# functools
import functools
from functools import partial, reduce, lru_cache, cache, wraps, singledispatch, partialmethod, cached_property, update_wrapper
p = partial(int, base=2)
print(p("101"), p.func is int, p.args, p.keywords, partial(partial(max, 1), 5)(3), partial(print, "a", sep="-", end="!\n")("b") is None)
# expect: a-b!
# expect: 5 True () {'base': 2} 5 True
print(reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(lambda a, b: a + [b], "ab", []), reduce(max, [3]))
# expect: 24 ['a', 'b'] 3
try:
    reduce(max, [])
except TypeError as e:
    print(e)
# expect: reduce() of empty iterable with no initial value
@lru_cache(maxsize=2)
def sq(x):
    print("compute", x)
    return x * x
print(sq(1), sq(2), sq(1), sq(3), sq(1), sq(2), sq.cache_info())
# expect: compute 1
# expect: compute 2
# expect: compute 3
# expect: compute 2
# expect: 1 4 1 9 1 4 CacheInfo(hits=2, misses=4, maxsize=2, currsize=2)
sq.cache_clear()
print(sq.cache_info(), sq.__wrapped__(3), sq.cache_parameters())
# expect: compute 3
# expect: CacheInfo(hits=0, misses=0, maxsize=2, currsize=0) 9 {'maxsize': 2, 'typed': False}
@lru_cache(typed=True)
def ty(x): return type(x).__name__
print(ty(1), ty(1.0), ty(True), ty.cache_info().currsize)  # expect: int float bool 3
try:
    sq([])
except TypeError as e:
    print(e)
# expect: unhashable type: 'list'
@singledispatch
def describe(x): return "object"
@describe.register
def _(x: int): return f"int {x}"
@describe.register(list)
def _(x): return f"list of {len(x)}"
@describe.register(str | bytes)
def _(x): return "texty"
print(describe(5), describe([1]), describe(2.5), describe(True), describe("s"), describe.dispatch(bool)(1))
# expect: int 5 list of 1 object int True texty int 1
def deco(f):
    @wraps(f)
    def w(*a): return f(*a)
    return w
@deco
def documented(a: int) -> str:
    "doc"
    return str(a)
print(documented.__name__, documented.__doc__, documented.__annotations__, documented.__wrapped__(5))
# expect: documented doc {'a': <class 'int'>, 'return': <class 'str'>} 5
class C:
    def base(self, a, b): return a, b
    five = partialmethod(base, 5)
    @functools.singledispatchmethod
    def m(self, x): return "default"
    @m.register
    def _(self, x: int): return "int"
    @cached_property
    def slow(self):
        print("slow")
        return 1
print(C().five(6), C().m(1), C().m("x"))  # expect: (5, 6) int default
c = C()
print(c.slow, c.slow)
# expect: slow
# expect: 1 1
print(functools.cmp_to_key(lambda a, b: a - b)(1) < functools.cmp_to_key(lambda a, b: a - b)(2))  # expect: True
hole = partial(pow, functools.Placeholder, 2)
print(hole(5), repr(partial(pow, 2)).replace("built-in ", ""))  # expect: 25 functools.partial(<function pow>, 2)
class Cell:
    def __init__(self): self.v = 0
    __add__ = functools.partialmethod(lambda self, o, n: (o, n), n=1)
print(Cell() + 4)  # expect: (4, 1)
