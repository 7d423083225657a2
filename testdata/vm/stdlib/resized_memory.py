# Memory that ctypes resized is seen whole; a closed socket fails at once; what `~` says of bool; int() of buffers.
import ctypes
import socket
import warnings


class Empty(ctypes.Structure):
    pass


empty = Empty()
ctypes.resize(empty, 5)
view = memoryview(empty).cast("B")
view[:] = b"abcde"
print(bytes(empty), view.nbytes, ctypes.sizeof(empty))  # expect: b'abcde' 5 5
one, other = socket.socketpair()
one.settimeout(5)
one.close()
try:
    one.send(b"x")
except OSError as error:
    print(error)  # expect: [Errno 9] Bad file descriptor
other.close()


def inverted(flag):
    return ~flag


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(inverted(True), inverted(5))  # expect: -2 -6
print([warning.category.__name__ for warning in caught])  # expect: ['DeprecationWarning']
try:
    int(memoryview(b"buffer"))
except ValueError as error:
    print(error)  # expect: invalid literal for int() with base 10: b'buffer'
