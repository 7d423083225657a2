a if b else c
lambda: 0
lambda a, *, b=1, **c: a
a or b and not c
a < b <= c != d is not e not in f
a | b ^ c & d << e >> f + g - h * i @ j / k // l % m
-a ** -b
+~a
await_ = (yield_ := 1)
f(a, *b, c=d, **e)
f(x for x in y)
a[b:c:d, ::, *e].f
(a, b), [c, *d], {e, *f}, {g: h, **i}, ()
[x for y in z if y for x in y] if 0 else 0
{k: v for k, v in x}
{x for x in y}
1_000, 0xFF, 0o17, 0b11, 1.5e-3, 2j, 10 ** 100, 123456789012345678901234567890
"a" 'b' """c
d""" r"\n" u"x"
b"a" rb'\x'
f"a{b!r:>{c}}{d=}{{}}" f'{e:%H:%M}' f"{"nested"}"
t"a{b}"
..., None, True, False, __debug__
