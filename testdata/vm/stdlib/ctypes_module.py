# C data, foreign functions and callbacks.
import ctypes
import errno
import gc
import pickle
import sys
import threading
from ctypes import *


def attempt(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


libc = CDLL(None, use_errno=True)

# Plain values: cut to their size, converted, compared with what memory holds.
print(c_int(2**31), c_ubyte(-1), c_short(70000), c_longlong(-(2**63)), c_bool([1]), c_char(b"x"), c_wchar("\u20ac"))
# expect: c_int(-2147483648) c_ubyte(255) c_short(4464) c_long(-9223372036854775808) c_bool(True) c_char(b'x') c_wchar('€')
print(c_float(0.1), c_longdouble(1e300), c_double(3), c_char_p(b"text").value, c_wchar_p("wide").value, c_void_p(None).value)
# expect: c_float(0.10000000149011612) c_longdouble(1e+300) c_double(3.0) b'text' wide None
print([sizeof(kind) for kind in (c_char, c_short, c_int, c_long, c_float, c_double, c_longdouble, c_void_p, c_wchar)])
# expect: [1, 2, 4, 8, 4, 8, 16, 8, 4]
print(attempt(lambda: c_int("1")), attempt(lambda: c_int(1.5)), attempt(lambda: c_char(b"ab")), attempt(lambda: c_char_p(1.5)))
# expect: TypeError: 'str' object cannot be interpreted as an integer TypeError: 'float' object cannot be interpreted as an integer TypeError: one character bytes, bytearray, or an integer in range(256) expected, not bytes of length 2 TypeError: bytes or integer address expected instead of float instance


class Counted(c_int):
    pass


print(isinstance(Counted(3).value, int), bool(c_int(0)), bool(c_int(5)), c_int.__ctype_be__(1).value, bytes(c_int.__ctype_be__(1)))
# expect: True False True 1 b'\x00\x00\x00\x01'

# Arrays.
Row = c_int * 4
row = Row(1, 2, 3)
row[3] = 9
row[-1] += 1
print(list(row), row[1:3], row[::-1], len(row), Row is c_int * 4, sizeof(row), attempt(lambda: row[4]), attempt(lambda: Row(*range(5))))
# expect: [1, 2, 3, 10] [2, 3] [10, 3, 2, 1] 4 True 16 IndexError: invalid index IndexError: invalid index
text = create_string_buffer(b"hello", 10)
print(text.value, text.raw, text[1:3], len(text))
# expect: b'hello' b'hello\x00\x00\x00\x00\x00' b'el' 10
text.value = b"by"
print(text.raw, attempt(lambda: setattr(text, "value", b"x" * 11)), create_unicode_buffer("w\u00efde").value)
# expect: b'by\x00lo\x00\x00\x00\x00\x00' ValueError: byte string too long wïde
grid = (Row * 2)((1, 2), (3, 4))
grid[1][2] = 7
print([list(line) for line in grid], memoryview(grid).shape, memoryview(grid).format)
# expect: [[1, 2, 0, 0], [3, 4, 7, 0]] (2, 4) <i


# Structures and unions.
class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class Named(Point):
    _fields_ = [("name", c_char_p), ("tags", c_ubyte * 3)]


class Bits(Structure):
    _fields_ = [("low", c_uint, 3), ("sign", c_int, 4), ("rest", c_uint, 25), ("next", c_ushort, 9)]


class Word(Union):
    _fields_ = [("number", c_uint32), ("bytes", c_ubyte * 4), ("point", c_short * 2)]


class Holder(Structure):
    _anonymous_ = ["inner"]
    _fields_ = [("kind", c_char), ("inner", Word), ("link", POINTER(Point))]


class Big(BigEndianStructure):
    _fields_ = [("a", c_uint16), ("b", c_uint32)]


class Packed(Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("a", c_char), ("b", c_int), ("c", c_double)]


named = Named(1, 2, b"n", (7, 8, 9))
print(named.x, named.y, named.name, list(named.tags), sizeof(Named), Named.tags.offset, Named.name)
# expect: 1 2 b'n' [7, 8, 9] 24 16 <ctypes.CField 'name' type=c_char_p, ofs=8, size=8>
bits = Bits(9, -3, 1 << 24, 511)
print(bits.low, bits.sign, bits.rest, bits.next, sizeof(Bits), bytes(bits), Bits.sign)
# expect: 1 -3 16777216 511 8 b'i\x00\x00\x80\xff\x01\x00\x00' <ctypes.CField 'sign' type=c_int, ofs=0, bit_size=4, bit_offset=3>
word = Word(0x01020304)
print(list(word.bytes), hex(word.point[1]))
# expect: [4, 3, 2, 1] 0x102
holder = Holder(b"k", link=pointer(Point(5, 6)))
holder.number = 0xFF00
gc.collect()
print(list(holder.bytes), holder.link.contents.y, holder.link[0].x, Holder.number.offset, sizeof(Holder), alignment(Holder))
# expect: [0, 255, 0, 0] 6 5 4 16 8
print(bytes(Big(1, 2)), bytes(Packed(b"a", 1, 0.5)), sizeof(Packed))
# expect: b'\x00\x01\x00\x00\x00\x00\x00\x02' b'a\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xe0?' 13
print(attempt(lambda: Point(1, 2, 3)), attempt(lambda: Point(1, x=2)), attempt(lambda: setattr(named, "x", "no")))
# expect: TypeError: too many initializers TypeError: duplicate values for field 'x' TypeError: 'str' object cannot be interpreted as an integer
copy = Point.from_buffer_copy(bytes(named))
shared = Point.from_buffer(bytearray(b"\1\0\0\0\2\0\0\0"))
print(copy.x, copy.y, shared.x, shared.y, attempt(lambda: Point.from_buffer(b"12345678")), attempt(lambda: Point.from_buffer(bytearray(3))))
# expect: 1 2 1 2 TypeError: underlying buffer is not writable ValueError: Buffer size too small (3 instead of at least 8 bytes)
again = pickle.loads(pickle.dumps(copy))
print(again.x, again.y, attempt(lambda: pickle.dumps(holder)))
# expect: 1 2 ValueError: ctypes objects containing pointers cannot be pickled
point = Point.from_address(addressof(copy))
point.x = 77
print(copy.x, memoryview(copy).format, memoryview(copy).itemsize)
# expect: 77 T{<i:x:<i:y:} 8


class Node(Structure):
    pass


Node._fields_ = [("value", c_int), ("next", POINTER(Node))]
tail = Node(2)
head = Node(1, pointer(tail))
print(head.next.contents.value, bool(head.next.contents.next), attempt(lambda: tail.next.contents), attempt(lambda: setattr(Node, "_fields_", [])))
# expect: 2 False ValueError: NULL pointer access AttributeError: _fields_ is final

# Pointers and casts.
number = c_int(42)
place = pointer(number)
place[0] = 43
place.contents.value += 1
print(number.value, place[0], cast(place, c_void_p).value == addressof(number), byref(number)._obj is number)
# expect: 44 44 True True
numbers = Row(10, 20, 30, 40)
start = cast(numbers, POINTER(c_int))
print(start[:4], cast(addressof(numbers) + 8, POINTER(c_int))[0], attempt(lambda: POINTER(c_int)(3)), attempt(lambda: cast(1, c_int)))
# expect: [10, 20, 30, 40] 30 TypeError: expected c_int instead of int TypeError: cast() argument 2 must be a pointer type, not c_int
print(string_at(addressof(text)), string_at(b"abc\0d", 5), wstring_at("w\u00efde"))
# expect: b'by' b'abc\x00d' wïde
memset(text, ord("z"), 3)
memmove(addressof(text) + 1, b"AB", 2)
print(text.raw)
# expect: b'zABlo\x00\x00\x00\x00\x00'
resize(numbers, 64)
print(sizeof(numbers), list(numbers), attempt(lambda: resize(numbers, 1)))
# expect: 64 [10, 20, 30, 40] ValueError: minimum size is 16

# Functions.
libc.strlen.argtypes, libc.strlen.restype = [c_char_p], c_size_t
print(libc.strlen(b"four"), attempt(lambda: libc.strlen()), attempt(lambda: libc.strlen(1.5)), libc.abs(-5))
# expect: 4 TypeError: this function takes at least 1 argument (0 given) ArgumentError: argument 1: TypeError: 'float' object cannot be interpreted as ctypes.c_char_p 5
libc.strchr.restype = c_char_p
print(libc.strchr(b"key=value", ord("=")), attempt(lambda: libc.no_such_function).split(": ")[-1])
# expect: b'=value' no_such_function
libc.atof.restype = c_double
libc.atof.argtypes = [c_char_p]
print(libc.atof(b"2.5"))
# expect: 2.5
out = create_string_buffer(50)
print(libc.snprintf(out, c_size_t(50), b"%d %s %.2f %c", 7, b"str", c_double(1.5), c_char(b"!")), out.value)
# expect: 12 b'7 str 1.50 !'
set_errno(0)
print(libc.open(b"/no/such/file", 0), errno.errorcode[get_errno()], set_errno(0) == errno.ENOENT)
# expect: -1 ENOENT True


class Quotient(Structure):
    _fields_ = [("quot", c_int), ("rem", c_int)]


libc.div.restype = Quotient
libc.div.argtypes = [c_int, c_int]
print(libc.div(17, 5).quot, libc.div(17, 5).rem)
# expect: 3 2
libc.toupper.errcheck = lambda result, function, arguments: (chr(result), arguments)
print(libc.toupper(ord("q")))
# expect: ('Q', (113,))


class Parameter:
    _as_parameter_ = 12


print(libc.abs(Parameter()), attempt(lambda: libc.abs(object())))
# expect: 12 ArgumentError: argument 1: TypeError: Don't know how to convert parameter 1
prototype = CFUNCTYPE(c_int, c_int, use_errno=False)
labs = prototype(("abs", libc), ((1, "value", -8),))
print(labs(), labs(-3), labs(value=-2), bool(labs), bool(prototype()))
# expect: 8 3 2 True False

# Callbacks.
compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda a, b: a[0] - b[0])
values = (c_int * 6)(5, 3, 9, -1, 7, 0)
libc.qsort(values, len(values), sizeof(c_int), compare)
print(list(values))
# expect: [-1, 0, 3, 5, 7, 9]
double = CFUNCTYPE(c_double, c_double, c_float)(lambda a, b: a * b)
print(double(1.5, 2.0), CFUNCTYPE(None)(lambda: None)(), CFUNCTYPE(c_longlong, c_byte)(lambda a: a)(-4))
# expect: 3.0 None -4
taken = CFUNCTYPE(c_int, Point)(lambda point: point.x * 10 + point.y)
print(taken(Point(4, 2)), CFUNCTYPE(c_char_p, c_char_p)(lambda text: None)(b"x"))
# expect: 42 None
ignored = []
sys.unraisablehook = lambda args: ignored.append((args.exc_type.__name__, str(args.exc_value)))
CFUNCTYPE(c_int)(lambda: 1 // 0)()
print(ignored)
# expect: [('ZeroDivisionError', 'division by zero')]
results = []


def work(base):
    data = (c_int * 50)(*(base * step % 97 for step in range(50)))
    libc.qsort(data, 50, sizeof(c_int), compare)
    results.append(list(data) == sorted(data))


threads = [threading.Thread(target=work, args=(base,)) for base in (3, 5, 7, 11)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(results)
# expect: [True, True, True, True]

# A thread that C code starts calls back too.
started = []
entry = CFUNCTYPE(c_void_p, c_void_p)(lambda value: started.append(value))
thread = c_ulong()
libc.pthread_create.argtypes = [POINTER(c_ulong), c_void_p, c_void_p, c_void_p]
libc.pthread_join.argtypes = [c_ulong, c_void_p]
print(libc.pthread_create(byref(thread), None, entry, 99), libc.pthread_join(thread, None), started)
# expect: 0 0 [99]

# Objects.
thing = object()
print(py_object(thing).value is thing, cast(id(thing), py_object).value is thing, attempt(lambda: py_object().value))
# expect: True True ValueError: PyObject is NULL
print(kept := c_char_p(b"k")._objects, pointer(number)._objects, numbers._b_base_, holder.inner._b_base_ is holder)
# expect: b'k' {'1': c_int(44)} None True
print(attempt(lambda: hash(number)), attempt(lambda: Structure()), attempt(lambda: sizeof(3)), attempt(lambda: CDLL("no-such-library.so")))
# expect: TypeError: unhashable type TypeError: abstract class TypeError: this type has no size OSError: no-such-library.so: cannot open shared object file: No such file or directory
