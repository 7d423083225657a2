//! The programs of `testdata/programs` are clean, and mistakes planted in them are found.

use std::path::Path;
use std::sync::Arc;

use cinder_db::System;
use cinder_db::system::{MemorySystem, OsSystem, WalkOptions};
use cinder_diagnostic::{Format, Renderer};
use cinder_project::{CheckOptions, Project, ProjectOptions};

/// Checks a copy of the programs and gives the findings in concise form.
fn check(change: impl Fn(&str, String) -> String) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/programs");
    let disk = OsSystem::new(folder.clone());
    let memory = MemorySystem::default();
    let options = WalkOptions { respect_ignore_files: false, skip_folders: vec!["shim".to_string()] };
    for path in disk.walk(&folder, &options).into_iter().flatten() {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".py") {
            let text = String::from_utf8(disk.read(&path).expect("it was there a moment ago")).expect("UTF-8");
            memory.write(Path::new("/").join(name), change(name, text));
        }
    }
    let options = ProjectOptions { looks_once: true, ..ProjectOptions::default() };
    let mut project = Project::open(Arc::new(memory), options).expect("no configuration");
    let report = project.check_paths(&[], CheckOptions { threads: 1, ..CheckOptions::default() });
    assert!(report.checked > 10 && report.problems.is_empty());
    Renderer::new(Format::Concise).render(&report.files, &|_| None)
}

#[test]
fn the_programs_are_clean() {
    assert_eq!(check(|_, text| text), "");
}

#[test]
fn planted_mistakes_are_found() {
    let list: toml::Table = include_str!("../../../testdata/programs/mistakes.toml").parse().expect("a table");
    for mistake in list["mistake"].as_array().expect("a list") {
        let text = |key: &str| mistake[key].as_str().expect("a string");
        let found = check(|name, program| {
            if name != text("file") {
                return program;
            }
            assert!(program.contains(text("replace")), "{name} does not contain {:?}", text("replace"));
            program.replacen(text("replace"), text("by"), 1)
        });
        let line = mistake["line"].as_integer().expect("a number");
        let (start, end) =
            (format!("{}:{line}:", text("file")), format!(": error[{}] {}\n", text("rule"), text("message")));
        let is_it = found.starts_with(&start) && found.ends_with(&end) && found.lines().count() == 1;
        assert!(is_it, "found:    {found}expected: {start}COLUMN{end}");
    }
}
