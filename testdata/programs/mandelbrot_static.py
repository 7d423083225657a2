"""Mandelbrot as Static Python: the orbit in double locals, counts in int64.

The same points as mandelbrot.py.

    mandelbrot_static.py [WIDTH]
"""
from __future__ import annotations

import __static__
from __static__ import box, double, int64

import sys
from typing import Final

LIMIT: Final[int] = 100
SHADES: Final[str] = " .:-=+*#%@"


def escape(x: double, y: double) -> int64:
    """The number of iterations, at most LIMIT, before the orbit of x + yi leaves the circle of radius 2."""
    a: double = 0.0
    b: double = 0.0
    limit: int64 = int64(LIMIT)
    i: int64 = 0
    while i < limit:
        aa: double = a * a
        bb: double = b * b
        if aa + bb > 4.0:
            return i
        b = 2.0 * a * b + y
        a = aa - bb + x
        i += 1
    return limit


def run(width: int) -> tuple[list[str], int]:
    """The picture, with at most 20 lines of at most 40 characters, and the total of all counts."""
    width_of_point = 2.5 / width
    step: double = double(width_of_point)
    columns: int64 = int64(width)
    stride: int64 = int64(max(1, width // 40))
    total: int64 = 0
    lines: list[str] = []
    j: int64 = 0
    y: double = -1.25
    while j < columns // 2:
        shown = j % stride == 0 and j // stride < 20
        line: list[str] = []
        i: int64 = 0
        x: double = -2.0
        while i < columns:
            n: int64 = escape(x, y)
            total += n
            if shown and i % stride == 0 and i // stride < 40:
                line.append(SHADES[box(n * 9 // int64(LIMIT))])
            x += step
            i += 1
        if shown:
            lines.append("".join(line))
        y += 2.0 * step
        j += 1
    return lines, box(total)


def main() -> None:
    width: int = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    lines, total = run(width)
    print("mandelbrot", width)
    for line in lines:
        print(line.rstrip())
    print("total", total)


if __name__ == "__main__":
    main()
