# Array, CheckedList, CheckedDict, clen, crange
import __static__
from __static__ import Array, CheckedDict, CheckedList, box, clen, crange, int64


def sieve(size: int) -> int:
    n: int64 = int64(size)
    flags: Array[int64] = Array[int64](size)
    count: int64 = 0
    i: int64 = 2
    while i < n:
        if flags[i] == 0:
            count += 1
            j: int64 = i * i
            while j < n:
                flags[j] = 1
                j += i
        i += 1
    return box(count)


def sum_array(a: Array[int64]) -> int:
    total: int64 = 0
    for x in a:
        total += x
    return box(total)


def squares(n: int64) -> CheckedList[int]:
    out: CheckedList[int] = []
    for i in crange(n):
        out.append(box(i * i))
    return out


def between(lo: int64, hi: int64) -> list[int]:
    out: list[int] = []
    for i in crange(lo, hi):
        if i == lo + 2:
            continue
        if i == lo + 5:
            break
        out.append(box(i))
    return out


def count_words(text: str) -> CheckedDict[str, int]:
    counts: CheckedDict[str, int] = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def lengths(a: list[int], b: dict[str, int], c: str, d: tuple[int, ...]) -> list[int]:
    return [box(clen(a)), box(clen(b)), box(clen(c)), box(clen(d))]


def total(xs: CheckedList[int]) -> int:
    result = 0
    for x in xs:
        result = result + x
    return result


def indexed(xs: CheckedList[int], i: int64) -> int:
    return xs[i]


def attempt(f, *args):
    try:
        f(*args)
        return "no error"
    except (TypeError, IndexError, KeyError, ValueError) as e:
        return "TypeError" if isinstance(e, TypeError) else type(e).__name__


def filled() -> Array[int64]:
    a: Array[int64] = Array[int64](4)
    a[0] = 5
    a[-1] = 7
    return a


print(sieve(1000), sieve(3), sum_array(filled()), len(filled()), list(filled()))  # expect: 168 1 12 4 [5, 0, 0, 7]
print(list(squares(6)), total(squares(5)), between(3, 20), between(5, 5))  # expect: [0, 1, 4, 9, 16, 25] 30 [3, 4, 6, 7] []
print(dict(count_words("a b a c a b")), lengths([1, 2], {"k": 1}, "abc", (1,)))  # expect: {'a': 3, 'b': 2, 'c': 1} [2, 1, 3, 1]
print(indexed(squares(4), 2), indexed(squares(4), -1), attempt(indexed, squares(3), 7), attempt(indexed, [1, 2], 0))  # expect: 4 9 IndexError TypeError
print(attempt(squares(2).append, "x"), attempt(count_words("a").__setitem__, 1, 2), attempt(count_words("a").__setitem__, "k", "v"))  # expect: TypeError TypeError TypeError
print(attempt(total, [1, 2]), attempt(filled().__setitem__, 9, 1), attempt(filled().__setitem__, 0, "x"), attempt(filled().__setitem__, 0, 3))  # expect: TypeError IndexError TypeError no error
print(CheckedList[int]([1, 2]) == CheckedList[int]([1, 2]), attempt(CheckedList[int], ["x"]), attempt(CheckedDict[int, str], {1: 2}))  # expect: True TypeError TypeError
print(type(squares(1)).__name__, type(count_words("")).__name__, isinstance(squares(1), list))  # expect: chklist[int] chkdict[str, int] False
