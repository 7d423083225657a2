# struct, binascii, base64, hashlib, zlib, array
import struct, binascii, base64, hashlib, zlib, array
print(struct.pack("<ihBq", 1, -2, 255, -3), struct.unpack(">HI", b"\x01\x02\x00\x00\x00\x05"), struct.calcsize("<bhilq"), struct.pack("3s5s?c", b"abc", b"de", True, b"x"), struct.pack("<fd", 1.5, -0.1).hex(), struct.unpack("<e", struct.pack("<e", 0.1)))
# expect: b'\x01\x00\x00\x00\xfe\xff\xff\xfd\xff\xff\xff\xff\xff\xff\xff' (258, 5) 19 b'abcde\x00\x00\x00\x01x' 0000c03f9a9999999999b9bf (0.0999755859375,)
print(list(struct.iter_unpack("<H", b"\1\0\2\0")), struct.pack("!4x2H", 1, 2), struct.unpack_from("<B", b"abc", 1), struct.Struct("<2B").size)
# expect: [(1,), (2,)] b'\x00\x00\x00\x00\x00\x01\x00\x02' (98,) 2
buf = bytearray(6)
struct.pack_into("<H", buf, 2, 0xABCD)
print(buf)  # expect: bytearray(b'\x00\x00\xcd\xab\x00\x00')
for f in (lambda: struct.pack("b", 200), lambda: struct.unpack("<I", b"123"), lambda: struct.pack("z", 1), lambda: struct.pack("2B", 1), lambda: struct.pack("i", "x"), lambda: struct.pack("B", 1.5)):
    try:
        f()
    except struct.error as e:
        print(e)
# expect: 'b' format requires -128 <= number <= 127
# expect: unpack requires a buffer of 4 bytes
# expect: bad char in struct format
# expect: pack expected 2 items for packing (got 1)
# expect: required argument is not an integer
# expect: required argument is not an integer
print(binascii.hexlify(b"\x00\xff"), binascii.unhexlify("00ff"), binascii.crc32(b"hello"), base64.b64encode(b"hello world"), base64.b64decode("aGk="), base64.urlsafe_b64encode(b"\xfb\xff"), base64.b32encode(b"hi"), base64.b16encode(b"hi"), base64.b85encode(b"hello"), base64.a85encode(b"test"))
# expect: b'00ff' b'\x00\xff' 907060870 b'aGVsbG8gd29ybGQ=' b'hi' b'-_8=' b'NBUQ====' b'6869' b'Xk~0{Zv' b'FCfN8'
try:
    base64.b64decode("abc")
except binascii.Error as e:
    print(e)
# expect: Incorrect padding
print(hashlib.md5(b"abc").hexdigest(), hashlib.sha1(b"abc").hexdigest(), hashlib.sha256(b"").hexdigest()[:16], hashlib.sha512(b"x").hexdigest()[:16], hashlib.new("sha256", b"a").name, hashlib.blake2b(b"x", digest_size=8).hexdigest(), hashlib.sha3_256(b"").hexdigest()[:8])
# expect: 900150983cd24fb0d6963f7d28e17f72 a9993e364706816aba3e25717850c26c9cd0d89d e3b0c44298fc1c14 a4abd4448c49562d sha256 4adf4367f96e584f a7ffc6f8
h = hashlib.sha256()
h.update(b"ab")
h.update(b"c")
print(h.hexdigest() == hashlib.sha256(b"abc").hexdigest(), h.digest_size, h.copy().hexdigest()[:6])
# expect: True 32 ba7816
z = zlib.compress(b"a" * 1000)
print(len(z) < 30, zlib.decompress(z) == b"a" * 1000, zlib.crc32(b"hello"), zlib.adler32(b"hello"))
# expect: True True 907060870 103547413
try:
    zlib.decompress(b"junk")
except zlib.error as e:
    print(e)
# expect: Error -3 while decompressing data: incorrect header check
a = array.array("i", [1, 2, 3])
a.append(4)
a.extend([5])
print(a, a[1:3], a.typecode, a.itemsize, len(a), a.tobytes()[:4], a.index(3), sum(a), array.array("d", [0.5]), array.array("B", b"ab").tolist(), a == array.array("i", [1, 2, 3, 4, 5]))
# expect: array('i', [1, 2, 3, 4, 5]) array('i', [2, 3]) i 4 5 b'\x01\x00\x00\x00' 2 15 array('d', [0.5]) [97, 98] True
a[0] = -1
a.reverse()
print(a, a.pop(), array.array("I", [7]) + array.array("I", [8]))
# expect: array('i', [5, 4, 3, 2]) -1 array('I', [7, 8])
for f in (lambda: a.append("x"), lambda: array.array("b", [200]), lambda: array.array("q9"), lambda: a.append(2**40)):
    try:
        f()
    except (TypeError, OverflowError, ValueError) as e:
        print(type(e).__name__, e)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: OverflowError signed char is greater than maximum
# expect: TypeError array() argument 1 must be a unicode character, not a string of length 2
# expect: OverflowError signed integer is greater than maximum
