# a little of asyncio
import asyncio
async def work(name, n):
    for i in range(n):
        print(name, i)
        await asyncio.sleep(0)
    return name * n
async def main():
    print(await asyncio.gather(work("a", 2), work("b", 3)))
    t = asyncio.create_task(work("t", 1), name="task-t")
    print(t.get_name(), t.done())
    print(await t, t.done(), t.result())
    async def fail():
        await asyncio.sleep(0)
        raise ValueError("failed")
    try:
        await fail()
    except ValueError as e:
        print(e)
    print([type(r).__name__ for r in await asyncio.gather(fail(), work("c", 1), return_exceptions=True)])
    q = asyncio.Queue()
    async def producer():
        for i in range(3):
            await q.put(i)
        await q.put(None)
    async def consumer():
        got = []
        while (x := await q.get()) is not None:
            got.append(x)
        return got
    print((await asyncio.gather(producer(), consumer()))[1])
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        print("timed out")
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled", t.cancelled())
    try:
        async with asyncio.TaskGroup() as tg:
            ok = tg.create_task(work("g", 1))
            tg.create_task(fail())
    except* ValueError as eg:
        print(eg.exceptions, ok.result())
    lock, ev = asyncio.Lock(), asyncio.Event()
    async with lock:
        print(lock.locked())
    asyncio.get_running_loop().call_soon(ev.set)
    await ev.wait()
    return "end"
print(asyncio.run(main()))
# expect: a 0
# expect: b 0
# expect: a 1
# expect: b 1
# expect: b 2
# expect: ['aa', 'bbb']
# expect: task-t False
# expect: t 0
# expect: t True t
# expect: failed
# expect: c 0
# expect: ['ValueError', 'str']
# expect: [0, 1, 2]
# expect: timed out
# expect: cancelled True
# expect: g 0
# expect: (ValueError('failed'),) g
# expect: True
# expect: end
