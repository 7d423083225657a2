"""N queens: every placement of N queens that do not attack each other, by backtracking.

Recursion, lists of flags, integer indices. The number of solutions and the first of them are printed.

    nqueens.py [N]
"""
import sys

KNOWN = {4: 2, 5: 10, 6: 4, 7: 40, 8: 92, 9: 352, 10: 724, 11: 2680}


class Board:
    def __init__(self, size):
        self.size = size
        self.columns = [False] * size
        self.rising = [False] * (2 * size)
        self.falling = [False] * (2 * size)
        self.queens = [0] * size
        self.first = None
        self.solutions = 0

    def place(self, row):
        """Tries every column of `row` and of the rows below it."""
        size = self.size
        if row == size:
            self.solutions += 1
            if self.first is None:
                self.first = self.queens[:]
            return
        columns, rising, falling = self.columns, self.rising, self.falling
        for column in range(size):
            up = row + column
            down = row - column + size
            if not (columns[column] or rising[up] or falling[down]):
                columns[column] = rising[up] = falling[down] = True
                self.queens[row] = column
                self.place(row + 1)
                columns[column] = rising[up] = falling[down] = False


def run(size):
    """The number of solutions and the first of them."""
    board = Board(size)
    board.place(0)
    return board.solutions, board.first


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    solutions, first = run(size)
    print("nqueens", size)
    print("solutions", solutions, "first", first)
    print("ok" if solutions == KNOWN[size] else "WRONG")


if __name__ == "__main__":
    main()
