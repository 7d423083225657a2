//! Runs the suites of `testdata/strict` and the pages of the rules, and watches what an edit evaluates again.

mod incremental;

use std::path::Path;
use std::process::ExitCode;

use cinder_db::testing::TestDb;
use cinder_db::{Db, parsed_module};
use cinder_diagnostic::Diagnostic;
use cinder_diagnostic::rules::INVALID_SYNTAX;
use cinder_mdtest::{Case, Findings, Suite};
use cinder_strict::check_strict;

fn main() -> ExitCode {
    incremental::an_uncalled_body_evaluates_nothing();
    incremental::a_called_body_evaluates_its_caller();
    incremental::an_equal_value_stops_there();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/strict");
    cinder_mdtest::main(&[Suite { directory, output_languages: &[], run }])
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
    findings
}
