# slice reads, assignments and deletions of lists
a = list(range(10))
print(a[2:7:2], a[::-2], a[-3:], a[:-8], a[5:5], a[100:], a[7:2:-2])
# expect: [2, 4, 6] [9, 7, 5, 3, 1] [7, 8, 9] [0, 1] [] [] [7, 5, 3]
a[2:4] = [20, 30, 31]
print(a)  # expect: [0, 1, 20, 30, 31, 4, 5, 6, 7, 8, 9]
a[1:1] = "xy"
print(a)  # expect: [0, 'x', 'y', 1, 20, 30, 31, 4, 5, 6, 7, 8, 9]
a[:3] = []
print(a)  # expect: [1, 20, 30, 31, 4, 5, 6, 7, 8, 9]
a[::2] = [0] * len(a[::2])
print(a)  # expect: [0, 20, 0, 31, 0, 5, 0, 7, 0, 9]
del a[1::3]
print(a)  # expect: [0, 0, 31, 5, 0, 0, 9]
del a[-2:]
print(a)  # expect: [0, 0, 31, 5, 0]
a[:] = (1, 2, 3)
print(a)  # expect: [1, 2, 3]
a[len(a):] = [4, 5]
print(a)  # expect: [1, 2, 3, 4, 5]
a[1:3] = a
print(a)  # expect: [1, 1, 2, 3, 4, 5, 4, 5]
a[::-1] = a[:]
print(a)  # expect: [5, 4, 5, 4, 3, 2, 1, 1]
a[5:2] = ["ins"]
print(a)  # expect: [5, 4, 5, 4, 3, 'ins', 2, 1, 1]
for text in ("a[::2] = [1]", "a[0:2] = 5", "a['x']", "a[::0]", "a[20] = 1", "del a[20]", "a[1.5]", "del a['k']", "a[::2] = 1", "a[0:1:2] = []"):
    try:
        exec(text)
        print("no error", text)
    except (ValueError, TypeError, IndexError) as e:
        print(text, "->", type(e).__name__, e)
# expect: a[::2] = [1] -> ValueError attempt to assign sequence of size 1 to extended slice of size 5
# expect: a[0:2] = 5 -> TypeError must assign iterable to extended slice
# expect: a['x'] -> TypeError list indices must be integers or slices, not str
# expect: a[::0] -> ValueError slice step cannot be zero
# expect: a[20] = 1 -> IndexError list assignment index out of range
# expect: del a[20] -> IndexError list assignment index out of range
# expect: a[1.5] -> TypeError list indices must be integers or slices, not float
# expect: del a['k'] -> TypeError list indices must be integers or slices, not str
# expect: a[::2] = 1 -> TypeError must assign iterable to extended slice
# expect: a[0:1:2] = [] -> ValueError attempt to assign sequence of size 0 to extended slice of size 1
b = [1, 2, 3, 4, 5, 6]
del b[4:1:-2]
print(b)  # expect: [1, 2, 4, 6]
b[1:3] = (x * x for x in range(4))
print(b, b[-100:100], b[slice(1, 3)])  # expect: [1, 0, 1, 4, 9, 6] [1, 0, 1, 4, 9, 6] [0, 1]
c = [0] * 5
c[1:4:2] = "pq"
print(c)  # expect: [0, 'p', 0, 'q', 0]
