# the dictionary of a class cannot be replaced by a descriptor of another base
class Base:
    pass
class Meta(Base, type):
    pass
class C(metaclass=Meta):
    pass
for change in (lambda: delattr(C, "__dict__"), lambda: setattr(C, "__dict__", {}), lambda: Base.__dict__["__dict__"].__set__(C, {}), lambda: Base.__dict__["__dict__"].__delete__(C)):
    try:
        change()
        print("changed")
    except (AttributeError, TypeError) as e:
        print(type(e).__name__)
# expect: AttributeError
# expect: AttributeError
# expect: AttributeError
# expect: AttributeError
for make in (lambda: type("A\0B", (), {}), lambda: type("A", (), {"__doc__": "\udc00"}), lambda: type("\udc00", (), {})):
    try:
        make()
    except ValueError as e:
        print(type(e).__name__)
# expect: ValueError
# expect: UnicodeEncodeError
# expect: UnicodeEncodeError
import copy, types
class Odd(types.SimpleNamespace):
    made = False
    def __new__(cls, *args, **keywords):
        return 5 if cls.made else super().__new__(cls)
odd = Odd()
Odd.made = True
try:
    copy.replace(odd)
except TypeError as e:
    print(e)
# expect: expect types.SimpleNamespace type, but Odd() returned 'int' object
