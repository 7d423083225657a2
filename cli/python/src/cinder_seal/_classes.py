"""Classes that nothing can change.

Problem: plain Python has no way to close a class: `type.__setattr__` asks nobody, and a class cannot be given another metaclass afterwards.
Idea: the interpreter itself refuses to change types that bear a flag, `Py_TPFLAGS_IMMUTABLETYPE`, since 3.10; the strict runtime sets the same
one. `ctypes` can set it. Where the flag lies is found by looking for the words that the types' own `__flags__` tell, and tried out on a
class of our own before any other is touched.
Holds: where anything is not as expected (no `ctypes`, another implementation, another layout) classes stay open and `available()` is false.

Source: CPython `Include/object.h`, `Objects/typeobject.c` (`type_setattro`).
"""

import weakref

_IMMUTABLE = 1 << 8

# None until the place was looked for; 0 when there is none.
_place = None
# By identity: metaclasses may make their classes unhashable.
_frozen = {}


def _words(cls):
    import ctypes

    count = type.__basicsize__ // ctypes.sizeof(ctypes.c_ulong)
    return (ctypes.c_ulong * count).from_address(id(cls))


def _find_place():
    import sys

    if sys.implementation.name != "cpython":
        return 0
    try:
        probes = [type("A", (), {}), type("B", (list,), {"__slots__": ()}), int, dict, type, BaseException]
        words = [_words(probe) for probe in probes]
    except (ImportError, ValueError, OSError):
        return 0
    places = [at for at in range(len(words[0])) if all(w[at] == p.__flags__ for w, p in zip(words, probes))]
    if len(places) != 1:
        return 0
    return places[0] if _works(probes[0], places[0]) else 0


def _works(probe, place):
    _words(probe)[place] |= _IMMUTABLE
    try:
        probe.x = 1
    except TypeError:
        is_refused = bool(probe.__flags__ & _IMMUTABLE)
    else:
        is_refused = False
    _words(probe)[place] &= ~_IMMUTABLE
    try:
        probe.x = 2
    except TypeError:
        return False
    return is_refused and probe.x == 2


def available():
    """Whether this interpreter's classes can be frozen."""
    global _place
    if _place is None:
        _place = _find_place()
    return _place != 0


def freeze(cls):
    """From now on setting and deleting attributes of the class raises TypeError."""
    if available() and not cls.__flags__ & _IMMUTABLE:
        _words(cls)[_place] |= _IMMUTABLE
        key = id(cls)
        _frozen[key] = weakref.ref(cls, lambda _: _frozen.pop(key, None))


def thaw(cls):
    """Makes a class that `freeze` froze as it was."""
    if is_frozen(cls):
        _words(cls)[_place] &= ~_IMMUTABLE
        del _frozen[id(cls)]


def frozen():
    """The classes that are frozen."""
    return [cls for cls in (reference() for reference in list(_frozen.values())) if cls is not None]


def is_frozen(cls):
    return isinstance(cls, type) and id(cls) in _frozen
