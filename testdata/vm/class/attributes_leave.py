# Attributes that go and come, at every place of an instance.


class Box:
    pass


def filled(names):
    box = Box()
    for name in names:
        setattr(box, name, name.upper())
    return box


for gone in "abc":
    box = filled("abc")
    delattr(box, gone)
    print(gone, hasattr(box, gone), [getattr(box, name, None) for name in "abc"])
    box.d = 4
    print(list(box.__dict__.items()))
# expect: a False [None, 'B', 'C']
# expect: [('b', 'B'), ('c', 'C'), ('d', 4)]
# expect: b False ['A', None, 'C']
# expect: [('a', 'A'), ('c', 'C'), ('d', 4)]
# expect: c False ['A', 'B', None]
# expect: [('a', 'A'), ('b', 'B'), ('d', 4)]


class Timer:
    def __init__(self, number):
        self.first = number
        self.running = True
        self.last = -number

    def stop(self):
        del self.running
        return self.first + self.last

    def state(self):
        try:
            return self.running
        except AttributeError as error:
            return str(error)


def rounds(count):
    total = 0
    for number in range(count):
        timer = Timer(number)
        total += timer.stop()
        timer.running = number
        total += timer.running
        del timer.running
    return total, timer.state(), vars(timer)


print(rounds(200))
# expect: (19900, "'Timer' object has no attribute 'running'", {'first': 199, 'last': -199})

try:
    del box.zz
except AttributeError as error:
    print(error)
# expect: 'Box' object has no attribute 'zz'

# As a table: more orders than a class has shapes for.
table = Box()
for step in range(3000):
    name = "k%d" % (step * 7919 % 97)
    if hasattr(table, name):
        delattr(table, name)
    else:
        setattr(table, name, step)
print(len(vars(table)), sorted(vars(table))[:4])
# expect: 90 ['k0', 'k1', 'k10', 'k11']
few = filled("abcdefgh")
for step in range(500):
    name = "abcdefgh"[step * step % 8]
    held = getattr(few, name)
    delattr(few, name)
    setattr(few, name, held)
print("".join(vars(few).values()))
# expect: CDFGHAEB


class Items(tuple):
    pass


items = Items((1, 2, 3))
items.x, items.y, items.z = "x", "y", "z"
del items.y
print(items, items.x, items.z, hasattr(items, "y"), vars(items))
# expect: (1, 2, 3) x z False {'x': 'x', 'z': 'z'}


class Proxy:
    shared = "class"

    def __init__(self, of):
        self.of = of

    @property
    def length(self):
        return len(self.of)

    @property
    def broken(self):
        return self.of.missing_name

    def own(self):
        return "own"

    def __getattr__(self, name):
        if name.startswith("no"):
            raise AttributeError("none: " + name)
        return getattr(self.of, name)


def use(proxy):
    for _ in range(100):
        seen = proxy.shared, proxy.length, proxy.own(), proxy.of, proxy.count("a"), proxy.upper()
    return seen


print(use(Proxy("banana")), use(Proxy("abc")))
# expect: ('class', 6, 'own', 'banana', 3, 'BANANA') ('class', 3, 'own', 'abc', 1, 'ABC')


def asked(proxy):
    results = []
    for round in range(6):
        for name in ("nothing", "broken"):
            try:
                results.append(proxy.nothing if name == "nothing" else proxy.broken)
            except AttributeError as error:
                if round == 5:
                    print(error, type(error.__context__).__name__)
    return results


print(asked(Proxy("x")))
# expect: none: nothing NoneType
# expect: 'str' object has no attribute 'broken' NoneType
# expect: []


def read(proxy):
    try:
        return proxy.of
    except AttributeError as error:
        return "error " + str(error)


late = Proxy([])
for _ in range(100):
    read(late)
del late.of
Proxy.__getattr__ = lambda self, name: "hook " + name
print(read(late))
late.of = 5
print(read(late))
Proxy.__getattribute__ = lambda self, name: "all " + name
print(read(late))
del Proxy.__getattribute__
print(read(late))
# expect: hook of
# expect: 5
# expect: all of
# expect: 5

for text in ["12", "-7", "+0", " 42\n", "1_000", "", "-", "+-1", "٣", "999999999999999999", "1234567890123456789", "-99999999999999999999", "1x"]:
    try:
        print(repr(text), int(text))
    except ValueError as error:
        print(error)
# expect: '12' 12
# expect: '-7' -7
# expect: '+0' 0
# expect: ' 42\n' 42
# expect: '1_000' 1000
# expect: invalid literal for int() with base 10: ''
# expect: invalid literal for int() with base 10: '-'
# expect: invalid literal for int() with base 10: '+-1'
# expect: '٣' 3
# expect: '999999999999999999' 999999999999999999
# expect: '1234567890123456789' 1234567890123456789
# expect: '-99999999999999999999' -99999999999999999999
# expect: invalid literal for int() with base 10: '1x'


class Text(str):
    def __int__(self):
        return 99


print(int(Text("5")), int("٤٢"), int("007"))
# expect: 99 42 7
