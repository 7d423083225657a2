# operator methods, reflected operands, NotImplemented
class V:
    def __init__(self, v): self.v = v
    def __repr__(self): return f"V({self.v})"
for name in "add sub mul truediv floordiv mod pow lshift rshift and or xor matmul divmod".split():
    def op(self, other, name=name): return f"{name}({self}, {other})"
    def rop(self, other, name=name): return f"r{name}({self}, {other})"
    setattr(V, f"__{name}__", op)
    setattr(V, f"__r{name}__", rop)
a, b = V(1), V(2)
print(a + b, a - 1, 1 - a, a * b, a / b, a // b, a % b, a ** b, 2 ** a, a << b, a >> b, a & b, a | b, a ^ b, a @ b, 5 @ a, divmod(a, b), divmod(7, a))
# expect: add(V(1), V(2)) sub(V(1), 1) rsub(V(1), 1) mul(V(1), V(2)) truediv(V(1), V(2)) floordiv(V(1), V(2)) mod(V(1), V(2)) pow(V(1), V(2)) rpow(V(1), 2) lshift(V(1), V(2)) rshift(V(1), V(2)) and(V(1), V(2)) or(V(1), V(2)) xor(V(1), V(2)) matmul(V(1), V(2)) rmatmul(V(1), 5) divmod(V(1), V(2)) rdivmod(V(1), 7)
print("s" + a, [1] * a, None | a, 1.5 // a, "x%s" % a)
# expect: radd(V(1), s) rmul(V(1), [1]) ror(V(1), None) rfloordiv(V(1), 1.5) xV(1)
x = a
x += 1
print(x)  # expect: add(V(1), 1)
class I:
    def __init__(self): self.log = []
    def __iadd__(self, o):
        self.log.append(o)
        return self
    def __imul__(self, o): return "replaced"
i = j = I()
i += 1
i += 2
print(i is j, i.log)  # expect: True [1, 2]
i *= 3
print(i)  # expect: replaced
class Un:
    def __neg__(self): return "neg"
    def __pos__(self): return "pos"
    def __invert__(self): return "inv"
    def __abs__(self): return "abs"
    def __index__(self): return 3
    def __float__(self): return 2.5
    def __complex__(self): return 1j
u = Un()
print(-u, +u, ~u, abs(u), [0, 1, 2, 3][u], float(u), complex(u), hex(u), range(9)[u], "abcdef"[u:])
# expect: neg pos inv abs 3 2.5 1j 0x3 3 def
class N:
    def __add__(self, o):
        print("N.add")
        return NotImplemented
    def __radd__(self, o):
        print("N.radd")
        return NotImplemented
    def __eq__(self, o):
        print("N.eq")
        return NotImplemented
class M(N):
    def __radd__(self, o):
        print("M.radd")
        return "M handled"
n, m = N(), M()
print(n + m)
# expect: M.radd
# expect: M handled
for text in ("n + n", "n + 1", "1 + n", "n - 1", "-n", "n << 1", "n ** 2", "pow(n, 1, 2)", "divmod(n, 1)", "n += 1", "n @ n", "n < n", "~n", "abs(n)", "n()", "n[0]", "n[0] = 1", "del n[0]", "len(n)", "iter(n)", "1 in n", "n.x", "int(n)", "float(n)", "round(n)", "[1][n]", "n % 1", "1 // n"):
    try:
        exec(text)
    except (TypeError, AttributeError) as e:
        print(text, "->", e)
# expect: N.add
# expect: n + n -> unsupported operand type(s) for +: 'N' and 'N'
# expect: N.add
# expect: n + 1 -> unsupported operand type(s) for +: 'N' and 'int'
# expect: N.radd
# expect: 1 + n -> unsupported operand type(s) for +: 'int' and 'N'
# expect: n - 1 -> unsupported operand type(s) for -: 'N' and 'int'
# expect: -n -> bad operand type for unary -: 'N'
# expect: n << 1 -> unsupported operand type(s) for <<: 'N' and 'int'
# expect: n ** 2 -> unsupported operand type(s) for ** or pow(): 'N' and 'int'
# expect: pow(n, 1, 2) -> unsupported operand type(s) for ** or pow(): 'N', 'int', 'int'
# expect: divmod(n, 1) -> unsupported operand type(s) for divmod(): 'N' and 'int'
# expect: N.add
# expect: n += 1 -> unsupported operand type(s) for +=: 'N' and 'int'
# expect: n @ n -> unsupported operand type(s) for @: 'N' and 'N'
# expect: n < n -> '<' not supported between instances of 'N' and 'N'
# expect: ~n -> bad operand type for unary ~: 'N'
# expect: abs(n) -> bad operand type for abs(): 'N'
# expect: n() -> 'N' object is not callable
# expect: n[0] -> 'N' object is not subscriptable
# expect: n[0] = 1 -> 'N' object does not support item assignment
# expect: del n[0] -> 'N' object doesn't support item deletion
# expect: len(n) -> object of type 'N' has no len()
# expect: iter(n) -> 'N' object is not iterable
# expect: 1 in n -> argument of type 'N' is not a container or iterable
# expect: n.x -> 'N' object has no attribute 'x'
# expect: int(n) -> int() argument must be a string, a bytes-like object or a real number, not 'N'
# expect: float(n) -> float() argument must be a string or a real number, not 'N'
# expect: round(n) -> type N doesn't define __round__ method
# expect: [1][n] -> list indices must be integers or slices, not N
# expect: n % 1 -> unsupported operand type(s) for %: 'N' and 'int'
# expect: 1 // n -> unsupported operand type(s) for //: 'int' and 'N'
print(n == 1, n == n, n != 5)
# expect: N.eq
# expect: N.eq
# expect: N.eq
# expect: N.eq
# expect: False True True
class P3:
    def __pow__(self, e, m=None): return ("pow", e, m)
print(P3() ** 2, pow(P3(), 2, 5), NotImplemented, type(NotImplemented).__name__)
# expect: ('pow', 2, None) ('pow', 2, 5) NotImplemented NotImplementedType
class Sub(int):
    def __radd__(self, o): return f"Sub.radd {o}"
    def __add__(self, o): return f"Sub.add {o}"
print(1 + Sub(2), Sub(2) + 1, Sub(2) - 1, sum([Sub(1)], 0))  # expect: Sub.radd 1 Sub.add 1 1 Sub.radd 0
try:
    bool(NotImplemented)
except TypeError as e:
    print(e)
# expect: NotImplemented should not be used in a boolean context
