# What native code gathers from an iterator before it makes an object ends in a MemoryError, too.
import itertools
import resource
import traceback

soft, hard = resource.getrlimit(resource.RLIMIT_AS)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, hard))
try:
    itertools.product(range(10**9))
except MemoryError as error:
    print(traceback.extract_tb(error.__traceback__)[0].lineno)  # expect: 11
finally:
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Hint:
    def __init__(self, hint):
        self.hint = hint

    def __length_hint__(self):
        return self.hint

    def __iter__(self):
        return iter([1])


print(bytearray(Hint(2**40)), list(Hint(True)))  # expect: bytearray(b'\x01') [1]
for hint in (-1, 2**100, "a"):
    try:
        list(Hint(hint))
    except (ValueError, OverflowError, TypeError) as error:
        print(type(error).__name__, error)
# expect: ValueError __length_hint__() should return >= 0
# expect: OverflowError Python int too large to convert to C ssize_t
# expect: TypeError __length_hint__ must be an integer, not str
try:
    [0] * 2**60
except MemoryError as error:
    print(len(traceback.extract_tb(error.__traceback__)))  # expect: 1
