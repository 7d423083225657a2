# cycles, deep structures and finalisers under allocation
import gc
class Node:
    def __init__(self, v):
        self.v = v
        self.me = self
        self.next = None
def ring(n):
    nodes = [Node(i) for i in range(n)]
    for a, b in zip(nodes, nodes[1:] + nodes[:1]):
        a.next = b
    return nodes[0]
kept = ring(50)
for i in range(300):
    ring(20)
n, total = kept, 0
for _ in range(50):
    total += n.v
    n = n.next
print(total, n is kept)  # expect: 1225 True
big = []
for i in range(2000):
    big.append({"i": i, "l": [i, [i]], "t": (i, str(i))})
    if i % 200 == 0:
        gc.collect()
print(sum(e["l"][1][0] for e in big), all(e["t"] == (e["i"], str(e["i"])) for e in big))  # expect: 1999000 True
def deep(n):
    x = None
    for i in range(n):
        x = (i, x)
    return x
x = deep(100000)
n = 0
while x:
    n, x = n + 1, x[1]
print(n)  # expect: 100000
l = []
for _ in range(100000):
    l = [l]
del l
gc.collect()
print("deep garbage gone")  # expect: deep garbage gone
class Cell:
    __slots__ = ("v", "next")
head = None
for i in range(50000):
    c = Cell()
    c.v, c.next = i, head
    head = c
gc.collect()
t = 0
while head is not None:
    t += head.v
    head = head.next
print(t)  # expect: 1249975000
young = [[i] for i in range(1000)]
for i in range(20000):
    young[i % 1000][0] = [i, young[(i * 7) % 1000][0] if i % 50 else None]
gc.collect()
print(len(young), all(isinstance(y[0], list) for y in young), young[999][0][0])  # expect: 1000 True 19999
closures = [(lambda k: (lambda: k))([i]) for i in range(5000)]
gc.collect()
print(sum(c()[0] for c in closures))  # expect: 12497500
gens = [(x for x in [i, i + 1]) for i in range(500)]
for g in gens:
    next(g)
gc.collect()
print(sum(next(g) for g in gens))  # expect: 125250
d = {i: {str(i): (i,)} for i in range(5000)}
for i in range(0, 5000, 2):
    del d[i]
gc.collect()
print(sum(v[str(k)][0] for k, v in d.items()))  # expect: 6250000
try:
    raise ValueError([Node(i) for i in range(10)])
except ValueError as e:
    gc.collect()
    print([n.v for n in e.args[0]])
# expect: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
