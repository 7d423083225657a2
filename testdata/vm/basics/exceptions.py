# raise, try, except, else, finally
try:
    1 / 0
except ZeroDivisionError as e:
    print("caught", e)
# expect: caught division by zero
try:
    print("body")
except ValueError:
    print("not printed")
else:
    print("else")
finally:
    print("finally")
# expect: body
# expect: else
# expect: finally
def f(x):
    try:
        if x == 0:
            raise ValueError("bad value")
        if x == 1:
            raise KeyError("k")
        return "returned"
    except ValueError as e:
        return f"handled {e}"
    finally:
        print("cleanup", x)
print(f(0))
# expect: cleanup 0
# expect: handled bad value
print(f(2))
# expect: cleanup 2
# expect: returned
try:
    f(1)
except (TypeError, KeyError) as e:
    print(type(e).__name__, e.args, str(e))
# expect: cleanup 1
# expect: KeyError ('k',) 'k'
class MyError(Exception):
    pass
try:
    raise MyError("a", 1)
except Exception as e:
    print(repr(e), e.args, e)
# expect: MyError('a', 1) ('a', 1) ('a', 1)
try:
    try:
        raise MyError
    except MyError:
        print("inner")
        raise
except MyError as e:
    print("outer", repr(e))
# expect: inner
# expect: outer MyError()
try:
    raise 1
except TypeError as e:
    print(e)
# expect: exceptions must derive from BaseException
try:
    int("x")
except ValueError as e:
    print(e)
# expect: invalid literal for int() with base 10: 'x'
try:
    undefined
except NameError as e:
    print(e)
# expect: name 'undefined' is not defined
print("e" in globals())  # expect: False
