# Which lines debuggers and coverage tools see: statements without code, implicit returns, branches that meet again.
import sys


def lines_of(function, *args):
    code, seen = function.__code__, []

    def watch(frame, event, argument):
        if frame.f_code is code:
            if event in ("line", "return"):
                line = frame.f_lineno - code.co_firstlineno
                seen.append(line if event == "line" else f"r{line}")
            return watch

    sys.settrace(watch)
    try:
        function(*args)
    except ZeroDivisionError:
        seen.append("!")
    finally:
        sys.settrace(None)
    return seen


def passes(x):
    if x:
        pass
    else:
        "constant"


def loops(n):
    for i in range(n):
        pass
    while n:
        n -= 1
        if n == 1:
            break


def nested(a, b):
    if a:
        if b:
            return 1
    else:
        b = 2


def matches(command):
    match command:
        case ["go", where] if where:
            where
        case ["stop", _]:
            pass


def handles(kind):
    try:
        1 / 0
    except kind as error:
        pass
    except TypeError:
        raise


def finishes():
    try:
        1 / 0
    finally:
        pass


def documented():
    "Only this."


for x in (0, 1):
    print(lines_of(passes, x), lines_of(loops, x + 1), lines_of(handles, (ZeroDivisionError, ValueError)[x]))
for a, b in ((0, 0), (1, 0), (1, 1)):
    print(lines_of(nested, a, b))
for command in (["go", 1], ["go", 0], ["stop", 1], []):
    print(lines_of(matches, command))
print(lines_of(finishes), lines_of(documented))


def places(function):
    code, lines = function.__code__, []
    for _, _, line in code.co_lines():
        if line is not None and lines[-1:] != [line - code.co_firstlineno]:
            lines.append(line - code.co_firstlineno)
    return lines


def attribute():
    return (
        o.
        a
    )


def augmented():
    (
        o.
        a
    ) += (
        v
    )


def call():
    (
        print()
    )


print(places(attribute), places(augmented), places(call), places(documented))


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *details):
        return False


def leaves():
    with Quiet():
        try:
            1 / 0
        except ZeroDivisionError:
            return 1


print(lines_of(leaves))
for line in compile("\n\nx = 1\n", "module", "exec").co_lines():
    print(line[2])
# expect: [1, 4, 'r4'] [1, 2, 1, 3, 4, 5, 3, 'r3'] [1, 2, 3, 4, 'r4']
# expect: [1, 2, 'r2'] [1, 2, 1, 2, 1, 3, 4, 5, 6, 'r6'] [1, 2, 3, 5, 'r5', '!']
# expect: [1, 5, 'r5']
# expect: [1, 2, 'r2']
# expect: [1, 2, 3, 'r3']
# expect: [1, 2, 3, 'r3']
# expect: [1, 2, 4, 'r4']
# expect: [1, 2, 4, 5, 'r5']
# expect: [1, 2, 4, 'r4']
# expect: [1, 2, 4, 'r4', '!'] [0, 'r0']
# expect: [0, 2, 3, 1] [0, 2, 3, 5, 1, 3] [0, 2] [0]
# expect: [1, 2, 3, 4, 5, 1, 'r1']
# expect: 0
# expect: 3
