# longer programs that mix features: a tiny class-based pipeline, a state machine, memo and sort
from collections import defaultdict
class Pipe:
    def __init__(self, *steps): self.steps = steps
    def __or__(self, step): return Pipe(*self.steps, step)
    def __call__(self, xs):
        for s in self.steps: xs = s(xs)
        return xs
keep = lambda p: lambda xs: (x for x in xs if p(x))
each = lambda f: lambda xs: (f(x) for x in xs)
print(list((Pipe() | keep(lambda x: x % 2) | each(lambda x: x * x) | sorted)(range(6, 0, -1))))  # expect: [1, 9, 25]
class Machine:
    table = {("idle", "start"): "run", ("run", "pause"): "wait", ("wait", "start"): "run", ("run", "stop"): "idle"}
    def __init__(self): self.state, self.log = "idle", []
    def __getattr__(self, event):
        def fire(*a):
            try:
                self.state = self.table[self.state, event]
            except KeyError:
                self.log.append(f"!{event}")
            else:
                self.log.append(f"{event}->{self.state}")
            return self
        return fire
print(Machine().start().pause().stop().start().stop().log)
# expect: ['start->run', 'pause->wait', '!stop', 'start->run', 'stop->idle']
def memo(f, cache={}):
    def g(*a):
        k = f.__name__, a
        if k not in cache: cache[k] = f(*a)
        return cache[k]
    g.cache = cache
    return g
@memo
def paths(r, c): return 1 if 0 in (r, c) else paths(r - 1, c) + paths(r, c - 1)
print(paths(16, 16), len(paths.cache))  # expect: 601080390 288
text = "the cat the dog a cat the end"
index = defaultdict(list)
for i, w in enumerate(text.split()): index[w].append(i)
print(dict(sorted(index.items(), key=lambda kv: (-len(kv[1]), kv[0]))))
# expect: {'the': [0, 2, 6], 'cat': [1, 5], 'a': [4], 'dog': [3], 'end': [7]}
class Matrix:
    def __init__(self, rows): self.rows = [list(r) for r in rows]
    def __matmul__(self, o): return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*o.rows)] for r in self.rows])
    def __pow__(self, n):
        r = Matrix([[int(i == j) for j in range(len(self.rows))] for i in range(len(self.rows))])
        while n:
            if n & 1: r @= self
            self, n = self @ self, n >> 1
        return r
    def __eq__(self, o): return self.rows == o.rows
    def __repr__(self): return "\n".join(" ".join(map(str, r)) for r in self.rows)
print(Matrix([[1, 1], [1, 0]]) ** 90)
# expect: 4660046610375530309 2880067194370816120
# expect: 2880067194370816120 1779979416004714189
def permutations(xs):
    if not xs:
        yield []
    for i, x in enumerate(xs):
        for rest in permutations(xs[:i] + xs[i + 1:]):
            yield [x, *rest]
print(["".join(p) for p in permutations(list("abc"))], sum(1 for _ in permutations(list(range(6)))))
# expect: ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'] 720
def solve(board, row=0, cols=frozenset()):
    n = len(board)
    if row == n: return board
    for c in range(n):
        if c not in cols and all(abs(c - board[r]) != row - r for r in range(row)):
            if (done := solve([*board[:row], c, *board[row + 1:]], row + 1, cols | {c})): return done
print(solve([0] * 6))  # expect: [1, 3, 5, 0, 2, 4]
