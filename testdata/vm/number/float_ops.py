# float arithmetic, signs, specials
inf, nan = float("inf"), float("nan")
print(7.5 // 2, -7.5 // 2, 7.5 // -2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(-7.5, 2))
# expect: 3.0 -4.0 -4.0 1.5 0.5 -0.5 (-4.0, 0.5)
print(0.0 // 1, -0.0 // 1, 0.0 % -1, -0.0 % 1, 1.0 % inf, -1.0 % inf, 1.0 // inf, -1.0 // inf, 1.0 % -inf)
# expect: 0.0 -0.0 -0.0 0.0 1.0 inf 0.0 -1.0 -inf
print(inf - inf, inf * 0, inf // 1, inf % 2, 5 % nan, nan // 1)  # expect: nan nan nan nan nan nan
print(-0.0 == 0.0, -0.0, 0.0 * -1, -0.0 + 0.0, -0.0 - 0.0, abs(-0.0), -(0.0), +(-0.0))
# expect: True -0.0 -0.0 0.0 -0.0 0.0 -0.0 -0.0
print(nan == nan, nan != nan, nan < 1, nan > 1, nan <= nan, inf > 1e308, -inf < inf, inf == inf)
# expect: False True False False False True True True
print(2.0 ** 0.5, 2 ** 0.5, 2.0 ** -1, (-8.0) ** 2, 0.0 ** 0, nan ** 0, 1 ** nan, inf ** -1, (-inf) ** 3)
# expect: 1.4142135623730951 1.4142135623730951 0.5 64.0 1.0 1.0 1.0 0.0 -inf
print((-8) ** (1 / 3))  # expect: (1.0000000000000002+1.7320508075688772j)
for text in ("1.0 / 0", "1 // 0.0", "1.0 % 0", "divmod(1.0, 0)", "0.0 ** -1", "10.0 ** 400"):
    try:
        print(eval(text))
    except ArithmeticError as e:
        print(text, type(e).__name__, e)
# expect: 1.0 / 0 ZeroDivisionError division by zero
# expect: 1 // 0.0 ZeroDivisionError division by zero
# expect: 1.0 % 0 ZeroDivisionError division by zero
# expect: divmod(1.0, 0) ZeroDivisionError division by zero
# expect: 0.0 ** -1 ZeroDivisionError zero to a negative power
# expect: 10.0 ** 400 OverflowError (34, 'Numerical result out of range')
print(1 + 0.5, 0.5 + 1, 1 - 0.5, 3 * 0.1, 1 / 4, 4 // 1.5, True + 0.5)
# expect: 1.5 1.5 0.5 0.30000000000000004 0.25 2.0 1.5
print(1e16 + 1, 2**53 + 1.0, 10**20 * 1.0, 10**20 - 1e20, 3 / 10**25, 10**400 // 10**399)
# expect: 1e+16 9007199254740992.0 1e+20 0.0 3e-25 10
try:
    10**400 / 3
except OverflowError as e:
    print(e)
# expect: integer division result too large for a float
try:
    10**400 + 1.0
except OverflowError as e:
    print(e)
# expect: int too large to convert to float
print(10**400 / 10**399, 10**400 > 1e308, 10**400 < inf, -10**400 < -1e308, 10**400 == inf)
# expect: 10.0 True True True False
print(min(0.0, -0.0), max(nan, 1), max(1, nan), sorted([2.5, -1, 0.5, 1]))  # expect: 0.0 nan 1 [-1, 0.5, 1, 2.5]
print(sum([0.1] * 10), sum([1e100, 1.0, -1e100]), 0.1 + 0.1 + 0.1)  # expect: 1.0 1.0 0.30000000000000004
print(hash(1.0) == hash(1), hash(0.5) == hash(0.5), {1.0: "x"}[1], hash(float(2**70)) == hash(2**70), hash(-0.0) == hash(0))
# expect: True True x True True
