# pickle round trips
import pickle, io
class P:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return type(o) is P and self.x == o.x
class Slots:
    __slots__ = ("a",)
class State:
    def __init__(self): self.v, self.f = 1, (lambda: 0)
    def __getstate__(self): return {"v": self.v}
    def __setstate__(self, s): self.__dict__.update(s)
class New:
    def __new__(cls, a, b): o = super().__new__(cls); o.a = a; o.b = b; return o
    def __getnewargs__(self): return self.a, self.b
class L(list): pass
import enum, collections, datetime, fractions, decimal
class E(enum.Enum): A = 1
N = collections.namedtuple("N", "p q")
values = [None, True, 0, -1, 255, 65536, 2**31, 2**70, -2**70, 1.5, float("inf"), 1j, "", "é🐍", b"bytes", bytearray(b"ba"), [], [1, [2]], (), (1,), (1, 2, 3, 4), {}, {"a": {1: 2}}, {1}, frozenset([1]), range(3), slice(1, 2), P([1]), E.A, N(1, 2), collections.OrderedDict(a=1), collections.Counter("aa"), datetime.date(2026, 1, 2), fractions.Fraction(1, 3), decimal.Decimal("1.5"), len, int, P, collections.deque([1], 3)]
for proto in range(pickle.HIGHEST_PROTOCOL + 1):
    bad = [v for v in values if not (r := pickle.loads(pickle.dumps(v, proto))) == v or type(r) is not type(v)]
    print(proto, bad)
# expect: 0 []
# expect: 1 []
# expect: 2 []
# expect: 3 []
# expect: 4 []
# expect: 5 []
s = Slots()
s.a = 5
print(pickle.loads(pickle.dumps(s)).a, vars(pickle.loads(pickle.dumps(State()))), vars(pickle.loads(pickle.dumps(New(1, 2)))), pickle.HIGHEST_PROTOCOL, pickle.DEFAULT_PROTOCOL)
# expect: 5 {'v': 1} {'a': 1, 'b': 2} 5 5
l = L([1])
l.attr = "x"
l.append(l)
m = pickle.loads(pickle.dumps(l))
print(m[0], m[1] is m, m.attr, type(m).__name__)  # expect: 1 True x L
x = [1]
a, b = pickle.loads(pickle.dumps((x, x)))
print(a is b)  # expect: True
e = pickle.loads(pickle.dumps(ValueError("msg", 2)))
print(repr(e), pickle.loads(pickle.dumps(P.__init__)) is P.__init__)  # expect: ValueError('msg', 2) True
def local():
    class Inner: pass
    return Inner()
for v in (lambda: 0, local(), (i for i in ()), open):
    try:
        print(pickle.loads(pickle.dumps(v)) is v)
    except (pickle.PicklingError, AttributeError, TypeError) as e:
        print(type(e).__name__, str(e).split("<")[0].rstrip())
# expect: PicklingError Can't pickle
# expect: PicklingError Can't pickle local object
# expect: TypeError cannot pickle 'generator' object
# expect: True
for raw in (b"", b"garbage", b"\x80\x04.", pickle.dumps([1, 2])[:-2]):
    try:
        pickle.loads(raw)
    except Exception as e:
        print(type(e).__name__)
# expect: EOFError
# expect: UnpicklingError
# expect: UnpicklingError
# expect: UnpicklingError
f = io.BytesIO()
p = pickle.Pickler(f)
p.dump([1])
p.dump("two")
f.seek(0)
u = pickle.Unpickler(f)
print(u.load(), u.load(), pickle.dumps([1, "a"], 0), pickle.dumps({"k": None}, 2))
# expect: [1] two b'(lp0\nI1\naVa\np1\na.' b'\x80\x02}q\x00X\x01\x00\x00\x00kq\x01Ns.'
import zoneinfo
class Made:
    @classmethod
    def make(cls): return "made"
    def say(self): return "said"
print(pickle.loads(pickle.dumps(Made.make))(), pickle.loads(pickle.dumps(Made().say))(), pickle.loads(pickle.dumps(zoneinfo.ZoneInfo("UTC"))), repr(zoneinfo.ZoneInfo("UTC")))
# expect: made said UTC zoneinfo.ZoneInfo(key='UTC')
