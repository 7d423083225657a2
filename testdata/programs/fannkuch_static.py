"""Fannkuch as Static Python: int64 arrays and index loops.

The same permutations in the same order as fannkuch.py; a reversal swaps from both ends.

    fannkuch_static.py [N]
"""
from __future__ import annotations

import __static__
from __static__ import Array, box, int64

import sys

KNOWN = {5: (11, 7), 6: (49, 10), 7: (228, 16), 8: (1616, 22), 9: (8629, 30), 10: (73196, 38)}


def count_flips(order: Array[int64], perm: Array[int64], n: int64) -> int64:
    """How often the prefix named by the first element is reversed until that element is 0.

    Uses `perm` as scratch. The first element is kept in a local: a reversal puts it behind the others, fetches the next
    one, and swaps what lies between.
    """
    i: int64 = 1
    while i < n:
        perm[i] = order[i]
        i += 1
    flips: int64 = 0
    first: int64 = order[0]
    while first != 0:
        following: int64 = perm[first]
        perm[first] = first
        low: int64 = 1
        high: int64 = first - 1
        while low < high:
            swapped: int64 = perm[low]
            perm[low] = perm[high]
            perm[high] = swapped
            low += 1
            high -= 1
        flips += 1
        first = following
    return flips


def rotate(order: Array[int64], last: int64) -> None:
    """Moves the first element behind position `last`."""
    first: int64 = order[0]
    i: int64 = 0
    while i < last:
        order[i] = order[i + 1]
        i += 1
    order[last] = first


def fannkuch(length: int) -> tuple[int, int]:
    """The checksum and the greatest number of flips."""
    n: int64 = int64(length)
    order: Array[int64] = Array[int64](length)
    perm: Array[int64] = Array[int64](length)
    count: Array[int64] = Array[int64](length)
    checksum: int64 = 0
    best: int64 = 0
    even: int64 = 1
    i: int64 = 0
    while i < n:
        order[i] = i
        i += 1
    while True:
        if order[0] != 0:
            flips: int64 = count_flips(order, perm, n)
            if flips > best:
                best = flips
            if even:
                checksum += flips
            else:
                checksum -= flips
        if even:
            rotate(order, 1)
            even = 0
        else:
            even = 1
            swapped: int64 = order[1]
            order[1] = order[2]
            order[2] = swapped
            i = 2
            while count[i] == i:
                count[i] = 0
                i += 1
                if i == n:
                    return box(checksum), box(best)
                rotate(order, i)
            count[i] += 1
    return 0, 0


def run(n: int) -> tuple[int, int]:
    return fannkuch(n)


def main() -> None:
    n: int = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    checksum, best = run(n)
    print("fannkuch", n)
    print("checksum", checksum, "flips", best)
    print("ok" if (checksum, best) == KNOWN[n] else "WRONG")


if __name__ == "__main__":
    main()
