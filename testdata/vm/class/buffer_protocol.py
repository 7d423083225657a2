# classes that give memory (PEP 688), and exporters whose memory is in use
class Box:
    def __init__(self, content):
        self.content = bytearray(content)
    def __buffer__(self, flags):
        return memoryview(self.content)
box = Box(b"abc")
view = memoryview(box)
view[0] = ord("X")
print(bytes(view), bytes(box), b"-".join([box, b"d"]), box.content)  # expect: b'Xbc' b'Xbc' b'Xbc-d' bytearray(b'Xbc')
from collections.abc import Buffer
print(isinstance(box, Buffer), isinstance(b"", Buffer), isinstance("", Buffer), bytes(b"q".__buffer__(0)))  # expect: True True False b'q'
class Wrong:
    def __buffer__(self, flags):
        return b"x"
try:
    memoryview(Wrong())
except TypeError as e:
    print(e)
# expect: __buffer__ returned non-memoryview object
released = memoryview(bytearray(b"ab"))
released.release()
print(released == b"ab", released == released, released != bytearray(b"ab"))  # expect: False True True
import weakref
kept = memoryview(b"x")
print(weakref.ref(kept)() is kept, weakref.ref(list[int]) is not None)  # expect: True True
class Separator(bytes):
    def __len__(self):
        busy.release()
        return 1
busy = memoryview(bytearray(b"abcd"))
try:
    busy.hex(Separator(b":"))
except BufferError as e:
    print(type(e).__name__)
# expect: BufferError
