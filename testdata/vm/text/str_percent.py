# the % operator
print("%s and %s" % ("a", 1), "%s" % "x", "%s" % ("t",), "%s" % [1, 2], "%r %a" % ("é", "é"), "%s" % ((1, 2),))
# expect: a and 1 x t [1, 2] 'é' '\xe9' (1, 2)
print("%5s|%-5s|%.2s|%5.1s|" % ("ab", "ab", "abc", "abc"), "%c%c" % ("x", 121), "%*d|%-*d|%.*f" % (5, 1, 5, 2, 2, 3.14159))
# expect:    ab|ab   |ab|    a| xy     1|2    |3.14
print("%(name)s is %(age)d" % {"name": "N", "age": 5, "extra": 0}, "%(a)s%(a)s" % {"a": "x"}, "100%%" % (), "%%" % {})
# expect: N is 5 xx 100% %
print("%i %u %o %x %X %e %g %f" % (1, 2, 8, 255, 255, 1.5, 1.5, 1.5), "%#x %#o %+d %05d % d" % (255, 8, 5, -42, 7), "%d" % True)
# expect: 1 2 10 ff FF 1.500000e+00 1.5 1.500000 0xff 0o10 +5 -0042  7 1
for fmt, arg in [("%d", "x"), ("%s %s", ("a",)), ("%s", ("a", "b")), ("%q", 1), ("%", ()), ("%(k)s", "notmap"), ("%(k)s", {}), ("%c", "ab"), ("%x", 1.5), ("%d", 1j), ("%c", -1), ("%f", "1"), ("x", 5), ("%(a", {"a": 1}), ("%*d", ("x", 1))]:
    try:
        print(repr(fmt % arg))
    except Exception as e:
        print(fmt, "->", type(e).__name__, e)
# expect: %d -> TypeError %d format: a real number is required, not str
# expect: %s %s -> TypeError not enough arguments for format string
# expect: %s -> TypeError not all arguments converted during string formatting
# expect: %q -> ValueError unsupported format character 'q' (0x71) at index 1
# expect: % -> ValueError incomplete format
# expect: %(k)s -> TypeError format requires a mapping
# expect: %(k)s -> KeyError 'k'
# expect: %c -> TypeError %c requires an int or a unicode character, not a string of length 2
# expect: %x -> TypeError %x format: an integer is required, not float
# expect: %d -> TypeError %d format: a real number is required, not complex
# expect: %c -> OverflowError %c arg not in range(0x110000)
# expect: %f -> TypeError must be real number, not str
# expect: x -> TypeError not all arguments converted during string formatting
# expect: %(a -> ValueError incomplete format key
# expect: %*d -> TypeError * wants int
print("x" % {}, "x" % [], "%s" % None, "%.0f %.1f" % (0.5, 0.25), "%10.3e|" % 12345.678, "%s%%" % 50)
# expect: x x None 0 0.2  1.235e+04| 50%
class M:
    def __getitem__(self, k):
        return k * 2
print("%(ab)s" % M())  # expect: abab
