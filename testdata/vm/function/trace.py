# trace functions hear of calls, lines, returns and exceptions; sys.monitoring tells tools
import sys

heard = []


def watch(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        shown = argument if event == "return" else argument[0].__name__ if event == "exception" else None
        heard.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno, shown))
        return watch


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


def two():
    yield 1
    yield 2


def fail():
    raise KeyError("x")


def run(function):
    heard.clear()
    sys.settrace(watch)
    try:
        function()
    except KeyError:
        pass
    finally:
        sys.settrace(None)
    print(heard)


run(lambda: work(2))
# expect: [('<lambda>', 'call', 0, None), ('<lambda>', 'line', 0, None), ('work', 'call', 0, None), ('work', 'line', 1, None), ('work', 'line', 2, None), ('work', 'line', 3, None), ('work', 'line', 2, None), ('work', 'line', 3, None), ('work', 'line', 2, None), ('work', 'line', 4, None), ('work', 'return', 4, 1), ('<lambda>', 'return', 0, 1)]
run(fail)
# expect: [('fail', 'call', 0, None), ('fail', 'line', 1, None), ('fail', 'exception', 1, 'KeyError'), ('fail', 'return', 1, None)]
print(sys.gettrace())  # expect: None
heard.clear()
work(3)
print(heard)  # expect: []

profiled = []
sys.setprofile(lambda frame, event, argument: profiled.append((frame.f_code.co_name, event)))
work(1)
sys.setprofile(None)
print([entry for entry in profiled if entry[0] == "work"])  # expect: [('work', 'call'), ('work', 'return')]

monitoring = sys.monitoring
events = monitoring.events
monitoring.use_tool_id(4, "test")
told = []
for name in ["PY_START", "LINE", "PY_RETURN", "RAISE", "PY_UNWIND"]:
    monitoring.register_callback(4, getattr(events, name), lambda code, *rest, name=name: told.append((name, code.co_name)))
monitoring.set_events(4, events.PY_START | events.PY_RETURN | events.RAISE | events.PY_UNWIND)
monitoring.set_local_events(4, work.__code__, events.LINE)
work(0)
try:
    fail()
except KeyError:
    pass
monitoring.set_events(4, 0)
monitoring.free_tool_id(4)
print([entry for entry in told if entry[1] != "<module>"])
# expect: [('PY_START', 'work'), ('LINE', 'work'), ('LINE', 'work'), ('LINE', 'work'), ('PY_RETURN', 'work'), ('PY_START', 'fail'), ('RAISE', 'fail'), ('PY_UNWIND', 'fail')]
