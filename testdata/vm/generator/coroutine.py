# coroutines driven by hand
import warnings
warnings.simplefilter("ignore")
class Suspend:
    def __init__(self, tag):
        self.tag = tag
    def __await__(self):
        got = yield self.tag
        return got
async def add(a, b):
    x = await Suspend("first")
    y = await Suspend("second")
    return a + b + x + y
c = add(1, 2)
print(type(c).__name__, c.cr_running, c.cr_await)  # expect: coroutine False None
print(c.send(None), c.send(10))  # expect: first second
try:
    c.send(20)
except StopIteration as e:
    print("result", e.value)
# expect: result 33
async def outer():
    try:
        r = await add(0, 0)
        print("r", r)
    except ValueError as e:
        print("caught", e)
        return "recovered"
    finally:
        print("finally")
o = outer()
o.send(None)
try:
    o.throw(ValueError("thrown in"))
except StopIteration as e:
    print(e.value)
# expect: caught thrown in
# expect: finally
# expect: recovered
try:
    c.send(None)
except RuntimeError as e:
    print(e)
# expect: cannot reuse already awaited coroutine
def run(coro):
    """Drives a coroutine, answering every suspension with its number."""
    n = 0
    try:
        value = coro.send(None)
        while True:
            n += 1
            value = coro.send(n)
    except StopIteration as e:
        return e.value
print(run(add(100, 200)))  # expect: 303
class Manager:
    async def __aenter__(self):
        print("aenter", await Suspend("enter"))
        return self
    async def __aexit__(self, t, v, tb):
        print("aexit", t and t.__name__, await Suspend("exit"))
        return t is KeyError
class Numbers:
    def __init__(self, n):
        self.n = n
    def __aiter__(self):
        return self
    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return await Suspend("next") * 100 + self.n
async def main():
    async with Manager() as m, Manager():
        print("body", type(m).__name__)
    async with Manager():
        raise KeyError("swallowed")
    async for x in Numbers(3):
        print("x", x)
    else:
        print("else")
    return [x async for x in Numbers(2) if x], {await Suspend("k"): 1}, [await add(1, y) for y in (1, 2)]
print(run(main()))
# expect: aenter 1
# expect: aenter 2
# expect: body Manager
# expect: aexit None 3
# expect: aexit None 4
# expect: aenter 5
# expect: aexit KeyError 6
# expect: x 702
# expect: x 801
# expect: x 900
# expect: else
# expect: ([1001, 1100], {12: 1}, [29, 34])
c = outer()
c.send(None)
c.close()  # expect: finally
async def bad():
    await 5
try:
    run(bad())
except TypeError as e:
    print(e)
# expect: 'int' object can't be awaited
try:
    for x in add(1, 2): pass
except TypeError as e:
    print(e)
# expect: 'coroutine' object is not iterable
import types
@types.coroutine
def old():
    r = yield "old"
    return r * 2
async def use():
    return await old()
print(run(use()))  # expect: 2
async def with_wrong():
    async with 5: pass
try:
    run(with_wrong())
except TypeError as e:
    print(e)
# expect: 'int' object does not support the asynchronous context manager protocol (missed __aexit__ method)
async def for_wrong():
    async for x in [1]: pass
try:
    run(for_wrong())
except TypeError as e:
    print(e)
# expect: 'async for' requires an object with __aiter__ method, got list
