# frames, exceptions and overrides where compiled code hands over to the interpreter
import __static__
from __static__ import int64, box, Array, double
import sys

def deep(n: int64) -> int64:
    return 1 + deep(n + 1)

def deep2(n: int) -> int:
    return 1 + deep2(n + 1)

class A:
    def __init__(self) -> None:
        self.n: int64 = 0
    def go(self) -> int64:
        self.n = self.n + 1
        return self.n

def drive(a: A, k: int64) -> int64:
    i: int64 = 0
    t: int64 = 0
    while i < k:
        t = t + a.go()
        i = i + 1
    return t

def arr(n: int64) -> int64:
    a: Array[int64] = Array[int64](10)
    i: int64 = 0
    while i < n:
        a[i] = i * 3
        i = i + 1
    return a[0 - 1]

def big(n: int) -> int:
    x: int = 1
    i: int = 0
    while i < n:
        x = x * 3 + i
        i = i + 1
    return x

def opt(x: "A | None") -> int:
    if x is None:
        return 0
    return box(x.go())

def frames(n: int) -> int:
    s: int = 0
    for i in range(n):
        f = sys._getframe()
        s += f.f_lineno
        loc = locals()
        s += len(loc)
    return s

def gen_user(n: int) -> int:
    t: int = 0
    for i in (x * x for x in range(n)):
        t += i
    return t

def tryloop(n: int64) -> int64:
    i: int64 = 0
    c: int64 = 0
    while i < n:
        try:
            if i % 7 == 3:
                raise KeyError(box(i))
        except KeyError:
            c = c + 1
        finally:
            i = i + 1
    return c

def dbl(n: int64) -> double:
    d: double = 0.0
    i: int64 = 0
    while i < n:
        d = d * 0.5 + 0.25
        i = i + 1
    return d

for f in (deep, deep2):
    for k in range(2):
        try:
            f(0)
        except RecursionError as e:
            print("RecursionError", f.__name__)
# expect: RecursionError deep
# expect: RecursionError deep
# expect: RecursionError deep2
# expect: RecursionError deep2
print(box(drive(A(), 5000)))  # expect: 12502500
try:
    print(box(arr(20)))
except IndexError as e:
    print("IndexError", e, e.__traceback__.tb_next.tb_frame.f_code.co_name)  # expect: IndexError index out of range arr
print(box(arr(10)))  # expect: 27
print(big(400) % 1000007)  # expect: 554680
for i in range(500):
    opt(None)
    opt(A())
print(opt(A()))  # expect: 1
print(frames(3) % 3, frames(1500) % 1500)  # expect: 2 1499
print(gen_user(2000))  # expect: 2664667000
print(box(tryloop(3000)))  # expect: 429
print(box(dbl(3000)))  # expect: 0.5


class B(A):
    def go(self) -> int64:
        return 5


class C(A):
    pass


print(box(drive(B(), 3000)), box(drive(A(), 3000)))  # expect: 15000 4501500
print(box(drive(C(), 3000)))  # expect: 4501500
loose = [opt]
try:
    loose[0](5)
except TypeError as e:
    print(type(e).__name__, e)  # expect: StaticTypeError opt expected 'A' for argument x, got 'int'
print(sorted([3, 1, 2], key=lambda q: big(q)))  # expect: [1, 2, 3]
