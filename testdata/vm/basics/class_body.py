# what may stand in a class body
class C:
    """Docstring."""
    a, b = 1, 2
    c = a + b
    if a > b:
        big = "a"
    else:
        big = "b"
    for i in range(3):
        last = i
    try:
        1 / 0
    except ZeroDivisionError as e:
        caught = str(e)
    with open("/dev/null") as f:
        pass
    def m(self): return "m"
    n = m
    def m(self): return "redefined"
    lam = lambda self: "lambda"
    @staticmethod
    def s(x): return x * 2
    doubled = s(4)
    class Inner:
        v = "inner"
        def get(self): return self.v
    del b
    import math
    assert a == 1
    while a < 3: a += 1
    pass
    ...
    "a string in the middle"
print(C.__doc__, C.a, hasattr(C, "b"), C.c, C.big, C.last, C.i, C.caught, hasattr(C, "e"), C.f.closed)
# expect: Docstring. 3 False 3 b 2 2 division by zero False True
print(C().m(), C().n(), C().lam(), C.doubled, C.s(5), C.Inner().get(), C().Inner.v, C.math.sqrt(4))
# expect: redefined m lambda 8 10 inner inner 2.0
print([k for k in C.__dict__ if not k.startswith("__")])
# expect: ['a', 'c', 'big', 'i', 'last', 'caught', 'f', 'm', 'n', 'lam', 's', 'doubled', 'Inner', 'math']
class Empty: pass
class OneLine: x = 1; y = 2
class Parens(): pass
class Doc:
    "only a docstring"
print(Empty.__dict__.keys() >= {"__module__", "__dict__"}, OneLine.y, Parens.__bases__, Doc.__doc__, C.__qualname__, C.Inner.__qualname__, C.__module__)
# expect: True 2 (<class 'object'>,) only a docstring C C.Inner __main__
def make(n):
    class Local:
        size = n
        def get(self): return n, self.size, __class__.__name__
    return Local
A, B = make(1), make(2)
print(A().get(), B().get(), A is B, A.__name__, A.__qualname__)
# expect: (1, 1, 'Local') (2, 2, 'Local') False Local make.<locals>.Local
