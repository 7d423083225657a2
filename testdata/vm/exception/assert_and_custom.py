# assert, custom exceptions, retry and cleanup patterns
for expr in ("assert 1", "assert 0", "assert 0, 'msg'", "assert [], [1, 2]", "assert None, None"):
    try:
        exec(expr)
        print(expr, "passed")
    except AssertionError as e:
        print(expr, "->", repr(e), e.args)
# expect: assert 1 passed
# expect: assert 0 -> AssertionError() ()
# expect: assert 0, 'msg' -> AssertionError('msg') ('msg',)
# expect: assert [], [1, 2] -> AssertionError([1, 2]) ([1, 2],)
# expect: assert None, None -> AssertionError(None) (None,)
class AppError(Exception):
    code = 500
    def __init__(self, message, **details):
        super().__init__(message)
        self.details = details
class NotFound(AppError):
    code = 404
def find(k):
    try:
        return {"a": 1}[k]
    except KeyError as e:
        raise NotFound(f"no {k}", key=k) from e
for k in "ab":
    try:
        print(find(k))
    except AppError as e:
        print(type(e).__name__, e.code, e, e.details, repr(e.__cause__))
# expect: 1
# expect: NotFound 404 no b {'key': 'b'} KeyError('b')
def retry(times, f):
    for n in range(1, times + 1):
        try:
            return f(n)
        except ConnectionError as e:
            print("attempt", n, e)
            last = e
    raise TimeoutError("gave up") from last
def flaky(n):
    if n < 3:
        raise ConnectionError(f"try {n}")
    return "connected"
print(retry(5, flaky))
# expect: attempt 1 try 1
# expect: attempt 2 try 2
# expect: connected
try:
    retry(2, flaky)
except TimeoutError as e:
    print(e, "|", e.__cause__)
# expect: attempt 1 try 1
# expect: attempt 2 try 2
# expect: gave up | try 2
def cleanup():
    opened = []
    try:
        for n in "abc":
            if n == "c":
                raise OSError("disk")
            opened.append(n)
    except OSError as e:
        while opened:
            print("close", opened.pop())
        return str(e)
    else:
        return opened
print(cleanup())
# expect: close b
# expect: close a
# expect: disk
def parse(items):
    good, errors = [], []
    for i in items:
        try:
            good.append(int(i))
        except (TypeError, ValueError) as e:
            e.add_note(f"item {i!r}")
            errors.append(e)
    if errors:
        raise ExceptionGroup("bad items", errors)
    return good
try:
    parse(["1", "x", None, "3"])
except* ValueError as g:
    print([e.__notes__ for e in g.exceptions])
except* TypeError as g:
    print([str(e) for e in g.exceptions])
# expect: [["item 'x'"]]
# expect: ["int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"]
class Chain(Exception):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.parts = parts
    def __str__(self): return " <- ".join(map(str, self.parts))
    def __reduce__(self): return type(self), self.parts
    def __eq__(self, o): return self.args == o.args
print(Chain(1, 2), Chain(1) == Chain(1), repr(Chain("a")), isinstance(Chain(), Exception))
# expect: 1 <- 2 True Chain('a') True
def where():
    try:
        raise LookupError
    except (KeyError, IndexError):
        return "sub"
    except LookupError:
        return "base"
print(where())  # expect: base
def reraise():
    try:
        try:
            raise ValueError("v")
        except Exception as e:
            raise
        finally:
            print("finally")
    except ValueError as e:
        return e.__context__, str(e)
print(reraise())
# expect: finally
# expect: (None, 'v')
def swallow_all():
    try:
        raise KeyboardInterrupt
    except:
        return "bare except"
print(swallow_all())  # expect: bare except
