# hot loops over containers that change representation or size
def fill(n):
    a = []
    for i in range(n):
        a.append(i)
        if i == n // 2:
            a.append("odd one")
    return a
a = fill(3000)
print(len(a), a[1501], a[-1])  # expect: 3001 odd one 2999
def total(a): return sum(x for x in a if not isinstance(x, str))
print(total(a))  # expect: 4498500
def rotate(xs, n):
    for _ in range(n):
        xs.append(xs.pop(0))
    return xs
print(rotate(list(range(7)), 1000))  # expect: [6, 0, 1, 2, 3, 4, 5]
d = {}
for i in range(5000):
    d[i] = i
    if i > 100:
        del d[i - 100]
print(len(d), min(d), max(d), list(d)[:3])  # expect: 101 0 4999 [0, 4900, 4901]
d2 = {}
for i in range(3000):
    d2[str(i % 50)] = d2.setdefault(str(i % 50), 0) + i
    d2[i % 50] = i
    d2[(i % 5, "t")] = i
print(len(d2), d2["7"], d2[7], d2[(3, "t")])  # expect: 105 88920 2957 2998
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return self.v % 3
    def __eq__(self, o): return self.v == o.v
d3 = {K(i): i for i in range(60)}
print(sum(d3[K(i)] for i in range(60)), len(d3), K(99) in d3)  # expect: 1770 60 False
s = set()
for i in range(5000):
    s.add(i * i % 1009)
    s.discard(i % 7)
print(len(s), 4 in s, sorted(s)[:5])  # expect: 498 False [7, 8, 9, 10, 12]
st = ""
for i in range(3000):
    st += "ab"[i % 2]
print(len(st), st[:4], st.count("ab"))  # expect: 3000 abab 1500
parts = []
for i in range(1000):
    parts += [str(i)] if i % 3 else ()
print(len("".join(parts)))  # expect: 1926
m = [[0] * 30 for _ in range(30)]
for i in range(30):
    for j in range(30):
        m[i][j] = m[i - 1][j] + m[i][j - 1] + 1 if i and j else 1
print(m[29][29], m[5][5])  # expect: 60134532999082079 503
t = ()
for i in range(300):
    t += (i,)
print(len(t), sum(t))  # expect: 300 44850
def unpack(pairs):
    r = 0
    for a, (b, *c) in pairs:
        r += a + b + len(c)
    return r
print(unpack([(1, (2, 3))] * 2000), unpack([(1, [2]), (3, (4, 5, 6))]), unpack([(1, range(3))]))  # expect: 8000 12 3
try:
    unpack([(1, (2,)), (1, 2)])
except TypeError as e:
    print(e)
# expect: cannot unpack non-iterable int object
it = iter(range(3000))
print(sum(next(it) for _ in range(2999)), next(it), next(it, "end"))  # expect: 4495501 2999 end
b = bytearray()
for i in range(2000):
    b.append(i & 255)
print(len(b), sum(b), bytes(b[250:260]))  # expect: 2000 250008 b'\xfa\xfb\xfc\xfd\xfe\xff\x00\x01\x02\x03'
q = [3, 1, 2] * 300
for _ in range(5):
    q.sort(key=lambda x: -x)
    q.reverse()
print(q[:3], q[-3:], q.index(2), q.count(3))  # expect: [1, 1, 1] [3, 3, 3] 300 300
sl = list(range(100))
for i in range(500):
    sl[i % 50 : i % 50 + 2] = [i, i + 1, i + 2] if i % 2 else [i]
print(len(sl), sl[:3], sl[-3:])  # expect: 100 [450, 451, 452] [97, 98, 99]
