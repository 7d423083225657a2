"""Binary trees as Static Python: a final class with two Optional slots, int64 depths and counts.

The same trees as binary_trees.py.

    binary_trees_static.py [DEPTH]
"""
from __future__ import annotations

import __static__
from __static__ import box, int64

import sys
from typing import Final, Optional, final

LEAST: Final[int] = 4


@final
class Tree:
    def __init__(self, left: Optional[Tree], right: Optional[Tree]) -> None:
        self.left: Optional[Tree] = left
        self.right: Optional[Tree] = right


def make_tree(depth: int64) -> Tree:
    if depth <= 0:
        return Tree(None, None)
    below: int64 = depth - 1
    return Tree(make_tree(below), make_tree(below))


def count(tree: Tree) -> int64:
    left = tree.left
    right = tree.right
    if left is None or right is None:
        return 1
    return 1 + count(left) + count(right)


def trees(number: int, depth: int) -> int:
    """The nodes of `number` trees, built and dropped one after the other."""
    total: int64 = 0
    left: int64 = int64(number)
    height: int64 = int64(depth)
    while left > 0:
        total += count(make_tree(height))
        left -= 1
    return box(total)


def run(depth: int) -> int:
    """The nodes of one tree."""
    return box(count(make_tree(int64(depth))))


def main() -> None:
    deepest: int = int(sys.argv[1]) if len(sys.argv) > 1 else 13
    print("binary_trees", deepest)
    good = run(deepest + 1) == 2 ** (deepest + 2) - 1
    kept: Tree = make_tree(int64(deepest))
    for depth in range(LEAST, deepest + 1, 2):
        number = 2 ** (deepest - depth + LEAST)
        nodes = trees(number, depth)
        print("trees", number, "depth", depth, "nodes", nodes)
        good = good and nodes == number * (2 ** (depth + 1) - 1)
    last = box(count(kept))
    print("kept", last)
    print("ok" if good and last == 2 ** (deepest + 1) - 1 else "WRONG")


if __name__ == "__main__":
    main()
