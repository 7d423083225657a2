//! A snapshot answers exactly as long as everything is as it was.

use std::path::Path;
use std::sync::Arc;

use cinder_db::System;
use cinder_db::system::MemorySystem;
use cinder_diagnostic::{Format, Renderer};
use cinder_project::{CheckOptions, Discovered, Project, ProjectOptions, Report, snapshot};

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
    let bytes = snapshot::take(&project, &report, None, NOW).expect("nothing changed meanwhile");
    (bytes, text(&project, &report))
}

/// What the snapshot answers together with a check of what it calls stale, and the names of those files, or `None`; checks that the answer is
/// the one a whole check gives, and that the next snapshot gives it, too.
fn answer(system: &MemorySystem, bytes: &[u8]) -> Option<(String, String)> {
    let mut project = open(system);
    let files = project.discover(&[]).files;
    let restored = snapshot::restore(&project, &files, bytes)?;
    let names: Vec<_> = restored.stale.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    let names = names.join(" ");
    let stale = Discovered { files: restored.stale.clone(), problems: Vec::new() };
    let joined = restored.joined(project.check_discovered(stale, CheckOptions { threads: 1, performance: false }));
    let answer = text(&project, &joined);
    let mut fresh = open(system);
    let report = check(&mut fresh);
    assert_eq!(answer, text(&fresh, &report), "a snapshot answered wrongly");
    assert_eq!(joined.checked, report.checked);
    if !names.is_empty() {
        let next = snapshot::take(&project, &joined, Some(restored), NOW).expect("nothing changed meanwhile");
        assert_eq!(self::answer(system, &next), Some((answer.clone(), String::new())));
    }
    Some((answer, names))
}

#[test]
fn an_unchanged_tree_is_answered() {
    let system = system();
    let (bytes, expected) = taken(&system);
    assert!(expected.contains("modify-import-value") || expected.contains("unsafe-call"), "{expected}");
    assert_eq!(answer(&system, &bytes), Some((expected, String::new())));
}

#[test]
fn contents_that_changed_make_what_imports_them_stale() {
    let (bytes, _) = taken(&system());
    let user = USER.replace("print(1)", "print(2)");
    for (path, text, stale) in [
        ("/proj/owner.py", "import __strict__\nNAMES = ()\n", "owner user"),
        ("/proj/owner.py", "import __strict__\nNAMES = (\n", "owner user"),
        ("/proj/user.py", &*user, "user"),
        ("/proj/broken.py", "x = 1\n", "broken"),
    ] {
        let system = system();
        system.write(path, text);
        assert_eq!(answer(&system, &bytes).map(|(_, names)| names).as_deref(), Some(stale), "{path}");
    }
}

#[test]
fn files_that_come_and_go_end_a_snapshot() {
    let (bytes, _) = taken(&system());
    for (path, text) in [
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
fn entries_that_no_import_finds_do_not_count() {
    let system = system();
    let (bytes, expected) = taken(&system);
    for path in ["/proj/notes.txt", "/proj/.cinder_cache/x.check", "/proj/.owner.py.swp", "/proj/__pycache__/a.pyc"] {
        system.write(path, "");
    }
    assert_eq!(answer(&system, &bytes), Some((expected, String::new())));
}

#[test]
fn the_way_to_a_changed_file_may_be_long_and_hidden() {
    let system = MemorySystem::default();
    for (path, text) in [
        ("pkg/__init__.py", "import __strict__\n"),
        ("pkg/base.py", "import __strict__\nALL = []\n"),
        ("pkg/inner/__init__.py", "import __strict__\nfrom ..base import ALL\n"),
        ("pkg/inner/star.py", "import __strict__\nfrom . import (  # )\n    ALL as names,\n)\n"),
        (
            "late.py",
            "import __strict__\ndef f():\n    from pkg.inner import \\\n        star\n    star.names.append(1)\n",
        ),
        ("caller.py", "import __strict__\nfrom late import f\nf()\n"),
        ("computed.py", "import __strict__\nimport importlib\nm = importlib.import_module('pkg' + '.' + 'base')\n"),
        ("other.py", "import __strict__\nprint(1)\n"),
    ] {
        system.write(format!("/proj/{path}"), text);
    }
    let (bytes, _) = taken(&system);
    system.write("/proj/pkg/base.py", "import __strict__\nALL = 1\n");
    let (_, names) = answer(&system, &bytes).expect("only contents changed");
    assert_eq!(names, "caller computed late base __init__ star");
    system.write("/proj/pkg/base.py", "import __strict__\nALL = []\n");
    system.write("/proj/other.py", "import __strict__\n");
    let (_, names) = answer(&system, &bytes).expect("only contents changed");
    assert_eq!(names, "computed other");
}

#[test]
fn the_same_content_with_a_new_time_is_the_same() {
    let system = system();
    let (bytes, expected) = taken(&system);
    system.write("/proj/owner.py", OWNER);
    assert_eq!(answer(&system, &bytes), Some((expected, String::new())));
}

#[test]
fn damage_is_no_answer_and_no_panic() {
    let system = system();
    let (bytes, _) = taken(&system);
    let project = open(&system);
    let files = project.discover(&[]).files;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        assert!(snapshot::restore(&project, &files, &damaged).is_none(), "byte {at}");
        assert!(snapshot::restore(&project, &files, &bytes[..at]).is_none(), "length {at}");
    }
    assert!(snapshot::restore(&project, &files, &[]).is_none());
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
