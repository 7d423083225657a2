# the math module
import math
print(math.pi, math.e, math.tau, math.inf, math.nan)
# expect: 3.141592653589793 2.718281828459045 6.283185307179586 inf nan
print(math.sqrt(2), math.sin(0), math.cos(0), math.atan2(1, 1), math.exp(0), math.log(1), math.log(8, 2), math.log2(8), math.log10(1000))
# expect: 1.4142135623730951 0.0 1.0 0.7853981633974483 1.0 0.0 3.0 3.0 3.0
print(math.floor(-1.5), math.ceil(-1.5), math.trunc(-1.5), math.fabs(-2), math.fmod(-7, 3), math.modf(2.5), math.frexp(8), math.ldexp(0.5, 4))
# expect: -2 -1 -1 2.0 -1.0 (0.5, 2.0) (0.5, 4) 8.0
print(math.gcd(12, 18, 24), math.gcd(), math.lcm(4, 6), math.isqrt(17), math.factorial(10), math.comb(5, 2), math.perm(5, 2), math.perm(3))
# expect: 6 0 12 4 3628800 10 20 6
print(math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1), math.isclose(0.1 + 0.2, 0.3), math.copysign(3, -0.0))
# expect: True True True True -3.0
print(math.fsum([0.1] * 10), math.prod([1, 2, 3, 4]), math.prod([], start=5), math.hypot(3, 4), math.dist((0, 0), (3, 4)))
# expect: 1.0 24 5 5.0 5.0
print(math.degrees(math.pi), math.radians(180) == math.pi, math.log(10**400) > 921, math.sumprod([1, 2], [3, 4]), math.cbrt(8))
# expect: 180.0 True True 11 2.0
print(math.nextafter(1.0, 2.0), math.ulp(1.0), math.remainder(5, 3), math.exp2(3), math.expm1(0), math.log1p(0))
# expect: 1.0000000000000002 2.220446049250313e-16 -1.0 8.0 0.0 0.0
for text in ("math.sqrt(-1)", "math.log(0)", "math.factorial(-1)", "math.factorial(1.5)", "math.exp(1000)", "math.isqrt(-1)", "math.sqrt('x')",
             "math.floor(math.inf)", "math.gcd(1.5)", "math.acos(2)"):
    try:
        print(eval(text))
    except (ValueError, TypeError, OverflowError) as e:
        print(text, "->", type(e).__name__, e)
# expect: math.sqrt(-1) -> ValueError expected a nonnegative input, got -1.0
# expect: math.log(0) -> ValueError expected a positive input
# expect: math.factorial(-1) -> ValueError factorial() not defined for negative values
# expect: math.factorial(1.5) -> TypeError 'float' object cannot be interpreted as an integer
# expect: math.exp(1000) -> OverflowError math range error
# expect: math.isqrt(-1) -> ValueError isqrt() argument must be nonnegative
# expect: math.sqrt('x') -> TypeError must be real number, not str
# expect: math.floor(math.inf) -> OverflowError cannot convert float infinity to integer
# expect: math.gcd(1.5) -> TypeError 'float' object cannot be interpreted as an integer
# expect: math.acos(2) -> ValueError expected a number in range from -1 up to 1, got 2.0
