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
    assert_eq!(count("_decl") + count("module_summary") + count("module_unit"), 0, "{executed:?}");
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

/// One line of one body changes in a large tree, in a large file: one function is checked, and what ran is named. Prints how long it took; run it with
/// `CINDER_SLOW_TESTS=1 cargo test --release -p cinder_static`.
#[expect(clippy::disallowed_methods, reason = "a test that times itself, outside of any query")]
pub(crate) fn an_edit_in_a_large_tree_costs_one_function() {
    let is_slow = std::env::var_os("CINDER_SLOW_TESTS").is_some();
    let (modules, functions) = if is_slow { (2000, 800) } else { (20, 40) };
    let mut files: Vec<(String, String)> = (0..modules)
        .map(|number| {
            let mut text = String::from("import __static__\n");
            if number > 0 {
                text.push_str(&format!("from m{} import Node{}\n", number - 1, number - 1));
            }
            text.push_str(&format!(
                "class Node{number}:\n    def __init__(self, value: int) -> None:\n        self.value: int = value\n    def get(self) -> int:\n        return self.value\n"
            ));
            (format!("/src/m{number}.py"), text)
        })
        .collect();
    let last = modules - 1;
    let mut big = format!("import __static__\nfrom m{last} import Node{last}\n");
    for number in 0..functions {
        big.push_str(&format!(
            "def f{number}(node: Node{last}) -> int:\n    total: int = 0\n    for x in [1, 2, 3]:\n        total = node.get()\n    return total\n"
        ));
    }
    files.push(("/src/big.py".to_owned(), big.clone()));
    let mut db = TestDb::with_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    for (path, _) in &files {
        let file = db.file(path);
        assert!(check_static(&db, file).is_empty());
    }
    let file = db.file("/src/big.py");
    let edited = big.replacen("total: int = 0", "total: int = 1", 1);
    let mut milliseconds = Vec::new();
    for text in [&edited, &big, &edited] {
        db.write("/src/big.py", text);
        db.executed();
        let start = std::time::Instant::now();
        assert!(check_static(&db, file).is_empty());
        milliseconds.push(start.elapsed().as_secs_f64() * 1000.0);
        let executed = db.executed();
        let count = |name: &str| executed.iter().filter(|query| query.contains(name)).count();
        assert_eq!(count("function_unit"), 1, "{executed:?}");
        assert_eq!(count("_decl") + count("module_summary") + count("module_unit"), 0, "{executed:?}");
    }
    let lines = big.lines().count();
    println!("an edit among {modules} modules, in a file of {lines} lines: {milliseconds:.1?} ms");
}
