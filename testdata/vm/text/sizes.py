# Widths and precisions beyond what the standard formatters take.
print(len(f"{1.0:.100000e}"), f"{1.0:.100000e}"[-8:])  # expect: 100006 0000e+00
print(len(f"{1.5:.100000f}"), f"{1.1:.100000g}"[-3:])  # expect: 100002 625
print(len("%.100000d" % 1), len(f"{1:0100000,}"))  # expect: 100000 100001
print(round(1.5, 70000), len("%.70000f" % 0.1))  # expect: 1.5 70002
try:
    "%.2147483648f" % 1.0
except ValueError as error:
    print(error)  # expect: precision too big
for make in (lambda: bytes(2**62), lambda: "x".ljust(2**61), lambda: b"x".center(2**61), lambda: bytearray(2**61), lambda: 1 << 2**39):
    try:
        make()
    except MemoryError:
        print("MemoryError")
# expect: MemoryError
# expect: MemoryError
# expect: MemoryError
# expect: MemoryError
# expect: MemoryError
import codecs

for decode in (codecs.utf_8_decode, codecs.utf_16_decode, codecs.latin_1_decode):
    try:
        decode(2**40)
    except TypeError as error:
        print(error)
# expect: a bytes-like object is required, not 'int'
# expect: a bytes-like object is required, not 'int'
# expect: a bytes-like object is required, not 'int'
