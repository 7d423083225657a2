"""Calls: functions, defaults, methods, inherited and static ones, classes, natives, generators."""


def plain(a, b):
    return a


def with_default(a, b=2, c=3):
    return b


def numbers(n):
    while n:
        yield n
        n -= 1


class Base:
    def __init__(self, x, y=1):
        self.x = x

    def method(self, a, b=3):
        return a

    def override(self):
        return 1

    @staticmethod
    def static(a):
        return a

    @classmethod
    def made(cls, a):
        return a


class Derived(Base):
    def override(self):
        return super().override()


def run(turns):
    base, derived, items = Base(1), Derived(2), []
    bound = base.method
    for turn in range(turns):
        plain(turn, 1)
        with_default(turn)
        base.method(turn)
        derived.method(turn, 4)
        derived.override()
        base.static(turn)
        Base(turn)
        bound(turn)
        len(items)
        isinstance(base, Derived)
        items.append(turn)
        str(turn)
    for turn in range(turns // 20):
        for number in numbers(20):
            plain(number, turn)


run(3000)
