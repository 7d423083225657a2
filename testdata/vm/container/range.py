# range objects
r = range(2, 20, 3)
print(r, len(r), r[0], r[-1], r[1:3], r[::-1], list(r), 5 in r, 6 in r, 5.0 in r, "x" in r, r.index(8), r.count(8), r.count(9))
# expect: range(2, 20, 3) 6 2 17 range(5, 11, 3) range(17, -1, -3) [2, 5, 8, 11, 14, 17] True False True False 2 1 0
print(range(5), range(0), list(range(3, 0)), list(range(5, 0, -2)), list(range(-3, 3)), range(3).start, range(1, 2, 3).step, range(4).stop)
# expect: range(0, 5) range(0, 0) [] [5, 3, 1] [-3, -2, -1, 0, 1, 2] 0 3 4
print(range(0, 3, 2) == range(0, 4, 2), range(0) == range(5, 5), hash(range(3)) == hash(range(0, 3, 1)), range(3) == [0, 1, 2], bool(range(0)))
# expect: True True True False False
print(list(reversed(range(5))), list(reversed(range(0, 10, 3))), max(range(10)), sum(range(101)), sorted(range(3, 0, -1)))
# expect: [4, 3, 2, 1, 0] [9, 6, 3, 0] 9 5050 [1, 2, 3]
big = range(10**20, 10**20 + 10, 3)
print(list(big), big[2], 10**20 + 3 in big, big[-1], reversed(big).__next__())
# expect: [100000000000000000000, 100000000000000000003, 100000000000000000006, 100000000000000000009] 100000000000000000006 True 100000000000000000009 100000000000000000009
print(range(2**62, 2**62 + 3)[1], list(range(-2**63 - 1, -2**63 + 2)), range(0, 2**64, 2**63)[1])
# expect: 4611686018427387905 [-9223372036854775809, -9223372036854775808, -9223372036854775807] 9223372036854775808
for text in ("range(1, 2, 0)", "range(1.0)", "range('x')", "r[10]", "r[0] = 1", "range()", "range(1, 2, 3, 4)", "r.index(6)", "range(3) + range(2)", "r['a']", "len(range(10**30))", "range(a=1)"):
    try:
        exec(text)
        print("no error", text)
    except (TypeError, ValueError, IndexError, OverflowError) as e:
        print(text, "->", type(e).__name__, e)
# expect: range(1, 2, 0) -> ValueError range() arg 3 must not be zero
# expect: range(1.0) -> TypeError 'float' object cannot be interpreted as an integer
# expect: range('x') -> TypeError 'str' object cannot be interpreted as an integer
# expect: r[10] -> IndexError range object index out of range
# expect: r[0] = 1 -> TypeError 'range' object does not support item assignment
# expect: range() -> TypeError range expected at least 1 argument, got 0
# expect: range(1, 2, 3, 4) -> TypeError range expected at most 3 arguments, got 4
# expect: r.index(6) -> ValueError range.index(x): x not in range
# expect: range(3) + range(2) -> TypeError unsupported operand type(s) for +: 'range' and 'range'
# expect: r['a'] -> TypeError range indices must be integers or slices, not str
# expect: len(range(10**30)) -> OverflowError Python int too large to convert to C ssize_t
# expect: range(a=1) -> TypeError range() takes no keyword arguments
it = iter(range(3))
print(next(it), list(it), list(it), isinstance(r, range), range(True), range(10)[True:], [i for i in range(10)[::-3]])
# expect: 0 [1, 2] [] True range(0, 1) range(1, 10) [9, 6, 3, 0]
for i in range(3):
    print(i, end=" ")
    i += 10
print(i)  # expect: 0 1 2 12
n = 3
for i in range(n):
    n = 100
print(i, n)  # expect: 2 100
