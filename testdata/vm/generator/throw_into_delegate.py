# While a delegate handles a thrown exception, the frames that wait for it are on the stack, and what they handle is the context.
import inspect
import sys


def names(depth=0):
    found, frame = [], sys._getframe(depth + 1)
    while frame:
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def inner():
    try:
        yield 1
    except ValueError:
        print(names())
        yield 2


def outer():
    try:
        raise KeyError("handled")
    except KeyError:
        yield from inner()


g = outer()
next(g)
print(g.throw(ValueError), inspect.getgeneratorstate(g))
try:
    g.throw(IndexError("thrown"))
except IndexError as error:
    print(repr(error.__context__))


class Iterator:
    def __iter__(self):
        return self

    def __next__(self):
        return "next"

    def throw(self, exception):
        print(names())
        return "thrown"


def delegates():
    yield from Iterator()


g = delegates()
print(next(g), g.throw(ValueError), next(g))


class Odd(Exception):
    def __new__(cls, *args):
        return cls


def waits():
    yield


g = waits()
for step in (lambda: g.throw(Odd), lambda: next(g)):
    try:
        step()
    except BaseException as error:
        print(type(error).__name__, error)


async def coroutine(awaitable):
    return await awaitable


class Awaitable:
    def __await__(self):
        try:
            yield
        except ValueError:
            return names()


c = coroutine(coroutine(Awaitable()))
c.send(None)
try:
    c.throw(ValueError)
except StopIteration as stop:
    print(stop.value)
# expect: ['inner', 'outer', '<module>']
# expect: 2 GEN_SUSPENDED
# expect: KeyError('handled')
# expect: ['throw', 'delegates', '<module>']
# expect: next thrown next
# expect: TypeError calling <class '__main__.Odd'> should have returned an instance of BaseException, not type
# expect: StopIteration
# expect: ['__await__', 'coroutine', 'coroutine', '<module>']
