# hot float code: specials, int and float mixed, boxed values that escape
def integrate(f, a, b, n):
    h = (b - a) / n
    s = 0.0
    for i in range(n):
        s += f(a + (i + 0.5) * h)
    return s * h
print(round(integrate(lambda x: x * x, 0, 3, 10000), 6), round(integrate(lambda x: 1 / (1 + x * x), 0, 1, 10000), 8))
# expect: 9.0 0.78539816
def newton(x):
    g = x
    for _ in range(60):
        g = (g + x / g) / 2
    return g
print(newton(2), newton(2.0) == 2 ** 0.5, newton(1e300), newton(1e-300))
# expect: 1.414213562373095 False 8.673617379884036e+281 8.673617379884035e-19
def specials(n):
    inf, nan, out = float("inf"), float("nan"), []
    for i in range(n):
        x = [0.0, -0.0, inf, -inf, nan, 1.5, -2][i % 7]
        y = x * -1 + 0.0 if i % 2 else x - x
        if i >= n - 14:
            out.append(y)
    return out
print(specials(3000))  # expect: [nan, -1.5, 0, 0.0, 0.0, -inf, nan, nan, 0.0, 2.0, 0.0, 0.0, nan, inf]
def keep(n):
    xs = []
    v = 0.1
    for i in range(n):
        v = v * 1.1 if v < 1e6 else v / 3
        xs.append(v)
    return xs
xs = keep(5000)
print(len(xs), xs[0], xs[1], max(xs) > 1e6, len(set(xs)) == len(xs), sum(x > 1 for x in xs))
# expect: 5000 0.11000000000000001 0.12100000000000002 True True 4976
def horner(cs, x):
    r = 0
    for c in cs:
        r = r * x + c
    return r
print(horner([1, 2, 3], 2), horner([1, 2, 3], 0.5), horner([1] * 100, 2), horner([1] * 100, 2.0), horner([0.1, 1], 10), horner([1, 2], 1j))
# expect: 11 4.25 1267650600228229401496703205375 1.2676506002282294e+30 2.0 (2+1j)
def compare(n):
    c = [0] * 6
    for i in range(n):
        a, b = i * 0.5, i % 10
        c[0] += a < b
        c[1] += a <= b
        c[2] += a == b
        c[3] += a != b
        c[4] += a > b
        c[5] += a >= b
    return c
print(compare(2000))  # expect: [9, 10, 1, 1999, 1990, 1991]
def floor_mod(n):
    t = 0.0
    for i in range(-n, n):
        t += (i / 4) // 0.75 + (i / 4) % 0.75 + (-i) % 2.5
    return t
print(floor_mod(1000))  # expect: 1500.0
def minmax(xs):
    lo = hi = xs[0]
    for x in xs:
        if x < lo: lo = x
        if x > hi: hi = x
    return lo, hi
print(minmax(xs[:50]) == (min(xs[:50]), max(xs[:50])), minmax([3, 1.5, 2]), minmax([True, 0.5]))
# expect: True (1.5, 3) (0.5, True)
class Vec:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return Vec(self.x + o.x, self.y + o.y)
    def __mul__(self, k): return Vec(self.x * k, self.y * k)
p, v = Vec(0.0, 0.0), Vec(1.0, 2.0)
for i in range(3000):
    p = p + v * 0.001
    if i == 2998:
        v = Vec(1, 2)
print(round(p.x, 6), round(p.y, 6))  # expect: 3.0 6.0
z = 0.0
for i in range(100000):
    z += 0.1
print(z, int(z), round(z, 3), f"{z:.10f}")  # expect: 10000.000000018848 10000 10000.0 10000.0000000188
