# Corners of math: errors of fma, steps of nextafter, accuracy of hypot and the inverse hyperbolic functions.
import math


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


class Rounds(float):
    def __floor__(self):
        return "floor"

    __ceil__ = None


show(lambda: math.floor(Rounds(1.5)))  # expect: floor
show(lambda: math.ceil(Rounds(1.5)))  # expect: TypeError 'NoneType' object is not callable
show(lambda: math.ldexp(math.inf, -10**20))  # expect: inf
show(lambda: math.ldexp(0.0, 10**20))  # expect: 0.0
show(lambda: math.ldexp(1.0, 10**20))  # expect: OverflowError math range error
show(lambda: math.ldexp(1.0, -10**20))  # expect: 0.0
show(lambda: math.ldexp(5e-324, 1100))  # expect: 67108864.0
show(lambda: math.nextafter(1.0, 2.0, steps=3))  # expect: 1.0000000000000007
show(lambda: math.nextafter(1.0, 2.0, steps=10**30))  # expect: 2.0
show(lambda: math.nextafter(-5e-324, 1.0, steps=1))  # expect: -0.0
show(lambda: math.nextafter(-5e-324, 1.0, steps=2))  # expect: 5e-324
show(lambda: math.nextafter(1.0, 2.0, steps=-1))  # expect: ValueError steps must be a non-negative integer
show(lambda: math.nextafter(math.nan, 1.0, steps=5))  # expect: nan
show(lambda: math.fma(math.inf, 0.0, 1.0))  # expect: ValueError invalid operation in fma
show(lambda: math.fma(1e300, 1e300, 0.0))  # expect: OverflowError overflow in fma
show(lambda: math.fma(math.nan, 0.0, 1.0))  # expect: nan
show(lambda: math.factorial(-10**30))  # expect: ValueError factorial() not defined for negative values
show(lambda: math.acosh(1.5e308))  # expect: 710.2948209308341
show(lambda: math.hypot(1025906489.6997133, 1451494456.3886702))  # expect: 1777447687.707019
show(lambda: math.hypot(5e-324, 5e-324, 5e-324))  # expect: 1e-323
show(lambda: math.dist((1e308, 1e308), (-0.5e308, 0)))  # expect: inf
show(lambda: math.hypot(3.0, math.nan, -math.inf))  # expect: inf
