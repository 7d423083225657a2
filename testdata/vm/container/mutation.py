# containers that change while they are walked
a = [1, 2, 3]
for x in a:
    if x < 6:
        a.append(x + 3)
print(a)  # expect: [1, 2, 3, 4, 5, 6, 7, 8]
b = [1, 2, 3, 4, 5, 6]
for x in b:
    if x % 2 == 0:
        b.remove(x)
print(b)  # expect: [1, 3, 5]
c = [1, 2, 3]
it = iter(c)
print(next(it))  # expect: 1
c.clear()
print(list(it))  # expect: []
c.extend("xyz")
print(list(it), c)  # expect: [] ['x', 'y', 'z']
d = [1, 2, 3, 4]
r = reversed(d)
print(next(r))  # expect: 4
del d[1:]
print(list(r))  # expect: []
e = list("abc")
for i, x in enumerate(e):
    e[i] = x * (i + 1)
print(e)  # expect: ['a', 'bb', 'ccc']
from collections import deque, OrderedDict
q = deque([1, 2, 3])
try:
    for x in q:
        q.append(x)
except RuntimeError as err:
    print(err)
# expect: deque mutated during iteration
o = OrderedDict(a=1, b=2)
try:
    for k in o:
        o[k + "x"] = 1
except RuntimeError as err:
    print(err)
# expect: OrderedDict mutated during iteration
f = bytearray(b"ab")
for x in f:
    if len(f) < 4:
        f.append(x)
print(f)  # expect: bytearray(b'abab')
class L(list):
    pass
g = L([1, 2, 3])
for x in g:
    g.pop()
    print("x", x)
# expect: x 1
# expect: x 2
print(g)  # expect: [1]
h = [3, 1, 2]
print([h.pop() for _ in range(len(h))], h)  # expect: [2, 1, 3] []
k = [0, 1, 2]
k[k[1]], k[1] = 5, 7
print(k)  # expect: [0, 7, 2]
m = [1, 2]
m[0], m = 10, "rebound"
print(m)  # expect: rebound
