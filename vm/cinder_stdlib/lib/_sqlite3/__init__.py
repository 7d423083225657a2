"""SQLite databases by the rules of PEP 249; `sqlite3` gives this to programs.

The library's objects are native (`_sqlite`); what they mean for a program is here.
"""

import _sqlite
from _sqlite import complete_statement as _complete
from _sqlite3._errors import (
    DataError,
    DatabaseError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from _sqlite3._values import PrepareProtocol, adapt, adapters, converters, register_adapter, register_converter
from _sqlite3._cursor import Blob, Cursor, Row
from _sqlite3._connection import LEGACY_TRANSACTION_CONTROL, Connection

globals().update(_sqlite.CONSTANTS)

PARSE_DECLTYPES = 1
PARSE_COLNAMES = 2
sqlite_version = _sqlite.VERSION
threadsafety = 3


def connect(database, *args, factory=Connection, **kwargs):
    """Open a connection to the SQLite database file 'database'.

    You can use ":memory:" to open a database connection to a database that
    resides in RAM instead of on disk.
    """
    if len(args) > 4:
        factory = args[4]
    return factory(database, *args, **kwargs)


def complete_statement(statement):
    """Checks if a string contains a complete SQL statement."""
    return _complete(statement)


def enable_callback_tracebacks(enable, /):
    """Enable or disable callback functions throwing errors to stderr."""
    _sqlite.report_callbacks(enable)
