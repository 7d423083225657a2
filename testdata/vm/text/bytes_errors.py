# bytes and bytearray: construction, messages, subclasses, iterators, exports
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


t(lambda: bytes(5))  # expect: b'\x00\x00\x00\x00\x00'
t(lambda: bytes(-1))  # expect: ValueError negative count
t(lambda: bytes("a"))  # expect: TypeError string argument without an encoding
t(lambda: bytes("é","utf8"))  # expect: b'\xc3\xa9'
t(lambda: bytes("é","ascii"))  # expect: UnicodeEncodeError 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
t(lambda: bytes("é",errors="ignore"))  # expect: TypeError string argument without an encoding
t(lambda: bytes(b"a","utf8"))  # expect: TypeError encoding without a string argument
t(lambda: bytes(encoding="a"))  # expect: TypeError encoding without a string argument
t(lambda: bytes(errors="a"))  # expect: TypeError errors without a string argument
t(lambda: bytes([1,2,300]))  # expect: ValueError bytes must be in range(0, 256)
t(lambda: bytes([1,"a"]))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: bytes(1.5))  # expect: TypeError cannot convert 'float' object to bytes
t(lambda: bytes({1:2}))  # expect: b'\x01'
t(lambda: bytes(None))  # expect: TypeError cannot convert 'NoneType' object to bytes
t(lambda: bytes(x for x in [1,2]))  # expect: b'\x01\x02'
t(lambda: bytes(range(3)))  # expect: b'\x00\x01\x02'
t(lambda: bytes(bytearray(b"x")))  # expect: b'x'
t(lambda: bytes(True))  # expect: b'\x00'
t(lambda: bytes(10**30))  # expect: OverflowError cannot fit 'int' into an index-sized integer
t(lambda: bytes(1,2,3,4))  # expect: TypeError bytes() takes at most 3 arguments (4 given)
t(lambda: bytes(foo=1))  # expect: TypeError bytes() got an unexpected keyword argument 'foo'
t(lambda: bytes("a",5))  # expect: TypeError bytes() argument 'encoding' must be str, not int
t(lambda: bytes("a","utf8",5))  # expect: TypeError bytes() argument 'errors' must be str, not int
t(lambda: bytes(source=b"a"))  # expect: b'a'
t(lambda: bytearray(5))  # expect: bytearray(b'\x00\x00\x00\x00\x00')
t(lambda: bytearray(-1))  # expect: ValueError negative count
t(lambda: bytearray("a"))  # expect: TypeError string argument without an encoding
t(lambda: bytearray("é","utf8"))  # expect: bytearray(b'\xc3\xa9')
t(lambda: bytearray([1,300]))  # expect: ValueError byte must be in range(0, 256)
t(lambda: bytearray([1,"a"]))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: bytearray(1.5))  # expect: TypeError cannot convert 'float' object to bytearray
t(lambda: bytearray(None))  # expect: TypeError cannot convert 'NoneType' object to bytearray
t(lambda: bytearray(range(3)))  # expect: bytearray(b'\x00\x01\x02')
t(lambda: bytearray(b"a",errors="x"))  # expect: TypeError errors without a string argument
t(lambda: hash(bytearray()))  # expect: TypeError unhashable type: 'bytearray'
t(lambda: {bytearray():1})  # expect: TypeError cannot use 'bytearray' as a dict key (unhashable type: 'bytearray')
class B(bytes): pass
class C:
    def __bytes__(self): return b"hi"
class D:
    def __bytes__(self): return 5
class E_(bytearray):
    def __init__(self,*a): self.q=1; super().__init__(*a)
t(lambda: B(b"x"))  # expect: b'x'
t(lambda: type(B(b"x")+b"y"))  # expect: <class 'bytes'>
t(lambda: B(b"x")[:])  # expect: b'x'
t(lambda: type(B(b"x")[:]))  # expect: <class 'bytes'>
t(lambda: bytes(C()))  # expect: b'hi'
t(lambda: bytes(D()))  # expect: TypeError __bytes__ returned non-bytes (type int)
t(lambda: E_(b"ab"))  # expect: E_(b'ab')
t(lambda: E_(b"ab").q)  # expect: 1
t(lambda: type(E_(b"ab")[:1]))  # expect: <class 'bytearray'>
t(lambda: B.fromhex("61"))  # expect: b'a'
t(lambda: bytes.fromhex("6 1"))  # expect: ValueError non-hexadecimal number found in fromhex() arg at position 1
t(lambda: bytes.fromhex("61 62"))  # expect: b'ab'
t(lambda: bytes.fromhex("6g"))  # expect: ValueError non-hexadecimal number found in fromhex() arg at position 1
t(lambda: bytes.fromhex("616"))  # expect: ValueError fromhex() arg must contain an even number of hexadecimal digits
t(lambda: bytes.fromhex(b"6162"))  # expect: b'ab'
t(lambda: bytes.fromhex(5))  # expect: TypeError fromhex() argument must be str or bytes-like, not int
t(lambda: bytearray.fromhex("é"))  # expect: ValueError non-hexadecimal number found in fromhex() arg at position 0
t(lambda: bytes.maketrans(b"ab",b"cd")[97])  # expect: 99
t(lambda: bytes.maketrans(b"ab",b"c"))  # expect: ValueError maketrans arguments must have same length
t(lambda: b"a"+"a")  # expect: TypeError can't concat str to bytes
t(lambda: b"a"+5)  # expect: TypeError can't concat int to bytes
t(lambda: "a"+b"a")  # expect: TypeError can only concatenate str (not "bytes") to str
t(lambda: b"a"*"a")  # expect: TypeError can't multiply sequence by non-int of type 'str'
t(lambda: b"a"*1.5)  # expect: TypeError can't multiply sequence by non-int of type 'float'
t(lambda: 3*b"a")  # expect: b'aaa'
t(lambda: b"a" in "a")  # expect: TypeError 'in <string>' requires string as left operand, not bytes
t(lambda: "a" in b"a")  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: 300 in b"a")  # expect: ValueError byte must be in range(0, 256)
B = b"a"
t(lambda: B["a"])  # expect: TypeError byte indices must be integers or slices, not str
t(lambda: B[1.5])  # expect: TypeError byte indices must be integers or slices, not float
t(lambda: b"a"[5])  # expect: IndexError index out of range
t(lambda: b"a"[10**30])  # expect: IndexError cannot fit 'int' into an index-sized integer
t(lambda: bytearray(b"a")["a"])  # expect: TypeError bytearray indices must be integers or slices, not str
t(lambda: bytearray(b"a")[5])  # expect: IndexError bytearray index out of range
t(lambda: b"a"<"a")  # expect: TypeError '<' not supported between instances of 'bytes' and 'str'
t(lambda: b"a"=="a")  # expect: False
t(lambda: b"a"<bytearray(b"b"))  # expect: True
t(lambda: b"a"<memoryview(b"b"))  # expect: TypeError '<' not supported between instances of 'bytes' and 'memoryview'
t(lambda: bytearray(b"a")<5)  # expect: TypeError '<' not supported between instances of 'bytearray' and 'int'
t(lambda: b"a".join(["a"]))  # expect: TypeError sequence item 0: expected a bytes-like object, str found
t(lambda: b"a".join([5]))  # expect: TypeError sequence item 0: expected a bytes-like object, int found
t(lambda: b"".join(5))  # expect: TypeError can only join an iterable
t(lambda: b"a".split("a"))  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: b"a".split(b""))  # expect: ValueError empty separator
t(lambda: b"a".find("a"))  # expect: TypeError argument should be integer or bytes-like object, not 'str'
t(lambda: b"a".find(300))  # expect: ValueError byte must be in range(0, 256)
t(lambda: b"a".replace("a","b"))  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: b"a".startswith("a"))  # expect: TypeError startswith first arg must be bytes or a tuple of bytes, not str
t(lambda: b"a".startswith(("a",)))  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: b"a".strip("a"))  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: b"a".strip(5))  # expect: TypeError a bytes-like object is required, not 'int'
t(lambda: b"a".center(5,"x"))  # expect: TypeError center() argument 2 must be a byte string of length 1, not str
t(lambda: b"a".center(5,b"xx"))  # expect: TypeError center(): argument 2 must be a byte string of length 1, not a bytes object of length 2
t(lambda: b"a".center(5,bytearray(b"x")))  # expect: b'xxaxx'
t(lambda: b"a".ljust("a"))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: b"a".translate(b"a"))  # expect: ValueError translation table must be 256 characters long
t(lambda: b"a".translate("a"))  # expect: TypeError a bytes-like object is required, not 'str'
t(lambda: b"a".hex("é"))  # expect: ValueError sep must be ASCII.
t(lambda: b"ab".hex("::"))  # expect: ValueError sep must be length 1.
t(lambda: b"ab".hex(b":"))  # expect: '61:62'
t(lambda: b"ab".hex(5))  # expect: TypeError object of type 'int' has no len()
t(lambda: b"ab".hex(""))  # expect: ValueError sep must be length 1.
t(lambda: b"abcd".hex(" ",-3))  # expect: '616263 64'
t(lambda: b"a".decode("foo"))  # expect: LookupError unknown encoding: foo
t(lambda: b"\xff".decode("utf8","foo"))  # expect: LookupError unknown error handler name 'foo'
t(lambda: b"a".decode(5))  # expect: TypeError decode() argument 'encoding' must be str, not int
t(lambda: b"a".decode(errors=5))  # expect: TypeError decode() argument 'errors' must be str, not int
t(lambda: b"a".expandtabs("a"))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: b"a".count(5,"a"))  # expect: TypeError slice indices must be integers or None or have an __index__ method
t(lambda: b"%s"%"a")  # expect: TypeError %b requires a bytes-like object, or an object that implements __bytes__, not 'str'
t(lambda: b"%b"%C())  # expect: b'hi'
t(lambda: b"%d %x %r"%(5,255,"é"))  # expect: b"5 ff '\\xe9'"
t(lambda: b"%(a)s"%{b"a":b"x"})  # expect: b'x'
t(lambda: bytearray(b"%s")%b"q")  # expect: bytearray(b'q')
t(lambda: list(b"ab"))  # expect: [97, 98]
t(lambda: list(reversed(b"ab")))  # expect: [98, 97]
t(lambda: b"ab".__getnewargs__())  # expect: (b'ab',)
t(lambda: bytearray(b"ab").__reduce__())  # expect: (<class 'bytearray'>, ('ab', 'latin-1'), None)
t(lambda: bytearray(b"ab").__reduce_ex__(4))  # expect: (<class 'bytearray'>, (b'ab',), None)
t(lambda: bytearray().__reduce_ex__(2))  # expect: (<class 'bytearray'>, (), None)
t(lambda: b"a".__mod__(5))  # expect: TypeError not all arguments converted during bytes formatting
t(lambda: hash(b"a")==hash("a"))  # expect: True
t(lambda: b"ab".__sizeof__())  # expect: 35
t(lambda: bytearray(b"ab").copy())  # expect: bytearray(b'ab')
t(lambda: bytearray(b"a").resize(3))  # expect: None
t(lambda: bytearray(b"a").pop(4))  # expect: IndexError pop index out of range
t(lambda: bytearray().pop())  # expect: IndexError pop from empty bytearray
t(lambda: bytearray(b"a").insert("a",1))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: bytearray(b"a").append("a"))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: bytearray(b"a").extend(5))  # expect: TypeError can't extend bytearray with int
t(lambda: bytearray(b"a").extend("a"))  # expect: TypeError expected iterable of integers; got: 'str'
t(lambda: bytearray(b"a").extend(["a"]))  # expect: TypeError 'str' object cannot be interpreted as an integer
t(lambda: bytearray(b"a").remove(300))  # expect: ValueError byte must be in range(0, 256)
t(lambda: bytearray(b"a").remove(5))  # expect: ValueError value not found in bytearray
t(lambda: bytearray(b"a")==b"a")  # expect: True
t(lambda: b"a"==bytearray(b"a"))  # expect: True
t(lambda: bytearray(b"'"))  # expect: bytearray(b"\'")
t(lambda: b"'\"")  # expect: b'\'"'
t(lambda: str(b"a"))  # expect: "b'a'"
t(lambda: str(b"a","ascii"))  # expect: 'a'
t(lambda: str(5,"ascii"))  # expect: TypeError decoding to str: need a bytes-like object, int found
t(lambda: str("a","ascii"))  # expect: TypeError decoding str is not supported
t(lambda: format(b"a"))  # expect: "b'a'"
t(lambda: format(b"a","5"))  # expect: TypeError unsupported format string passed to bytes.__format__
t(lambda: f"{b'a'!s:>6}")  # expect: "  b'a'"
it=iter(bytearray(b"abc"))
t(lambda: it.__length_hint__())  # expect: 3
t(lambda: next(it))  # expect: 97
t(lambda: it.__reduce__())  # expect: (<built-in function iter>, (bytearray(b'abc'),), 1)
t(lambda: it.__setstate__(2))  # expect: None
t(lambda: next(it))  # expect: 99
t(lambda: next(it))  # expect: StopIteration 
ba=bytearray(b"abc")
mv=memoryview(ba)
t(lambda: ba.append(1))  # expect: BufferError Existing exports of data: object cannot be re-sized
t(lambda: ba.__setitem__(0,65))  # expect: None
t(lambda: ba.clear())  # expect: BufferError Existing exports of data: object cannot be re-sized
t(lambda: ba.__iadd__(b""))  # expect: bytearray(b'Abc')
t(lambda: ba.extend(b"x"))  # expect: BufferError Existing exports of data: object cannot be re-sized
mv.release()
t(lambda: ba.append(1))  # expect: None
t(lambda: ba)  # expect: bytearray(b'Abc\x01')
memoryview(ba)[0:2]
t(lambda: ba.append(7))  # expect: None
