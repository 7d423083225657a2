//! A snapshot answers exactly as long as everything is as it was.

use std::path::Path;
use std::sync::Arc;

use cinder_db::System;
use cinder_db::system::MemorySystem;
use cinder_diagnostic::{Format, Renderer};
use cinder_project::{CheckOptions, Project, ProjectOptions, Report, snapshot};

const OWNER: &str = "import __strict__\nNAMES = []\n";
const USER: &str = "import __strict__\nfrom owner import NAMES\ndef f():\n    NAMES.append(1)\nf()\nprint(1)\n";

/// Later than every time in memory.
const NOW: u128 = 1 << 62;

fn system() -> MemorySystem {
    let system = MemorySystem::default();
    system.write("/proj/owner.py", OWNER);
    system.write("/proj/user.py", USER);
    system.write("/proj/broken.py", "x = = 1\n");
    system
}

fn open(system: &MemorySystem) -> Project {
    let options = ProjectOptions { start: Some("/proj".into()), looks_once: true, ..ProjectOptions::default() };
    Project::open(Arc::new(system.clone()), options).expect("no configuration")
}

fn check(project: &mut Project) -> Report {
    project.check_paths(&[], CheckOptions { threads: 1, ..CheckOptions::default() })
}

fn text(project: &Project, report: &Report) -> String {
    Renderer::new(Format::Json).render(&report.files, &|path| project.source_file(path))
}

fn taken(system: &MemorySystem) -> (Vec<u8>, String) {
    let mut project = open(system);
    let report = check(&mut project);
    let bytes = snapshot::take(&project, &report, NOW).expect("nothing changed meanwhile");
    (bytes, text(&project, &report))
}

/// What the snapshot answers, or `None`; checks that the answer is the one a check gives.
fn answer(system: &MemorySystem, bytes: &[u8]) -> Option<String> {
    let project = open(system);
    let restored = snapshot::restore(&project, bytes)?;
    let answer = text(&project, &restored);
    let mut fresh = open(system);
    let report = check(&mut fresh);
    assert_eq!(answer, text(&fresh, &report), "a snapshot answered wrongly");
    assert_eq!(restored.checked, report.checked);
    Some(answer)
}

#[test]
fn an_unchanged_tree_is_answered() {
    let system = system();
    let (bytes, expected) = taken(&system);
    assert!(expected.contains("modify-import-value") || expected.contains("unsafe-call"), "{expected}");
    assert_eq!(answer(&system, &bytes), Some(expected));
}

#[test]
fn every_change_is_seen() {
    let (bytes, _) = taken(&system());
    for (path, text) in [
        ("/proj/owner.py", "import __strict__\nNAMES = ()\n"),
        ("/proj/user.py", &*USER.replace("print(1)", "print(2)")),
        ("/proj/new.py", "print(1)\n"),
        ("/proj/owner/__init__.py", "import __strict__\nNAMES = []\n"),
        ("/proj/user.pyi", ""),
    ] {
        let system = system();
        assert!(answer(&system, &bytes).is_some());
        system.write(path, text);
        assert!(answer(&system, &bytes).is_none(), "{path}");
    }
    let system = system();
    system.remove("/proj/owner.py");
    assert!(answer(&system, &bytes).is_none());
}

#[test]
fn the_same_content_with_a_new_time_is_the_same() {
    let system = system();
    let (bytes, expected) = taken(&system);
    system.write("/proj/owner.py", OWNER);
    assert_eq!(answer(&system, &bytes), Some(expected));
}

#[test]
fn damage_is_no_answer_and_no_panic() {
    let system = system();
    let (bytes, _) = taken(&system);
    let project = open(&system);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        assert!(snapshot::restore(&project, &damaged).is_none(), "byte {at}");
        assert!(snapshot::restore(&project, &bytes[..at]).is_none(), "length {at}");
    }
    assert!(snapshot::restore(&project, &[]).is_none());
}

#[test]
fn keys_differ_by_settings_files_and_binary() {
    let system = system();
    let project = open(&system);
    let files = project.discover(&[]).files;
    let key = snapshot::key(&project, &files, false, "1");
    assert_eq!(key, snapshot::key(&open(&system), &files, false, "1"));
    assert_ne!(key, snapshot::key(&project, &files, true, "1"));
    assert_ne!(key, snapshot::key(&project, &files, false, "2"));
    assert_ne!(key, snapshot::key(&project, &files[1..], false, "1"));
    system.write("/proj/pyproject.toml", "[tool.cinder.strict]\nlevel = 'io'\n");
    assert_ne!(key, snapshot::key(&open(&system), &files, false, "1"));
    assert!(system.metadata(Path::new("/proj/user.py")).is_ok());
}
