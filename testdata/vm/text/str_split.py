# split, rsplit, splitlines, join
print("a b  c".split(), " a  b ".split(), "".split(), "   ".split(), "a\tb\nc\u2003d".split())
# expect: ['a', 'b', 'c'] ['a', 'b'] [] [] ['a', 'b', 'c', 'd']
print("a,b,,c".split(","), ",".split(","), "".split(","), "a--b--c".split("--"), "abc".split("x"))
# expect: ['a', 'b', '', 'c'] ['', ''] [''] ['a', 'b', 'c'] ['abc']
print("a b c d".split(maxsplit=2), "a b c d".split(" ", 1), "a b c d".rsplit(None, 1), "a,b,c".rsplit(",", 1), "a  b c".split(None, 1), "  a b ".split(None, 0))
# expect: ['a', 'b', 'c d'] ['a', 'b c d'] ['a b c', 'd'] ['a,b', 'c'] ['a', 'b c'] ['a b ']
print("a b".split(" ", 0), "a,b".split(",", -1))  # expect: ['a b'] ['a', 'b']
for bad in (("", ), (1,)):
    try:
        "x".split(*bad)
    except (ValueError, TypeError) as e:
        print(e)
# expect: empty separator
# expect: must be str or None, not int
print("a\nb\r\nc\rd".splitlines(), "a\n".splitlines(), "".splitlines(), "\n\n".splitlines(), "a\nb\r\n".splitlines(keepends=True))
# expect: ['a', 'b', 'c', 'd'] ['a'] [] ['', ''] ['a\n', 'b\r\n']
print("x\x0by\x0cz\x1cw\x85v\u2028u".splitlines())  # expect: ['x', 'y', 'z', 'w', 'v', 'u']
print(",".join(["a", "b", "c"]), "".join([]), "-".join("abc"), ", ".join(str(i) for i in range(3)), "x".join(["only"]), "--".join(("a", "b")))
# expect: a,b,c  a-b-c 0, 1, 2 only a--b
try:
    ",".join(["a", 1])
except TypeError as e:
    print(e)
# expect: sequence item 1: expected str instance, int found
try:
    ",".join(5)
except TypeError as e:
    print(e)
# expect: can only join an iterable
class S(str):
    pass
print(type("".join([S("x")])) in (str, S), " ".join({"k": 1}), "".join(reversed("abc")))  # expect: True k cba
words = "the quick brown fox jumps over the lazy dog".split()
print(len(words), " ".join(sorted(words, key=len)), max(words, key=len))
# expect: 9 the fox the dog over lazy quick brown jumps quick
