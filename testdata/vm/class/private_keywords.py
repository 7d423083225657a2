# Names of keyword arguments are as written; those of parameters and attributes are private to the class.


def take(**given):
    return given


class Box:
    def call(self):
        return take(__a=1), take(**{"__b": 2}, __c=3)

    def own(self, __value=0):
        return __value


print(Box().call())
# expect: ({'__a': 1}, {'__b': 2, '__c': 3})
print(Box().own(_Box__value=4))
# expect: 4


class Late(metaclass=lambda name, bases, space, **given: given):
    pass


class Outer:
    class Inner(metaclass=lambda name, bases, space, **given: given, __key=5):
        pass

    found = Inner


print(Outer.found)
# expect: {'__key': 5}
