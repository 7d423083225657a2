# binding of positional, keyword, star and double-star arguments
def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw
print(f(1, c=3), f(1, 2, 3, 4, c=5), f(c=1, a=2), f(1, c=3, x=9, y=8), f(*[1, 2], **{"c": 3}), f(*[1], *(2, 3), c=0, **{"z": 1}, **{"q": 2}))
# expect: (1, 2, (), 3, 4, {}) (1, 2, (3, 4), 5, 4, {}) (2, 2, (), 1, 4, {}) (1, 2, (), 3, 4, {'x': 9, 'y': 8}) (1, 2, (), 3, 4, {}) (1, 2, (3,), 0, 4, {'z': 1, 'q': 2})
def pos(a, b=5, /, c=6, *, d=7):
    return a, b, c, d
print(pos(1), pos(1, 2, 3), pos(1, c=3, d=4), pos(1, 2, d=0))
# expect: (1, 5, 6, 7) (1, 2, 3, 7) (1, 5, 3, 4) (1, 2, 6, 0)
def posname(a, /, **kw):
    return a, kw
print(posname(1, a=2))  # expect: (1, {'a': 2})
def only(*, k):
    return k
def stars(*args, **kwargs):
    return args, kwargs
print(only(k=1), stars(), stars(1, *"ab", k=2, **{"not an identifier": 3}), stars(*range(3), **{}))
# expect: 1 ((), {}) ((1, 'a', 'b'), {'k': 2, 'not an identifier': 3}) ((0, 1, 2), {})
args = [1, 2]
kw = {"x": 1}
r = stars(*args, **kw)
args.append(3)
kw["y"] = 2
print(r)  # expect: ((1, 2), {'x': 1})
def mutate(*args, **kwargs):
    kwargs["new"] = 1
    return kwargs
mutate(**kw)
print(kw)  # expect: {'x': 1, 'y': 2}
def defaults(a=[], b={}):
    a.append(len(a))
    b[len(b)] = 0
    return a, b
defaults()
print(defaults(), defaults([]))  # expect: ([0, 1], {0: 0, 1: 0, 2: 0}) ([0], {0: 0, 1: 0, 2: 0})
def show(x):
    print("eval", x)
    return x
print(stars(show(1), *[show(2)], show(3), k=show(4), **{"m": show(5)}, n=show(6)))
# expect: eval 1
# expect: eval 2
# expect: eval 3
# expect: eval 4
# expect: eval 5
# expect: eval 6
# expect: ((1, 2, 3), {'k': 4, 'm': 5, 'n': 6})
print((lambda *a, k=1, **kw: (a, k, kw))(1, k=2, z=3), (lambda a, /, b: a + b)(1, b=2))  # expect: ((1,), 2, {'z': 3}) 3
class C:
    def m(self, a, *b):
        return a, b
print(C().m(1, 2, 3), C.m(None, 1), C().m(*[1], *[2]), sorted(stars(**dict(b=1, a=2))[1]))
# expect: (1, (2, 3)) (1, ()) (1, (2,)) ['a', 'b']
def many(a, b, c, d, e, f, g, h, i, j):
    return a + b + c + d + e + f + g + h + i + j
print(many(*range(10)), many(j=1, i=2, h=3, g=4, f=5, e=6, d=7, c=8, b=9, a=10), many(1, 2, 3, *[4, 5, 6], **dict(g=7, h=8, i=9, j=10)))
# expect: 45 55 55
