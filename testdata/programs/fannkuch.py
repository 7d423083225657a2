"""Fannkuch: the greatest number of prefix reversals over all permutations of 1..n.

Slices of small lists and integer comparisons. The permutations are visited in the order of the published program
(each step rotates a prefix), which also gives a checksum.

    fannkuch.py [N]
"""
import sys

KNOWN = {5: (11, 7), 6: (49, 10), 7: (228, 16), 8: (1616, 22), 9: (8629, 30), 10: (73196, 38)}


def fannkuch(n):
    """The checksum and the greatest number of flips."""
    order = list(range(n))
    count = [0] * n
    checksum = best = 0
    sign = 1
    while True:
        first = order[0]
        if first:
            perm = order[:]
            flips = 0
            while first:
                perm[: first + 1] = perm[first::-1]
                flips += 1
                first = perm[0]
            if flips > best:
                best = flips
            checksum += sign * flips
        if sign == 1:
            order[0], order[1] = order[1], order[0]
            sign = -1
            continue
        order[1], order[2] = order[2], order[1]
        sign = 1
        i = 2
        while count[i] == i:
            count[i] = 0
            i += 1
            if i == n:
                return checksum, best
            order.insert(i, order.pop(0))
        count[i] += 1


def run(n):
    return fannkuch(n)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    checksum, best = run(n)
    print("fannkuch", n)
    print("checksum", checksum, "flips", best)
    print("ok" if (checksum, best) == KNOWN[n] else "WRONG")


if __name__ == "__main__":
    main()
