"""Binary trees: allocation and collection of many small objects.

Complete trees are built and counted; one long-lived tree stays alive meanwhile, so a generational collector has
something to keep.

    binary_trees.py [DEPTH]
"""
import sys

LEAST = 4


class Tree:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def make_tree(depth):
    if depth <= 0:
        return Tree(None, None)
    depth -= 1
    return Tree(make_tree(depth), make_tree(depth))


def count(tree):
    if tree.left is None:
        return 1
    return 1 + count(tree.left) + count(tree.right)


def trees(number, depth):
    """The nodes of `number` trees, built and dropped one after the other."""
    total = 0
    for _ in range(number):
        total += count(make_tree(depth))
    return total


def run(depth):
    """The nodes of one tree."""
    return count(make_tree(depth))


def main():
    deepest = int(sys.argv[1]) if len(sys.argv) > 1 else 13
    print("binary_trees", deepest)
    good = run(deepest + 1) == 2 ** (deepest + 2) - 1
    kept = make_tree(deepest)
    for depth in range(LEAST, deepest + 1, 2):
        number = 2 ** (deepest - depth + LEAST)
        nodes = trees(number, depth)
        print("trees", number, "depth", depth, "nodes", nodes)
        good = good and nodes == number * (2 ** (depth + 1) - 1)
    nodes = count(kept)
    print("kept", nodes)
    print("ok" if good and nodes == 2 ** (deepest + 1) - 1 else "WRONG")


if __name__ == "__main__":
    main()
