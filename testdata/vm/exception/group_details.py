# exception groups: how they are shown, what a handler raises
class Group(ExceptionGroup):
    pass
errors = [ValueError(1), TypeError(2)]
g = Group("t", errors)
errors.clear()
print(repr(g), g.args)  # expect: Group('t', [ValueError(1), TypeError(2)]) ('t', [])
print(repr(ExceptionGroup("t", (ValueError(1),))))  # expect: ExceptionGroup('t', (ValueError(1),))
for change in (lambda: setattr(g, "message", "n"), lambda: setattr(g, "exceptions", [])):
    try:
        change()
    except AttributeError as e:
        print(e)
# expect: readonly attribute
# expect: readonly attribute
try:
    try:
        raise ExceptionGroup("eg", [TypeError(1), ValueError(2)])
    except* (TypeError, ValueError):
        raise KeyError(3)
except BaseException as e:
    print(repr(e), repr(e.__context__))  # expect: KeyError(3) ExceptionGroup('eg', [TypeError(1), ValueError(2)])
odd = ExceptionGroup("n", [ValueError(1), TypeError(2)])
odd.__notes__ = 123
print([hasattr(part, "__notes__") for part in odd.split(TypeError)])  # expect: [False, False]
