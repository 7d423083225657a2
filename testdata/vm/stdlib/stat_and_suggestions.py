# Small native modules: _stat, _suggestions, _sysconfig; code compiled with top-level await; lines of syntax errors.
import _stat, _suggestions, _sysconfig
import ast

print(_stat.S_ISDIR(0o40755), _stat.S_ISREG(0o40755), _stat.filemode(0o104755), _stat.filemode(0o41777), oct(_stat.S_IMODE(0o104755)))
for bad in (-1, 2**70, "a"):
    try:
        _stat.S_ISDIR(bad)
    except Exception as error:
        print(type(error).__name__, error)
print(_suggestions._generate_suggestions(["abc", "abd"], "abcd"), _suggestions._generate_suggestions(["zzz"], "abcd"))
for arguments in ((1, "a"), ([1], "a")):
    try:
        _suggestions._generate_suggestions(*arguments)
    except TypeError as error:
        print(error)
print(_sysconfig.config_vars())


async def numbers(n):
    for i in range(n):
        yield i


async def double(x):
    return 2 * x


def run(source, mode):
    code = compile(source, "top", mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    namespace = {"numbers": numbers, "double": double}
    coroutine = eval(code, namespace)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value, namespace.get("a")


print(run("a = await double(4)", "exec"), run("await double(4)", "eval"), run("a = [x async for x in numbers(3)]", "exec"))
print(run("async for i in numbers(2):\n    a = i", "exec"), run("a = (lambda x=[await double(1) for _ in [0]]: x)()", "exec"))
for source in ("lambda: [await x for x in y]", "def f():\n    await x", "class C:\n    await x"):
    try:
        compile(source, "top", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        print(error)
for source in ("class C:\n\tif 1:\n        pass", "a = 42 if True", "a, b += 1, 2", "def f(a, **b=3): pass", "def f(a, /*, b): pass",
               "def f(a, d=, c): pass", 'x = "one "two words" three"', "a.b := 1", "f'''{1}", "[x for x if y]", "print a, b",
               "async def f(x: [y async for y in x]): ..."):
    try:
        compile(source, "no-such-file", "exec")
        print("compiles:", source)
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno, error.text is None)
# expect: True False -rwsr-xr-x drwxrwxrwt 0o4755
# expect: OverflowError can't convert negative value to unsigned int
# expect: OverflowError Python int too large to convert to C unsigned long
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: abc None
# expect: candidates must be a list
# expect: all elements in 'candidates' must be strings
# expect: {'Py_GIL_DISABLED': 0, 'Py_DEBUG': 0}
# expect: (None, 8) (8, None) (None, [0, 1, 2])
# expect: (None, 1) (None, [2])
# expect: asynchronous comprehension outside of an asynchronous function (top, line 1)
# expect: 'await' outside async function (top, line 2)
# expect: 'await' outside function (top, line 2)
# expect: TabError inconsistent use of tabs and spaces in indentation 3 False
# expect: SyntaxError expected 'else' after 'if' expression 1 False
# expect: SyntaxError 'tuple' is an illegal expression for augmented assignment 1 False
# expect: SyntaxError var-keyword argument cannot have default value 1 False
# expect: SyntaxError expected comma between / and * 1 False
# expect: SyntaxError expected default value expression 1 False
# expect: SyntaxError invalid syntax. Is this intended to be part of the string? 1 False
# expect: SyntaxError cannot use assignment expressions with attribute 1 False
# expect: SyntaxError unterminated triple-quoted f-string literal (detected at line 1) 1 False
# expect: SyntaxError 'in' expected after for-loop variables 1 False
# expect: SyntaxError Missing parentheses in call to 'print'. Did you mean print(...)? 1 False
# expect: SyntaxError asynchronous comprehension outside of an asynchronous function 1 True
