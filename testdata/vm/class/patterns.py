# patterns: singleton, registry, visitor, mixins, builders, fluent and context classes
class Singleton:
    _it = None
    def __new__(cls, *a):
        if cls._it is None:
            cls._it = super().__new__(cls)
        return cls._it
    def __init__(self, v=0): self.v = v
print(Singleton(1) is Singleton(2), Singleton(3).v)  # expect: True 3
class Visitor:
    def visit(self, n):
        for k in type(n).__mro__:
            if f := getattr(self, "visit_" + k.__name__, None):
                return f(n)
        raise NotImplementedError(type(n).__name__)
class Num:
    def __init__(self, v): self.v = v
class Neg(Num): pass
class Add:
    def __init__(self, *args): self.args = args
class Eval(Visitor):
    def visit_Num(self, n): return n.v
    def visit_Neg(self, n): return -n.v
    def visit_Add(self, n): return sum(map(self.visit, n.args))
class Show(Visitor):
    def visit_Num(self, n): return str(n.v)
    def visit_Add(self, n): return "(" + "+".join(self.visit(a) for a in n.args) + ")"
tree = Add(Num(1), Neg(2), Add(Num(3), Num(4)))
print(Eval().visit(tree), Show().visit(tree))  # expect: 6 (1+2+(3+4))
try:
    Eval().visit("x")
except NotImplementedError as e:
    print(e)
# expect: str
class Json:
    def to_json(self): return {k: v for k, v in vars(self).items() if not k.startswith("_")}
class Cmp:
    def __eq__(self, o): return vars(self) == vars(o)
    def __lt__(self, o): return tuple(vars(self).values()) < tuple(vars(o).values())
class Rec(Json, Cmp):
    def __init__(self, a, b): self.a, self.b, self._hidden = a, b, 0
print(Rec(1, "x").to_json(), Rec(1, 2) == Rec(1, 2), sorted([Rec(2, 1), Rec(1, 9)])[0].b)
# expect: {'a': 1, 'b': 'x'} True 9
class Query:
    def __init__(self, parts=()): self.parts = parts
    def __getattr__(self, name): return lambda *a: Query((*self.parts, f"{name}({', '.join(map(str, a))})"))
    def __str__(self): return ".".join(self.parts)
print(Query().select("a", "b").where(1).limit(5))  # expect: select(a, b).where(1).limit(5)
class Observable:
    def __init__(self): object.__setattr__(self, "_seen", [])
    def __setattr__(self, k, v):
        self._seen.append((k, getattr(self, k, None), v))
        super().__setattr__(k, v)
o = Observable()
o.x = 1
o.x += 5
print(o._seen)  # expect: [('x', None, 1), ('x', 1, 6)]
class Units(float):
    def __new__(cls, v, unit):
        self = super().__new__(cls, v)
        self.unit = unit
        return self
    def __add__(self, o): return Units(float(self) + o, self.unit)
    def __str__(self): return f"{float(self)} {self.unit}"
print(Units(1.5, "m") + 2, Units(1, "s") * 3, Units(2, "kg") > 1)  # expect: 3.5 m 3.0 True
class Frozen:
    def __init__(self, **kw): self.__dict__.update(kw)
    def __setattr__(self, *a): raise AttributeError("frozen")
    __delattr__ = __setattr__
    def __hash__(self): return hash(tuple(sorted(self.__dict__.items())))
f = Frozen(a=1)
for t in ("f.a = 2", "del f.a"):
    try:
        exec(t)
    except AttributeError as e:
        print(e, f.a)
# expect: frozen 1
# expect: frozen 1
print(hash(f) == hash(Frozen(a=1)))  # expect: True
