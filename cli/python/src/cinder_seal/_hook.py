"""The module class, the classes, and the import hook."""

import ast
import atexit
import contextlib
import importlib.machinery
import sys
import threading
import types
import warnings

import __strict__

from . import _classes, _code
from ._marker import is_marked

_MODES = ("off", "warn", "enforce")
# Set by the import system itself while a module is being loaded or reloaded.
_MACHINERY = frozenset({"__spec__", "__loader__", "__file__", "__cached__", "__path__", "__package__"})
# What the interpreter and its library keep in classes on their own.
_KEPT = frozenset({
    "__abstractmethods__", "__annotations__", "__annotations_cache__", "__annotate_func__", "__slotnames__",
    "__weakref__", "__dict__", "_abc_impl", "__parameters__", "__type_params__",
})


class SealWarning(UserWarning):
    """An attribute of a strict module, or of one of its classes, was set or deleted."""


class _State(threading.local):
    patching = 0


_state = _State()
_mode = "off"
# In warn mode: the classes, by identity, and what they had when they were sealed. They live as long as their modules do.
_watched = {}
_patched_classes = threading.RLock()


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
def patching(*classes):
    """Within this context strict modules may be changed by this thread, and strict classes by anyone: for tests.

    With arguments only those classes are opened; whatever else is among the arguments is ignored.
    """
    _state.patching += 1
    # Other threads would close what this one still changes.
    with _patched_classes:
        opened = [cls for cls in (classes or _classes.frozen()) if _classes.is_frozen(cls)]
        for cls in opened:
            _classes.thaw(cls)
        try:
            yield
        finally:
            _state.patching -= 1
            if _mode == "enforce":
                for cls in opened:
                    _classes.freeze(cls)


def seal(module):
    """Seals a module that has been imported. Its classes stay as they are: see `seal_class`."""
    if type(module) is types.ModuleType:
        module.__class__ = SealedModule
    return module


def seal_class(cls):
    """Seals a class: in "enforce" changing it raises TypeError, in "warn" changes are reported by `report_changes` and at exit."""
    if not isinstance(cls, type):
        raise TypeError(f"freeze_type requires a type, got {type(cls).__name__}")
    if __strict__.is_mutable(cls) or not __strict__.is_freeze_enabled():
        return cls
    if _mode == "enforce":
        _classes.freeze(cls)
    elif _mode == "warn":
        _watched[id(cls)] = (cls, _content(cls))
    return cls


def _content(cls):
    return {name: value for name, value in cls.__dict__.items() if name not in _KEPT}


def report_changes():
    """Warns of each attribute of a watched class that is not what it was when its module had been imported."""
    for cls, before in list(_watched.values()):
        now = _content(cls)
        for name in sorted(before.keys() | now.keys()):
            if name not in before or name not in now or before[name] is not now[name]:
                verb = "deleted" if name not in now else "changed" if name in before else "added"
                message = f"attribute {name!r} of strict class {cls.__module__}.{cls.__qualname__} was {verb}"
                warnings.warn(message, SealWarning, stacklevel=2)
        _watched[id(cls)] = (cls, now)


def _freeze_made(classes):
    """What functions with class statements call when they return."""
    # Those that decorators replaced by something else are not ours to freeze; watching would keep the others alive.
    for cls in classes:
        if isinstance(cls, type) and _mode == "enforce":
            seal_class(cls)


def _seal_classes(module, names):
    for name in names:
        found = module
        for part in name.split("."):
            found = vars(found).get(part) if isinstance(found, (type, types.ModuleType)) else None
        # What an import or a decorator put in the place of the class is not this module's.
        if isinstance(found, type) and found.__module__ == module.__name__:
            seal_class(found)


class _Loader(importlib.machinery.SourceFileLoader):
    _names = ()

    def get_code(self, fullname):
        try:
            tree = ast.parse(self.get_data(self.path))
        except (OSError, SyntaxError, ValueError):
            # The usual way tells what is wrong.
            return super().get_code(fullname)
        self._names = _code.class_names(tree)
        if not _code.freezes_in_functions(tree):
            return super().get_code(fullname)
        # Not cached: without the hook the module must not run this code.
        return compile(tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module):
        module.__dict__[_code.FREEZE] = _freeze_made
        super().exec_module(module)
        # Modules that put something else into `sys.modules` know what they do.
        if sys.modules.get(module.__name__) is module:
            seal(module)
            _seal_classes(module, self._names)


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
    """Seals the strict modules imported from now on, and their classes.

    `mode` is "off", "warn" (changes are made and reported) or "enforce" (changes raise AttributeError for modules and TypeError for classes). `only`
    limits the hook to names, or to those a predicate accepts: give it the modules that passed the check.
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
    __strict__.set_freezer(seal_class)
    atexit.register(report_changes)


def uninstall():
    """Removes the hook; modules and classes that are sealed may be changed again."""
    global _finder, _mode
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    _finder = None
    for cls in _classes.frozen():
        _classes.thaw(cls)
    report_changes()
    _watched.clear()
    atexit.unregister(report_changes)
    __strict__.set_freezer(None)
    _mode = "off"


def installed_mode():
    return _mode
