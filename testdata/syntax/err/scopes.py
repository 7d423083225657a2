return 1
def f(a, a):
    global a
    nonlocal b
    print(c)
    global c
    c: int
nonlocal d
class C:
    yield 1
    [x := y for y in z]
