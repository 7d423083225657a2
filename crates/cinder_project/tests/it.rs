//! Tests of projects in memory.

mod edits;
mod incremental;
mod mutations;
mod pages;
mod planted;
mod snapshot;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_db::system::{FolderEntry, MemorySystem, Metadata, WalkOptions, WalkResult};
use cinder_db::{Db, System};
use cinder_diagnostic::{Format, Renderer};
use cinder_project::{CheckOptions, Project, ProjectOptions, parse_pyproject, rules};

fn open(files: &[(&str, &str)]) -> Result<Project, String> {
    let system = MemorySystem::default();
    for (path, text) in files {
        system.write(path, text);
    }
    system.create_special("/proj/pipe.py");
    let options = ProjectOptions { start: Some("/proj".into()), ..ProjectOptions::default() };
    Project::open(Arc::new(system), options).map_err(|error| error.to_string())
}

/// What a check of the whole project prints in concise form, then the problems.
fn check(files: &[(&str, &str)], paths: &[&str], threads: usize) -> String {
    let mut project = open(files).expect("the configuration is right");
    let paths: Vec<_> = paths.iter().map(|path| Path::new(path).to_path_buf()).collect();
    let report = project.check_paths(&paths, CheckOptions { threads, ..CheckOptions::default() });
    let mut output = Renderer::new(Format::Concise).render(&report.files, &|_| None);
    for problem in report.problems {
        output.push_str(&format!("{problem}\n"));
    }
    output
}

const FILES: [(&str, &str); 5] = [
    ("/proj/b.py", "x = 1  # cinder: ignore\n"),
    ("/proj/a.py", "return\n"),
    ("/proj/pkg/latin.py", "'\u{e9}'\n"),
    ("/proj/data.txt", "return\n"),
    ("/proj/env/pyvenv.cfg", ""),
];

#[test]
fn findings_come_in_order_of_path_with_any_number_of_threads() {
    let mut files = FILES.to_vec();
    files.push(("/proj/env/lib/python3.14/site-packages/broken.py", "return\n"));
    let expected = "\
proj/a.py:1:1: error[invalid-syntax] 'return' outside function
proj/b.py:1:8: warning[unused-ignore-comment] unused ignore comment
";
    assert_eq!(check(&files, &[], 1), expected);
    assert_eq!(check(&files, &[], 4), expected);
}

#[test]
fn named_files_are_always_taken_and_pipes_never() {
    assert_eq!(
        check(&FILES, &["/proj/data.txt"], 1),
        "proj/data.txt:1:1: error[invalid-syntax] 'return' outside function\n"
    );
    assert_eq!(
        check(&FILES, &["/proj/pipe.py", "/proj/none.py"], 1),
        "/proj/pipe.py: not a regular file\n/proj/none.py: no such file or folder\n"
    );
}

#[test]
fn configuration_selects_rules_and_files() {
    let mut files = FILES.to_vec();
    files.push((
        "/proj/pyproject.toml",
        "[tool.cinder]\nexclude = ['/a.*']\n[tool.cinder.rules]\nunused-ignore-comment = 'error'\nall = 'ignore'\n",
    ));
    assert_eq!(check(&files, &["/proj"], 1), "proj/b.py:1:8: error[unused-ignore-comment] unused ignore comment\n");
}

#[test]
fn mistakes_in_the_configuration_have_a_place() {
    let error =
        |text: &str| parse_pyproject(Path::new("pyproject.toml"), text, rules()).expect_err("a mistake").to_string();
    assert_eq!(error("[tool.cinder]\nroot = []\n"), "pyproject.toml:2:1: unknown key `root`; did you mean `roots`?");
    assert_eq!(
        error("[tool.cinder]\nextra_paths = []\n"),
        "pyproject.toml:2:1: unknown key `extra_paths`; did you mean `extra-paths`?"
    );
    assert_eq!(
        error("[tool.cinder]\nroots = 'src'\n"),
        "pyproject.toml:2:9: `roots` must be an array of strings, not \"src\""
    );
    assert_eq!(
        error("[tool.cinder.rules]\ninvalid-sintax = 'warn'\n"),
        "pyproject.toml:2:1: unknown rule `invalid-sintax`; did you mean `invalid-syntax`?"
    );
    assert_eq!(
        error("[tool.cinder.rules]\nall = 'off'\n"),
        "pyproject.toml:2:7: `all` must be \"error\", \"warn\" or \"ignore\", not \"off\""
    );
    assert_eq!(
        error("[tool.cinder.static]\nmodule = []\n"),
        "pyproject.toml:2:1: unknown key `module`; did you mean `modules`?"
    );
    assert!(error("[tool.cinder\n").starts_with("pyproject.toml:1:"));
    assert_eq!(parse_pyproject(Path::new("p"), "[tool.other]\nx = 1\n", rules()), Ok(None));
}

#[test]
fn settings_follow_configuration_and_environment() {
    let project = open(&[
        ("/proj/src/m.py", ""),
        ("/proj/pyproject.toml", "[project]\nname = 'x'\n"),
        ("/proj/.venv/pyvenv.cfg", ""),
        ("/proj/.venv/lib/python3.14/site-packages/lib.py", ""),
    ])
    .expect("nothing to complain about");
    let settings = project.db().program().settings(project.db());
    assert_eq!(settings.roots, [Path::new("/proj/src"), Path::new("/proj")]);
    assert_eq!(settings.site_packages, [Path::new("/proj/.venv/lib/python3.14/site-packages")]);
    let project = open(&[
        ("/proj/pyproject.toml", "[tool.cinder.static]\nmodules = ['*']\nexclude = ['old']\ntypes = 'build'\n"),
        ("/proj/build/m.json", ""),
    ])
    .expect("nothing to complain about");
    let statics = &project.db().program().settings(project.db()).statics;
    assert_eq!(statics.types.as_deref(), Some(Path::new("/proj/build")));
    assert!(statics.names("new.old", true) && !statics.names("old.new", true) && !statics.names("new", false));
    let error =
        open(&[("/proj/pyproject.toml", "[tool.cinder.static]\ntypes = 'nope'\n")]).expect_err("no such folder");
    assert_eq!(error, "/proj/nope: no such folder; `types` names the folder of another checker's JSON files");
    let error = open(&[("/proj/pyproject.toml", "[tool.cinder]\nenvironment = 'nope'\n")]).expect_err("no such folder");
    assert_eq!(error, "/proj/nope: not a virtual environment (it has no site-packages)");
}

#[test]
fn comments_silence_only_what_they_name() {
    let text = "\
# cinder: ignore[unknown-rule]
x = 1  # cinder: ignore[a, b]
y = '# cinder: ignore'
z = 2  # cinder: ignored
";
    let expected = "\
proj/a.py:1:1: warning[unused-ignore-comment] unused ignore comment for `unknown-rule`
proj/a.py:2:8: warning[unused-ignore-comment] unused ignore comment for `a`, `b`
";
    assert_eq!(check(&[("/proj/a.py", text)], &["/proj/a.py"], 1), expected);
}

/// A system whose files called `bad.py` break the checker, and whose files called `gone.py` vanish after they were listed.
#[derive(Debug)]
struct FaultySystem(MemorySystem);

impl System for FaultySystem {
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.0.metadata(path)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        assert!(!path.ends_with("bad.py"), "cannot bear this file");
        if path.ends_with("gone.py") { Err(io::ErrorKind::NotFound.into()) } else { self.0.read(path) }
    }
    fn list(&self, path: &Path) -> io::Result<Vec<FolderEntry>> {
        self.0.list(path)
    }
    fn walk(&self, root: &Path, options: &WalkOptions) -> Vec<WalkResult> {
        self.0.walk(root, options)
    }
    fn env(&self, name: &str) -> Option<String> {
        self.0.env(name)
    }
    fn current_dir(&self) -> &Path {
        self.0.current_dir()
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }
}

#[test]
fn a_panic_costs_one_file_and_vanished_files_are_no_error() {
    let system = MemorySystem::default();
    for path in ["/a.py", "/bad.py", "/c.py", "/gone.py"] {
        system.write(path, "return\n");
    }
    let options = ProjectOptions { looks_once: true, ..ProjectOptions::default() };
    let mut project = Project::open(Arc::new(FaultySystem(system)), options).expect("no configuration");
    let report = project.check_paths(&[], CheckOptions { threads: 2, ..CheckOptions::default() });
    let expected = "\
a.py:1:1: error[invalid-syntax] 'return' outside function
bad.py:1:1: error[internal-error] internal error: cannot bear this file
c.py:1:1: error[invalid-syntax] 'return' outside function
";
    assert_eq!(Renderer::new(Format::Concise).render(&report.files, &|_| None), expected);
    assert!(report.has_internal_errors() && report.problems.is_empty());
}

#[test]
fn cancellation_is_not_taken_for_a_panic() {
    let project = open(&FILES).expect("no configuration");
    let file = project.db().files().disk_file(project.db(), "/proj/a.py");
    salsa::Database::cancellation_token(project.db()).cancel();
    let checked = salsa::Cancelled::catch(std::panic::AssertUnwindSafe(|| project.check_file(file)));
    assert!(matches!(checked, Err(salsa::Cancelled::Local)), "{checked:?}");
    assert_eq!(project.check_file(file).len(), 1, "the next question is answered");
}

#[test]
fn rules_may_weigh_differently_in_some_files() {
    let config = "\
[tool.cinder.path-rules.\"tests/\"]
all = \"ignore\"
[tool.cinder.path-rules.\"tests/kept_*.py\"]
all = \"warn\"
[tool.cinder.rules]
invalid-syntax = \"error\"
";
    let files = [
        ("/proj/pyproject.toml", config),
        ("/proj/a.py", "x = (\n"),
        ("/proj/tests/b.py", "x = (\n"),
        ("/proj/tests/kept_c.py", "x = (\n"),
    ];
    let output = check(&files, &[], 1);
    let told = |file: &str, severity: &str| {
        output.lines().any(|line| line.starts_with(file) && line.contains(&format!(" {severity}[invalid-syntax]")))
    };
    assert!(told("proj/a.py:", "error") && told("proj/tests/kept_c.py:", "warning"), "{output}");
    assert!(!output.contains("b.py"), "{output}");
}
