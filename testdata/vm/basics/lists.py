# list displays, indexing, slices, mutation
a = [1, 2, 3]
print(a, len(a), a[0], a[-1])  # expect: [1, 2, 3] 3 1 3
a.append(4)
a[0] = 10
print(a)  # expect: [10, 2, 3, 4]
a += [5, 6]
print(a[1:4], a[:2], a[-2:], a[::2], a[::-1])  # expect: [2, 3, 4] [10, 2] [5, 6] [10, 3, 5] [6, 5, 4, 3, 2, 10]
a[1:3] = ["x"]
print(a)  # expect: [10, 'x', 4, 5, 6]
del a[0]
print(a, a.pop(), a.pop(0), a)  # expect: [4, 5] 6 x [4, 5]
a.insert(1, "new")
a.extend("hi")
print(a)  # expect: [4, 'new', 5, 'h', 'i']
a.remove("new")
print(a.index("h"), a.count("h"), "i" in a)  # expect: 2 1 True
print([1] + [2], [0] * 3, [[]] * 2)  # expect: [1, 2] [0, 0, 0] [[], []]
b = [3, 1, 2]
b.sort()
print(b, sorted([3, 1, 2], reverse=True), b.reverse(), b)  # expect: [3, 2, 1] [3, 2, 1] None [3, 2, 1]
try:
    b[5]
except IndexError as e:
    print(e)
# expect: list index out of range
try:
    b.remove(99)
except ValueError as e:
    print(e)
# expect: list.remove(x): x not in list
try:
    [].pop()
except IndexError as e:
    print(e)
# expect: pop from empty list
print([[1, 2], [3]], [(1,), "s", None, 1.5])  # expect: [[1, 2], [3]] [(1,), 's', None, 1.5]
print([x * x for x in range(5)], [x for x in range(10) if x % 3 == 0])  # expect: [0, 1, 4, 9, 16] [0, 3, 6, 9]
c = b
c.append(0)
print(b, b is c, b[:] is b, b.copy() == b)  # expect: [3, 2, 1, 0] True False True
b.clear()
print(b, c)  # expect: [] []
