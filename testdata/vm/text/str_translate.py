# maketrans, translate, and methods that take many characters
t = str.maketrans("abc", "xyz", "d")
print("aabbccdd".translate(t), sorted(t.items()))  # expect: xxyyzz [(97, 120), (98, 121), (99, 122), (100, None)]
print("hello".translate({ord("l"): "L", ord("o"): None, ord("h"): 0x48}), "abc".translate(str.maketrans({"a": "1", "b": "22", 99: None})))
# expect: HeLL 122
class T:
    def __getitem__(self, c):
        if chr(c) in "aeiou":
            return "*"
        raise LookupError
print("education".translate(T()))  # expect: *d*c*t**n
for args in [("ab", "c"), ("a",), ({"ab": 1},)]:
    try:
        str.maketrans(*args)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
# expect: ValueError the first two maketrans arguments must have equal length
# expect: TypeError if you give only one argument to maketrans it must be a dict
# expect: ValueError string keys in translatetable must be of length 1
print("".join(map(chr, range(97, 123))).translate(str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")))
# expect: nopqrstuvwxyzabcdefghijklm
print("é".translate({0xE9: "e"}), "a".translate({}), "x".translate({120: 121}))  # expect: e a y
try:
    "x".translate({120: 0x110000})
except (ValueError, TypeError) as e:
    print(type(e).__name__, e)
# expect: ValueError character mapping must be in range(0x110000)
try:
    chr(0x110000)
except ValueError as e:
    print(e)
# expect: chr() arg not in range(0x110000)
try:
    ord("ab")
except TypeError as e:
    print(e)
# expect: ord() expected a character, but string of length 2 found
