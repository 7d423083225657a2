# sets and frozensets (order is not shown)
s = {3, 1, 2, 1}
print(sorted(s), len(s), 1 in s, set() == {*()}, type({}).__name__, sorted(set("hello")), sorted({x % 3 for x in range(9)}))
# expect: [1, 2, 3] 3 True True dict ['e', 'h', 'l', 'o'] [0, 1, 2]
s.add(5)
s.discard(99)
s.remove(3)
print(sorted(s), sorted(s | {7}), sorted(s & {1, 5}), sorted(s - {1}), sorted(s ^ {1, 8}), s.isdisjoint([9]), s.issubset([1, 2, 5, 6]), s.issuperset("") , s <= s, s < s, s > {1})
# expect: [1, 2, 5] [1, 2, 5, 7] [1, 5] [2, 5] [2, 5, 8] True True True True False True
print(sorted(s.union([8], (9,))), sorted(s.intersection([1, 2], [2])), sorted(s.difference([1], [2])), sorted(s.symmetric_difference([1, 100])))
# expect: [1, 2, 5, 8, 9] [2] [5] [2, 5, 100]
s |= {10}
s &= {1, 2, 10}
s -= {1}
s ^= {2, 3}
print(sorted(s), s.copy() == s, s == frozenset(s), s != {1})  # expect: [3, 10] True True True
s.update("a", "b")
s.intersection_update(["a", 10])
s.difference_update([10])
s.symmetric_difference_update("az")
print(s, s.pop(), s, bool(s))  # expect: set() z set() False
for text in ("s.pop()", "s.remove(1)", "{[]}", "s.add({})", "s | [1]", "s < [1]", "s[0]", "hash(s)", "frozenset([1]).add(2)", "s += s", "set(5)", "[] in s", "s.update(5)", "set(1, 2)"):
    try:
        exec(text)
    except (KeyError, TypeError, AttributeError) as e:
        print(text, "->", type(e).__name__, e)
# expect: s.pop() -> KeyError 'pop from an empty set'
# expect: s.remove(1) -> KeyError 1
# expect: {[]} -> TypeError cannot use 'list' as a set element (unhashable type: 'list')
# expect: s.add({}) -> TypeError cannot use 'dict' as a set element (unhashable type: 'dict')
# expect: s | [1] -> TypeError unsupported operand type(s) for |: 'set' and 'list'
# expect: s < [1] -> TypeError '<' not supported between instances of 'set' and 'list'
# expect: s[0] -> TypeError 'set' object is not subscriptable
# expect: hash(s) -> TypeError unhashable type: 'set'
# expect: frozenset([1]).add(2) -> AttributeError 'frozenset' object has no attribute 'add'
# expect: s += s -> TypeError unsupported operand type(s) for +=: 'set' and 'set'
# expect: set(5) -> TypeError 'int' object is not iterable
# expect: [] in s -> TypeError cannot use 'list' as a set element (unhashable type: 'list')
# expect: s.update(5) -> TypeError 'int' object is not iterable
# expect: set(1, 2) -> TypeError set expected at most 1 argument, got 2
f = frozenset([1, 2])
print(f, frozenset(), hash(f) == hash(frozenset([2, 1])), {f: "v"}[frozenset((2, 1))], {f} == {frozenset([1, 2])}, type(f | {3}).__name__, type({3} | f).__name__, f.copy() is f, {1, 2} in [f], frozenset([1]) in {frozenset([1])})
# expect: frozenset({1, 2}) frozenset() True v True frozenset set True True True
print({1} in {frozenset([1])}, set([1, 1.0, True]), {0, False}, {"only"}, set(), repr(frozenset("a")), {1, 2} < {1, 2, 3}, {1} <= {2}, {1, 2} == {2, 1})
# expect: True {1} {0} {'only'} set() frozenset({'a'}) True False True
x = {1, 2, 3}
try:
    for e in x:
        x.add(e + 10)
except RuntimeError as e:
    print(e)
# expect: Set changed size during iteration
big = set(range(0, 2000, 3)) & set(range(0, 2000, 5))
print(len(big), max(big), sum(big), big == set(range(0, 2000, 15)))  # expect: 134 1995 133665 True
class S(set):
    pass
print(S([1]), type(S([1]) | {2}).__name__, S([1]) == {1})  # expect: S({1}) set True
