# asynchronous generators driven by hand
class Suspend:
    def __await__(self):
        return (yield "s")
def run(coro):
    try:
        while True:
            coro.send(None)
    except StopIteration as e:
        return e.value
async def numbers(n):
    try:
        for i in range(n):
            await Suspend()
            got = yield i
            if got is not None:
                print("got", got)
    finally:
        await Suspend()
        print("closed")
async def use():
    print([x async for x in numbers(3)])
    print({x: x async for x in numbers(2) if x}, await anext(numbers(0), "default"))
    five = numbers(5)
    async for x in five:
        if x == 1:
            break
    await five.aclose()
    g = numbers(4)
    print(await g.asend(None), await g.asend("hello"), await g.__anext__())
    await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration:
        print("exhausted")
    h = numbers(2)
    await anext(h)
    try:
        await h.athrow(ValueError("v"))
    except ValueError as e:
        print("out", e)
    gen = (x * 10 async for x in numbers(2))
    print(type(gen).__name__, [y async for y in gen])
    print([(a, b) async for a in numbers(2) for b in "xy"], [[c async for c in numbers(a)] for a in range(2)])
    return "done"
print(run(use()))
# expect: closed
# expect: [0, 1, 2]
# expect: closed
# expect: closed
# expect: {1: 1} default
# expect: closed
# expect: got hello
# expect: 0 1 2
# expect: closed
# expect: exhausted
# expect: closed
# expect: out v
# expect: closed
# expect: async_generator [0, 10]
# expect: closed
# expect: closed
# expect: closed
# expect: [(0, 'x'), (0, 'y'), (1, 'x'), (1, 'y')] [[], [0]]
# expect: done
async def agen():
    try:
        yield 1
    except GeneratorExit:
        print("exit seen")
        raise
async def close_unstarted():
    g = agen()
    await g.aclose()
    g = agen()
    await anext(g)
    await g.aclose()
    try:
        await agen().asend(5)
    except TypeError as e:
        print(e)
run(close_unstarted())
# expect: exit seen
# expect: can't send non-None value to a just-started async generator
async def leak():
    yield 1
    raise StopAsyncIteration
async def catch():
    try:
        async for _ in leak(): pass
    except RuntimeError as e:
        print(e)
run(catch())  # expect: async generator raised StopAsyncIteration
g = agen()
print(type(g).__name__, hasattr(g, "__aiter__"), hasattr(g, "__iter__"), aiter(g) is g)
# expect: async_generator True False True
import contextlib
@contextlib.asynccontextmanager
async def managed(x):
    print("enter", x)
    try:
        yield x * 2
    finally:
        print("exit", x)
async def with_it():
    async with managed(5) as v:
        print("v", v)
    try:
        async with managed(6):
            raise KeyError("k")
    except KeyError as e:
        print("through", e)
run(with_it())
# expect: enter 5
# expect: v 10
# expect: exit 5
# expect: enter 6
# expect: exit 6
# expect: through 'k'
