"""Attributes: slots, class attributes, properties, stores, two classes at one site, many classes at one site."""


class Point:
    kind = "point"

    def __init__(self, x, y):
        self.x = x
        self.y = y

    @property
    def total(self):
        return self.x + self.y


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def one_class(point, turns):
    for turn in range(turns):
        point.x = point.y + turn
        point.kind
        point.total


def two_classes(points, turns):
    for turn in range(turns):
        for point in points:
            point.y = point.x


def many_classes(points, turns):
    for turn in range(turns):
        for point in points:
            point.x = point.y


made = []
for number in range(12):
    cls = type("Made%d" % number, (Point,), {})
    made.append(cls(number, number))
one_class(Point(1, 2), 3000)
two_classes([Point(1, 2), Slotted(3, 4)], 2000)
many_classes(made, 500)
