# assignment, multiple targets, swapping, deletion, unbound names
a = b = c = 1
print(a, b, c)  # expect: 1 1 1
a, b = 2, 3
print(a, b)  # expect: 2 3
a, b = b, a
print(a, b)  # expect: 3 2
[x, y] = "xy"
print(x, y)  # expect: x y
(p, (q, r)), s = (1, (2, 3)), 4
print(p, q, r, s)  # expect: 1 2 3 4
lst = [0, 0, 0]
i = 0
i, lst[i] = 1, 9
print(i, lst)  # expect: 1 [0, 9, 0]
del a
try:
    a
except NameError as e:
    print(e)
# expect: name 'a' is not defined
def f():
    print(z)
    z = 1
try:
    f()
except UnboundLocalError as e:
    print(e)
# expect: cannot access local variable 'z' where it is not associated with a value
def g():
    z = 1
    del z
    z
try:
    g()
except NameError as e:
    print(type(e).__name__, e)
# expect: UnboundLocalError cannot access local variable 'z' where it is not associated with a value
x: int = 5
y: "anything"
print(x)  # expect: 5
x = lst
x += [1]
print(lst)  # expect: [0, 9, 0, 1]
d = {}
d["k"], d["j"] = 1, 2
print(d)  # expect: {'k': 1, 'j': 2}
