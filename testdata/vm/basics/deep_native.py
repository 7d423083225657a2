# Chains of native objects deeper than the native stack end in RecursionError, on every road into a slot.
import functools
import itertools
import types


def outcome(work):
    try:
        work()
    except RecursionError:
        return "RecursionError"
    return "done"


chained = iter([1])
mapped = iter([1])
for _ in range(200_000):
    chained = itertools.chain(chained)
    mapped = map(abs, mapped)
print(outcome(lambda: list(chained)))  # expect: RecursionError
print(outcome(lambda: list(mapped)))  # expect: RecursionError

proxy = types.MappingProxyType({})
method = types.MethodType(len, [])
for _ in range(200_000):
    proxy = types.MappingProxyType(proxy)
    method = types.MethodType(method, 1)
print(outcome(lambda: proxy.get(1)))  # expect: RecursionError
print(outcome(lambda: hash(method)))  # expect: RecursionError
print(outcome(lambda: method.missing))  # expect: RecursionError

union = functools.reduce(lambda a, b: a | b, [type(f"X{i}", (), {}) for i in range(500)])
print(len(union.__args__))  # expect: 500
