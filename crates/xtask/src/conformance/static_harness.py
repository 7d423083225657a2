"""What the methods of the outside suite find as `self` when they run on `cinder run`.

The driver (static_runs.py) puts this text in front of one test class. Behaviour is checked: values, exceptions, warnings.
What looks into another implementation (its opcodes, its compiler's tables, its JIT) is not: assertions about opcodes do nothing,
everything else of that sort ends the case as "internals".
"""
import os as _os
import re as _re
import sys as _sys
import warnings as _warnings

try:
    import cinder as _cinder
except ImportError:
    _cinder = None


class NeedsInternals(BaseException):
    """The test wants something of the reference implementation."""


class Missing:
    def __init__(self, name):
        self.__dict__["_name"] = name

    def _refuse(self, *args, **kwargs):
        if not Missing.running:
            return Missing(self._name)
        raise NeedsInternals(self._name)

    running = False

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Missing(self._name + "." + name)

    def _same(self, *others):
        return self

    __call__ = __iter__ = __enter__ = __getitem__ = __len__ = __bool__ = _refuse
    # Numbers of opcodes are put together for assertions that do nothing.
    __and__ = __rand__ = __or__ = __ror__ = __lshift__ = __rlshift__ = __add__ = __radd__ = _same


class Failed(AssertionError):
    pass


class Skipped(BaseException):
    pass


STATIC_GENERATOR = Missing("StaticCodeGenerator")
PYTHON_GENERATOR = Missing("PythonCodeGenerator")


def with_static_import(source):
    """Opts in, after docstring and future imports, on a line of its own."""
    if "import __static__" in source:
        return source
    lines = source.split("\n")
    at = 0
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith(("#", "from __future__"))):
        at += 1
    if lines[at:] and lines[at].startswith('"""') and lines[at].count('"""') == 2:
        at += 1
    while at < len(lines) and lines[at].startswith("from __future__"):
        at += 1
    return "\n".join([*lines[:at], "import __static__", *lines[at:]])


class Patch:
    """`unittest.mock.patch`, where that cannot be imported: sets an attribute for a while."""

    def __init__(self, target, name=None, new=None, return_value=None):
        if name is None:
            path, name = target.rsplit(".", 1)
            target = _sys.modules.get(path)
            if target is None:
                module, inner = path.rsplit(".", 1)
                target = getattr(_sys.modules[module], inner)
        self.target, self.name, self.new = target, name, new
        if new is None:
            old = getattr(target, name)
            flags = getattr(getattr(old, "__code__", None), "co_flags", 0)
            self.new = AsyncMock(return_value) if flags & 0x80 else Mock(return_value)

    def __enter__(self):
        missing = object()
        space = getattr(self.target, "__dict__", {})
        self.is_own = self.name in space or not isinstance(self.target, type)
        self.old = space[self.name] if self.name in space else getattr(self.target, self.name)
        setattr(self.target, self.name, self.new)
        return self.new

    def __exit__(self, *exc):
        if self.is_own:
            setattr(self.target, self.name, self.old)
        else:
            delattr(self.target, self.name)
        return False


class _Call(tuple):
    args = property(lambda self: self[0])
    kwargs = property(lambda self: self[1])


class Mock:
    def __init__(self, return_value=None):
        self.return_value, self.call_args_list, self.call_args = return_value, [], None

    def __call__(self, *args, **kwargs):
        self.call_args = _Call((args, kwargs))
        self.call_args_list.append(self.call_args)
        return self.return_value


class AsyncMock(Mock):
    async def __call__(self, *args, **kwargs):
        return Mock.__call__(self, *args, **kwargs)


def patch(target, new=None, return_value=None, autospec=None, wraps=None):
    return Patch(target, None, new, return_value)


def _patch_object(target, name, new=None, return_value=None, autospec=None, wraps=None):
    return Patch(target, name, new, return_value)


patch.object = _patch_object
MagicMock = Mock


class asyncio:
    """Runs coroutines that only wait for one another, where asyncio cannot be imported."""

    class _Loop:
        def run_until_complete(self, awaitable):
            return asyncio.run(awaitable)

        def close(self):
            pass

    @staticmethod
    def run(coroutine):
        iterator = coroutine.__await__() if hasattr(coroutine, "__await__") else coroutine
        while True:
            try:
                iterator.send(None)
            except StopIteration as stop:
                return stop.value

    @classmethod
    def new_event_loop(cls):
        return cls._Loop()

    @staticmethod
    def set_event_loop(loop):
        pass

    class _Sleep:
        def __await__(self):
            yield

    @classmethod
    def sleep(cls, seconds):
        return cls._Sleep()


class Loaded:
    """`with self.in_module(..) as mod`."""

    def __init__(self, load, name):
        self.load, self.name, self.undo = load, name, None

    def __enter__(self):
        module, self.undo = self.load()
        return module

    def __exit__(self, *exc):
        _sys.modules.pop(self.name, None)
        if self.undo:
            self.undo()
        return False


class Raises:
    def __init__(self, classes, pattern=None):
        self.classes, self.pattern, self.exception = classes, pattern, None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            raise Failed(f"{self.classes} was not raised")
        if not issubclass(kind, self.classes):
            return False
        self.exception = value
        if self.pattern is not None and not _re.search(self.pattern, str(value)):
            raise Failed(f"{str(value)!r} does not match {self.pattern!r}")
        return True


class Warns:
    def __init__(self, category, pattern):
        self.category, self.pattern = category, pattern

    def __enter__(self):
        self.catcher = _warnings.catch_warnings(record=True)
        self.seen = self.catcher.__enter__()
        _warnings.simplefilter("always")
        return self

    def __exit__(self, kind, value, traceback):
        self.catcher.__exit__(kind, value, traceback)
        if kind is None and not any(
            issubclass(w.category, self.category) and _re.search(self.pattern, str(w.message)) for w in self.seen
        ):
            raise Failed(f"no {self.category.__name__} matches {self.pattern!r}")
        return False


class SubTest:
    def __init__(self, case):
        self.case = case

    def __enter__(self):
        self.first = self.case.number + 1

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.case.settle(self.first, "pass", "")
            return False
        self.case.settle(self.first, *describe(value))
        return isinstance(value, (Exception, NeedsInternals, Skipped))


def describe(error):
    if isinstance(error, NeedsInternals):
        return "internals", str(error)
    if isinstance(error, Skipped):
        return "skipped", str(error)
    line = ""
    traceback = error.__traceback__
    while traceback is not None:
        line = f" at {_os.path.basename(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return "fail", f"{type(error).__name__}: {error}{line}"


class Compilers:
    """`self.compiler(a=.., b=..)`."""

    def __init__(self, case, sources, **options):
        self.case, self.options = case, options
        self.sources = {name: clean(text) for name, text in sources.items()}

    def in_module(self, name, optimize=0):
        self.case.number += 1
        return Loaded(lambda: self._load(name), name)

    def _load(self, wanted):
        folder = self.case.write(self.sources, True)
        module, undo = self.case.load(wanted, folder, **self.options)

        def forget():
            undo()
            for name in self.sources:
                _sys.modules.pop(name, None)

        return module, forget

    def gen_modules(self, optimize=0):
        self.case.number += 1
        folder = self.case.write(self.sources, True)
        for name in self.sources:
            module, undo = self.case.load(name, folder, **self.options)
            undo()
            yield module

    def compile_module(self, name, optimize=0):
        self.case.number += 1
        return Missing("code object")

    def type_error(self, name, pattern, at=None):
        self.case.number += 1
        return self

    def revealed_type(self, name, type):
        self.case.number += 1
        return self

    def __getattr__(self, name):
        raise NeedsInternals("compiler." + name)


def clean(source):
    """Without the common indent, as inspect.cleandoc("\\n" + source) gives it."""
    lines = source.expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    lines = [line[margin:] if line.strip() else line[margin:] for line in lines]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join(lines)


class Case:
    SUPER_ATTR = "LOAD_SUPER_ATTR"
    CALL = "CALL"
    COMPARE_JUMP_NONZERO = COMPARE_JUMP_ZERO = ""
    maxDiff = None
    folders = 0

    def __init__(self):
        self.number = 0
        self.states = {}
        self.names = 0
        self.method = "case"
        self.cleanups = []

    # ---- outcomes

    def settle(self, first, status, text):
        for number in range(first, max(first, self.number) + 1):
            if number not in self.states:
                self.states[number] = (status, text)

    def skipTest(self, why):
        raise Skipped(why)

    def fail(self, text=None):
        raise Failed(text or "failed")

    # ---- loading

    def write(self, sources, is_static):
        Case.folders += 1
        folder = _os.path.join(_os.getcwd(), f"sp_{_os.getpid()}_{Case.folders}")
        _os.makedirs(folder)
        for name, text in sources.items():
            path = _os.path.join(folder, *name.split(".")) + ".py"
            _os.makedirs(_os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(with_static_import(text) if is_static else text)
        return folder

    def load(self, name, folder, strict=False, freeze=False, patching=False):
        old = _cinder.static_loader(immutable=strict, freeze=freeze, patching=patching) if _cinder else None
        _sys.path.insert(0, folder)
        if name in _sys.modules:
            del _sys.modules[name]
        try:
            __import__(name)
            module = _sys.modules[name]
        finally:
            _sys.path.remove(folder)
            if _cinder:
                _cinder.static_loader(**old)
        return module, lambda: None

    def temporary_name(self):
        self.names += 1
        return f"{self.method}{self.names}"

    def _loaded(self, code, name, code_gen, **options):
        self.number += 1
        name = name or self.temporary_name()
        if not name.replace(".", "").isidentifier():
            name = "case_module"
        is_static = code_gen is None or code_gen is STATIC_GENERATOR

        def load():
            return self.load(name, self.write({name: clean(code)}, is_static), **options)

        return Loaded(load, name)

    def in_module(self, code, name=None, code_gen=None, optimize=0, freeze=False, enable_patching=False,
                  dump_bytecode=False):
        return self._loaded(code, name, code_gen, freeze=freeze, patching=enable_patching)

    def in_strict_module(self, code, name=None, optimize=0, enable_patching=False, freeze=True, dump_bytecode=False):
        return self._loaded(code, name, None, strict=True, freeze=freeze, patching=enable_patching)

    def run_code(self, code, generator=None, modname=None):
        return self._run_code(code, generator, modname)[1]

    def _run_code(self, code, generator=None, modname=None):
        loaded = self._loaded(code, modname, generator)
        with loaded as module:
            return loaded.name, module.__dict__

    def compile(self, *args, **kwargs):
        self.number += 1
        return Missing("code object")

    compile_strict = compile

    def type_error(self, *args, **kwargs):
        self.number += 1

    revealed_type = assertReturns = type_error

    def lint(self, *args, **kwargs):
        self.number += 1
        raise NeedsInternals("lint")

    perf_lint = bind_module = bind_expr = bind_stmt = bind_final_return = decl_visit = lint

    def compiler(self, **sources):
        return Compilers(self, sources)

    def strict_compiler(self, **sources):
        return Compilers(self, sources, strict=True, freeze=True)

    def strict_patch_compiler(self, **sources):
        return Compilers(self, sources, strict=True, freeze=True, patching=True)

    def make_async_func_hot(self, func):
        import asyncio

        async def hot():
            for _ in range(50):
                await func()

        asyncio.run(hot())

    # ---- what another implementation looks like inside

    def find_code(self, *args, **kwargs):
        return Missing("code object")

    def _opcodes(self, *args, **kwargs):
        pass

    assertInBytecode = assertNotInBytecode = assertLoadFastInBytecode = assertLoadConstInBytecode = _opcodes
    assertLoadMethodInBytecode = assertBinOpInBytecode = assertKwCallInBytecode = _opcodes
    assert_jitted = assert_not_jitted = assertInGraph = assertNotInGraph = _opcodes

    def _refuse(self, *args, **kwargs):
        raise NeedsInternals("a look inside")

    get_arg_check_types = get_disassembly_as_string = build_static_type = get_instructions = _refuse
    base_size = ptr_size = property(_refuse)
    cinder_codegen = PYTHON_GENERATOR

    # ---- assertions

    def subTest(self, msg=None, **parameters):
        return SubTest(self)

    def addCleanup(self, function, *args, **kwargs):
        self.cleanups.append(lambda: function(*args, **kwargs))

    def enterContext(self, manager):
        value = manager.__enter__()
        self.cleanups.append(lambda: manager.__exit__(None, None, None))
        return value

    def _check(self, is_met, text, msg):
        if not is_met:
            raise Failed(f"{text} {msg or ''}")

    def assertEqual(self, a, b, msg=None):
        self._check(a == b, f"{a!r} != {b!r}", msg)

    assertTupleEqual = assertListEqual = assertDictEqual = assertSetEqual = assertMultiLineEqual = assertEqual
    assertSequenceEqual = assertCountEqual = assertEqual

    def assertNotEqual(self, a, b, msg=None):
        self._check(a != b, f"{a!r} == {b!r}", msg)

    def assertAlmostEqual(self, a, b, places=7, msg=None):
        self._check(a == b or round(a - b, places) == 0, f"{a!r} !~ {b!r}", msg)

    def assertTrue(self, a, msg=None):
        self._check(a, f"{a!r} is not true", msg)

    def assertFalse(self, a, msg=None):
        self._check(not a, f"{a!r} is not false", msg)

    def assertIs(self, a, b, msg=None):
        self._check(a is b, f"{a!r} is not {b!r}", msg)

    def assertIsNot(self, a, b, msg=None):
        self._check(a is not b, f"{a!r} is {b!r}", msg)

    def assertIsNone(self, a, msg=None):
        self._check(a is None, f"{a!r} is not None", msg)

    def assertIsNotNone(self, a, msg=None):
        self._check(a is not None, "is None", msg)

    def assertIn(self, a, b, msg=None):
        self._check(a in b, f"{a!r} not in {b!r}", msg)

    def assertNotIn(self, a, b, msg=None):
        self._check(a not in b, f"{a!r} in {b!r}", msg)

    def assertIsInstance(self, a, b, msg=None):
        self._check(isinstance(a, b), f"{a!r} is no {b!r}", msg)

    def assertNotIsInstance(self, a, b, msg=None):
        self._check(not isinstance(a, b), f"{a!r} is a {b!r}", msg)

    def assertLess(self, a, b, msg=None):
        self._check(a < b, f"{a!r} >= {b!r}", msg)

    def assertLessEqual(self, a, b, msg=None):
        self._check(a <= b, f"{a!r} > {b!r}", msg)

    def assertGreater(self, a, b, msg=None):
        self._check(a > b, f"{a!r} <= {b!r}", msg)

    def assertGreaterEqual(self, a, b, msg=None):
        self._check(a >= b, f"{a!r} < {b!r}", msg)

    def assertRegex(self, text, pattern, msg=None):
        self._check(_re.search(pattern, text), f"{text!r} does not match {pattern!r}", msg)

    def assertRaises(self, classes, function=None, *args, **kwargs):
        return self._raises(Raises(classes), function, args, kwargs)

    def assertRaisesRegex(self, classes, pattern, function=None, *args, **kwargs):
        return self._raises(Raises(classes, pattern), function, args, kwargs)

    def _raises(self, manager, function, args, kwargs):
        if function is None:
            return manager
        with manager:
            function(*args, **kwargs)

    def assertWarnsRegex(self, category, pattern, function=None, *args, **kwargs):
        return self._raises(Warns(category, pattern), function, args, kwargs)

    def assertWarns(self, category, function=None, *args, **kwargs):
        return self._raises(Warns(category, ""), function, args, kwargs)

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass


StaticTestBase = CompilerTest = TestCase = Case
PRIM_NAME_TO_TYPE = {name: 0 for name in "cbool int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()}


def no_change(f):
    return f


def run(place, case_class, method):
    """Runs one test method and prints how its cases ended."""
    print(f"##begin {place}")
    _sys.stdout.flush()
    Missing.running = True
    case = case_class()
    case.method = method
    status, text = "pass", ""
    try:
        case.setUp()
        getattr(case, method)()
    except (Exception, NeedsInternals, Skipped) as error:
        status, text = describe(error)
    # Cases that never began count like the one that ended the method.
    print(f"##end {place} {case.number} {status} {text!r}")
    for number, (state, why) in sorted(case.states.items()):
        print(f"##case {place} {number} {state} {why!r}")
    _sys.stdout.flush()
