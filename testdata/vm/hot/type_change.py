# call sites and operators that see a new type after many turns
def add(a, b):
    return a + b
for i in range(3000):
    add(i, 1)
print(add(1, 2), add(1.5, 2), add("a", "b"), add([1], [2]), add(2**70, 1), add(True, True), add((), (1,)), add(1j, 1))
# expect: 3 3.5 ab [1, 2] 1180591620717411303425 2 (1,) (1+1j)
class V:
    def __add__(self, o): return "V.add"
    def __radd__(self, o): return "V.radd"
print(add(V(), 1), add(1, V()), add(3, 4))  # expect: V.add V.radd 7
for bad in ((1, "a"), ("a", 1), (None, 1), ([], ())):
    try:
        add(*bad)
    except TypeError as e:
        print(e)
# expect: unsupported operand type(s) for +: 'int' and 'str'
# expect: can only concatenate str (not "int") to str
# expect: unsupported operand type(s) for +: 'NoneType' and 'int'
# expect: can only concatenate list (not "tuple") to list
def less(a, b): return a < b
def index(c, i): return c[i]
def length(c): return len(c)
def truth(x): return "yes" if x else "no"
for i in range(3000):
    less(i, 5), index([1, 2, 3], i % 3), length([1]), truth(i)
print(less(1.5, 2), less("a", "b"), less((1,), (2,)), less(2**80, 3), less(float("nan"), 1))
# expect: True True True False False
print(index((7, 8), 1), index("xyz", -1), index({"k": "v"}, "k"), index(b"ab", 0), index(range(10), 4), index([1, 2], True), length("abc"), length({}), length(range(5)))
# expect: 8 z v 97 4 2 3 0 5
class Box:
    def __getitem__(self, i): return f"item {i}"
    def __len__(self): return 7
    def __bool__(self): return False
print(index(Box(), 3), length(Box()), truth(Box()), truth(""), truth(0.0), truth([0]), truth(None), truth(Box))
# expect: item 3 7 no no no yes no yes
for f, a in ((index, ([1], 5)), (index, ({}, "q")), (index, (5, 0)), (length, (5,)), (index, ([1], "x")), (less, (1, "a"))):
    try:
        f(*a)
    except (IndexError, KeyError, TypeError) as e:
        print(type(e).__name__, e)
# expect: IndexError list index out of range
# expect: KeyError 'q'
# expect: TypeError 'int' object is not subscriptable
# expect: TypeError object of type 'int' has no len()
# expect: TypeError list indices must be integers or slices, not str
# expect: TypeError '<' not supported between instances of 'int' and 'str'
def sum_all(xs):
    t = 0
    for x in xs:
        t += x
    return t
data = [1] * 2000 + [0.5] + [2**65] + [True]
print(sum_all(data), sum_all(range(100)), sum_all(iter([1, 2])), sum_all({1: 2, 3: 4}), sum_all(x for x in (1, 2)))
# expect: 3.6893488147419103e+19 4950 3 4 3
def flip(n):
    x = 1
    seen = set()
    for i in range(n):
        x = x + 1 if i % 100 else (float(x) if isinstance(x, int) else int(x))
        seen.add(type(x).__name__)
    return x, sorted(seen)
print(flip(1000))  # expect: (991, ['float', 'int'])
def poly(shapes):
    return sum(s.area() for s in shapes)
def make(i):
    return type(f"S{i}", (), {"area": lambda self, i=i: i})()
print(poly([make(i % 20) for i in range(400)]))  # expect: 3800
