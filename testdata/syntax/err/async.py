await a
async with b: pass
def f():
    await c
    [d async for d in e]
    return [await g for g in h]
async def i():
    yield 1
    return 2
async def j():
    yield from k
