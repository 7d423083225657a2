"""Marks a module as strict: `import __strict__`. On plain CPython the markers change nothing by themselves."""


def strict_slots(cls):
    return cls


def loose_slots(cls):
    return cls


def extra_slot(cls, name):
    return cls


def mutable(cls):
    return cls


def freeze_type(cls):
    if not isinstance(cls, type):
        raise TypeError(f"freeze_type requires a type, got {type(cls).__name__}")
    return cls


_freeze_enabled = True


def set_freeze_enabled(flag):
    global _freeze_enabled
    old, _freeze_enabled = _freeze_enabled, bool(flag)
    return old


class _AllowSideEffects:
    """Switches the analysis off for the module that imports it."""

    def __repr__(self):
        return "allow_side_effects"


allow_side_effects = _AllowSideEffects()
