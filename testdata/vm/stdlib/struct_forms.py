# struct: every code in both orders, the limits, offsets, floats of half precision
import struct
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
for code in "bBhHiIlLqQnN":
    for order in "@<":
        for value in (-1, 2**16, 2**64, 1.5):
            try:
                print(order + code, struct.pack(order + code, value).hex(), end="; ")
            except struct.error as e:
                print(order + code, e, end="; ")
    print()
# expect: @b ff; @b 'b' format requires -128 <= number <= 127; @b 'b' format requires -128 <= number <= 127; @b required argument is not an integer; <b ff; <b 'b' format requires -128 <= number <= 127; <b 'b' format requires -128 <= number <= 127; <b required argument is not an integer;
# expect: @B 'B' format requires 0 <= number <= 255; @B 'B' format requires 0 <= number <= 255; @B 'B' format requires 0 <= number <= 255; @B required argument is not an integer; <B 'B' format requires 0 <= number <= 255; <B 'B' format requires 0 <= number <= 255; <B 'B' format requires 0 <= number <= 255; <B required argument is not an integer;
# expect: @h ffff; @h 'h' format requires -32768 <= number <= 32767; @h 'h' format requires -32768 <= number <= 32767; @h required argument is not an integer; <h ffff; <h 'h' format requires -32768 <= number <= 32767; <h 'h' format requires -32768 <= number <= 32767; <h required argument is not an integer;
# expect: @H 'H' format requires 0 <= number <= 65535; @H 'H' format requires 0 <= number <= 65535; @H 'H' format requires 0 <= number <= 65535; @H required argument is not an integer; <H 'H' format requires 0 <= number <= 65535; <H 'H' format requires 0 <= number <= 65535; <H 'H' format requires 0 <= number <= 65535; <H required argument is not an integer;
# expect: @i ffffffff; @i 00000100; @i 'i' format requires -2147483648 <= number <= 2147483647; @i required argument is not an integer; <i ffffffff; <i 00000100; <i 'i' format requires -2147483648 <= number <= 2147483647; <i required argument is not an integer;
# expect: @I 'I' format requires 0 <= number <= 4294967295; @I 00000100; @I 'I' format requires 0 <= number <= 4294967295; @I required argument is not an integer; <I 'I' format requires 0 <= number <= 4294967295; <I 00000100; <I 'I' format requires 0 <= number <= 4294967295; <I required argument is not an integer;
# expect: @l ffffffffffffffff; @l 0000010000000000; @l 'l' format requires -9223372036854775808 <= number <= 9223372036854775807; @l required argument is not an integer; <l ffffffff; <l 00000100; <l 'l' format requires -2147483648 <= number <= 2147483647; <l required argument is not an integer;
# expect: @L 'L' format requires 0 <= number <= 18446744073709551615; @L 0000010000000000; @L 'L' format requires 0 <= number <= 18446744073709551615; @L required argument is not an integer; <L 'L' format requires 0 <= number <= 4294967295; <L 00000100; <L 'L' format requires 0 <= number <= 4294967295; <L required argument is not an integer;
# expect: @q ffffffffffffffff; @q 0000010000000000; @q 'q' format requires -9223372036854775808 <= number <= 9223372036854775807; @q required argument is not an integer; <q ffffffffffffffff; <q 0000010000000000; <q 'q' format requires -9223372036854775808 <= number <= 9223372036854775807; <q required argument is not an integer;
# expect: @Q 'Q' format requires 0 <= number <= 18446744073709551615; @Q 0000010000000000; @Q 'Q' format requires 0 <= number <= 18446744073709551615; @Q required argument is not an integer; <Q 'Q' format requires 0 <= number <= 18446744073709551615; <Q 0000010000000000; <Q 'Q' format requires 0 <= number <= 18446744073709551615; <Q required argument is not an integer;
# expect: @n ffffffffffffffff; @n 0000010000000000; @n 'n' format requires -9223372036854775808 <= number <= 9223372036854775807; @n required argument is not an integer; <n bad char in struct format; <n bad char in struct format; <n bad char in struct format; <n bad char in struct format;
# expect: @N 'N' format requires 0 <= number <= 18446744073709551615; @N 0000010000000000; @N 'N' format requires 0 <= number <= 18446744073709551615; @N required argument is not an integer; <N bad char in struct format; <N bad char in struct format; <N bad char in struct format; <N bad char in struct format;
for number in (0.0, -0.0, 1.5, 65504.0, 6e-8, 5.960464477539063e-08, 1e-9, 2.0**-14, 2.0**-15, 1.0009765625, 1.00048828125, float("inf"), float("nan")):
    print(struct.pack(">e", number).hex(), struct.unpack("<e", struct.pack("<e", number))[0], struct.pack(">f", number).hex(), struct.pack("<d", number).hex())
# expect: 0000 0.0 00000000 0000000000000000
# expect: 8000 -0.0 80000000 0000000000000080
# expect: 3e00 1.5 3fc00000 000000000000f83f
# expect: 7bff 65504.0 477fe000 0000000000fcef40
# expect: 0001 5.960464477539063e-08 3380d959 2b69a4292b1b703e
# expect: 0001 5.960464477539063e-08 33800000 000000000000703e
# expect: 0000 0.0 3089705f 95d626e80b2e113e
# expect: 0400 6.103515625e-05 38800000 000000000000103f
# expect: 0200 3.0517578125e-05 38000000 000000000000003f
# expect: 3c01 1.0009765625 3f802000 000000000004f03f
# expect: 3c00 1.0 3f801000 000000000002f03f
# expect: 7c00 inf 7f800000 000000000000f07f
# expect: 7e00 nan 7fc00000 000000000000f87f
attempt(lambda: struct.pack("e", 65520.0))
# expect: OverflowError float too large to pack with e format
attempt(lambda: struct.pack("f", 1e300))
# expect: OverflowError float too large to pack with f format
print(struct.calcsize("bi2xh0q"), struct.calcsize("<bi2xh0q"), struct.calcsize(b"2i"), struct.pack(" i h ", 1, 2), struct.pack("5p3s0s?", b"abc", b"de", b"", []), struct.unpack("5p", b"\x09abcd"))
# expect: 16 9 8 b'\x01\x00\x00\x00\x02\x00' b'\x03abc\x00de\x00\x00' (b'abcd',)
print(struct.pack(">D", 1 - 2j).hex(), struct.unpack("<F", struct.pack("<F", 3j)))
# expect: 3ff0000000000000c000000000000000 (3j,)
s = struct.Struct(">2h")
buffer = bytearray(8)
s.pack_into(buffer, -4, 1, -1)
print(s, s.format, s.size, buffer, s.unpack_from(buffer, 4), list(s.iter_unpack(buffer)), s.iter_unpack(buffer).__length_hint__())
# expect: Struct('>2h') >2h 4 bytearray(b'\x00\x00\x00\x00\x00\x01\xff\xff') (1, -1) [(0, 0), (1, -1)] 2
for f in (lambda: struct.unpack("i", b""), lambda: struct.unpack_from("i", b"abc"), lambda: struct.unpack_from("i", b"abcdef", 4), lambda: struct.unpack_from("i", b"abcdef", -10), lambda: struct.unpack_from("i", b"abcdef", -2),
          lambda: struct.pack_into("i", bytearray(2), 0, 1), lambda: struct.pack_into("i", bytearray(8), -2, 1), lambda: struct.pack_into("i", bytearray(8), -20, 1), lambda: struct.pack_into("i", b"abcd", 0, 1), lambda: struct.pack_into("i"),
          lambda: struct.pack("i"), lambda: struct.pack("c", b"ab"), lambda: struct.pack("s", 1), lambda: struct.calcsize("3"), lambda: struct.calcsize("9" * 30 + "i"), lambda: struct.calcsize(1), lambda: struct.calcsize("<n"),
          lambda: struct.iter_unpack("i", b"abc"), lambda: struct.iter_unpack("", b""), lambda: struct.pack("f", "x"), lambda: struct.unpack("i", "text"), lambda: struct.pack("\0i", 1)):
    attempt(f)
# expect: error unpack requires a buffer of 4 bytes
# expect: error unpack_from requires a buffer of at least 4 bytes for unpacking 4 bytes at offset 0 (actual buffer size is 3)
# expect: error unpack_from requires a buffer of at least 8 bytes for unpacking 4 bytes at offset 4 (actual buffer size is 6)
# expect: error offset -10 out of range for 6-byte buffer
# expect: error not enough data to unpack 4 bytes at offset -2
# expect: error pack_into requires a buffer of at least 4 bytes for packing 4 bytes at offset 0 (actual buffer size is 2)
# expect: error no space to pack 4 bytes at offset -2
# expect: error offset -20 out of range for 8-byte buffer
# expect: TypeError argument must be read-write bytes-like object, not bytes
# expect: error pack_into expected buffer argument
# expect: error pack expected 1 items for packing (got 0)
# expect: error char format requires a bytes object of length 1
# expect: error argument for 's' must be a bytes object
# expect: error repeat count given without format specifier
# expect: error total struct size too long
# expect: TypeError Struct() argument 1 must be a str or bytes object, not int
# expect: error bad char in struct format
# expect: error iterative unpacking requires a buffer of a multiple of 4 bytes
# expect: error cannot iteratively unpack with a struct of length 0
# expect: error required argument is not a float
# expect: TypeError a bytes-like object is required, not 'str'
# expect: error embedded null character
