# dataclasses: fields, defaults, comparison, frozen, inheritance
from dataclasses import dataclass, field, fields, asdict, astuple, replace, FrozenInstanceError, KW_ONLY, InitVar, is_dataclass, make_dataclass
from typing import ClassVar
@dataclass
class P:
    x: int
    y: int = 0
    tags: list = field(default_factory=list, repr=False, compare=False)
    count: ClassVar[int] = 5
p = P(1)
p.tags.append("t")
print(p, P(1, 2) == P(1, 2), P(1) == (1, 0), p.tags, P(2).tags, P.count, [f.name for f in fields(P)], P.__match_args__)
# expect: P(x=1, y=0) True False ['t'] [] 5 ['x', 'y', 'tags'] ('x', 'y', 'tags')
print(asdict(p), astuple(P(1, 2)), replace(p, y=9), is_dataclass(P), is_dataclass(p), P.__doc__)
# expect: {'x': 1, 'y': 0, 'tags': ['t']} (1, 2, []) P(x=1, y=9) True True P(x: int, y: int = 0, tags: list = <factory>)
for f in (lambda: P(), lambda: P(1, 2, [], 4), lambda: P(z=1), lambda: hash(p), lambda: p < p):
    try:
        f()
    except TypeError as e:
        print(e)
# expect: P.__init__() missing 1 required positional argument: 'x'
# expect: P.__init__() takes from 2 to 4 positional arguments but 5 were given
# expect: P.__init__() got an unexpected keyword argument 'z'
# expect: unhashable type: 'P'
# expect: '<' not supported between instances of 'P' and 'P'
@dataclass(order=True, frozen=True)
class V:
    major: int
    minor: int = 0
    note: str = field(default="", compare=False)
print(V(1, 2) < V(1, 10), sorted([V(2), V(1, 5)]), V(1) == V(1, 0, "n"), hash(V(1)) == hash(V(1)), {V(1): "x"}[V(1)])
# expect: True [V(major=1, minor=5, note=''), V(major=2, minor=0, note='')] True True x
try:
    V(1).major = 2
except FrozenInstanceError as e:
    print(e)
# expect: cannot assign to field 'major'
@dataclass
class Base:
    a: int = 1
    def __post_init__(self): print("post", self.a)
@dataclass
class Derived(Base):
    b: str = "b"
    _: KW_ONLY
    c: float = 0.5
    def __post_init__(self):
        super().__post_init__()
        self.total = self.a + self.c
d = Derived(2, "x", c=1.5)  # expect: post 2
print(d, d.total, d.__dict__)  # expect: Derived(a=2, b='x', c=1.5) 3.5 {'a': 2, 'b': 'x', 'c': 1.5, 'total': 3.5}
@dataclass(slots=True, kw_only=True)
class S:
    n: int
    m: int = 3
s = S(n=1)
print(s, hasattr(s, "__dict__"), S.__slots__)  # expect: S(n=1, m=3) False ('n', 'm')
try:
    s.zz = 1
except AttributeError as e:
    print(e)
# expect: 'S' object has no attribute 'zz' and no __dict__ for setting new attributes
@dataclass
class Init:
    v: InitVar[int]
    w: int = field(init=False)
    def __post_init__(self, v): self.w = v * 2
print(Init(4), Init(4).w)  # expect: Init(w=8) 8
try:
    @dataclass
    class Bad:
        a: int = 1
        b: int
except TypeError as e:
    print(e)
# expect: non-default argument 'b' follows default argument 'a'
try:
    @dataclass
    class Mutable:
        a: list = []
except ValueError as e:
    print(e)
# expect: mutable default <class 'list'> for field a is not allowed: use default_factory
Q = make_dataclass("Q", [("a", int), ("b", str, "dflt")], namespace={"hi": lambda self: self.b})
print(Q(1), Q(1).hi())  # expect: Q(a=1, b='dflt') dflt
@dataclass(repr=False, eq=False)
class Bare:
    z: int
print(Bare(1) == Bare(1), Bare(1).z, repr(Bare(1)).startswith("<__main__.Bare object"))  # expect: False 1 True
@dataclass
class Tree:
    value: int
    children: "list[Tree]" = field(default_factory=list)
t = Tree(1, [Tree(2), Tree(3, [Tree(4)])])
print(t, asdict(t))
# expect: Tree(value=1, children=[Tree(value=2, children=[]), Tree(value=3, children=[Tree(value=4, children=[])])]) {'value': 1, 'children': [{'value': 2, 'children': []}, {'value': 3, 'children': [{'value': 4, 'children': []}]}]}
match P(3, 4):
    case P(x, y): print(x, y)
# expect: 3 4
