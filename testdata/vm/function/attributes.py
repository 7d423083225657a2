# attributes of functions and code
def f(a, b: int = 2, *args: str, c: "float" = 3, **kw) -> bool:
    """Doc of f."""
    x = a
    return x
print(f.__name__, f.__qualname__, f.__module__, f.__doc__, f.__defaults__, f.__kwdefaults__, f.__annotations__)
# expect: f f __main__ Doc of f. (2,) {'c': 3} {'b': <class 'int'>, 'args': <class 'str'>, 'c': 'float', 'return': <class 'bool'>}
print(f.__code__.co_name, f.__code__.co_argcount, f.__code__.co_kwonlyargcount, f.__code__.co_varnames, f.__code__.co_posonlyargcount, f.__code__.co_flags & 0xC)
# expect: f 2 1 ('a', 'b', 'c', 'args', 'kw', 'x') 0 12
f.attr = 1
f.__name__ = "renamed"
f.__doc__ = "new"
print(f.attr, f.__name__, f.__doc__, f.__dict__, f.__qualname__)  # expect: 1 renamed new {'attr': 1} f
f.__defaults__ = (20,)
f.__kwdefaults__ = {"c": 30}
def g(a, b): return a, b
g.__defaults__ = (8, 9)
print(g(), g(1), f.__defaults__, f.__kwdefaults__)  # expect: (8, 9) (1, 9) (20,) {'c': 30}
def h(): return "h"
def h2(): return "h2"
h.__code__ = h2.__code__
print(h(), h.__globals__ is globals(), callable(h))  # expect: h2 True True
for text in ("f.__name__ = 5", "f.__code__ = 5", "f.nope", "del f.__name__", "f.__defaults__ = [1]", "f.__closure__ = ()", "f.__dict__ = 1", "len.x = 1", "len.__name__ = 'x'"):
    try:
        exec(text)
        print("no error", text)
    except (TypeError, AttributeError) as e:
        print(text, "->", type(e).__name__, e)
# expect: f.__name__ = 5 -> TypeError __name__ must be set to a string object
# expect: f.__code__ = 5 -> TypeError __code__ must be set to a code object
# expect: f.nope -> AttributeError 'function' object has no attribute 'nope'
# expect: del f.__name__ -> TypeError __name__ must be set to a string object
# expect: f.__defaults__ = [1] -> TypeError __defaults__ must be set to a tuple object
# expect: f.__closure__ = () -> AttributeError readonly attribute
# expect: f.__dict__ = 1 -> TypeError __dict__ must be set to a dictionary, not a 'int'
# expect: len.x = 1 -> AttributeError 'builtin_function_or_method' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: len.__name__ = 'x' -> AttributeError attribute '__name__' of 'builtin_function_or_method' objects is not writable
class C:
    def m(self): pass
    @staticmethod
    def s(): pass
    class D:
        def n(self): pass
def outer():
    def inner(): pass
    return inner
print(C.m.__qualname__, C().m.__qualname__, C.s.__qualname__, C.D.n.__qualname__, outer().__qualname__, (lambda: 0).__qualname__, C.D.__qualname__)
# expect: C.m C.m C.s C.D.n outer.<locals>.inner <lambda> C.D
m = C().m
print(m.__name__, m.__func__ is C.m, type(m).__name__, type(C.m).__name__, type(len).__name__, type([].append).__name__, type(str.upper).__name__)
# expect: m True method function builtin_function_or_method builtin_function_or_method method_descriptor
try:
    m.x = 1
except AttributeError as e:
    print(e)
# expect: 'method' object has no attribute 'x' and no __dict__ for setting new attributes
print(C().m == C().m, m == m, m is C.m.__get__(m.__self__), len.__name__, [].append.__name__, len.__module__, str.join.__qualname__, [].append.__self__)
# expect: False True False len append builtins str.join []
import inspect
print(inspect.signature(f), inspect.signature(g), inspect.signature(C.m), inspect.isfunction(f), inspect.ismethod(m), inspect.isbuiltin(len))
# expect: (a, b: int = 20, *args: str, c: 'float' = 30, **kw) -> bool (a=8, b=9) (self) True True True
