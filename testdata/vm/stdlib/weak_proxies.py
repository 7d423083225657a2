# Proxies answer every operator; callbacks of one object run from the newest to the oldest; `__weakref__`; what dies when a collection is asked for.
import gc
import operator
import weakref


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


class Number:
    def __init__(self, value):
        self.value = value

    def __floordiv__(self, other):
        return ("//", self.value, other)

    def __rfloordiv__(self, other):
        return ("r//", self.value, other)

    def __matmul__(self, other):
        return ("@", other)

    def __imatmul__(self, other):
        return "@="

    def __pow__(self, other, modulus=None):
        return ("**", other, modulus)

    def __divmod__(self, other):
        return ("divmod", other)

    def __int__(self):
        return 7

    def __float__(self):
        return 2.5

    def __bytes__(self):
        return b"bytes"

    def __reversed__(self):
        return iter("cba")


number = Number(5)
proxy = weakref.proxy(number)
show(lambda: proxy // 2)  # expect: ('//', 5, 2)
show(lambda: 2 // proxy)  # expect: ('r//', 5, 2)
show(lambda: proxy @ 3)  # expect: ('@', 3)
show(lambda: operator.imatmul(proxy, 3))  # expect: @=
show(lambda: pow(proxy, 2, 3))  # expect: ('**', 2, 3)
show(lambda: divmod(proxy, 4))  # expect: ('divmod', 4)
show(lambda: (int(proxy), float(proxy), bytes(proxy), "".join(reversed(proxy))))  # expect: (7, 2.5, b'bytes', 'cba')
two = type("F", (float,), {})(2.0)
show(lambda: 1.0 + weakref.proxy(two))  # expect: 3.0
show(lambda: next(proxy))  # expect: TypeError Weakref proxy referenced a non-iterator 'Number' object
show(lambda: hash(proxy))  # expect: TypeError unhashable type: 'weakref.ProxyType'
reference = weakref.ref(number)
show(lambda: number.__weakref__ is proxy or number.__weakref__ is reference)  # expect: True
calls = []


def watched():
    forgotten = Number(6)
    return [weakref.ref(forgotten, lambda _, index=index: calls.append(index)) for index in range(3)]


references = watched()
gc.collect()
print(calls, references[0]())  # expect: [2, 1, 0] None


class Slotted:
    __slots__ = ("__weakref__",)


slotted = Slotted()
print(slotted.__weakref__)  # expect: None
reference = weakref.ref(slotted)
print(slotted.__weakref__ is reference)  # expect: True


class Config(dict):
    def __getattr__(self, name):
        return self[name]


config = Config(a=1)
print("Config" in repr(weakref.ref(config)))  # expect: True
