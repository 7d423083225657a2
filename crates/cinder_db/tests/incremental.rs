//! What is computed again after an edit.

use cinder_db::testing::TestDb;
use cinder_db::{Db, File, FunctionItem, Grain, function_body, item_tree, module_items};
use cinder_text::TextRange;

/// Stands for a checker's query of the body grain.
#[salsa::tracked]
fn check_body<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> usize {
    function_body(db, item).function().map_or(0, |function| function.body.len())
}

/// Stands for what an importer knows of a module.
#[salsa::tracked]
fn summary(db: &dyn Db, file: File) -> usize {
    item_tree(db, file).text().len()
}

/// Stands for a check of a module and of what it imports.
#[salsa::tracked]
fn check_module(db: &dyn Db, file: File, imported: File) -> usize {
    let bodies: usize = module_items(db, file).functions.iter().map(|item| *check_body(db, *item)).sum();
    bodies + summary(db, file) + summary(db, imported)
}

const A: &str = "\
class C:
    x: int

    def first(self) -> int:
        return 1

    def second(self) -> int:
        return 2

def third(a: int) -> int:
    return a
";

/// Checks both files and names what ran; bodies with the function's name.
fn check(db: &TestDb, a: File, b: File) -> Vec<String> {
    check_module(db, a, b);
    check_module(db, b, a);
    let names: Vec<(salsa::Id, String)> = [a, b]
        .iter()
        .flat_map(|file| &module_items(db, *file).functions)
        .map(|item| (salsa::plumbing::AsId::as_id(item), item.qualname(db).to_string()))
        .collect();
    db.executed_with_keys()
        .into_iter()
        .map(|(query, id)| match names.iter().find(|(other, _)| *other == id) {
            Some((_, name)) => format!("{query} {name}"),
            None => query,
        })
        .collect()
}

fn edit(old: &str, new: &str) -> Vec<String> {
    let mut db = TestDb::with_files([("/src/a.py", A), ("/src/b.py", "import a\ndef use(): a.third(1)\n")]);
    let (a, b) = (db.file("/src/a.py"), db.file("/src/b.py"));
    check(&db, a, b);
    assert!(A.contains(old));
    db.write("/src/a.py", &A.replacen(old, new, 1));
    check(&db, a, b)
}

const FILE_GRAIN: [&str; 5] = ["source_text", "parsed_module", "split_file", "module_items", "item_text"];

#[track_caller]
fn assert_ran(ran: Vec<String>, beyond_file_grain: &[&str]) {
    let mut ran: Vec<&str> = ran.iter().map(String::as_str).filter(|name| !FILE_GRAIN.contains(name)).collect();
    ran.sort();
    assert_eq!(ran, beyond_file_grain);
}

#[test]
fn editing_a_body_checks_that_body_only() {
    assert_ran(
        edit("return 1", "y = 1\n        return y"),
        &["check_body C.first", "check_module", "function_body C.first"],
    );
}

#[test]
fn moving_functions_checks_nothing() {
    assert_ran(edit("    x: int\n", "    # a comment\n\n\n    x: int\n"), &[]);
}

#[test]
fn editing_a_signature_reaches_the_importer() {
    assert_ran(
        edit("third(a: int)", "third(a: int, b: int)"),
        &["check_body third", "check_module", "check_module", "function_body third", "item_tree", "summary"],
    );
}

#[test]
fn ranges_of_pieces_are_lifted() {
    let mut db = TestDb::with_files([("/src/a.py", A)]);
    let a = db.file("/src/a.py");
    let place = |db: &TestDb, index: usize| {
        let item = module_items(db, a).functions[index];
        let function = function_body(db, item).function().expect("the text is a function").clone();
        let lifted = |range: TextRange| {
            cinder_db::source_text(db, a)[Grain::Function(item).lift(db, range).to_std_range()].to_string()
        };
        (lifted(function.name.range), lifted(cinder_text::Ranged::range(&function.body[0])))
    };
    assert_eq!(place(&db, 1), ("second".to_string(), "return 2".to_string()));
    db.write("/src/a.py", &format!("import os\n\n{A}"));
    assert_eq!(place(&db, 1), ("second".to_string(), "return 2".to_string()));
    assert_eq!(place(&db, 2), ("third".to_string(), "return a".to_string()));
}
