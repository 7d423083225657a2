# template strings (PEP 750)
from string.templatelib import Template, Interpolation, convert
name, n = "World", 5
t = t"Hello {name}, {n + 1:>4} {n!r}!"
print(type(t).__name__, t.strings, t.values)  # expect: Template ('Hello ', ', ', ' ', '!') ('World', 6, 5)
for i in t.interpolations:
    print(repr(i.value), i.expression, i.conversion, repr(i.format_spec))
# expect: 'World' name None ''
# expect: 6 n + 1 None '>4'
# expect: 5 n r ''
print(list(t)[0], [type(x).__name__ for x in t])
# expect: Hello  ['str', 'Interpolation', 'str', 'Interpolation', 'str', 'Interpolation', 'str']
def render(t):
    out = []
    for part in t:
        match part:
            case str() as s:
                out.append(s)
            case Interpolation(value, expression, conversion, spec):
                out.append(format(convert(value, conversion), spec))
    return "".join(out)
print(render(t), render(t""), render(t"{n}"), repr(t"".strings), t"{n}{name}".strings)
# expect: Hello World,    6 5!  5 ('',) ('', '', '')
print(render(t"a" t"b{n}"), t"{n=}".strings, t"{n=}".interpolations[0].conversion, rt"\n{n}".strings, t"{{}}".strings)
# expect: ab5 ('n=', '') r ('\\n', '') ('{}',)
def html(t):
    return "".join(p if isinstance(p, str) else str(p.value).replace("<", "&lt;") for p in t)
evil = "<script>"
print(html(t"<p>{evil}</p>"))  # expect: <p>&lt;script></p>
width = 8
u = t"{n:{width}}|{name:{'>'}{width}}"
print([i.format_spec for i in u.interpolations], render(u))  # expect: ['8', '>8']        5|   World
print(repr(t"x{n}"), t"a" + t"{n}b" == t"a{n}b", (t"a" + t"{n}b").strings)
# expect: Template(strings=('x', ''), interpolations=(Interpolation(5, 'n', None, ''),)) False ('a', 'b')
try:
    t"a" + "b"
except TypeError as e:
    print(e)
# expect: can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template
print(Template("x", Interpolation(1, "one", None, ""), "y").strings, Template().strings, Interpolation(5).expression == "")
# expect: ('x', 'y') ('',) True
def log(x):
    print("eval", x)
    return x
lazy = t"{log(1)} {log(2)}"
# expect: eval 1
# expect: eval 2
print(lazy.values, t"{'nested ' + f'{n}'}".values, t"{ n }".interpolations[0].expression, t"""multi
line {n}""".strings)
# expect: (1, 2) ('nested 5',)  n  ('multi\nline ', '')
try:
    t.strings = ()
except AttributeError as e:
    print(e)
# expect: readonly attribute
for src in ("t'{}'", "t'a' 'b'", "t'a' f'b'", "bt'x'"):
    try:
        compile(src, "s", "eval")
        print("no error")
    except SyntaxError as e:
        print(src, e.msg)
# expect: t'{}' t-string: valid expression required before '}'
# expect: t'a' 'b' cannot mix t-string literals with string or bytes literals
# expect: t'a' f'b' cannot mix t-string literals with string or bytes literals
# expect: bt'x' 'b' and 't' prefixes are incompatible
