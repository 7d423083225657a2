"""The state of warnings that importlib and the warnings module share."""

from _py_warnings import warn, warn_explicit, filters
from _py_warnings import onceregistry as _onceregistry
from _py_warnings import defaultaction as _defaultaction
from _py_warnings import _filters_mutated_lock_held, _warnings_context


def _acquire_lock():
    pass


def _release_lock():
    pass
