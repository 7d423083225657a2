"""The module class and the import hook."""

import contextlib
import importlib.machinery
import sys
import threading
import types
import warnings

from ._marker import is_marked

_MODES = ("off", "warn", "enforce")
# Set by the import system itself while a module is being loaded or reloaded.
_MACHINERY = frozenset({"__spec__", "__loader__", "__file__", "__cached__", "__path__", "__package__"})


class SealWarning(UserWarning):
    """An attribute of a strict module was set or deleted."""


class _State(threading.local):
    patching = 0


_state = _State()
_mode = "off"


class SealedModule(types.ModuleType):
    """A module whose attributes cannot be changed from outside."""

    def __setattr__(self, name, value):
        if _refuses(self, name, "modify"):
            return
        super().__setattr__(name, value)

    def __delattr__(self, name):
        if _refuses(self, name, "delete"):
            return
        super().__delattr__(name)


def _refuses(module, name, verb):
    if _state.patching or name in _MACHINERY or _mode == "off":
        return False
    message = f"cannot {verb} attribute {name!r} of strict module {module.__name__}"
    if _mode == "warn":
        warnings.warn(message, SealWarning, stacklevel=3)
        return False
    raise AttributeError(message)


@contextlib.contextmanager
def patching():
    """Within this context strict modules may be changed, by this thread: for tests."""
    _state.patching += 1
    try:
        yield
    finally:
        _state.patching -= 1


def seal(module):
    """Seals a module that has been imported."""
    if type(module) is types.ModuleType:
        module.__class__ = SealedModule
    return module


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        super().exec_module(module)
        # Modules that put something else into `sys.modules` know what they do.
        if sys.modules.get(module.__name__) is module:
            seal(module)


class _Finder:
    """Asks the usual finders and replaces the loader of marked modules."""

    def __init__(self, wants):
        self.wants = wants

    def find_spec(self, fullname, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        if not self.wants(fullname):
            return None
        try:
            source = spec.loader.get_data(spec.loader.path)
        except OSError:
            return None
        if is_marked(source):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
            return spec
        return None

    def invalidate_caches(self):
        importlib.machinery.PathFinder.invalidate_caches()


_finder = None


def install(mode="enforce", only=None):
    """Seals the strict modules imported from now on.

    `mode` is "off", "warn" (changes are made and reported) or "enforce" (changes raise AttributeError). `only` limits the hook to names, or to those
    a predicate accepts: give it the modules that passed the check.
    """
    global _finder, _mode
    if mode not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}, not {mode!r}")
    uninstall()
    _mode = mode
    if mode == "off":
        return
    if only is None:
        wants = lambda name: True
    elif callable(only):
        wants = only
    else:
        names = frozenset(only)
        wants = names.__contains__
    _finder = _Finder(wants)
    sys.meta_path.insert(0, _finder)


def uninstall():
    """Removes the hook; modules that are sealed may be changed again."""
    global _finder, _mode
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    _finder = None
    _mode = "off"


def installed_mode():
    return _mode
