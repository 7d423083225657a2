# the re module
import re
m = re.match(r"(\w+) (?P<second>\w+)", "hello big world")
print(m.group(), m.group(1), m["second"], m.groups(), m.groupdict(), m.span(), m.start(2), m.end())
# expect: hello big hello big ('hello', 'big') {'second': 'big'} (0, 9) 6 9
print(re.search(r"\d+", "abc 123 de 45").group(), re.findall(r"\d+", "1 22 333"), re.findall(r"(\w)=(\w)", "a=b c=d"), re.search("z", "abc"))
# expect: 123 ['1', '22', '333'] [('a', 'b'), ('c', 'd')] None
print(re.sub(r"\d", "#", "a1b2"), re.sub(r"(\w+) (\w+)", r"\2 \1", "ab cd"), re.sub(r"\d+", lambda m: str(int(m[0]) * 2), "3 x 10"), re.subn("a", "b", "aaa", count=2))
# expect: a#b# cd ab 6 x 20 ('bba', 2)
print(re.split(r"[,;]\s*", "a, b;c"), re.split(r"(-)", "a-b-c"), re.split(r"x*", "axbc"), re.split(r"\s", "a b c", maxsplit=1))
# expect: ['a', 'b', 'c'] ['a', '-', 'b', '-', 'c'] ['', 'a', '', 'b', 'c', ''] ['a', 'b c']
print([m.group() for m in re.finditer(r"[a-z]+", "ab1cd2")], re.fullmatch(r"a|ab", "ab"), re.match(r"a|ab", "ab"))
# expect: ['ab', 'cd'] <re.Match object; span=(0, 2), match='ab'> <re.Match object; span=(0, 1), match='a'>
p = re.compile(r"^(\w+):\s*(.*)$", re.M | re.I)
print(p.findall("A: 1\nb:2\n"), p.pattern, p.groups, p.flags & re.M == re.M, p)
# expect: [('A', '1'), ('b', '2')] ^(\w+):\s*(.*)$ 2 True re.compile('^(\\w+):\\s*(.*)$', re.IGNORECASE|re.MULTILINE)
print(re.findall(r"a.c", "abc a\nc", re.S), re.findall(r"(?i)ABC", "abc"), re.findall(r"(?x) a  b # comment", "ab"), re.match(r"(?s:.)\Z", "\n") is not None)
# expect: ['abc', 'a\nc'] ['abc'] ['ab'] True
print(re.findall(r"\bfoo\b", "foo food foo"), re.findall(r"(?<=\$)\d+", "$5 6 $7"), re.findall(r"\w+(?=!)", "hi! yo"), re.findall(r"(?<!a)b", "ab cb b"), re.findall(r"x(?!y)", "xy xz"))
# expect: ['foo', 'foo'] ['5', '7'] ['hi'] ['b', 'b'] ['x']
print(re.match(r"(a+?)(a*)", "aaa").groups(), re.match(r"(a)?b", "b").groups(), re.match(r"(?:ab){2,3}", "abababab").group(), re.match(r"(['\"]).*?\1", "'x' \"y\"").group())
# expect: ('a', 'aa') (None,) ababab 'x'
print(re.match(r"(?P<q>['\"])(?P<t>[^'\"]*)(?P=q)", '"text"')["t"], re.sub(r"(?P<w>\w+)", r"<\g<w>>", "a b"), re.escape("a.b*c[1]"), re.match(r"(a)|(b)", "b").lastindex)
# expect: text <a> <b> a\.b\*c\[1\] 2
print(re.findall(r"[^\W\d_]+", "ab1_é日"), re.findall(rb"\w+", b"ab cd"), re.findall(r"\w+", "é日 x", re.A), re.match(r"a{2}", "aa"), re.match(r"(?>a+)b", "aab"), re.match(r"a*+b", "aab"))
# expect: ['ab', 'é日'] [b'ab', b'cd'] ['x'] <re.Match object; span=(0, 2), match='aa'> <re.Match object; span=(0, 3), match='aab'> <re.Match object; span=(0, 3), match='aab'>
for bad in ("(", "a**", "[z-a]", "(?P<1>a)", "\\", "*a", "(?P<a>x)(?P<a>y)", "(?<=a*)b", r"\1", "a{2,1}"):
    try:
        re.compile(bad)
    except re.PatternError as e:
        print(bad, "->", e)
# expect: ( -> missing ), unterminated subpattern at position 0
# expect: a** -> multiple repeat at position 2
# expect: [z-a] -> bad character range z-a at position 1
# expect: (?P<1>a) -> bad character in group name '1' at position 4
# expect: \ -> bad escape (end of pattern) at position 0
# expect: *a -> nothing to repeat at position 0
# expect: (?P<a>x)(?P<a>y) -> redefinition of group name 'a' as group 2; was group 1 at position 12
# expect: (?<=a*)b -> look-behind requires fixed-width pattern
# expect: \1 -> invalid group reference 1 at position 1
# expect: a{2,1} -> min repeat greater than max repeat at position 2
print(re.match(r"(x)?(?(1)a|b)", "xa").group(), m.expand(r"\1-\g<second>"), m.re.groupindex, m.string, m.pos, m.endpos)
# expect: xa hello-big {'second': 2} hello big world 0 15
