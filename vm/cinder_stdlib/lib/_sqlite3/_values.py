"""Values that SQLite does not know: adapters on the way in, converters on the way out."""

from _sqlite3._errors import ProgrammingError


class PrepareProtocol:
    """PEP 246 style object adaption protocol type."""

    __module__ = "sqlite3"


adapters = {}
converters = {}
_MISSING = object()
_PLAIN = (int, float, str, bytearray, bytes, type(None))


def register_adapter(type, adapter, /):
    """Register a function to adapt Python objects to SQLite values."""
    if type in (int, float, str, bytearray):
        _unplain(type)
    adapters[type, PrepareProtocol] = adapter


_adapted_plain = set()


def _unplain(cls):
    _adapted_plain.add(cls)


def register_converter(typename, converter, /):
    """Register a function to convert SQLite values to Python objects."""
    converters[typename.upper()] = converter


def adapt(obj, proto=PrepareProtocol, alt=_MISSING, /):
    """Adapt given object to given protocol."""
    adapter = adapters.get((type(obj), proto))
    if adapter is not None:
        return adapter(obj)
    for owner, name, argument in ((proto, "__adapt__", obj), (obj, "__conform__", proto)):
        method = getattr(owner, name, None)
        if method is not None:
            try:
                adapted = method(argument)
            except TypeError:
                continue
            if adapted is not None:
                return adapted
    if alt is not _MISSING:
        return alt
    raise ProgrammingError("can't adapt")


def adapted(value):
    """A parameter as a value that can be bound."""
    cls = type(value)
    if cls in _PLAIN and cls not in _adapted_plain:
        return value
    return adapt(value, PrepareProtocol, value)
