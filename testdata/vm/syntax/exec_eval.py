# exec, eval, compile, globals, locals
print(eval("1 + 2"), eval("x * 2", {"x": 21}), eval(" \t1 "), eval("a + b", {"a": 1}, {"b": 2}), eval(compile("3 * 4", "<s>", "eval")))
# expect: 3 42 1 3 12
ns = {}
exec("def f(x):\n    return x + y\ny = 10\nz = f(5)", ns)
print(ns["z"], sorted(k for k in ns if not k.startswith("__")), "__builtins__" in ns)  # expect: 15 ['f', 'y', 'z'] True
exec("v = 1")
print(v)  # expect: 1
def local():
    a = 1
    exec("a = 2; b = 3")
    d = {}
    exec("c = a + 1", globals(), {"a": 5} | d)
    return a, "b" in locals(), eval("a * 10"), [eval("a", {"a": i}) for i in range(2)]
print(local())  # expect: (1, False, 10, [0, 1])
loc = {}
exec("p = 1\nclass C:\n    q = 2\nq = C.q", {}, loc)
print(sorted(loc))  # expect: ['C', 'p', 'q']
class Map(dict):
    def __missing__(self, k): return f"<{k}>"
print(eval("foo + bar", {}, Map()), eval("len", {"len": 5}), eval("len([1])", {"__builtins__": {"len": len}}))
# expect: <foo><bar> 5 1
try:
    eval("print(1)", {"__builtins__": {}})
except NameError as e:
    print(e)
# expect: name 'print' is not defined
code = compile("a = 1\nb = 2\nprint(a + b)", "name.py", "exec")
exec(code)  # expect: 3
print(code.co_filename, code.co_name, code.co_names, type(code).__name__, eval(code))
# expect: 3
# expect: name.py <module> ('a', 'b', 'print') code None
single = compile("5 + 5", "<s>", "single")
exec(single)  # expect: 10
exec(compile("None", "<s>", "single"))
for f in (lambda: eval("x = 1"), lambda: eval(""), lambda: exec(5), lambda: eval("1", []), lambda: compile("x", "f", "mode"), lambda: compile("1;2", "f", "eval"), lambda: eval("1\n2"), lambda: exec("return"), lambda: eval(b"1 + 1"), lambda: compile("a\x00b", "f", "exec"), lambda: eval("(" * 3)):
    try:
        print(f())
    except (SyntaxError, TypeError, ValueError) as e:
        print(type(e).__name__, getattr(e, "msg", e))
# expect: SyntaxError invalid syntax
# expect: SyntaxError invalid syntax
# expect: TypeError exec() arg 1 must be a string, bytes or code object
# expect: TypeError globals must be a real dict; try eval(expr, {}, mapping)
# expect: ValueError compile() mode must be 'exec', 'eval' or 'single'
# expect: SyntaxError invalid syntax
# expect: SyntaxError invalid syntax
# expect: SyntaxError 'return' outside function
# expect: 2
# expect: SyntaxError source code string cannot contain null bytes
# expect: SyntaxError '(' was never closed
import ast
tree = ast.parse("x = 1 + 2\nprint(x)")
print(ast.dump(tree.body[0]), ast.unparse(tree), ast.literal_eval("[1, {'a': (2, None)}, -3, 'x', b'y', {1}]"))
# expect: Assign(targets=[Name(id='x', ctx=Store())], value=BinOp(left=Constant(value=1), op=Add(), right=Constant(value=2))) x = 1 + 2
# expect: print(x) [1, {'a': (2, None)}, -3, 'x', b'y', {1}]
exec(compile(tree, "<ast>", "exec"))  # expect: 3
try:
    ast.literal_eval("f()")
except ValueError as e:
    print(str(e)[:22])
# expect: malformed node or stri
def g():
    return globals() is ns2
ns2 = {}
exec("def h(): return globals()", ns2)
print(ns2["h"]() is ns2, g(), sorted(vars()) == sorted(globals()), locals() is globals(), eval("locals()", {}, {"only": 1}))
# expect: True False True True {'only': 1}
print(eval("[x for x in (1, y)]", {"y": 2}), eval("(lambda: y)()", {"y": 3}), eval("[y for _ in 'a']", {}, {"y": 4}), eval("{k: v for k, v in zip('ab', (1, 2))}"))
# expect: [1, 2] 3 [4] {'a': 1, 'b': 2}
f = lambda: 1
f.__code__ = compile("lambda: 'swapped'", "s", "eval").co_consts[0]
print(f())  # expect: swapped
