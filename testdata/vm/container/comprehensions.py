# comprehensions: scopes, nesting, conditions, evaluation order
print([x * y for x in range(3) for y in range(x)], [[y for y in range(x)] for x in range(3)], {x: y for x in "ab" for y in range(2)})
# expect: [0, 0, 2] [[], [0], [0, 1]] {'a': 1, 'b': 1}
print([x for x in range(20) if x % 2 if x % 3], {x // 2 for x in range(6)} == {0, 1, 2}, [(a, b) for a, b in {"k": 1}.items()])
# expect: [1, 5, 7, 11, 13, 17, 19] True [('k', 1)]
x = "outer"
print([x for x in range(2)], x)  # expect: [0, 1] outer
fs = [lambda: i for i in range(3)]
print([f() for f in fs])  # expect: [2, 2, 2]
fs = [lambda i=i: i for i in range(3)]
print([f() for f in fs])  # expect: [0, 1, 2]
g = (print("lazy", x) or x for x in [1, 2])
print("made")  # expect: made
print(list(g))
# expect: lazy 1
# expect: lazy 2
# expect: [1, 2]
def log(v):
    print("log", v)
    return v
print([log("elt") for a in log([1]) if log("cond") for b in log([2])])
# expect: log [1]
# expect: log cond
# expect: log [2]
# expect: log elt
# expect: ['elt']
print({log("key"): log("value") for _ in log([0])})
# expect: log [0]
# expect: log key
# expect: log value
# expect: {'key': 'value'}
class C:
    items = [1, 2]
    n = 10
    doubled = [i * 2 for i in items]
    try:
        bad = [i * n for i in items]
    except NameError as e:
        print(e)
    ok = [i * m for i, m in zip(items, [n] * 2)]
# expect: name 'n' is not defined
print(C.doubled, C.ok)  # expect: [2, 4] [10, 20]
def f():
    y = 5
    r = [y + z for z in range(2)]
    return r, [w for w in [y] if (lambda: w)()], sorted(locals())
print(f())  # expect: ([5, 6], [5], ['r', 'y'])
def walrus():
    r = [last := n * n for n in range(4)]
    return r, last
print(walrus())  # expect: ([0, 1, 4, 9], 9)
print([y := 1, y + 1], any((w := v) > 2 for v in [1, 2, 3, 4]), w)  # expect: [1, 2] True 3
def shadowed():
    i = "kept"
    [i for i in range(3)]
    return i
print(shadowed())  # expect: kept
try:
    list(q for q in undefined_name)
except NameError as e:
    print(e)
# expect: name 'undefined_name' is not defined
try:
    [1 / v for v in (1, 0)]
except ZeroDivisionError as e:
    print(e)
# expect: division by zero
it = iter([3])
gen = (next(it) for _ in "ab")
try:
    list(gen)
except RuntimeError as e:
    print(e, repr(e.__cause__))
# expect: generator raised StopIteration StopIteration()
print([*map(lambda p: [q for q in p], ["ab"])], [[a + b for a in "xy"] for b in "12"], sum(c for c in range(5)), sorted((d for d in "cab"), reverse=True))
# expect: [['a', 'b']] [['x1', 'y1'], ['x2', 'y2']] 10 ['c', 'b', 'a']
print([(lambda v: [v + u for u in range(2)])(t) for t in range(2)], [locals().get("t") for t in "z"])
# expect: [[0, 1], [1, 2]] ['z']
