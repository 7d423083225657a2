# yield from: values, results, forwarding of send, throw and close
def inner():
    try:
        x = yield 1
        print("inner got", x)
        y = yield 2
        print("inner got", y)
    except ValueError as e:
        print("inner caught", e)
        yield "recovered"
    finally:
        print("inner done")
    return "inner result"
def outer():
    r = yield from inner()
    print("r =", r)
    yield from "ab"
    yield from [10]
    return (yield from empty())
def empty():
    return "e"
    yield
g = outer()
print(next(g), g.send("A"), g.send("B"))
# expect: inner got A
# expect: inner got B
# expect: inner done
# expect: r = inner result
# expect: 1 2 a
print(list(g))  # expect: ['b', 10]
g = outer()
next(g)
print(g.throw(ValueError("v")))
# expect: inner caught v
# expect: recovered
print(next(g))
# expect: inner done
# expect: r = inner result
# expect: a
g.close()
g = outer()
next(g)
g.close()  # expect: inner done
g = outer()
next(g)
try:
    g.throw(KeyError("k"))
except KeyError as e:
    print("passed", e)
# expect: inner done
# expect: passed 'k'
class It:
    def __init__(self):
        self.n = 0
    def __iter__(self):
        return self
    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration("it result")
        return self.n
    def throw(self, *a):
        print("throw called", type(a[0]).__name__)
        return "thrown"
    def close(self):
        print("close called")
def over():
    print((yield from It()))
print(list(over()))
# expect: it result
# expect: [1, 2, 3]
o = over()
print(next(o), o.throw(ValueError("x")))
# expect: throw called ValueError
# expect: 1 thrown
o.close()  # expect: close called
o = over()
next(o)
try:
    o.send(5)
except AttributeError as e:
    print(e)
# expect: 'It' object has no attribute 'send'
def flatten(x):
    if isinstance(x, list):
        for y in x:
            yield from flatten(y)
    else:
        yield x
print(list(flatten([1, [2, [3, [4]], 5], []])))  # expect: [1, 2, 3, 4, 5]
try:
    list((lambda: (yield from 5))())
except TypeError as e:
    print(e)
# expect: 'int' object is not iterable
def chain(*its):
    total = 0
    for it in its:
        total += yield from it
    return total
def n(k):
    yield from range(k)
    return k
def top():
    print("total", (yield from chain(n(2), n(3))))
print(list(top()))
# expect: total 5
# expect: [0, 1, 0, 1, 2]
def nested(d):
    if d == 0:
        got = yield "deep"
        return got
    return (yield from nested(d - 1))
x = nested(50)
print(next(x))  # expect: deep
try:
    x.send("answer")
except StopIteration as e:
    print(e.value)
# expect: answer
