# powers of doubles: every exponent with instructions of its own, for bases of all kinds; the bits are the C library's
import __static__
from __static__ import box, double, int64
import struct


def root(x: double) -> double:
    return x ** 0.5


def square(x: double) -> double:
    return x ** 2.0


def cube(x: double) -> double:
    return x ** 3.0


def inverse(x: double) -> double:
    return x ** -1.0


def inverse_root(x: double) -> double:
    return x ** -0.5


def inverse_cube_root(x: double) -> double:
    return x ** -1.5


def fraction(x: double) -> double:
    return x ** 2.5


def other(x: double, y: double) -> double:
    return x ** y


def bits(value: float) -> int:
    return int.from_bytes(struct.pack("<d", value), "little")


def bases(n: int) -> list[float]:
    seed = 12345
    found: list[float] = []
    while len(found) < n:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        found.append((seed >> 11) / 2.0 ** (seed % 90))
    return found


def checksum(n: int) -> int:
    result = 0
    for x in bases(n):
        d: double = double(x)
        for value in (box(root(d)), box(square(d)), box(cube(d)), box(inverse(d)), box(inverse_root(d)),
                      box(inverse_cube_root(d)), box(fraction(d)), box(square(-d)), box(cube(-d)), box(inverse(-d))):
            result = (result * 31 + bits(value)) % 2 ** 61
    return result


def untyped(n):
    result = 0
    for x in bases(n):
        for value in (x ** 0.5, x ** 2.0, x ** 3.0, x ** -1.0, x ** -0.5, x ** -1.5, x ** 2.5, (-x) ** 2.0,
                      (-x) ** 3.0, (-x) ** -1.0):
            result = (result * 31 + bits(value)) % 2 ** 61
    return result


print(checksum(300), untyped(300))
inf = float("inf")


def show(x: float) -> None:
    d: double = double(x)
    print(box(root(d)), box(square(d)), box(fraction(d)), box(cube(-d)))


def show_odd(x: float) -> None:
    d: double = double(x)
    print(box(square(d)), box(cube(d)), box(inverse(d)))


for x in [0.0, 1.0, inf, 4.0, 5e-324, 1e-300, 1e100, 2.0 ** 50, 2.0 ** 51 + 1.0]:
    show(x)
for x in [-1.0, -inf, float("nan")]:
    show_odd(x)
# expect: 2089231982804190923 2089231982804190923
# expect: 0.0 0.0 0.0 -0.0
# expect: 1.0 1.0 1.0 -1.0
# expect: inf inf inf -inf
# expect: 2.0 16.0 32.0 -64.0
# expect: 2.2227587494850775e-162 0.0 0.0 -0.0
# expect: 1e-150 0.0 0.0 -0.0
# expect: 1e+50 1e+200 1.0000000000000001e+250 -1e+300
# expect: 33554432.0 1.2676506002282294e+30 4.253529586511731e+37 -1.42724769270596e+45
# expect: 47453132.81212579 5.070602400912922e+30 2.406159691680048e+38 -1.1417981541647694e+46
# expect: 1.0 -1.0 -1.0
# expect: inf -inf -0.0
# expect: nan nan nan
