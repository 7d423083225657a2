# binascii: base64 in both readings, hex, uu, quoted-printable, checksums
import binascii
for text in (b"ab==", b"ab==c", b"ab==cd", b"YWI=YWI=", b"ab=c", b"abc=d", b"=abc", b"ab===", b"abcde", b"a!b=="):
    for strict in (False, True):
        try:
            print(text, strict, binascii.a2b_base64(text, strict_mode=strict))
        except binascii.Error as e:
            print(text, strict, e)
# expect: b'ab==' False b'i'
# expect: b'ab==' True b'i'
# expect: b'ab==c' False Incorrect padding
# expect: b'ab==c' True Excess data after padding
# expect: b'ab==cd' False b'i\xb7\x1d'
# expect: b'ab==cd' True Excess data after padding
# expect: b'YWI=YWI=' False Incorrect padding
# expect: b'YWI=YWI=' True Excess data after padding
# expect: b'ab=c' False Incorrect padding
# expect: b'ab=c' True Discontinuous padding not allowed
# expect: b'abc=d' False b'i\xb7\x1d'
# expect: b'abc=d' True Excess data after padding
# expect: b'=abc' False Incorrect padding
# expect: b'=abc' True Leading padding not allowed
# expect: b'ab===' False b'i'
# expect: b'ab===' True Excess padding not allowed
# expect: b'abcde' False Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4
# expect: b'abcde' True Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4
# expect: b'a!b==' False b'i'
# expect: b'a!b==' True Only base64 data is allowed
print(binascii.b2a_base64(b"hello", newline=False), binascii.hexlify(b"\x01\xab\xcd\xef", "-", 2), binascii.hexlify(b"\x01\xab\xcd", ":", -2), binascii.unhexlify("0aFF"))
# expect: b'aGVsbG8=' b'01ab-cdef' b'01ab:cd' b'\n\xff'
print(binascii.b2a_qp(b"a=\xff b \n_x\t"), binascii.b2a_qp(b"a b_", header=True), binascii.a2b_qp(b"a=3D=\nb_c", header=True), binascii.b2a_qp(b"x" * 80))
# expect: b'a=3D=FF b=20\n_x=09' b'a_b=5F' b'a=b c' b'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\nxxxxx'
print(binascii.b2a_uu(b"abc"), binascii.a2b_uu(b"#86)C\n"), binascii.crc32(b"abc"), binascii.crc_hqx(b"abc", 0))
# expect: b'#86)C\n' b'abc' 891568578 40406
for f in (lambda: binascii.unhexlify("abc"), lambda: binascii.unhexlify("zz"), lambda: binascii.a2b_base64("é"), lambda: binascii.a2b_hex(1), lambda: binascii.b2a_hex("x"), lambda: binascii.a2b_uu(b"!\x01"), lambda: binascii.b2a_uu(bytes(46))):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
# expect: Error Odd-length string
# expect: Error Non-hexadecimal digit found
# expect: ValueError string argument should contain only ASCII characters
# expect: TypeError argument should be bytes, buffer or ASCII string, not 'int'
# expect: TypeError a bytes-like object is required, not 'str'
# expect: Error Illegal char
# expect: Error At most 45 bytes at once
