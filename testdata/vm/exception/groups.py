# ExceptionGroup and except*
eg = ExceptionGroup("top", [ValueError(1), TypeError("t"), ExceptionGroup("inner", [KeyError("k"), ValueError(2)])])
print(eg, repr(eg), eg.message, len(eg.exceptions))
# expect: top (3 sub-exceptions) ExceptionGroup('top', [ValueError(1), TypeError('t'), ExceptionGroup('inner', [KeyError('k'), ValueError(2)])]) top 3
m, r = eg.split(ValueError)
print(repr(m))  # expect: ExceptionGroup('top', [ValueError(1), ExceptionGroup('inner', [ValueError(2)])])
print(repr(r))  # expect: ExceptionGroup('top', [TypeError('t'), ExceptionGroup('inner', [KeyError('k')])])
print(eg.subgroup(KeyError), eg.subgroup(OSError), eg.split(lambda e: isinstance(e, TypeError))[0].exceptions, eg.subgroup((KeyError, TypeError)).exceptions)
# expect: top (1 sub-exception) None (TypeError('t'),) (TypeError('t'), ExceptionGroup('inner', [KeyError('k')]))
try:
    raise eg
except* ValueError as g:
    print("values", [e.args for e in g.exceptions], type(g).__name__)
except* TypeError as g:
    print("types", g.exceptions)
except* KeyError:
    print("keys")
else:
    print("not printed")
finally:
    print("finally")
# expect: values [(1,), ('inner', [ValueError(2)])] ExceptionGroup
# expect: types (TypeError('t'),)
# expect: keys
# expect: finally
try:
    try:
        raise eg
    except* ValueError:
        pass
except ExceptionGroup as rest:
    print(repr(rest))
# expect: ExceptionGroup('top', [TypeError('t'), ExceptionGroup('inner', [KeyError('k')])])
try:
    raise ValueError("naked")
except* ValueError as g:
    print(repr(g))
# expect: ExceptionGroup('', (ValueError('naked'),))
try:
    pass
except* ValueError:
    print("no")
else:
    print("else")
# expect: else
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError as g:
        raise OSError("new") from None
    except* KeyError:
        raise
except ExceptionGroup as e:
    print(repr(e), [type(x).__name__ for x in e.exceptions])
# expect: ExceptionGroup('', [OSError('new'), ExceptionGroup('g', [KeyError(2)])]) ['OSError', 'ExceptionGroup']
try:
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError as g:
        raise
except ExceptionGroup as e:
    print("reraised", repr(e))
# expect: reraised ExceptionGroup('g', [ValueError(1)])
try:
    try:
        raise KeyError("naked")
    except* ValueError:
        pass
except KeyError as e:
    print("passed", repr(e))
# expect: passed KeyError('naked')
def nothing():
    for i in range(2):
        try:
            raise ExceptionGroup("x", [ValueError(i)])
        except* ValueError as g:
            got = g.exceptions[0].args[0]
    return got
print(nothing())  # expect: 1
for args in (("m", []), ("m", [1]), ("m", 5), (5, [ValueError()]), ("m", [KeyboardInterrupt()]), ("m",)):
    try:
        print(repr(ExceptionGroup(*args)))
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
# expect: ValueError second argument (exceptions) must be a non-empty sequence
# expect: ValueError Item 0 of second argument (exceptions) is not an exception
# expect: TypeError second argument (exceptions) must be a sequence
# expect: TypeError BaseExceptionGroup.__new__() argument 1 must be str, not int
# expect: TypeError Cannot nest BaseExceptions in an ExceptionGroup
# expect: TypeError BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)
print(repr(BaseExceptionGroup("b", [KeyboardInterrupt()])), type(BaseExceptionGroup("b", [ValueError()])).__name__)
# expect: BaseExceptionGroup('b', [KeyboardInterrupt()]) ExceptionGroup
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as e:
    print(e)
# expect: catching ExceptionGroup with except* is not allowed. Use except instead.
class MyGroup(ExceptionGroup):
    def derive(self, excs): return MyGroup(self.message + "'", excs)
print(repr(MyGroup("mine", [ValueError(), KeyError()]).subgroup(KeyError)))  # expect: MyGroup("mine'", [KeyError()])
try:
    raise ExceptionGroup("order", [ValueError(1), ExceptionGroup("n", [ValueError(2)]), TypeError(3)])
except* (ValueError, TypeError) as g:
    print(repr(g))
# expect: ExceptionGroup('order', [ValueError(1), ExceptionGroup('n', [ValueError(2)]), TypeError(3)])
eg.add_note("noted")
print(eg.split(KeyError)[0].__notes__)  # expect: ['noted']
for src in ("try:\n pass\nexcept* ValueError:\n pass\nexcept KeyError:\n pass", "try:\n pass\nexcept*:\n pass", "for i in x:\n try:\n  pass\n except* ValueError:\n  break"):
    try:
        compile(src, "s", "exec")
    except SyntaxError as e:
        print(e.msg)
# expect: cannot have both 'except' and 'except*' on the same 'try'
# expect: expected one or more exception types
# expect: 'break', 'continue' and 'return' cannot appear in an except* block
