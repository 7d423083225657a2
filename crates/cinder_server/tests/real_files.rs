//! Every kind of question at random places of programs that somebody wrote: no panic, no error.
//!
//! `CINDER_REAL_FILES=folder` asks about up to 500 Python files below a folder, `site-packages` for instance, and prints what share of the
//! questions found something; otherwise programs of this repository are asked about.
#![expect(clippy::disallowed_methods, reason = "a test reads programs from the machine")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cinder_server::{Ending, Subject};
use serde_json::{Value, json};

use crate::client::{Client, json_range, methods_about, params_at, uri};
use crate::soak::Random;

/// Python files below `folder`, in an order that does not change.
fn python_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            python_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

struct Asker {
    client: Client,
    random: Random,
    /// How often each kind was asked, and how often it found something.
    counts: BTreeMap<String, (usize, usize)>,
    slowest: (Duration, String),
}

impl Asker {
    fn ask(&mut self, method: &str, params: Value, place: &str) -> Value {
        let started = std::time::Instant::now();
        let id = self.client.ask(method, params);
        let answer = self.client.answer_to(&format!("{method} at {place}"), id);
        let taken = started.elapsed();
        if taken > self.slowest.0 {
            self.slowest = (taken, format!("{method} at {place}"));
        }
        match answer {
            Ok(answer) => {
                let found = match &answer {
                    Value::Null => false,
                    Value::Array(items) => !items.is_empty(),
                    _ => true,
                };
                let count = self.counts.entry(method.to_string()).or_default();
                count.0 += 1;
                count.1 += usize::from(found);
                answer
            }
            // A rename may be refused.
            Err(error) if method.to_lowercase().ends_with("rename") && error["code"] == -32803 => Value::Null,
            Err(error) => panic!("{method} at {place}: {error}"),
        }
    }

    fn ask_at(&mut self, path: &str, text: &str, offset: usize) {
        let line = text[..offset].matches('\n').count() as u32;
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let column = text[start..offset].encode_utf16().count() as u32;
        let place = format!("{path}:{}:{}", line + 1, column + 1);
        for method in methods_about(Subject::Position).into_iter().chain(["textDocument/selectionRange"]) {
            // These look at all files.
            let is_slow = ["/implementation", "/references", "/rename"].iter().any(|name| method.ends_with(name));
            if is_slow && self.random.below(6) > 0 {
                continue;
            }
            let answer = self.ask(method, params_at(path, line, column), &place);
            match method.trim_start_matches("textDocument/") {
                "prepareCallHierarchy" => self.follow(&answer, &["callHierarchy/outgoingCalls"], &place),
                "prepareTypeHierarchy" => self.follow(&answer, &["typeHierarchy/supertypes"], &place),
                "completion" => {
                    let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
                    if !items.is_empty() {
                        let item = self.random.pick(&items).clone();
                        self.ask("completionItem/resolve", item, &place);
                    }
                }
                _ => {}
            }
        }
    }

    fn follow(&mut self, items: &Value, methods: &[&str], place: &str) {
        for item in items.as_array().into_iter().flatten().take(1) {
            for method in methods {
                self.ask(method, json!({"item": item}), place);
            }
        }
    }

    fn ask_of(&mut self, path: &str) {
        let of_range = methods_about(Subject::Range).into_iter();
        for method in methods_about(Subject::Document).into_iter().chain(of_range) {
            let mut params = params_at(path, 0, 0);
            params["range"] = json_range([0, 0, 1_000_000, 0]);
            self.ask(method, params, path);
        }
    }
}

#[test]
fn every_question_has_an_answer_everywhere() {
    let folder = std::env::var_os("CINDER_REAL_FILES").map(PathBuf::from);
    let (folder, limit, places) = match &folder {
        Some(folder) => (folder.clone(), 500, 8),
        None => (Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata"), 24, 4),
    };
    let mut paths = Vec::new();
    python_files(&folder, &mut paths);
    // Evenly from all over.
    let step = paths.len().div_ceil(limit).max(1);
    let texts: Vec<(String, String)> = paths
        .iter()
        .step_by(step)
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).ok().filter(|text| text.len() < 400_000)?;
            Some((format!("/src/{}", path.strip_prefix(&folder).ok()?.to_str()?), text))
        })
        .collect();
    assert!(!texts.is_empty(), "no Python files below {}", folder.display());
    let all: Vec<(String, String)> = if step == 1 {
        texts.clone()
    } else {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).ok()?;
            Some((format!("/src/{}", path.strip_prefix(&folder).ok()?.to_str()?), text))
        };
        paths.iter().filter_map(read).collect()
    };
    let borrowed: Vec<(&str, &str)> = all.iter().map(|(path, text)| (&**path, &**text)).collect();
    let client = Client::initialized(&borrowed, json!({}), json!({"mode": "full"}));
    let mut asker =
        Asker { client, random: Random(0x1234_5678_9abc_def1), counts: BTreeMap::new(), slowest: Default::default() };
    for (path, text) in &texts {
        asker.client.open(path, text);
        asker.ask_of(path);
        let names: Vec<usize> = text
            .char_indices()
            .filter(|(at, c)| {
                (c.is_alphabetic() || *c == '_') && !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            })
            .map(|(at, _)| at)
            .collect();
        for round in 0..places {
            // Names, and between them.
            let offset = match (round % 4, names.is_empty()) {
                (3, _) | (_, true) => {
                    let mut offset = asker.random.below(text.len() + 1);
                    while !text.is_char_boundary(offset) {
                        offset -= 1;
                    }
                    offset
                }
                _ => *asker.random.pick(&names),
            };
            asker.ask_at(path, text, offset);
        }
        asker.client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri(path)}}));
        asker.client.pending.clear();
    }
    println!("{} files; slowest: {} in {:?}", texts.len(), asker.slowest.1, asker.slowest.0);
    for (method, (asked, found)) in &asker.counts {
        println!("{method}: {asked} asked, {found} found something");
    }
    assert_eq!(asker.client.end(), Ending::Orderly);
}
