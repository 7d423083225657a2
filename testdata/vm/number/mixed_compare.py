# comparison and hashing across int, float, bool, complex, Fraction, Decimal
from decimal import Decimal
from fractions import Fraction
big = 2**53
print(big == float(big), big + 1 == float(big), big + 1 > float(big), big - 1 < float(big))
# expect: True False True True
print(float(big) < big + 1, float(big) >= big + 1, 1e300 < 10**300, 1e300 > 10**300, 1e300 == 10**300)
# expect: True False False True False
print(1 < 1.5 < 2, True == 1.0, False < 0.5, 2**62 < 4.7e18, -2**62 > -4.7e18, 2**62 == 2.0**62)
# expect: True True True True True True
nan, inf = float("nan"), float("inf")
print(1 < nan, 1 > nan, 1 == nan, 2**100 < inf, 2**100 > -inf, 2**100 != nan)  # expect: False False False True True True
print(0 == -0.0, 0.0 == -0.0, [0.0] == [-0.0], {0: 1} == {-0.0: 1})  # expect: True True True True
print(Fraction(1, 2) == 0.5, Fraction(1, 3) < 0.34, Fraction(3, 1) == 3, Decimal("0.5") == 0.5, Decimal(3) == 3)
# expect: True True True True True
print({1: "int", 1.0: "float", True: "bool", Fraction(1): "frac", Decimal(1): "dec", 1 + 0j: "complex"})
# expect: {1: 'complex'}
print(len({2**70, float(2**70), Fraction(2**70)}), hash(Fraction(1, 2)) == hash(0.5), hash(-1) == hash(-2))
# expect: 1 True True
print(Fraction(6, 4), Fraction("0.125"), Fraction(1, 3) + Fraction(1, 6), Fraction(7, 2) // 1, 2 ** Fraction(2))
# expect: 3/2 1/8 1/2 3 4
print(Decimal("1.10") + Decimal("2.2"), Decimal(1) / Decimal(7), Decimal("1e3"), round(Decimal("2.675"), 2))
# expect: 3.30 0.1428571428571428571428571429 1E+3 2.68
print(isinstance(True, int), type(True + 1), type(1 + 1.0), type(1.0 + 1j), 3 .__class__)
# expect: True <class 'int'> <class 'float'> <class 'complex'> <class 'int'>
import numbers
print(isinstance(1, numbers.Integral), isinstance(1.0, numbers.Real), isinstance(1j, numbers.Complex), isinstance(1.0, numbers.Rational))
# expect: True True True False
