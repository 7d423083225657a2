"""Marks a module as strict: `import __strict__`. The markers change nothing by themselves; `cinder_seal` acts on them."""

import weakref as _weakref


def strict_slots(cls):
    return cls


def loose_slots(cls):
    return cls


def extra_slot(cls, name):
    return cls


_mutable = _weakref.WeakSet()
_freezer = None
_freeze_enabled = True


def mutable(cls):
    """Keeps a class open."""
    _mutable.add(cls)
    return cls


def is_mutable(cls):
    try:
        return cls in _mutable
    except TypeError:
        # Its metaclass lets nobody hash it, so it was never marked.
        return False


def freeze_type(cls):
    """Freezes a class now, where classes are frozen at all."""
    if not isinstance(cls, type):
        raise TypeError(f"freeze_type requires a type, got {type(cls).__name__}")
    return cls if _freezer is None else _freezer(cls)


def set_freezer(freezer):
    """What freezes classes from now on; for the import hook."""
    global _freezer
    _freezer = freezer


def set_freeze_enabled(flag):
    global _freeze_enabled
    old, _freeze_enabled = _freeze_enabled, bool(flag)
    return old


def is_freeze_enabled():
    return _freeze_enabled


class _AllowSideEffects:
    """Switches the analysis off for the module that imports it."""

    def __repr__(self):
        return "allow_side_effects"


allow_side_effects = _AllowSideEffects()
