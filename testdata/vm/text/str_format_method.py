# str.format: fields, attributes, items, nested specifications, errors
print("{} {}".format(1, 2), "{1} {0}".format("a", "b"), "{x} {y}".format(x=1, y=2), "{0} {0} {k}".format(1, k="v"))
# expect: 1 2 b a 1 2 1 1 v
print("{0[1]} {0[2]} {d[key]} {c.real}".format([1, 2, 3], d={"key": "v"}, c=5))  # expect: 2 3 v 5
print("{{}} {{{0}}}".format(1), "{!r} {!s} {!a}".format("a", "b", "é"), "{:>5}|{:<5}|{:^5}|".format(1, 2, 3))
# expect: {} {1} 'a' b '\xe9'     1|2    |  3  |
print("{:{w}}|{:{a}{w}}".format("x", "y", w=4, a=">"), "{0:{1}.{2}f}".format(2.5, 8, 3), "{:*^10}".format("mid"))
# expect: x   |   y    2.500 ***mid****
print("{:.3}|{:5.2}|{:>6}|{:06d}|{:,}".format("abcdef", "xyz", "r", 42, 10**6))
# expect: abc|xy   |     r|000042|1,000,000
for template, args in [("{} {}", (1,)), ("{0} {}", (1, 2)), ("{", ()), ("}", ()), ("{x}", ()), ("{0.nope}", (1,)), ("{0[k]}", ([],)), ("{!z}", (1,)), ("{:d}", ("x",)), ("{0[}", (1,)), ("{:{}", (1, 2))]:
    try:
        print(template.format(*args))
    except Exception as e:
        print(template, "->", type(e).__name__, e)
# expect: {} {} -> IndexError Replacement index 1 out of range for positional args tuple
# expect: {0} {} -> ValueError cannot switch from manual field specification to automatic field numbering
# expect: { -> ValueError Single '{' encountered in format string
# expect: } -> ValueError Single '}' encountered in format string
# expect: {x} -> KeyError 'x'
# expect: {0.nope} -> AttributeError 'int' object has no attribute 'nope'
# expect: {0[k]} -> TypeError list indices must be integers or slices, not str
# expect: {!z} -> ValueError Unknown conversion specifier z
# expect: {:d} -> ValueError Unknown format code 'd' for object of type 'str'
# expect: {0[} -> ValueError expected '}' before end of string
# expect: {:{} -> ValueError unmatched '{' in format spec
class F:
    def __format__(self, spec):
        return f"<{spec}>"
print("{:anything goes}|{}".format(F(), F()), f"{F():%Y}", format(F(), "x"))  # expect: <anything goes>|<> <%Y> <x>
class NoFormat:
    def __repr__(self):
        return "plain"
print("{}".format(NoFormat()), "{!r:>8}".format(NoFormat()))  # expect: plain    plain
try:
    "{:5}".format(NoFormat())
except TypeError as e:
    print(e)
# expect: unsupported format string passed to NoFormat.__format__
print("{a[b][c]}".format(a={"b": {"c": 1}}), "{0.__class__.__name__}".format(1.5), "{[0]}".format("xyz"))
# expect: 1 float x
print("{x} {y}".format_map({"x": 1, "y": 2}))  # expect: 1 2
class D(dict):
    def __missing__(self, k):
        return "?" + k
print("{foo}-{bar}".format_map(D(bar=1)), "%(a)s %(b)05.1f %%" % {"a": 1, "b": 2.25})  # expect: ?foo-1 1 002.2 %
