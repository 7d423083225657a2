# array: kinds and their limits, slices, views, pickling
import array, copy, io, pickle
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
for code in "bBhHiIlLqQ":
    for value in (-2**70, -1, 2**8, 2**16, 2**32, 2**64, 1.5, "x"):
        try:
            print(code, array.array(code, [value])[0], end=" ")
        except Exception as e:
            print(code, e, end="; ")
    print()
# expect: b Python int too large to convert to C long; b -1 b signed char is greater than maximum; b signed short integer is greater than maximum; b signed short integer is greater than maximum; b Python int too large to convert to C long; b 'float' object cannot be interpreted as an integer; b 'str' object cannot be interpreted as an integer;
# expect: B Python int too large to convert to C long; B unsigned byte integer is less than minimum; B unsigned byte integer is greater than maximum; B unsigned byte integer is greater than maximum; B unsigned byte integer is greater than maximum; B Python int too large to convert to C long; B 'float' object cannot be interpreted as an integer; B 'str' object cannot be interpreted as an integer;
# expect: h Python int too large to convert to C long; h -1 h 256 h signed short integer is greater than maximum; h signed short integer is greater than maximum; h Python int too large to convert to C long; h 'float' object cannot be interpreted as an integer; h 'str' object cannot be interpreted as an integer;
# expect: H Python int too large to convert to C long; H unsigned short is less than minimum; H 256 H unsigned short is greater than maximum; H signed integer is greater than maximum; H Python int too large to convert to C long; H 'float' object cannot be interpreted as an integer; H 'str' object cannot be interpreted as an integer;
# expect: i Python int too large to convert to C long; i -1 i 256 i 65536 i signed integer is greater than maximum; i Python int too large to convert to C long; i 'float' object cannot be interpreted as an integer; i 'str' object cannot be interpreted as an integer;
# expect: I can't convert negative value to unsigned int; I can't convert negative value to unsigned int; I 256 I 65536 I unsigned int is greater than maximum; I Python int too large to convert to C unsigned long; I 'float' object cannot be interpreted as an integer; I 'str' object cannot be interpreted as an integer;
# expect: l Python int too large to convert to C long; l -1 l 256 l 65536 l 4294967296 l Python int too large to convert to C long; l 'float' object cannot be interpreted as an integer; l 'str' object cannot be interpreted as an integer;
# expect: L can't convert negative value to unsigned int; L can't convert negative value to unsigned int; L 256 L 65536 L 4294967296 L Python int too large to convert to C unsigned long; L 'float' object cannot be interpreted as an integer; L 'str' object cannot be interpreted as an integer;
# expect: q int too big to convert; q -1 q 256 q 65536 q 4294967296 q int too big to convert; q 'float' object cannot be interpreted as an integer; q 'str' object cannot be interpreted as an integer;
# expect: Q can't convert negative int to unsigned; Q can't convert negative int to unsigned; Q 256 Q 65536 Q 4294967296 Q int too big to convert; Q 'float' object cannot be interpreted as an integer; Q 'str' object cannot be interpreted as an integer;
a = array.array("i", [1, 2, 3, 4, 5])
print(a, a[1:3], a[::-2], a + array.array("i", [9]), a * 2, a.itemsize, a.typecode, len(a), 3 in a, a.index(3), a.count(2))
# expect: array('i', [1, 2, 3, 4, 5]) array('i', [2, 3]) array('i', [5, 3, 1]) array('i', [1, 2, 3, 4, 5, 9]) array('i', [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]) 4 i 5 True 2 1
a[1:3] = array.array("i", [7, 8, 9])
del a[::2]
a.insert(1, 100)
a.extend(range(2))
print(a, a.pop(), a.pop(0), a.tolist(), a.tobytes())
# expect: array('i', [100, 9, 5, 0]) 1 7 [100, 9, 5, 0] b'd\x00\x00\x00\t\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00'
a.reverse()
a.byteswap()
print(a, a == array.array("q", a), a < array.array("d", [1.5]), copy.copy(a), copy.deepcopy(a))
# expect: array('i', [0, 83886080, 150994944, 1677721600]) True True array('i', [0, 83886080, 150994944, 1677721600]) array('i', [0, 83886080, 150994944, 1677721600])
print(array.array("w", "héllo").tounicode(), array.array("d", [1.5, float("inf")]), array.array("f", b"\0\0\x80?"), array.array("b"))
# expect: héllo array('d', [1.5, inf]) array('f', [1.0]) array('b')
view = memoryview(a)
print(view.format, view.itemsize, view[0])
# expect: i 4 0
attempt(lambda: a.append(1))
# expect: BufferError cannot resize an array that is exporting buffers
view.release()
for protocol in range(2, 5):
    print(pickle.loads(pickle.dumps(array.array("d", [1.0, -2.5]), protocol)))
# expect: array('d', [1.0, -2.5])
# expect: array('d', [1.0, -2.5])
# expect: array('d', [1.0, -2.5])
print("|", array._array_reconstructor(array.array, "i", 3, b"\x01\x00\x00\x02"), array._array_reconstructor(array.array, "w", 18, b"a\0b\0"))
# expect: | array('H', [256, 2]) array('w', 'ab')
b = array.array("h")
b.fromfile(io.BytesIO(b"\1\0\2\0"), 2)
b.frombytes(b"\3\0")
b.fromlist([4])
print(b, list(reversed(b)), iter(b).__reduce__())
# expect: array('h', [1, 2, 3, 4]) [4, 3, 2, 1] (<built-in function iter>, (array('h', [1, 2, 3, 4]),), 0)
class Sub(array.array):
    pass
print(Sub("i", [1]), Sub("i", [1]).__reduce_ex__(2))
# expect: Sub('i', [1]) (<class '__main__.Sub'>, ('i', [1]), {})
for f in (lambda: array.array("x"), lambda: array.array("ab"), lambda: array.array("i", "abc"), lambda: array.array("i", b"abc"), lambda: array.array("i", 1), lambda: array.array(), lambda: array.array("i", a=3),
          lambda: b[9], lambda: b["x"], lambda: b.pop(9), lambda: array.array("i").pop(), lambda: b.remove(99), lambda: b + [1], lambda: b.extend(array.array("b")), lambda: b.__setitem__(slice(0, 1), [1]),
          lambda: b.__setitem__(slice(0, 3, 2), array.array("h")), lambda: b.fromlist([1, "x"]), lambda: b.frombytes("abc"), lambda: b.fromunicode("a"), lambda: b.__iadd__([1]), lambda: hash(b)):
    attempt(f)
# expect: ValueError bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)
# expect: TypeError array() argument 1 must be a unicode character, not a string of length 2
# expect: TypeError cannot use a str to initialize an array with typecode 'i'
# expect: ValueError bytes length not a multiple of item size
# expect: TypeError 'int' object is not iterable
# expect: TypeError array() takes at least 1 argument (0 given)
# expect: TypeError array.array() takes no keyword arguments
# expect: IndexError array index out of range
# expect: TypeError array indices must be integers
# expect: IndexError pop index out of range
# expect: IndexError pop from empty array
# expect: ValueError array.remove(x): x not in array
# expect: TypeError can only append array (not "list") to array
# expect: TypeError can only extend with array of same kind
# expect: TypeError can only assign array (not "list") to array slice
# expect: None
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError a bytes-like object is required, not 'str'
# expect: ValueError fromunicode() may only be called on unicode type arrays ('u' or 'w')
# expect: TypeError can only extend array with array (not "list")
# expect: TypeError unhashable type: 'array.array'
