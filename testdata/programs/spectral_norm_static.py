"""Spectral norm as Static Python: double arithmetic, vectors of cells with one double slot each.

The same sums as spectral_norm.py in the same order. Static Python has no array of doubles and no conversion from
int64 to double, so a vector is a checked list of cells and the row and column are counted in doubles as well (exact
for every size that can be run).

    spectral_norm_static.py [N]
"""
from __future__ import annotations

import __static__
from __static__ import CheckedList, box, clen, double, inline, int64

import sys
from typing import final


@final
class Cell:
    def __init__(self, value: double) -> None:
        self.value: double = value


@inline
def element(i: double, j: double) -> double:
    return 1.0 / ((i + j) * (i + j + 1.0) * 0.5 + i + 1.0)


def vector(length: int64, value: double) -> CheckedList[Cell]:
    cells: CheckedList[Cell] = []
    while length > 0:
        cells.append(Cell(value))
        length -= 1
    return cells


def times(u: CheckedList[Cell], result: CheckedList[Cell]) -> None:
    n: int64 = clen(u)
    i: int64 = 0
    row: double = 0.0
    while i < n:
        total: double = 0.0
        j: int64 = 0
        column: double = 0.0
        while j < n:
            total += element(row, column) * u[j].value
            j += 1
            column += 1.0
        result[i].value = total
        i += 1
        row += 1.0


def times_transposed(u: CheckedList[Cell], result: CheckedList[Cell]) -> None:
    n: int64 = clen(u)
    i: int64 = 0
    row: double = 0.0
    while i < n:
        total: double = 0.0
        j: int64 = 0
        column: double = 0.0
        while j < n:
            total += element(column, row) * u[j].value
            j += 1
            column += 1.0
        result[i].value = total
        i += 1
        row += 1.0


def spectral_norm(size: int) -> float:
    n: int64 = int64(size)
    u: CheckedList[Cell] = vector(n, 1.0)
    v: CheckedList[Cell] = vector(n, 0.0)
    scratch: CheckedList[Cell] = vector(n, 0.0)
    rounds: int64 = 0
    while rounds < 10:
        times(u, scratch)
        times_transposed(scratch, v)
        times(v, scratch)
        times_transposed(scratch, u)
        rounds += 1
    above: double = 0.0
    below: double = 0.0
    i: int64 = 0
    while i < n:
        above += u[i].value * v[i].value
        below += v[i].value * v[i].value
        i += 1
    return box((above / below) ** 0.5)


def run(n: int) -> float:
    return spectral_norm(n)


def main() -> None:
    n: int = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    norm = run(n)
    print("spectral_norm", n)
    print(f"{norm:.9f}")
    # The limit for a growing corner is 1.274224153...; small corners stay below it.
    print("ok" if 1.26 < norm < 1.274224154 else "WRONG")


if __name__ == "__main__":
    main()
