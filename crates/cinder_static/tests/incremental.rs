//! What an edit computes again: the promise of position-independent units.

use cinder_db::testing::TestDb;
use cinder_static::check_static;

const ACCOUNT: &str = "import __static__
class Account:
    def __init__(self) -> None:
        self.total: int = 0
    def add(self, n: int) -> None:
        self.total = n
def main(a: Account) -> int:
    a.add(1)
    return a.total
";

fn units(db: &TestDb) -> usize {
    db.executed().iter().filter(|name| name.contains("function_unit")).count()
}

/// A comment above and a changed body: one function is checked, no declaration is resolved.
pub(crate) fn a_body_edit_checks_that_body_only() {
    let mut db = TestDb::with_files([("/src/m.py", ACCOUNT)]);
    let file = db.file("/src/m.py");
    assert!(check_static(&db, file).is_empty());
    assert_eq!(units(&db), 3, "each function once");
    let edited = ACCOUNT.replace("a.add(1)", "a.add(2)").replace("class Account", "# new\nclass Account");
    db.write("/src/m.py", &edited);
    assert!(check_static(&db, file).is_empty());
    let executed = db.executed();
    let count = |name: &str| executed.iter().filter(|query| query.contains(name)).count();
    assert_eq!(count("function_unit"), 1, "only `main` changed: {executed:?}");
    assert_eq!(count("module_decls") + count("module_summary") + count("module_unit"), 0, "{executed:?}");
}

/// An importer's bodies are checked again when a signature they may use changes, not when a body does.
pub(crate) fn a_signature_edit_reaches_importers() {
    let user = "import __static__\nfrom m import Account\ndef use(a: Account) -> None:\n    a.add(1)\n";
    let mut db = TestDb::with_files([("/src/m.py", ACCOUNT), ("/src/user.py", user)]);
    let importer = db.file("/src/user.py");
    assert!(check_static(&db, importer).is_empty());
    db.write("/src/m.py", &ACCOUNT.replace("a.add(1)", "a.add(2)"));
    db.executed();
    assert!(check_static(&db, importer).is_empty());
    assert_eq!(units(&db), 0, "a body of another module is nobody's business");
    db.write(
        "/src/m.py",
        &ACCOUNT.replace("n: int", "n: str").replace("a.add(1)", "a.add('1')").replace("self.total = n", "pass"),
    );
    assert_eq!(check_static(&db, importer).len(), 1);
}
