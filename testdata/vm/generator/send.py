# send, throw, close
def echo():
    got = None
    while True:
        try:
            got = yield got
            print("got", got)
        except ValueError as e:
            print("caught", e)
            got = "after error"
        except GeneratorExit:
            print("closing")
            raise
        finally:
            pass
g = echo()
print(next(g))  # expect: None
print(g.send("a"))
# expect: got a
# expect: a
print(g.send(5))
# expect: got 5
# expect: 5
print(g.throw(ValueError("bad")))
# expect: caught bad
# expect: after error
g.close()  # expect: closing
g.close()
try:
    g.send(1)
except StopIteration:
    print("exhausted")
# expect: exhausted
try:
    echo().send(1)
except TypeError as e:
    print(e)
# expect: can't send non-None value to a just-started generator
h = echo()
next(h)
try:
    h.throw(KeyError("k"))
except KeyError as e:
    print("out", e)
# expect: out 'k'
print(list(h))  # expect: []
def averager():
    total, n, avg = 0, 0, None
    while True:
        x = yield avg
        if x is None:
            return avg
        total += x
        n += 1
        avg = total / n
a = averager()
next(a)
print(a.send(10), a.send(20))  # expect: 10.0 15.0
try:
    a.send(None)
except StopIteration as e:
    print("value", e.value)
# expect: value 15.0
def stubborn():
    while True:
        try:
            yield 1
        except GeneratorExit:
            print("ignored")
            yield 2
            return
s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as e:
    print(e)
# expect: ignored
# expect: generator ignored GeneratorExit
def unstarted():
    print("never")
    yield
u = unstarted()
u.close()
print(list(u))  # expect: []
v = unstarted()
try:
    v.throw(ValueError("early"))
except ValueError as e:
    print(e, list(v))
# expect: early []
def ret():
    try:
        yield
    except GeneratorExit:
        return "closed value"
r = ret()
next(r)
print(r.close())  # expect: closed value
def ctx():
    try:
        yield 1
    except ValueError as e:
        print("ctx", repr(e.__context__))
        raise KeyError("new") from None
c = ctx()
next(c)
try:
    c.throw(ValueError("v"))
except KeyError as e:
    print(repr(e.__context__), e.__suppress_context__)
# expect: ctx None
# expect: ValueError('v') True
try:
    echo().throw(5)
except TypeError as e:
    print(e)
# expect: exceptions must be classes or instances deriving from BaseException, not int
