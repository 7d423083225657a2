# find, index, count, replace, partition, startswith
s = "banana"
print(s.find("an"), s.find("an", 2), s.rfind("an"), s.find("x"), s.find(""), s.find("", 6), s.find("", 7), s.rfind(""))
# expect: 1 3 3 -1 0 6 -1 6
print(s.index("na"), s.rindex("na"), s.count("a"), s.count("an"), s.count("ana"), s.count(""), s.count("a", 2, 4), s.find("a", -2))
# expect: 2 4 3 2 1 7 1 5
try:
    s.index("x")
except ValueError as e:
    print(e)
# expect: substring not found
print(s.replace("a", "o"), s.replace("a", "o", 2), s.replace("", "-"), s.replace("", "-", 2), s.replace("x", "y"), s.replace("an", ""), "".replace("", "x"))
# expect: bonono bonona -b-a-n-a-n-a- -b-anana banana ba x
print(s.replace("a", "o", count=1))  # expect: bonana
print(s.startswith("ba"), s.startswith(("x", "b")), s.endswith("na"), s.endswith(()), s.startswith("an", 1), s.startswith(""), s.endswith("ban", 0, 3))
# expect: True True True False True True True
try:
    s.startswith(1)
except TypeError as e:
    print(e)
# expect: startswith first arg must be str or a tuple of str, not int
print("k=v=w".partition("="), "k=v=w".rpartition("="), "kv".partition("="), "kv".rpartition("="))
# expect: ('k', '=', 'v=w') ('k=v', '=', 'w') ('kv', '', '') ('', '', 'kv')
try:
    "x".partition("")
except ValueError as e:
    print(e)
# expect: empty separator
print("an" in s, "" in s, s.__contains__("nan"))  # expect: True True True
try:
    1 in s
except TypeError as e:
    print(e)
# expect: 'in <string>' requires string as left operand, not int
print("日本語テキスト".find("テ"), "a🐍b🐍".count("🐍"), "🐍x".index("x"), "🐍🐍".replace("🐍", "s"))  # expect: 3 2 1 ss
long = "ab" * 1000 + "c" + "ab" * 10
print(long.find("c"), long.rfind("abab"), long.count("ba"), long.find("ababc"), len(long.replace("ab", "xyz")))
# expect: 2000 2017 1008 1996 3031
