# namedtuple, deque, defaultdict, OrderedDict, ChainMap
from collections import namedtuple, deque, defaultdict, OrderedDict, ChainMap, UserDict, UserList, UserString
P = namedtuple("P", "x y z", defaults=[0])
p = P(1, 2)
print(p, p.x, p[1], p._asdict(), p._replace(y=5), P._fields, P._field_defaults, P._make([7, 8, 9]), *p, p == (1, 2, 0), P.__doc__)
# expect: P(x=1, y=2, z=0) 1 2 {'x': 1, 'y': 2, 'z': 0} P(x=1, y=5, z=0) ('x', 'y', 'z') {'z': 0} P(x=7, y=8, z=9) 1 2 0 True P(x, y, z)
x, *r = p
print(x, r, isinstance(p, tuple), P.__name__, P.x.__doc__, hash(p) == hash((1, 2, 0)))
# expect: 1 [2, 0] True P Alias for field number 0 True
for f in (lambda: P(), lambda: namedtuple("Q", "a a"), lambda: namedtuple("Q", "class"), lambda: namedtuple("Q", "_x"), lambda: p._replace(q=1), lambda: setattr(p, "x", 1)):
    try:
        print(f())
    except (TypeError, ValueError, AttributeError) as e:
        print(type(e).__name__, e)
# expect: TypeError P.__new__() missing 2 required positional arguments: 'x' and 'y'
# expect: ValueError Encountered duplicate field name: 'a'
# expect: ValueError Type names and field names cannot be a keyword: 'class'
# expect: ValueError Field names cannot start with an underscore: '_x'
# expect: TypeError Got unexpected field names: ['q']
# expect: AttributeError can't set attribute
print(namedtuple("R", "a class a", rename=True)._fields)  # expect: ('a', '_1', '_2')
d = deque([1, 2, 3], maxlen=4)
d.append(4)
d.append(5)
d.appendleft(0)
print(d, d.maxlen, d[0], d[-1], len(d), d.pop(), d.popleft(), d)
# expect: deque([2, 3], maxlen=4) 4 0 4 4 4 0 deque([2, 3], maxlen=4)
d.extend("a")
d.extendleft("x")
d.rotate(1)
print(d, d.index("a"), d.count("a"), list(reversed(d)), "y" in d, d.copy() == d)
# expect: deque(['a', 'x', 2, 3], maxlen=4) 0 1 [3, 2, 'x', 'a'] False True
d.rotate(-2)
d.reverse()
d.insert(1, "i") if len(d) < 4 else d.remove("a")
d[0] = "first"
del d[1]
print(d, deque("ab") + deque("c"), deque("ab") * 2, deque() == deque([]), deque([1]) < deque([2]), bool(deque()))
# expect: deque(['first', 2], maxlen=4) deque(['a', 'b', 'c']) deque(['a', 'b', 'a', 'b']) True True False
for f in (lambda: deque().pop(), lambda: deque("a")[5], lambda: deque("a").remove("z"), lambda: deque(maxlen=-1), lambda: deque("ab", 2).insert(0, "c")):
    try:
        f()
    except (IndexError, ValueError) as e:
        print(type(e).__name__, e)
# expect: IndexError pop from an empty deque
# expect: IndexError deque index out of range
# expect: ValueError deque.remove(x): x not in deque
# expect: ValueError maxlen must be non-negative
# expect: IndexError deque already at its maximum size
dd = defaultdict(list)
dd["a"].append(1)
dd["b"]
print(dd, dict(dd), dd.get("zz"), "zz" in dd, dd.default_factory, defaultdict(int, a=1)["q"], defaultdict(lambda: "made")["k"])
# expect: defaultdict(<class 'list'>, {'a': [1], 'b': []}) {'a': [1], 'b': []} None False <class 'list'> 0 made
try:
    defaultdict()["k"]
except KeyError as e:
    print(repr(e))
# expect: KeyError('k')
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a")
print(o, o.popitem(last=False), list(o), o == {"a": 1, "c": 3}, OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), list(reversed(o)))
# expect: OrderedDict({'c': 3, 'a': 1}) ('b', 2) ['c', 'a'] True False ['a', 'c']
o.move_to_end("a", last=False)
print(o, o | {"z": 1}, type(o.copy()).__name__)
# expect: OrderedDict({'a': 1, 'c': 3}) OrderedDict({'a': 1, 'c': 3, 'z': 1}) OrderedDict
cm = ChainMap({"a": 1}, {"a": 2, "b": 3})
cm["c"] = 4
print(cm["a"], cm["b"], dict(cm), cm.maps, cm.new_child({"a": 0})["a"], cm.parents["a"], len(cm), "b" in cm)
# expect: 1 3 {'a': 1, 'b': 3, 'c': 4} [{'a': 1, 'c': 4}, {'a': 2, 'b': 3}] 0 2 3 True
try:
    del cm["b"]
except KeyError as e:
    print(e)
# expect: "Key not found in the first mapping: 'b'"
class UD(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k.upper(), v)
u = UD(a=1)
u.update(b=2)
print(u, u.data, UserList([1, 2])[0:1], UserString("abc").upper() + "d")
# expect: {'A': 1, 'B': 2} {'A': 1, 'B': 2} [1] ABCd
