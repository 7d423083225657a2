"""The prompt of `cinder run`."""

import sys


def _banner():
    version = sys.version.split("\n")[0]
    return f'Python {version} on {sys.platform}\nType "help", "copyright", "credits" or "license" for more information.'


def _run_startup_file(namespace):
    import os
    path = None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP")
    if not path:
        return
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
        exec(code, namespace)
    except SystemExit:
        raise
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)


def run(quiet):
    """Read and run what a person types until the end of input."""
    import os
    main = sys.modules["__main__"]
    namespace = main.__dict__
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if is_terminal and sys.stdout.isatty() and not os.environ.get("PYTHON_BASIC_REPL"):
        try:
            from _pyrepl.main import interactive_console
        except ImportError:
            pass
        else:
            if not quiet:
                print(_banner(), file=sys.stderr)
            return interactive_console(mainmodule=main, quiet=True, pythonstartup=not sys.flags.ignore_environment)
    import code
    import linecache

    class Console(code.InteractiveConsole):
        """Prompts that come through a pipe go to standard error, where they do not mix with what the program prints."""

        def raw_input(self, prompt=""):
            if is_terminal:
                return input(prompt)
            sys.stderr.write(prompt)
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                raise EOFError
            return line.removesuffix("\n")

        def runsource(self, source, filename="<stdin>", symbol="single"):
            # Tracebacks quote what was typed.
            linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
            return super().runsource(source, filename, symbol)

    if not quiet and is_terminal:
        print(_banner(), file=sys.stderr)
    _run_startup_file(namespace)
    console = Console(namespace, filename="<stdin>", local_exit=False)
    console.interact(banner="", exitmsg="")
