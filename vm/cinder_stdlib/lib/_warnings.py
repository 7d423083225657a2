"""The state of warnings that importlib and the warnings module share."""

from _py_warnings import warn, warn_explicit, filters
from _py_warnings import onceregistry as _onceregistry
from _py_warnings import defaultaction as _defaultaction
from _py_warnings import _filters_mutated_lock_held, _warnings_context


class _Exactly(str):
    """Matches itself only; what filters of the warnings module hold instead of a pattern."""

    __slots__ = ()

    def match(self, text):
        return self if text == str(self) else None


if not filters:
    filters.extend([
        ("default", None, DeprecationWarning, _Exactly("__main__"), 0),
        ("ignore", None, DeprecationWarning, None, 0),
        ("ignore", None, PendingDeprecationWarning, None, 0),
        ("ignore", None, ImportWarning, None, 0),
        ("ignore", None, ResourceWarning, None, 0),
    ])


def _acquire_lock():
    pass


def _release_lock():
    pass
