# cause, context, suppression, chains
def chain(e):
    out = []
    while e is not None:
        out.append(f"{type(e).__name__}({e})" + (" cause" if e.__cause__ else "") + (" suppressed" if e.__suppress_context__ else ""))
        e = e.__cause__ or e.__context__
    return out
try:
    try:
        raise ValueError("low")
    except ValueError as low:
        raise KeyError("high") from low
except KeyError as e:
    print(chain(e), e.__cause__ is e.__context__)
# expect: ["KeyError('high') cause suppressed", 'ValueError(low)'] True
try:
    try:
        1 / 0
    except ZeroDivisionError:
        undefined
except NameError as e:
    print(chain(e), e.__cause__)
# expect: ["NameError(name 'undefined' is not defined)", 'ZeroDivisionError(division by zero)'] None
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("clean") from None
except ValueError as e:
    print(chain(e), e.__context__ is not None)
# expect: ['ValueError(clean) suppressed', 'ZeroDivisionError(division by zero)'] True
try:
    raise ValueError from TypeError
except ValueError as e:
    print(repr(e.__cause__))
# expect: TypeError()
for bad in (5, "x", int):
    try:
        raise ValueError from bad
    except TypeError as e:
        print(e)
# expect: exception causes must derive from BaseException
# expect: exception causes must derive from BaseException
# expect: exception causes must derive from BaseException
try:
    try:
        raise ValueError("a")
    except ValueError as a:
        try:
            raise KeyError("b")
        except KeyError as b:
            raise a
except ValueError as e:
    print(chain(e))
# expect: ['ValueError(a)', "KeyError('b')"]
def nested():
    try:
        raise ValueError(1)
    except ValueError:
        try:
            raise ValueError(2)
        except ValueError:
            pass
        raise
try:
    nested()
except ValueError as e:
    print(e, e.__context__)
# expect: 1 None
def helper():
    raise TypeError("from helper")
try:
    try:
        raise ValueError("outer")
    except ValueError:
        helper()
except TypeError as e:
    print(chain(e))
# expect: ['TypeError(from helper)', 'ValueError(outer)']
import sys
print(sys.exception(), sys.exc_info())  # expect: None (None, None, None)
try:
    raise KeyError
except KeyError as e:
    print(sys.exception() is e, sys.exc_info()[0].__name__, sys.exc_info()[1] is e)
    try:
        raise ValueError
    except ValueError:
        print(type(sys.exception()).__name__)
    print(type(sys.exception()).__name__)
# expect: True KeyError True
# expect: ValueError
# expect: KeyError
print(sys.exception())  # expect: None
def gen():
    try:
        yield type(sys.exception()).__name__
        raise IndexError
    except IndexError:
        yield type(sys.exception()).__name__, type(sys.exception().__context__).__name__
try:
    raise KeyError
except KeyError:
    g = gen()
    print(next(g), next(g), type(sys.exception()).__name__)
# expect: KeyError ('IndexError', 'KeyError') KeyError
try:
    raise
except RuntimeError as e:
    print(e)
# expect: No active exception to reraise
e1 = ValueError("x")
try:
    e1.__cause__ = 5
except TypeError as e:
    print(e)
# expect: exception cause must be None or derive from BaseException
e1.__context__ = KeyError("manual")
print(chain(e1), e1.with_traceback(None) is e1, e1.__traceback__)
# expect: ['ValueError(x)', "KeyError('manual')"] True None
