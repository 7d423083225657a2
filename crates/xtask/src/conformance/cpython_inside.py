"""Runs one file of CPython's test package inside the measured interpreter and writes what happens, line by line.

    cpython_inside.py EVENTS MODULE DONE STAGE

EVENTS receives one JSON array per line as soon as something happened, so that a crash is charged to the test that ran. DONE names a file with the ids
that ran already. STAGE is the folder with the `test` package.
"""
import json
import os
import sys

# Modules that exist to test CPython's C interface: a file that imports one at its top would lose all its tests.
C_HELPERS = ("_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testbuffer", "_testclinic", "_testmultiphase", "_testsinglephase",
             "_testimportmultiple", "_remote_debugging", "_xxtestfuzz", "xxlimited", "xxlimited_35", "xxsubtype")


def install_stand_ins(unittest):
    """A test that really uses a missing C helper is skipped."""

    class AbsentType(type):
        def __getattr__(cls, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Absent()

    class Absent(metaclass=AbsentType):
        is_loading = True
        __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: False
        __index__ = __int__ = lambda self: 0
        __add__ = __sub__ = __mul__ = __radd__ = __rsub__ = lambda self, other: self

        def __init__(self, *args, **keywords):
            if not Absent.is_loading:
                raise unittest.SkipTest("needs a C helper of CPython's")

        def __call__(self, *args, **keywords):
            return Absent()

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Absent()

    class Helper(type(sys)):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Absent

    for name in C_HELPERS:
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = Helper(name)
    return Absent


def main(events, module, done, stage, with_stand_ins):
    file = os.open(events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)

    def tell(*event):
        os.write(file, (json.dumps(event) + "\n").encode())

    sys.path.insert(0, stage)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if path != here]
    import unittest
    absent = install_stand_ins(unittest) if with_stand_ins == "1" else None
    import test.support
    test.support.use_resources = {"subprocess", "walltime"}
    test.support.verbose = 0
    ran = set()
    if os.path.exists(done):
        with open(done, encoding="utf-8") as lines:
            ran = set(lines.read().split("\n"))
    try:
        __import__(module)
        suite = unittest.TestLoader().loadTestsFromModule(sys.modules[module])
    except unittest.SkipTest as reason:
        tell("skipped", str(reason))
        return 0
    except BaseException as error:
        tell("not imported", f"{type(error).__name__}: {error}")
        return 3
    if absent:
        absent.is_loading = False
    seen, ids = {}, {}

    def keep(suite):
        kept = []
        for test in list(suite):
            if isinstance(test, unittest.TestSuite):
                keep(test)
                kept.append(test)
                continue
            name = test.id()
            number = seen.get(name, 0)
            seen[name] = number + 1
            name = f"{name}#{number}" if number else name
            if name not in ran:
                ids[id(test)] = name
                kept.append(test)
        suite._tests = kept

    keep(suite)

    class Result(unittest.TestResult):
        def startTest(self, test):
            super().startTest(test)
            self.state, self.why = "ok", ""
            tell("start", ids.get(id(test), test.id()))

        def note(self, test, state, why=""):
            self.state, self.why = state, why
            if id(test) not in ids:
                tell("fixture", test.id(), state, why)

        def addError(self, test, error):
            self.note(test, "fails", short(error))

        def addFailure(self, test, error):
            self.note(test, "fails", short(error))

        def addSkip(self, test, why):
            self.note(test, "skipped", str(why))

        def addUnexpectedSuccess(self, test):
            self.note(test, "fails", "passes unexpectedly")

        def addSubTest(self, test, subtest, error):
            if error is not None:
                self.state, self.why = "fails", short(error)

        def stopTest(self, test):
            super().stopTest(test)
            tell("end", ids.get(id(test), test.id()), self.state, self.why)

    def short(error):
        try:
            return f"{error[0].__name__}: {str(error[1])[:200]}"
        except BaseException:
            return "an exception that cannot be shown"

    suite.run(Result())
    tell("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
