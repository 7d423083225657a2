# starred targets and displays
a, *b = 1, 2, 3
print(a, b)  # expect: 1 [2, 3]
*a, b = "xyz"
print(a, b)  # expect: ['x', 'y'] z
a, *b, c = [1, 2]
print(a, b, c)  # expect: 1 [] 2
(a, *b), c = [(1, 2, 3), 4]
print(a, b, c)  # expect: 1 [2, 3] 4
[a, [b, *c]] = 1, "pqr"
print(a, b, c)  # expect: 1 p ['q', 'r']
*a, = range(3)
print(a)  # expect: [0, 1, 2]
for x, *y in [(1, 2, 3), "ab"]:
    print(x, y)
# expect: 1 [2, 3]
# expect: a ['b']
print([*range(3), *"ab"], (*[1], 2), {*[1, 2], 2}, {**{"a": 1}, "b": 2}, [*{}, *()])
# expect: [0, 1, 2, 'a', 'b'] (1, 2) {1, 2} {'a': 1, 'b': 2} []
d = {}
d["x"], *d["rest"] = 1, 2, 3
print(d)  # expect: {'x': 1, 'rest': [2, 3]}
class O:
    pass
o = O()
o.a, (o.b, *o.c) = 1, (2, 3, 4)
print(o.__dict__)  # expect: {'a': 1, 'b': 2, 'c': [3, 4]}
def gen():
    print("start")
    yield 1
    yield 2
    yield 3
    print("end")
try:
    a, b = gen()
except ValueError as e:
    print(e)
# expect: start
# expect: too many values to unpack (expected 2)
for text in ("a, b = 1", "a, b = (1,)", "a, b, c = 1, 2", "a, b = 1, 2, 3", "a, *b, c = (1,)", "a, b = None", "() = 1,", "[a] = []", "a, b = {'x': 1}", "a, b = 'abc'", "a, b = iter([1, 2, 3])", "a, b = [1, 2, 3]"):
    try:
        exec(text)
        print("no error", text)
    except (TypeError, ValueError) as e:
        print(text, "->", type(e).__name__, e)
# expect: a, b = 1 -> TypeError cannot unpack non-iterable int object
# expect: a, b = (1,) -> ValueError not enough values to unpack (expected 2, got 1)
# expect: a, b, c = 1, 2 -> ValueError not enough values to unpack (expected 3, got 2)
# expect: a, b = 1, 2, 3 -> ValueError too many values to unpack (expected 2, got 3)
# expect: a, *b, c = (1,) -> ValueError not enough values to unpack (expected at least 2, got 1)
# expect: a, b = None -> TypeError cannot unpack non-iterable NoneType object
# expect: () = 1, -> ValueError too many values to unpack (expected 0, got 1)
# expect: [a] = [] -> ValueError not enough values to unpack (expected 1, got 0)
# expect: a, b = {'x': 1} -> ValueError not enough values to unpack (expected 2, got 1)
# expect: a, b = 'abc' -> ValueError too many values to unpack (expected 2)
# expect: a, b = iter([1, 2, 3]) -> ValueError too many values to unpack (expected 2)
# expect: a, b = [1, 2, 3] -> ValueError too many values to unpack (expected 2, got 3)
() = []
a, b = {"k1": 1, "k2": 2}
print(a, b)  # expect: k1 k2
a = b, c = 1, 2
print(a, b, c)  # expect: (1, 2) 1 2
i = 0
l = [None] * 3
i, l[i], i = 1, "one", 2
print(i, l)  # expect: 2 [None, 'one', None]
def star_return():
    return 1, *[2, 3]
def star_yield():
    yield 0, *(1, 2)
print(star_return(), next(star_yield()))  # expect: (1, 2, 3) (0, 1, 2)
x = *[1, 2], 3
print(x, [(y, *z) for y, *z in ["abc"]])  # expect: (1, 2, 3) [('a', 'b', 'c')]
