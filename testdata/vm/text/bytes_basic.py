# bytes: literals, indexing, methods, immutability
b = b"hello"
print(b, len(b), b[0], b[-1], b[1:3], list(b), b"\x00\xff\n'", b'"', b"\\")
# expect: b'hello' 5 104 111 b'el' [104, 101, 108, 108, 111] b"\x00\xff\n'" b'"' b'\\'
print(b + b"!", b * 2, b"l" in b, 108 in b, b.find(b"l"), b.find(111), b.count(b"l"), b.index(b"lo"), b.rfind(b"l"))
# expect: b'hello!' b'hellohello' True True 2 4 2 3 3
print(bytes(3), bytes([1, 2, 255]), bytes("é", "utf-8"), bytes(b"x"), bytes(range(4)), bytes(), bytes.fromhex("00 ff1a"))
# expect: b'\x00\x00\x00' b'\x01\x02\xff' b'\xc3\xa9' b'x' b'\x00\x01\x02\x03' b'' b'\x00\xff\x1a'
print(b.upper(), b.title(), b.replace(b"l", b"L"), b.split(b"l"), b.partition(b"e"), b.startswith(b"he"), b.endswith((b"x", b"o")))
# expect: b'HELLO' b'Hello' b'heLLo' [b'he', b'', b'o'] (b'h', b'e', b'llo') True True
print(b" a ".strip(), b"a,b".split(b","), b",".join([b"x", bytearray(b"y")]), b.center(9, b"*"), b"7".zfill(3), b"a\nb".splitlines(), b"abc".isalpha(), b"A1".isalnum())
# expect: b'a' [b'a', b'b'] b'x,y' b'**hello**' b'007' [b'a', b'b'] True True
print(b.hex(), b.hex("-"), b.hex(":", 2), b"abc".translate(bytes.maketrans(b"a", b"z")), b"abc".translate(None, b"b"), b"ab".removeprefix(b"a"))
# expect: 68656c6c6f 68-65-6c-6c-6f 68:656c:6c6f b'zbc' b'ac' b'b'
print(b"a" < b"b", b"a" == "a", b"abc" == bytearray(b"abc"), hash(b"x") == hash(b"x"), sorted([b"b", b"a"]), bool(b""))
# expect: True False True True [b'a', b'b'] False
print(b"%s %d %r %x %c %b" % (b"x", 5, "é", 255, 65, b"y"), b"%5.1f|" % 2.25, r"\x", rb"\x", br"\y")
# expect: b"x 5 '\\xe9' ff A y" b'  2.2|' \x b'\\x' b'\\y'
for text in ("b[0]=1", "b'a'+'b'", "bytes([256])", "bytes([-1])", "bytes(-1)", "bytes('x')", "b'a'.find('a')", "b[9]", "bytes.fromhex('0')", "bytes.fromhex('zz')", "b'%s' % 'x'", "b'a' < 'a'", "bytes(1.5)", "b''.join(['x'])", "b.split('l')", "256 in b"):
    try:
        exec(text)
        print(text, "no error")
    except Exception as e:
        print(text, "->", type(e).__name__, e)
# expect: b[0]=1 -> TypeError 'bytes' object does not support item assignment
# expect: b'a'+'b' -> TypeError can't concat str to bytes
# expect: bytes([256]) -> ValueError bytes must be in range(0, 256)
# expect: bytes([-1]) -> ValueError bytes must be in range(0, 256)
# expect: bytes(-1) -> ValueError negative count
# expect: bytes('x') -> TypeError string argument without an encoding
# expect: b'a'.find('a') -> TypeError argument should be integer or bytes-like object, not 'str'
# expect: b[9] -> IndexError index out of range
# expect: bytes.fromhex('0') -> ValueError fromhex() arg must contain an even number of hexadecimal digits
# expect: bytes.fromhex('zz') -> ValueError non-hexadecimal number found in fromhex() arg at position 0
# expect: b'%s' % 'x' -> TypeError %b requires a bytes-like object, or an object that implements __bytes__, not 'str'
# expect: b'a' < 'a' -> TypeError '<' not supported between instances of 'bytes' and 'str'
# expect: bytes(1.5) -> TypeError cannot convert 'float' object to bytes
# expect: b''.join(['x']) -> TypeError sequence item 0: expected a bytes-like object, str found
# expect: b.split('l') -> TypeError a bytes-like object is required, not 'str'
# expect: 256 in b -> ValueError byte must be in range(0, 256)
for x in b"ab":
    print(x)
# expect: 97
# expect: 98
