# definitions, defaults, recursion, early return, nested functions
def add(a, b):
    return a + b
print(add(1, 2))  # expect: 3
def nothing():
    pass
print(nothing())  # expect: None
def early(x):
    if x:
        return "early"
    return "late"
print(early(1), early(0))  # expect: early late
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
print(fact(10), fact(25))  # expect: 3628800 15511210043330985984000000
def default(a, b=2, c=3):
    return a, b, c
print(default(1), default(1, 5), default(1, c=9), default(c=1, a=2))  # expect: (1, 2, 3) (1, 5, 3) (1, 2, 9) (2, 2, 1)
def acc(x, seen=[]):
    seen.append(x)
    return seen
acc(1)
print(acc(2))  # expect: [1, 2]
def outer():
    def inner(x):
        return x * 2
    return inner(21)
print(outer())  # expect: 42
print((lambda x, y=1: x + y)(2), (lambda: None)())  # expect: 3 None
def even(n):
    return True if n == 0 else odd(n - 1)
def odd(n):
    return False if n == 0 else even(n - 1)
print(even(10), odd(7))  # expect: True True
print(add.__name__, add.__qualname__, outer.__name__, (lambda: 0).__name__)  # expect: add add outer <lambda>
def doc():
    "the docstring"
print(doc.__doc__, add.__doc__)  # expect: the docstring None
print(default.__defaults__, callable(add), callable(1))  # expect: (2, 3) True False
f = add
print(f("a", "b"), [g(3) for g in (fact, str, float)])  # expect: ab [6, '3', 3.0]
def tup():
    return 1, 2
a, b = tup()
print(a, b, tup())  # expect: 1 2 (1, 2)
