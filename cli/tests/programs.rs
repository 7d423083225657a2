//! Runs the programs of `testdata/vm` and `testdata/programs` in every mode and compares what they print.
//!
//! Problem: interpreter, native code, deoptimisation and collection must agree on every program, today and tomorrow.
//! Idea: one test per program and mode; the name is `vm/basics/scope.py [interpreter]`. What does not work yet stands in
//! `testdata/vm/expected-failures.txt`, and the list may only shrink: a listed program that passes fails the test.
//! `CINDER_BLESS=1` writes the list anew.
//!
//! The programs of `testdata/programs` and the basics run in all modes; the others run in the interpreter, and in all modes
//! when `CINDER_SLOW_TESTS` is set. Static ones also run compiled under collection stress. Their formats are described in the READMEs of the two folders.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};

/// A mode, the options and the environment that select it.
type Mode = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const MODES: [Mode; 6] = [
    ("interpreter", &["--no-jit"], &[]),
    ("jit", &[], &[("CINDER_JIT", "eager")]),
    ("soon", &[], &[("CINDER_JIT", "soon")]),
    ("deopt", &[], &[("CINDER_JIT", "eager"), ("CINDER_DEOPT", "always")]),
    ("gc", &["--no-jit"], &[("CINDER_GC", "stress:97")]),
    ("jit-gc", &[], &[("CINDER_JIT", "eager"), ("CINDER_GC", "stress:9973")]),
];

/// Unoptimised builds on a busy machine; a program that hangs must not hang the suite.
const TIME_LIMIT: Duration = Duration::from_secs(300);

struct Program {
    /// Relative to `testdata`, with forward slashes.
    name: String,
    arguments: Vec<String>,
    expected: String,
    runs_in_all_modes: bool,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").canonicalize().expect("testdata is in the repository")
}

fn failures_file() -> PathBuf {
    testdata().join("vm/expected-failures.txt")
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let list = std::fs::read_to_string(failures_file()).unwrap_or_default();
    let expected_failures: BTreeSet<String> =
        list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect();
    let is_blessing = std::env::var_os("CINDER_BLESS").is_some_and(|value| value == "1");
    let is_slow = std::env::var_os("CINDER_SLOW_TESTS").is_some();

    let failures: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut trials = Vec::new();
    let mut names = BTreeSet::new();
    for program in programs() {
        let program = Arc::new(program);
        for mode in MODES {
            if mode.0 != "interpreter" && !program.runs_in_all_modes && !is_slow {
                continue;
            }
            // Only static code is compiled.
            if mode.0 == "jit-gc" && !program.name.contains("static") {
                continue;
            }
            let name = format!("{} [{}]", program.name, mode.0);
            let is_expected_to_fail = expected_failures.contains(&name);
            let (program, failures, label) = (Arc::clone(&program), Arc::clone(&failures), name.clone());
            names.insert(name.clone());
            trials.push(Trial::test(name, move || {
                let result = run(&program, &mode);
                if is_blessing {
                    if result.is_err() {
                        failures.lock().expect("no test panics while it holds the lock").insert(label);
                    }
                    return Ok(());
                }
                match result {
                    Ok(()) if is_expected_to_fail => {
                        Err(Failed::from("passes now: remove it from testdata/vm/expected-failures.txt"))
                    }
                    Err(_) if is_expected_to_fail => Ok(()),
                    result => result.map_err(Failed::from),
                }
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if is_blessing && arguments.filter.is_none() && !arguments.list {
        let mut text = "# Programs and modes that do not work yet; written by CINDER_BLESS=1 cargo test -p cinder \
                        --test programs.\n# The list may only shrink.\n"
            .to_owned();
        let failures = failures.lock().expect("no test panics while it holds the lock");
        // Modes that did not run today keep their entries.
        for name in failures.iter().chain(expected_failures.iter().filter(|name| !names.contains(*name))) {
            text.push_str(name);
            text.push('\n');
        }
        std::fs::write(failures_file(), text).expect("the list can be written");
    }
    conclusion.exit_code()
}

fn run(program: &Program, (_, options, environment): &Mode) -> Result<(), String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cinder"))
        .arg("run")
        .args(*options)
        .arg(testdata().join(&program.name))
        .args(&program.arguments)
        .env_remove("PYTHONPATH")
        .env_remove("CINDER_BLESS")
        .envs(environment.iter().copied())
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    // Read on threads of their own: a child blocks when nobody takes what it prints.
    let stdout = child.stdout.take().map(read_all).expect("the output is piped");
    let stderr = child.stderr.take().map(read_all).expect("the errors are piped");
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break Some(status),
            None if start.elapsed() > TIME_LIMIT => {
                // It may have ended in the meantime.
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    let Some(status) = status else { return Err(format!("did not end in {} s", TIME_LIMIT.as_secs())) };
    if let Some(problem) = first_difference(&program.expected, &stdout) {
        return Err(format!("{problem}\n{status}\n{}", last_lines(&stderr)));
    }
    if !status.success() || !stderr.is_empty() {
        return Err(format!("{status}\n{}", last_lines(&stderr)));
    }
    Ok(())
}

fn read_all(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is still worth comparing.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn first_difference(expected: &str, got: &str) -> Option<String> {
    let mut expected_lines = expected.lines();
    let mut got_lines = got.lines();
    for number in 1.. {
        match (expected_lines.next(), got_lines.next()) {
            (None, None) => return None,
            (left, right) if left.map(str::trim_end) == right.map(str::trim_end) => {}
            (left, right) => {
                let show = |line: Option<&str>| line.map_or("(nothing)".to_owned(), |line| format!("{line:?}"));
                return Some(format!(
                    "line {number} of the output:\n  expected {}\n  got      {}",
                    show(left),
                    show(right)
                ));
            }
        }
    }
    None
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// All programs, ordered by name within each folder.
fn programs() -> Vec<Program> {
    let mut programs = whole_programs();
    let mut files = Vec::new();
    collect(&testdata().join("vm"), &mut files);
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a program is UTF-8");
        let expected = text
            .lines()
            .filter_map(|line| line.split_once("# expect:"))
            .map(|(_, expected)| format!("{}\n", expected.strip_prefix(' ').unwrap_or(expected)))
            .collect();
        let name = path.strip_prefix(testdata()).expect("it was found there").to_string_lossy().replace('\\', "/");
        let runs_in_all_modes = name.starts_with("vm/basics/") || name.starts_with("vm/static/");
        programs.push(Program { name, arguments: Vec::new(), expected, runs_in_all_modes });
    }
    programs
}

fn whole_programs() -> Vec<Program> {
    let folder = testdata().join("programs");
    let list = std::fs::read_to_string(folder.join("programs.toml")).expect("the list of programs is there");
    let list: toml::Table = list.parse().expect("the list of programs is TOML");
    let mut programs = Vec::new();
    for entry in list["program"].as_array().expect("`program` is a list") {
        let name = entry["name"].as_str().expect("a program has a name");
        let expected =
            std::fs::read_to_string(folder.join(format!("{name}.small.expected"))).expect("it has an output");
        for file in entry["files"].as_array().expect("a program has files") {
            let file = file.as_str().expect("a file is a string");
            programs.push(Program {
                name: format!("programs/{file}"),
                arguments: vec![entry["small"].to_string()],
                expected: expected.clone(),
                runs_in_all_modes: true,
            });
        }
    }
    programs
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is in the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
}
