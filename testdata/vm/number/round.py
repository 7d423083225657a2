# round, trunc, floor, ceil
import math
for x in (0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e20, -0.0):
    print(x, round(x), round(x, 1), round(x, 2), math.floor(x), math.ceil(x), math.trunc(x))
# expect: 0.5 0 0.5 0.5 0 1 0
# expect: 1.5 2 1.5 1.5 1 2 1
# expect: 2.5 2 2.5 2.5 2 3 2
# expect: -0.5 0 -0.5 -0.5 -1 0 0
# expect: -1.5 -2 -1.5 -1.5 -2 -1 -1
# expect: 2.675 3 2.7 2.67 2 3 2
# expect: 1e+20 100000000000000000000 1e+20 1e+20 100000000000000000000 100000000000000000000 100000000000000000000
# expect: -0.0 0 -0.0 -0.0 0 0 0
print(round(1234.5678, -2), round(1234, -2), round(1250, -2), round(1350, -2), round(-1250, -2), round(5, -1), round(15, -1), round(15, 3))
# expect: 1200.0 1200 1200 1400 -1200 0 20 15
print(round(2**70, -5), round(12345.678, 400), round(1e-10, 400), round(1e300, -301), round(0.15, 1), round(0.25, 1), round(0.35, 1))
# expect: 1180591620717411300000 12345.678 1e-10 0.0 0.1 0.2 0.3
print(type(round(1.0)), type(round(1.0, 0)), round(1.0, None), round(True), round(7, 2))
# expect: <class 'int'> <class 'float'> 1 1 7
for bad in (float("inf"), float("nan")):
    try:
        round(bad)
    except (OverflowError, ValueError) as e:
        print(type(e).__name__, e)
    print(round(bad, 2))
# expect: OverflowError cannot convert float infinity to integer
# expect: inf
# expect: ValueError cannot convert float NaN to integer
# expect: nan
class R:
    def __round__(self, n=None):
        return "rounded", n
    def __floor__(self):
        return "floor"
    def __ceil__(self):
        return "ceil"
    def __trunc__(self):
        return "trunc"
print(round(R()), round(R(), 3), math.floor(R()), math.ceil(R()), math.trunc(R()))
# expect: ('rounded', None) ('rounded', 3) floor ceil trunc
try:
    round("x")
except TypeError as e:
    print(e)
# expect: type str doesn't define __round__ method
try:
    round(1.5, 1.0)
except TypeError as e:
    print(e)
# expect: 'float' object cannot be interpreted as an integer
