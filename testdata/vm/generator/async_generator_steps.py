# Async generators driven by `async for`, `asend` and by hand: what waits inside them, ends, errors, being closed and looked at.
import gc
import sys


class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


def run(coroutine, *sent):
    """Drives a coroutine: what it yields, and its result."""
    yielded, sent = [], list(sent)
    try:
        yielded.append(coroutine.send(None))
        while True:
            yielded.append(coroutine.send(sent.pop(0) if sent else None))
    except StopIteration as stop:
        return yielded, stop.value


async def numbers(n):
    for i in range(n):
        yield i


async def pausing(n):
    for i in range(n):
        got = await Pause(("pause", i))
        sent = yield (i, got)
        if sent is not None:
            print("sent", sent)


async def total():
    return [x async for x in numbers(5)], {x async for x in numbers(3)}, sum([x async for x in numbers(10)])


print(run(total()))


async def loop(make, n):
    items = []
    async for item in make(n):
        items.append(item)
    else:
        items.append("else")
    return items


print(run(loop(pausing, 3), "a", "b", "c"))


# Through several generators and coroutines.
async def through(make, n):
    async for item in make(n):
        yield await echo(item)


async def echo(item):
    await Pause(("echo", item))
    return item


async def nested():
    return [item async for item in through(lambda n: through(pausing, n), 2)]


print(run(nested(), "x", None, None, "y"))


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    async def __aiter__(self):
        if self.left is not None:
            async for item in self.left:
                yield item
        yield self.value
        if self.right is not None:
            async for item in self.right:
                yield item


def tree(low, high):
    if low >= high:
        return None
    at = (low + high) // 2
    return Tree(tree(low, at), at, tree(at + 1, high))


async def walk(n):
    return [item async for item in tree(0, n)]


for _ in range(3):
    yielded, items = run(walk(500))
    print(yielded, items == list(range(500)))


# Values sent, the first of them too early.
async def asend():
    g = pausing(3)
    items = []
    try:
        await g.asend("early")
    except TypeError as error:
        print(error)
    items.append(await g.asend(None))
    items.append(await g.asend("one"))
    items.append(await g.__anext__())
    for _ in range(2):
        try:
            await g.asend("two")
        except StopAsyncIteration as stop:
            items.append(("end", stop.args, stop.__context__))
    return items


print(run(asend(), "p", "q", "r"))


# Errors inside, and what the awaitables are afterwards.
async def failing(n):
    try:
        for i in range(n):
            yield i
        await Pause("before")
        raise ValueError("inside")
    finally:
        print("finally", await Pause("last"))


async def handles():
    g = failing(2)
    items = []
    try:
        async for item in g:
            items.append((item, g.ag_running))
    except ValueError as error:
        names = []
        traceback = error.__traceback__
        while traceback is not None:
            names.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        items.append((str(error), names, g.ag_running, g.ag_frame))
    async for item in g:
        items.append("never")
    step = g.__anext__()
    for _ in range(2):
        try:
            await step
        except (StopAsyncIteration, RuntimeError) as error:
            items.append(repr(error))
    return items


print(run(handles(), 1, 2))


async def stops():
    yield 1
    raise StopAsyncIteration


async def stops_too():
    yield 1
    raise StopIteration


for make in stops, stops_too:
    try:
        run(loop(lambda n: make(), 1))
    except RuntimeError as error:
        print(error, repr(error.__cause__))


# Two at once.
async def twice():
    g = pausing(2)
    first, second = g.__anext__(), g.__anext__()
    print(first.send(None), g.ag_running, g.ag_suspended)
    for method in (second.send, second.throw):
        try:
            method(ValueError("second") if method == second.throw else None)
        except (RuntimeError, ValueError) as error:
            print(error)
    try:
        await g.aclose()
    except RuntimeError as error:
        print(error)
    try:
        first.send("value")
    except StopIteration as stop:
        print(stop.value, g.ag_running)
    return [item async for item in g]


print(run(twice(), "z"))


# Cancelled while the generator waits.
async def waits():
    try:
        async for item in pausing(5):
            print("item", item)
    except KeyError as error:
        return "caught", error.args


c = waits()
print(c.send(None), c.send("v"), type(c.cr_await).__name__)
try:
    c.throw(KeyError("cancel"))
except StopIteration as stop:
    print(stop.value)


async def closes():
    g = failing(5)
    async for item in g:
        break
    await g.aclose()
    return [item async for item in g], await g.aclose()


print(run(closes(), "c"))


# The frame of a suspended generator, and one that is dropped.
async def shows():
    g = through(pausing, 2)
    step = g.__anext__()
    step.send(None)
    frame = g.ag_frame
    print(frame.f_lineno > 0, frame.f_back, g.ag_await is not None, sorted(frame.f_locals)[:2])
    gc.collect()
    try:
        step.send("s")
        step.send(None)
    except StopIteration as stop:
        print(stop.value)
    return [item async for item in g]


print(run(shows(), "t"))

finalized = []
sys.set_asyncgen_hooks(firstiter=lambda g: finalized.append("first"), finalizer=lambda g: finalized.append("last"))


async def drops():
    async for item in failing(3):
        return item


run(drops())
sys.set_asyncgen_hooks(None, None)
gc.collect()
gc.collect()
print(finalized[:1])

# Traced from the middle on.
events = []


def trace(frame, event, argument):
    if event in ("call", "return"):
        events.append((frame.f_code.co_name, event))
    return trace


async def traced():
    items = []
    async for item in through(pausing, 3):
        items.append(item)
        if item[0] == 1:
            sys.settrace(trace)
    sys.settrace(None)
    return items


print(run(traced()))
print(sorted(set(events)))

# expect: ([], ([0, 1, 2, 3, 4], {0, 1, 2}, 45))
# expect: ([('pause', 0), ('pause', 1), ('pause', 2)], [(0, 'a'), (1, 'b'), (2, 'c'), 'else'])
# expect: ([('pause', 0), ('echo', (0, 'x')), ('echo', (0, 'x')), ('pause', 1), ('echo', (1, 'y')), ('echo', (1, 'y'))], [(0, 'x'), (1, 'y')])
# expect: [] True
# expect: [] True
# expect: [] True
# expect: can't send non-None value to a just-started async generator
# expect: sent one
# expect: sent two
# expect: ([('pause', 0), ('pause', 1), ('pause', 2)], [(0, 'p'), (1, 'q'), (2, 'r'), ('end', (), None), ('end', (), None)])
# expect: finally 2
# expect: (['before', 'last'], [(0, False), (1, False), ('inside', ['handles', 'failing'], False, None), 'StopAsyncIteration()', "RuntimeError('cannot reuse already awaited __anext__()/asend()')"])
# expect: async generator raised StopAsyncIteration StopAsyncIteration()
# expect: async generator raised StopIteration StopIteration()
# expect: ('pause', 0) True True
# expect: anext(): asynchronous generator is already running
# expect: cannot reuse already awaited __anext__()/asend()
# expect: aclose(): asynchronous generator is already running
# expect: (0, 'value') False
# expect: ([('pause', 1)], [(1, 'z')])
# expect: item (0, 'v')
# expect: ('pause', 0) ('pause', 1) async_generator_asend
# expect: ('caught', ('cancel',))
# expect: finally c
# expect: (['last'], ([], None))
# expect: True None True ['make', 'n']
# expect: (0, 's')
# expect: ([('pause', 1), ('echo', (1, 't'))], [(1, 't')])
# expect: ['first']
# expect: ([('pause', 0), ('echo', (0, None)), ('pause', 1), ('echo', (1, None)), ('pause', 2), ('echo', (2, None))], [(0, None), (1, None), (2, None)])
# expect: [('__await__', 'call'), ('__await__', 'return'), ('__init__', 'call'), ('__init__', 'return'), ('echo', 'call'), ('echo', 'return'), ('pausing', 'call'), ('pausing', 'return'), ('through', 'call'), ('through', 'return'), ('traced', 'call'), ('traced', 'return')]
