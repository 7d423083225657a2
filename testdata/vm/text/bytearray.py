# bytearray: mutation in place
a = bytearray(b"hello")
a[0] = 72
a.append(33)
a.extend(b"??")
a += b"."
print(a, len(a), a[1:3], type(a[1:3]).__name__)  # expect: bytearray(b'Hello!??.') 9 bytearray(b'el') bytearray
a[1:4] = b"EL"
print(a)  # expect: bytearray(b'HELo!??.')
del a[-1]
del a[::2]
print(a, a.pop(), a.pop(0), a)  # expect: bytearray(b'o') 63 69 bytearray(b'o')
a.insert(0, 65)
a.reverse()
a.remove(65)
print(a)  # expect: bytearray(b'o')
a *= 2
print(a, a.decode(), bytes(a), a.copy() == a, a.find(b"L"))  # expect: bytearray(b'oo') oo b'oo' True -1
a.clear()
print(a, bytearray(3), bytearray([1, 2]), bytearray("é", "latin-1"))
# expect: bytearray(b'') bytearray(b'\x00\x00\x00') bytearray(b'\x01\x02') bytearray(b'\xe9')
x = bytearray(b"abcdef")
x[::2] = b"XYZ"
print(x, x == b"XbYdZf", b"Xb" + x, x + b"!", x.upper(), x.split(b"d"))
# expect: bytearray(b'XbYdZf') True b'XbXbYdZf' bytearray(b'XbYdZf!') bytearray(b'XBYDZF') [bytearray(b'XbY'), bytearray(b'Zf')]
x[2:2] = b"__"
x[:1] = b""
print(x)  # expect: bytearray(b'b__YdZf')
for text in ("x[0] = 256", "x[0] = 'a'", "x.append(-1)", "x[100]", "x[::2] = b'1'", "hash(x)", "x.remove(0)", "bytearray().pop()", "x += 'a'", "x.extend([300])"):
    try:
        exec(text)
        print(text, "no error", x)
    except Exception as e:
        print(text, "->", type(e).__name__, e)
# expect: x[0] = 256 -> ValueError byte must be in range(0, 256)
# expect: x[0] = 'a' -> TypeError 'str' object cannot be interpreted as an integer
# expect: x.append(-1) -> ValueError byte must be in range(0, 256)
# expect: x[100] -> IndexError bytearray index out of range
# expect: x[::2] = b'1' -> ValueError attempt to assign bytes of size 1 to extended slice of size 4
# expect: hash(x) -> TypeError unhashable type: 'bytearray'
# expect: x.remove(0) -> ValueError value not found in bytearray
# expect: bytearray().pop() -> IndexError pop from empty bytearray
# expect: x += 'a' -> TypeError can't concat str to bytearray
# expect: x.extend([300]) -> ValueError byte must be in range(0, 256)
m = memoryview(bytearray(b"abcd"))
m[0] = 90
print(m.tobytes(), m[1:3].tobytes(), len(m), m[1], m.tolist(), m.readonly, memoryview(b"x").readonly, m == b"Zbcd")
# expect: b'Zbcd' b'bc' 4 98 [90, 98, 99, 100] False True True
m[1:3] = b"YX"
print(bytes(m), m.obj)  # expect: b'ZYXd' bytearray(b'ZYXd')
try:
    memoryview(b"abc")[0] = 1
except TypeError as e:
    print(e)
# expect: cannot modify read-only memory
y = bytearray(b"12")
v = memoryview(y)
try:
    y.append(1)
except BufferError as e:
    print(e)
# expect: Existing exports of data: object cannot be re-sized
v.release()
y.append(51)
print(y)  # expect: bytearray(b'123')
