# local, global, nonlocal, builtins, class scope
x = "global"
def read():
    return x
def shadow():
    x = "local"
    return x
def write():
    global x
    x = "written"
print(read(), shadow(), x)  # expect: global local global
write()
print(x, read())  # expect: written written
def counter():
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    return inc
c = counter()
c2 = counter()
print(c(), c(), c2(), c())  # expect: 1 2 1 3
def make_global():
    global brand_new
    brand_new = 1
make_global()
print(brand_new)  # expect: 1
class C:
    x = "class"
    y = x
    def m(self):
        return x
    z = [x for _ in range(1)]
    w = (lambda: x)()
print(C.x, C.y, C().m(), C.z, C.w)  # expect: class class written ['written'] written
len_backup = len
def len(o):
    return "mine"
print(len([]))  # expect: mine
del len
print(len([]))  # expect: 0
def outer():
    v = 1
    class Inner:
        v = v_ = 2
        def get(self):
            return v
    return Inner.v, Inner().get()
print(outer())  # expect: (2, 1)
print([x for x in range(3)], x)  # expect: [0, 1, 2] written
def loc(a, b=2):
    c = 3
    return sorted(locals().items())
print(loc(1))  # expect: [('a', 1), ('b', 2), ('c', 3)]
print("x" in globals(), "c" in dir())  # expect: True True
