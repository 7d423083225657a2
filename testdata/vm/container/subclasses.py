# subclasses of the builtin containers
class Log(list):
    def append(self, x):
        super().append(("logged", x))
    def __getitem__(self, i):
        return "item" if isinstance(i, int) else super().__getitem__(i)
    def __len__(self):
        return 99
l = Log([1, 2])
l.append(3)
l += [4]
print(l, l[0], l[:1], len(l), list(l), [*l], bool(l), sorted([x for x in l], key=str))
# expect: [1, 2, ('logged', 3), 4] item [1] 99 [1, 2, ('logged', 3), 4] [1, 2, ('logged', 3), 4] True [('logged', 3), 1, 2, 4]
class D(dict):
    def __missing__(self, key):
        self[key] = key * 2
        return self[key]
    def __setitem__(self, k, v):
        super().__setitem__(k, ("set", v))
d = D(a=1)
d["b"] = 2
print(d, d["zz"], d.get("nope"), "nope" in d, dict(d), {**d})
# expect: {'a': 1, 'b': ('set', 2), 'zz': ('set', 'zzzz')} ('set', 'zzzz') None False {'a': 1, 'b': ('set', 2), 'zz': ('set', 'zzzz')} {'a': 1, 'b': ('set', 2), 'zz': ('set', 'zzzz')}
d.update(c=3)
print(d, d.setdefault("e", 5), d.copy(), type(d.copy()).__name__, type(d | {}).__name__)
# expect: {'a': 1, 'b': ('set', 2), 'zz': ('set', 'zzzz'), 'c': 3, 'e': 5} 5 {'a': 1, 'b': ('set', 2), 'zz': ('set', 'zzzz'), 'c': 3, 'e': 5} dict dict
class T(tuple):
    def __repr__(self):
        return "T" + super().__repr__()
print(T([1]), T((1, 2)) + (3,), T() == (), {T((1,)): "x"}[(1,)])  # expect: T(1,) (1, 2, 3) True x
class S(str):
    def __getitem__(self, i):
        return "?"
    def __iter__(self):
        return iter("iter")
s = S("abc")
print(s, s[0], list(s), "".join(s), s.upper(), len(s), "a" in s, s + "d")
# expect: abc ? ['i', 't', 'e', 'r'] iter ABC 3 True abcd
class Fs(frozenset):
    def __contains__(self, x):
        return True
print(5 in Fs(), sorted(Fs([2, 1])), Fs([1]) | {2} == {1, 2})  # expect: True [1, 2] True
class OnlyKeys:
    def keys(self):
        return ["p", "q"]
    def __getitem__(self, k):
        return k.upper()
print(dict(OnlyKeys()), {**OnlyKeys()}, (lambda **k: k)(**OnlyKeys()))
# expect: {'p': 'P', 'q': 'Q'} {'p': 'P', 'q': 'Q'} {'p': 'P', 'q': 'Q'}
d2 = {}
d2.update(OnlyKeys())
print(d2)  # expect: {'p': 'P', 'q': 'Q'}
class Seq:
    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i * 10
print(list(Seq()), 20 in Seq(), [x for x in Seq()], tuple(Seq()), max(Seq()), "%s %s %s" % tuple(Seq()))
# expect: [0, 10, 20] True [0, 10, 20] (0, 10, 20) 20 0 10 20
a, *b = Seq()
print(a, b)  # expect: 0 [10, 20]
