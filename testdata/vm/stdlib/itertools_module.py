# itertools
from itertools import *
import operator
print(list(islice(count(10, 3), 4)), list(islice(cycle("ab"), 5)), list(repeat(7, 3)), list(islice(count(0.5), 2)), list(islice("abcdef", 1, 5, 2)))
# expect: [10, 13, 16, 19] ['a', 'b', 'a', 'b', 'a'] [7, 7, 7] [0.5, 1.5] ['b', 'd']
print(list(accumulate([1, 2, 3])), list(accumulate([3, 1, 2], max)), list(accumulate([1, 2], initial=10)), list(accumulate([], initial=1)), list(accumulate([2, 3], operator.mul)))
# expect: [1, 3, 6] [3, 3, 3] [10, 11, 13] [1] [2, 6]
print(list(chain("ab", [1])), list(chain.from_iterable(["ab", "c"])), list(compress("abcd", [1, 0, 1])), list(dropwhile(lambda x: x < 3, [1, 3, 2])), list(takewhile(lambda x: x < 3, [1, 3, 2])), list(filterfalse(None, [0, 1, ""])))
# expect: ['a', 'b', 1] ['a', 'b', 'c'] ['a', 'c'] [3, 2] [1] [0, '']
print([(k, list(g)) for k, g in groupby("aabbba")], [(k, len(list(g))) for k, g in groupby([1, 3, 2, 4], key=lambda x: x % 2)])
# expect: [('a', ['a', 'a']), ('b', ['b', 'b', 'b']), ('a', ['a'])] [(1, 2), (0, 2)]
print(list(pairwise("abcd")), list(starmap(pow, [(2, 3), (3, 2)])), list(zip_longest("ab", [1], fillvalue="-")), list(batched("abcde", 2)))
# expect: [('a', 'b'), ('b', 'c'), ('c', 'd')] [8, 9] [('a', 1), ('b', '-')] [('a', 'b'), ('c', 'd'), ('e',)]
print(list(product("ab", [1, 2])), list(product([0, 1], repeat=2)), list(product()), ["".join(p) for p in permutations("abc", 2)], ["".join(c) for c in combinations("abcd", 2)], list(combinations_with_replacement([1, 2], 2)))
# expect: [('a', 1), ('a', 2), ('b', 1), ('b', 2)] [(0, 0), (0, 1), (1, 0), (1, 1)] [()] ['ab', 'ac', 'ba', 'bc', 'ca', 'cb'] ['ab', 'ac', 'ad', 'bc', 'bd', 'cd'] [(1, 1), (1, 2), (2, 2)]
print(len(list(permutations(range(5)))), list(combinations([1], 2)), list(permutations([])), next(count()))
# expect: 120 [] [()] 0
a, b = tee(iter([1, 2, 3]))
print(next(a), list(b), list(a))  # expect: 1 [1, 2, 3] [2, 3]
g = groupby([1, 1, 2])
k1, g1 = next(g)
k2, g2 = next(g)
print(k1, list(g1), k2, list(g2))  # expect: 1 [] 2 [2]
for f in (lambda: islice([], -1), lambda: list(product([1], repeat=-1)), lambda: list(batched("abc", 2, strict=True)), lambda: next(chain()), lambda: combinations([1], -1), lambda: batched([], 0), lambda: repeat(), lambda: zip_longest(1)):
    try:
        print(f())
    except (ValueError, StopIteration, TypeError) as e:
        print(type(e).__name__, repr(str(e)))
# expect: ValueError 'Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.'
# expect: ValueError 'repeat argument cannot be negative'
# expect: ValueError 'batched(): incomplete batch'
# expect: StopIteration ''
# expect: ValueError 'r must be non-negative'
# expect: ValueError 'n must be at least one'
# expect: TypeError "repeat() missing required argument 'object' (pos 1)"
# expect: TypeError "'int' object is not iterable"
print(repeat(1, 3), count(2, 5), len(list(islice(repeat(None), 5))), list(map(pow, range(4), repeat(2))), list(zip(count(), "ab")), sum(1 for _ in islice(cycle([0]), 100)))
# expect: repeat(1, 3) count(2, 5) 5 [0, 1, 4, 9] [(0, 'a'), (1, 'b')] 100
def primes():
    seen = []
    for n in count(2):
        if all(n % p for p in takewhile(lambda p: p * p <= n, seen)):
            seen.append(n)
            yield n
print(list(islice(primes(), 12)), list(takewhile(lambda x: x < 20, accumulate(repeat(3)))))
# expect: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] [3, 6, 9, 12, 15, 18]
