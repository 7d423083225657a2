//! Runs the suites of `testdata/strict` and the pages of the rules, and watches what an edit evaluates again.
//!
//! A `fixed FILE` block shows a file after all fixes, the unsafe ones too; nothing is left to be fixed then, and every file parses.

mod incremental;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use cinder_db::testing::TestDb;
use cinder_db::{Db, parsed_module};
use cinder_diagnostic::rules::INVALID_SYNTAX;
use cinder_diagnostic::{Changes, Diagnostic};
use cinder_mdtest::{Case, Findings, Suite};
use cinder_strict::check_strict;

fn main() -> ExitCode {
    incremental::an_uncalled_body_evaluates_nothing();
    incremental::a_called_body_evaluates_its_caller();
    incremental::an_equal_value_stops_there();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/strict");
    cinder_mdtest::main(&[Suite { directory, output_languages: &["fixed"], run }])
}

fn run(case: &Case) -> Findings {
    let mut db = TestDb::new();
    for file in &case.files {
        db.write(&format!("/src/{}", file.path), &file.text);
    }
    let mut findings = Findings::default();
    for file in &case.files {
        let handle = db.file(&format!("/src/{}", file.path));
        let parsed = parsed_module(&db, handle);
        let syntax =
            parsed.errors().iter().map(|error| Diagnostic::new(&INVALID_SYNTAX, error.range, error.message.clone()));
        for diagnostic in syntax.chain(check_strict(&db as &dyn Db, handle)) {
            findings.diagnostics.push((file.path.clone(), diagnostic));
        }
    }
    if !case.outputs.is_empty() {
        let texts = fixed(case, &mut db);
        for block in &case.outputs {
            let path = block.arguments.first().map_or(case.main_file().path.as_str(), String::as_str);
            findings.outputs.push(texts.get(path).cloned().unwrap_or_default());
        }
    }
    findings
}

/// Rounds of fixes that are enough for any case.
const ROUNDS: usize = 8;

/// The files of a case after all fixes.
fn fixed(case: &Case, db: &mut TestDb) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> =
        case.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    for _ in 0..ROUNDS {
        let mut found = Vec::new();
        for path in texts.keys() {
            let handle = db.file(&format!("/src/{path}"));
            for diagnostic in check_strict(db as &dyn Db, handle) {
                found.push((format!("/src/{path}"), diagnostic));
            }
        }
        let changes = Changes::choose(found.iter().map(|(path, diagnostic)| (path.as_str(), diagnostic)), true);
        if changes.files().next().is_none() {
            return texts;
        }
        for (path, _) in changes.files() {
            let name = path.strip_prefix("/src/").expect("fixes change files of the case");
            let text = changes.changed(path, &texts[name]);
            let parsed = cinder_syntax::parse_module(&text);
            assert!(parsed.is_valid(), "{name} does not parse after its fixes:\n{text}");
            db.write(path, &text);
            texts.insert(name.to_owned(), text);
        }
    }
    panic!("fixes come to no end");
}
