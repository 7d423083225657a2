# notes and traceback texts
import traceback
def show(e):
    print("".join(traceback.format_exception(e)).replace(__file__, "FILE").rstrip())
def inner(x):
    return 1 / x
def outer():
    return inner(0) + 1
try:
    outer()
except ZeroDivisionError as e:
    show(e)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 10, in <module>
# expect:     outer()
# expect:     ~~~~~^^
# expect:   File "FILE", line 8, in outer
# expect:     return inner(0) + 1
# expect:            ~~~~~^^^
# expect:   File "FILE", line 6, in inner
# expect:     return 1 / x
# expect:            ~~^~~
# expect: ZeroDivisionError: division by zero
e = ValueError("with notes")
e.add_note("first note")
e.add_note("second\nnote")
print(e.__notes__)  # expect: ['first note', 'second\nnote']
show(e)
# expect: ValueError: with notes
# expect: first note
# expect: second
# expect: note
try:
    e.add_note(5)
except TypeError as err:
    print(err)
# expect: add_note() argument must be str, not int
try:
    try:
        {}["key"]
    except KeyError as k:
        raise RuntimeError("wrapped") from k
except RuntimeError as err:
    show(err)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 40, in <module>
# expect:     {}["key"]
# expect:     ~~^^^^^^^
# expect: KeyError: 'key'
# expect:
# expect: The above exception was the direct cause of the following exception:
# expect:
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 42, in <module>
# expect:     raise RuntimeError("wrapped") from k
# expect: RuntimeError: wrapped
try:
    try:
        [][1]
    except IndexError:
        None.attribute
except AttributeError as err:
    show(err)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 59, in <module>
# expect:     [][1]
# expect:     ~~^^^
# expect: IndexError: list index out of range
# expect:
# expect: During handling of the above exception, another exception occurred:
# expect:
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 61, in <module>
# expect:     None.attribute
# expect: AttributeError: 'NoneType' object has no attribute 'attribute'
def multi(a,
          b):
    return (a +
            b)
try:
    multi(1,
          "x")
except TypeError as err:
    show(err)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 81, in <module>
# expect:     multi(1,
# expect:     ~~~~~^^^
# expect:           "x")
# expect:           ^^^^
# expect:   File "FILE", line 78, in multi
# expect:     return (a +
# expect:             ~~^
# expect:             b)
# expect:             ~
# expect: TypeError: unsupported operand type(s) for +: 'int' and 'str'
class C:
    def method(self): return self.data["x"]["y"].z
    data = {"x": {"y": 1}}
try:
    C().method()
except AttributeError as err:
    show(err)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 101, in <module>
# expect:     C().method()
# expect:     ~~~~~~~~~~^^
# expect:   File "FILE", line 98, in method
# expect:     def method(self): return self.data["x"]["y"].z
# expect:                              ^^^^^^^^^^^^^^^^^^^^^
# expect: AttributeError: 'int' object has no attribute 'z'
try:
    raise ExceptionGroup("group", [ValueError("one"), ExceptionGroup("sub", [KeyError("two")])])
except ExceptionGroup as err:
    show(err)
# expect:   + Exception Group Traceback (most recent call last):
# expect:   |   File "FILE", line 113, in <module>
# expect:   |     raise ExceptionGroup("group", [ValueError("one"), ExceptionGroup("sub", [KeyError("two")])])
# expect:   | ExceptionGroup: group (2 sub-exceptions)
# expect:   +-+---------------- 1 ----------------
# expect:     | ValueError: one
# expect:     +---------------- 2 ----------------
# expect:     | ExceptionGroup: sub (1 sub-exception)
# expect:     +-+---------------- 1 ----------------
# expect:       | KeyError: 'two'
# expect:       +------------------------------------
def rec(n):
    if n == 0:
        raise ValueError("bottom")
    rec(n - 1)
try:
    rec(6)
except ValueError as err:
    show(err)
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 132, in <module>
# expect:     rec(6)
# expect:     ~~~^^^
# expect:   File "FILE", line 130, in rec
# expect:     rec(n - 1)
# expect:     ~~~^^^^^^^
# expect:   File "FILE", line 130, in rec
# expect:     rec(n - 1)
# expect:     ~~~^^^^^^^
# expect:   File "FILE", line 130, in rec
# expect:     rec(n - 1)
# expect:     ~~~^^^^^^^
# expect:   [Previous line repeated 3 more times]
# expect:   File "FILE", line 129, in rec
# expect:     raise ValueError("bottom")
# expect: ValueError: bottom
show(SyntaxError("invalid", ("file.py", 2, 5, "x = = 1\n", 2, 6)))
# expect:   File "file.py", line 2
# expect:     x = = 1
# expect:         ^
# expect: SyntaxError: invalid
print(traceback.format_exception_only(KeyError("k")), traceback.format_exception_only(MemoryError()))
# expect: ["KeyError: 'k'\n"] ['MemoryError\n']
class Mod(Exception):
    __module__ = "pkg.mod"
class BadStr(Exception):
    def __str__(self): raise ValueError
print(traceback.format_exception_only(Mod("m")), traceback.format_exception_only(BadStr()))
# expect: ['pkg.mod.Mod: m\n'] ['BadStr: <exception str() failed>\n']
try:
    outer()
except ZeroDivisionError as err:
    tb = err.__traceback__
    names = []
    while tb:
        names.append((tb.tb_frame.f_code.co_name, tb.tb_lineno > 0))
        tb = tb.tb_next
    print(names, [f.name for f in traceback.extract_tb(err.__traceback__)], [f.line for f in traceback.extract_tb(err.__traceback__)])
# expect: [('<module>', True), ('outer', True), ('inner', True)] ['<module>', 'outer', 'inner'] ['outer()', 'return inner(0) + 1', 'return 1 / x']
