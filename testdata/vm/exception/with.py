# with statements
class CM:
    def __init__(self, name, swallow=False, fail=None):
        self.name, self.swallow, self.fail = name, swallow, fail
    def __enter__(self):
        print("enter", self.name)
        if self.fail == "enter":
            raise RuntimeError("enter failed")
        return self.name.upper()
    def __exit__(self, t, v, tb):
        print("exit", self.name, t and t.__name__, v, tb is not None)
        if self.fail == "exit":
            raise RuntimeError("exit failed")
        return self.swallow
with CM("a") as x:
    print("body", x)
# expect: enter a
# expect: body A
# expect: exit a None None False
with CM("a") as x, CM("b") as y:
    print(x, y)
# expect: enter a
# expect: enter b
# expect: A B
# expect: exit b None None False
# expect: exit a None None False
with (CM("p"), CM("q") as q,):
    print(q)
# expect: enter p
# expect: enter q
# expect: Q
# expect: exit q None None False
# expect: exit p None None False
with CM("s", swallow=True):
    raise ValueError("swallowed")
# expect: enter s
# expect: exit s ValueError swallowed True
print("after")  # expect: after
try:
    with CM("o"), CM("i"):
        raise KeyError("through")
except KeyError as e:
    print("caught", e)
# expect: enter o
# expect: enter i
# expect: exit i KeyError 'through' True
# expect: exit o KeyError 'through' True
# expect: caught 'through'
try:
    with CM("o"), CM("bad", fail="enter"):
        print("never")
except RuntimeError as e:
    print(e)
# expect: enter o
# expect: enter bad
# expect: exit o RuntimeError enter failed True
# expect: enter failed
try:
    with CM("bad", fail="exit"):
        raise ValueError("original")
except RuntimeError as e:
    print(e, repr(e.__context__))
# expect: enter bad
# expect: exit bad ValueError original True
# expect: exit failed ValueError('original')
def f():
    with CM("ret"):
        return "value"
print(f())
# expect: enter ret
# expect: exit ret None None False
# expect: value
for i in range(3):
    with CM(f"loop{i}"):
        if i == 0:
            continue
        break
# expect: enter loop0
# expect: exit loop0 None None False
# expect: enter loop1
# expect: exit loop1 None None False
class Target: pass
t = Target()
with CM("attr") as t.x, CM("tuple") as (a, *b):
    print(t.x, a, b)
# expect: enter attr
# expect: enter tuple
# expect: ATTR T ['U', 'P', 'L', 'E']
# expect: exit tuple None None False
# expect: exit attr None None False
d = {}
with CM("item") as d["k"]:
    print(d)
# expect: enter item
# expect: {'k': 'ITEM'}
# expect: exit item None None False
class NoExit:
    def __enter__(self): pass
class Neither: pass
class Inst:
    pass
inst = Inst()
inst.__enter__ = inst.__exit__ = lambda *a: None
for obj in (NoExit(), Neither(), inst, 5):
    try:
        with obj:
            pass
    except TypeError as e:
        print(e)
# expect: 'NoExit' object does not support the context manager protocol (missed __exit__ method)
# expect: 'Neither' object does not support the context manager protocol (missed __exit__ method)
# expect: 'Inst' object does not support the context manager protocol (missed __exit__ method)
# expect: 'int' object does not support the context manager protocol (missed __exit__ method)
from contextlib import contextmanager, suppress, ExitStack, closing, nullcontext, redirect_stdout
@contextmanager
def managed(n):
    print("before", n)
    try:
        yield n * 2
    except ValueError as e:
        print("managed caught", e)
    finally:
        print("after", n)
with managed(1) as v:
    print(v)
# expect: before 1
# expect: 2
# expect: after 1
with managed(2):
    raise ValueError("boom")
# expect: before 2
# expect: managed caught boom
# expect: after 2
try:
    with managed(3):
        raise KeyError("other")
except KeyError as e:
    print(repr(e))
# expect: before 3
# expect: after 3
# expect: KeyError('other')
with suppress(KeyError, ZeroDivisionError):
    1 / 0
with ExitStack() as stack:
    print([stack.enter_context(CM(n)) for n in "xy"])
    stack.callback(print, "callback")
# expect: enter x
# expect: enter y
# expect: ['X', 'Y']
# expect: callback
# expect: exit y None None False
# expect: exit x None None False
with nullcontext(5) as n:
    print(n)
# expect: 5
@managed(9)
def decorated():
    print("in decorated")
decorated()
# expect: before 9
# expect: in decorated
# expect: after 9
import io
buf = io.StringIO()
with redirect_stdout(buf):
    print("hidden")
print(repr(buf.getvalue()))  # expect: 'hidden\n'
@contextmanager
def twice():
    yield 1
    yield 2
try:
    with twice(): pass
except RuntimeError as e:
    print(e)
# expect: generator didn't stop
