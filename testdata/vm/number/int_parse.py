# int() of strings and other things; literals
print(int("42"), int("  -7\n"), int("+5"), int("1_000"), int("0"), int("-0"), int("007"))  # expect: 42 -7 5 1000 0 0 7
print(int("ff", 16), int("0xFF", 16), int("0b101", 0), int("0o17", 0), int("z", 36), int("-0x10", 0), int("101", base=2))
# expect: 255 255 5 15 35 -16 5
print(0xFF, 0b1010, 0o777, 1_000_000, 0x_ff, 00)  # expect: 255 10 511 1000000 255 0
print(int(3.9), int(-3.9), int(1e20), int(True), int(), int(b"12"), int("٣"))
# expect: 3 -3 100000000000000000000 1 0 12 3
for bad in ["", " ", "1 2", "0x10", "1__0", "_1", "1_", "1.5", "abc", "--1", "+", "9" * 20 + "x"]:
    try:
        print(int(bad))
    except ValueError as e:
        print(e)
# expect: invalid literal for int() with base 10: ''
# expect: invalid literal for int() with base 10: ' '
# expect: invalid literal for int() with base 10: '1 2'
# expect: invalid literal for int() with base 10: '0x10'
# expect: invalid literal for int() with base 10: '1__0'
# expect: invalid literal for int() with base 10: '_1'
# expect: invalid literal for int() with base 10: '1_'
# expect: invalid literal for int() with base 10: '1.5'
# expect: invalid literal for int() with base 10: 'abc'
# expect: invalid literal for int() with base 10: '--1'
# expect: invalid literal for int() with base 10: '+'
# expect: invalid literal for int() with base 10: '99999999999999999999x'
for args in [("1", 1), ("1", 37), ("9", 8), ("08", 0), (5, 10), ([],), (None,), (1j,)]:
    try:
        print(int(*args))
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
# expect: ValueError int() base must be >= 2 and <= 36, or 0
# expect: ValueError int() base must be >= 2 and <= 36, or 0
# expect: ValueError invalid literal for int() with base 8: '9'
# expect: ValueError invalid literal for int() with base 0: '08'
# expect: TypeError int() can't convert non-string with explicit base
# expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'list'
# expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
# expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'complex'
for v in ["inf", "nan"]:
    try:
        int(float(v))
    except (OverflowError, ValueError) as e:
        print(type(e).__name__, e)
# expect: OverflowError cannot convert float infinity to integer
# expect: ValueError cannot convert float NaN to integer
class I:
    def __int__(self):
        return 7
class X:
    def __index__(self):
        return 3
class T:
    def __trunc__(self):
        return 9
print(int(I()), int(X()), [0, 1, 2, 3][X()], bin(X()), range(5)[X()], "ab" * X())  # expect: 7 3 3 0b11 3 ababab
try:
    int(T())
except TypeError as e:
    print(e)
# expect: int() argument must be a string, a bytes-like object or a real number, not 'T'
try:
    [1][I()]
except TypeError as e:
    print(e)
# expect: list indices must be integers or slices, not I
class Bad:
    def __int__(self):
        return "x"
try:
    int(Bad())
except TypeError as e:
    print(e)
# expect: __int__ returned non-int (type str)
try:
    int("1" * 5000)
except ValueError as e:
    print(e)
# expect: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit
try:
    str(10**5000)
except ValueError as e:
    print(e)
# expect: Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit
print(len(hex(10**5000)), int("1" * 4300) % 97)  # expect: 4155 65
