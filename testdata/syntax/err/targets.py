f() = 1
1 += 2
del g()
(a, 2) = x
None = 3
x: int, y = 1
f(): int
(y := 1) = 2
