# threads, locks, queues, futures, context variables, time
import threading, queue, time, contextvars, concurrent.futures as cf
results, lock = [], threading.Lock()
def work(n):
    for i in range(100):
        with lock:
            results.append(n)
ts = [threading.Thread(target=work, args=(i,), name=f"w{i}") for i in range(4)]
for t in ts: t.start()
for t in ts: t.join()
print(len(results), sorted(set(results)), ts[0].name, ts[0].is_alive(), threading.current_thread().name, threading.active_count(), lock.locked())
# expect: 400 [0, 1, 2, 3] w0 False MainThread 1 False
q = queue.Queue()
def consumer(out):
    while (x := q.get()) is not None:
        out.append(x * 2)
out = []
t = threading.Thread(target=consumer, args=(out,), daemon=True)
t.start()
for i in range(5): q.put(i)
q.put(None)
t.join(10)
print(out, q.empty(), t.daemon)  # expect: [0, 2, 4, 6, 8] True True
try:
    q.get_nowait()
except queue.Empty:
    print("empty")
# expect: empty
pq = queue.PriorityQueue()
for x in (3, 1, 2): pq.put(x)
print([pq.get() for _ in range(3)], queue.LifoQueue(1).full())  # expect: [1, 2, 3] False
with cf.ThreadPoolExecutor(3) as ex:
    print(list(ex.map(lambda x: x * x, range(5))), ex.submit(pow, 2, 10).result())
    f = ex.submit(lambda: 1 / 0)
    print(type(f.exception()).__name__, f.done(), sorted(x.result() for x in cf.as_completed([ex.submit(int, "5"), ex.submit(int, "6")])))
    try:
        f.result()
    except ZeroDivisionError as e:
        print(e)
# expect: [0, 1, 4, 9, 16] 1024
# expect: ZeroDivisionError True [5, 6]
# expect: division by zero
loc = threading.local()
loc.v = "main"
def see(): seen.append(hasattr(loc, "v"))
seen = []
t = threading.Thread(target=see)
t.start()
t.join()
print(seen, loc.v)  # expect: [False] main
ev, cond, sem, bar = threading.Event(), threading.Condition(), threading.Semaphore(2), threading.Barrier(2)
t = threading.Thread(target=lambda: (ev.wait(), bar.wait(), results.clear()))
t.start()
ev.set()
bar.wait()
t.join()
print(ev.is_set(), results, sem.acquire(blocking=False), sem.acquire(blocking=False), sem.acquire(blocking=False))
# expect: True [] True True False
r = threading.RLock()
with r, r: print("reentered")  # expect: reentered
try:
    lock.release()
except RuntimeError as e:
    print(e)
# expect: release unlocked lock
caught = []
threading.excepthook = lambda a: caught.append((a.exc_type.__name__, str(a.exc_value)))
t = threading.Thread(target=lambda: int("x"))
t.start()
t.join()
print(caught)  # expect: [('ValueError', "invalid literal for int() with base 10: 'x'")]
try:
    t.start()
except RuntimeError as e:
    print(e)
# expect: threads can only be started once
var = contextvars.ContextVar("var", default="d")
tok = var.set("outer")
ctx = contextvars.copy_context()
print(ctx.run(lambda: (var.set("inner"), var.get())[1]), var.get(), ctx[var], var.reset(tok), var.get())
# expect: inner outer inner None d
timer = threading.Timer(0.01, lambda: caught.append("timer"))
timer.start()
timer.join()
print(caught[-1], time.monotonic() <= time.monotonic(), time.perf_counter_ns() > 0, time.gmtime(0)[:6], time.strftime("%Y", time.gmtime(0)))
# expect: timer True True (1970, 1, 1, 0, 0, 0) 1970
total = 0
def racy():
    global total
    for _ in range(2000):
        with lock: total += 1
ts = [threading.Thread(target=racy) for _ in range(5)]
[t.start() for t in ts]
[t.join() for t in ts]
print(total)  # expect: 10000
