# Generators and coroutines that a loop, a delegation or an await makes for itself, and those that others get to know.
import gc
import inspect
import sys
import types
import weakref


def numbers(n):
    for i in range(n):
        yield i


def pairs(n):
    for i in numbers(n):
        for j in numbers(i):
            yield i, j


def relay(n):
    result = yield from numbers(n)
    return result, n


class Tree:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        if self.n > 0:
            yield from Tree(self.n - 1)
            yield self.n
            for item in Tree(self.n - 2):
                yield -item


def check():
    total = 0
    for i, j in pairs(40):
        total += i * j
    for k in range(50):
        for item in relay(k % 7):
            total += item
    return total, list(Tree(6)), sum(Tree(9))


for _ in range(3):
    print(check())


# An `__iter__` that keeps what it gives.
class Keeps:
    kept = []

    def __iter__(self):
        made = numbers(3)
        self.kept.append(made)
        return made


for _ in range(3):
    for item in Keeps():
        pass
    list(pairs(5))
print([list(made) for made in Keeps.kept], len(set(map(id, Keeps.kept))))


# Known by way of the generator that delegates, of a frame, of the collector, of an exception.
def outer(n):
    yield from numbers(n)
    yield from numbers(n)


g = outer(2)
next(g)
first = g.gi_yieldfrom
next(g)
next(g)
second = g.gi_yieldfrom
list(pairs(9))
print(first is second, first.gi_frame, inspect.getgeneratorstate(first), inspect.getgeneratorstate(second), list(g), list(first))
print(inspect.getgeneratorstate(second), first.gi_code.co_name, second.__name__)

frames = []


def shows(n):
    for i in range(n):
        frames.append(sys._getframe())
        yield i


def loop(n):
    for item in shows(n):
        yield item


print(list(loop(2)), list(loop(1)))
list(pairs(6))
print([frame.f_locals["n"] for frame in frames])


def fails(n):
    yield n
    raise ValueError(n)


caught = []
for n in range(3):
    try:
        for item in fails(n):
            pass
    except ValueError as error:
        caught.append(error)
list(pairs(6))
print([(error.args, error.__traceback__.tb_next.tb_frame.f_locals) for error in caught])

found = []


def looked_for(n):
    found.extend(item for item in gc.get_objects() if isinstance(item, types.GeneratorType) and item.gi_code.co_name == "looked_for")
    yield n


for item in looked_for(5):
    pass
for _ in range(3):
    for item in looked_for(6):
        pass
print(len(set(map(id, found))) == 4, {inspect.getgeneratorstate(item) for item in found})


# Coroutines.
class Pause:
    def __await__(self):
        yield


async def leaf(n):
    if n % 3 == 0:
        await Pause()
    return n


async def branch(n):
    total = 0
    for i in range(n):
        total += await leaf(i)
    named = leaf(n)
    total += await named
    try:
        await named
    except RuntimeError as error:
        return total, str(error)


async def many():
    results = [await branch(n) for n in range(4)]
    return results


def run(coroutine):
    steps = 0
    while True:
        try:
            coroutine.send(None)
            steps += 1
        except StopIteration as stop:
            return steps, stop.value


for _ in range(2):
    print(run(many()))


async def watches():
    c = branch(2)
    r = weakref.ref(c)
    await c
    return r() is c


print(run(watches()))


# Closed, thrown into, and left while suspended.
def tries(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


def uses(log):
    for item in tries(log):
        for other in tries(log):
            break
        if item == 1:
            break
    yield len(log) <= 4


log = []
for _ in range(10):
    for item in uses(log):
        pass
gc.collect()
gc.collect()
print(len(log) > 10)


def deep(n):
    if n:
        yield from deep(n - 1)
    yield n


for n in (1, 20, 3, 30, 2):
    print(sum(deep(n)), sum(x * y for x in deep(n) for y in deep(2)), end=" ")
print()

# While collections run.
for n in range(200):
    for item in deep(n % 11):
        if item == 5:
            gc.collect(0)
    made = [object() for _ in range(20)]
print(sum(sum(deep(n)) for n in range(30)))

# expect: (294175, [1, 2, 3, -1, 4, -1, -2, 5, -1, -2, -3, 1, 6, -1, -2, -3, 1, -4, 1, 2], 11)
# expect: (294175, [1, 2, 3, -1, 4, -1, -2, 5, -1, -2, -3, 1, 6, -1, -2, -3, 1, -4, 1, 2], 11)
# expect: (294175, [1, 2, 3, -1, 4, -1, -2, 5, -1, -2, -3, 1, 6, -1, -2, -3, 1, -4, 1, 2], 11)
# expect: [[], [], []] 3
# expect: False None GEN_CLOSED GEN_SUSPENDED [1] []
# expect: GEN_CLOSED numbers numbers
# expect: [0, 1] [0]
# expect: [2, 2, 1]
# expect: [((0,), {'n': 0}), ((1,), {'n': 1}), ((2,), {'n': 2})]
# expect: True {'GEN_CLOSED'}
# expect: (5, [(0, 'cannot reuse already awaited coroutine'), (1, 'cannot reuse already awaited coroutine'), (3, 'cannot reuse already awaited coroutine'), (6, 'cannot reuse already awaited coroutine')])
# expect: (5, [(0, 'cannot reuse already awaited coroutine'), (1, 'cannot reuse already awaited coroutine'), (3, 'cannot reuse already awaited coroutine'), (6, 'cannot reuse already awaited coroutine')])
# expect: (1, True)
# expect: True
# expect: 1 3 210 630 6 18 465 1395 3 9
# expect: 4495
