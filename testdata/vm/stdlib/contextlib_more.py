# contextlib: stacks, closing, decorators, errors
from contextlib import *
class R:
    def __init__(self, n): self.n = n
    def close(self): print("close", self.n)
    def __enter__(self): print("enter", self.n); return self
    def __exit__(self, *e): print("exit", self.n, e[0] and e[0].__name__)
with closing(R(1)) as r:
    print(r.n)
# expect: 1
# expect: close 1
with ExitStack() as st:
    st.enter_context(R(2))
    st.callback(print, "cb", end="!\n")
    st.push(R(3))
    @st.callback
    def last(): print("decorated callback")
    moved = st.pop_all()
# expect: enter 2
print("nothing closed yet")  # expect: nothing closed yet
moved.close()
# expect: decorated callback
# expect: exit 3 None
# expect: cb!
# expect: exit 2 None
with ExitStack() as st:
    st.push(lambda t, v, tb: print("saw", t) or True)
    raise ValueError("swallowed by push")
# expect: saw <class 'ValueError'>
try:
    with ExitStack() as st:
        st.callback(lambda: 1 / 0)
        st.enter_context(R(4))
        raise KeyError("first")
except ZeroDivisionError as e:
    print(e, repr(e.__context__))
# expect: enter 4
# expect: exit 4 KeyError
# expect: division by zero KeyError('first')
@contextmanager
def transaction(log):
    log.append("begin")
    try:
        yield log
    except Exception as e:
        log.append(f"rollback {e}")
        raise
    else:
        log.append("commit")
l = []
with transaction(l): pass
with suppress(ValueError), transaction(l):
    raise ValueError("v")
print(l)  # expect: ['begin', 'commit', 'begin', 'rollback v']
@contextmanager
def no_yield():
    if False: yield
try:
    with no_yield(): pass
except RuntimeError as e:
    print(e)
# expect: generator didn't yield
@contextmanager
def replaces():
    try:
        yield
    except ValueError as e:
        raise KeyError("replaced") from e
try:
    with replaces():
        raise ValueError("orig")
except KeyError as e:
    print(repr(e), repr(e.__cause__))
# expect: KeyError('replaced') ValueError('orig')
class Deco(ContextDecorator):
    def __enter__(self): print("deco in")
    def __exit__(self, *e): print("deco out")
@Deco()
def f(x): return x * 2
print(f(4), f.__name__)
# expect: deco in
# expect: deco out
# expect: 8 f
with nullcontext("v") as v, suppress(): print(v)  # expect: v
with suppress(KeyError, IndexError):
    {}[1]
try:
    with suppress(KeyError):
        raise ExceptionGroup("g", [KeyError(1), ValueError(2)])
except ExceptionGroup as g:
    print(repr(g))
# expect: ExceptionGroup('g', [ValueError(2)])
import io, sys
out, err = io.StringIO(), io.StringIO()
with redirect_stdout(out), redirect_stderr(err):
    print("to out")
    print("to err", file=sys.stderr)
print(repr(out.getvalue()), repr(err.getvalue()))  # expect: 'to out\n' 'to err\n'
class A(AbstractContextManager):
    def __exit__(self, *e): return None
with A() as a: print(type(a).__name__)  # expect: A
@contextmanager
def stop():
    yield
try:
    with stop():
        raise StopIteration("s")
except StopIteration as e:
    print("passed", e)
# expect: passed s
cm = transaction([])
with cm: pass
try:
    with cm: pass
except (RuntimeError, AttributeError) as e:
    print(type(e).__name__)
# expect: AttributeError
