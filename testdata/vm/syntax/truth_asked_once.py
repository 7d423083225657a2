# Every operand of `and` and `or` is asked for its truth at most once, however the operators nest.
class Asked:
    def __init__(self, name, truth):
        self.name, self.truth, self.count = name, bool(truth), 0

    def __bool__(self):
        self.count += 1
        return self.truth


def show(expression, truths):
    values = [Asked(name, truth) for name, truth in zip("abcd", truths)]
    result = eval(expression, dict(zip("abcd", values)))
    print(expression, result.name, [value.count for value in values])


for truths in ((0, 1, 1, 1), (1, 0, 1, 0), (1, 1, 0, 1), (0, 0, 0, 0), (1, 1, 1, 1)):
    for expression in ("a and b or c or d", "a or b and c or d", "(a or b) and (c or d)", "(a or b) or c", "(a and (b or c)) and d"):
        show(expression, truths)


def in_function(a, b, c, d):
    x = a and b or c
    y = (a or b) and (c or d)
    return x, y


values = [Asked(name, truth) for name, truth in zip("abcd", (1, 0, 1, 0))]
print([value.name for value in in_function(*values)], [value.count for value in values])
# expect: a and b or c or d c [1, 0, 1, 0]
# expect: a or b and c or d c [1, 1, 1, 0]
# expect: (a or b) and (c or d) c [1, 1, 1, 0]
# expect: (a or b) or c b [1, 1, 0, 0]
# expect: (a and (b or c)) and d a [1, 0, 0, 0]
# expect: a and b or c or d c [1, 1, 1, 0]
# expect: a or b and c or d a [1, 0, 0, 0]
# expect: (a or b) and (c or d) c [1, 0, 1, 0]
# expect: (a or b) or c a [1, 0, 0, 0]
# expect: (a and (b or c)) and d d [1, 1, 1, 0]
# expect: a and b or c or d b [1, 1, 0, 0]
# expect: a or b and c or d a [1, 0, 0, 0]
# expect: (a or b) and (c or d) d [1, 0, 1, 0]
# expect: (a or b) or c a [1, 0, 0, 0]
# expect: (a and (b or c)) and d d [1, 1, 0, 0]
# expect: a and b or c or d d [1, 0, 1, 0]
# expect: a or b and c or d d [1, 1, 0, 0]
# expect: (a or b) and (c or d) b [1, 1, 0, 0]
# expect: (a or b) or c c [1, 1, 0, 0]
# expect: (a and (b or c)) and d a [1, 0, 0, 0]
# expect: a and b or c or d b [1, 1, 0, 0]
# expect: a or b and c or d a [1, 0, 0, 0]
# expect: (a or b) and (c or d) c [1, 0, 1, 0]
# expect: (a or b) or c a [1, 0, 0, 0]
# expect: (a and (b or c)) and d d [1, 1, 0, 0]
# expect: ['c', 'c'] [2, 1, 1, 0]
