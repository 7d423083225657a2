"""Mandelbrot: how long points of the plane stay bounded under z -> z * z + c.

Float arithmetic in a nested loop. A small picture is printed, and the iterations of all points together.

    mandelbrot.py [WIDTH]
"""
import sys

LIMIT = 100
SHADES = " .:-=+*#%@"


def escape(x, y):
    """The number of iterations, at most LIMIT, before the orbit of x + yi leaves the circle of radius 2."""
    a = b = 0.0
    for i in range(LIMIT):
        aa = a * a
        bb = b * b
        if aa + bb > 4.0:
            return i
        b = 2.0 * a * b + y
        a = aa - bb + x
    return LIMIT


def rows(width):
    """Rows of iteration counts over [-2, 0.5] x [-1.25, 1.25]."""
    step = 2.5 / width
    y = -1.25
    for _ in range(width // 2):
        x = -2.0
        row = []
        for _ in range(width):
            row.append(escape(x, y))
            x += step
        yield row
        y += 2.0 * step


def run(width):
    """The picture, with at most 20 lines of at most 40 characters, and the total of all counts."""
    total = 0
    lines = []
    stride = max(1, width // 40)
    for i, row in enumerate(rows(width)):
        total += sum(row)
        if i % stride == 0 and len(lines) < 20:
            lines.append("".join(SHADES[n * 9 // LIMIT] for n in row[::stride][:40]))
    return lines, total


def main():
    width = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    lines, total = run(width)
    print("mandelbrot", width)
    for line in lines:
        print(line.rstrip())
    print("total", total)


if __name__ == "__main__":
    main()
