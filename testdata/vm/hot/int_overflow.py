# a hot loop whose integers leave the small range and come back
def grow(n):
    x = 1
    for _ in range(n):
        x = x * 2 + 1
    return x
print(grow(10), grow(59), grow(60), grow(61), grow(62), grow(63), grow(64), grow(100))
# expect: 2047 1152921504606846975 2305843009213693951 4611686018427387903 9223372036854775807 18446744073709551615 36893488147419103231 2535301200456458802993406410751
def add(n, start, step):
    x = start
    for _ in range(n):
        x += step
    return x
for _ in range(50):
    add(1000, 0, 1)
print(add(1000, 2**62 - 500, 1), add(1000, -(2**62) + 500, -1), add(1000, 2**63 - 500, 1), add(10, 2**100, -1), add(1000, 0.5, 1), add(3, "a", "b"))
# expect: 4611686018427388404 -4611686018427388404 9223372036854776308 1267650600228229401496703205366 1000.5 abbb
def shrink(x):
    n = 0
    while x:
        x >>= 1
        n += 1
    return n
print([shrink(2**k) for k in (0, 1, 61, 62, 63, 64, 200)])  # expect: [1, 2, 62, 63, 64, 65, 201]
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps
print(max((collatz(i), i) for i in range(1, 3000)), collatz(2**64 - 1))  # expect: (216, 2919) 863
def mixed(k):
    total = 0
    for i in range(k):
        total += (i << (i % 70)) ^ (-i >> 2)
    return total
print(mixed(2000))  # expect: -33486300732225478443034666
def modmul(a, b, m):
    r = 0
    for i in range(500):
        r = (r * a + b + i) % m
    return r
print(modmul(6364136223846793005, 1442695040888963407, 2**64), modmul(31, 7, 10**9 + 7), modmul(-31, 7, -97))
# expect: 16125141546671825906 884319645 -61
def neg(n):
    x = -2**62
    out = []
    for i in range(n):
        out.append(-x == abs(x))
        x -= 2**60
    return all(out), x
print(neg(100))  # expect: (True, -119903836479112085504)
