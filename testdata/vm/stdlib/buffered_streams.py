# Buffered streams above raw ones that are slow, interrupted, not ready, broken or shared.
import fcntl
import io
import os
import signal
import threading


def handler(number, frame):
    raise ZeroDivisionError


# A signal handler runs between two writes of a full pipe.
signal.signal(signal.SIGALRM, handler)
r, w = os.pipe()
stream = open(w, "wb", closefd=False)
signal.setitimer(signal.ITIMER_REAL, 0.5)
try:
    stream.write(b"x" * (1 << 22))
except ZeroDivisionError:
    print("interrupted")
# expect: interrupted
signal.signal(signal.SIGALRM, signal.SIG_DFL)
os.close(r)
os.close(w)
try:
    stream.close()
except OSError:
    pass

# What a full pipe does not take stays in the buffer, and the error says how much was taken.
r, w = os.pipe()
for fd in (r, w):
    os.set_blocking(fd, False)
reader, writer = open(r, "rb", buffering=64), open(w, "wb", buffering=64)
print(reader.read(), reader.read(3), reader.read1(3), reader.peek())
# expect: None None b'' b''
sent = 0
while True:
    try:
        sent += writer.write(b"y" * 100)
    except BlockingIOError as error:
        sent += error.characters_written
        print(error)
        break
# expect: [Errno 11] write could not complete without blocking
got = 0
while True:
    got += len(reader.read() or b"")
    try:
        writer.flush()
        break
    except BlockingIOError:
        pass
got += len(reader.read() or b"")
print(got == sent)
# expect: True
writer.close()
print(reader.read())
# expect: b''
reader.close()


class Raw(io.RawIOBase):
    def __init__(self, *answers):
        self.answers = list(answers)

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        answer = self.answers.pop(0) if self.answers else b""
        if isinstance(answer, bytes):
            buffer[:len(answer)] = answer
            return len(answer)
        return answer

    def write(self, data):
        return self.answers.pop(0) if self.answers else len(data)


stream = io.BufferedReader(Raw(b"abc", None, b"d"), 10)
print(stream.read(5), stream.read(5), stream.read1(), stream.readline())
# expect: b'abc' b'd' b'' b''
target = bytearray(20)
stream = io.BufferedReader(Raw(b"abc", b"de", b"fgh", b"ijk"), 10)
print(stream.readinto1(target), stream.readinto(memoryview(target)[:4]), stream.read())
# expect: 3 4 b'hijk'
for answer in (99, -1, "x"):
    try:
        io.BufferedReader(Raw(answer), 10).read(10)
    except OSError as error:
        print(error)
# expect: raw readinto() returned invalid length 99 (should have been between 0 and 10)
# expect: raw readinto() returned invalid length -1 (should have been between 0 and 10)
# expect: raw readinto() failed
try:
    io.BufferedWriter(Raw(77), 4).write(b"abcdefgh")
except OSError as error:
    print(error)
# expect: raw write() returned invalid length 77 (should have been between 0 and 8)


class Broken(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        raise OSError("flush")

    def close(self):
        raise OSError("close")


stream = io.BufferedWriter(Broken())
stream.write(b"x")
try:
    stream.close()
except OSError as error:
    print(error, "after", error.__context__)
# expect: close after flush
stream = io.BufferedReader.__new__(io.BufferedReader)
for action in (stream.read, stream.peek, stream.tell):
    try:
        action()
    except ValueError as error:
        print(error)
# expect: I/O operation on uninitialized object
# expect: I/O operation on uninitialized object
# expect: I/O operation on uninitialized object
stream = io.BufferedReader(io.BytesIO(b"0123456789"))
print(stream.read(4), stream.seek(-2, 1), stream.read(1), stream.seek(9), stream.read(), stream.tell())
# expect: b'0123' 2 b'2' 9 b'9' 10
print(stream.detach().read(), repr(stream))
# expect: b'' <_io.BufferedReader>


class Nosy(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        outer.write(b"more")


outer = io.BufferedWriter(Nosy(), 4)
try:
    outer.write(b"abcdefgh")
except RuntimeError as error:
    print(str(error)[:23])
# expect: reentrant call inside <

# Lines of threads that share a stream are not cut.
r, w = os.pipe()
writer = open(w, "wb", buffering=100)


def work(letter):
    for _ in range(200):
        writer.write(letter * 60 + b"\n")


threads = [threading.Thread(target=work, args=(letter,)) for letter in (b"a", b"b", b"c")]
lines = []
reading = threading.Thread(target=lambda: lines.extend(open(r, "rb")))
for thread in threads + [reading]:
    thread.start()
for thread in threads:
    thread.join()
writer.close()
reading.join()
print(len(lines), all(line == line[:1] * 60 + b"\n" for line in lines))
# expect: 600 True
