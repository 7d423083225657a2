//! What a keystroke costs: from the edit to the diagnostics in the editor, by kind of edit.
//!
//! `cargo bench -p cinder_server --bench keystrokes` types in files of 4,000 lines and exits with 1 when a bar is missed; as a test it runs small
//! files, so that it keeps compiling. Time is CPU time of the server's threads until they rest, so neighbours on the machine and the client do not
//! count, while what the server does behind the answer does.
//!
//! Bars: 20 ms after a keystroke of any kind; 50 ms until an edited signature shows its errors in other open documents, unsaved.

#[path = "../tests/client.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod client;
#[path = "keystrokes/programs.rs"]
mod programs;

use std::time::Duration;

use client::{Client, uri};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // that of the command line

const KEYSTROKE_MILLISECONDS: f64 = 20.0;
const SIGNATURE_MILLISECONDS: f64 = 50.0;
/// Open documents that use the long one.
const USERS: usize = 5;
const LONG: &str = "/src/long.py";

/// A kind of edit: its name, a piece of the text, and what is typed behind it.
struct Kind {
    name: &'static str,
    after: &'static str,
    typed: &'static str,
}

const KINDS: &[Kind] = &[
    Kind { name: "in a body", after: programs::BODY, typed: "\n        total += amount" },
    Kind { name: "in a class body", after: programs::CLASS_BODY, typed: "\n    other: int = 7" },
    Kind { name: "an attribute in `__init__`", after: programs::FIELD, typed: "\n        self.more: int = 2" },
    Kind { name: "a new method", after: programs::CLASS_BODY, typed: "\n    def m(self) -> int:\n        return 1" },
    Kind { name: "module level", after: programs::MODULE, typed: "\nmore: int = 2" },
    Kind { name: "a new function", after: programs::COMMENT, typed: "\ndef f(x: int) -> int:\n    return x" },
    Kind { name: "a parameter", after: programs::SIGNATURE, typed: ", more: int = 1" },
    Kind { name: "an import line", after: programs::IMPORT, typed: ", Tuple\nimport sys" },
    Kind { name: "a comment", after: programs::COMMENT, typed: " about nothing" },
    Kind { name: "a blank line on top", after: programs::IMPORT, typed: "\n\n\n" },
    Kind { name: "inside a docstring", after: programs::DOCSTRING, typed: " It goes on." },
    Kind { name: "an open bracket on top", after: programs::COMMENT, typed: "\nx = f(1, [2, (3" },
    Kind { name: "an open string on top", after: programs::COMMENT, typed: "\nx = \"abc" },
    Kind { name: "an open triple string on top", after: programs::COMMENT, typed: "\nx = \"\"\"abc" },
    Kind { name: "half a statement in a body", after: programs::BODY, typed: "\n        if total ==" },
];

fn main() {
    let is_measured = std::env::args().any(|word| word == "--bench");
    let lines = if is_measured { 4_000 } else { 100 };
    let files = [
        ("static", programs::pieces(lines, true)),
        ("one class", programs::one_class(lines)),
        ("ordinary", programs::pieces(lines, false)),
    ];
    let mut missed = 0;
    println!("CPU ms of a keystroke: median and worst, in files of {lines} lines\n");
    println!("| edit | {} |", files.each_ref().map(|(name, _)| *name).join(" | "));
    println!("| --- | --: | --: | --: |");
    let mut editors = files.map(|(_, text)| Editor::open(text));
    for kind in KINDS {
        let cells = editors.each_mut().map(|editor| {
            let times = editor.type_and_delete(kind);
            let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
            missed += usize::from(median > KEYSTROKE_MILLISECONDS);
            format!("{median:.1}, {worst:.1}")
        });
        println!("| {} | {} |", kind.name, cells.join(" | "));
    }
    let times = editors[0].change_signature(if is_measured { 10 } else { 1 });
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    missed += usize::from(median > SIGNATURE_MILLISECONDS);
    println!("\nAn edited signature shows in {USERS} other documents: median {median:.1}, worst {worst:.1} ms");
    if is_measured && missed > 0 {
        eprintln!("{missed} bars missed");
        #[expect(clippy::disallowed_methods, reason = "this is a main function")]
        std::process::exit(1);
    }
}

/// An editor with one long document and some that use it.
struct Editor {
    client: Client,
    text: String,
    version: i32,
}

impl Editor {
    fn open(text: String) -> Editor {
        let users: Vec<(String, String)> =
            (0..USERS).map(|number| (format!("/src/u{number}.py"), programs::user(number))).collect();
        let mut files: Vec<(&str, &str)> = users.iter().map(|(path, text)| (&**path, &**text)).collect();
        files.push((LONG, &text));
        let capabilities = json!({
            "textDocument": {"diagnostic": {}},
            "workspace": {"diagnostics": {"refreshSupport": true}},
        });
        let mut client = Client::initialized(&files, capabilities, json!({}));
        for (path, text) in &files {
            client.open(path, text);
            assert_eq!(client.pulled(path), [] as [String; 0], "{path}");
        }
        Editor { client, text, version: 1 }
    }

    /// Types behind a place, one letter after the other, and deletes again. Gives the CPU times, sorted.
    fn type_and_delete(&mut self, kind: &Kind) -> Vec<f64> {
        assert_eq!(self.text.matches(kind.after).count(), 1, "{}", kind.after);
        let at = self.text.find(kind.after).expect("just counted") + kind.after.len();
        // The first letter of a kind meets what no edit has met before; it is typed once without being measured.
        self.press(at, at, &kind.typed[..1]);
        self.press(at, at + 1, "");
        let mut times = Vec::new();
        for (offset, letter) in kind.typed.char_indices() {
            times.push(self.press(at + offset, at + offset, letter.encode_utf8(&mut [0; 4])));
        }
        for (offset, letter) in kind.typed.char_indices().rev() {
            times.push(self.press(at + offset, at + offset + letter.len_utf8(), ""));
        }
        assert_eq!(self.client.pulled(LONG), [] as [String; 0], "{} was undone", kind.name);
        times.sort_by(f64::total_cmp);
        times
    }

    /// One edit, and the question for the diagnostics; gives milliseconds of CPU.
    fn press(&mut self, start: usize, end: usize, text: &str) -> f64 {
        let before = cpu_milliseconds();
        self.replace(start, end, text);
        self.client.pulled(LONG);
        rest();
        let spent = cpu_milliseconds() - before;
        self.answer_refreshes();
        spent
    }

    fn replace(&mut self, start: usize, end: usize, text: &str) {
        let place = |offset: usize| {
            let before = &self.text[..offset];
            let column = offset - before.rfind('\n').map_or(0, |at| at + 1);
            (before.matches('\n').count() as u32, column as u32)
        };
        let ((line, column), (end_line, end_column)) = (place(start), place(end));
        self.version += 1;
        self.client.edit(LONG, self.version, [line, column, end_line, end_column], text);
        self.text.replace_range(start..end, text);
    }

    fn answer_refreshes(&mut self) {
        let is_request = |message: &Value| message.get("method").is_some() && message.get("id").is_some();
        for message in std::mem::take(&mut self.client.pending) {
            if is_request(&message) {
                self.client.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}));
            }
        }
    }

    /// Changes the type of a parameter back and forth and waits until the errors are, or are not, in all documents that call it.
    fn change_signature(&mut self, rounds: usize) -> Vec<f64> {
        let at = self.text.find(programs::SIGNATURE).expect("stands there") + programs::SIGNATURE.len() - "int".len();
        let mut times = Vec::new();
        for _ in 0..rounds {
            for (text, count) in [("str", 1), ("int", 0)] {
                let before = cpu_milliseconds();
                self.replace(at, at + 3, text);
                for number in 0..USERS {
                    let found = self.client.pulled(&format!("/src/u{number}.py"));
                    assert_eq!(found.len(), count, "{found:?}");
                }
                rest();
                times.push(cpu_milliseconds() - before);
                self.answer_refreshes();
                self.client
                    .request("textDocument/diagnostic", json!({"textDocument": {"uri": uri(LONG)}}))
                    .expect("a report");
            }
        }
        times.sort_by(f64::total_cmp);
        times
    }
}

/// Waits until the server's threads do nothing.
fn rest() {
    let mut before = cpu_milliseconds();
    loop {
        std::thread::sleep(Duration::from_millis(3));
        let now = cpu_milliseconds();
        if now - before < 0.01 && !is_running() {
            return;
        }
        before = now;
    }
}

#[expect(clippy::disallowed_methods, reason = "the benchmark measures itself")]
fn server_threads() -> impl Iterator<Item = std::path::PathBuf> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().map(|task| task.path());
    tasks.filter(|task| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.starts_with("cinder-")))
}

/// CPU time of the server's threads, where Linux tells it. Elsewhere nothing is measured.
#[expect(clippy::disallowed_methods, reason = "the benchmark measures itself")]
fn cpu_milliseconds() -> f64 {
    let nanoseconds = server_threads().filter_map(|task| {
        let text = std::fs::read_to_string(task.join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

#[expect(clippy::disallowed_methods, reason = "the benchmark measures itself")]
fn is_running() -> bool {
    server_threads().any(|task| {
        let stat = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('R'))
    })
}
