import gc


class Base:
    pass


class Kept(Base):
    pass


def make():
    for i in range(50):
        type(f"Made{i}", (Base, object), {"x": i})


make()
gc.collect()
found = Base.__subclasses__()
print(found[0])  # expect: <class '__main__.Kept'>
print(all(repr(cls) for cls in object.__subclasses__()))  # expect: True
Kept.__bases__ = (Base,)
print([cls.__name__ for cls in Base.__subclasses__()][-1])  # expect: Kept
