# ordering, equality, hashing, concatenation in loops
words = ["banana", "Apple", "cherry", "apple", "éclair", "Zoo", "", "10", "9", "日"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=lambda w: (len(w), w)))
# expect: ['', '10', '9', 'Apple', 'Zoo', 'apple', 'banana', 'cherry', 'éclair', '日'] ['', '10', '9', 'Apple', 'apple', 'banana', 'cherry', 'Zoo', 'éclair', '日'] ['', '9', '日', '10', 'Zoo', 'Apple', 'apple', 'banana', 'cherry', 'éclair']
print("a" < "b" < "c", "Z" < "a", "abc" < "abcd", "" < "a", "é" > "z", "\ud7ff" < "\U00010000", "\uffff" < "\U00010000")
# expect: True True True True True True True
s = ""
for i in range(200):
    s += chr(97 + i % 26)
t = "".join(chr(97 + i % 26) for i in range(200))
print(s == t, hash(s) == hash(t), len(s), s is not t, {s: 1}[t])  # expect: True True 200 True 1
a = "x"
b = a
a += "y"
print(a, b, a * 2 + b, "ab" "cd" == "abcd", not "", "a" "b" * 2)  # expect: xy x xyxyx True True abab
for bad in ("'a' + 1", "'a' + b'a'", "'a' * 1.5", "'a' - 'a'", "'a' < 1", "-'a'", "'a' * 'b'", "b'a' + 'a'", "'a'.upper", "'a' @ 'b'"):
    try:
        print(bad, type(eval(bad)).__name__)
    except TypeError as e:
        print(bad, "->", e)
# expect: 'a' + 1 -> can only concatenate str (not "int") to str
# expect: 'a' + b'a' -> can only concatenate str (not "bytes") to str
# expect: 'a' * 1.5 -> can't multiply sequence by non-int of type 'float'
# expect: 'a' - 'a' -> unsupported operand type(s) for -: 'str' and 'str'
# expect: 'a' < 1 -> '<' not supported between instances of 'str' and 'int'
# expect: -'a' -> bad operand type for unary -: 'str'
# expect: 'a' * 'b' -> can't multiply sequence by non-int of type 'str'
# expect: b'a' + 'a' -> can't concat str to bytes
# expect: 'a'.upper builtin_function_or_method
# expect: 'a' @ 'b' -> unsupported operand type(s) for @: 'str' and 'str'
try:
    "a" * (10**18)
except (MemoryError, OverflowError) as e:
    print("too large")
# expect: too large
class S(str):
    def __eq__(self, other):
        return "S.eq"
    def __hash__(self):
        return 1
print("a" == S("a"), S("a") == "a", S("x") + "y", type(S("x") + "y").__name__, S("abc").upper(), type(S("a")[:]).__name__)
# expect: S.eq S.eq xy str ABC str
