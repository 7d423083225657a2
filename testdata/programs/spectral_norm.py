"""Spectral norm: the largest singular value of an infinite matrix, by the power method on an N by N corner.

The element at row i and column j is 1 / ((i + j) (i + j + 1) / 2 + i + 1). Integer and float arithmetic in
comprehensions and small functions.

    spectral_norm.py [N]
"""
import sys


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(u):
    n = len(u)
    result = []
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += element(i, j) * u[j]
        result.append(total)
    return result


def times_transposed(u):
    n = len(u)
    result = []
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += element(j, i) * u[j]
        result.append(total)
    return result


def spectral_norm(n):
    u = [1.0] * n
    v = u
    for _ in range(10):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    above = below = 0.0
    for a, b in zip(u, v):
        above += a * b
        below += b * b
    return (above / below) ** 0.5


def run(n):
    return spectral_norm(n)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    norm = run(n)
    print("spectral_norm", n)
    print(f"{norm:.9f}")
    # The limit for a growing corner is 1.274224153...; small corners stay below it.
    print("ok" if 1.26 < norm < 1.274224154 else "WRONG")


if __name__ == "__main__":
    main()
