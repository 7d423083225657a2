# division, modulo and shifts of small integers in all sign combinations
for a in (7, -7, 6, -6, 0, 1):
    for b in (2, -2, 3, -3):
        q, r = divmod(a, b)
        if a // b != q or a % b != r or q * b + r != a:
            print("wrong", a, b)
        print(a, b, q, r)
# expect: 7 2 3 1
# expect: 7 -2 -4 -1
# expect: 7 3 2 1
# expect: 7 -3 -3 -2
# expect: -7 2 -4 1
# expect: -7 -2 3 -1
# expect: -7 3 -3 2
# expect: -7 -3 2 -1
# expect: 6 2 3 0
# expect: 6 -2 -3 0
# expect: 6 3 2 0
# expect: 6 -3 -2 0
# expect: -6 2 -3 0
# expect: -6 -2 3 0
# expect: -6 3 -2 0
# expect: -6 -3 2 0
# expect: 0 2 0 0
# expect: 0 -2 0 0
# expect: 0 3 0 0
# expect: 0 -3 0 0
# expect: 1 2 0 1
# expect: 1 -2 -1 -1
# expect: 1 3 0 1
# expect: 1 -3 -1 -2
print([n >> 1 for n in (5, -5, -1, 0, 1)], [n << 2 for n in (5, -5)])  # expect: [2, -3, -1, 0, 0] [20, -20]
print(-1 >> 1000, 1 >> 1000, 0 << 1000)  # expect: -1 0 0
print(~0, ~-1, -8 & 0xFF, -8 | 3, -8 ^ 3)  # expect: -1 0 248 -5 -5
for op in ("1 // 0", "1 % 0", "divmod(1, 0)", "1 / 0", "1 << -1", "1 >> -1", "0 ** -1", "pow(2, -1, 0)", "pow(2, 3, 0)"):
    try:
        eval(op)
    except (ZeroDivisionError, ValueError) as e:
        print(op, type(e).__name__, e)
# expect: 1 // 0 ZeroDivisionError division by zero
# expect: 1 % 0 ZeroDivisionError division by zero
# expect: divmod(1, 0) ZeroDivisionError division by zero
# expect: 1 / 0 ZeroDivisionError division by zero
# expect: 1 << -1 ValueError negative shift count
# expect: 1 >> -1 ValueError negative shift count
# expect: 0 ** -1 ZeroDivisionError zero to a negative power
# expect: pow(2, -1, 0) ValueError pow() 3rd argument cannot be 0
# expect: pow(2, 3, 0) ValueError pow() 3rd argument cannot be 0
print(pow(3, 200, 13), pow(-3, 3, 7), pow(3, 3, -7), pow(3, -1, 7), pow(2, 10))  # expect: 9 1 -1 5 1024
try:
    pow(2, -1, 4)
except ValueError as e:
    print(e)
# expect: base is not invertible for the given modulus
print((5).bit_length(), (-5).bit_length(), (0).bit_length(), (255).bit_count(), (-7).bit_count())  # expect: 3 3 0 8 3
print(int.from_bytes(b"\x01\x02", "big"), int.from_bytes(b"\xff\xfe", "little", signed=True), int.from_bytes(b""))
# expect: 258 -257 0
print((258).to_bytes(2, "big"), (-2).to_bytes(3, "little", signed=True), (5).to_bytes())
# expect: b'\x01\x02' b'\xfe\xff\xff' b'\x05'
try:
    (256).to_bytes(1, "big")
except OverflowError as e:
    print(e)
# expect: int too big to convert
try:
    (-1).to_bytes(1, "big")
except OverflowError as e:
    print(e)
# expect: can't convert negative int to unsigned
print((6).as_integer_ratio(), (5).real, (5).imag, (5).numerator, (5).denominator, (5).conjugate(), (5).is_integer())
# expect: (6, 1) 5 0 5 1 5 True
