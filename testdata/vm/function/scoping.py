# global and nonlocal in odd places, names in class bodies, del of names
x = "module"
def a():
    global x
    x = "a"
    def b():
        return x
    x = "a2"
    return b()
print(a(), x)  # expect: a2 a2
def c():
    x = "c"
    def d():
        global x
        x = "d"
        return x
    return d(), x
print(c(), x)  # expect: ('d', 'c') d
def e():
    x = "e"
    class K:
        nonlocal x
        x = "K"
    return x, hasattr(K, "x")
print(e())  # expect: ('K', False)
class G:
    global y
    y = "from class"
print(y, hasattr(G, "y"))  # expect: from class False
def f():
    for i in range(2): pass
    try:
        raise KeyError("k")
    except KeyError as err: pass
    return i, "err" in locals()
print(f())  # expect: (1, False)
def g():
    if False:
        z = 1
    try:
        return z
    except UnboundLocalError as err:
        return str(err)
print(g())  # expect: cannot access local variable 'z' where it is not associated with a value
for src in ("def f():\n x = 1\n global x", "def f(x):\n global x", "nonlocal x", "def f():\n nonlocal q", "def f(a, a): pass", "def f():\n print(x)\n nonlocal x",
            "class C:\n nonlocal q", "def f(x):\n nonlocal x", "[x := 1 for x in [1]]", "class C:\n [a := 1 for _ in [1]]"):
    try:
        compile(src, "s", "exec")
        print("no error", repr(src))
    except SyntaxError as err:
        print(err.msg)
# expect: name 'x' is assigned to before global declaration
# expect: name 'x' is parameter and global
# expect: nonlocal declaration not allowed at module level
# expect: no binding for nonlocal 'q' found
# expect: duplicate argument 'a' in function definition
# expect: name 'x' is used prior to nonlocal declaration
# expect: no binding for nonlocal 'q' found
# expect: name 'x' is parameter and nonlocal
# expect: assignment expression cannot rebind comprehension iteration variable 'x'
# expect: assignment expression within a comprehension cannot be used in a class body
def h():
    import math as m, os.path
    from sys import path as p
    return sorted(locals())
print(h())  # expect: ['m', 'os', 'p']
class L:
    a = 1
    b = [x for _ in (1,)]
    def m(self, d=a):
        return d
    locs = sorted(k for k in locals() if not k.startswith("__"))
print(L.b, L().m(), L.locs)  # expect: ['d'] 1 ['a', 'b', 'm']
def i(n):
    exec("n = 5")
    return n
print(i(1))  # expect: 1
def j():
    l = locals()
    v = 1
    return l, locals()
print(j())  # expect: ({}, {'l': {}, 'v': 1})
__builtins_name = print.__name__
print(__builtins_name, "__name__" in globals(), __name__)  # expect: print True __main__
import builtins
builtins.injected = "via builtins"
print(injected)  # expect: via builtins
del builtins.injected
try:
    injected
except NameError as err:
    print(err)
# expect: name 'injected' is not defined
class P:
    __private = 1
    def get(self):
        return self.__private, P._P__private
    def __hidden(self): return "hidden"
print(P().get(), P()._P__hidden(), [n for n in vars(P) if "hidden" in n or "private" in n])
# expect: (1, 1) hidden ['_P__private', '_P__hidden']
