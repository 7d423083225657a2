# structural pattern matching
def f(x):
    match x:
        case 0:
            return "zero"
        case 1 | 2 | 3:
            return "small"
        case -1:
            return "minus one"
        case 1.5 | 2j | "text" | b"bytes" | None | True:
            return f"literal {x!r}"
        case int(n) if n > 100:
            return f"large {n}"
        case int() | float():
            return "number"
        case []:
            return "empty"
        case [a]:
            return f"one {a}"
        case [1, *rest]:
            return f"one and {rest}"
        case (a, b, *_, z) if a == z:
            return f"ends equal {a}"
        case [[a, b], c]:
            return f"nested {a} {b} {c}"
        case [*_]:
            return "sequence"
        case {"type": "p", "x": x, **rest}:
            return f"point {x} {rest}"
        case {"k": [1, v]}:
            return f"deep {v}"
        case {}:
            return "mapping"
        case str(s):
            return f"str {s}"
        case _:
            return "other"
for v in (0, 2, -1, 1.5, 2j, "text", b"bytes", None, True, False, 500, 7, 0.25, [], (5,), [1, 2, 3], (4, 5, 6, 4), [[1, 2], 3], [9, 9, 8], {"type": "p", "x": 1, "y": 2}, {"k": [1, 5]}, {"z": 0}, "word", "", b"x", {1}, range(2), object):
    print(repr(v), "->", f(v) + ".")
# expect: 0 -> zero.
# expect: 2 -> small.
# expect: -1 -> minus one.
# expect: 1.5 -> literal 1.5.
# expect: 2j -> literal 2j.
# expect: 'text' -> literal 'text'.
# expect: b'bytes' -> literal b'bytes'.
# expect: None -> literal None.
# expect: True -> small.
# expect: False -> zero.
# expect: 500 -> large 500.
# expect: 7 -> number.
# expect: 0.25 -> number.
# expect: [] -> empty.
# expect: (5,) -> one 5.
# expect: [1, 2, 3] -> one and [2, 3].
# expect: (4, 5, 6, 4) -> ends equal 4.
# expect: [[1, 2], 3] -> nested 1 2 3.
# expect: [9, 9, 8] -> sequence.
# expect: {'type': 'p', 'x': 1, 'y': 2} -> point 1 {'y': 2}.
# expect: {'k': [1, 5]} -> deep 5.
# expect: {'z': 0} -> mapping.
# expect: 'word' -> str word.
# expect: '' -> str .
# expect: b'x' -> other.
# expect: {1} -> other.
# expect: range(0, 2) -> sequence.
# expect: <class 'object'> -> other.
class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
class Sub(Point): pass
def g(p):
    match p:
        case Point(0, 0): return "origin"
        case Point(x=0, y=y): return f"y axis {y}"
        case Sub(a, b): return f"sub {a} {b}"
        case Point(x, y) as whole if x == y: return f"diagonal {type(whole).__name__}"
        case Point(): return "point"
        case [Point(x, y), Point(), *_]: return f"points from {x} {y}"
        case str() | int() as v: return f"atom {v}"
print(g(Point(0, 0)), g(Point(0, 5)), g(Sub(1, 2)), g(Point(3, 3)), g(Point(1, 2)), g([Point(1, 2), Sub(0, 0)]), g(5), g(2.5))
# expect: origin y axis 5 sub 1 2 diagonal Point point points from 1 2 atom 5 None
class Color:
    RED = 1
    class Deep: BLUE = "b"
def h(c):
    match c:
        case Color.RED: return "red"
        case Color.Deep.BLUE: return "blue"
        case other: return f"capture {other}"
print(h(1), h("b"), h(9))  # expect: red blue capture 9
match (1, [2, {"a": (3, 4)}]):
    case (one, [two, {"a": (three, four)}]):
        print(one, two, three, four)
# expect: 1 2 3 4
match 5:
    case 6: pass
print("no match falls through")  # expect: no match falls through
match 1, 2:
    case a, b: print(a, b)
# expect: 1 2
match = 1
case = 2
print(match + case)  # expect: 3
for src in ("match x:\n case Point(1, 2, 3): pass", "match p:\n case int(1, 2): pass", "match p:\n case 5(): pass", "match p:\n case Point(x=1, x=2): pass", "match p:\n case Point(1, x=2): pass"):
    try:
        exec(src, {"x": Point(1, 2), "p": Point(1, 2), "Point": Point})
        print("no error")
    except (TypeError, SyntaxError) as e:
        print(type(e).__name__, e.args[0])
# expect: TypeError Point() accepts 2 positional sub-patterns (3 given)
# expect: no error
# expect: SyntaxError invalid syntax
# expect: SyntaxError attribute name repeated in class pattern: x
# expect: TypeError Point() got multiple sub-patterns for attribute 'x'
class Bad: __match_args__ = ["x"]
class NoArgs: pass
for cls in (Bad, NoArgs):
    try:
        match cls():
            case cls(1): pass
    except TypeError as e:
        print(e)
# expect: Bad.__match_args__ must be a tuple (got list)
# expect: NoArgs() accepts 0 positional sub-patterns (1 given)
class Map(dict):
    def get(self, k, d=None): return "from get"
from collections import defaultdict, deque, ChainMap
def kind(x):
    match x:
        case {"q": v}: return f"mapping {v}"
        case [a, *_]: return f"sequence {a}"
        case _: return "neither"
print(kind(Map(q=1)), kind(defaultdict(list)), kind(ChainMap({"q": 2})), kind(deque([1])), kind("str"), kind(bytearray(b"x")), kind(iter([1])), kind(memoryview(b"x")))
# expect: mapping from get neither mapping 2 sequence 1 neither neither neither sequence 120
