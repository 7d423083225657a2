# assignment expressions and conditional expressions
if (n := len("hello")) > 3:
    print(n)
# expect: 5
data = [1, 2, 3, 4]
it = iter(data)
while (x := next(it, None)) is not None:
    print(x, end=" ")
print(x)  # expect: 1 2 3 4 None
print([y for v in data if (y := v * v) > 4], y, (a := 1, b := 2), a, b, (z := [1])[0], z)
# expect: [9, 16] 16 (1, 2) 1 2 1 [1]
print(f"{(w := 3)} {w}", {(k := "key"): k}, (lambda: (q := 5) + q)())  # expect: 3 3 {'key': 'key'} 10
def f():
    if any((found := v) > 2 for v in data):
        return found
print(f())  # expect: 3
total = 0
print([total := total + v for v in data], total)  # expect: [1, 3, 6, 10] 10
def g(x=(d := 10)): return x
print(g(), d, print(p := 1) or p, max(m := 3, 2), m)
# expect: 1
# expect: 10 10 1 3 3
print("yes" if 1 else "no", "a" if 0 else "b" if 0 else "c", (1 if True else 2) + 3, [i if i % 2 else -i for i in range(4)], 1 if [] else 2 if {} else 3)
# expect: yes c 4 [0, 1, -2, 3] 3
def side(v):
    print("side", v)
    return v
print(side(1) if side(0) else side(2))
# expect: side 0
# expect: side 2
# expect: 2
class C:
    x = (inner := 5)
print(C.inner, C.x)  # expect: 5 5
def glob():
    global gg
    return (gg := 9)
print(glob(), gg)  # expect: 9 9
print(not (t := False), t, (u := 1) and (v2 := 2), u, v2, 5 if (e := "") else e or "empty")
# expect: True False 2 1 2 empty
