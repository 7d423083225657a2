"""Exceptions, and which result code of SQLite means which."""

import _sqlite


class Warning(Exception):
    __module__ = "sqlite3"


class Error(Exception):
    __module__ = "sqlite3"


class InterfaceError(Error):
    __module__ = "sqlite3"


class DatabaseError(Error):
    __module__ = "sqlite3"


class InternalError(DatabaseError):
    __module__ = "sqlite3"


class OperationalError(DatabaseError):
    __module__ = "sqlite3"


class ProgrammingError(DatabaseError):
    __module__ = "sqlite3"


class IntegrityError(DatabaseError):
    __module__ = "sqlite3"


class DataError(DatabaseError):
    __module__ = "sqlite3"


class NotSupportedError(DatabaseError):
    __module__ = "sqlite3"


_CODES = _sqlite.CONSTANTS
_CLASSES = {
    InternalError: "INTERNAL NOTFOUND",
    OperationalError: "ERROR PERM ABORT BUSY LOCKED READONLY INTERRUPT IOERR FULL CANTOPEN PROTOCOL EMPTY SCHEMA",
    DataError: "TOOBIG",
    IntegrityError: "CONSTRAINT MISMATCH",
    InterfaceError: "MISUSE RANGE",
    MemoryError: "NOMEM",
}
_CLASS_OF = {_CODES["SQLITE_" + name]: cls for cls, names in _CLASSES.items() for name in names.split()}
_OTHER = ("SQLITE_LIMIT_", "SQLITE_DBCONFIG_", "SQLITE_CREATE_", "SQLITE_DROP_")
_ACTIONS = """SQLITE_DELETE SQLITE_INSERT SQLITE_SELECT SQLITE_UPDATE SQLITE_READ SQLITE_PRAGMA SQLITE_TRANSACTION SQLITE_ATTACH
SQLITE_DETACH SQLITE_REINDEX SQLITE_ANALYZE SQLITE_FUNCTION SQLITE_SAVEPOINT SQLITE_RECURSIVE SQLITE_ALTER_TABLE SQLITE_DENY
SQLITE_IGNORE""".split()
_NAME_OF = {code: name for name, code in _CODES.items() if not name.startswith(_OTHER) and name not in _ACTIONS}


def error(code, message):
    """The exception for a result code."""
    made = _CLASS_OF.get(code & 0xFF, DatabaseError)(message)
    if isinstance(made, Error):
        made.sqlite_errorcode = code
        made.sqlite_errorname = _NAME_OF.get(code, "unknown")
    return made


def check(db, code):
    """Raises what a result code of `db` means, unless it is no error."""
    if code & 0xFF not in (0, 100, 101):
        extended = _sqlite.error_code(db)
        if extended & 0xFF != code & 0xFF:
            extended = code
        raise error(extended, _sqlite.error_message(db))
