# encode and decode, error handlers
s = "aé日🐍"
print(s.encode(), s.encode("utf-8").decode(), s.encode("utf-16-le"), s.encode("utf-16")[:2] in (b"\xff\xfe", b"\xfe\xff"), s.encode("utf-32-be"))
# expect: b'a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\x8d' aé日🐍 b'a\x00\xe9\x00\xe5e=\xd8\r\xdc' True b'\x00\x00\x00a\x00\x00\x00\xe9\x00\x00e\xe5\x00\x01\xf4\r'
print("é".encode("latin-1"), b"\xe9".decode("latin-1"), "abc".encode("ascii"), b"\xef\xbb\xbfx".decode("utf-8-sig"), "x".encode("UTF8"), "x".encode("Latin1"))
# expect: b'\xe9' é b'abc' x b'x' b'x'
for enc, err in [("ascii", "ignore"), ("ascii", "replace"), ("ascii", "xmlcharrefreplace"), ("ascii", "backslashreplace"), ("ascii", "namereplace"), ("latin-1", "replace")]:
    print(enc, err, s.encode(enc, err))
# expect: ascii ignore b'a'
# expect: ascii replace b'a???'
# expect: ascii xmlcharrefreplace b'a&#233;&#26085;&#128013;'
# expect: ascii backslashreplace b'a\\xe9\\u65e5\\U0001f40d'
# expect: ascii namereplace b'a\\N{LATIN SMALL LETTER E WITH ACUTE}\\N{CJK UNIFIED IDEOGRAPH-65E5}\\N{SNAKE}'
# expect: latin-1 replace b'a\xe9??'
bad = b"a\xffb\xc3(\xe6\x97"
for err in ("ignore", "replace", "backslashreplace", "surrogateescape"):
    print(err, ascii(bad.decode("utf-8", err)))
# expect: ignore 'ab('
# expect: replace 'a\ufffdb\ufffd(\ufffd'
# expect: backslashreplace 'a\\xffb\\xc3(\\xe6\\x97'
# expect: surrogateescape 'a\udcffb\udcc3(\udce6\udc97'
print(bad.decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape") == bad, "\ud800".encode("utf-8", "surrogatepass"))
# expect: True b'\xed\xa0\x80'
def attempt(f):
    try:
        print(f())
    except (UnicodeError, LookupError, TypeError) as e:
        print(type(e).__name__, e)
attempt(lambda: s.encode("ascii"))
# expect: UnicodeEncodeError 'ascii' codec can't encode characters in position 1-3: ordinal not in range(128)
attempt(lambda: "é日".encode("latin-1"))
# expect: UnicodeEncodeError 'latin-1' codec can't encode character '\u65e5' in position 1: ordinal not in range(256)
attempt(lambda: b"\xff".decode())
# expect: UnicodeDecodeError 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
attempt(lambda: b"abc\xe6\x97".decode())
# expect: UnicodeDecodeError 'utf-8' codec can't decode bytes in position 3-4: unexpected end of data
attempt(lambda: b"\xc3(".decode("utf-8"))
# expect: UnicodeDecodeError 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte
attempt(lambda: b"\x80".decode("ascii"))
# expect: UnicodeDecodeError 'ascii' codec can't decode byte 0x80 in position 0: ordinal not in range(128)
attempt(lambda: "\ud800".encode())
# expect: UnicodeEncodeError 'utf-8' codec can't encode character '\ud800' in position 0: surrogates not allowed
attempt(lambda: "x".encode("nope"))  # expect: LookupError unknown encoding: nope
attempt(lambda: b"x".decode("utf-8", "nope"))  # expect: x
attempt(lambda: b"\xff".decode("utf-8", "nope"))  # expect: LookupError unknown error handler name 'nope'
attempt(lambda: str(b"\xff", "utf-8", "replace"))  # expect: �
attempt(lambda: str("x", "utf-8"))  # expect: TypeError decoding str is not supported
attempt(lambda: b"\xed\xa0\x80".decode())
# expect: UnicodeDecodeError 'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte
attempt(lambda: b"\xf0\x9f\x90".decode("utf-8", "replace"))  # expect: �
try:
    "aé".encode("ascii")
except UnicodeEncodeError as e:
    print(e.encoding, e.object, e.start, e.end, e.reason, isinstance(e, ValueError))
# expect: ascii aé 1 2 ordinal not in range(128) True
import codecs
print(codecs.lookup("utf8").name, codecs.encode("abc", "rot13"), codecs.decode(b"616263", "hex"), codecs.encode(b"hi", "base64"))
# expect: utf-8 nop b'abc' b'aGk=\n'
codecs.register_error("stars", lambda e: ("*" * (e.end - e.start), e.end))
print("aéb".encode("ascii", "stars"), b"a\xffb".decode("ascii", "stars"))  # expect: b'a*b' a*b
