# generators: yield, return, laziness, exhaustion
def count(n):
    print("started")
    for i in range(n):
        yield i
    print("finished")
    return "result"
g = count(2)
print(type(g).__name__, g.gi_running, iter(g) is g)  # expect: generator False True
print(next(g))
# expect: started
# expect: 0
print(next(g))  # expect: 1
try:
    next(g)
except StopIteration as e:
    print("stop", e.value)
# expect: finished
# expect: stop result
try:
    next(g)
except StopIteration as e:
    print("again", e.value)
# expect: again None
print(list(count(1)), next(count(0), "default"))
# expect: started
# expect: finished
# expect: started
# expect: finished
# expect: [0] default
def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
print(list(itertools.islice(fib(), 10)), [x for x, _ in zip(fib(), range(5))])
# expect: [0, 1, 1, 2, 3, 5, 8, 13, 21, 34] [0, 1, 1, 2, 3]
def empty():
    return
    yield
print(list(empty()), sum(x * x for x in range(4)), sorted((x for x in (3, 1, 2))))  # expect: [] 14 [1, 2, 3]
def tree(t):
    if t:
        l, v, r = t
        yield from tree(l)
        yield v
        yield from tree(r)
print(list(tree(((None, 1, None), 2, ((None, 3, None), 4, None)))))  # expect: [1, 2, 3, 4]
def pairs():
    x = yield 1, 2
    print("x", x)
    y = (yield) or "nothing"
    print("y", y)
print(list(pairs()))
# expect: x None
# expect: y nothing
# expect: [(1, 2), None]
def g2():
    try:
        yield 1
        raise ValueError("inside")
    finally:
        print("cleanup")
it = g2()
print(next(it))  # expect: 1
try:
    next(it)
except ValueError as e:
    print(e)
# expect: cleanup
# expect: inside
print(list(it))  # expect: []
def stop():
    yield 1
    raise StopIteration("leak")
try:
    list(stop())
except RuntimeError as e:
    print(e, repr(e.__cause__))
# expect: generator raised StopIteration StopIteration('leak')
def selfish():
    next(me)
    yield
me = selfish()
try:
    next(me)
except ValueError as e:
    print(e)
# expect: generator already executing
e = (x for x in [1, 2])
print(1 in e, list(e), g.gi_frame, g.gi_code.co_name, count.__name__)  # expect: True [2] None count count
