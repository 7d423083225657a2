# small integers and precedence
print(1 + 2)  # expect: 3
print(7 - 10)  # expect: -3
print(6 * 7)  # expect: 42
print(2 + 3 * 4)  # expect: 14
print((2 + 3) * 4)  # expect: 20
print(7 // 2, -7 // 2, 7 // -2, -7 // -2)  # expect: 3 -4 -4 3
print(7 % 3, -7 % 3, 7 % -3, -7 % -3)  # expect: 1 2 -2 -1
print(7 / 2, 6 / 3)  # expect: 3.5 2.0
print(2 ** 10, 2 ** -1, (-2) ** 3)  # expect: 1024 0.5 -8
print(-2 ** 2)  # expect: -4
print(2 ** 3 ** 2)  # expect: 512
print(5 & 3, 5 | 3, 5 ^ 3, ~5)  # expect: 1 7 6 -6
print(1 << 10, 1024 >> 3, -1 >> 5)  # expect: 1024 128 -1
print(1 + 2 << 3)  # expect: 24
print(not 0, not 1)  # expect: True False
x = 10
x += 5
print(x)  # expect: 15
x -= 3
x *= 2
print(x)  # expect: 24
x //= 5
print(x)  # expect: 4
x **= 3
print(x)  # expect: 64
x %= 7
x <<= 4
x |= 3
x ^= 1
x &= 0xFE
x >>= 1
print(x)  # expect: 9
x = 9
x /= 2
print(x)  # expect: 4.5
