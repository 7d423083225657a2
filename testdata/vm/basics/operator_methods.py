# Operators, comparisons and keyword calls whose targets are Python functions: what declined methods, reflection and in-place forms give.
class V:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return V(self.x + other.x) if isinstance(other, V) else NotImplemented

    def __radd__(self, other):
        return ("radd", other)

    def __iadd__(self, other):
        return NotImplemented if other is None else self

    def __mul__(self, other):
        raise ValueError(other)

    def __eq__(self, other):
        return NotImplemented if other == "?" else self.x == other.x

    def __lt__(self, other):
        return NotImplemented


class W(V):
    def __radd__(self, other):
        return "W.radd"

    def __gt__(self, other):
        return "W.gt"


class S(V):
    pass


def tried(operation):
    def call(a, b):
        try:
            return operation(a, b)
        except (TypeError, ValueError) as error:
            return str(error)

    return call


@tried
def plus(a, b):
    return a + b


@tried
def increased(a, b):
    a += b
    return a


@tried
def less(a, b):
    return a < b


@tried
def times(a, b):
    return a * b


def equal(a, b):
    return a == b


for turn in range(20):
    sums = [plus(V(1), V(2)).x, plus(V(1), S(2)).x, plus(V(1), W(1)), plus(V(1), 3), plus(3, V(1)), plus(V(1), [1])]
    others = [increased(V(1), None), increased(V(1), 5).x, less(V(1), V(2)), less(V(1), W(2)), less(V(1), 3)]
    answers = [equal(V(1), V(1)), equal(V(1), V(2)), equal(V(1), "?"), times(V(1), 2)]
print(sums)
for line in others:
    print(line)
print(answers)


def values():
    for index in range(3):
        yield (V(index) + V(1)).x
        yield V(index) == V(1)


print(list(values()))


def named(a, b=2, *, c, d=4):
    return (a, b, c, d)


for turn in range(3):
    results = [named(1, c=3), named(b=1, a=2, c=0), named(1, 2, c=3, d=9)]
    for call in ("named(1)", "named(1, c=2, x=1)", "named(c=1)", "named(1, a=2, c=3)"):
        try:
            eval(call)
        except TypeError as error:
            results.append(str(error))
for line in results:
    print(line)


class Open:
    z = 5

    def method(self):
        return "class"


def read(o):
    return (o.a, o.z, o.method())


thing = Open()
thing.a = 1
vars(thing)["q"] = 2
seen = []
for turn in range(30):
    state = read(thing)
    if state not in seen:
        seen.append(state)
    thing.b = turn
    if turn == 10:
        thing.z = 7
    if turn == 15:
        thing.method = lambda: "own"
    if turn == 20:
        del thing.method, thing.a
        thing.a = 9
    if turn == 25:
        Open.a = property(lambda self: "property")
print(seen)
print(sorted(thing.__dict__))
# expect: [3, 3, 'W.radd', "unsupported operand type(s) for +: 'V' and 'int'", ('radd', 3), "unsupported operand type(s) for +: 'V' and 'list'"]
# expect: unsupported operand type(s) for +=: 'V' and 'NoneType'
# expect: 1
# expect: '<' not supported between instances of 'V' and 'V'
# expect: W.gt
# expect: '<' not supported between instances of 'V' and 'int'
# expect: [True, False, False, '2']
# expect: [1, False, 2, True, 3, False]
# expect: (1, 2, 3, 4)
# expect: (2, 1, 0, 4)
# expect: (1, 2, 3, 9)
# expect: named() missing 1 required keyword-only argument: 'c'
# expect: named() got an unexpected keyword argument 'x'
# expect: named() missing 1 required positional argument: 'a'
# expect: named() got multiple values for argument 'a'
# expect: [(1, 5, 'class'), (1, 7, 'class'), (1, 7, 'own'), (9, 7, 'class'), ('property', 7, 'class')]
# expect: ['a', 'b', 'q', 'z']
