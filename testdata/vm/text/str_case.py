# case, stripping, padding
s = "Hello World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize(), s.casefold())
# expect: HELLO WORLD hello world hELLO wORLD Hello World Hello world hello world
print("straße".upper(), "straße".casefold(), "ǆ".title(), "İ".lower() == "i̇", "ΑΣ".lower(), "ﬃ".upper())
# expect: STRASSE strasse ǅ True ας FFI
print("they're bill's".title(), "x1y2".title(), "".capitalize() == "", "éCOLE".capitalize())
# expect: They'Re Bill'S X1Y2 True École
print(repr("  a b ".strip()), repr("  a".lstrip()), repr("a  ".rstrip()), "xxaxbxx".strip("x"), "abcba".strip("ab"), "aab".lstrip("a"))
# expect: 'a b' 'a' 'a' axb c b
print("prefix_x".removeprefix("prefix_"), "x.py".removesuffix(".py"), "x".removesuffix(""), "abc".removeprefix("b"))
# expect: x x x abc
print("ab".ljust(5) + "|", "ab".rjust(5) + "|", "ab".center(5) + "|", "abc".center(6, "*"), "ab".center(5, "*"), "x".ljust(0))
# expect: ab   |    ab|   ab | *abc** **ab* x
print("42".zfill(5), "-42".zfill(5), "+1".zfill(4), "".zfill(2), "abc".zfill(2))  # expect: 00042 -0042 +001 00 abc
print("a\tb\tcd".expandtabs(4), "\t".expandtabs(2) + "|", "a\n\tb".expandtabs(4))
# expect: a   b   cd   | a
# expect:     b
try:
    "x".center(5, "ab")
except TypeError as e:
    print(e)
# expect: The fill character must be exactly one character long
try:
    "x".strip(5)
except TypeError as e:
    print(e)
# expect: strip arg must be None or str
print(str.upper("abc"), str("x"), str(), str(5), str(b"x", "ascii"), str(b"x"))  # expect: ABC x  5 x b'x'
