# generators as state machines, context, and resources
def lexer(text):
    i = 0
    def peek(): return text[i] if i < len(text) else ""
    while i < len(text):
        start = i
        if peek().isspace():
            i += 1
        elif peek().isdigit():
            while peek().isdigit(): i += 1
            yield "num", int(text[start:i])
        elif peek().isalpha():
            while peek().isalnum(): i += 1
            yield "id", text[start:i]
        else:
            i += 1
            yield "op", text[start]
print(list(lexer("x1 = 42 + (y*7)")))
# expect: [('id', 'x1'), ('op', '='), ('num', 42), ('op', '+'), ('op', '('), ('id', 'y'), ('op', '*'), ('num', 7), ('op', ')')]
def window(it, n):
    buf = []
    for x in it:
        buf.append(x)
        if len(buf) == n:
            yield tuple(buf)
            del buf[0]
print(list(window("abcd", 2)))  # expect: [('a', 'b'), ('b', 'c'), ('c', 'd')]
def coroutine(f):
    def start(*a):
        g = f(*a)
        next(g)
        return g
    return start
@coroutine
def grep(word, target):
    while True:
        line = yield
        if word in line:
            target.send(line)
@coroutine
def collect(out):
    try:
        while True:
            out.append((yield))
    finally:
        out.append("closed")
out = []
c = collect(out)
g = grep("py", c)
for line in ("python", "ruby", "pypy"):
    g.send(line)
g.close()
c.close()
print(out)  # expect: ['python', 'pypy', 'closed']
def scheduler(tasks):
    log = []
    queue = list(tasks)
    while queue:
        t = queue.pop(0)
        try:
            log.append(next(t))
            queue.append(t)
        except StopIteration as e:
            log.append(f"done {e.value}")
    return log
def task(name, n):
    for i in range(n):
        yield f"{name}{i}"
    return name
print(scheduler([task("a", 2), task("b", 1), task("c", 3)]))
# expect: ['a0', 'b0', 'c0', 'a1', 'done b', 'c1', 'done a', 'c2', 'done c']
def merge(*its):
    its = [iter(i) for i in its]
    heads = [(next(i), n) for n, i in enumerate(its)]
    while heads:
        heads.sort()
        v, n = heads.pop(0)
        yield v
        for nxt in its[n]:
            heads.append((nxt, n))
            break
print(list(merge([1, 4, 9], [2, 3], [5])))  # expect: [1, 2, 3, 4, 5, 9]
class Tree:
    def __init__(self, v, l=None, r=None): self.v, self.l, self.r = v, l, r
    def __iter__(self):
        if self.l: yield from self.l
        yield self.v
        if self.r: yield from self.r
t = Tree(4, Tree(2, Tree(1), Tree(3)), Tree(5))
print(list(t), 3 in t, max(t), sum(t), [*map(str, t)], list(zip(t, t)))
# expect: [1, 2, 3, 4, 5] True 5 15 ['1', '2', '3', '4', '5'] [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
def hailstone(n):
    while True:
        yield n
        if n == 1: return
        n = n // 2 if n % 2 == 0 else 3 * n + 1
print(len(list(hailstone(27))), max(hailstone(27)))  # expect: 112 9232
def resources():
    print("open")
    try:
        yield from ["r1", "r2"]
    finally:
        print("release")
for r in resources():
    print(r)
# expect: open
# expect: r1
# expect: r2
# expect: release
from contextlib import closing
with closing(resources()) as rs:
    print(next(rs))
# expect: open
# expect: r1
# expect: release
def two_way():
    x = yield "ready"
    while x:
        x = yield x.upper()
    yield "bye"
w = two_way()
print(next(w), w.send("a"), w.send("b"), w.send(""), next(w, "over"))  # expect: ready A B bye over
def tokens_then_fail():
    yield 1
    raise LookupError("inside")
got = []
try:
    for v in tokens_then_fail(): got.append(v)
except LookupError as e:
    print(got, e)
# expect: [1] inside
