# code objects are compared, hashed, replaced; locals of comprehensions; module annotations
def f(a, b=1):
    return a + 1000


code = f.__code__
print(code == code.replace(), hash(code) == hash(code.replace()), code == code.replace(co_name="g"))  # expect: True True False
f.__code__ = code.replace(co_consts=tuple(2000 if c == 1000 else c for c in code.co_consts))
print(f(1))  # expect: 2001
print([sorted(locals()) for x in "a"][0][-1:], "x" in dir())  # expect: ['x'] False


def g(y):
    inside = [sorted(locals()) for z in y]
    return inside, sorted(locals())


print(g("q"))  # expect: ([['y', 'z']], ['inside', 'y'])
import types

module = types.ModuleType("m")
exec("x: int = 1\nif x: y: str", module.__dict__)
print(module.__annotations__, module.__annotate__ is not None)  # expect: {'x': <class 'int'>, 'y': <class 'str'>} True
import operator


class Odd:
    def __index__(self):
        return True


import warnings

with warnings.catch_warnings(record=True) as found:
    warnings.simplefilter("always")
    print(operator.index(Odd()), [1, 2][Odd()])  # expect: 1 2
print(found[0].category.__name__)  # expect: DeprecationWarning
try:
    compile("x = 1\ny = 2", "s", "single")
except SyntaxError as error:
    print(error.msg)  # expect: multiple statements found while compiling a single statement
for text in [b"# coding: latin-1\nx = '\xe9'", b"\xef\xbb\xbfx = 1", b"x = '\xe9'", b"# coding: no-such\n"]:
    try:
        exec(text)
        print(ascii(x))
    except SyntaxError as error:
        print(error.msg)
# expect: '\xe9'
# expect: 1
# expect: Non-UTF-8 code starting with '\xe9' on line 1, but no encoding declared; see https://peps.python.org/pep-0263/ for details
# expect: unknown encoding: no-such
