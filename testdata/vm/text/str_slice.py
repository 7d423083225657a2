# slices and indices with every kind of bound
s = "0123456789"
print(s[2:5], s[:3], s[7:], s[:], s[-3:], s[:-3], s[-5:-2], s[5:2], s[20:], s[:20], s[-20:3])
# expect: 234 012 789 0123456789 789 0123456 567   0123456789 012
print(s[::2], s[1::3], s[::-1], s[::-3], s[8:2:-2], s[2:8:-1], s[-1:-4:-1], s[None:None:None], s[5:None:-1])
# expect: 02468 147 9876543210 9630 864  987 0123456789 543210
print(s[True], s[slice(1, 4)], s[slice(None, None, 4)], s[-10], s[9:10], s[10:10] == "")  # expect: 1 123 048 0 9 True
for bad in ("s[::0]", "s[10]", "s[-11]", "s[1.0]", "s['1']", "s[1:'x']", "s[10**30]", "s[None]"):
    try:
        eval(bad)
    except (ValueError, IndexError, TypeError) as e:
        print(bad, type(e).__name__, e)
# expect: s[::0] ValueError slice step cannot be zero
# expect: s[10] IndexError string index out of range
# expect: s[-11] IndexError string index out of range
# expect: s[1.0] TypeError string indices must be integers, not 'float'
# expect: s['1'] TypeError string indices must be integers, not 'str'
# expect: s[1:'x'] TypeError slice indices must be integers or None or have an __index__ method
# expect: s[10**30] IndexError cannot fit 'int' into an index-sized integer
# expect: s[None] TypeError string indices must be integers, not 'NoneType'
print(s[10**30:], s[:10**30], s[-10**30:2], s[::10**30])  # expect:  0123456789 01 0
u = "aé日🐍"
print(u[0], u[1], u[2], u[3], u[-1], u[1:3], u[::-1], len(u), [ord(c) for c in u])
# expect: a é 日 🐍 🐍 é日 🐍日éa 4 [97, 233, 26085, 128013]
class I:
    def __index__(self):
        return 3
print(s[I()], s[I():], s[:I()], s[::I()])  # expect: 3 3456789 012 0369
print(slice(1, 10, 3).indices(5), slice(None, None, -1).indices(5), slice(-3, None).indices(5), slice(1, 2) == slice(1, 2), slice(3), slice(1, 2, 3).stop)
# expect: (1, 5, 3) (4, -1, -1) (2, 5, 1) True slice(None, 3, None) 2
print(hash(slice(1, 2)) == hash(slice(1, 2)))  # expect: True
try:
    slice(1, 2, 0).indices(3)
except ValueError as e:
    print(e)
# expect: slice step cannot be zero
