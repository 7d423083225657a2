# every list method, with corner cases
a = [3, 1, 2]
print(a.append(4), a.extend(x for x in "ab"), a.insert(-1, "z"), a.insert(100, "end"), a.insert(-100, "start"), a)
# expect: None None None None None ['start', 3, 1, 2, 4, 'a', 'z', 'b', 'end']
print(a.index(1), a.index(2, 2), a.count(3), a.remove("z"), a.reverse(), a)
# expect: 2 3 1 None None ['end', 'b', 'a', 4, 2, 1, 3, 'start']
for text in ("a.index('nope')", "a.index(3, 100)", "a.remove('nope')", "a.pop(50)", "a.pop('x')", "a.insert(1)", "a.append()", "a.append(1, 2)", "a.extend(5)", "a + (1,)", "a * 'x'", "a * 1.0", "a < 5", "hash(a)"):
    try:
        exec(text)
    except (ValueError, TypeError, IndexError) as e:
        print(text, "->", type(e).__name__, e)
# expect: a.index('nope') -> ValueError list.index(x): x not in list
# expect: a.index(3, 100) -> ValueError list.index(x): x not in list
# expect: a.remove('nope') -> ValueError list.remove(x): x not in list
# expect: a.pop(50) -> IndexError pop index out of range
# expect: a.pop('x') -> TypeError 'str' object cannot be interpreted as an integer
# expect: a.insert(1) -> TypeError insert expected 2 arguments, got 1
# expect: a.append() -> TypeError list.append() takes exactly one argument (0 given)
# expect: a.append(1, 2) -> TypeError list.append() takes exactly one argument (2 given)
# expect: a.extend(5) -> TypeError 'int' object is not iterable
# expect: a + (1,) -> TypeError can only concatenate list (not "tuple") to list
# expect: a * 'x' -> TypeError can't multiply sequence by non-int of type 'str'
# expect: a * 1.0 -> TypeError can't multiply sequence by non-int of type 'float'
# expect: a < 5 -> TypeError '<' not supported between instances of 'list' and 'int'
# expect: hash(a) -> TypeError unhashable type: 'list'
a += (1,)
print(a, a * 0, -1 * a, 2 * [1], [1, 2] == [1, 2.0], [1, 2] < [1, 2, 0], [2] > [1, 9], [] < [0])
# expect: ['end', 'b', 'a', 4, 2, 1, 3, 'start', 1] [] [] [1, 1] True True True True
b = a.copy()
b.clear()
print(len(a), b, a is not b, [*a[:2], *"xy"], list("ab"), list(range(3)), list({"k": 1}), list())
# expect: 9 [] True ['end', 'b', 'x', 'y'] ['a', 'b'] [0, 1, 2] ['k'] []
x = [1, 2, 3]
x.extend(x)
x += x[:1]
x *= 2
print(x)  # expect: [1, 2, 3, 1, 2, 3, 1, 1, 2, 3, 1, 2, 3, 1]
n = [[0] * 2] * 2
n[0][0] = 1
print(n, [[0] * 2 for _ in range(2)])  # expect: [[1, 0], [1, 0]] [[0, 0], [0, 0]]
r = [1]
r.append(r)
print(r, r[1] is r, r == r)  # expect: [1, [...]] True True
s = [1, [2, [3, [4]]]]
t = s.copy()
t[1].append("shared")
print(s, s[1] is t[1], [None] in [[None]], [1, 2].__contains__(2), [float("nan")] != [float("nan")])
# expect: [1, [2, [3, [4]], 'shared']] True True True True
e = []
print(e.__len__(), e.__sizeof__() > 0, list.__doc__ is not None, e.__iadd__([1]), [1].__eq__(5), [1].__add__([2]))
# expect: 0 True True [1] NotImplemented [1, 2]
