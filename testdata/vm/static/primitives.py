# arithmetic, wrapping, comparison and conversion of primitives
import __static__
from __static__ import box, cbool, double, int8, int16, int32, int64, uint8, uint16, uint32, uint64


def add(a: int64, b: int64) -> int64:
    return a + b


def ops(a: int64, b: int64) -> list[int]:
    return [box(a + b), box(a - b), box(a * b), box(a // b), box(a % b), box(a & b), box(a | b), box(a ^ b), box(-a), box(~a)]


def shifts(a: int64, n: int64) -> tuple[int, int]:
    return box(a << n), box(a >> n)


def logical(a: uint64, n: uint64) -> int:
    return box(a >> n)


def compare(a: int64, b: int64) -> list[bool]:
    return [box(a < b), box(a <= b), box(a == b), box(a != b), box(a > b), box(a >= b)]


def ucompare(a: uint64, b: uint64) -> bool:
    return box(a < b)


def mixed(a: int8, b: uint8) -> int:
    c: int16 = a + b
    return box(c)


def narrow(a: int64) -> list[int]:
    return [box(int8(a)), box(uint8(a)), box(int16(a)), box(uint16(a)), box(int32(a)), box(uint32(a))]


def floats(a: double, b: double) -> list[float]:
    return [box(a + b), box(a - b), box(a * b), box(a / b), box(-a)]


def power(a: double, b: double) -> float:
    return box(a ** b)


def fcompare(a: double, b: double) -> list[bool]:
    return [box(a < b), box(a == b), box(a != b), box(a >= b)]


def logic(a: cbool, b: cbool) -> list[bool]:
    return [box(a and b), box(a or b), box(not a)]


def truth(a: int64) -> str:
    if a:
        return "true"
    return "false"


def loop(n: int64) -> int64:
    total: int64 = 0
    i: int64 = 0
    while i < n:
        if i % 3 == 0:
            i += 1
            continue
        total += i * i
        i += 1
    return total


def mean(n: int64) -> double:
    total: double = 0.0
    x: double = 0.5
    i: int64 = 0
    while i < n:
        total += x
        x = x * 1.5 - 0.25
        i += 1
    return total / 2.0


def conditional(a: int64, b: int64) -> int64:
    c: int64 = a if a > b else b
    return c


def unset(flag: int) -> int64:
    x: int64 = 0
    if flag:
        x = 5
    return x


print(box(add(2, 3)), box(add(9223372036854775807, 1)), box(add(-9223372036854775808, -1)), type(box(add(1, 1))).__name__)  # expect: 5 -9223372036854775808 9223372036854775807 int
print(ops(17, 5))  # expect: [22, 12, 85, 3, 2, 1, 21, 20, -17, -18]
print(ops(-17, 5))  # expect: [-12, -22, -85, -3, -2, 5, -17, -22, 17, 16]
print(ops(17, -5))  # expect: [12, 22, -85, -3, 2, 17, -5, -22, -17, -18]
print(shifts(1, 62), shifts(-8, 1), shifts(5, 0), shifts(-1, 63))  # expect: (4611686018427387904, 0) (-16, -4) (5, 5) (-9223372036854775808, -1)
print(logical(18446744073709551615, 63), logical(9223372036854775808, 1))  # expect: 1 4611686018427387904
print(compare(1, 2), compare(2, 2), compare(-1, 1))  # expect: [True, True, False, True, False, False] [False, True, True, False, False, True] [True, True, False, True, False, False]
print(ucompare(1, 18446744073709551615), ucompare(9223372036854775808, 1))  # expect: True False
print(mixed(-100, 200), mixed(127, 255))  # expect: 100 382
print(narrow(300), narrow(-1), narrow(1099511627783))  # expect: [44, 44, 300, 300, 300, 300] [-1, 255, -1, 65535, -1, 4294967295] [7, 7, 7, 7, 7, 7]
print(floats(7.5, 2.0), floats(1.0, 0.25))  # expect: [9.5, 5.5, 15.0, 3.75, -7.5] [1.25, 0.75, 0.25, 4.0, -1.0]
print(power(2.0, 0.5), power(9.0, -1.5), power(2.0, 10.0))  # expect: 1.4142135623730951 0.037037037037037035 1024.0
print(fcompare(1.0, 2.0), fcompare(2.0, 2.0))  # expect: [True, False, True, False] [False, True, False, True]
print(logic(True, False), logic(True, True), logic(False, False))  # expect: [False, True, False] [True, True, False] [False, False, True]
print(truth(0), truth(-5))  # expect: false true
print(box(loop(1000)), box(loop(0)))  # expect: 221555889 0
print(box(mean(50)), box(mean(0)))  # expect: 12.5 0.0
print(box(conditional(3, 9)), box(conditional(9, 3)), box(unset(0)), box(unset(1)))  # expect: 9 9 0 5
