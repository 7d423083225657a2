"""Statements in use: cursors, rows, and blobs that are read in parts."""

import _sqlite
from _sqlite3._errors import (
    DataError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    check,
)
from _sqlite3._values import adapted, converters

_ROW = 100
_DONE = 101
PARSE_DECLTYPES = 1
PARSE_COLNAMES = 2
_LEGACY = -1


def _first_word(sql):
    """The keyword that a statement begins with, in capitals."""
    at, end = 0, len(sql)
    while at < end:
        if sql[at].isspace():
            at += 1
        elif sql.startswith("--", at):
            at = sql.find("\n", at)
            if at < 0:
                return ""
        elif sql.startswith("/*", at):
            at = sql.find("*/", at)
            if at < 0:
                return ""
            at += 2
        else:
            break
    word = at
    while word < end and sql[word].isalpha():
        word += 1
    return sql[at:word].upper()


def _is_blank(sql):
    """Whether a text holds nothing but blanks and comments."""
    return _first_word(sql) == "" and not _rest_after_comments(sql)


def _rest_after_comments(sql):
    sql = sql.strip()
    while sql:
        if sql.startswith("--"):
            _, _, sql = sql.partition("\n")
        elif sql.startswith("/*"):
            _, _, sql = sql.partition("*/")
        else:
            return sql
        sql = sql.strip()
    return sql


class Statement:
    """A prepared statement, which connections keep for the next use of the same text."""

    __module__ = "sqlite3"
    __slots__ = ("_raw", "_sql", "_is_dml", "_names", "_in_use", "_is_fetched", "__weakref__")

    def __init__(self, connection, sql):
        if not isinstance(sql, str):
            raise TypeError(f"execute() argument 1 must be str, not {type(sql).__name__}")
        encoded = sql.encode()
        db = connection._db
        if len(encoded) > _sqlite.limit(db, 1, -1):
            raise DataError("query string is too large")
        if b"\0" in encoded:
            raise ProgrammingError("the query contains a null character")
        code, raw, end = _sqlite.prepare(db, encoded, 0)
        check(db, code)
        if not _is_blank(encoded[end:].decode()):
            if raw is not None:
                _sqlite.finalize(raw)
            raise ProgrammingError("You can only execute one statement at a time.")
        self._raw = raw
        self._sql = sql
        self._is_dml = _first_word(sql) in ("INSERT", "UPDATE", "DELETE", "REPLACE")
        self._names = () if raw is None else _sqlite.parameters(raw)
        self._in_use = False
        # A cursor takes rows from it.
        self._is_fetched = False

    def _bind(self, db, parameters):
        names = self._names
        if isinstance(parameters, (tuple, list)) or (
            not isinstance(parameters, dict) and hasattr(type(parameters), "__getitem__") and hasattr(type(parameters), "__len__") and not hasattr(parameters, "keys")
        ):
            if len(parameters) != len(names):
                raise ProgrammingError(
                    f"Incorrect number of bindings supplied. The current statement uses {len(names)}, "
                    f"and there are {len(parameters)} supplied."
                )
            for index, name in enumerate(names):
                if name is not None and name[0] != "?":
                    raise ProgrammingError(
                        f"Binding {index + 1} ({name!r}) is a named parameter, but you supplied a sequence "
                        "which requires nameless (qmark) placeholders."
                    )
                self._bind_one(db, index + 1, None, parameters[index])
        elif isinstance(parameters, dict) or hasattr(type(parameters), "__getitem__"):
            for index, name in enumerate(names, 1):
                if name is None:
                    raise ProgrammingError(
                        f"Binding {index} has no name, but you supplied a dictionary (which has only names)."
                    )
                name = name[1:]
                try:
                    value = parameters[name]
                except LookupError:
                    raise ProgrammingError(f"You did not supply a value for binding parameter :{name}.") from None
                self._bind_one(db, index, name, value)
        else:
            raise ProgrammingError("parameters are of unsupported type")

    def _bind_one(self, db, index, name, value):
        value = adapted(value)
        code = _sqlite.bind(self._raw, index, value)
        if code == 0:
            return
        if code == -1:
            shown = f"{index}" if name is None else f"':{name}'"
            raise ProgrammingError(f"Error binding parameter {shown}: type '{type(value).__name__}' is not supported")
        check(db, code)

    def _release(self):
        if self._in_use:
            self._in_use = self._is_fetched = False
            if self._raw is not None:
                _sqlite.reset(self._raw)


class Cursor:
    """SQLite database cursor class."""

    __module__ = "sqlite3"

    def __init__(self, connection, /):
        from _sqlite3._connection import Connection

        if not isinstance(connection, Connection):
            raise TypeError(f"Cursor() argument 1 must be sqlite3.Connection, not {type(connection).__name__}")
        self._connection = connection
        self._statement = None
        self._closed = False
        self._locked = False
        self._description = None
        self._lastrowid = None
        self._rowcount = -1
        self._converters = None
        self.arraysize = 1
        self.row_factory = None
        connection._check_thread()
        connection._cursors.add(self)

    connection = property(lambda self: self._connection)
    description = property(lambda self: self._description)
    lastrowid = property(lambda self: self._lastrowid)
    rowcount = property(lambda self: self._rowcount)

    def _check(self):
        try:
            connection = self._connection
        except AttributeError:
            raise ProgrammingError("Base Cursor.__init__ not called.") from None
        if self._closed:
            raise ProgrammingError("Cannot operate on a closed cursor.")
        if self._locked:
            raise ProgrammingError("Recursive use of cursors not allowed.")
        connection._check_thread()
        connection._check_open()
        return connection

    def _drop_statement(self):
        statement, self._statement = self._statement, None
        if statement is not None:
            statement._release()

    def execute(self, sql, parameters=(), /):
        """Executes an SQL statement."""
        self._run(sql, (parameters,), False)
        return self

    def executemany(self, sql, seq_of_parameters, /):
        """Repeatedly executes an SQL statement."""
        self._run(sql, seq_of_parameters, True)
        return self

    def _run(self, sql, sets, is_many):
        connection = self._check()
        if not isinstance(sql, str):
            name = "executemany" if is_many else "execute"
            raise TypeError(f"{name}() argument 1 must be str, not {type(sql).__name__}")
        self._locked = True
        statement = None
        try:
            self._drop_statement()
            self._description = None
            self._converters = None
            sets = iter(sets)
            statement = connection._statement(sql)
            db, raw = connection._db, statement._raw
            self._rowcount = 0 if statement._is_dml else -1
            if is_many and not statement._is_dml:
                raise ProgrammingError("executemany() can only execute DML statements.")
            if raw is None:
                # Nothing but a comment.
                for parameters in sets:
                    statement._bind(db, parameters)
                return
            statement._in_use = True
            if statement._is_dml:
                connection._begin_before_change()
            code = _DONE
            for parameters in sets:
                connection._check_open()
                statement._bind(db, parameters)
                code = connection._step(raw)
                if code != _ROW and code != _DONE:
                    try:
                        check(db, code)
                    finally:
                        _sqlite.reset(raw)
                if self._description is None:
                    self._describe(connection, statement)
                if code == _DONE and statement._is_dml:
                    self._rowcount += _sqlite.changes(db)
                if not is_many:
                    self._lastrowid = _sqlite.last_insert_rowid(db)
                if code == _ROW and is_many:
                    raise ProgrammingError("executemany() can only execute DML statements.")
                if code == _DONE:
                    _sqlite.reset(raw)
            if code == _ROW:
                statement._is_fetched = True
                self._statement = statement
                statement = None
        except BaseException:
            self._rowcount = -1
            raise
        finally:
            self._locked = False
            if statement is not None:
                statement._release()

    def _describe(self, connection, statement):
        raw = statement._raw
        names = _sqlite.columns(raw)
        if not names:
            return
        detect = connection._detect_types
        if detect:
            self._converters = found = []
            shown = []
            for index, name in enumerate(names):
                converter = None
                if detect & PARSE_COLNAMES and name:
                    start = name.find("[")
                    end = name.find("]", start)
                    if start >= 0 and end > start:
                        converter = converters.get(name[start + 1 : end].upper())
                if converter is None and detect & PARSE_DECLTYPES:
                    declared = _sqlite.declared(raw, index)
                    if declared:
                        converter = converters.get(declared.split("(")[0].split(" ")[0].upper())
                found.append(converter)
                cut = name.find("[") if name and detect & PARSE_COLNAMES else -1
                shown.append(name[:cut].rstrip(" ") if cut >= 0 else name)
            names = shown
            if not any(found):
                self._converters = None
        self._description = tuple((name, None, None, None, None, None, None) for name in names)

    def _row(self, connection, statement):
        """The row that the statement stands at."""
        raw = statement._raw
        factory = connection.text_factory
        if self._converters is not None or factory not in (str, bytes):
            return self._slow_row(raw, factory)
        try:
            return _sqlite.row(raw, factory is bytes)
        except ValueError as error:
            message = str(error)
        index = int(message.split()[-1])
        name = _sqlite.columns(raw)[index]
        text = _sqlite.raw_column(raw, index)[1].decode("utf-8", "replace")
        raise OperationalError(f"Could not decode to UTF-8 column '{name}' with text '{text}'")

    def _slow_row(self, raw, factory):
        values = list(_sqlite.row(raw, True))
        for index, converter in enumerate(self._converters or (None,) * len(values)):
            found = _sqlite.raw_column(raw, index)
            if found is None:
                continue
            is_text, content = found
            if converter is not None:
                values[index] = converter(content)
            elif is_text:
                values[index] = (
                    content.decode() if factory is str else content if factory is bytes
                    else bytearray(content) if factory is bytearray else factory(content)
                )
        return tuple(values)

    def __iter__(self):
        return self

    def __next__(self):
        connection = self._check()
        statement = self._statement
        if statement is None:
            raise StopIteration
        self._locked = True
        try:
            row = self._row(connection, statement)
        finally:
            self._locked = False
        code = connection._step(statement._raw)
        if code == _DONE:
            if statement._is_dml:
                self._rowcount = _sqlite.changes(connection._db)
            self._drop_statement()
        elif code != _ROW:
            try:
                check(connection._db, code)
            finally:
                self._drop_statement()
        factory = self.row_factory
        return row if factory is None else factory(self, row)

    def fetchone(self):
        """Fetches one row from the resultset."""
        return next(self, None)

    def fetchmany(self, size=None):
        """Fetches several rows from the resultset."""
        size = self.arraysize if size is None else size
        if size < 0:
            raise ValueError("Cannot convert negative int")
        rows = []
        while len(rows) < size:
            row = next(self, self)
            if row is self:
                break
            rows.append(row)
        self._check()
        return rows

    def fetchall(self):
        """Fetches all rows from the resultset."""
        self._check()
        return list(self)

    def executescript(self, sql_script, /):
        """Executes multiple SQL statements at once."""
        connection = self._check()
        if not isinstance(sql_script, str):
            raise TypeError(f"executescript() argument must be str, not {type(sql_script).__name__}")
        script = sql_script.encode()
        db = connection._db
        if len(script) >= _sqlite.limit(db, 1, -1):
            raise DataError("query string is too large")
        if b"\0" in script:
            raise ProgrammingError("the query contains a null character")
        if connection._autocommit == _LEGACY and not _sqlite.get_autocommit(db):
            connection._execute("COMMIT")
        at = 0
        while at < len(script):
            code, raw, at = _sqlite.prepare(db, script, at)
            check(db, code)
            if raw is None:
                continue
            try:
                code = _ROW
                while code == _ROW:
                    code = connection._step(raw)
                check(db, code)
            finally:
                _sqlite.finalize(raw)
        return self

    def close(self):
        """Closes the cursor."""
        try:
            connection = self._connection
        except AttributeError:
            raise ProgrammingError("Base Cursor.__init__ not called.") from None
        if self._locked:
            raise ProgrammingError("Recursive use of cursors not allowed.")
        connection._check_thread()
        connection._check_open()
        self._drop_statement()
        self._closed = True

    def setinputsizes(self, sizes, /):
        """Required by DB-API. Does nothing in sqlite3."""

    def setoutputsize(self, size, column=None, /):
        """Required by DB-API. Does nothing in sqlite3."""


class Row:
    """A row whose values are reached by place and by name."""

    __module__ = "sqlite3"
    __slots__ = ("_values", "_description")

    def __new__(cls, cursor, data, /):
        if not isinstance(cursor, Cursor):
            raise TypeError(f"Row() argument 1 must be sqlite3.Cursor, not {type(cursor).__name__}")
        if not isinstance(data, tuple):
            raise TypeError(f"Row() argument 2 must be tuple, not {type(data).__name__}")
        made = super().__new__(cls)
        made._values = data
        made._description = cursor.description or ()
        return made

    def __init__(self, *args):
        pass

    def keys(self):
        """Returns the keys of the row."""
        return [column[0] for column in self._description]

    def __getitem__(self, key):
        if isinstance(key, (int, slice)):
            return self._values[key]
        if isinstance(key, str):
            for index, column in enumerate(self._description):
                name = column[0]
                if name == key or name.lower() == key.lower() and key.isascii() and name.isascii():
                    return self._values[index]
            raise IndexError("No item with that key")
        raise IndexError("Index must be int or string")

    def __len__(self):
        return len(self._values)

    def __iter__(self):
        return iter(self._values)

    def __hash__(self):
        return hash(self._description) ^ hash(self._values)

    def __eq__(self, other):
        if not isinstance(other, Row):
            return NotImplemented
        return self._description == other._description and self._values == other._values


class Blob:
    """A blob that is read and written in place."""

    __module__ = "sqlite3"

    def __init__(self, *args):
        raise TypeError("cannot create 'sqlite3.Blob' instances")

    @classmethod
    def _open(cls, connection, raw):
        made = cls.__new__(cls)
        made._connection = connection
        made._raw = raw
        made._position = 0
        return made

    def _check(self):
        self._connection._check_thread()
        self._connection._check_open()
        if self._raw is None:
            raise ProgrammingError("Cannot operate on a closed blob.")
        return self._raw

    def close(self):
        """Close the blob."""
        self._connection._check_thread()
        self._connection._check_open()
        raw, self._raw = self._raw, None
        if raw is not None:
            _sqlite.blob_close(raw)

    def __enter__(self):
        self._check()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __len__(self):
        return _sqlite.blob_length(self._check())

    def _get(self, offset, size):
        if not size:
            return b""
        code, content = _sqlite.blob_read(self._raw, offset, size)
        self._check_code(code)
        return content

    def _put(self, offset, content):
        if len(content) > _sqlite.blob_length(self._raw) - offset:
            raise ValueError("data longer than blob length")
        self._check_code(_sqlite.blob_write(self._raw, offset, content))

    def _check_code(self, code):
        if code & 0xFF == 4:
            raise OperationalError("Cannot operate on an expired blob handle")
        check(self._connection._db, code)

    def read(self, length=-1, /):
        """Read data at the current offset position."""
        left = len(self) - self._position
        if length < 0 or length > left:
            length = left
        content = self._get(self._position, length)
        self._position += length
        return content

    def write(self, data, /):
        """Write data at the current offset."""
        self._check()
        with memoryview(data) as view:
            content = view.tobytes()
        self._put(self._position, content)
        self._position += len(content)

    def seek(self, offset, origin=0, /):
        """Set the current access position to offset."""
        length = len(self)
        if origin == 1:
            offset += self._position
        elif origin == 2:
            offset += length
        elif origin != 0:
            raise ValueError("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")
        if not 0 <= offset <= length:
            raise ValueError("offset out of blob range")
        self._position = offset

    def tell(self):
        """Return the current access position for the blob."""
        self._check()
        return self._position

    def _place(self, index):
        length = len(self)
        index = index.__index__()
        if index < 0:
            index += length
        if not 0 <= index < length:
            raise IndexError("Blob index out of range")
        return index

    def __getitem__(self, index):
        length = len(self)
        if isinstance(index, slice):
            start, stop, step = index.indices(length)
            if step == 1:
                return self._get(start, max(stop - start, 0))
            return self._get(0, length)[index]
        if not hasattr(index, "__index__"):
            raise TypeError("Blob indices must be integers")
        return self._get(self._place(index), 1)[0]

    def __setitem__(self, index, value):
        length = len(self)
        if isinstance(index, slice):
            places = range(*index.indices(length))
            with memoryview(value) as view:
                content = view.tobytes()
            if len(content) != len(places):
                raise IndexError("Blob slice assignment is wrong size")
            if places.step == 1:
                if content:
                    self._put(places.start, content)
                return
            whole = bytearray(self._get(0, length))
            whole[index] = content
            self._put(0, bytes(whole))
            return
        if not hasattr(index, "__index__"):
            raise TypeError("Blob indices must be integers")
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        place = self._place(index)
        if not 0 <= value < 256:
            raise ValueError("byte must be in range(0, 256)")
        self._put(place, bytes((value,)))

    def __delitem__(self, index):
        raise TypeError("Blob doesn't support item deletion")
