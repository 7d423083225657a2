# words that are keywords only in places
match = case = type = _ = 1
print(match, case, type, _)  # expect: 1 1 1 1
del type
match = {"case": 2}
print(match["case"], match.get("x"))  # expect: 2 None
def case(match): return match * 2
print(case(4), [match for match in range(2)], (lambda match: match)(5))  # expect: 8 [0, 1] 5
class match: case = 3
print(match.case)  # expect: 3
match (1, 2):
    case (a, b): print("tuple", a, b)
# expect: tuple 1 2
match [1]:
    case [x]: print("list", x)
# expect: list 1
match -1:
    case -1: print("minus one")
# expect: minus one
match {"a": 1}:
    case {"a": a}: print("map", a)
# expect: map 1
match = 5
match match:
    case case: print("captured", case)
# expect: captured 5
type X = int
type = 7
type Y = list[X]
print(type, X.__value__, Y.__value__)  # expect: 7 <class 'int'> list[X]
type: int = 8
print(type)  # expect: 8
type = lambda x: "shadowed"
print(type(5))  # expect: shadowed
del type
print(type(5).__name__)  # expect: int
print(1 if (lambda: 0)() else "lambda in condition")  # expect: lambda in condition
async def await_like():
    return 1
def f(*, match, case, type): return match + case + type
print(f(match=1, case=2, type=3))  # expect: 6
import types as type
print(type.__name__)  # expect: types
del type
_ = "underscore"
match 5:
    case _: print("wildcard leaves", _)
# expect: wildcard leaves underscore
print(_)  # expect: underscore
for match in [1]: pass
with open("/dev/null") as case: pass
print(match, case.closed)  # expect: 1 True
match match, case:
    case 1, _: print("open sequence")
# expect: open sequence
match lambda: 0:
    case f if f() == 0: print("lambda subject")
# expect: lambda subject
match (yield_ := 3):
    case 3: print("walrus", yield_)
# expect: walrus 3
match "abc":
    case "abc" | "def" as word: print(word)
# expect: abc
match 1 + 1j:
    case 1 + 1j: print("complex")
# expect: complex
match b"x":
    case b"x": print("bytes")
# expect: bytes
