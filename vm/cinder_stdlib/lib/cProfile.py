"""Profiles programs: how often functions are called and how long they take. The figures are read with `pstats`."""

import _lsprof
import importlib.machinery
import io
import profile as _profile

__all__ = ["run", "runctx", "Profile"]


def run(statement, filename=None, sort=-1):
    """Run statement under profiler optionally saving results in filename."""
    return _profile._Utils(Profile).run(statement, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    """Run statement under profiler, supplying your own globals and locals,
    optionally saving results in filename.

    statement and filename have the same semantics as cProfile.run
    """
    return _profile._Utils(Profile).runctx(statement, globals, locals, filename, sort)


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    Builds a profiler object using the specified timer function. The figures
    are in `stats` after `create_stats()`, in the form that `pstats` reads.
    """

    def print_stats(self, sort=-1):
        import pstats

        if not isinstance(sort, tuple):
            sort = (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*sort).print_stats()

    def dump_stats(self, file):
        import marshal

        with open(file, "wb") as target:
            self.create_stats()
            marshal.dump(self.stats, target)

    def create_stats(self):
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        entries = self.getstats()
        self.stats = {}
        callers_of = {}
        for entry in entries:
            callers = callers_of.setdefault(entry.code, {})
            figures = (entry.callcount - entry.reccallcount, entry.callcount, entry.inlinetime, entry.totaltime)
            self.stats[label(entry.code)] = (*figures, callers)
        for entry in entries:
            caller = label(entry.code)
            for call in entry.calls or ():
                callers = callers_of.get(call.code)
                if callers is None:
                    continue
                figures = (call.callcount, call.callcount - call.reccallcount, call.inlinetime, call.totaltime)
                known = callers.get(caller, (0, 0, 0, 0))
                callers[caller] = tuple(map(sum, zip(known, figures)))

    def run(self, cmd):
        import __main__

        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals, locals):
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *exc_info):
        self.disable()


def label(code):
    """How `pstats` names a function: file, line and name."""
    if isinstance(code, str):
        return ("~", 0, code)
    return (code.co_filename, code.co_firstlineno, code.co_name)


def main():
    """The command `python -m cProfile`."""
    import argparse
    import os
    import pstats
    import sys

    parser = argparse.ArgumentParser(prog="cProfile", usage="cProfile [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ...")
    parser.add_argument("-o", "--outfile", help="Save stats to <outfile>")
    parser.add_argument("-s", "--sort", default=2, choices=sorted(pstats.Stats.sort_arg_dict_default), help="Sort order when printing to stdout")
    parser.add_argument("-m", dest="module", action="store_true", help="Profile a library module")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.rest:
        parser.print_usage()
        raise SystemExit(2)
    sys.argv[:] = options.rest
    if options.module:
        import runpy

        code = "run_module(modname, run_name='__main__')"
        namespace = {"run_module": runpy.run_module, "modname": options.rest[0]}
    else:
        path = options.rest[0]
        sys.path.insert(0, os.path.dirname(path))
        with io.open_code(path) as file:
            code = compile(file.read(), path, "exec")
        import types

        module = types.ModuleType("__main__")
        module.__spec__ = importlib.machinery.ModuleSpec(name="__main__", loader=None, origin=path)
        module.__file__ = path
        sys.modules["__main__"] = module
        namespace = module.__dict__
    try:
        runctx(code, namespace, None, options.outfile, options.sort)
    except BrokenPipeError as error:
        sys.stdout = None
        sys.exit(error.errno)


if __name__ == "__main__":
    main()
