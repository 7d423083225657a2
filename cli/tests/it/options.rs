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
    let locale = "import locale; print(locale.getencoding(), locale.setlocale(locale.LC_CTYPE))";
    assert_eq!(ask(&[], &[("LC_ALL", "C")], locale), "ANSI_X3.4-1968 C");
    assert_eq!(ask(&[], &[("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", "C")], locale), "UTF-8 C.UTF-8");
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

#[test]
fn imports_of_what_is_there_are_told_where_asked() {
    let folder = folder("options_import_times");
    let told = |option: &str| {
        let output = folder.cinder_with(&["run", "-X", option, "-c", "import json\nimport json"], &[]);
        (output.status.success(), stderr(&output).lines().last().unwrap_or_default().to_owned())
    };
    assert_eq!(told("importtime=2"), (true, "import time: cached    | cached     | json".to_owned()));
    let (is_fine, last) = told("importtime");
    assert!(is_fine && last.ends_with("| json") && !last.contains("cached"), "{last}");
    assert!(!told("importtime=3").0);
}

#[test]
fn programs_may_ask_for_the_lines_of_their_own_text() {
    let folder = folder("options_own_text");
    let program =
        "import traceback\ndef f():\n    return 1/0\ntry:\n    f()\nexcept ArithmeticError:\n    traceback.print_exc()";
    let output = folder.cinder_with(&["run", "-c", program], &[]);
    let said = stderr(&output);
    assert!(said.contains("    f()\n    ~^^\n") && said.contains("    return 1/0\n           ~^~\n"), "{said}");
}

#[test]
fn no_thread_is_waited_for_once_the_program_has_ended() {
    let program = "\
import threading
class Late:
    def __init__(self):
        self.me = self
        self.thread = threading.Thread(target=self.spin, daemon=True)
        self.thread.start()
    @staticmethod
    def spin():
        while True:
            pass
    def __del__(self):
        try:
            self.thread.join()
        except Exception as error:
            print(repr(error))
Late()
";
    let folder = folder("options_late_join");
    let output = folder.cinder_with(&["run", "-c", program], &[]);
    let expected = "PythonFinalizationError('cannot join thread at interpreter shutdown')\n";
    assert_eq!((&*stdout(&output), &*stderr(&output)), (expected, ""));
}

#[test]
fn a_program_that_is_piped_in_runs_without_a_command() {
    use std::io::Write;
    use std::process::Stdio;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cinder"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"import sys; print(__name__, sys.argv)").unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), "__main__ ['']\n");
}

#[cfg(unix)]
#[test]
fn a_program_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"print('\xff')");
    let output = Command::new(env!("CARGO_BIN_EXE_cinder")).args(["run", "-c"]).arg(odd).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("can't encode character '\\udcff' in position 7: surrogates not allowed"));
}
