# truth values, and/or results, short circuit
print(bool(0), bool(1), bool(""), bool("0"), bool([]), bool([0]), bool(None), bool(0.0), bool({}))
# expect: False True False True False True False False False
print(1 and 2, 0 and 2, 1 or 2, 0 or 2, "" or "default", None and 1)  # expect: 2 0 1 2 default None
print(not None, not "x")  # expect: True False
def t(name, value):
    print("eval", name)
    return value
print(t("a", 0) and t("b", 1))
# expect: eval a
# expect: 0
print(t("a", 0) or t("b", 1))
# expect: eval a
# expect: eval b
# expect: 1
print(t("a", 1) or t("b", 1) and t("c", 0))
# expect: eval a
# expect: 1
class Truth:
    def __init__(self, v):
        self.v = v
    def __bool__(self):
        print("bool?")
        return self.v
if Truth(True):
    print("yes")
# expect: bool?
# expect: yes
print(not Truth(False))
# expect: bool?
# expect: True
class Sized:
    def __len__(self):
        return 0
print(bool(Sized()))  # expect: False
class Bad:
    def __bool__(self):
        return 1
try:
    bool(Bad())
except TypeError as e:
    print(e)
# expect: __bool__ should return bool, returned int
class BadLen:
    def __len__(self):
        return -1
try:
    bool(BadLen())
except ValueError as e:
    print(e)
# expect: __len__() should return >= 0
print(True + True, True * 3, isinstance(True, int), issubclass(bool, int))  # expect: 2 3 True True
print(True & False, True | False, True ^ True, type(True & False), type(True & 1))
# expect: False True False <class 'bool'> <class 'int'>
print(repr(True), str(False), int(True))  # expect: True False 1
