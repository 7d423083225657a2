# functools and operator: partial with placeholders, lru_cache, cmp_to_key, getters
import functools, operator, pickle, copy
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
two = functools.partial(int, base=2)
print(two, two("101"), pickle.loads(pickle.dumps(two))("11"))
# expect: functools.partial(<class 'int'>, base=2) 5 3
two.note = 5
print(copy.deepcopy(two).note, two.__reduce__()[2][3])
# expect: 5 {'note': 5}
from functools import Placeholder as _
open_call = functools.partial(lambda *a: a, _, 2, _, 4)
attempt(lambda: open_call(1))
# expect: TypeError missing positional arguments in 'partial' call; expected at least 2, got 1
attempt(lambda: open_call(1, 3, 5))
# expect: (1, 2, 3, 4, 5)
attempt(lambda: functools.partial(open_call, 1)(3))
# expect: (1, 2, 3, 4)
attempt(lambda: functools.partial(print, _))
# expect: TypeError trailing Placeholders are not allowed
attempt(lambda: functools.partial(1))
# expect: TypeError the first argument must be callable
class A:
    method = functools.partialmethod(lambda self, x, y: (x, y), 1)
    bound = functools.partial(lambda *a: len(a), 1)
print(A().method(2), A().bound())
# expect: (1, 2) 2
@functools.lru_cache(maxsize=2)
def double(x):
    print("call", x)
    return x * 2
for x in (1, 2, 1, 3, 2):
    double(x)
# expect: call 1
# expect: call 2
# expect: call 3
# expect: call 2
print(double.cache_info(), double.__name__, double.__wrapped__(4))
# expect: call 4
# expect: CacheInfo(hits=1, misses=4, maxsize=2, currsize=2) double 8
double.cache_clear()
print(double.cache_info(), double.cache_parameters())
# expect: CacheInfo(hits=0, misses=0, maxsize=2, currsize=0) {'maxsize': 2, 'typed': False}
@functools.lru_cache(typed=True)
def typed(*a, **k):
    return a, k
typed(1); typed(1.0); typed(True); typed(x=1); typed(x=1)
print(typed.cache_info())
# expect: CacheInfo(hits=1, misses=4, maxsize=128, currsize=4)
attempt(lambda: typed([]))
# expect: TypeError unhashable type: 'list'
@functools.cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(300))
# expect: 222232244629420445529739893461909967206666939096499764990979600
print(functools.reduce(operator.add, [1, 2, 3], 10), sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)))
# expect: 16 [3, 2, 1]
attempt(lambda: functools.reduce(operator.add, []))
# expect: TypeError reduce() of empty iterable with no initial value
attempt(lambda: functools.reduce(operator.add, 3))
# expect: TypeError reduce() arg 2 must support iteration
attempt(lambda: functools.cmp_to_key(3)(1) < 5)
# expect: TypeError other argument must be K instance
print(operator.itemgetter(1, 2)("abc"), operator.attrgetter("__class__.__name__")(3), operator.methodcaller("split", "b", maxsplit=1)("abcb"))
# expect: ('b', 'c') int ['a', 'cb']
for o in (operator.itemgetter(1, 2), operator.attrgetter("a.b", "c"), operator.methodcaller("x", 1, k=2)):
    print(o, pickle.loads(pickle.dumps(o)))
# expect: operator.itemgetter(1, 2) operator.itemgetter(1, 2)
# expect: operator.attrgetter('a.b', 'c') operator.attrgetter('a.b', 'c')
# expect: operator.methodcaller('x', 1, k=2) operator.methodcaller('x', 1, k=2)
attempt(lambda: operator.itemgetter())
# expect: TypeError itemgetter expected 1 argument, got 0
attempt(lambda: operator.attrgetter(1))
# expect: TypeError attribute name must be a string
attempt(lambda: operator.methodcaller())
# expect: TypeError methodcaller needs at least one argument, the method name
attempt(lambda: operator.concat(1, 2))
# expect: TypeError 'int' object can't be concatenated
attempt(lambda: operator.length_hint(1, "x"))
# expect: TypeError 'str' object cannot be interpreted as an integer
attempt(lambda: operator.indexOf([1], 2))
# expect: ValueError sequence.index(x): x not in sequence
