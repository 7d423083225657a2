# subclasses of int, float and bool limits
class N(int):
    def __add__(self, other):
        return N(int(self) + int(other))
    def __repr__(self):
        return f"N({int(self)})"
n = N(5)
print(n, n + 1, 1 + n, n * 2, type(n * 2).__name__, -n, [n], str(n), f"{n}", f"{n:03}")
# expect: N(5) N(6) 6 10 int -5 [N(5)] N(5) N(5) 005
print(n == 5, hash(n) == hash(5), {5: "five"}[n], isinstance(n, int), n.bit_length(), [0] * N(2), range(N(3)))
# expect: True True five True 3 [0, 0] range(0, 3)
n.extra = "attr"
print(n.extra, N("12"), N("ff", 16), N(), int(n), type(int(n)))  # expect: attr N(12) N(255) N(0) 5 <class 'int'>
class F(float):
    def __str__(self):
        return "F!"
f = F("2.5")
print(f, repr(f), f + 1, f"{f}", f"{f:.1f}", [f], type(f + 1).__name__)  # expect: F! 2.5 3.5 F! 2.5 [2.5] float
try:
    class B(bool):
        pass
except TypeError as e:
    print(e)
# expect: type 'bool' is not an acceptable base type
class Even(int):
    def __new__(cls, v):
        return super().__new__(cls, v - v % 2)
print(Even(7), Even(8) + Even(3), max(Even(3), Even(9)))  # expect: 6 10 8
class R(int):
    def __radd__(self, o):
        return "radd"
    def __rsub__(self, o):
        return "rsub"
    def __eq__(self, o):
        return "eq"
    __hash__ = int.__hash__
print(1 + R(2), R(2) + 1, 1 - R(2), 1 == R(1), R(1) == 2)  # expect: radd 3 rsub eq eq
print(bool.__mro__, int.__bases__, bool(5), bool("x"), True.real, type(True.numerator))
# expect: (<class 'bool'>, <class 'int'>, <class 'object'>) (<class 'object'>,) True True 1 <class 'int'>
