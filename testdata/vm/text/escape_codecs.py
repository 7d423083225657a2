# Codecs of escapes and of character maps: errors, handlers, what is kept for later, notes of what failed.
import codecs
import warnings

warnings.simplefilter("error")


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, error, getattr(error, "__notes__", ""))


for data in (rb"a\x41\u20ac\U0001f600\n\101\N{EURO SIGN}", rb"\x4", rb"a\u12g", rb"\U00110000", rb"\N{NO SUCH}", rb"\Nx", rb"\N{", rb"\N{}", b"\\", rb"\d"):
    show(lambda: data.decode("unicode_escape"))
    show(lambda: data.decode("unicode_escape", "replace"))
    show(lambda: codecs.unicode_escape_decode(data, "strict", False))
# expect: 'aA\u20ac\U0001f600\nA\u20ac'
# expect: 'aA\u20ac\U0001f600\nA\u20ac'
# expect: ('aA\u20ac\U0001f600\nA\u20ac', 40)
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-2: truncated \xXX escape ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd'
# expect: ('', 0)
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 1-4: truncated \uXXXX escape ["decoding with 'unicode_escape' codec failed"]
# expect: 'a\ufffdg'
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 1-4: truncated \uXXXX escape 
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd'
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character 
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-10: unknown Unicode character name ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd'
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-10: unknown Unicode character name 
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-1: malformed \N character escape ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffdx'
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-1: malformed \N character escape 
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-2: malformed \N character escape ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd'
# expect: ('', 0)
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-2: malformed \N character escape ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd}'
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode bytes in position 0-2: malformed \N character escape 
# expect: UnicodeDecodeError 'unicodeescape' codec can't decode byte 0x5c in position 0: \ at end of string ["decoding with 'unicode_escape' codec failed"]
# expect: '\ufffd'
# expect: ('', 0)
# expect: DeprecationWarning "\d" is an invalid escape sequence. Such sequences will not work in the future.  ["decoding with 'unicode_escape' codec failed"]
# expect: DeprecationWarning "\d" is an invalid escape sequence. Such sequences will not work in the future.  ["decoding with 'unicode_escape' codec failed"]
# expect: DeprecationWarning "\d" is an invalid escape sequence. Such sequences will not work in the future.  
for data in (rb"a\u20ac\x", rb"\\u20ac", rb"\u12", rb"\U00110000", b"x\\"):
    show(lambda: data.decode("raw_unicode_escape"))
    show(lambda: data.decode("raw_unicode_escape", "backslashreplace"))
    show(lambda: codecs.raw_unicode_escape_decode(data, "strict", False))
# expect: 'a\u20ac\\x'
# expect: 'a\u20ac\\x'
# expect: ('a\u20ac\\x', 9)
# expect: '\\\\u20ac'
# expect: '\\\\u20ac'
# expect: ('\\\\u20ac', 7)
# expect: UnicodeDecodeError 'rawunicodeescape' codec can't decode bytes in position 0-3: truncated \uXXXX escape ["decoding with 'raw_unicode_escape' codec failed"]
# expect: '\\x5c\\x75\\x31\\x32'
# expect: ('', 0)
# expect: UnicodeDecodeError 'rawunicodeescape' codec can't decode bytes in position 0-9: \Uxxxxxxxx out of range ["decoding with 'raw_unicode_escape' codec failed"]
# expect: '\\x5c\\x55\\x30\\x30\\x31\\x31\\x30\\x30\\x30\\x30'
# expect: UnicodeDecodeError 'rawunicodeescape' codec can't decode bytes in position 0-9: \Uxxxxxxxx out of range 
# expect: 'x\\'
# expect: 'x\\'
# expect: ('x', 1)
for data in (rb"a\x41\n\\\101", rb"\x4g", rb"\x", rb"\u1234", b"\\"):
    show(lambda: codecs.escape_decode(data))
    show(lambda: codecs.escape_decode(data, "replace"))
    show(lambda: codecs.escape_decode(data, "ignore"))
# expect: (b'aA\n\\A', 13)
# expect: (b'aA\n\\A', 13)
# expect: (b'aA\n\\A', 13)
# expect: ValueError invalid \x escape at position 0 
# expect: (b'?g', 4)
# expect: (b'g', 4)
# expect: ValueError invalid \x escape at position 0 
# expect: (b'?', 2)
# expect: (b'', 2)
# expect: DeprecationWarning b"\u" is an invalid escape sequence. Such sequences will not work in the future.  
# expect: DeprecationWarning b"\u" is an invalid escape sequence. Such sequences will not work in the future.  
# expect: DeprecationWarning b"\u" is an invalid escape sequence. Such sequences will not work in the future.  
# expect: ValueError Trailing \ in string 
# expect: ValueError Trailing \ in string 
# expect: ValueError Trailing \ in string 
show(lambda: codecs.escape_decode(rb"\x", "other"))  # expect: ValueError decoding error; unknown error handling code: other 
show(lambda: "a\u65e5\u672cb".encode("cp1252"))
# expect: UnicodeEncodeError 'charmap' codec can't encode characters in position 1-2: character maps to <undefined> ["encoding with 'cp1252' codec failed"]
show(lambda: "a\u65e5\u672cb".encode("cp1252", "replace"))  # expect: b'a??b'
show(lambda: "a\u65e5\u672cb".encode("cp1252", "xmlcharrefreplace"))  # expect: b'a&#26085;&#26412;b'
show(lambda: b"a\x81".decode("cp1252"))
# expect: UnicodeDecodeError 'charmap' codec can't decode byte 0x81 in position 1: character maps to <undefined> ["decoding with 'cp1252' codec failed"]
show(lambda: codecs.charmap_decode(b"\0", "strict", {0: 0x110000}))  # expect: TypeError character mapping must be in range(0x110000) 
show(lambda: codecs.charmap_decode(b"\0", "strict", {0: b"x"}))  # expect: TypeError character mapping must return integer, None or str 
show(lambda: codecs.charmap_decode(b"\0\1", "replace", "a"))  # expect: ('a\ufffd', 2)
show(lambda: codecs.charmap_encode("a", "strict", {97: 300}))  # expect: TypeError character mapping must be in range(256) 
show(lambda: codecs.charmap_encode("a", "strict", {97: "x"}))
# expect: TypeError character mapping must return integer, bytes or None, not str 
codecs.register_error("far", lambda error: ("?", 1000))
show(lambda: "\u65e5".encode("cp1252", "far"))
# expect: IndexError position 1000 from error handler out of bounds ["encoding with 'cp1252' codec failed"]
codecs.register_error("odd", lambda error: 3)
show(lambda: "\u65e5".encode("cp1252", "odd"))
# expect: TypeError encoding error handler must return (str/bytes, int) tuple ["encoding with 'cp1252' codec failed"]
show(lambda: b"\x81".decode("cp1252", "odd"))
# expect: TypeError decoding error handler must return (str, int) tuple ["decoding with 'cp1252' codec failed"]
show(lambda: codecs.encode("abc", "hex"))
# expect: TypeError a bytes-like object is required, not 'str' ["encoding with 'hex' codec failed"]
show(lambda: codecs.decode(b"abc", "hex"))  # expect: Error Odd-length string ["decoding with 'hex' codec failed"]
show(lambda: codecs.decode(b"abc", "zlib"))
# expect: error Error -3 while decompressing data: incorrect header check ["decoding with 'zlib' codec failed"]
