# Views of a BytesIO write into it and keep it from being resized; both streams are pickled and copied; StringIO notes the ends of lines.
import copy
import gc
import io
import pickle


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


stream = io.BytesIO(b"abcdef")
view = stream.getbuffer()
view[1:3] = b"XY"
show(stream.getvalue)  # expect: b'aXYdef'
show(lambda: stream.write(b"x"))  # expect: BufferError Existing exports of data: object cannot be re-sized
show(lambda: stream.truncate(1))  # expect: BufferError Existing exports of data: object cannot be re-sized
show(lambda: stream.close())  # expect: BufferError Existing exports of data: object cannot be re-sized
show(lambda: stream.__init__(b""))  # expect: BufferError Existing exports of data: object cannot be re-sized
view.release()
show(lambda: stream.write(b"12"))  # expect: 2
show(lambda: stream.seek(8))  # expect: 8
show(lambda: stream.write(b"z"))  # expect: 1
show(stream.getvalue)  # expect: b'12Ydef\x00\x00z'
show(lambda: stream.truncate(3))  # expect: 3
show(stream.getvalue)  # expect: b'12Y'
show(stream.__getstate__)  # expect: (b'12Y', 9, None)
stream.mark = 5
other = pickle.loads(pickle.dumps(stream))
show(lambda: (other.getvalue(), other.tell(), other.mark))  # expect: (b'12Y', 9, 5)
show(lambda: copy.copy(io.BytesIO(b"abc")).read())  # expect: b'abc'
show(lambda: stream.__setstate__(3))  # expect: TypeError _io.BytesIO.__setstate__ argument should be 3-tuple, got int
show(lambda: stream.__setstate__((b"q", -1, None)))  # expect: ValueError position value cannot be negative
show(lambda: stream.__setstate__((b"q", 1, 4)))  # expect: TypeError third item of state should be a dict, got a int
show(lambda: stream.close())  # expect: None
show(lambda: stream.getvalue())  # expect: ValueError I/O operation on closed file.
text = io.StringIO("a\r\nb\rc\n", newline=None)
show(lambda: (text.getvalue(), text.newlines))  # expect: ('a\nb\nc\n', ('\r', '\n', '\r\n'))
show(text.__getstate__)  # expect: ('a\nb\nc\n', None, 0, None)
show(lambda: pickle.loads(pickle.dumps(text)).readlines())  # expect: ['a\n', 'b\n', 'c\n']
show(lambda: io.StringIO("a\r\nb", newline="").newlines)
# expect: 
# expect:
show(lambda: io.StringIO("a\nb", newline="\r\n").__getstate__())  # expect: ('a\r\nb', '\r\n', 0, None)
show(lambda: io.StringIO().__setstate__((1,)))  # expect: TypeError _io.StringIO.__setstate__ argument should be 4-tuple, got tuple
show(lambda: io.StringIO().newlines)  # expect: None
