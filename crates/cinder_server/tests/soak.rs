//! Random edits, questions and cancellations: no error but cancellations, and in the end what a fresh session says.
//!
//! `CINDER_SOAK=20000` chooses the number of steps, and measures the growth of memory, too.
#![expect(clippy::disallowed_methods, reason = "a test asks the machine how long to run and what it takes")]

use std::sync::Arc;

use cinder_db::system::MemorySystem;
use cinder_project::{CheckOptions, Project, ProjectOptions};
use cinder_server::{Ending, Subject};
use cinder_text::ColumnEncoding;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::client::{Client, methods_about, params_at, uri};

/// Numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Documents that are open at once.
const MAX_OPEN: usize = 40;

const PIECES: &[&str] = &[
    "\n",
    "x = 1\n",
    "    ",
    "(",
    ")",
    "\"\"\"",
    "def g(a: int) -> str:\n    return a\n",
    "import m3\n",
    "from m1 import *\n",
    "class C:\n    y: int = 0\n",
    "\u{1f600}",
    "self.",
    "é",
    "# note",
    "import __static__\n",
    "return ",
    ": int64 = 3",
    "@",
    "[i for i in range(3)]",
    "if x:\n    pass\n",
    "\t",
    "\r\n",
];

fn module(number: usize, count: usize) -> String {
    let other = (number * 7 + 3) % count;
    let header = if number.is_multiple_of(2) { "import __static__\n" } else { "" };
    format!(
        "{header}from m{other} import f{other}, C{other}\n\nclass C{number}:\n    def __init__(self, size: int) -> None:\n        self.size: int = size\n\n    \
         def grow(self, by: int) -> int:\n        return f{other}(by)\n\ndef f{number}(x: int) -> int:\n    item = C{other}(x)\n    return int(item.size)\n"
    )
}

struct Soak {
    client: Client,
    random: Random,
    paths: Vec<String>,
    /// Open documents with version and text; edits are applied here, too.
    open: FxHashMap<String, (i32, Vec<char>)>,
    asked: Vec<i64>,
}

impl Soak {
    fn path(&mut self) -> String {
        self.random.pick(&self.paths).clone()
    }

    fn open_path(&mut self) -> Option<String> {
        let mut open: Vec<String> = self.open.keys().cloned().collect();
        open.sort();
        (!open.is_empty()).then(|| self.random.pick(&open).clone())
    }

    fn position(text: &[char], at: usize) -> (u32, u32) {
        let (mut line, mut column) = (0, 0);
        let mut last = ' ';
        for c in &text[..at] {
            match c {
                '\n' if last == '\r' => {}
                '\n' | '\r' => (line, column) = (line + 1, 0),
                c => column += c.len_utf16() as u32,
            }
            last = *c;
        }
        (line, column)
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..4 => self.toggle(),
            4..40 => self.edit(),
            40..43 => self.change_on_disk(),
            43..90 => self.ask(),
            _ => self.cancel(),
        }
        // As many open questions as an editor has.
        while self.asked.len() > 40 {
            let id = self.asked.remove(0);
            self.check(id);
        }
    }

    fn toggle(&mut self) {
        // As many documents as an editor has, so that what grows is a leak.
        let path = match self.open_path() {
            Some(path) if self.open.len() >= MAX_OPEN => path,
            _ => self.path(),
        };
        if self.open.remove(&path).is_some() {
            self.client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri(&path)}}));
        } else {
            let text = module(self.random.below(self.paths.len()), self.paths.len());
            self.client.open(&path, &text);
            self.open.insert(path, (1, text.chars().collect()));
        }
    }

    fn edit(&mut self) {
        let Some(path) = self.open_path() else { return self.toggle() };
        let piece = *self.random.pick(PIECES);
        let random = &mut self.random;
        let (version, text) = self.open.get_mut(&path).expect("just chosen");
        let boundary = |text: &[char], at: usize| {
            if at > 0 && at < text.len() && text[at - 1] == '\r' && text[at] == '\n' { at - 1 } else { at }
        };
        let start = boundary(text, random.below(text.len() + 1));
        let removed = if random.below(2) == 0 { random.below(12) } else { 0 };
        let end = boundary(text, (start + removed).min(text.len())).max(start);
        let (line, column) = Soak::position(text, start);
        let (end_line, end_column) = Soak::position(text, end);
        *version += 1;
        self.client.edit(&path, *version, [line, column, end_line, end_column], piece);
        text.splice(start..end, piece.chars());
        // Documents must not grow without end.
        if text.len() > 2_000 {
            *version += 1;
            let whole: String = module(1, 5);
            let document = json!({"uri": uri(&path), "version": *version});
            self.client.notify(
                "textDocument/didChange",
                json!({"textDocument": document, "contentChanges": [{"text": whole}]}),
            );
            *text = whole.chars().collect();
        }
    }

    fn change_on_disk(&mut self) {
        let path = self.path();
        let typ = if self.random.below(3) == 0 {
            self.client.system.remove(&path);
            3
        } else {
            let text = module(self.random.below(self.paths.len()), self.paths.len());
            self.client.system.write(&path, &text);
            if self.random.below(2) == 0 { 1 } else { 2 }
        };
        let changes = json!({"changes": [{"uri": uri(&path), "type": typ}]});
        self.client.notify("workspace/didChangeWatchedFiles", changes);
    }

    fn ask(&mut self) {
        let path = match self.random.below(4) {
            0 => self.path(),
            _ => self.open_path().unwrap_or_else(|| self.paths[0].clone()),
        };
        let params = params_at(&path, self.random.below(30) as u32, self.random.below(40) as u32);
        let mut any_about = |subject| *self.random.pick(&methods_about(subject));
        let (at_position, of_range, of_document) =
            (any_about(Subject::Position), any_about(Subject::Range), any_about(Subject::Document));
        let (method, params) = match self.random.below(20) {
            0 => ("workspace/symbol", json!({"query": "f1"})),
            1..3 => (of_range, params),
            3..9 => (of_document, params),
            _ => (at_position, params),
        };
        let id = self.client.ask(method, params);
        self.asked.push(id);
    }

    fn cancel(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let at = self.random.below(self.asked.len());
        let id = self.asked[at];
        self.client.notify("$/cancelRequest", json!({"id": id}));
    }

    fn check(&mut self, id: i64) {
        if let Err(error) = self.client.answer(id) {
            // Cancelled, modified, or refused by a rename.
            let code = error["code"].as_i64().unwrap_or_default();
            assert!([-32800, -32801, -32803].contains(&code), "{error}");
        }
    }
}

fn diagnostics(client: &mut Client, path: &str) -> Value {
    let report =
        client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri(path)}})).expect("a report");
    report["items"].clone()
}

/// Resident memory, in kilobytes; zero where the system does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

#[test]
fn random_work_leaves_the_truth() {
    let steps: Option<usize> = std::env::var("CINDER_SOAK").ok().and_then(|steps| steps.parse().ok());
    let count = if steps.is_some() { 500 } else { 40 };
    let files: Vec<(String, String)> =
        (0..count).map(|number| (format!("/src/m{number}.py"), module(number, count))).collect();
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let client = Client::initialized(&borrowed, json!({}), json!({}));
    let paths: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
    let mut soak =
        Soak { client, random: Random(0x2545_f491_4f6c_dd1d), paths, open: FxHashMap::default(), asked: Vec::new() };
    let steps = steps.unwrap_or(1_000);
    // One reading says little: what the allocator keeps goes up and down. So a fifth of the run is compared with its last fifth.
    let mut readings: Vec<u64> = Vec::new();
    for step in 0..steps {
        soak.step();
        if step % (steps / 100) == 0 {
            readings.push(memory());
        }
        soak.client.pending.retain(|message| message.get("method").is_none());
    }
    for id in std::mem::take(&mut soak.asked) {
        soak.check(id);
    }
    // A session that has seen nothing but the end.
    let disk: Vec<(String, String)> = soak
        .paths
        .iter()
        .filter_map(|path| {
            let bytes = cinder_db::System::read(&soak.client.system, path.as_ref()).ok()?;
            Some((path.clone(), String::from_utf8(bytes).ok()?))
        })
        .collect();
    let borrowed: Vec<(&str, &str)> = disk.iter().map(|(path, text)| (&**path, &**text)).collect();
    let mut fresh = Client::initialized(&borrowed, json!({}), json!({}));
    for (path, (_, text)) in &soak.open {
        fresh.open(path, &text.iter().collect::<String>());
    }
    for path in &soak.paths {
        assert_eq!(diagnostics(&mut soak.client, path), diagnostics(&mut fresh, path), "{path}");
    }
    compare_with_check(&mut soak, &disk);
    assert_eq!(soak.client.end(), Ending::Orderly);
    assert_eq!(fresh.end(), Ending::Orderly);
    if steps > 10_000 {
        let mean = |part: &[u64]| part.iter().sum::<u64>() / part.len() as u64;
        let (early, late) = (mean(&readings[10..30]), mean(&readings[80..]));
        println!(
            "{early} kB early, {late} kB late; every twentieth: {:?}",
            readings.iter().step_by(5).collect::<Vec<_>>()
        );
        assert!(late * 10 <= early * 11, "memory grew from {early} kB to {late} kB");
    }
}

/// The session says of every file what `cinder check` says when all documents are saved.
fn compare_with_check(soak: &mut Soak, disk: &[(String, String)]) {
    let system = MemorySystem::default();
    for (path, text) in disk {
        system.write(path, text);
    }
    for (path, (_, text)) in &soak.open {
        system.write(path, text.iter().collect::<String>());
    }
    let options = ProjectOptions { start: Some("/src".into()), ..ProjectOptions::default() };
    let mut project = Project::open(Arc::new(system), options).expect("no configuration, no mistake");
    let report = project.check_paths(&[], CheckOptions::default());
    let mut checked: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for file in &report.files {
        let found = file.diagnostics.iter().map(|diagnostic| {
            let start =
                file.file.line_index().position(file.file.text(), diagnostic.range.start(), ColumnEncoding::Utf16);
            format!("{}:{} {} {}", start.line_index, start.column_index, diagnostic.rule.name, diagnostic.message)
        });
        checked.insert(format!("/{}", file.file.path()), found.collect());
    }
    let mut found_some = 0;
    for path in soak.paths.clone() {
        let shown = diagnostics(&mut soak.client, &path);
        let shown: Vec<String> = shown.as_array().into_iter().flatten().map(line).collect();
        found_some += shown.len();
        assert_eq!(shown, checked.remove(&path).unwrap_or_default(), "{path}");
    }
    assert!(found_some > 0, "the walk left mistakes to be found");
}

/// A diagnostic of the protocol as [`compare_with_check`] writes one.
fn line(diagnostic: &Value) -> String {
    let start = &diagnostic["range"]["start"];
    let message = diagnostic["message"].as_str().unwrap_or_default();
    let message = message.split("\nhelp: ").next().unwrap_or_default();
    format!("{}:{} {} {message}", start["line"], start["character"], diagnostic["code"].as_str().unwrap_or_default(),)
}
