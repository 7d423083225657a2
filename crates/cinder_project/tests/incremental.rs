//! What the checkers compute again after an edit: the invariant "editing a function body re-checks that body only".

use cinder_db::module_items;
use cinder_db::testing::TestDb;
use cinder_project::check_file;
use salsa::plumbing::AsId;

const A: &str = "\
import __static__

class C:
    x: int

    def __init__(self) -> None:
        self.x = 1

    def first(self) -> int:
        return 1

def second(a: int) -> int:
    return a

def third() -> int:
    return second(1)
";

const B: &str = "\
import __static__
from a import C, second

def use(c: C) -> int:
    return second(2)

def other() -> int:
    return 3
";

/// Checks both files and names what ran, bodies with their file and function. Queries of the file grain, which run after every edit, are left out.
fn check(db: &TestDb) -> Vec<String> {
    let files = [db.file("/src/a.py"), db.file("/src/b.py")];
    for file in files {
        let found: Vec<&str> = check_file(db, file).iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        assert_eq!(found, [""; 0]);
    }
    let mut names = Vec::new();
    for file in files {
        let shown = file.path(db).file_name().unwrap_or_default().trim_end_matches(".py").to_string();
        let items = &module_items(db, file).functions;
        names.extend(items.iter().map(|item| (item.as_id(), format!("{shown}.{}", item.qualname(db)))));
        names.push((file.as_id(), shown));
    }
    let executed = db.executed_with_keys().into_iter();
    let mut ran: Vec<String> = executed
        .filter(|(query, _)| !FILE_GRAIN.contains(&query.as_str()))
        .map(|(query, id)| match names.iter().find(|(other, _)| *other == id) {
            Some((_, name)) => format!("{query} {name}"),
            None => query,
        })
        .collect();
    ran.sort();
    ran
}

const FILE_GRAIN: [&str; 8] = [
    "source_text",
    "parsed_module",
    "line_index",
    "split_file",
    "module_items",
    "item_text",
    "source_map",
    "names_flag",
];

/// What runs when `old` in module `a` becomes `new`.
fn edit(old: &str, new: &str) -> Vec<String> {
    let mut db = TestDb::with_files([("/src/a.py", A), ("/src/b.py", B)]);
    assert!(check(&db).contains(&"function_unit a.C.first".to_string()));
    assert_eq!(check(&db), [""; 0], "nothing changed");
    assert!(A.contains(old));
    db.write("/src/a.py", &A.replacen(old, new, 1));
    check(&db)
}

#[test]
fn editing_a_body_checks_that_body_only() {
    let expected = ["check_file a", "function_body a.C.first", "function_unit a.C.first"];
    assert_eq!(edit("        return 1\n", "        y = 1\n        return y\n"), expected);
}

#[test]
fn moving_text_checks_nothing() {
    assert_eq!(edit("    x: int\n", "    # where it is\n\n    x: int\n"), ["check_file a"]);
}

#[test]
fn editing_a_signature_checks_its_users() {
    let ran = edit("def second(a: int)", "def second(a: int, b: int = 0)");
    for expected in ["item_tree a", "module_summary a", "function_unit a.third", "function_unit b.use", "check_file b"]
    {
        assert!(ran.contains(&expected.to_string()), "{expected} did not run: {ran:#?}");
    }
    assert!(!ran.contains(&"item_tree b".to_string()) && !ran.contains(&"module_summary b".to_string()), "{ran:#?}");
}

/// What an edit outside of bodies computes again besides the module's own level: queries that hand on one name each, and end the edit's way unless
/// what they say of that name is different.
const BY_NAME: [&str; 6] = ["module_header", "module_symbol", "class_head", "class_body", "class_def", "class_member"];

/// The module's own level: checked, lowered and evaluated again when its statements change.
const MODULE_LEVEL: [&str; 9] = [
    "check_file a",
    "frozen_names a",
    "import_edges a",
    "item_tree a",
    "module_code a",
    "module_summary a",
    "module_unit a",
    "strict_marker a",
    "unit_heap a",
];

#[track_caller]
fn assert_beyond_module_level(ran: Vec<String>, expected: &[&str]) {
    let by_name = |name: &str| BY_NAME.contains(&name.split(' ').next().unwrap_or_default());
    for level in MODULE_LEVEL {
        assert!(ran.iter().any(|name| name == level), "{level} did not run: {ran:#?}");
    }
    let beyond: Vec<&str> =
        ran.iter().map(String::as_str).filter(|name| !by_name(name) && !MODULE_LEVEL.contains(name)).collect();
    assert_eq!(beyond, expected);
}

#[test]
fn text_above_everything_checks_nothing() {
    assert_eq!(edit("import __static__\n", "# what this is\n\nimport __static__\n"), ["check_file a"]);
}

#[test]
fn a_new_variable_checks_no_body() {
    assert_beyond_module_level(edit("def third(", "extra: int = 1\n\ndef third("), &[]);
}

#[test]
fn a_new_import_checks_no_body() {
    let ran = edit("import __static__\n", "import __static__\nfrom typing import List\n");
    // The stub of the other module is read for the names it has.
    assert_beyond_module_level(ran, &["stub_names"]);
}

#[test]
fn a_new_function_checks_its_body_only() {
    let ran = edit("def third(", "def extra() -> int:\n    return 1\n\ndef third(");
    assert_beyond_module_level(ran, &["function_body a.extra", "function_unit a.extra"]);
}

#[test]
fn a_new_method_checks_its_body_only() {
    let ran = edit("    def first(", "    def zeroth(self) -> int:\n        return self.x\n\n    def first(");
    assert_beyond_module_level(ran, &["function_body a.C.zeroth", "function_unit a.C.zeroth"]);
}

#[test]
fn a_new_field_checks_no_body() {
    assert_beyond_module_level(edit("    x: int\n", "    x: int\n    y: int\n"), &[]);
}

#[test]
fn a_changed_field_checks_who_uses_it() {
    assert_beyond_module_level(edit("    x: int\n", "    x: object\n"), &["function_unit a.C.__init__"]);
}
