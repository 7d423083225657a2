# globals, builtins and modules that change under hot code
import math, builtins
factor = 2
def scale(x): return x * factor
def loop(n): return sum(scale(i) for i in range(n))
print(loop(1000))  # expect: 999000
factor = 3
print(loop(1000))  # expect: 1498500
factor = 0.5
print(loop(1000))  # expect: 249750.0
del factor
try:
    loop(10)
except NameError as e:
    print(e)
# expect: name 'factor' is not defined
globals()["factor"] = 10
print(loop(10))  # expect: 450
def size(x): return len(x)
for _ in range(2000):
    size([1, 2])
print(size("abc"))  # expect: 3
len = lambda x: "shadowed"
print(size("abc"))  # expect: shadowed
del len
print(size("abc"))  # expect: 3
real = builtins.len
builtins.len = lambda x: "builtin replaced"
print(size("abc"))
# expect: builtin replaced
builtins.len = real
print(size("abc"))  # expect: 3
def helper(): return "first"
def call(): return helper()
for _ in range(2000):
    call()
print(call())  # expect: first
def helper(): return "second"
print(call())  # expect: second
helper = print
call()  # expect:
helper = "not callable"
try:
    call()
except TypeError as e:
    print(e)
# expect: 'str' object is not callable
def circle(): return math.pi
for _ in range(2000):
    circle()
old = math.pi
math.pi = 3
print(circle())  # expect: 3
math.pi = old
print(circle() == old)  # expect: True
def during(n):
    out = []
    for i in range(n):
        if i == n - 2:
            globals()["factor"] = "x"
        out.append(scale(1))
    return out[-4:]
factor = 1
print(during(1000))  # expect: [1, 1, 'x', 'x']
exec("factor = 7")
print(scale(2))  # expect: 14
def swap():
    def inner(): return value
    value = 1
    r = [inner() for _ in range(1500)]
    value = "new"
    return r[-1], inner()
print(swap())  # expect: (1, 'new')
counter = 0
def bump():
    global counter
    counter += 1
for _ in range(5000):
    bump()
print(counter)  # expect: 5000
def code_swap(): return "old code"
for _ in range(2000):
    code_swap()
code_swap.__code__ = (lambda: "new code").__code__
print(code_swap())  # expect: new code
def dflt(a=1): return a
for _ in range(2000):
    dflt()
dflt.__defaults__ = (2,)
print(dflt())  # expect: 2
