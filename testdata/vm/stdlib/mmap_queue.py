# mmap, simple queues, the log.
import mmap
import os
import queue
import tempfile
import threading
import _queue


def attempt(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


# Anonymous memory.
area = mmap.mmap(-1, 32, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
print(len(area), area[:4], area.write(b"hello world"), area.tell(), area.seek(0), area.read(5), area.read_byte())
# expect: 32 b'\x00\x00\x00\x00' 11 11 0 b'hello' 32
area[0] = ord("J")
area[1:5] = b"ELLO"
area[11:20:3] = b"abc"
print(area[:20], area[-1], area.find(b"world"), area.rfind(b"L"), area.find(b"none"), area.find(b"L", 3, 4))
# expect: b'JELLO worlda\x00\x00b\x00\x00c\x00\x00' 0 6 -1 -1 3
print(attempt(lambda: area[32]), attempt(lambda: area["x"]), attempt(lambda: area.__setitem__(0, 300)))
# expect: IndexError: mmap index out of range TypeError: mmap indices must be integers ValueError: mmap item value must be in range(0, 256)
print(attempt(lambda: area.__setitem__(slice(0, 2), b"abc")), attempt(lambda: area.seek(33)))
# expect: IndexError: mmap slice assignment is wrong size ValueError: seek out of range
area.move(20, 0, 5)
print(area[20:25], attempt(area.size), area.closed)
# expect: b'JELLO' OSError: [Errno 9] Bad file descriptor False
with memoryview(area) as view:
    view[0] = 33
    print(view[:2].tobytes(), view.format, attempt(area.close), attempt(lambda: area.resize(64)))
# expect: b'!E' B BufferError: cannot close exported pointers exist BufferError: mmap can't resize with extant buffers exported.
area.resize(64)
print(len(area), area[:5])
# expect: 64 b'!ELLO'
area.close()
print(area.closed, attempt(lambda: area[0]), attempt(lambda: len(area)), attempt(lambda: mmap.mmap(-1, 9).resize(10)), attempt(lambda: mmap.mmap(-1, -1)), attempt(lambda: mmap.mmap(-1, 0)))
# expect: True ValueError: mmap closed or invalid ValueError: mmap closed or invalid ValueError: mmap: can't expand a shared anonymous mapping OverflowError: memory mapped length must be positive OSError: [Errno 22] Invalid argument

# Files.
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data")
    with open(path, "w+b") as file:
        print(attempt(lambda: mmap.mmap(file.fileno(), 0)))
        file.write(b"line one\nline two\nlast")
        file.flush()
        with mmap.mmap(file.fileno(), 0) as area:
            print(area.readline(), area.readline(), area.readline(), area.readline())
            area[5:8] = b"ONE"
            area.flush()
            area.resize(30)
            print(area.size(), attempt(lambda: mmap.mmap(file.fileno(), 99)), attempt(lambda: mmap.mmap(file.fileno(), 1, offset=mmap.PAGESIZE)))
        print(open(path, "rb").read())
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as area:
            print(attempt(lambda: area.write(b"x")), attempt(lambda: area.resize(5)), area[:4], bytes(area)[:4], attempt(lambda: memoryview(area).__setitem__(0, 1)))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as area:
            area[:4] = b"LINE"
            print(area[:8], open(path, "rb").read(4), b"two" in area[:], repr(area))
        print(attempt(lambda: mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, access=mmap.ACCESS_READ)))
# expect: ValueError: cannot mmap an empty file
# expect: b'line one\n' b'line two\n' b'last' b''
# expect: 30 ValueError: mmap length is greater than file size ValueError: mmap length is greater than file size
# expect: b'line ONE\nline two\nlast\x00\x00\x00\x00\x00\x00\x00\x00'
# expect: TypeError: mmap can't modify a readonly memory map. TypeError: mmap can't resize a readonly or copy-on-write memory map. b'line' b'line' TypeError: cannot modify read-only memory
# expect: b'LINE ONE' b'line' True <mmap.mmap closed=False, access=ACCESS_COPY, length=30, pos=0, offset=0>
# expect: ValueError: mmap can't specify both access and flags, prot.

# Simple queues.
simple = queue.SimpleQueue()
print(type(simple) is _queue.SimpleQueue, queue.Empty is _queue.Empty, simple.empty(), attempt(simple.get_nowait), attempt(lambda: simple.get(timeout=0.01)))
# expect: True True True Empty:  Empty: 
simple.put(1)
simple.put(item=2, block=False, timeout=3)
print(simple.qsize(), simple.get(), simple.get(block=False), attempt(lambda: simple.get(timeout=-1)))
# expect: 2 1 2 ValueError: 'timeout' must be a non-negative number
found = []
consumer = threading.Thread(target=lambda: found.extend(iter(simple.get, None)))
consumer.start()
for item in ("a", "b", None):
    simple.put(item)
consumer.join()
print(found, queue.SimpleQueue[int])
# expect: ['a', 'b'] _queue.SimpleQueue[int]
