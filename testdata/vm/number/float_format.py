# format specifications of floats
x = 1234.56789
print(f"{x} {x:.2f} {x:10.1f}| {x:<10.1f}| {x:^10.1f}| {x:+.0f} {x:,.2f} {x:_.1f} {x:012.3f} {-x:012.3f}")
# expect: 1234.56789 1234.57     1234.6| 1234.6    |   1234.6  | +1235 1,234.57 1_234.6 00001234.568 -0001234.568
print(f"{x:e} {x:.2e} {x:E} {x:g} {x:.3g} {x:.10g} {x:G} {x:n} {x:%} {0.256:.1%}")
# expect: 1.234568e+03 1.23e+03 1.234568E+03 1234.57 1.23e+03 1234.56789 1234.57 1234.57 123456.789000% 25.6%
print(f"{0.0001:g} {0.00001:g} {1e16:g} {123456.0:g} {1234567.0:g} {1e-10:.3} {1.0:.3} {100.0:.2} {1e20:.5}")
# expect: 0.0001 1e-05 1e+16 123456 1.23457e+06 1e-10 1.0 1e+02 1e+20
print(f"{1.0} {1.0:#g} {1:.0f} {1.5:.0f} {2.5:.0f} {1.0:#.0f}")  # expect: 1.0 1.00000 1 2 2 1.
inf, nan = float("inf"), float("nan")
print(f"{inf} {-inf:.2f} {nan:10} {inf:010} {nan:+} {inf:e} {inf:F} {-0.0:.1f} {-0.01:.1f} {-0.01:z.1f} {0.0:+z}")
# expect: inf -inf        nan 0000000inf +nan inf INF -0.0 -0.0 0.0 +0.0
print("%f %.1f %e %.3e %g %G %10.2f|%-10.2f|%+.1f %05.1f %s %r" % (x, x, x, x, x, 1e-10, x, x, x, 2.5, 0.1, 1e16))
# expect: 1234.567890 1234.6 1.234568e+03 1.235e+03 1234.57 1E-10    1234.57|1234.57   |+1234.6 002.5 0.1 1e+16
print(f"{1e300:.0f}"[:20], f"{1e-5:.20f}", f"{0.1:.30f}", f"{2**-1074:.5g}")
# expect: 10000000000000000525 0.00001000000000000000 0.100000000000000005551115123126 4.9407e-324
print(f"{1e15:,} {123456789.123:,.1f} {1234.5:020,.2f} {1e6:_}")
# expect: 1,000,000,000,000,000.0 123,456,789.1 0,000,000,001,234.50 1_000_000.0
print(str(1e15), str(1e16), repr(1.1), f"{1.1!r}", f"{1.1!s:>6}", "{0:.{1}f}".format(3.14159, 3))
# expect: 1000000000000000.0 1e+16 1.1 1.1    1.1 3.142
print(f"{1 / 3:.3} {2 / 3:.3f} {100:.1f} {5:e} {10:.2%} {1e3:.0e}")
# expect: 0.333 0.667 100.0 5.000000e+00 1000.00% 1e+03
for spec in ("d", "x", ".", "10s", "c", "..2f", ".2_f"):
    try:
        print(format(1.5, spec))
    except ValueError as e:
        print(spec, e)
# expect: d Unknown format code 'd' for object of type 'float'
# expect: x Unknown format code 'x' for object of type 'float'
# expect: . Format specifier missing precision
# expect: 10s Unknown format code 's' for object of type 'float'
# expect: c Unknown format code 'c' for object of type 'float'
# expect: ..2f Format specifier missing precision
# expect: 1.50
