# Threads: locks, events, local data, queues, pools, exceptions, daemons.
import _thread
import contextvars
import io
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
print(lock.acquire(), lock.acquire(blocking=False), lock.acquire(timeout=0.01), lock.locked())  # expect: True False False True
lock.release()
try:
    lock.release()
except RuntimeError as error:
    print(error)  # expect: release unlocked lock

counter = 0


def count():
    global counter
    for _ in range(2000):
        with lock:
            counter += 1


threads = [threading.Thread(target=count) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter)  # expect: 8000

reentrant = threading.RLock()
with reentrant:
    with reentrant:
        print(reentrant._recursion_count())  # expect: 2
try:
    reentrant.release()
except RuntimeError as error:
    print(error)  # expect: cannot release un-acquired lock

# Threads take turns although none of them waits.
turns = []
stop = False


def spin():
    while not stop:
        pass
    turns.append("spun")


thread = threading.Thread(target=spin)
thread.start()
time.sleep(0.02)
stop = True
thread.join()
print(turns)  # expect: ['spun']

local = threading.local()
local.value = "main"


class Own(threading.local):
    def __init__(self, start):
        self.items = [start]


own = Own(1)
own.items.append(2)


def look():
    print(hasattr(local, "value"), own.items)
    local.value = "thread"


thread = threading.Thread(target=look)
thread.start()
thread.join()
# expect: False [1]
print(local.value, own.items)  # expect: main [1, 2]

jobs = queue.Queue(maxsize=2)


def produce():
    for number in range(5):
        jobs.put(number)
    jobs.put(None)


threading.Thread(target=produce).start()
print(list(iter(jobs.get, None)))  # expect: [0, 1, 2, 3, 4]

with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(lambda x: x * x, range(5))))  # expect: [0, 1, 4, 9, 16]
    failed = pool.submit(lambda: 1 // 0)
    print(type(failed.exception()).__name__)  # expect: ZeroDivisionError

event = threading.Event()
print(event.wait(0.01))  # expect: False
threading.Timer(0.01, event.set).start()
print(event.wait(5))  # expect: True

condition = threading.Condition()
ready = []


def wait():
    with condition:
        condition.wait_for(lambda: ready)
        ready.append("seen")


thread = threading.Thread(target=wait)
thread.start()
with condition:
    ready.append("set")
    condition.notify_all()
thread.join()
print(ready)  # expect: ['set', 'seen']

barrier = threading.Barrier(2)
thread = threading.Thread(target=barrier.wait)
thread.start()
barrier.wait(5)
thread.join()
print(barrier.broken)  # expect: False


def fail():
    raise KeyError("in a thread")


stderr, sys.stderr = sys.stderr, io.StringIO()
thread = threading.Thread(target=fail, name="Failing")
thread.start()
thread.join()
text, sys.stderr = sys.stderr.getvalue(), stderr
print(text.splitlines()[0], "|", text.splitlines()[-1])  # expect: Exception in thread Failing: | KeyError: 'in a thread'

variable = contextvars.ContextVar("variable", default="none")
variable.set("main")
seen = []
thread = threading.Thread(target=lambda: seen.append(variable.get()))
thread.start()
thread.join()
print(seen, variable.get())  # expect: ['none'] main

print(threading.current_thread() is threading.main_thread(), threading.active_count())  # expect: True 1
print(_thread.get_ident() == threading.main_thread().ident)  # expect: True
thread = threading.Thread(target=time.sleep, args=(100,), daemon=True)
thread.start()
print(thread.is_alive(), thread.daemon)  # expect: True True
try:
    threading.Thread(target=print).join()
except RuntimeError as error:
    print(error)  # expect: cannot join thread before it is started
