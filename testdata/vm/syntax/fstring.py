# f-strings
name, n, pi = "World", 5, 3.14159
print(f"Hello {name}!", f"{n + 1} {n * 2}", f"{pi:.2f} {n:04d} {name:>8} {name!r:^9}|", f"{{literal}} {{{n}}}", F"{n}", fr"\n{n}", rf"\{n}")
# expect: Hello World! 6 10 3.14 0005    World  'World' | {literal} {5} 5 \n5 \5
print(f"{name.upper()} {[1, 2][0]} { {'k': 1}['k'] }")  # expect: WORLD 1 1
print(f"{n=} {n = } {name=!s} {pi=:.1f} {n + 1=} {name = !r:>10}")
# expect: n=5 n = 5 name=World pi=3.1 n + 1=6 name =    'World'
print(f"{'nested ' + f'{n} {f"{pi:.1f}"}'} {"same quotes"} {'\n'.join(["a", "b"])!r}")
# expect: nested 5 3.1 same quotes 'a\nb'
width, prec = 10, 3
print(f"{pi:{width}.{prec}}|{name:{'*'}^{width}}|{n:{'0'}{width // 2}d}|{pi:{f'{prec}'}}")
# expect:       3.14|**World***|00005|3.14159
print(f"{n if n > 3 else 'small'} {(lambda x: x * 2)(n)} {[x for x in range(3)]} {n!r} {n!s} {'é'!a} {(y := 7)} {y}")
# expect: 5 10 [0, 1, 2] 5 5 '\xe9' 7 7
print(f"""multi {
    n
} line {
    name  # a comment
}""")
# expect: multi 5 line World
print(f"{n:>{width}}" "plain" f"{n}" r"\raw", f"", f"{''}", f"{1,}", f"{1, 2}", f"{*[1, 2],}", f"{n!r:}|")
# expect:          5plain5\raw   (1,) (1, 2) (1, 2) 5|
class F:
    def __format__(self, spec): return f"spec<{spec}>"
    def __str__(self): return "str"
    def __repr__(self): return "repr"
print(f"{F()} {F():abc} {F()!s:>6} {F()!r} {F():{n}x} {F():%H:%M}")
# expect: spec<> spec<abc>    str repr spec<5x> spec<%H:%M>
def order(x):
    print("eval", x)
    return x
print(f"{order(1)} {order(2):{order(3)}}")
# expect: eval 1
# expect: eval 2
# expect: eval 3
# expect: 1   2
try:
    f"{n:q}"
except ValueError as e:
    print(e)
# expect: Unknown format code 'q' for object of type 'int'
try:
    f"{[]:5}"
except TypeError as e:
    print(e)
# expect: unsupported format string passed to list.__format__
try:
    f"{undefined}"
except NameError as e:
    print(e)
# expect: name 'undefined' is not defined
import datetime
d = datetime.datetime(2026, 3, 4, 5, 6)
print(f"{d:%Y-%m-%d} {d!s} {d:%H:%M}", f"{d.date()}")  # expect: 2026-03-04 2026-03-04 05:06:00 05:06 2026-03-04
print(f"{0x1F} {1_000:,} {True} {None} {...} {1e3} {b'x'}", f"\N{BULLET} {'\N{BULLET}'}", f"\x41{n}\u00e9", f"{'a' 'b'}", f"{'{'}{'}'}")
# expect: 31 1,000 True None Ellipsis 1000.0 b'x' • • A5é ab {}
print(f"{n!r}" == "5", f"{n:}" == "5", f"{name[0]}{name[-1]}", f"{name:.2}", f"{True:d}", f"{'x':5}|", f"{5:5}|", f"{None!s:>5}|")
# expect: True True Wd Wo 1 x    |     5|  None|
print(*(f"{i}{'' if i % 2 else 'even'}" for i in range(3)), f"{{}}", f"{{{{{n}}}}}", f"%{n}%", f"{n}%")
# expect: 0even 1 2even {} {{5}} %5% 5%
