# cells, nonlocal, late binding, sharing
def counter(start=0):
    n = start
    def inc(by=1):
        nonlocal n
        n += by
        return n
    def get():
        return n
    return inc, get
inc, get = counter(10)
print(inc(), inc(5), get(), counter()[0]())  # expect: 11 16 16 1
def adders():
    return [lambda x: x + i for i in range(3)], [lambda x, i=i: x + i for i in range(3)]
late, early = adders()
print([f(10) for f in late], [f(10) for f in early])  # expect: [12, 12, 12] [10, 11, 12]
def deep():
    a = 1
    def b():
        def c():
            def d():
                nonlocal a
                a += 1
                return a
            return d
        return c
    return b()()(), a
print(deep())  # expect: (2, 2)
def later():
    def inner():
        return value
    try:
        inner()
    except NameError as e:
        print(type(e).__name__, e)
    value = "set"
    return inner()
print(later())
# expect: NameError cannot access free variable 'value' where it is not associated with a value in enclosing scope
# expect: set
def deleted():
    x = 1
    def inner():
        return x
    del x
    try:
        inner()
    except NameError as e:
        print(e)
    x = 2
    return inner()
print(deleted())
# expect: cannot access free variable 'x' where it is not associated with a value in enclosing scope
# expect: 2
def param(x):
    def set_x(v):
        nonlocal x
        x = v
    set_x(x * 2)
    return x
print(param(21))  # expect: 42
f = counter()[0]
print(f.__closure__[0].cell_contents, f.__code__.co_freevars, len(counter.__code__.co_cellvars), counter.__closure__)
# expect: 0 ('n',) 1 None
f.__closure__[0].cell_contents = 100
print(f())  # expect: 101
def recursive():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)
    return fact
print(recursive()(20))  # expect: 2432902008176640000
def loop():
    out = []
    for i in range(3):
        def g():
            return i
        out.append(g)
        i = i * 10
    return [h() for h in out], i
print(loop())  # expect: ([20, 20, 20], 20)
def cls():
    v = "enclosing"
    class K:
        w = v
        def m(self):
            return v
        u = "class"
        t = u
    return K.w, K().m(), K.t
print(cls())  # expect: ('enclosing', 'enclosing', 'class')
def exc():
    def h():
        return e
    try:
        raise ValueError("x")
    except ValueError as e:
        print(h())
    try:
        h()
    except NameError as err:
        print(type(err).__name__)
exc()
# expect: x
# expect: NameError
