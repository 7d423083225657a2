# OrderedDict: order that can be changed
from collections import OrderedDict
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a")
print(o, list(reversed(o)))  # expect: OrderedDict({'b': 2, 'c': 3, 'a': 1}) ['a', 'c', 'b']
o.move_to_end("a", last=False)
print(o.popitem(last=False), o.popitem(), o)  # expect: ('a', 1) ('c', 3) OrderedDict({'b': 2})
print(o.keys(), o.values(), o.items(), type(iter(o)).__name__)
# expect: odict_keys(['b']) odict_values([2]) odict_items([('b', 2)]) odict_iterator
print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == dict(b=2, a=1))  # expect: False True
for change in (lambda: o.popitem() and o.popitem(), lambda: o.move_to_end("x"), lambda: o.pop("x"), lambda: OrderedDict([1], [2]), lambda: OrderedDict([(1, 2, 3)])):
    try:
        change()
    except Exception as e:
        print(type(e).__name__, e)
# expect: KeyError 'dictionary is empty'
# expect: KeyError 'x'
# expect: KeyError 'x'
# expect: TypeError expected at most 1 argument, got 2
# expect: ValueError too many values to unpack (expected 2)
q = OrderedDict((i, i) for i in range(5))
for i in range(5, 2000):
    q[i] = i
    q.popitem(last=False)
print(list(q), len(q))  # expect: [1995, 1996, 1997, 1998, 1999] 5
p = OrderedDict(a=1, b=2)
try:
    for k in p:
        p.move_to_end("a")
except RuntimeError as e:
    print(e)
# expect: OrderedDict mutated during iteration
for k in OrderedDict(a=1):
    pass
class Loud(OrderedDict):
    def __setitem__(self, key, value):
        print("set", key)
        super().__setitem__(key, value)
    def __missing__(self, key):
        return "missing " + key
l = Loud(a=1)  # expect: set a
l.update(b=2)  # expect: set b
print(l.setdefault("b", 9), l["z"], l | {"c": 3})
# expect: set a
# expect: set b
# expect: set c
# expect: 2 missing z Loud({'a': 1, 'b': 2, 'c': 3})
import copy, pickle
c = pickle.loads(pickle.dumps(OrderedDict(x=[1], y=2)))
print(c, copy.copy(c) == c, OrderedDict.fromkeys("ab", 0), {"k": 1} | OrderedDict(a=2))
# expect: OrderedDict({'x': [1], 'y': 2}) True OrderedDict({'a': 0, 'b': 0}) OrderedDict({'k': 1, 'a': 2})
r = OrderedDict(a=1)
r["self"] = r
r.note = "attribute"
print(r, vars(r))  # expect: OrderedDict({'a': 1, 'self': ...}) {'note': 'attribute'}
