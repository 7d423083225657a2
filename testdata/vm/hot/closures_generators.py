# hot closures, generators, comprehensions, recursion
def make(n):
    total = 0
    def add(x):
        nonlocal total
        total += x
        return total
    for i in range(n):
        add(i)
    return total, add
t, add = make(5000)
print(t, add(0.5), add(1))  # expect: 12497500 12497500.5 12497501.5
def evens():
    n = 0
    while True:
        yield n
        n += 2
g = evens()
print(sum(next(g) for _ in range(5000)))  # expect: 24995000
def running():
    total = 0
    while True:
        got = yield total
        total += got if got is not None else 0
r = running()
next(r)
for i in range(3000):
    r.send(i)
print(r.send(0), r.send(0.25))  # expect: 4498500 4498500.25
def tree(d): return None if d == 0 else (tree(d - 1), d, tree(d - 1))
def walk(t):
    if t is not None:
        yield from walk(t[0])
        yield t[1]
        yield from walk(t[2])
print(sum(walk(tree(10))), sum(1 for _ in walk(tree(8))))  # expect: 2036 255
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(20), fib(15.0), [fib(True)])  # expect: 6765 610.0 [True]
def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            flags[i * i :: i] = [False] * len(range(i * i, n + 1, i))
    return [i for i, f in enumerate(flags) if f]
print(len(sieve(10000)), sieve(50))  # expect: 1229 [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]
fs = [lambda x, k=k: x + k for k in range(5)]
print(sum(f(i) for i in range(1000) for f in fs))  # expect: 2507500
def apply_n(f, x, n):
    for _ in range(n):
        x = f(x)
    return x
print(apply_n(lambda v: v + 1, 0, 3000), apply_n(lambda v: v * 2, 1, 100), apply_n(str.swapcase, "aB", 1001), apply_n(abs, -3, 2000))
# expect: 3000 1267650600228229401496703205376 Ab 3
def matrix(n):
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    b = [[a[i][k] * a[k][j] for k in range(n)] for i in range(n) for j in range(n)]
    return sum(map(sum, b))
print(matrix(20))  # expect: 59933
def args(*a, k=0, **kw): return len(a) + k + len(kw)
print(sum(args(*range(i % 4), k=i, **({"z": 1} if i % 2 else {})) for i in range(2000)))  # expect: 2003000
def bubble(xs):
    xs = xs[:]
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs
print(bubble([(i * 37) % 101 for i in range(100)])[:10], bubble(list("hello")), bubble([2.5, 1, True]))
# expect: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] ['e', 'h', 'l', 'l', 'o'] [1, True, 2.5]
def words(n):
    d = {}
    for i in range(n):
        k = "w%d" % (i % 13)
        d[k] = d.get(k, 0) + 1
    return d
print(words(3000))
# expect: {'w0': 231, 'w1': 231, 'w2': 231, 'w3': 231, 'w4': 231, 'w5': 231, 'w6': 231, 'w7': 231, 'w8': 231, 'w9': 231, 'w10': 230, 'w11': 230, 'w12': 230}
async def co(n): return n * 2 if n < 1 else await co(n - 1) + 1
def drive(c):
    try:
        c.send(None)
    except StopIteration as e:
        return e.value
print(sum(drive(co(i % 5)) for i in range(1000)))  # expect: 2000
