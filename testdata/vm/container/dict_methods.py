# dict: methods, construction, merging, errors
d = dict(b=1, a=2)
d["c"] = 3
print(d, list(reversed(d)), d | {"a": 9, "z": 0}, {"z": 0} | d)
# expect: {'b': 1, 'a': 2, 'c': 3} ['c', 'a', 'b'] {'b': 1, 'a': 9, 'c': 3, 'z': 0} {'z': 0, 'b': 1, 'a': 2, 'c': 3}
d |= [("k", 1)]
print(d, d.pop("k"), d.pop("zz", None), d.get("a"), d.get("q"), d.copy() == d, d.copy() is d)
# expect: {'b': 1, 'a': 2, 'c': 3} 1 None 2 None True False
print(dict.fromkeys("ab"), dict.fromkeys([1, 2], 0), dict([(1, 2), [3, 4]]), dict({"a": 1}, b=2), dict(zip("xy", (1, 2))), dict(), {})
# expect: {'a': None, 'b': None} {1: 0, 2: 0} {1: 2, 3: 4} {'a': 1, 'b': 2} {'x': 1, 'y': 2} {} {}
print(d.setdefault("b", 99), d.setdefault("new", []), d.setdefault("none"), d)
# expect: 1 [] None {'b': 1, 'a': 2, 'c': 3, 'new': [], 'none': None}
d.update(x=1)
d.update([("y", 2)], z=3)
d.update({"x": 10})
print(d, len(d), "x" in d, "q" not in d)
# expect: {'b': 1, 'a': 2, 'c': 3, 'new': [], 'none': None, 'x': 10, 'y': 2, 'z': 3} 8 True True
for text in ("d['nope']", "d.pop('nope')", "{}.popitem()", "d[[]]", "{[]: 1}", "dict([1])", "dict([(1, 2, 3)])", "dict(5)", "d.update(5)", "d + d", "d | [1]", "d < d", "hash(d)", "d.get()", "del d['nope']", "dict(**{1: 2})", "{**5}", "[] in d", "d.fromkeys()"):
    try:
        exec(text)
        print("no error", text)
    except (KeyError, TypeError, ValueError) as e:
        print(text, "->", type(e).__name__, e)
# expect: d['nope'] -> KeyError 'nope'
# expect: d.pop('nope') -> KeyError 'nope'
# expect: {}.popitem() -> KeyError 'popitem(): dictionary is empty'
# expect: d[[]] -> TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: {[]: 1} -> TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: dict([1]) -> TypeError object is not iterable
# expect: dict([(1, 2, 3)]) -> ValueError dictionary update sequence element #0 has length 3; 2 is required
# expect: dict(5) -> TypeError 'int' object is not iterable
# expect: d.update(5) -> TypeError 'int' object is not iterable
# expect: d + d -> TypeError unsupported operand type(s) for +: 'dict' and 'dict'
# expect: d | [1] -> TypeError unsupported operand type(s) for |: 'dict' and 'list'
# expect: d < d -> TypeError '<' not supported between instances of 'dict' and 'dict'
# expect: hash(d) -> TypeError unhashable type: 'dict'
# expect: d.get() -> TypeError get expected at least 1 argument, got 0
# expect: del d['nope'] -> KeyError 'nope'
# expect: dict(**{1: 2}) -> TypeError keywords must be strings
# expect: {**5} -> TypeError 'int' object is not a mapping
# expect: [] in d -> TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: d.fromkeys() -> TypeError fromkeys expected at least 1 argument, got 0
while len(d) > 3:
    print(d.popitem(), end=" ")
print(d)  # expect: ('z', 3) ('y', 2) ('x', 10) ('none', None) ('new', []) {'b': 1, 'a': 2, 'c': 3}
e = {1: "a", "1": "b", 1.5: "c", (1,): "d", None: "e", True: "t", b"1": "f"}
print(e, e[1.0], e[True], e[None])  # expect: {1: 't', '1': 'b', 1.5: 'c', (1,): 'd', None: 'e', b'1': 'f'} t t e
del e[1]
e[1] = "again"
print(list(e))  # expect: ['1', 1.5, (1,), None, b'1', 1]
n = {}
n["self"] = n
print(n, n["self"] is n)  # expect: {'self': {...}} True
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return self.v % 2
    def __eq__(self, o): return self.v == o.v
    def __repr__(self): return f"K{self.v}"
m = {K(i): i for i in range(6)}
print(m, m[K(3)], K(9) in m, m.pop(K(0)), list(m))
# expect: {K1: 1, K2: 2, K3: 3, K4: 4, K5: 5} 3 False 0 [K1, K2, K3, K4, K5]
print({k: v for k, v in sorted({"b": 1, "a": 2}.items())}, {**{"a": 1}, "a": 2, **dict(b=3)}, dict(a=1).__eq__(5), {"a": 1} != {"a": 2})
# expect: {'a': 2, 'b': 1} {'a': 2, 'b': 3} NotImplemented True
