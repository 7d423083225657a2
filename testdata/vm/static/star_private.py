# `**x` beside positional-only and private parameters
import __static__


def has_default(a: int = 1, /, b: int = 2) -> int:
    return a * 10 + b


class C:
    def private(self, __x: int, y: int = 3) -> int:
        return __x * 10 + y


def f(x) -> int:
    return has_default(**x)


def g(c: C, x) -> int:
    return c.private(**x)


def failure(call) -> str:
    try:
        return repr(call())
    except TypeError as error:
        return str(error)


print(f({"b": 5}), f({}), g(C(), {"_C__x": 4}), g(C(), {"y": 1, "_C__x": 4}))
print(failure(lambda: f({"a": 5})))
print(failure(lambda: f({"b": "s"})))
print(failure(lambda: g(C(), {"__x": 4})))
print(failure(lambda: g(C(), {"_C__x": "s"})))
# expect: 15 12 43 41
# expect: got multiple values for argument 'a'
# expect: expected 'int', got 'str'
# expect: C.private() got an unexpected keyword argument '__x'
# expect: private expected 'int' for argument _C__x, got 'str'
