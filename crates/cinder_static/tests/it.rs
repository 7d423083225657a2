//! Runs the suites of `testdata/static`, and watches what an edit computes again.
//!
//! `cargo test -p cinder_static -- narrowing.md` runs one file. A `types` block shows facts: of the function it names, of the module
//! level for `types module`, of everything otherwise. What other checkers say is in blocks of its own: see [`outside`].

mod incremental;
mod outside;

use std::path::Path;
use std::process::ExitCode;

use cinder_db::testing::TestDb;
use cinder_db::{Db, StaticSettings, parsed_module};
use cinder_diagnostic::Diagnostic;
use cinder_diagnostic::rules::INVALID_SYNTAX;
use cinder_mdtest::{Case, Findings, Suite};
use cinder_static::rules::REVEALED_TYPE;
use cinder_static::{check_performance, check_static, dump_types};
use salsa::Setter as _;

fn main() -> ExitCode {
    incremental::a_body_edit_checks_that_body_only();
    incremental::a_signature_edit_reaches_importers();
    outside::damaged_type_files_do_no_harm();
    incremental::an_edit_in_a_large_tree_costs_one_function();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/static");
    cinder_mdtest::main(&[Suite { directory, output_languages: &["types"], run }])
}

fn run(case: &Case) -> Findings {
    let mut db = TestDb::new();
    for file in &case.files {
        db.write(&format!("/src/{}", file.path), &file.text);
    }
    let statics = outside::settings(case, &mut db);
    if statics != StaticSettings::default() {
        let program = db.program();
        let mut settings = program.settings(&db).clone();
        settings.statics = statics;
        program.set_settings(&mut db).to(settings);
    }
    let mut findings = Findings::default();
    for file in &case.files {
        let handle = db.file(&format!("/src/{}", file.path));
        let parsed = parsed_module(&db, handle);
        let syntax =
            parsed.errors().iter().map(|error| Diagnostic::new(&INVALID_SYNTAX, error.range, error.message.clone()));
        let mut found = check_static(&db as &dyn Db, handle);
        // Asked for by name: elsewhere these findings would be noise.
        if file.text.contains("[slow-operation]") {
            found.extend(check_performance(&db as &dyn Db, handle));
        }
        for diagnostic in syntax.chain(found) {
            match revealed(&diagnostic) {
                Some(ty) => findings.revealed.push((file.path.clone(), diagnostic.range.start(), ty)),
                None => findings.diagnostics.push((file.path.clone(), diagnostic)),
            }
        }
    }
    let main = db.file(&format!("/src/{}", case.main_file().path));
    for block in &case.outputs {
        let function = block.arguments.first().map(|name| if name == "module" { "" } else { name.as_str() });
        findings.outputs.push(dump_types(&db, main, function));
    }
    findings
}

/// The type in `reveal_type(x): 'T', 'x' has declared type ...`.
fn revealed(diagnostic: &Diagnostic) -> Option<String> {
    if diagnostic.rule.name != REVEALED_TYPE.name {
        return None;
    }
    let (_, rest) = diagnostic.message.split_once("): '")?;
    rest.split_once('\'').map(|(ty, _)| ty.to_owned())
}
