//! The pages of rules: their examples are checked, and every rule has one.

use std::path::Path;
use std::sync::Arc;

use cinder_db::system::MemorySystem;
use cinder_mdtest::{Case, Findings, Suite, check_directory};
use cinder_project::{CheckOptions, Project, ProjectOptions, rules};

/// Checks the programs of a case as one project; a `toml` block is its configuration.
fn run(case: &Case) -> Findings {
    let system = MemorySystem::default();
    for file in &case.files {
        system.write(format!("/proj/{}", file.path), &file.text);
    }
    for (_, text) in case.attachments.iter().filter(|(language, _)| language == "toml") {
        system.write("/proj/pyproject.toml", text);
    }
    let options = ProjectOptions { start: Some("/proj".into()), ..ProjectOptions::default() };
    let mut project = Project::open(Arc::new(system), options).expect("there is no configuration to be wrong");
    let report = project.check_paths(&[], CheckOptions { threads: 1, ..CheckOptions::default() });
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let mut findings = Findings::default();
    for group in report.files {
        let path = group.file.path().trim_start_matches('/').trim_start_matches("proj/").to_owned();
        findings.diagnostics.extend(group.diagnostics.into_iter().map(|diagnostic| (path.clone(), diagnostic)));
    }
    findings
}

#[test]
fn marked_lines_fire_and_no_others() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/rules");
    check_directory(&Suite { directory, output_languages: &[], run });
}

#[test]
fn every_page_begins_with_the_name_of_its_rule_and_a_summary() {
    for rule in rules().iter() {
        assert!(rule.page.starts_with(&format!("# {}\n\n", rule.name)), "{}", rule.name);
        assert!(rule.summary().ends_with('.'), "{}: {}", rule.name, rule.summary());
    }
}
