# keys, values and items views; iteration order after deletion
d = {"a": 1, "b": 2, "c": 3}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), "a" in k, 2 in v, ("c", 3) in i, ("c", 4) in i)
# expect: dict_keys(['a', 'b', 'c']) dict_values([1, 2, 3]) dict_items([('a', 1), ('b', 2), ('c', 3)]) 3 True True True False
d["d"] = 4
print(k, v, i)
# expect: dict_keys(['a', 'b', 'c', 'd']) dict_values([1, 2, 3, 4]) dict_items([('a', 1), ('b', 2), ('c', 3), ('d', 4)])
print(sorted(k & {"a", "d", "z"}), sorted(k | {"z"}), sorted(k - {"a"}), sorted(k ^ {"a", "q"}), k == {"a", "b", "c", "d"}, k >= {"a"}, k.isdisjoint({"q"}), sorted(i & {("a", 1), ("b", 5)}))
# expect: ['a', 'd'] ['a', 'b', 'c', 'd', 'z'] ['b', 'c', 'd'] ['b', 'c', 'd', 'q'] True True True [('a', 1)]
print(list(reversed(k)), list(reversed(v)), list(reversed(i)), iter(k).__length_hint__(), type(k).__name__, type(i).__name__)
# expect: ['d', 'c', 'b', 'a'] [4, 3, 2, 1] [('d', 4), ('c', 3), ('b', 2), ('a', 1)] 4 dict_keys dict_items
del d["b"]
d["b"] = 20
print(list(d), d)  # expect: ['a', 'c', 'd', 'b'] {'a': 1, 'c': 3, 'd': 4, 'b': 20}
for key in list(d):
    if key < "c":
        del d[key]
print(d)  # expect: {'c': 3, 'd': 4}
for bad in ("add", "delete"):
    x = {1: 1, 2: 2}
    try:
        for key in x:
            if bad == "add":
                x[key + 10] = 0
            else:
                del x[key]
    except RuntimeError as e:
        print(bad, e)
# expect: add dictionary changed size during iteration
# expect: delete dictionary changed size during iteration
x = {1: 1, 2: 2, 3: 3}
try:
    for key in x:
        del x[key]
        x[key + 10] = 0
except RuntimeError as e:
    print(e)
x = {1: 1, 2: 2}
for key in x:
    x[key] = key * 10
print(x)  # expect: {1: 10, 2: 20}
it = iter({})
print(next(it, "empty"), k.mapping["d"], {}.keys() == set(), {1: 2}.items() == {(1, 2)}, {1: 2}.values() == {1: 2}.values())
# expect: empty 4 True True False
try:
    hash(k)
except TypeError as e:
    print(e)
# expect: unhashable type: 'dict_keys'
try:
    k.mapping["new"] = 1
except TypeError as e:
    print(e)
# expect: 'mappingproxy' object does not support item assignment
big = {n: n * n for n in range(1000)}
for n in range(0, 1000, 3):
    del big[n]
for n in range(0, 30, 3):
    big[n] = -n
print(len(big), list(big)[:5], list(big)[-5:], sum(big.values()), next(iter(big.items())))
# expect: 676 [1, 2, 4, 5, 7] [15, 18, 21, 24, 27] 221555754 (1, 1)
