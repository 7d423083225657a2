# collections.Counter
from collections import Counter
c = Counter("abracadabra")
print(c, c["a"], c["zz"], c.most_common(2), sorted(c.elements())[:6], c.total(), len(c))
# expect: Counter({'a': 5, 'b': 2, 'r': 2, 'c': 1, 'd': 1}) 5 0 [('a', 5), ('b', 2)] ['a', 'a', 'a', 'a', 'a', 'b'] 11 5
c.update("aaa")
c.subtract({"b": 5})
print(c, +c, -c, c.most_common()[-1])
# expect: Counter({'a': 8, 'r': 2, 'c': 1, 'd': 1, 'b': -3}) Counter({'a': 8, 'r': 2, 'c': 1, 'd': 1}) Counter({'b': 3}) ('b', -3)
a, b = Counter(a=3, b=1), Counter(a=1, b=2, c=4)
print(a + b, a - b, a & b, a | b, a == Counter(b=1, a=3), a <= b, Counter(a=1) < Counter(a=2), Counter(a=0) == Counter())
# expect: Counter({'a': 4, 'c': 4, 'b': 3}) Counter({'a': 2}) Counter({'a': 1, 'b': 1}) Counter({'c': 4, 'a': 3, 'b': 2}) True False True True
a += b
print(a, Counter([1, 1, 2]), Counter({"x": 2}), Counter(), Counter(a=1)["b"], dict(Counter("aab")))
# expect: Counter({'a': 4, 'c': 4, 'b': 3}) Counter({1: 2, 2: 1}) Counter({'x': 2}) Counter() 0 {'a': 2, 'b': 1}
del c["a"]
del c["never there"]
print("a" in c, Counter("hello").most_common(1), max(Counter("banana").values()))  # expect: False [('l', 2)] 3
words = "the quick the lazy the dog".split()
print(Counter(words).most_common(2), Counter(map(len, words)), Counter(w[0] for w in words)["t"])
# expect: [('the', 3), ('quick', 1)] Counter({3: 4, 5: 1, 4: 1}) 3
a &= Counter(a=1)
a |= Counter(q=9)
print(a, a.copy(), a.pop("q"), Counter.fromkeys.__name__)
# expect: Counter({'a': 1}) Counter({'q': 9, 'a': 1}) 9 fromkeys
try:
    Counter.fromkeys("ab")
except NotImplementedError as e:
    print(e)
# expect: Counter.fromkeys() is undefined.  Use Counter(iterable) instead.
