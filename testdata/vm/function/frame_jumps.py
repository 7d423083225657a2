# A trace function sets the line at which its frame goes on.
import sys
import warnings

warnings.simplefilter("ignore")


def jump(function, origin, target, *args):
    """Runs `function` and goes from line `origin` to line `target`, both counted from its def."""
    first = function.__code__.co_firstlineno
    done = []

    def trace(frame, event, argument):
        if frame.f_code is not function.__code__:
            return None
        if event == "line" and frame.f_lineno == first + origin and not done:
            done.append(1)
            try:
                frame.f_lineno = first + target
            except ValueError as error:
                done.append(str(error))
        return trace

    out = []
    sys.settrace(trace)
    try:
        function(out, *args)
    except Exception as error:
        out.append(type(error).__name__)
    finally:
        sys.settrace(None)
    print(function.__name__, origin, target, out, *done[1:])


def straight(out):
    out.append(1)
    out.append(2)
    out.append(3)
    out.append(4)


jump(straight, 2, 4)  # expect: straight 2 4 [1, 4]
jump(straight, 3, 1)  # expect: straight 3 1 [1, 2, 1, 2, 3, 4]
jump(straight, 3, 9)  # expect: straight 3 9 [1, 2, 3, 4] line 44 comes after the current code block
jump(straight, 3, -3)  # expect: straight 3 -3 [1, 2, 3, 4] line 32 comes before the current code block


def loop(out):
    out.append("a")
    for number in range(3):
        out.append(number)
        if number == 1:
            out.append("one")
        out.append("-")
    out.append("b")
    for letter in "xy":
        out.append(letter)


jump(loop, 3, 7)  # expect: loop 3 7 ['a', 'b', 'x', 'y']
jump(loop, 4, 6)  # expect: loop 4 6 ['a', 0, '-', 1, 'one', '-', 2, '-', 'b', 'x', 'y']
jump(loop, 5, 2)  # expect: loop 5 2 ['a', 0, '-', 1, 0, '-', 1, 'one', '-', 2, '-', 'b', 'x', 'y']
jump(loop, 7, 3)  # expect: loop 7 3 ['a', 0, '-', 1, 'one', '-', 2, '-', 'b', 'x', 'y'] can't jump into the body of a for loop
jump(loop, 2, 9)  # expect: loop 2 9 ['a', 0, '-', 1, 'one', '-', 2, '-', 'b', 'x', 'y'] can't jump into the body of a for loop
jump(loop, 1, 7)  # expect: loop 1 7 ['b', 'x', 'y']


def handlers(out):
    try:
        out.append(1)
        raise ValueError
    except ValueError:
        out.append(2)
        out.append(3)
    finally:
        out.append(4)
    out.append(5)
    raise


jump(handlers, 2, 9)  # expect: handlers 2 9 [5, 'RuntimeError']
jump(handlers, 2, 5)  # expect: handlers 2 5 [1, 2, 3, 4, 5, 'RuntimeError'] can't jump into an 'except' block as there's no exception
jump(handlers, 5, 6)  # expect: handlers 5 6 [1, 3, 4, 5, 'RuntimeError']
jump(handlers, 5, 9)  # expect: handlers 5 9 [1, 5, 'RuntimeError']


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *details):
        return True


def managed(out):
    out.append(1)
    with Manager():
        out.append(2)
        out.append(3)
    out.append(4)


jump(managed, 1, 3)  # expect: managed 1 3 [1, 2, 3, 4] incompatible stacks
jump(managed, 3, 4)  # expect: managed 3 4 [1, 3, 4]


def unbound(out):
    out.append(1)
    name = 2
    out.append(name)


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    jump(unbound, 2, 3)  # expect: unbound 2 3 [1, None]
print([str(warning.message) for warning in caught])  # expect: ['assigning None to 1 unbound local']


def generator(out):
    def inner():
        out.append(1)
        yield 1
        out.append(2)
        yield 2
    out.extend(inner())


jump(generator, 6, 6)  # expect: generator 6 6 [1, 1, 2, 2]
for action in (lambda frame: setattr(frame, "f_lineno", 3), lambda frame: setattr(frame, "f_lineno", "x")):
    try:
        action(sys._getframe())
    except ValueError as error:
        print(error)
# expect: f_lineno can only be set in a trace function
# expect: lineno must be an integer
