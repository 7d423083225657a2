//! What an edit evaluates again.

use cinder_db::testing::TestDb;
use cinder_strict::check_strict;

const LIBRARY: &str = "import __strict__
LIMIT = 3

def used():
    return LIMIT

def unused():
    return 1
";

const USER: &str = "import __strict__
from library import used
X = used() + 1
";

fn evaluations(db: &TestDb) -> usize {
    db.executed().iter().filter(|name| name.contains("unit_heap")).count()
}

fn start() -> TestDb {
    let db = TestDb::with_files([("/src/library.py", LIBRARY), ("/src/user.py", USER)]);
    assert!(check_strict(&db, db.file("/src/user.py")).is_empty());
    assert_eq!(evaluations(&db), 2, "each module once");
    db
}

/// The body of a function that no import runs is read by nobody.
pub(crate) fn an_uncalled_body_evaluates_nothing() {
    let mut db = start();
    db.write("/src/library.py", &LIBRARY.replace("return 1", "return open('x')"));
    assert!(check_strict(&db, db.file("/src/user.py")).is_empty());
    assert_eq!(evaluations(&db), 0);
    db.write("/src/library.py", &LIBRARY.replace("def unused", "# comment\ndef unused"));
    assert!(check_strict(&db, db.file("/src/user.py")).is_empty());
    assert_eq!(evaluations(&db), 0, "comments are nowhere");
}

/// The body of a function that another module's import runs concerns that module only.
pub(crate) fn a_called_body_evaluates_its_caller() {
    let mut db = start();
    db.write("/src/library.py", &LIBRARY.replace("return LIMIT", "return LIMIT + 1"));
    assert!(check_strict(&db, db.file("/src/user.py")).is_empty());
    assert_eq!(evaluations(&db), 1, "the library's own body calls nothing");
}

/// A module that comes out the same stops the change.
pub(crate) fn an_equal_value_stops_there() {
    let mut db = start();
    db.write("/src/library.py", &LIBRARY.replace("LIMIT = 3", "LIMIT = 1 + 2"));
    assert!(check_strict(&db, db.file("/src/user.py")).is_empty());
    assert_eq!(evaluations(&db), 1, "the library only");
}
