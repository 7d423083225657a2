//! Programs that fight the machine: any exception is a fine result; a crash, a panic that ends the process, or a hang is not.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Folder, stderr, stdout};

const MODES: &[(&str, &str)] =
    &[("CINDER_JIT", "off"), ("CINDER_JIT", "eager"), ("CINDER_DEOPT", "always"), ("CINDER_GC", "stress:97")];

/// How many cases each mode runs, with a seed of its own.
const CASES: u32 = 250;

fn wait(mut command: Command, limit: Duration) -> (Option<i32>, String, String) {
    let folder = tempfile(&command);
    let (out, err) = (folder.with_extension("out"), folder.with_extension("err"));
    let file = |path| Stdio::from(std::fs::File::create(path).unwrap());
    let mut child = command.stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None if Instant::now() > end => {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    (status, read(&out), read(&err))
}

/// A name that no other command of this process has.
fn tempfile(command: &Command) -> std::path::PathBuf {
    let text: String = format!("{command:?}").chars().filter(char::is_ascii_alphanumeric).collect();
    let number = text.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{number:x}"))
}

#[test]
fn hostile_objects_do_not_break_the_machine() {
    let generator = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/hostile/generate.py");
    for (seed, (name, value)) in MODES.iter().enumerate() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cinder"));
        command.args(["run", generator, &(seed + 1).to_string(), &CASES.to_string()]).env(name, value);
        let (status, out, err) = wait(command, Duration::from_secs(120));
        assert!(status == Some(0) && out.contains("survived"), "{name}={value}: {status:?}\n{out}\n{err}");
        assert!(!err.contains("panicked"), "{name}={value}:\n{err}");
    }
}

/// Deep nests in every structure, without a limit of recursion that helps.
#[test]
fn deep_structures_raise_or_answer() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/hostile/deep.py");
    let depth = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 100_000 } else { 3000 };
    for (name, value) in [("CINDER_JIT", "off"), ("CINDER_JIT", "on")] {
        // What asks for too much is refused before it takes the machine's memory.
        let script = format!("ulimit -v 12000000; exec {} run {program} {depth}", env!("CARGO_BIN_EXE_cinder"));
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env(name, value);
        let (status, out, err) = wait(command, Duration::from_secs(240));
        assert!(status == Some(0) && out.ends_with("survived\n"), "{name}={value}: {status:?}\n{out}\n{err}");
    }
}

const PANICS: &str = "
import _cinder

def caught(call, *args):
    try:
        call(*args)
    except SystemError as error:
        return str(error)

class Table:
    def __hash__(self):
        return hash(_cinder.Panics())

def truth(value):
    for _ in range(3):
        if value:
            return 1
    return 0

def generator():
    yield 1
    yield _cinder.panic()

print(caught(_cinder.panic))
print(caught(truth, _cinder.Panics()))
print(caught(lambda: {Table(): 1}))
print(caught(lambda: [x for x in _cinder.Panics()]))
print(caught(lambda: list(generator())))
print(caught(sorted, [1, 2], ), caught(lambda: sorted([1, 2], key=lambda x: _cinder.panic())))
try:
    try:
        _cinder.panic()
    finally:
        print('finally')
except SystemError as error:
    print(error.__traceback__.tb_lineno > 0)
";

/// Only debug builds can be made to panic.
#[test]
#[cfg(debug_assertions)]
fn a_panic_becomes_a_system_error() {
    let folder = Folder::new("panics", &[("main.py", PANICS)]);
    let expected = "internal error: provoked\ninternal error: provoked by bool\ninternal error: provoked by hash\n\
                    internal error: provoked by iter\ninternal error: provoked\nNone internal error: provoked\nfinally\nTrue\n";
    for (name, value) in
        [("CINDER_JIT", "off"), ("CINDER_JIT", "eager"), ("CINDER_JIT", "soon"), ("CINDER_DEOPT", "always")]
    {
        let output = folder.cinder_with(&["run", "main.py"], &[(name, value)]);
        assert_eq!(stdout(&output), expected, "{name}={value}: {}", stderr(&output));
    }
}
