# del, pass, ellipsis, chained operators, statements on one line, semicolons
x = [1, 2, 3]; y = {"a": 1}; z = 5
del x[0], y["a"], z
print(x, y, "z" in globals())  # expect: [2, 3] {} False
class C: attr = 1
c = C(); c.a = c.b = 1
del c.a, (c.b)
print(vars(c))  # expect: {}
del (x, [y]), c
print("x" in globals())  # expect: False
if True: print("one line"); print("two")
# expect: one line
# expect: two
for i in range(2): print(i, end=";")
print()  # expect: 0;1;
while False: pass
else: print("else")
# expect: else
class Empty: pass
def e(): ...
print(e(), ..., Ellipsis is ..., type(...).__name__)  # expect: None Ellipsis True ellipsis
print(1 if True else 2, not not 1, - - 5, ~-1, 2 - -2, 1 - +1, 3 if 0 else 4)  # expect: 1 True 5 0 4 0 4
a = (
    1 +
    2
)
b = 1 + \
    2
print(a, b, (1,), (1), [1, ], {1, }, {1: 2, })  # expect: 3 3 (1,) 1 [1] {1} {1: 2}
"a bare string"
5
x = 1,
print(x, type(x).__name__)  # expect: (1,) tuple
def many():
    return 1, 2
(q, r), s = many(), 3
print(q, r, s)  # expect: 1 2 3
print(0b11, 0o17, 0xfF, 1_0.0_1, 1e1_0, 1J, .5, 5., 1E-2)  # expect: 3 15 255 10.01 10000000000.0 1j 0.5 5.0 0.01
print("a" "b", 'a' "b" """c""", b"x" b"y", r"\a" "\a" == "\\a\x07")  # expect: ab abc b'xy' True
print(1 .real, 1..real, 1.0.real, (1).real, 5 .__add__(3), "x".join("ab"))  # expect: 1 1.0 1.0 1 8 axb
print(True is True, None is not None, not 1 == 2, 1 < 2 == True, (1 < 2) == True, 1 in [1] == True, 3 > 2 > 1 != 0)
# expect: True False True False True False True
print(10 - 5 - 2, 2 ** 3 ** 0, 100 // 10 // 3, 7 % 4 % 2, 1 << 2 << 1, 6 & 3 | 8 ^ 1, not 1 or 1, 1 or 0 and 0, -3 ** 2, (-3) ** 2, 2 ** -1, 5 + 3 * 2 ** 2 // 3 % 4)
# expect: 3 2 3 1 8 11 1 1 -9 9 0.5 5
print(*[1, 2], *(), *{3: 4}, sep="|")  # expect: 1|2|3
lambda_list = [lambda: 1, lambda x: x, lambda x, *a, y=1, **k: (x, a, y, k), lambda *, k: k]
print(lambda_list[0](), lambda_list[1](2), lambda_list[2](1, 2, y=3, z=4), lambda_list[3](k=5))
# expect: 1 2 (1, (2,), 3, {'z': 4}) 5
print(__name__, __doc__, __debug__)  # expect: __main__ None True
import sys as s, os.path as p
from math import (sqrt, floor as fl,)
print(s.__name__, p is s.modules["os.path"], sqrt(4), fl(2.5))  # expect: sys True 2.0 2
try: pass
except: pass
finally: print("end")
# expect: end
global_var = 1
exec("global_var += 1"); print(global_var)  # expect: 2
@(lambda f: f)
def decorated(): return "d"
print(decorated())  # expect: d
