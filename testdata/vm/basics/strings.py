# literals, escapes, indexing, concatenation
print('single', "double", '''triple''')  # expect: single double triple
print("it's", 'say "hi"', "tab\tend", "back\\slash")  # expect: it's say "hi" tab	end back\slash
print(r"raw\n", "\x41\u00e9\U0001F40D", "\101", "\N{GREEK SMALL LETTER ALPHA}")  # expect: raw\n Aé🐍 A α
print("con" "cat" 'enated')  # expect: concatenated
s = "python"
print(s[0], s[-1], s[1:3], s[:2], s[4:], s[::-1], s[::2], s[-3:-1])  # expect: p n yt py on nohtyp pto ho
print(len(s), len(""), len("é🐍"))  # expect: 6 0 2
print(s + "!", "ab" * 3, 0 * "x", -1 * "x" == "")  # expect: python! ababab  True
for c in "abc":
    print(c)
# expect: a
# expect: b
# expect: c
try:
    s[10]
except IndexError as e:
    print(e)
# expect: string index out of range
try:
    s[0] = "x"
except TypeError as e:
    print(e)
# expect: 'str' object does not support item assignment
try:
    "a" + 1
except TypeError as e:
    print(e)
# expect: can only concatenate str (not "int") to str
try:
    s["a"]
except TypeError as e:
    print(e)
# expect: string indices must be integers, not 'str'
print(repr("a'b"), repr('a"b'), repr("a'b\"c"), repr("\n\t\\\x00\x7f\u200b"))
# expect: "a'b" 'a"b' 'a\'b"c' '\n\t\\\x00\x7f\u200b'
print("""multi
line""")
# expect: multi
# expect: line
print("line \
continued")
# expect: line continued
print(ord("a"), chr(97), ord("🐍"), chr(0x1F40D))  # expect: 97 a 128013 🐍
print("abc" == "abc", "a" != "b", max("hello"), sorted("hello"))  # expect: True True o ['e', 'h', 'l', 'l', 'o']
print(hash(b""), hash(""), hash(memoryview(b"")))  # expect: 0 0 0
