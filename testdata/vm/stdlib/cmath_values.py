# cmath: values, special numbers and errors
import cmath
def attempt(f, *args):
    try:
        return f(*args)
    except (ValueError, OverflowError) as e:
        return f"{type(e).__name__} {e}"
inf, nan = cmath.inf, cmath.nan
for name in "acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh".split():
    f = getattr(cmath, name)
    values = [attempt(f, z) for z in (0.5 + 0.25j, -2 - 3j, 0j)]
    print(name, [f"{v.real:.9g}{v.imag:+.9g}j" if isinstance(v, complex) else v for v in values])
    print("  ", [str(attempt(f, z)).replace("-", "+") for z in (complex(inf, 1), complex(1, inf), complex(nan, 0))])
# expect: acos ['1.06918747-0.281396056j', '2.14144911+1.98338703j', '1.57079633-0j']
# expect:    ['+infj', '(1.5707963267948966+infj)', '(nan+nanj)']
# expect: acosh ['0.281396056+1.06918747j', '1.98338703-2.14144911j', '0+1.57079633j']
# expect:    ['(inf+0j)', '(inf+1.5707963267948966j)', '(nan+nanj)']
# expect: asin ['0.501608853+0.281396056j', '-0.570652784-1.98338703j', '0+0j']
# expect:    ['(1.5707963267948966+infj)', 'infj', '(nan+nanj)']
# expect: asinh ['0.492675683+0.224328453j', '-1.96863793-0.964658504j', '0+0j']
# expect:    ['(inf+0j)', '(inf+1.5707963267948966j)', '(nan+0j)']
# expect: atan ['0.48425449+0.200586618j', '-1.40992105-0.229072683j', '0+0j']
# expect:    ['(1.5707963267948966+0j)', '(1.5707963267948966+0j)', '(nan+0j)']
# expect: atanh ['0.50037+0.314398143j', '-0.146946666-1.33897252j', '0+0j']
# expect:    ['1.5707963267948966j', '1.5707963267948966j', '(nan+nanj)']
# expect: cos ['0.905150151-0.121108796j', '-4.18962569-9.10922789j', '1-0j']
# expect:    ['ValueError math domain error', '(inf+infj)', '(nan+0j)']
# expect: cosh ['1.0925708+0.128921042j', '-3.7245455+0.51182257j', '1+0j']
# expect:    ['(inf+infj)', 'ValueError math domain error', '(nan+0j)']
# expect: exp ['1.59746652+0.40790017j', '-0.133980915-0.0190985163j', '1+0j']
# expect:    ['(inf+infj)', 'ValueError math domain error', '(nan+0j)']
# expect: log ['-0.581575405+0.463647609j', '1.28247468-2.15879893j', 'ValueError math domain error']
# expect:    ['(inf+0j)', '(inf+1.5707963267948966j)', '(nan+nanj)']
# expect: log10 ['-0.252574989+0.201359598j', '0.556971676-0.937554463j', 'ValueError math domain error']
# expect:    ['(inf+0j)', '(inf+0.6821881769209206j)', '(nan+nanj)']
# expect: sin ['0.494485781+0.221688164j', '-9.15449915+4.16890696j', '0+0j']
# expect:    ['ValueError math domain error', '(inf+infj)', '(nan+0j)']
# expect: sinh ['0.504895714+0.278979128j', '3.59056459-0.530921086j', '0+0j']
# expect:    ['(inf+infj)', 'ValueError math domain error', '(nan+0j)']
# expect: sqrt ['0.727673345+0.171780375j', '0.895977476-1.67414923j', '0+0j']
# expect:    ['(inf+0j)', '(inf+infj)', '(nan+nanj)']
# expect: tan ['0.504500703+0.312420693j', '0.00376402564-1.00323863j', '0+0j']
# expect:    ['ValueError math domain error', '1j', '(nan+0j)']
# expect: tanh ['0.485487281+0.19805545j', '-0.965385879+0.00988437504j', '0+0j']
# expect:    ['(1+0j)', 'ValueError math domain error', '(nan+0j)']
print(cmath.polar(3 + 4j), cmath.phase(-1), attempt(cmath.rect, 2, 0), attempt(cmath.rect, inf, -0.0), attempt(cmath.rect, 1, inf), attempt(cmath.atan, 1j), attempt(cmath.atanh, -1), attempt(cmath.log, 8, 2))
# expect: (5.0, 0.9272952180016122) 3.141592653589793 (2+0j) (inf-0j) ValueError math domain error ValueError math domain error ValueError math domain error (3+0j)
print(cmath.isclose(1, 1 + 1e-10j), cmath.isclose(1, 1.1, abs_tol=0.2), cmath.isfinite(complex(1, inf)), cmath.isnan(complex(1, nan)), cmath.isinf(complex(nan, -inf)), cmath.infj, cmath.nanj)
# expect: True True False True True infj nanj
