# dict displays, lookup, order, methods
d = {"one": 1, "two": 2}
print(d, len(d), d["one"])  # expect: {'one': 1, 'two': 2} 2 1
d["three"] = 3
d["one"] = 11
print(d)  # expect: {'one': 11, 'two': 2, 'three': 3}
print(list(d), list(d.keys()), list(d.values()), list(d.items()))
# expect: ['one', 'two', 'three'] ['one', 'two', 'three'] [11, 2, 3] [('one', 11), ('two', 2), ('three', 3)]
print("one" in d, 1 in d, d.get("x"), d.get("x", 0))  # expect: True False None 0
try:
    d["missing"]
except KeyError as e:
    print(repr(e), e)
# expect: KeyError('missing') 'missing'
del d["two"]
print(d, d.pop("one"), d.pop("none", "dflt"), d)  # expect: {'three': 3} 11 dflt {'three': 3}
d.update({"a": 1}, b=2)
print(d)  # expect: {'three': 3, 'a': 1, 'b': 2}
print(d.setdefault("a", 5), d.setdefault("z", 6), d)  # expect: 1 6 {'three': 3, 'a': 1, 'b': 2, 'z': 6}
for k in d:
    print(k, d[k])
# expect: three 3
# expect: a 1
# expect: b 2
# expect: z 6
for k, v in d.items():
    print(k, v)
# expect: three 3
# expect: a 1
# expect: b 2
# expect: z 6
print(d.popitem(), d)  # expect: ('z', 6) {'three': 3, 'a': 1, 'b': 2}
print({1: "a", True: "b", 1.0: "c"})  # expect: {1: 'c'}
print({**{"x": 1}, "y": 2, **{"x": 3}})  # expect: {'x': 3, 'y': 2}
print({k: v * v for k, v in zip("abc", range(3))})  # expect: {'a': 0, 'b': 1, 'c': 4}
print(dict(a=1, b=2), dict([("x", 1)]), dict(zip("ab", [1, 2])))  # expect: {'a': 1, 'b': 2} {'x': 1} {'a': 1, 'b': 2}
try:
    {[]: 1}
except TypeError as e:
    print(e)
# expect: cannot use 'list' as a dict key (unhashable type: 'list')
print({} == {}, {1: 2} == {1: 2.0}, {1: 2, 3: 4} == {3: 4, 1: 2})  # expect: True True True
