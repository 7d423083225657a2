# the builtins that consume and make iterables
print(list(range(5)), list(range(2, 8, 3)), list(range(5, 0, -2)))  # expect: [0, 1, 2, 3, 4] [2, 5] [5, 3, 1]
print(list(enumerate("ab")), list(enumerate("ab", 1)))  # expect: [(0, 'a'), (1, 'b')] [(1, 'a'), (2, 'b')]
print(list(zip([1, 2, 3], "ab")), list(zip()))  # expect: [(1, 'a'), (2, 'b')] []
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [10, 20])))  # expect: ['1', '2'] [11, 22]
print(list(filter(None, [0, 1, "", "x"])), list(filter(lambda x: x > 1, [1, 2, 3])))  # expect: [1, 'x'] [2, 3]
print(sum([1, 2, 3]), sum([[1], [2]], []), sum([], 5), sum([0.5, 1]))  # expect: 6 [1, 2] 5 1.5
print(min(3, 1, 2), max([3, 1, 2]), min([], default="none"), max("apple", "fig", key=len))  # expect: 1 3 none apple
print(all([]), all([1, 0]), any([]), any([0, 1]))  # expect: True False False True
print(sorted([3, 1, 2]), list(reversed([1, 2, 3])), sorted({"b": 1, "a": 2}))  # expect: [1, 2, 3] [3, 2, 1] ['a', 'b']
it = iter([1, 2])
print(next(it), next(it), next(it, "end"))  # expect: 1 2 end
try:
    next(it)
except StopIteration as e:
    print("stop", e.args)
# expect: stop ()
print(tuple("abc"), set([1, 1]), list({"k": 1}), "".join(["a", "b"]))  # expect: ('a', 'b', 'c') {1} ['k'] ab
try:
    iter(5)
except TypeError as e:
    print(e)
# expect: 'int' object is not iterable
try:
    for x in 3:
        pass
except TypeError as e:
    print(e)
# expect: 'int' object is not iterable
try:
    max([])
except ValueError as e:
    print(e)
# expect: max() iterable argument is empty
try:
    list(zip([1], [1, 2], strict=True))
except ValueError as e:
    print(e)
# expect: zip() argument 2 is longer than argument 1
m = map(int, "123")
print(next(m), list(m), list(m))  # expect: 1 [2, 3] []
print(list(iter([1, 2, 0, 3].__iter__().__next__, 0)))  # expect: [1, 2]
print(sum(x for x in range(4)), len(range(0, 100, 7)), abs(-3), divmod(17, 5), round(2.5), pow(2, 5))
# expect: 6 15 3 (3, 2) 2 32
