# comparisons, chains and identity
print(1 < 2, 2 < 1, 1 <= 1, 1 >= 2, 1 == 1, 1 != 1)  # expect: True False True False True False
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 >= 2)  # expect: True False True
print(1 == 1.0, 1 == True, "1" == 1)  # expect: True True False
print("a" < "b", "a" < "B", "ab" < "abc")  # expect: True False True
print([1, 2] < [1, 3], [1] < [1, 0], (1, 2) == (1, 2))  # expect: True True True
print(None is None, None is not None, [] is [])  # expect: True False False
print(1 in [1, 2], 3 in [1, 2], 3 not in [1, 2])  # expect: True False True
print("ell" in "hello", "" in "abc")  # expect: True True
def show(x):
    print("show", x)
    return x
print(show(1) < show(2) < show(3))
# expect: show 1
# expect: show 2
# expect: show 3
# expect: True
print(show(3) < show(2) < show(1))
# expect: show 3
# expect: show 2
# expect: False
for a, b in [(1, "a"), (None, 1), ([], ()), (1j, 2)]:
    try:
        print(a < b)
    except TypeError as e:
        print(e)
# expect: '<' not supported between instances of 'int' and 'str'
# expect: '<' not supported between instances of 'NoneType' and 'int'
# expect: '<' not supported between instances of 'list' and 'tuple'
# expect: '<' not supported between instances of 'complex' and 'int'
print(float("nan") == float("nan"))  # expect: False
nan = float("nan")
print(nan in [nan], nan == nan, [nan] == [nan])  # expect: True False True
