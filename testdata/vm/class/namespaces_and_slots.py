# modules whose class is changed, and what __slots__ puts into a class
import sys, types


class Lazy(types.ModuleType):
    def __getattr__(self, name):
        return "made " + name

    @property
    def answer(self):
        return 42


sys.modules[__name__].__class__ = Lazy
own = sys.modules[__name__]
print(own.answer, own.missing, own.own is own)
# expect: 42 made missing True
fresh = Lazy("fresh")
fresh.x = 1
print(fresh.x, fresh.__dict__["x"], "x" in vars(fresh))
# expect: 1 1 True
plain = types.ModuleType("plain")
plain.y = 2
plain.__class__ = Lazy
print(plain.y, plain.z)
# expect: 2 made z


class WithWeakref:
    __slots__ = ("a", "__weakref__")


class WithDict:
    __slots__ = ("__dict__",)


print(sorted(name for name in vars(WithWeakref) if name in ("a", "__weakref__", "__dict__")))
# expect: ['__weakref__', 'a']
print(sorted(name for name in vars(WithDict) if name in ("__weakref__", "__dict__")))
# expect: ['__dict__']
print(isinstance(WithWeakref.a, types.MemberDescriptorType), types.MemberDescriptorType is types.GetSetDescriptorType)
# expect: True False
