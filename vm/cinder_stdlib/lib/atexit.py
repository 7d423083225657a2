"""Functions to call when the program ends."""

_registered = []


def register(func, /, *args, **kwargs):
    """Call a function with these arguments when the program ends; later ones come first."""
    if not callable(func):
        raise TypeError("the first argument must be callable")
    _registered.append((func, args, kwargs))
    return func


def unregister(func, /):
    """Forget every registration of a function."""
    # By index from the end: comparing may run code that changes the list.
    for index in range(len(_registered) - 1, -1, -1):
        if index < len(_registered):
            entry = _registered[index]
            if entry[0] == func and index < len(_registered) and _registered[index] is entry:
                del _registered[index]


def _clear():
    _registered.clear()


def _ncallbacks():
    return len(_registered)


def _run_exitfuncs():
    while _registered:
        func, args, kwargs = _registered.pop()
        try:
            func(*args, **kwargs)
        except BaseException as error:
            import sys
            message = f"Exception ignored in atexit callback {func!r}"
            hook_args = sys.UnraisableHookArgs((type(error), error, error.__traceback__, message, None))
            sys.unraisablehook(hook_args)
