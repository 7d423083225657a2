# throw() gives an exception the context that the generator handles, never one that the caller handles.
import contextlib


def chain(error):
    names = []
    while error is not None:
        names.append(str(error))
        error = error.__context__
    return names


def plain():
    yield


def handling():
    try:
        raise Exception("own")
    except Exception:
        yield


def delegating():
    yield from plain()


for make in (plain, handling, delegating):
    generator = make()
    next(generator)
    try:
        try:
            raise Exception("outer")
        except Exception:
            generator.throw(Exception("thrown"))
    except Exception as error:
        print(make.__name__, chain(error))
# expect: plain ['thrown']
# expect: handling ['thrown', 'own']
# expect: delegating ['thrown']


@contextlib.contextmanager
def raising(name):
    try:
        yield
    finally:
        raise Exception(name)


try:
    with contextlib.ExitStack() as stack:
        for number in (4, 3, 2):
            stack.enter_context(raising(f"e{number}"))
        raise Exception("e1")
except Exception as error:
    print(chain(error))  # expect: ['e4', 'e3', 'e2', 'e1']
