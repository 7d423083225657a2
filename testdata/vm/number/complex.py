# complex numbers
z = 3 + 4j
print(z, z.real, z.imag, abs(z), z.conjugate(), -z, +z)  # expect: (3+4j) 3.0 4.0 5.0 (3-4j) (-3-4j) (3+4j)
print(z + 1, z - 2j, z * z, z / 2, 1 / z, z ** 2, z * 1.5)
# expect: (4+4j) (3+2j) (-7+24j) (1.5+2j) (0.12-0.16j) (-7+24j) (4.5+6j)
print(1j, -1j, 0j, 1 + 0j, -0.0 + 1j, complex(0, -1), complex(-0.0, 0.0), 1e20 + 1e-20j)
# expect: 1j (-0-1j) 0j (1+0j) 1j -1j (-0+0j) (1e+20+1e-20j)
print(complex("1+2j"), complex("j"), complex(" -1.5e2j "), complex(1, 2), complex(), complex(2.5), complex("(1+2j)"))
# expect: (1+2j) 1j -150j (1+2j) 0j (2.5+0j) (1+2j)
print(z == 3 + 4j, z == (3, 4), 2 + 0j == 2, z != z, hash(2 + 0j) == hash(2))  # expect: True False True False True
print(f"{z:.1f} {z:10.2f} {z}", repr([1j]))  # expect: 3.0+4.0j 3.00+4.00j (3+4j) [1j]
print(abs(-5 + 12j), (1 + 1j) ** 0.5, 2 ** 1j, bool(0j), bool(1e-300j))
# expect: 13.0 (1.0986841134678098+0.45508986056222733j) (0.7692389013639721+0.6389612763136348j) False True
for text in ("z < z", "z // 2", "z % 2", "int(z)", "float(z)", "divmod(z, 1)", "1 / 0j", "complex('x')", "complex('1', 2)"):
    try:
        print(eval(text))
    except (TypeError, ZeroDivisionError, ValueError) as e:
        print(text, "->", type(e).__name__, e)
# expect: z < z -> TypeError '<' not supported between instances of 'complex' and 'complex'
# expect: z // 2 -> TypeError unsupported operand type(s) for //: 'complex' and 'int'
# expect: z % 2 -> TypeError unsupported operand type(s) for %: 'complex' and 'int'
# expect: int(z) -> TypeError int() argument must be a string, a bytes-like object or a real number, not 'complex'
# expect: float(z) -> TypeError float() argument must be a string or a real number, not 'complex'
# expect: divmod(z, 1) -> TypeError unsupported operand type(s) for divmod(): 'complex' and 'int'
# expect: 1 / 0j -> ZeroDivisionError division by zero
# expect: complex('x') -> ValueError complex() arg is a malformed string
# expect: complex('1', 2) -> TypeError complex() argument 'real' must be a real number, not str
class C:
    def __complex__(self):
        return 7j
print(complex(C()), sum([1j, 2]), pow(1j, 2))  # expect: 7j (2+1j) (-1+0j)
import cmath
print(cmath.sqrt(-4), cmath.phase(1j) == cmath.pi / 2)  # expect: 2j True
