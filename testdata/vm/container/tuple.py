# tuples
t = (1, "a", None)
print(t, (), (1,), 1, (1, 2) + (3,), (0,) * 3, t[0], t[-1], t[1:], t[::-1], len(t), "a" in t, t.index("a"), t.count(None))
# expect: (1, 'a', None) () (1,) 1 (1, 2, 3) (0, 0, 0) 1 None ('a', None) (None, 'a', 1) 3 True 1 1
print(tuple("ab"), tuple([1, 2]), tuple(range(3)), tuple(), tuple(x * 2 for x in (1, 2)), (*t, 5), tuple(t) is t)
# expect: ('a', 'b') (1, 2) (0, 1, 2) () (2, 4) (1, 'a', None, 5) True
print((1, 2) < (1, 3), (1,) < (1, 0), () == (), (1, 2) == [1, 2], hash((1, 2)) == hash((1, 2)), hash((1, "a")) == hash((1, "a")), {(1, 2): "v"}[(1, 2)])
# expect: True True True False True True v
a = 1,
print(a, type(a).__name__)  # expect: (1,) tuple
for text in ("t[0] = 1", "t + [1]", "hash(([],))", "t.index('z')", "t[9]", "t < 5", "del t[0]", "tuple(5)", "t.append(1)", "t * 1.5", "t['x']"):
    try:
        exec(text)
    except (TypeError, ValueError, IndexError, AttributeError) as e:
        print(text, "->", type(e).__name__, e)
# expect: t[0] = 1 -> TypeError 'tuple' object does not support item assignment
# expect: t + [1] -> TypeError can only concatenate tuple (not "list") to tuple
# expect: hash(([],)) -> TypeError unhashable type: 'list'
# expect: t.index('z') -> ValueError tuple.index(x): x not in tuple
# expect: t[9] -> IndexError tuple index out of range
# expect: t < 5 -> TypeError '<' not supported between instances of 'tuple' and 'int'
# expect: del t[0] -> TypeError 'tuple' object doesn't support item deletion
# expect: tuple(5) -> TypeError 'int' object is not iterable
# expect: t.append(1) -> AttributeError 'tuple' object has no attribute 'append'
# expect: t * 1.5 -> TypeError can't multiply sequence by non-int of type 'float'
# expect: t['x'] -> TypeError tuple indices must be integers or slices, not str
b = ([],)
try:
    b[0] += [1]
except TypeError as e:
    print(e, b)
# expect: 'tuple' object does not support item assignment ([1],)
t += (4,)
print(t)  # expect: (1, 'a', None, 4)
class P(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))
    x = property(lambda self: self[0])
p = P(3, 4)
print(p, p.x, p == (3, 4), p + (1,), type(p + (1,)).__name__, type(p[:]).__name__, isinstance(p, tuple), [*p])
# expect: (3, 4) 3 True (3, 4, 1) tuple tuple True [3, 4]
print(repr(((1,), ())), ((1, 2), (3,))[0][1], max((1, 2), (1, 3)), sorted([(2, 1), (1, 9)]))
# expect: ((1,), ()) 2 (1, 3) [(1, 9), (2, 1)]
x = y = 0
(x, y), z = (1, 2), 3
print(x, y, z, (lambda *a: a)(), (lambda *a: a)(1))  # expect: 1 2 3 () (1,)
