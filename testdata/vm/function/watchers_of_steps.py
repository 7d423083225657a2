# Trace and profile functions hear of native calls, of instructions, and of their own thread only; sys.monitoring hears of everything.
import sys
import threading


def work(x):
    try:
        y = len([x])
        "".join(1)
    except TypeError:
        y = 0
    return y


heard = []


def profile(frame, event, arg):
    heard.append((event, arg.__name__ if event.startswith("c_") else arg))


sys.setprofile(profile)
work(1)
sys.setprofile(None)
for event in heard[:-1]:
    print(*event)
# expect: call None
# expect: c_call len
# expect: c_return len
# expect: c_call join
# expect: c_exception join
# expect: return 0

opcodes = []


def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    opcodes.append(event)
    return trace


sys.settrace(trace)
work(1)
sys.settrace(None)
print(opcodes.count("opcode") > opcodes.count("line") > 4, opcodes[0], opcodes[-1])
# expect: True call return

seen = []


def watch(frame, event, arg):
    if event == "call" and frame.f_code is target.__code__:
        seen.append(threading.current_thread().name)


def target():
    pass


def in_thread(name):
    thread = threading.Thread(target=target, name=name)
    thread.start()
    thread.join()


sys.settrace(watch)
in_thread("not told")
target()
sys.settrace(None)
threading.settrace(watch)
in_thread("told")
threading.settrace(None)
print(seen)
# expect: ['MainThread', 'told']

seen.clear()
go, stop = threading.Event(), threading.Event()


def loop():
    go.set()
    while not stop.is_set():
        target()


thread = threading.Thread(target=loop, name="runs already")
thread.start()
go.wait()
threading.settrace_all_threads(watch)
while not seen:
    stop.wait(0.001)
threading.settrace_all_threads(None)
stop.set()
thread.join()
print(set(seen))
# expect: {'runs already'}

monitoring, events = sys.monitoring, sys.monitoring.events
monitoring.use_tool_id(0, "test")
log = []


def steps(n):
    for i in range(n):
        if i:
            len("abc")
    try:
        try:
            int("x")
        finally:
            n += 1
    except ValueError:
        pass
    for _ in numbers():
        pass


def numbers():
    try:
        yield 1
    except KeyError:
        yield 2


def throw():
    it = numbers()
    next(it)
    it.throw(KeyError)


NAMES = {getattr(events, name): name for name in dir(events) if name.isupper()}
WANTED = "CALL C_RETURN C_RAISE BRANCH_LEFT BRANCH_RIGHT STOP_ITERATION RAISE RERAISE EXCEPTION_HANDLED PY_THROW".split()


def listen(event):
    def heard(code, *details):
        if code in (steps.__code__, throw.__code__, numbers.__code__):
            log.append((NAMES[event], details))
    return heard


for name in WANTED:
    monitoring.register_callback(0, getattr(events, name), listen(getattr(events, name)))
asked = sum(getattr(events, name) for name in WANTED)
monitoring.set_events(0, asked)
print(monitoring.get_events(0) == asked - events.C_RETURN - events.C_RAISE)
# expect: True
steps(2)
throw()
monitoring.set_events(0, 0)
names = [name for name, _ in log]
for name in ("BRANCH_LEFT", "BRANCH_RIGHT", "C_RAISE", "RERAISE", "PY_THROW"):
    print(name, names.count(name) > 0)
# expect: BRANCH_LEFT True
# expect: BRANCH_RIGHT True
# expect: C_RAISE True
# expect: RERAISE True
# expect: PY_THROW True
print([details[1].__name__ for name, details in log if name == "CALL"])
# expect: ['range', 'len', 'int', 'numbers', 'numbers', 'next', 'throw']
print([details[1].__name__ for name, details in log if name == "C_RETURN"])
# expect: ['range', 'len', 'next', 'throw']

count = [0]


def once(code, *details):
    count[0] += 1
    return monitoring.DISABLE


monitoring.register_callback(0, events.CALL, once)
monitoring.set_local_events(0, steps.__code__, events.CALL)
steps(5)
first = count[0]
steps(5)
print(first, count[0] == first)
# expect: 4 True
monitoring.restart_events()
steps(5)
print(count[0] == 2 * first)
# expect: True
monitoring.set_local_events(0, steps.__code__, 0)
for action in (
    lambda: monitoring.set_events(0, events.C_RETURN),
    lambda: monitoring.set_local_events(0, steps.__code__, events.RAISE),
    lambda: monitoring.register_callback(0, events.CALL | events.LINE, None),
):
    try:
        action()
    except ValueError as error:
        print(error)
# expect: cannot set C_RETURN or C_RAISE events independently
# expect: invalid local event set 0x800
# expect: The callback can only be set for one event at a time
monitoring.free_tool_id(0)
