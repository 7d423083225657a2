# literals, indentation, unicode names, comments
if True:
	tab = 1
	if tab:
		deep = 2
if 1:
        eight = 8
print(tab, deep, eight)  # expect: 1 2 8
été, 变量, _x9, ﬁ = 1, 2, 3, 4
print(été, 变量, _x9, fi, "ﬁ" in globals(), "fi" in globals())  # expect: 1 2 3 4 False True
# a comment
x = [  # comment in brackets
    1,
    # only a comment

    2,
]  # after
print(x)  # expect: [1, 2]
def f(
    a,  # first
    /,
    b=2,
    *,
    c=3,
): return a, b, c
print(f(
    1,
    c=5,
))
# expect: (1, 2, 5)
print(1_000, 0xDEAD_beef, 0o_17, 0B1_0, 1_0e1_0, 1.5E+3, 1e-3, 10j, 1_0.5J, 00, 0_0)
# expect: 1000 3735928559 15 2 100000000000.0 1500.0 0.001 10j 10.5j 0 0
print(b'a\x00\'"', rb'\n', Rb"\t", B"x" b'y', r'''a
b''', "\
joined", '\a\b\f\v\0\1\12\123'.encode(), "\N{DIGIT ONE}\u00e9\U0000e9ff".encode())
# expect: b'a\x00\'"' b'\\n' b'\\t' b'xy' a
# expect: b joined b'\x07\x08\x0c\x0b\x00\x01\nS' b'1\xc3\xa9\xee\xa7\xbf'
print("a" 'b' "c" f"{1}" r"\d" u"u", ("paren"
    " joined"), "tab\ttab", 'new\nline'.splitlines())
# expect: abc1\du paren joined tab	tab ['new', 'line']
a = 1; b = 2; print(a, b);  # expect: 1 2
if a: b = 3; c = 4
print(b, c)  # expect: 3 4
class A: pass; x = 1
print(A.x)  # expect: 1
lam = lambda: (yield)
print(type(lam()).__name__, (lambda *, a=1, **k: (a, k))(b=2), [lambda: i for i in range(2)][0]())
# expect: generator (1, {'b': 2}) 1
print(not True == False, 1 if 0 else 2 if 0 else 3, *[] or [9], -1 ** 2, +-+1, not not 0, 1 < 2 < 3 != 4, (1, 2)[0], {1}.pop(), {}.get(1), "x"[0], f""[0:1], 5 if [] else 6)
# expect: True 3 9 -1 -1 False True 1 1 None x  6
print(2 if True else 3, [*range(2), *{3}], {**{}, 'a': 1}, (*(), 1), ~1 & 3 | 4 ^ 1 << 2, 7 // 2 % 3, 2 ** -1 ** 2)
# expect: 2 [0, 1, 3] {'a': 1} (1,) 2 0 0.5
while 0: pass
else: print("else of while")
# expect: else of while
for _ in (): pass
else: print("else of for")
# expect: else of for
try: pass
except: pass
else: print("else of try")
finally: print("finally")
# expect: else of try
# expect: finally
print(print.__name__ if print else None, __name__, type(__builtins__).__name__ in ("module", "dict"))
# expect: print __main__ True
