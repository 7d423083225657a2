# generator expressions and lazy pipelines
def src(tag, xs):
    for x in xs:
        print(tag, x)
        yield x
p = (x * 10 for x in src("read", [1, 2, 3]) if x != 2)
print("lazy")  # expect: lazy
print(next(p))
# expect: read 1
# expect: 10
print(list(p))
# expect: read 2
# expect: read 3
# expect: [30]
def first(): print("first iterable evaluated"); return [1]
def second(): print("second evaluated"); return [2]
q = ((a, b) for a in first() for b in second())  # expect: first iterable evaluated
print("after creation")  # expect: after creation
print(list(q))
# expect: second evaluated
# expect: [(1, 2)]
try:
    (x for x in 5)
except TypeError as e:
    print(e)
# expect: 'int' object is not iterable
n = 1
r = (x + n for x in range(2))
n = 100
print(list(r))  # expect: [100, 101]
print(sum(len(w) for w in ["a", "bb"]), max((x for x in range(3)), default=0), ",".join(str(x) for x in range(3)), dict((k, ord(k)) for k in "ab"), set(x % 2 for x in range(5)))
# expect: 3 2 0,1,2 {'a': 97, 'b': 98} {0, 1}
print(any(x > 1 for x in src("any", [1, 2, 3])), all(x < 2 for x in src("all", [1, 2, 3])))
# expect: any 1
# expect: any 2
# expect: all 1
# expect: all 2
# expect: True False
g = (x for x in "abcdef")
a, b, *rest = g
print(a, b, rest)  # expect: a b ['c', 'd', 'e', 'f']
it = iter(range(6))
print(list(zip(it, it)))  # expect: [(0, 1), (2, 3), (4, 5)]
it = iter("pqr")
print([(x, next(it, None)) for x in it])  # expect: [('p', 'q'), ('r', None)]
def take(n, it):
    return [x for _, x in zip(range(n), it)]
def primes():
    def sieve(nums):
        p = next(nums)
        yield p
        yield from sieve(x for x in nums if x % p)
    import itertools
    return sieve(itertools.count(2))
print(take(10, primes()))  # expect: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
print(type((x for x in ())).__name__, (x for x in ()).__name__, (x for x in ()).__qualname__)
# expect: generator <genexpr> <genexpr>
print(list(x for x in range(3) if (lambda: x % 2)()), [list(y for y in range(x)) for x in range(3)])
# expect: [1] [[], [0], [0, 1]]
