# recursion limits and mutual recursion
import sys
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
print(depth(500))  # expect: 500
def forever(n):
    return forever(n + 1)
try:
    forever(0)
except RecursionError as e:
    print(type(e).__name__, str(e)[:32], isinstance(e, RuntimeError))
# expect: RecursionError maximum recursion depth exceeded True
class R:
    def __repr__(self):
        return repr(self)
    def __getattr__(self, name):
        return getattr(self, name + "x")
    def __add__(self, o):
        return self + o
    def __eq__(self, o):
        return self == o
    def __call__(self):
        return self()
for text in ("repr(R())", "R().a", "R() + 1", "R() == 1", "R()()"):
    try:
        eval(text)
    except RecursionError:
        print(text, "RecursionError")
# expect: repr(R()) RecursionError
# expect: R().a RecursionError
# expect: R() + 1 RecursionError
# expect: R() == 1 RecursionError
# expect: R()() RecursionError
def gen(n):
    if n:
        yield from gen(n - 1)
    yield n
print(sum(gen(200)))  # expect: 20100
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
print(even(300), odd(300))  # expect: True False
limit = sys.getrecursionlimit()
sys.setrecursionlimit(limit + 500)
print(sys.getrecursionlimit() - limit, depth(limit - 100) == limit - 100)  # expect: 500 True
sys.setrecursionlimit(limit)
def hanoi(n, a, b, c):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)
print(hanoi(10, "a", "b", "c"))  # expect: 1023
def ack(m, n):
    return n + 1 if m == 0 else ack(m - 1, 1) if n == 0 else ack(m - 1, ack(m, n - 1))
print(ack(2, 5))  # expect: 13
l = []
for _ in range(300):
    l = [l]
print(len(repr(l)))  # expect: 602
def caught(n):
    try:
        return caught(n + 1)
    except RecursionError:
        return "recovered"
print(caught(0), depth(100))  # expect: recovered 100
