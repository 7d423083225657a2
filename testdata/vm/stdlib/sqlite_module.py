# Databases: statements, transactions, conversions, functions of the program.
import os
import sqlite3
import tempfile
import threading


def attempt(action):
    try:
        return action()
    except Exception as error:
        code = getattr(error, "sqlite_errorname", None)
        return f"{type(error).__name__}: {error}" + (f" ({code})" if code else "")


db = sqlite3.connect(":memory:")

# Statements and parameters.
db.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price REAL, data BLOB)")
cursor = db.execute("INSERT INTO item (name, price, data) VALUES (?, ?, ?)", ("a", 1.5, b"\0\1"))
print(cursor.lastrowid, cursor.rowcount, cursor.description, db.in_transaction, db.total_changes)
# expect: 1 1 None True 1
cursor.executemany("INSERT INTO item (name, price) VALUES (:name, :price)", [{"name": "b", "price": 2}, {"name": "c", "price": None}])
print(cursor.rowcount, cursor.lastrowid)
# expect: 2 1
print(db.execute("SELECT * FROM item ORDER BY id").fetchall())
# expect: [(1, 'a', 1.5, b'\x00\x01'), (2, 'b', 2.0, None), (3, 'c', None, None)]
print([column[0] for column in db.execute("SELECT id, name AS other FROM item").description], list(db.execute("SELECT 1 UNION SELECT 2")))
# expect: ['id', 'other'] [(1,), (2,)]
cursor = db.execute("SELECT id FROM item ORDER BY id")
print(cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall(), cursor.fetchone(), cursor.arraysize)
# expect: (1,) [(2,)] [(3,)] None 1
print(db.execute("UPDATE item SET price = 9 WHERE id > ?", [1]).rowcount, db.execute("DELETE FROM item WHERE id = 3 RETURNING name").fetchall())
# expect: 2 [('c',)]
print(attempt(lambda: db.execute("SELEC 1")), attempt(lambda: db.execute("SELECT 1; SELECT 2")), attempt(lambda: db.execute("SELECT ?", ())))
# expect: OperationalError: near "SELEC": syntax error (SQLITE_ERROR) ProgrammingError: You can only execute one statement at a time. ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1, and there are 0 supplied.
print(attempt(lambda: db.execute("SELECT :a", {})), attempt(lambda: db.execute("SELECT ?", {"a": 1})), attempt(lambda: db.execute("SELECT :a", (1,))))
# expect: ProgrammingError: You did not supply a value for binding parameter :a. ProgrammingError: Binding 1 has no name, but you supplied a dictionary (which has only names). ProgrammingError: Binding 1 (':a') is a named parameter, but you supplied a sequence which requires nameless (qmark) placeholders.
print(attempt(lambda: db.execute("SELECT ?", (object(),))), attempt(lambda: db.execute("SELECT ?", (2**64,))), attempt(lambda: db.execute("SELECT ?", 3)))
# expect: ProgrammingError: Error binding parameter 1: type 'object' is not supported OverflowError: Python int too large to convert to SQLite INTEGER ProgrammingError: parameters are of unsupported type
print(attempt(lambda: db.execute(3)), attempt(lambda: db.execute("SELECT '\0'")), attempt(lambda: db.executemany("SELECT 1", [()])))
# expect: TypeError: execute() argument 1 must be str, not int ProgrammingError: the query contains a null character ProgrammingError: executemany() can only execute DML statements.
print(attempt(lambda: db.execute("INSERT INTO item VALUES (1, 'x', 0, 0)")), attempt(lambda: db.execute("INSERT INTO item (name) VALUES ('a')")))
# expect: IntegrityError: UNIQUE constraint failed: item.id (SQLITE_CONSTRAINT_PRIMARYKEY) IntegrityError: UNIQUE constraint failed: item.name (SQLITE_CONSTRAINT_UNIQUE)
print(db.execute("SELECT ?, ?, ?, ?", (True, bytearray(b"x"), "\u20ac", float("inf"))).fetchone(), db.execute("SELECT x'', ''").fetchone())
# expect: (1, b'x', '€', inf) (b'', '')
print(attempt(lambda: db.execute("SELECT cast(x'ff' AS TEXT) AS bad").fetchone()), db.execute("-- nothing").fetchall())
# expect: OperationalError: Could not decode to UTF-8 column 'bad' with text '�' []

# Transactions.
db.commit()
with db:
    db.execute("INSERT INTO item (name) VALUES ('with')")
print(db.in_transaction)
# expect: False
try:
    with db:
        db.execute("INSERT INTO item (name) VALUES ('gone')")
        raise KeyError
except KeyError:
    print(db.in_transaction, db.execute("SELECT count(*) FROM item").fetchone())
# expect: False (3,)
db.isolation_level = None
db.execute("INSERT INTO item (name) VALUES ('direct')")
print(db.in_transaction, db.isolation_level, attempt(lambda: setattr(db, "isolation_level", "x")))
# expect: False None ValueError: isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'
db.isolation_level = "IMMEDIATE"
db.execute("INSERT INTO item (name) VALUES ('late')")
db.rollback()
print([name for (name,) in db.execute("SELECT name FROM item")])
# expect: ['a', 'b', 'direct', 'with']
new = sqlite3.connect(":memory:", autocommit=False)
print(new.in_transaction, new.commit(), new.in_transaction, new.autocommit)
# expect: True None True False
new.autocommit = True
print(new.in_transaction, attempt(lambda: setattr(new, "autocommit", 5)))
# expect: False ValueError: autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL
print(db.executescript("CREATE TABLE s (v); INSERT INTO s VALUES (1); -- end\nINSERT INTO s VALUES (2);").rowcount, db.execute("SELECT sum(v) FROM s").fetchone())
# expect: -1 (3,)

# Rows and texts.
db.row_factory = sqlite3.Row
row = db.execute("SELECT 1 AS one, 'x' AS Two").fetchone()
print(row["one"], row["TWO"], row[0], row[-1], row[0:1], row.keys(), tuple(row), len(row), dict(row), row == db.execute("SELECT 1 AS one, 'x' AS Two").fetchone())
# expect: 1 x 1 x (1,) ['one', 'Two'] (1, 'x') 2 {'one': 1, 'Two': 'x'} True
print(attempt(lambda: row["three"]), attempt(lambda: row[2]), attempt(lambda: row[1.5]), hash(row) == hash(db.execute("SELECT 1 AS one, 'x' AS Two").fetchone()))
# expect: IndexError: No item with that key IndexError: tuple index out of range IndexError: Index must be int or string True
db.row_factory = lambda cursor, values: dict(zip((column[0] for column in cursor.description), values))
print(db.execute("SELECT 3 AS x").fetchone())
# expect: {'x': 3}
db.row_factory = None
db.text_factory = bytes
print(db.execute("SELECT 'a', 1").fetchone())
# expect: (b'a', 1)
db.text_factory = lambda content: content.decode() + "!"
print(db.execute("SELECT 'a', 1").fetchone())
# expect: ('a!', 1)
db.text_factory = str


# Adapters and converters.
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __conform__(self, protocol):
        if protocol is sqlite3.PrepareProtocol:
            return f"{self.x};{self.y}"


class Other:
    pass


sqlite3.register_adapter(Other, lambda value: "other")
sqlite3.register_converter("point", lambda content: Point(*map(int, content.split(b";"))))
typed = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
typed.execute("CREATE TABLE p (at point(5), plain)")
typed.execute("INSERT INTO p VALUES (?, ?)", (Point(4, 5), Other()))
found = typed.execute("SELECT at, plain, at AS 'again [point]' FROM p")
at, plain, again = found.fetchone()
print(at.x, at.y, plain, again.y, found.description[2][0])
# expect: 4 5 other 5 again


# Functions, aggregates, collations, hooks.
class Sum:
    def __init__(self):
        self.total = 0

    def step(self, value):
        self.total += value

    def inverse(self, value):
        self.total -= value

    def value(self):
        return self.total

    def finalize(self):
        return self.total


db.create_function("twice", 1, lambda value: value * 2, deterministic=True)
db.create_function("broken", -1, lambda *values: 1 // 0)
db.create_aggregate("mysum", 1, Sum)
db.create_window_function("slide", 1, Sum)
db.create_collation("backwards", lambda left, right: (left < right) - (left > right))
print(db.execute("SELECT twice(4), twice('ab'), twice(1.5)").fetchone(), db.execute("SELECT mysum(v) FROM s").fetchone())
# expect: (8, 'abab', 3.0) (3,)
print(attempt(lambda: db.execute("SELECT broken(1)").fetchone()), attempt(lambda: db.create_function("f", -5, len)))
# expect: OperationalError: user-defined function raised exception (SQLITE_ERROR) ProgrammingError: 'narg' must be between -1 and 1000, not -5
print(db.execute("SELECT slide(v) OVER (ORDER BY v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (SELECT 1 v UNION SELECT 2 UNION SELECT 5)").fetchall())
# expect: [(1,), (3,), (7,)]
print([name for (name,) in db.execute("SELECT name FROM item ORDER BY name COLLATE backwards")])
# expect: ['with', 'direct', 'b', 'a']
seen = []
db.set_trace_callback(seen.append)
db.execute("SELECT ?", (7,))
db.set_trace_callback(None)
print(seen)
# expect: ['SELECT 7']
db.set_authorizer(lambda *action: sqlite3.SQLITE_DENY)
print(attempt(lambda: db.execute("SELECT * FROM item")))
# expect: DatabaseError: not authorized (SQLITE_AUTH)
db.set_authorizer(None)
db.set_progress_handler(lambda: True, 1)
print(attempt(lambda: db.execute("SELECT * FROM item").fetchall()))
# expect: OperationalError: interrupted (SQLITE_INTERRUPT)
db.set_progress_handler(None, 1)

# Blobs, dumps, copies.
db.execute("INSERT INTO item (id, name, data) VALUES (50, 'blob', zeroblob(6))")
with db.blobopen("item", "data", 50) as blob:
    blob.write(b"abc")
    blob[4] = 65
    blob[5:6] = b"z"
    print(len(blob), blob.tell(), blob.seek(0), blob.read(2), blob.read(), blob[0], blob[1:3], attempt(lambda: blob[9]), attempt(lambda: blob.write(b"x")))
# expect: 6 3 None b'ab' b'c\x00Az' 97 b'bc' IndexError: Blob index out of range ValueError: data longer than blob length
print(attempt(lambda: blob.read()), attempt(lambda: db.blobopen("item", "data", 99)))
# expect: ProgrammingError: Cannot operate on a closed blob. OperationalError: no such rowid: 99 (SQLITE_ERROR)
db.commit()
print([line for line in db.iterdump()][:4])
# expect: ['BEGIN TRANSACTION;', 'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price REAL, data BLOB);', 'INSERT INTO "item" VALUES(1,\'a\',1.5,X\'0001\');', 'INSERT INTO "item" VALUES(2,\'b\',9.0,NULL);']
other = sqlite3.connect(":memory:")
steps = []
db.backup(other, pages=2, progress=lambda status, left, all: steps.append(left), sleep=0)
print(len(steps) > 1, steps[-1], other.execute("SELECT count(*) FROM item").fetchone())
# expect: True 0 (5,)
third = sqlite3.connect(":memory:")
third.deserialize(other.serialize())
print(third.execute("SELECT count(*) FROM item").fetchone(), third.getlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH) > 0, third.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))
# expect: (5,) True False

# Files, threads, what is closed.
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data.db")
    first, second = sqlite3.connect(path), sqlite3.connect(path, timeout=0)
    with first:
        first.execute("CREATE TABLE t (v)")
    first.execute("INSERT INTO t VALUES (1)")
    print(attempt(lambda: second.execute("INSERT INTO t VALUES (2)")))
    first.commit()
    print(second.execute("SELECT * FROM t").fetchall(), attempt(lambda: sqlite3.connect(os.path.join(folder, "no", "file"))))
    readonly = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    print(attempt(lambda: readonly.execute("DELETE FROM t")))
    for connection in (first, second, readonly):
        connection.close()
# expect: OperationalError: database is locked (SQLITE_BUSY)
# expect: [(1,)] OperationalError: unable to open database file (SQLITE_CANTOPEN)
# expect: OperationalError: attempt to write a readonly database (SQLITE_READONLY)
print(attempt(lambda: first.execute("SELECT 1")), attempt(first.cursor), first.close())
# expect: ProgrammingError: Cannot operate on a closed database. ProgrammingError: Cannot operate on a closed database. None
outcome = []
thread = threading.Thread(target=lambda: outcome.append(attempt(lambda: db.execute("SELECT 1")).split(". ")[0]))
thread.start()
thread.join()
print(outcome)
# expect: ['ProgrammingError: SQLite objects created in a thread can only be used in that same thread']
shared = sqlite3.connect(":memory:", check_same_thread=False)
thread = threading.Thread(target=lambda: outcome.append(shared.execute("SELECT 5").fetchone()))
thread.start()
thread.join()
print(outcome[1])
# expect: (5,)
cursor.close()
print(attempt(lambda: cursor.execute("SELECT 1")), attempt(cursor.fetchone), sqlite3.complete_statement("SELECT 1;"), sqlite3.threadsafety, sqlite3.paramstyle)
# expect: ProgrammingError: Cannot operate on a closed cursor. ProgrammingError: Cannot operate on a closed cursor. True 3 qmark
for connection in (db, new, typed, other, third, shared):
    connection.close()
