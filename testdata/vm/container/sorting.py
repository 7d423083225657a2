# stability, keys, reverse, errors, mutation while sorting
people = [("ann", 30), ("bob", 25), ("cid", 30), ("dan", 25), ("eve", 30)]
print(sorted(people, key=lambda p: p[1]), sorted(people, key=lambda p: p[1], reverse=True))
# expect: [('bob', 25), ('dan', 25), ('ann', 30), ('cid', 30), ('eve', 30)] [('ann', 30), ('cid', 30), ('eve', 30), ('bob', 25), ('dan', 25)]
print(sorted("bCaB", key=str.lower), sorted([3, -1, 2], key=abs), sorted([True, 0, 2.5, -1]), sorted({3: "a", 1: "b"}), sorted("hello", reverse=True))
# expect: ['a', 'b', 'B', 'C'] [-1, 2, 3] [-1, 0, True, 2.5] [1, 3] ['o', 'l', 'l', 'h', 'e']
class Card:
    def __init__(self, n, suit):
        self.n, self.suit = n, suit
    def __lt__(self, other):
        return self.n < other.n
    def __repr__(self):
        return f"{self.n}{self.suit}"
hand = [Card(n, s) for n, s in ((3, "a"), (1, "b"), (3, "c"), (2, "d"), (1, "e"))]
print(sorted(hand), sorted(hand, reverse=True), min(hand), max(hand))
# expect: [1b, 1e, 2d, 3a, 3c] [3a, 3c, 2d, 1b, 1e] 1b 3a
state, data = 12345, []
for _ in range(1500):
    state = state * 1103515245 + 12345 & 0x7FFFFFFF
    data.append((state >> 8) % 200)
pairs = list(enumerate(data))
pairs.sort(key=lambda p: p[1])
print(all(a[1] < b[1] or (a[1] == b[1] and a[0] < b[0]) for a, b in zip(pairs, pairs[1:])), len(pairs), pairs[0], pairs[-1])
# expect: True 1500 (557, 0) (960, 199)
pairs.sort(key=lambda p: p[1] % 10, reverse=True)
print(all(a[1] % 10 > b[1] % 10 or a[1] <= b[1] for a, b in zip(pairs, pairs[1:])))  # expect: True
runs = list(range(50)) + list(range(100, 50, -1)) + list(range(200, 300))
print(sorted(runs) == sorted(runs[::-1]) == sorted(set(runs)), sorted([5, 1], key=None))  # expect: True [1, 5]
for text in ("sorted([1, 'a'])", "sorted([None, 1])", "[1].sort(5)", "sorted([1], cmp=1)", "sorted(5)", "sorted([2, 1], key=5)", "sorted([1, 2], key=len)"):
    try:
        eval(text)
    except TypeError as e:
        print(text, "->", e)
# expect: sorted([1, 'a']) -> '<' not supported between instances of 'str' and 'int'
# expect: sorted([None, 1]) -> '<' not supported between instances of 'int' and 'NoneType'
# expect: [1].sort(5) -> sort() takes no positional arguments
# expect: sorted([1], cmp=1) -> sort() got an unexpected keyword argument 'cmp'
# expect: sorted(5) -> 'int' object is not iterable
# expect: sorted([2, 1], key=5) -> 'int' object is not callable
# expect: sorted([1, 2], key=len) -> object of type 'int' has no len()
a = [3, 2, 1]
def spy(x):
    a.append(x)
    return x
try:
    a.sort(key=spy)
except ValueError as e:
    print(e, sorted(a))
# expect: list modified during sort [1, 2, 3]
seen = []
b = [2, 1, 3]
b.sort(key=lambda x: seen.append(list(b)) or x)
print(seen, b)  # expect: [[], [], []] [1, 2, 3]
class Boom:
    def __lt__(self, o):
        raise RuntimeError("cmp")
c = [Boom(), Boom()]
try:
    c.sort()
except RuntimeError as e:
    print(e, len(c))
# expect: cmp 2
from functools import cmp_to_key
print(sorted([5, 2, 8], key=cmp_to_key(lambda x, y: y - x)), sorted([(1, "b"), (1, "a"), (0, "z")]), sorted([[2], [1, 5], [1]]))
# expect: [8, 5, 2] [(0, 'z'), (1, 'a'), (1, 'b')] [[1], [1, 5], [2]]
print(sorted([float("inf"), 1, -float("inf")]), sorted(["b", "a"], key=lambda s: (s == "a", s)))
# expect: [-inf, 1, inf] ['b', 'a']
