//! The command as its users meet it: arguments, output, exit codes.

#[path = "it/caches.rs"]
mod caches;
#[path = "it/fork.rs"]
mod fork;
#[path = "it/hostile.rs"]
mod hostile;
#[path = "it/kept_code.rs"]
mod kept_code;
#[path = "it/options.rs"]
mod options;
#[path = "it/outside_types.rs"]
mod outside_types;
#[path = "it/reloading.rs"]
mod reloading;
#[path = "it/static_mixes.rs"]
mod static_mixes;
#[path = "it/static_programs.rs"]
mod static_programs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        for (path, text) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn cinder(&self, arguments: &[&str]) -> Output {
        self.cinder_with(arguments, &[])
    }

    fn cinder_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cinder"))
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(&self.0)
            .env_remove("NO_COLOR")
            .env_remove("FORCE_COLOR")
            .output()
            .unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn check_says_what_is_wrong_and_how_much() {
    let folder =
        Folder::new("check", &[("good.py", "x = 1\n"), ("pkg/bad.py", "def f(:\n    pass\n"), ("note.txt", "(")]);
    let output = folder.cinder(&["check", "--output-format", "concise"]);
    assert_eq!(stdout(&output), "pkg/bad.py:1:7: error[invalid-syntax] invalid syntax\n");
    assert_eq!(stderr(&output), "Found 1 error, 2 files checked.\n");
    assert_eq!(output.status.code(), Some(1));

    let output = folder.cinder(&["check", "good.py"]);
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(0)));

    let output = folder.cinder(&["check", "missing.py"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("missing.py"), "{}", stderr(&output));
}

#[test]
fn full_output_is_colored_on_request_only() {
    let folder = Folder::new("color", &[("bad.py", "x = = 1\n")]);
    let plain = stdout(&folder.cinder(&["check"]));
    assert!(plain.contains("bad.py:1:5") && !plain.contains('\u{1b}'), "{plain}");
    let colored = stdout(&folder.cinder(&["--color", "always", "check"]));
    assert!(colored.contains("\u{1b}[1;31merror[invalid-syntax]"), "{colored:?}");
}

#[test]
fn json_output_is_one_document() {
    let folder = Folder::new("json", &[("bad.py", "é = = 1\n")]);
    let output = folder.cinder(&["check", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["diagnostics"][0]["range"]["start"]["column"], 5);
    assert_eq!(document["diagnostics"][0]["path"], "bad.py");
    assert_eq!(stderr(&output), "");
}

#[test]
fn hostile_files_get_a_message() {
    let deep = "(".repeat(100_000);
    let long = format!("x = [{}\n", "1, ".repeat(3_333_333));
    let folder =
        Folder::new("hostile", &[("deep.py", &deep), ("long.py", &long), ("nul.py", "x\0"), ("bom.py", "\u{feff}x")]);
    std::fs::write(folder.0.join("bytes.py"), b"x = '\xff'\n").unwrap();
    let output = folder.cinder(&["check"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    for expected in ["too many nested parentheses", "'[' was never closed", "null bytes", "Non-UTF-8 code"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(text.len() < 10_000, "{}", text.len());
}

#[test]
fn fixes_are_safe_unless_others_are_asked_for() {
    let text = "\u{feff}import __strict__\nimport atexit\n\natexit.register(len)\nprint(1)\n";
    let folder = Folder::new("fix", &[("a.py", text)]);
    let read = || std::fs::read_to_string(folder.0.join("a.py")).unwrap();
    let output = folder.cinder(&["check"]);
    assert!(
        stderr(&output).ends_with("1 fixable with `--fix`, 1 more with `--unsafe-fixes`.\n"),
        "{}",
        stderr(&output)
    );

    let output = folder.cinder(&["check", "--fix"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("Applied 1 fix.\n"), "{}", stderr(&output));
    assert!(read().ends_with("\natexit.register(len)\nif __name__ == \"__main__\":\n    print(1)\n"), "{}", read());

    let output = folder.cinder(&["check", "--unsafe-fixes"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(read().contains("\n    atexit.register(len)\n") && read().starts_with('\u{feff}'), "{}", read());
}

#[test]
fn an_unchanged_tree_is_answered_from_the_cache() {
    let module = |at: usize| format!("import __strict__\nfrom m{} import NAMES\nTABLE = list(NAMES)\n", at + 1);
    let mut files: Vec<(String, String)> = (0..40).map(|at| (format!("m{at}.py"), module(at))).collect();
    files.push(("m40.py".into(), "import __strict__\nNAMES = ()\nprint(1)\n".into()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let folder = Folder::new("cache", &files);
    let cache = folder.0.join(".cinder_cache");
    let check = |arguments: &[&str]| {
        let output = folder.cinder(&[&["check", "--output-format", "json"], arguments].concat());
        (stdout(&output), output.status.code())
    };
    let expected = check(&["--no-cache"]);
    assert!(expected.0.contains("prints-at-import") && !cache.exists());

    assert_eq!(check(&[]), expected);
    assert!(std::fs::read_to_string(cache.join(".gitignore")).unwrap().ends_with("*\n"));
    let snapshots = || -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&cache).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "check")).collect()
    };
    assert_eq!(snapshots().len(), 1);
    assert_eq!(check(&[]), expected);

    // Damage is done without, and repaired.
    std::fs::write(&snapshots()[0], b"cinder snapshot 1\nnonsense").unwrap();
    assert_eq!(check(&[]), expected);
    assert!(std::fs::metadata(&snapshots()[0]).unwrap().len() > 1000);

    // A change is seen at once, and so is its end.
    std::fs::write(folder.0.join("m40.py"), "import __strict__\nNAMES = ()\nprint(2)\nprint(3)\n").unwrap();
    let changed = check(&[]);
    assert_ne!(changed, expected);
    assert_eq!(changed, check(&["--no-cache"]));
    std::fs::write(folder.0.join("m40.py"), files[40].1).unwrap();
    assert_eq!(check(&[]), expected);
}

#[test]
fn explain_prints_pages_and_suggests() {
    let folder = Folder::new("explain", &[]);
    let output = folder.cinder(&["explain", "invalid-syntax"]);
    assert!(stdout(&output).starts_with("# invalid-syntax\n"));
    assert!(stdout(&folder.cinder(&["explain"])).contains("invalid-syntax "));
    let output = folder.cinder(&["explain", "invalid-sintax"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "cinder: no rule `invalid-sintax`; did you mean `invalid-syntax`?\n");
}

#[test]
fn dump_prints_stages_and_counts_folders() {
    let folder = Folder::new("dump", &[("a.py", "x = 1\n"), ("b.py", "return\n")]);
    let tree = stdout(&folder.cinder(&["dump", "ast", "a.py"]));
    assert!(tree.starts_with("StmtAssign 0..5\n"), "{tree}");
    let output = folder.cinder(&["dump", "ast", "."]);
    assert!(stdout(&output).ends_with("2 files: 1 reached stage ast, 1 refused with a message, 0 failed\n"));
    assert_eq!(folder.cinder(&["dump", "nothing"]).status.code(), Some(2));
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let folder = Folder::new("usage", &[]);
    for arguments in [&["what"][..], &["check", "--what"], &["run", "--what"]] {
        assert_eq!(folder.cinder(arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(folder.cinder(&["--help"]).status.code(), Some(0));
    assert_eq!(folder.cinder(&["run", "--help"]).status.code(), Some(0));
    // Nothing at all, at a pipe that holds nothing: an empty program ran.
    assert_eq!(folder.cinder(&[]).status.code(), Some(0));
}

#[test]
fn random_static_programs_agree_in_every_mode() {
    static_programs::random_programs_agree();
}
