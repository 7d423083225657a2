# if, while, for, break, continue, else
def sign(x):
    if x < 0:
        return "negative"
    elif x == 0:
        return "zero"
    else:
        return "positive"
print(sign(-5), sign(0), sign(5))  # expect: negative zero positive
i = 0
while i < 3:
    print("i", i)
    i += 1
else:
    print("while else")
# expect: i 0
# expect: i 1
# expect: i 2
# expect: while else
while True:
    i += 1
    if i == 5:
        continue
    if i > 6:
        break
    print("loop", i)
else:
    print("not printed")
# expect: loop 4
# expect: loop 6
for n in [1, 2, 3]:
    if n == 2:
        continue
    print(n)
else:
    print("for else")
# expect: 1
# expect: 3
# expect: for else
for n in range(10):
    if n * n > 20:
        print("found", n)
        break
else:
    print("not printed")
# expect: found 5
for n in []:
    pass
else:
    print("empty else, n is still", n)
# expect: empty else, n is still 5
for a in range(3):
    for b in range(3):
        if a == b:
            break
        print(a, b)
# expect: 1 0
# expect: 2 0
# expect: 2 1
pass
x = 1 if n > 3 else 2
print(x)  # expect: 1
