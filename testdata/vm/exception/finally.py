# finally with return, break, continue, raise
def a():
    try:
        return "try"
    finally:
        print("finally a")
print(a())
# expect: finally a
# expect: try
def c():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("finally", i)
    else:
        print("else")
    return i
print(c())
# expect: body 0
# expect: finally 0
# expect: finally 1
# expect: finally 2
# expect: 2
def d():
    try:
        try:
            raise ValueError("first")
        finally:
            print("inner")
            raise KeyError("second")
    except KeyError as e:
        return repr(e), repr(e.__context__)
print(d())
# expect: inner
# expect: ("KeyError('second')", "ValueError('first')")
def e():
    x = 1
    try:
        return x
    finally:
        x = 2
        print("x is", x)
print(e())
# expect: x is 2
# expect: 1
def f(n):
    try:
        try:
            if n == 0:
                raise ValueError
            return "returned"
        except ValueError:
            return "handled"
        else:
            return "else"
        finally:
            print("inner finally", n)
    finally:
        print("outer finally", n)
print(f(0), f(1))
# expect: inner finally 0
# expect: outer finally 0
# expect: inner finally 1
# expect: outer finally 1
# expect: handled returned
def g():
    while True:
        try:
            try:
                break
            finally:
                print("one")
        finally:
            print("two")
    print("after")
g()
# expect: one
# expect: two
# expect: after
def h():
    try:
        yield 1
        yield 2
    finally:
        print("generator finally")
for x in h():
    print(x)
# expect: 1
# expect: 2
# expect: generator finally
it = h()
next(it)
it.close()  # expect: generator finally
def i():
    r = []
    for n in range(4):
        try:
            r.append(n)
            if n % 2:
                continue
            try:
                1 / (n - 2)
            except ZeroDivisionError:
                r.append("zero")
                break
            else:
                r.append("else")
        finally:
            r.append("f")
    return r
print(i())  # expect: [0, 'else', 'f', 1, 'f', 2, 'zero', 'f']
import warnings
warnings.simplefilter("ignore")
src = """
def swallow():
    try:
        raise ValueError
    finally:
        return "swallowed"
def override():
    try:
        return "try"
    finally:
        return "finally"
def loop():
    for i in range(3):
        try:
            raise KeyError(i)
        finally:
            continue
    return i
def stop():
    while True:
        try:
            1 / 0
        finally:
            break
    return "left"
print(swallow(), override(), loop(), stop())
"""
exec(src)  # expect: swallowed finally 2 left
