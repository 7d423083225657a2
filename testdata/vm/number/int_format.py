# format specifications and conversions of integers
print(f"{42:d} {42:5} {42:<5}| {42:^5}| {42:>5} {42:05} {-42:05} {42:+} {42: } {-42: }")
# expect: 42    42 42   |  42  |    42 00042 -0042 +42  42 -42
print(f"{255:x} {255:X} {255:#x} {255:#X} {255:b} {255:#b} {255:o} {255:#o} {97:c}")
# expect: ff FF 0xff 0XFF 11111111 0b11111111 377 0o377 a
print(f"{1234567:,} {1234567:_} {1234567:15,} {-1234567:015,} {0xFFFFFF:_x} {12345:_b}")
# expect: 1,234,567 1_234_567       1,234,567 -00,001,234,567 ff_ffff 11_0000_0011_1001
print(f"{42:*^9} {42:0=6} {-42:=6} {-42:*=6} {42:#06x} {-255:#010b}")
# expect: ***42**** 000042 -   42 -***42 0x002a -0b11111111
print(f"{3:.2f} {3:e} {3:g} {12345678:.3g} {1:%} {10**20:g} {2**70:n}")
# expect: 3.00 3.000000e+00 3 1.23e+07 100.000000% 1e+20 1180591620717411303424
print(hex(255), hex(-255), oct(8), oct(-8), bin(5), bin(-5), hex(2**70), str(-2**70), repr(10**21))
# expect: 0xff -0xff 0o10 -0o10 0b101 -0b101 0x400000000000000000 -1180591620717411303424 1000000000000000000000
print("%d %5d|%-5d|%05d %+d % d %x %#x %o %X %i %c %c" % (1, 2, 3, 4, 5, 6, 255, 255, 8, 171, 9, 65, "z"))
# expect: 1     2|3    |00004 +5  6 ff 0xff 10 AB 9 A z
print("%d %s %r" % (3.99, 2**65, -5), "%.5d" % 42, "%%", "%3d%%" % 7)  # expect: 3 36893488147419103232 -5 00042 %%   7%
print(format(12, "b"), format(12), "{:>{}}".format(5, 4), "{:{w}.{p}f}".format(3, w=7, p=2))
# expect: 1100 12    5    3.00
print((1).__format__(""), int.__format__(5, "03"), f"{True:d} {True} {True:5}")  # expect: 1 005 1 True     1
for spec in (".3d", ",x", "q", "+c", "s", "10.2", ",_", "=s", "z"):
    try:
        print(format(5, spec))
    except ValueError as e:
        print(spec, e)
# expect: .3d Precision not allowed in integer format specifier
# expect: ,x Cannot specify ',' with 'x'.
# expect: q Unknown format code 'q' for object of type 'int'
# expect: +c Sign not allowed with integer format specifier 'c'
# expect: s Unknown format code 's' for object of type 'int'
# expect: 10.2 Precision not allowed in integer format specifier
# expect: ,_ Cannot specify both ',' and '_'.
# expect: =s Unknown format code 's' for object of type 'int'
# expect: z Negative zero coercion (z) not allowed in integer format specifier
try:
    "%d" % "x"
except TypeError as e:
    print(e)
# expect: %d format: a real number is required, not str
try:
    "%x" % 1.5
except TypeError as e:
    print(e)
# expect: %x format: an integer is required, not float
try:
    f"{-1:c}"
except OverflowError as e:
    print(e)
# expect: %c arg not in range(0x110000)
