# open, text and binary files, io objects
import io, os, tempfile
with tempfile.TemporaryDirectory() as d:
    p = os.path.join(d, "f.txt")
    with open(p, "w") as f:
        print(f.write("one\n"), f.writelines(["two\n", "three"]), f.tell(), f.name == p, f.mode, f.closed)
        print("via print", file=f)
    print(f.closed, os.path.getsize(p), os.path.exists(p))
    with open(p) as f:
        print(repr(f.read(5)), repr(f.readline()), f.readlines(), repr(f.read()), f.seek(0), repr(f.readline(2)))
        f.seek(0)
        print([line.strip() for line in f], f.encoding.lower())
    with open(p, "a") as f: f.write("é🐍\r\n")
    with open(p, "rb") as f:
        data = f.read()
        print(data[-8:], f.seek(-3, 2), f.read(1), f.tell())
        b = bytearray(4)
        f.seek(0)
        print(f.readinto(b), b)
    with open(p, newline="") as f: print(repr(f.read()[-4:]))
    with open(p, encoding="utf-8") as f: print(repr(f.read()[-3:]))
    with open(p, "r+b") as f:
        f.write(b"ONE")
        f.truncate(7)
    print(open(p).read().splitlines())
    with open(p, "w+") as f:
        f.write("abc")
        f.seek(1)
        print(f.read())
    for args in ((p, "x"), (p, "q"), (p, "rw"), (os.path.join(d, "no"),), (d,), (p, "rb", -1, "utf8"), (p, "r", 0)):
        try:
            open(*args).close()
        except (OSError, ValueError) as e:
            print(type(e).__name__, str(e).replace(d, "DIR"))
    f = open(p)
    f.close()
    for op in (f.read, lambda: next(f), lambda: f.write("x")):
        try:
            op()
        except ValueError as e:
            print(e)
    with open(p) as f:
        try:
            f.write("x")
        except io.UnsupportedOperation as e:
            print(e)
    with open(p, "wb") as f:
        try:
            f.write("text")
        except TypeError as e:
            print(e)
        f.write(b"\xff\xfe")
    try:
        open(p, encoding="utf-8").read()
    except UnicodeDecodeError as e:
        print(e)
    print(open(p, encoding="utf-8", errors="replace").read(), sorted(os.listdir(d)))
    os.rename(p, p + "2")
    os.remove(p + "2")
    print(os.listdir(d))
# expect: 4 None 13 True w False
# expect: True 23 True
# expect: 'one\nt' 'wo\n' ['threevia print\n'] '' 0 'on'
# expect: ['one', 'two', 'threevia print'] utf-8
# expect: b'\xc3\xa9\xf0\x9f\x90\x8d\r\n' 28 b'\x8d' 29
# expect: 4 bytearray(b'one\n')
# expect: 'é🐍\r\n'
# expect: 'é🐍\n'
# expect: ['ONE', 'two']
# expect: bc
# expect: FileExistsError [Errno 17] File exists: 'DIR/f.txt'
# expect: ValueError invalid mode: 'q'
# expect: ValueError must have exactly one of create/read/write/append mode
# expect: FileNotFoundError [Errno 2] No such file or directory: 'DIR/no'
# expect: IsADirectoryError [Errno 21] Is a directory: 'DIR'
# expect: ValueError binary mode doesn't take an encoding argument
# expect: ValueError can't have unbuffered text I/O
# expect: I/O operation on closed file.
# expect: I/O operation on closed file.
# expect: I/O operation on closed file.
# expect: not writable
# expect: a bytes-like object is required, not 'str'
# expect: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
# expect: �� ['f.txt']
# expect: []
s = io.StringIO("line1\nline2\n")
print(s.readline(), s.read(), s.getvalue() == "line1\nline2\n", s.seek(0), list(s), s.truncate(3), s.getvalue())
# expect: line1
# expect:  line2
# expect:  True 0 ['line1\n', 'line2\n'] 3 lin
s = io.StringIO()
print("x", 1, file=s, end="")
s.write("yz")
print(s.getvalue(), s.tell(), s.readable(), s.seekable())  # expect: x 1yz 5 True True
b = io.BytesIO(b"abc")
b.seek(0, 2)
b.write(b"def")
print(b.getvalue(), b.getbuffer()[0], b.read(), b.seek(2), b.read(2), b.read1(1), b.readline())
# expect: b'abcdef' 97 b'' 2 b'cd' b'e' b'f'
t = io.TextIOWrapper(io.BytesIO("a\r\nb\nc".encode()), newline=None)
print(t.readlines(), io.BufferedReader(io.BytesIO(b"xyz")).peek(1)[:1], io.DEFAULT_BUFFER_SIZE > 0)
# expect: ['a\n', 'b\n', 'c'] b'x' True
