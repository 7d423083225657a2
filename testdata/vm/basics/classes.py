# classes, instances, methods, inheritance
class Point:
    kind = "point"
    def __init__(self, x, y):
        self.x = x
        self.y = y
    def norm2(self):
        return self.x * self.x + self.y * self.y
    def __repr__(self):
        return f"Point({self.x}, {self.y})"
p = Point(3, 4)
print(p, p.x, p.norm2(), p.kind, Point.kind)  # expect: Point(3, 4) 3 25 point point
p.x = 10
p.z = "new"
print(p, p.z, p.__dict__)  # expect: Point(10, 4) new {'x': 10, 'y': 4, 'z': 'new'}
p.kind = "mine"
print(p.kind, Point.kind, Point(0, 0).kind)  # expect: mine point point
del p.kind
print(p.kind)  # expect: point
class Point3(Point):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z
    def norm2(self):
        return super().norm2() + self.z ** 2
q = Point3(1, 2, 3)
print(q, q.norm2(), isinstance(q, Point), issubclass(Point3, Point), type(q).__name__)
# expect: Point(1, 2) 14 True True Point3
m = q.norm2
print(m(), Point.norm2(q), m.__self__ is q, m.__func__ is Point3.norm2)  # expect: 14 5 True True
try:
    p.nope
except AttributeError as e:
    print(e)
# expect: 'Point' object has no attribute 'nope'
try:
    Point(1)
except TypeError as e:
    print(e)
# expect: Point.__init__() missing 1 required positional argument: 'y'
try:
    Point.norm2()
except TypeError as e:
    print(e)
# expect: Point.norm2() missing 1 required positional argument: 'self'
print(hasattr(p, "x"), getattr(p, "nope", 7), Point.__name__, Point.__bases__)
# expect: True 7 Point (<class 'object'>,)
class Empty: ...
e = Empty()
print(type(e), e.__class__ is Empty, isinstance(e, object), Empty.__dict__.get("__doc__"))
# expect: <class '__main__.Empty'> True True None
