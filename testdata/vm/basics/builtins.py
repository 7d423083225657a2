# the builtin functions that were not needed elsewhere
print(abs(-5), abs(-2.5), abs(3 + 4j), bin(10), oct(8), hex(255), chr(8364), ord("€"), ascii("é"), repr("x"), callable(print))
# expect: 5 2.5 5.0 0b1010 0o10 0xff € 8364 '\xe9' 'x' True
print(divmod(-7, 2), pow(2, 5, 3), round(2.567, 2), sum([1, 2], 10), sum([(1,), (2,)], ()), min("b", "a"), max([1, 5, 3], key=lambda x: -x), sorted([3, 1], reverse=True))
# expect: (-4, 1) 2 2.57 13 (1, 2) a 1 [3, 1]
try:
    sum(["a"], "")
except TypeError as e:
    print(e)
# expect: sum() can't sum strings [use ''.join(seq) instead]
print(isinstance(1, int), isinstance(True, (str, int)), issubclass(int, object), type(1), type("x").__name__, id("x") == id("x") or True, hash(1) == hash(1.0), len({1: 2}))
# expect: True True True <class 'int'> str True True 1
print(list(zip("ab", range(2))), list(map(max, [1, 5], [3, 2])), list(filter(str.isdigit, "a1b2")), list(enumerate("x", start=5)), list(reversed("abc")), next(iter([7])), all("a"), any(""))
# expect: [('a', 0), ('b', 1)] [3, 5] ['1', '2'] [(5, 'x')] ['c', 'b', 'a'] 7 True False
print(eval("1+1"), format(5, "03"), format("x", ">3"))  # expect: 2 005   x
print(getattr("x", "upper")(), hasattr(1, "real"), bytes(2), bytearray(b"x"), memoryview(b"ab")[0], complex(1, 2), frozenset([1]), slice(1, 2), object().__class__.__name__)
# expect: X True b'\x00\x00' bytearray(b'x') 97 (1+2j) frozenset({1}) slice(1, 2, None) object
print(int("7"), float("1.5"), str(7), bool([]), list("ab"), tuple([1]), set([1]), dict(a=1), range(3), type(None), NotImplemented, Ellipsis, __debug__)
# expect: 7 1.5 7 False ['a', 'b'] (1,) {1} {'a': 1} range(0, 3) <class 'NoneType'> NotImplemented Ellipsis True
x = [1]
print(vars().get("x"), "x" in globals(), locals() is globals(), __import__("math").floor(2.5), callable(lambda: 0), staticmethod(len).__func__ is len)
# expect: [1] True True 2 True True
import io, sys
old = sys.stdin
sys.stdin = io.StringIO("typed line\nsecond\n")
print(repr(input()), repr(input("prompt> ")))  # expect: prompt> 'typed line' 'second'
try:
    input()
except EOFError as e:
    print("EOF", e)
# expect: EOF EOF when reading a line
sys.stdin = old
