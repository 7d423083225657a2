# the carets and suggestions of CPython 3.14's tracebacks
import traceback
def run(source):
    code = compile(source, "<snippet>", "exec")
    import linecache
    linecache.cache["<snippet>"] = (len(source), None, source.splitlines(True), "<snippet>")
    try:
        exec(code, {"__name__": "snippet"})
    except Exception as e:
        lines = traceback.format_exception(e)
        print("".join(l for l in lines if __file__ not in l).rstrip())
run("x = 1\ny = x + 'a' * 2 + 3")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     y = x + 'a' * 2 + 3
# expect:         ~~^~~~~~~~~
# expect: TypeError: unsupported operand type(s) for +: 'int' and 'str'
run("d = {'a': [1, 2]}\nd['a'][5]")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     d['a'][5]
# expect:     ~~~~~~^^^
# expect: IndexError: list index out of range
run("def f(a, b): pass\nf(1, 2, 3)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     f(1, 2, 3)
# expect:     ~^^^^^^^^^
# expect: TypeError: f() takes 2 positional arguments but 3 were given
run("def g():\n    return h(1)(2)\ndef h(x):\n    return None\ng()")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 5, in <module>
# expect:     g()
# expect:     ~^^
# expect:   File "<snippet>", line 2, in g
# expect:     return h(1)(2)
# expect:            ~~~~^^^
# expect: TypeError: 'NoneType' object is not callable
run("a = b = None\na.b.c = 5")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     a.b.c = 5
# expect:     ^^^
# expect: AttributeError: 'NoneType' object has no attribute 'b'
run("values = [1, 2]\nvalues.apend(3)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     values.apend(3)
# expect:     ^^^^^^^^^^^^
# expect: AttributeError: 'list' object has no attribute 'apend'. Did you mean: 'append'?
run("import math\nmath.sqr(2)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     math.sqr(2)
# expect:     ^^^^^^^^
# expect: AttributeError: module 'math' has no attribute 'sqr'. Did you mean: 'sqrt'?
run("counter = 1\nprint(countr)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     print(countr)
# expect:           ^^^^^^
# expect: NameError: name 'countr' is not defined. Did you mean: 'counter'?
run("class A:\n    def __init__(self):\n        self.value = 1\nA().valu")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 4, in <module>
# expect:     A().valu
# expect: AttributeError: 'A' object has no attribute 'valu'. Did you mean: 'value'?
run("x = 5\nfor i in x: pass")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     for i in x: pass
# expect:              ^
# expect: TypeError: 'int' object is not iterable
run("a, b = 1, 2, 3")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     a, b = 1, 2, 3
# expect:     ^^^^
# expect: ValueError: too many values to unpack (expected 2, got 3)
run("assert 1 == 2, 'message'")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     assert 1 == 2, 'message'
# expect:            ^^^^^^
# expect: AssertionError: message
run("print(1 if undefined_thing else 2)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     print(1 if undefined_thing else 2)
# expect:                ^^^^^^^^^^^^^^^
# expect: NameError: name 'undefined_thing' is not defined
run("raise ValueError('x') from KeyError('y')")
# expect: KeyError: 'y'
# expect:
# expect: The above exception was the direct cause of the following exception:
# expect:
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     raise ValueError('x') from KeyError('y')
# expect: ValueError: x
run("def f(*, key): pass\nf(keyy=1)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     f(keyy=1)
# expect:     ~^^^^^^^^
# expect: TypeError: f() got an unexpected keyword argument 'keyy'. Did you mean 'key'?
run("'abc' % 5 + (\n    1\n)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     'abc' % 5 + (
# expect:     ~~~~~~^~~
# expect: TypeError: not all arguments converted during string formatting
run("x = [i / 0 for i in range(2)]")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 1, in <module>
# expect:     x = [i / 0 for i in range(2)]
# expect:          ~~^~~
# expect: ZeroDivisionError: division by zero
run("é = 1\nprint(é + 'ü' + 5)")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     print(é + 'ü' + 5)
# expect:           ~~^~~~~
# expect: TypeError: unsupported operand type(s) for +: 'int' and 'str'
run("lambda_ = lambda: (1).missing\nlambda_()")
# expect: Traceback (most recent call last):
# expect:   File "<snippet>", line 2, in <module>
# expect:     lambda_()
# expect:     ~~~~~~~^^
# expect:   File "<snippet>", line 1, in <lambda>
# expect:     lambda_ = lambda: (1).missing
# expect:                       ^^^^^^^^^^^
# expect: AttributeError: 'int' object has no attribute 'missing'
