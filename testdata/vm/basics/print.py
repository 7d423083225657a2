# print: separators, ends, conversion by str
print("hello")  # expect: hello
print(1, 2, 3)  # expect: 1 2 3
print()  # expect:
print("a", "b", sep="-")  # expect: a-b
print("a", "b", sep="")  # expect: ab
print("no newline", end="")
print("!")  # expect: no newline!
print("one", end=" ")
print("two", end=".\n")  # expect: one two.
print(None, True, False)  # expect: None True False
print("a\nb")
# expect: a
# expect: b
print(*[1, 2, 3])  # expect: 1 2 3
print(*"abc", sep=", ")  # expect: a, b, c
print("x", sep=None, end=None)  # expect: x
try:
    print("x", sep=1)
except TypeError as e:
    print(e)
# expect: sep must be None or a string, not int
class P:
    def __str__(self):
        return "str of P"
    def __repr__(self):
        return "repr of P"
print(P(), [P()])  # expect: str of P [repr of P]
