# decimal, fractions, statistics, random with a seed
from decimal import *
from fractions import Fraction
import statistics as st, random
D = Decimal
print(D("1.1") + D("2.20"), D(1) / 3, D("1e5"), D("-0"), D("NaN"), D("Infinity"), D(0.1), D("1.23456").quantize(D("0.01")), D("2.5").to_integral_value(), D(5) // D(3), D(-5) % D(3), D(2) ** D("0.5"), round(D("1.25"), 1), D("100").normalize(), abs(D("-1.50")))
# expect: 3.30 0.3333333333333333333333333333 1E+5 -0 NaN Infinity 0.1000000000000000055511151231257827021181583404541015625 1.23 2 1 -2 1.414213562373095048801688724 1.2 1E+2 1.50
print(repr(D("1.0")), D("1.0") == 1, D("1.10") == D("1.1"), hash(D("1.0")) == hash(1), D("3.14").as_tuple(), D("3.5").as_integer_ratio(), int(D("3.9")), float(D("0.1")), f"{D('1234567.891'):,.2f} {D('0.000001'):e} {D('1E+3'):f}", D("1") < D("2"), max(D(1), D(3)), sum([D("0.1")] * 10), D("12.3").sqrt(), D(10).log10(), D(1).exp())
# expect: Decimal('1.0') True True True DecimalTuple(sign=0, digits=(3, 1, 4), exponent=-2) (7, 2) 3 0.1 1,234,567.89 1e-6 1000 True 3 1.0 3.507135583350036383363493497 1 2.718281828459045235360287471
with localcontext() as c:
    c.prec = 5
    print(D(1) / 7, D("123456789") + 0)
    c.rounding = ROUND_DOWN
    print(D("2.99999999") + 0)
# expect: 0.14286 1.2346E+8
# expect: 2.9999
print(getcontext().prec, D("1.005").quantize(D("0.01"), ROUND_HALF_UP))  # expect: 28 1.01
for f in (lambda: D("x"), lambda: D(1) / 0, lambda: D("NaN") < 1, lambda: D(1) + 1.5, lambda: D("sNaN") + 1, lambda: D(0) / 0, lambda: D(-1).sqrt()):
    try:
        print(f())
    except (InvalidOperation, DivisionByZero, TypeError) as e:
        print(type(e).__name__)
# expect: InvalidOperation
# expect: DivisionByZero
# expect: InvalidOperation
# expect: TypeError
# expect: InvalidOperation
# expect: InvalidOperation
# expect: InvalidOperation
F = Fraction
print(F(3, 6), F("1.5"), F(0.5), F(-3, 4) + F(1, 4), F(1, 3) * 3, F(7, 2) % 1, F(2, 3) ** 2, F(4, 9) ** 0.5, round(F(7, 2)), F(22, 7).limit_denominator(5), float(F(1, 3)), F(1, 3) < 0.5, divmod(F(7, 2), 1), repr(F(5)), str(F(5, 3)), F(3.0), f"{F(1, 3):.3f}")
# expect: 1/2 3/2 1/2 -1/2 1 1/2 4/9 0.6666666666666666 4 16/5 0.3333333333333333 True (3, Fraction(1, 2)) Fraction(5, 1) 5/3 3 0.333
try:
    F(1, 0)
except ZeroDivisionError as e:
    print(e)
# expect: Fraction(1, 0)
xs = [2, 4, 4, 4, 5, 5, 7, 9]
print(st.mean(xs), st.median(xs), st.mode(xs), st.pstdev(xs), st.variance(xs), st.quantiles(xs), st.fmean(xs), st.median_low(xs), st.multimode("aabb"), st.harmonic_mean([40, 60]), st.geometric_mean([4, 9]), st.mean([F(1, 2), F(1, 3)]), st.mean([D("0.5"), D("1.5")]))
# expect: 5 4.5 4 2.0 4.571428571428571 [4.0, 4.5, 6.5] 5.0 4 ['a', 'b'] 48.0 6.0 5/12 1
try:
    st.mean([])
except st.StatisticsError as e:
    print(e)
# expect: mean requires at least one data point
r = random.Random(42)
print([r.randint(1, 100) for _ in range(6)], r.random(), r.choice("abcdef"), r.sample(range(100), 4), r.uniform(1, 2), r.choices("xy", k=5), r.randrange(0, 100, 7), r.gauss(0, 1), r.getrandbits(70), r.shuffle(l := list(range(8))), l, r.betavariate(1, 2), r.expovariate(1))
# expect: [82, 15, 4, 95, 36, 32] 0.22321073814882275 f [13, 86, 94, 69] 1.086938832629416 ['x', 'x', 'x', 'y', 'x'] 21 -0.32940019966100226 520575245742164518564 None [5, 2, 7, 3, 1, 0, 6, 4] 0.23968573609053745 1.8805537416331388
random.seed("text")
a = random.random()
random.seed("text")
print(a == random.random(), random.Random(1).randbytes(4), random.Random(2**100).random())
# expect: True b'\xf5\xb1e"' 0.7586581712996778
s = r.getstate()
v = r.random()
r.setstate(s)
print(v == r.random())  # expect: True
