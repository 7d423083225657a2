"""N queens as Static Python: int64 arrays as flags, an int64 recursion.

The same backtracking as nqueens.py.

    nqueens_static.py [N]
"""
from __future__ import annotations

import __static__
from __static__ import Array, box, int64

import sys
from typing import final

KNOWN = {4: 2, 5: 10, 6: 4, 7: 40, 8: 92, 9: 352, 10: 724, 11: 2680}


@final
class Board:
    def __init__(self, size: int) -> None:
        self.size: int64 = int64(size)
        self.columns: Array[int64] = Array[int64](size)
        self.rising: Array[int64] = Array[int64](2 * size)
        self.falling: Array[int64] = Array[int64](2 * size)
        self.queens: Array[int64] = Array[int64](size)
        self.first: list[int] = []
        self.solutions: int64 = 0

    def keep_first(self) -> None:
        i: int64 = 0
        while i < self.size:
            self.first.append(box(self.queens[i]))
            i += 1

    def place(self, row: int64) -> None:
        """Tries every column of `row` and of the rows below it."""
        size: int64 = self.size
        if row == size:
            if self.solutions == 0:
                self.keep_first()
            self.solutions += 1
            return
        columns: Array[int64] = self.columns
        rising: Array[int64] = self.rising
        falling: Array[int64] = self.falling
        column: int64 = 0
        while column < size:
            up: int64 = row + column
            down: int64 = row - column + size
            if columns[column] + rising[up] + falling[down] == 0:
                columns[column] = 1
                rising[up] = 1
                falling[down] = 1
                self.queens[row] = column
                self.place(row + 1)
                columns[column] = 0
                rising[up] = 0
                falling[down] = 0
            column += 1


def run(size: int) -> tuple[int, list[int]]:
    """The number of solutions and the first of them."""
    board = Board(size)
    board.place(0)
    return box(board.solutions), board.first


def main() -> None:
    size: int = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    solutions, first = run(size)
    print("nqueens", size)
    print("solutions", solutions, "first", first)
    print("ok" if solutions == KNOWN[size] else "WRONG")


if __name__ == "__main__":
    main()
