"""What no memory holds is a MemoryError at once, not after the memory is full."""


class Liar:
    def __length_hint__(self):
        return 10**17

    def __iter__(self):
        return iter(())


def attempt(what):
    try:
        what()
    except BaseException as error:
        return type(error).__name__
    return "done"


print(attempt(lambda: list(range(10**18))))  # expect: MemoryError
print(attempt(lambda: sorted(range(10**18))))  # expect: MemoryError
print(attempt(lambda: [*range(10**18)]))  # expect: MemoryError
print(attempt(lambda: [].extend(iter(range(10**18)))))  # expect: MemoryError
print(attempt(lambda: list(Liar())))  # expect: MemoryError
print(attempt(lambda: [0] * 10**18))  # expect: MemoryError
print(attempt(lambda: (0,) * 10**18))  # expect: MemoryError
print(attempt(lambda: "x" * 10**18))  # expect: MemoryError
print(attempt(lambda: "x" * 10**30))  # expect: OverflowError
print(attempt(lambda: "xx" * (2**63 - 1)))  # expect: OverflowError
print(attempt(lambda: b"x" * 10**18))  # expect: MemoryError
print(attempt(lambda: bytearray(10**18)))  # expect: MemoryError
print(attempt(lambda: "x".ljust(10**17)))  # expect: MemoryError
print(attempt(lambda: 1 << 10**15))  # expect: MemoryError
print(attempt(lambda: 1 << 10**30))  # expect: OverflowError
print(attempt(lambda: range(10**18)[5:]))  # expect: done
