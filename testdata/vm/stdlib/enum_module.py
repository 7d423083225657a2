# enum
from enum import Enum, IntEnum, Flag, IntFlag, StrEnum, auto, unique, nonmember, member
class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
    def describe(self): return f"{self.name}={self.value}"
    @classmethod
    def default(cls): return cls.GREEN
print(Color.RED, repr(Color.RED), Color.RED.name, Color.RED.value, Color(2), Color["RED"], Color.CRIMSON is Color.RED, list(Color), len(Color))
# expect: Color.RED <Color.RED: 1> RED 1 Color.GREEN Color.RED True [<Color.RED: 1>, <Color.GREEN: 2>] 2
print(Color.RED.describe(), Color.default(), Color.RED == Color.RED, Color.RED == 1, Color.RED in Color, 2 in Color, 9 in Color, isinstance(Color.RED, Color), type(Color.RED), list(Color.__members__))
# expect: RED=1 Color.GREEN True False True True False True <enum 'Color'> ['RED', 'GREEN', 'CRIMSON']
for f in (lambda: Color(9), lambda: Color["NO"], lambda: Color.NO, lambda: setattr(Color, "RED", 5), lambda: Color.RED < Color.GREEN, lambda: delattr(Color, "RED"), lambda: type("Sub", (Color,), {}), lambda: setattr(Color.RED, "value", 3)):
    try:
        print(f())
    except (ValueError, KeyError, AttributeError, TypeError) as e:
        print(type(e).__name__, e)
# expect: ValueError 9 is not a valid Color
# expect: KeyError 'NO'
# expect: AttributeError type object 'Color' has no attribute 'NO'
# expect: AttributeError cannot reassign member 'RED'
# expect: TypeError '<' not supported between instances of 'Color' and 'Color'
# expect: AttributeError 'Color' cannot delete member 'RED'.
# expect: AttributeError 'dict' object has no attribute '_member_names'
# expect: AttributeError <enum 'Enum'> cannot set attribute 'value'
class Num(IntEnum):
    ONE = 1
    TWO = auto()
    THREE = auto()
print(Num.TWO + 1, Num.TWO < Num.THREE, Num(3), f"{Num.ONE}", str(Num.ONE), repr(Num.ONE), sorted([Num.THREE, Num.ONE]), [10, 20, 30][Num.ONE], Num.ONE == 1, {1: "x"}[Num.ONE])
# expect: 3 True 3 1 1 <Num.ONE: 1> [<Num.ONE: 1>, <Num.THREE: 3>] 20 True x
class S(StrEnum):
    ALPHA = auto()
    BETA = "b"
print(S.ALPHA, S.BETA.upper(), S.ALPHA == "alpha", f"{S.BETA:>3}", S("b"))  # expect: alpha B True   b b
class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W
print(Perm.R | Perm.X, Perm.RW, Perm.R in Perm.RW, Perm.RW & Perm.W, ~Perm.R, Perm(0), bool(Perm(0)), Perm.RW ^ Perm.R, list(Perm.RW), Perm(5), len(Perm.RW), repr(Perm(6)))
# expect: Perm.R|X Perm.RW True Perm.W Perm.W|X Perm(0) False Perm.W [<Perm.R: 1>, <Perm.W: 2>] Perm.R|X 2 <Perm.W|X: 6>
try:
    Perm(8)
except ValueError as e:
    print(str(e).splitlines()[0])
# expect: <flag 'Perm'> invalid value 8
class I(IntFlag):
    A = 1
    B = 2
print(I.A | I.B, I.A | 8, I(3) & 1, int(I.A | I.B))  # expect: 3 9 1 3
try:
    @unique
    class Dup(Enum):
        A = 1
        B = 1
except ValueError as e:
    print(e)
# expect: duplicate values found in <enum 'Dup'>: B -> A
class Planet(Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.4e23, 3.4e6)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @property
    def dense(self): return self.mass > 1e24
print(Planet.EARTH.mass, Planet.MARS.dense, Planet((6.4e23, 3.4e6)))  # expect: 5.97e+24 False Planet.MARS
class Auto(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last): return name.lower() * (count + 1)
    A = auto()
    B = auto()
    @classmethod
    def _missing_(cls, v): return cls.A if v == "anything" else None
    helper = nonmember(5)
print([m.value for m in Auto], Auto("anything"), Auto.helper)  # expect: ['a', 'bb'] Auto.A 5
Made = Enum("Made", "X Y Z")
print(list(Made), Made.Y.value, Enum("M2", {"A": 10}).A.value, hash(Made.X) == hash(Made.X), {Made.X: 1}[Made.X])
# expect: [<Made.X: 1>, <Made.Y: 2>, <Made.Z: 3>] 2 10 True 1
match Color.GREEN:
    case Color.RED: print("r")
    case Color.GREEN: print("g")
# expect: g
