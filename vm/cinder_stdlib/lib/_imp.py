"""What importlib needs to know of the machine that imports."""

import sys as _sys

# importlib takes these for builtin modules; when they are loaded it does not ask for them.
import _thread
import _weakref
import _warnings
from _source_hash import pyc_magic_number_token, source_hash

check_hash_based_pycs = "default"


def lock_held():
    return False


def acquire_lock():
    pass


def release_lock():
    pass


def is_builtin(name, /):
    return 1 if name in _sys.builtin_module_names else 0


def is_frozen(name, /):
    return False


def is_frozen_package(name, /):
    raise ImportError(f"No such frozen object named {name}", name=name)


def find_frozen(name, /, *, withdata=False):
    return None


def get_frozen_object(name, data=None, /):
    raise ImportError(f"No such frozen object named {name}", name=name)


def init_frozen(name, /):
    raise ImportError(f"No such frozen object named {name}", name=name)


def create_builtin(spec, /):
    for finder in _sys.meta_path:
        if getattr(finder, "__name__", None) == "BuiltinImporter":
            return finder.create_module(spec)
    raise ImportError(f"'{spec.name}' is not a built-in module", name=spec.name)


def exec_builtin(module, /):
    return 0


def create_dynamic(spec, file=None, /):
    raise ImportError("extension modules cannot be loaded", name=spec.name, path=spec.origin)


def exec_dynamic(module, /):
    return 0


def extension_suffixes():
    return []


def _fix_co_filename(code, path, /):
    pass


def _override_multi_interp_extensions_check(override, /):
    return 0


def _override_frozen_modules_for_tests(override, /):
    pass
