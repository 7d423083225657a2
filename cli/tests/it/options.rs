//! Options and variables of `python` that `cinder run` takes, as programs see them.

use std::process::Command;

use crate::{Folder, stderr, stdout};

fn folder(name: &str) -> Folder {
    Folder::new(name, &[("here.txt", "")])
}

#[test]
fn places_without_columns() {
    let folder = folder("options_columns");
    for output in [
        folder.cinder_with(&["run", "-X", "no_debug_ranges", "-c", "1/0"], &[]),
        folder.cinder_with(&["run", "-c", "1/0"], &[("PYTHONNODEBUGRANGES", "1")]),
    ] {
        assert!(stderr(&output).contains("    1/0\nZeroDivisionError"), "{}", stderr(&output));
    }
    let output = folder.cinder_with(&["run", "-c", "1/0"], &[]);
    assert!(stderr(&output).contains("    1/0\n    ~^~\n"), "{}", stderr(&output));
}

#[test]
fn tracebacks_have_colors_and_limits_where_asked() {
    let folder = folder("options_colors");
    let output = folder.cinder_with(&["run", "-c", "1/0"], &[("PYTHON_COLORS", "1")]);
    assert!(stderr(&output).contains("\u{1b}["), "{}", stderr(&output));
    assert!(stderr(&output).contains('~'), "the program's own text is quoted: {}", stderr(&output));
    let program = "import sys\nsys.tracebacklimit = 1\ndef f():\n    1/0\nf()";
    let output = folder.cinder_with(&["run", "-c", program], &[]);
    assert!(!stderr(&output).contains("<module>") && stderr(&output).contains("in f"), "{}", stderr(&output));
}

#[test]
fn counts_and_flags_are_those_given() {
    let folder = folder("options_counts");
    let ask = |options: &[&str], variables: &[(&str, &str)], program: &str| {
        let output = folder.cinder_with(&[&["run"], options, &["-c", program]].concat(), variables);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).trim().to_owned()
    };
    let count = "import os; print(os.cpu_count(), os.process_cpu_count())";
    assert_eq!(ask(&["-X", "cpu_count=3"], &[], count), "3 3");
    assert_eq!(ask(&[], &[("PYTHON_CPU_COUNT", "5")], count), "5 5");
    let random = "import sys; print(sys.flags.hash_randomization)";
    assert_eq!(ask(&[], &[("PYTHONHASHSEED", "0")], random), "0");
    assert_eq!(ask(&["-R"], &[("PYTHONHASHSEED", "0")], random), "1");
    let encodings = "import sys; print(sys.stdin.errors, sys.stdout.encoding, sys.stdout.errors)";
    assert_eq!(ask(&[], &[("LC_ALL", "C")], encodings), "surrogateescape utf-8 surrogateescape");
    assert_eq!(ask(&[], &[("PYTHONIOENCODING", "latin-1")], encodings), "strict iso8859-1 strict");
    assert_eq!(ask(&[], &[], "\n    if 1:\n        print('indented')\n"), "indented");
    let output = folder.cinder_with(&["run", "-X", "gil=0", "-c", ""], &[]);
    assert!(!output.status.success() && stderr(&output).contains("GIL"), "{}", stderr(&output));
}

#[test]
fn imports_are_named() {
    let folder = Folder::new("options_verbose", &[("one.py", "")]);
    let output = folder.cinder_with(&["run", "-v", "-c", "import one"], &[]);
    assert!(stderr(&output).contains("import 'one' # <"), "{}", stderr(&output));
}

#[test]
fn files_without_an_encoding_are_worth_a_warning() {
    let folder = folder("options_encoding");
    let output = folder.cinder_with(&["run", "-X", "warn_default_encoding", "-c", "open('here.txt').close()"], &[]);
    assert_eq!(stderr(&output), "<string>:1: EncodingWarning: 'encoding' argument not specified\n");
}

#[cfg(unix)]
#[test]
fn fatal_signals_end_the_process_and_say_where() {
    use std::os::unix::process::ExitStatusExt;
    let folder = folder("options_faults");
    let program = "def f():\n    import os\n    os.kill(os.getpid(), 11)\n    print('alive')\nf()";
    let output = folder.cinder_with(&["run", "-c", program], &[]);
    assert_eq!((output.status.signal(), &*stderr(&output)), (Some(11), ""));
    let output = folder.cinder_with(&["run", "-X", "faulthandler", "-c", program], &[]);
    assert_eq!(output.status.signal(), Some(11));
    let said = stderr(&output);
    assert!(said.starts_with("Fatal Python error: Segmentation fault\n"), "{said}");
    assert!(said.contains("  File \"<string>\", line 3 in f\n  File \"<string>\", line 5 in <module>\n"), "{said}");
}

#[cfg(unix)]
#[test]
fn arguments_and_streams_may_be_odd() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"a\xff");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cinder"));
    let program = "import os, sys; print(ascii(sys.argv[1]), os.fsencode(sys.argv[1]))";
    let output = command.args(["run", "-c", program]).arg(odd).output().unwrap();
    assert_eq!(stdout(&output), "'a\\udcff' b'a\\xff'\n");
    let program = "import os, sys; os.write(2, repr([sys.stdin, sys.stdout]).encode())";
    let shell = format!("exec {} run -c '{program}' <&- >&-", env!("CARGO_BIN_EXE_cinder"));
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    assert_eq!(stderr(&output), "[None, None]");
}
