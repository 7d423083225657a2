# the hierarchy, attributes and texts of builtin exceptions
print([c.__name__ for c in ZeroDivisionError.__mro__], [c.__name__ for c in UnicodeDecodeError.__mro__], [c.__name__ for c in FileNotFoundError.__mro__], [c.__name__ for c in ExceptionGroup.__mro__])
# expect: ['ZeroDivisionError', 'ArithmeticError', 'Exception', 'BaseException', 'object'] ['UnicodeDecodeError', 'UnicodeError', 'ValueError', 'Exception', 'BaseException', 'object'] ['FileNotFoundError', 'OSError', 'Exception', 'BaseException', 'object'] ['ExceptionGroup', 'BaseExceptionGroup', 'Exception', 'BaseException', 'object']
print(issubclass(KeyError, LookupError), issubclass(RecursionError, RuntimeError), issubclass(KeyboardInterrupt, Exception), issubclass(StopIteration, Exception), IOError is OSError, issubclass(ModuleNotFoundError, ImportError), issubclass(PythonFinalizationError, RuntimeError))
# expect: True True False True True True True
for e in (Exception(), Exception("a"), Exception("a", 1), KeyError("k"), KeyError(), KeyError(1, 2), OSError(2, "No such file"), OSError(2, "msg", "file.txt"), OSError("one"), SystemExit(3), StopIteration(5), SyntaxError("bad"), SyntaxError("bad", ("f.py", 3, 1, "x")), ImportError("m", name="n"), UnicodeDecodeError("ascii", b"\xff", 0, 1, "why"), AttributeError("a", name="n", obj=1), NameError("n", name="q")):
    print(repr(e), "|", str(e), "|", e.args)
# expect: Exception() |  | ()
# expect: Exception('a') | a | ('a',)
# expect: Exception('a', 1) | ('a', 1) | ('a', 1)
# expect: KeyError('k') | 'k' | ('k',)
# expect: KeyError() |  | ()
# expect: KeyError(1, 2) | (1, 2) | (1, 2)
# expect: FileNotFoundError(2, 'No such file') | [Errno 2] No such file | (2, 'No such file')
# expect: FileNotFoundError(2, 'msg') | [Errno 2] msg: 'file.txt' | (2, 'msg')
# expect: OSError('one') | one | ('one',)
# expect: SystemExit(3) | 3 | (3,)
# expect: StopIteration(5) | 5 | (5,)
# expect: SyntaxError('bad') | bad | ('bad',)
# expect: SyntaxError('bad', ('f.py', 3, 1, 'x')) | bad (f.py, line 3) | ('bad', ('f.py', 3, 1, 'x'))
# expect: ImportError('m') | m | ('m',)
# expect: UnicodeDecodeError('ascii', b'\xff', 0, 1, 'why') | 'ascii' codec can't decode byte 0xff in position 0: why | ('ascii', b'\xff', 0, 1, 'why')
# expect: AttributeError('a') | a | ('a',)
# expect: NameError('n') | n | ('n',)
o = OSError(13, "denied", "path")
print(type(o).__name__, o.errno, o.strerror, o.filename, OSError(17, "x").__class__.__name__, OSError(11, "x").__class__.__name__)
# expect: PermissionError 13 denied path FileExistsError BlockingIOError
try:
    open("/no/such/file")
except FileNotFoundError as e:
    print(e, e.errno, e.filename)
# expect: [Errno 2] No such file or directory: '/no/such/file' 2 /no/such/file
try:
    import no_such_module
except ModuleNotFoundError as e:
    print(e, e.name)
# expect: No module named 'no_such_module' no_such_module
try:
    from math import nothing_like_this
except ImportError as e:
    print(str(e).split(" (")[0], e.name)
# expect: cannot import name 'nothing_like_this' from 'math' math
class Custom(Exception):
    def __init__(self, code, msg="default"):
        super().__init__(msg)
        self.code = code
    def __str__(self): return f"[{self.code}] {self.args[0]}"
try:
    raise Custom(5)
except Custom as e:
    print(e, repr(e), e.code, e.args)
# expect: [5] default Custom('default') 5 ('default',)
class NoInit(Exception):
    def __init__(self, a, b): self.a = a
print(NoInit(1, 2).args, repr(NoInit(1, 2)), str(NoInit(1, 2)))  # expect: (1, 2) NoInit(1, 2) (1, 2)
class Multi(KeyError, AttributeError): pass
try:
    raise Multi("both")
except AttributeError as e:
    print(repr(e), str(e))
# expect: Multi('both') 'both'
try:
    raise Custom
except TypeError as e:
    print(e)
# expect: Custom.__init__() missing 1 required positional argument: 'code'
for bad in (5, "text", None, object, int, [ValueError]):
    try:
        raise bad
    except TypeError as e:
        print(e)
# expect: exceptions must derive from BaseException
# expect: exceptions must derive from BaseException
# expect: exceptions must derive from BaseException
# expect: exceptions must derive from BaseException
# expect: exceptions must derive from BaseException
# expect: exceptions must derive from BaseException
try:
    try:
        raise ValueError
    except 5:
        pass
except TypeError as e:
    print(e, repr(e.__context__))
# expect: catching classes that do not inherit from BaseException is not allowed ValueError()
try:
    try:
        raise ValueError
    except (KeyError, "x"):
        pass
except TypeError as e:
    print(e)
# expect: catching classes that do not inherit from BaseException is not allowed
E = (KeyError, (IndexError, ValueError))
try:
    [][0]
except (*E[:1], *E[1]) as e:
    print("tuple", e)
# expect: tuple list index out of range
e = ValueError("v")
e.extra = 1
print(e.__dict__, e == ValueError("v"), hash(e) == hash(e), e.__traceback__)  # expect: {'extra': 1} False True None
s = StopIteration(1, 2)
print(s.value, SystemExit().code, SystemExit("bye").code, SystemExit(1, 2).code)  # expect: 1 None bye (1, 2)
try:
    raise SystemExit("bye")
except BaseException as e:
    print(type(e).__name__, e.code)
# expect: SystemExit bye
