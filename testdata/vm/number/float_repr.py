# the shortest text that reads back to the same float
for x in (0.1, 0.5, 1.0, 100.0, 1e15, 1e16, 1e17, 123456789012345680.0, 0.0001, 0.00001, 1e-7, 1.5e300, 5e-324, 1/3, 2/3, 1e22, 1e23,
          2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740993.0, 0.1 + 0.2, 1e100, 123.456, 4.35, 1e5, 12345.678e-10):
    assert float(repr(x)) == x
    print(repr(x), -x)
# expect: 0.1 -0.1
# expect: 0.5 -0.5
# expect: 1.0 -1.0
# expect: 100.0 -100.0
# expect: 1000000000000000.0 -1000000000000000.0
# expect: 1e+16 -1e+16
# expect: 1e+17 -1e+17
# expect: 1.2345678901234568e+17 -1.2345678901234568e+17
# expect: 0.0001 -0.0001
# expect: 1e-05 -1e-05
# expect: 1e-07 -1e-07
# expect: 1.5e+300 -1.5e+300
# expect: 5e-324 -5e-324
# expect: 0.3333333333333333 -0.3333333333333333
# expect: 0.6666666666666666 -0.6666666666666666
# expect: 1e+22 -1e+22
# expect: 1e+23 -1e+23
# expect: 2.2250738585072014e-308 -2.2250738585072014e-308
# expect: 1.7976931348623157e+308 -1.7976931348623157e+308
# expect: 9007199254740992.0 -9007199254740992.0
# expect: 0.30000000000000004 -0.30000000000000004
# expect: 1e+100 -1e+100
# expect: 123.456 -123.456
# expect: 4.35 -4.35
# expect: 100000.0 -100000.0
# expect: 1.2345678e-06 -1.2345678e-06
inf = float("inf")
nan = float("nan")
print(inf, -inf, nan, -nan, 0.0, -0.0, [inf, nan, -0.0])  # expect: inf -inf nan nan 0.0 -0.0 [inf, nan, -0.0]
print(1e400, -1e400, 1e-400, 1e308 * 10, 1e308 * 10 - 1e308 * 10)  # expect: inf -inf 0.0 inf nan
print(float("1_0.5"), float(" 1e3 "), float("-Infinity"), float("+nan"), float(".5"), float("5."), float("1E5"), float("0x10".replace("x", "")))
# expect: 10.5 1000.0 -inf nan 0.5 5.0 100000.0 10.0
for bad in ("", ".", "1e", "e5", "1__0", "0x1", "1,5", "infin", "--1"):
    try:
        print(float(bad))
    except ValueError as e:
        print(e)
# expect: could not convert string to float: ''
# expect: could not convert string to float: '.'
# expect: could not convert string to float: '1e'
# expect: could not convert string to float: 'e5'
# expect: could not convert string to float: '1__0'
# expect: could not convert string to float: '0x1'
# expect: could not convert string to float: '1,5'
# expect: could not convert string to float: 'infin'
# expect: could not convert string to float: '--1'
print(float(), float(3), float(2**60), float(True))  # expect: 0.0 3.0 1.152921504606847e+18 1.0
try:
    float(10**400)
except OverflowError as e:
    print(e)
# expect: int too large to convert to float
try:
    float(None)
except TypeError as e:
    print(e)
# expect: float() argument must be a string or a real number, not 'NoneType'
print((0.1).hex(), (-2.5).hex(), float.fromhex("0x1.8p3"), (0.5).as_integer_ratio(), (0.1).as_integer_ratio())
# expect: 0x1.999999999999ap-4 -0x1.4000000000000p+1 12.0 (1, 2) (3602879701896397, 36028797018963968)
print((2.0).is_integer(), (2.5).is_integer(), inf.is_integer(), float.from_number(3))  # expect: True False False 3.0
