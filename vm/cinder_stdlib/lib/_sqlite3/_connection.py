"""Connections: transactions, and what a program adds to SQLite."""

import functools
import gc
import os
import sys
import threading
import warnings
import weakref
import _sqlite
import _sqlite3._errors as errors
from _sqlite3._cursor import Blob, Cursor, Statement
from _sqlite3._errors import InterfaceError, NotSupportedError, OperationalError, ProgrammingError, check, error

LEGACY_TRANSACTION_CONTROL = -1
_LEVELS = ("", "DEFERRED", "IMMEDIATE", "EXCLUSIVE")
_BUSY = _sqlite.CONSTANTS["SQLITE_BUSY"]
_LOCKED = _sqlite.CONSTANTS["SQLITE_LOCKED"]
_OPTIONS = {code for name, code in _sqlite.CONSTANTS.items() if name.startswith("SQLITE_DBCONFIG_")}



def _soon_positional(function):
    """A method whose first parameters may still be given by name, with a warning."""
    code = function.__code__
    names = code.co_varnames[1:code.co_posonlyargcount]
    quoted = [f"'{name}'" for name in names]
    plural = "s" if len(names) > 1 else ""
    listed = " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
    message = (f"Passing keyword argument{plural} {listed} to _sqlite3.Connection.{function.__name__}() is deprecated. "
               f"Parameter{plural} {listed} will become positional-only in Python 3.15.")

    @functools.wraps(function)
    def method(self, *args, **keywords):
        if not keywords.keys().isdisjoint(names):
            warnings.warn(message, DeprecationWarning, 2)
            # Those that follow the given ones, as far as they are there.
            rest = names[len(args):]
            args += tuple(keywords.pop(name) for name in rest if name in keywords)
        return function(self, *args, **keywords)

    return method


#: Those that exist.
_CONNECTIONS = weakref.WeakSet()


class Connection:
    """SQLite database connection object."""

    __module__ = "sqlite3"

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    _db = None
    _is_ready = False

    def __init__(
        self,
        database,
        timeout=5.0,
        detect_types=0,
        isolation_level="",
        check_same_thread=True,
        factory=None,
        cached_statements=128,
        uri=False,
        *,
        autocommit=LEGACY_TRANSACTION_CONTROL,
    ):
        path = os.fsencode(database)
        sys.audit("sqlite3.connect", database)
        isolation_level = _checked_level(isolation_level)
        autocommit = _checked_autocommit(autocommit)
        flags = _sqlite.SQLITE_OPEN_READWRITE | _sqlite.SQLITE_OPEN_CREATE
        if uri:
            flags |= _sqlite.SQLITE_OPEN_URI
        if self._is_ready and self._db is not None:
            self._shut()
        code, db = _sqlite.open(path, flags)
        if code:
            failure = error(_sqlite.error_code(db), _sqlite.error_message(db))
            _sqlite.close(db)
            raise failure
        _sqlite.busy_timeout(db, int(timeout * 1000))
        self._db = db
        self._is_ready = True
        self._detect_types = detect_types
        self._isolation_level = isolation_level
        self._autocommit = autocommit
        self._checks_thread = bool(check_same_thread)
        self._thread = threading.get_ident()
        self._cache = {}
        self._cache_size = max(cached_statements, 5)
        self._cursors = weakref.WeakSet()
        _CONNECTIONS.add(self)
        self._blobs = weakref.WeakSet()
        self.row_factory = None
        self.text_factory = str
        sys.audit("sqlite3.connect/handle", self)
        if autocommit is False:
            self._execute("BEGIN")

    # ---- state ----

    def _check_thread(self):
        if not self._is_ready:
            raise ProgrammingError("Base Connection.__init__ not called.")
        if self._checks_thread and threading.get_ident() != self._thread:
            raise ProgrammingError(
                "SQLite objects created in a thread can only be used in that same thread. "
                f"The object was created in thread id {self._thread} and this is thread id {threading.get_ident()}."
            )

    def _check_open(self):
        if self._db is None:
            if not self._is_ready:
                raise ProgrammingError("Base Connection.__init__ not called.")
            raise ProgrammingError("Cannot operate on a closed database.")
        return self._db

    def _ready(self):
        self._check_thread()
        return self._check_open()

    def close(self):
        """Close the database connection.

        Any pending transaction is not committed implicitly.
        """
        self._check_thread()
        if self._db is None:
            return
        if self._autocommit is False and not _sqlite.get_autocommit(self._db):
            self._execute("ROLLBACK")
        self._shut()

    def _shut(self):
        for cursor in list(self._cursors):
            cursor._statement = None
        for blob in list(self._blobs):
            raw, blob._raw = blob._raw, None
            if raw is not None:
                _sqlite.blob_close(raw)
        for statement in list(self.__dict__.get("_statements", ())):
            if statement._raw is not None:
                _sqlite.finalize(statement._raw)
                statement._raw = None
        self._cache.clear()
        db, self._db = self._db, None
        _sqlite.close(db)

    def _step(self, raw):
        """Lets a statement go on; what abandoned cursors lock is set free first, when that is in its way."""
        code = _sqlite.step(raw)
        if code & 0xFF in (_BUSY, _LOCKED) and self._release_abandoned():
            code = _sqlite.step(raw)
        return code

    def _release_abandoned(self):
        """Resets the statements of cursors that nobody holds any more, of all connections; whether there were any.

        Such a statement locks tables until the collector finds its cursor; where references are counted that is at once.
        """
        gc.collect()
        released = False
        for connection in list(_CONNECTIONS):
            if connection._db is None or connection._checks_thread and connection._thread != threading.get_ident():
                continue
            used = [cursor._statement for cursor in list(connection._cursors)]
            for statement in list(connection.__dict__.get("_statements", ())):
                if statement._in_use and statement._is_fetched and not any(statement is known for known in used):
                    statement._release()
                    released = True
        return released

    def __del__(self):
        if self._is_ready and self._db is not None:
            import warnings

            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self)
            self._shut()

    @property
    def in_transaction(self):
        return not _sqlite.get_autocommit(self._check_open())

    @property
    def total_changes(self):
        return _sqlite.total_changes(self._check_open())

    @property
    def isolation_level(self):
        self._check_open()
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, level):
        if level is None:
            self._isolation_level = None
            # The implicit transactions end.
            self._check_open()
            if self._autocommit == LEGACY_TRANSACTION_CONTROL and not _sqlite.get_autocommit(self._db):
                self._execute("COMMIT")
            return
        self._isolation_level = _checked_level(level)

    @isolation_level.deleter
    def isolation_level(self):
        raise AttributeError("cannot delete attribute")

    @property
    def autocommit(self):
        self._ready()
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value):
        db = self._ready()
        value = _checked_autocommit(value)
        if value is True:
            if not _sqlite.get_autocommit(db):
                self._execute("COMMIT")
        elif value is False and _sqlite.get_autocommit(db):
            self._execute("BEGIN")
        self._autocommit = value

    # ---- statements ----

    def _statement(self, sql):
        """A statement with this text that nobody uses."""
        cache = self._cache
        statement = cache.pop(sql, None)
        if statement is not None:
            cache[sql] = statement
            if not statement._in_use:
                return statement
        made = Statement(self, sql)
        statements = self.__dict__.get("_statements")
        if statements is None:
            statements = self._statements = weakref.WeakSet()
        statements.add(made)
        if statement is None:
            cache[sql] = made
            if len(cache) > self._cache_size:
                del cache[next(iter(cache))]
        return made

    def __call__(self, sql, /):
        self._ready()
        return Statement(self, sql)

    def _execute(self, sql):
        """Runs a statement without parameters and rows."""
        db = self._db
        code, raw, _ = _sqlite.prepare(db, sql.encode(), 0)
        check(db, code)
        try:
            check(db, self._step(raw))
        finally:
            _sqlite.finalize(raw)

    def _begin_before_change(self):
        if (
            self._autocommit == LEGACY_TRANSACTION_CONTROL
            and self._isolation_level is not None
            and _sqlite.get_autocommit(self._db)
        ):
            self._execute(f"BEGIN {self._isolation_level}".rstrip())

    def cursor(self, factory=Cursor):
        """Return a cursor for the connection."""
        self._ready()
        cursor = factory(self)
        if not isinstance(cursor, Cursor):
            raise TypeError(f"factory must return a cursor, not {type(cursor).__name__}")
        if self.row_factory is not None:
            cursor.row_factory = self.row_factory
        return cursor

    def execute(self, sql, parameters=(), /):
        """Executes an SQL statement."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql, parameters, /):
        """Repeatedly executes an SQL statement."""
        return self.cursor().executemany(sql, parameters)

    def executescript(self, sql_script, /):
        """Executes multiple SQL statements at once."""
        return self.cursor().executescript(sql_script)

    # ---- transactions ----

    def commit(self):
        """Commit any pending transaction to the database.

        If there is no open transaction, this method is a no-op.
        """
        self._end("COMMIT")

    def rollback(self):
        """Roll back to the start of any pending transaction.

        If there is no open transaction, this method is a no-op.
        """
        self._end("ROLLBACK")

    def _end(self, how):
        db = self._ready()
        if self._autocommit == LEGACY_TRANSACTION_CONTROL:
            if not _sqlite.get_autocommit(db):
                self._execute(how)
        elif self._autocommit is False:
            self._execute(how)
            self._execute("BEGIN")

    def __enter__(self):
        self._ready()
        return self

    def __exit__(self, kind, value, traceback, /):
        db = self._ready()
        if self._autocommit is True:
            return False
        if self._autocommit == LEGACY_TRANSACTION_CONTROL and _sqlite.get_autocommit(db):
            return False
        if kind is not None:
            self.rollback()
            return False
        try:
            self.commit()
        except BaseException:
            # A transaction that cannot be committed must not stay open.
            if not _sqlite.get_autocommit(db):
                self.rollback()
            raise
        return False

    # ---- functions of the program ----

    @_soon_positional
    def create_function(self, name, narg, func, /, *, deterministic=False):
        """Creates a new function."""
        db = self._ready()
        _check_count(narg)
        flags = _sqlite.SQLITE_DETERMINISTIC if deterministic else 0
        self._check_created(_sqlite.create_function(db, name, narg, flags, func), "function")

    @_soon_positional
    def create_aggregate(self, name, n_arg, aggregate_class, /):
        """Creates a new aggregate."""
        db = self._ready()
        _check_count(n_arg)
        self._check_created(_sqlite.create_aggregate(db, name, n_arg, aggregate_class, False), "aggregate")

    def create_window_function(self, name, num_params, aggregate_class, /):
        """Creates or redefines an aggregate window function. Experimental."""
        db = self._ready()
        _check_count(num_params)
        check(db, _sqlite.create_aggregate(db, name, num_params, aggregate_class, True))

    def _check_created(self, code, what):
        if code:
            raise OperationalError(f"Error creating {what}")

    def create_collation(self, name, callback, /):
        """Creates a collation function."""
        db = self._ready()
        if callback is not None and not callable(callback):
            raise TypeError("parameter must be callable")
        check(db, _sqlite.create_collation(db, name, callback))

    @_soon_positional
    def set_authorizer(self, authorizer_callback, /):
        """Set authorizer callback."""
        if _sqlite.set_authorizer(self._ready(), authorizer_callback):
            raise OperationalError("Error setting authorizer callback")

    @_soon_positional
    def set_progress_handler(self, progress_handler, /, n):
        """Set progress handler callback."""
        _sqlite.set_progress(self._ready(), progress_handler, n)

    @_soon_positional
    def set_trace_callback(self, trace_callback, /):
        """Set a trace callback called for each SQL statement (passed as unicode)."""
        _sqlite.set_trace(self._ready(), trace_callback)

    def enable_load_extension(self, enable, /):
        """Enable dynamic loading of SQLite extension modules."""
        db = self._ready()
        sys.audit("sqlite3.enable_load_extension", self, enable)
        if _sqlite.enable_load_extension(db, enable):
            raise OperationalError("Error enabling load extension")

    def load_extension(self, name, /, *, entrypoint=None):
        """Load SQLite extension module."""
        db = self._ready()
        sys.audit("sqlite3.load_extension", self, name)
        code, message = _sqlite.load_extension(db, name, entrypoint)
        if code:
            raise OperationalError(message)

    # ---- the rest of the library ----

    def interrupt(self):
        """Abort any pending database operation."""
        db = self._check_open()
        # What no cursor holds any more would keep the interruption alive.
        self._release_abandoned()
        _sqlite.interrupt(db)

    def iterdump(self, *, filter=None):
        """Returns iterator to the dump of the database in an SQL text format."""
        self._ready()
        from sqlite3.dump import _iterdump

        return _iterdump(self, filter=filter)

    def backup(self, target, *, pages=-1, progress=None, name="main", sleep=0.25):
        """Makes a backup of the database."""
        db = self._ready()
        if not isinstance(target, Connection):
            raise TypeError(f"backup() argument 'target' must be sqlite3.Connection, not {type(target).__name__}")
        if target is self:
            raise ValueError("target cannot be the same connection instance")
        if progress is not None and not callable(progress):
            raise TypeError("progress argument must be a callable")
        other = target._ready()
        if pages == 0:
            pages = -1
        backup = _sqlite.backup_open(other, "main", db, name)
        if backup is None:
            check(other, _sqlite.error_code(other))
        code = 0
        try:
            while code == 0 or code in (_BUSY, _LOCKED):
                code = _sqlite.backup_step(backup, pages)
                if progress is not None:
                    progress(code, *_sqlite.backup_progress(backup))
                if code in (_BUSY, _LOCKED):
                    import time

                    time.sleep(sleep)
        finally:
            finished = _sqlite.backup_close(backup)
        if finished:
            raise error(finished, _sqlite.error_message(other) if _sqlite.error_code(other) else _sqlite.error_text(finished))

    def blobopen(self, table, column, rowid, /, *, readonly=False, name="main"):
        """Open and return a BLOB object."""
        db = self._ready()
        code, raw = _sqlite.blob_open(db, name, table, column, rowid, readonly)
        check(db, code)
        blob = Blob._open(self, raw)
        self._blobs.add(blob)
        return blob

    def serialize(self, *, name="main"):
        """Serialize a database into a byte string."""
        content = _sqlite.serialize(self._ready(), name)
        if content is None:
            raise OperationalError(f"unable to serialize '{name}'")
        return content

    def deserialize(self, data, /, *, name="main"):
        """Load a serialized database."""
        db = self._ready()
        check(db, _sqlite.deserialize(db, data, name))

    def getlimit(self, category, /):
        """Get connection run-time limits."""
        return self.setlimit(category, -1)

    def setlimit(self, category, limit, /):
        """Set connection run-time limits."""
        former = _sqlite.limit(self._ready(), category, limit)
        if former < 0:
            raise ProgrammingError("'category' is out of bounds")
        return former

    def getconfig(self, op, /):
        """Query a boolean connection configuration option."""
        db = self._ready()
        if op not in _OPTIONS:
            raise ValueError(f"unknown config 'op': {op}")
        code, is_on = _sqlite.config(db, op, -1)
        check(db, code)
        return is_on

    def setconfig(self, op, enable=True, /):
        """Set a boolean connection configuration option."""
        db = self._ready()
        if op not in _OPTIONS:
            raise ValueError(f"unknown config 'op': {op}")
        code, is_on = _sqlite.config(db, op, int(bool(enable)))
        check(db, code)
        if is_on != bool(enable):
            raise OperationalError("Unable to set config")


def _checked_level(level):
    if level is None:
        return None
    if not isinstance(level, str):
        raise TypeError("isolation_level must be str or None")
    if level.upper() not in _LEVELS:
        raise ValueError("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")
    return level.upper()


def _checked_autocommit(value):
    if value is True or value is False:
        return value
    if type(value) is int and value == LEGACY_TRANSACTION_CONTROL:
        return value
    raise ValueError("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL")


def _check_count(count):
    if not -1 <= count <= 1000:
        raise ProgrammingError(f"'narg' must be between -1 and 1000, not {count}")
