//! Classes that derive from a class.
//!
//! Problem: a class may have hundreds of classes below it, in any file, and looking through all files once for each of them takes seconds.
//! Idea: the text of each file is read once for its class headers: the class's name and the words between its parentheses. Who may derive from a
//! class is then looked up by its name, and only those few headers are understood. Other names of a class (`import C as D`, `D = C`) are found the same way.
//! Holds: headers in strings and comments may be among those looked up; what they mean decides.

use std::cell::RefCell;

use cinder_db::{Db, File, parsed_module, source_text};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt, StmtClassDef};
use cinder_text::{TextRange, TextSize};
use memchr::memmem;
use rustc_hash::FxHashMap;

use crate::Search;
use crate::semantics::Semantics;
use crate::syntax::is_name_char;
use crate::ty::Place;

/// What the text of a file says about classes.
#[derive(Default)]
struct Headers {
    /// Where each class's name stands, and the words between its parentheses.
    classes: Vec<(TextSize, Box<[Box<str>]>)>,
    /// Other names of things: the new one, the old one.
    aliases: Vec<(Box<str>, Box<str>)>,
}

/// Depends on: the file's text.
#[salsa::tracked(returns(ref), no_eq, lru = 8192)]
fn headers(db: &dyn Db, file: File) -> Headers {
    let text = source_text(db, file).as_str();
    let mut headers = Headers::default();
    for at in memmem::find_iter(text.as_bytes(), b"class") {
        headers.classes.extend(header(text, at));
    }
    for at in memmem::find_iter(text.as_bytes(), b" as ") {
        let old = text[..at].rsplit(|c| !is_name_char(c)).next().unwrap_or_default();
        let new = text[at + 4..].trim_start().split(|c| !is_name_char(c)).next().unwrap_or_default();
        if !old.is_empty() && !new.is_empty() && old != new {
            headers.aliases.push((new.into(), old.into()));
        }
    }
    for at in memmem::find_iter(text.as_bytes(), b" = ") {
        headers.aliases.extend(assigned_name(text, at));
    }
    headers
}

/// The class header whose keyword stands at `at`.
fn header(text: &str, at: usize) -> Option<(TextSize, Box<[Box<str>]>)> {
    /// No header is longer.
    const LIMIT: usize = 4 << 10;
    let begins_line = text[..at].bytes().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
    if !matches!(begins_line, None | Some(b'\n' | b'\r' | b';' | b':')) {
        return None;
    }
    let rest = text[at + "class".len()..].strip_prefix([' ', '\t'])?.trim_start_matches([' ', '\t']);
    let name_at = text.len() - rest.len();
    let name_len = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
    let mut depth = 0;
    let mut words: Vec<Box<str>> = Vec::new();
    let mut word_start = None;
    for (offset, c) in rest[name_len..].char_indices().take(LIMIT) {
        match (word_start, is_name_char(c)) {
            (None, true) => word_start = Some(offset),
            (Some(start), false) => {
                words.push(rest[name_len + start..name_len + offset].into());
                word_start = None;
            }
            _ => {}
        }
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ':' if depth <= 0 => break,
            _ => {}
        }
    }
    (!words.is_empty()).then(|| (TextSize::new(name_at as u32), words.into()))
}

/// `new = a.old`, with the equals sign at `at`.
fn assigned_name(text: &str, at: usize) -> Option<(Box<str>, Box<str>)> {
    let line = text[..at].rsplit(['\n', '\r']).next()?.trim_start();
    // `new: TypeAlias = old`
    let new = line.split(':').next()?.trim_end();
    let value = text[at + 3..].split(['\n', '\r', '#', '[', ';']).next()?.trim();
    let is_dotted = |text: &str| !text.is_empty() && text.chars().all(|c| is_name_char(c) || c == '.');
    if new.is_empty() || !new.chars().all(is_name_char) || !is_dotted(value) {
        return None;
    }
    let old = value.rsplit('.').next()?;
    (!old.is_empty() && old != new && !old.starts_with(|c: char| c.is_ascii_digit())).then(|| (new.into(), old.into()))
}

/// The headers of many files, by the words in them.
struct Index<'db> {
    /// Files in their order, and where each class's name stands.
    by_word: FxHashMap<&'db str, Vec<(usize, File, TextSize)>>,
    /// Other names, by the old one.
    aliases: FxHashMap<&'db str, Vec<&'db str>>,
    /// Definitions of classes, by where their names stand.
    places: RefCell<FxHashMap<File, FxHashMap<TextSize, TextRange>>>,
}

impl<'db> Index<'db> {
    fn new(semantics: &Semantics<'db>, search: Search<'_>, home: File) -> Index<'db> {
        let mut by_word: FxHashMap<&str, Vec<(usize, File, TextSize)>> = FxHashMap::default();
        let mut aliases: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        let home = (!search.files.contains(&home)).then_some(&home);
        for (order, file) in search.files.iter().chain(home).enumerate() {
            semantics.db.unwind_if_revision_cancelled();
            (search.on_progress)(order);
            let headers = headers(semantics.db, *file);
            for (at, words) in &headers.classes {
                for word in words {
                    by_word.entry(word).or_default().push((order, *file, *at));
                }
            }
            for (new, old) in &headers.aliases {
                let known = aliases.entry(old).or_default();
                if !known.contains(&&**new) {
                    known.push(new);
                }
            }
        }
        Index { by_word, aliases, places: RefCell::default() }
    }

    /// Classes whose bases name `class` itself, in order of file and place.
    fn directly_below(&self, semantics: &Semantics<'db>, class: Place) -> Vec<Place> {
        let Some(name) = semantics.class_node(class).map(|class| class.name.as_str()) else { return Vec::new() };
        let mut names = vec![name];
        let mut next = 0;
        while let Some(name) = names.get(next) {
            for other in self.aliases.get(name).into_iter().flatten() {
                if !names.contains(other) {
                    names.push(other);
                }
            }
            next += 1;
        }
        let mut candidates: Vec<_> = names.iter().filter_map(|name| self.by_word.get(name)).flatten().collect();
        candidates.sort_unstable_by_key(|(order, _, at)| (*order, *at));
        candidates.dedup();
        let places = candidates.into_iter().filter_map(|(_, file, at)| self.place(semantics, *file, *at));
        places.filter(|below| semantics.bases(*below).iter().any(|(base, _)| *base == class)).collect()
    }

    /// The class whose name stands at a place.
    fn place(&self, semantics: &Semantics<'db>, file: File, at: TextSize) -> Option<Place> {
        let mut places = self.places.borrow_mut();
        let of_file = places.entry(file).or_insert_with(|| {
            semantics.db.unwind_if_revision_cancelled();
            let classes = classes(parsed_module(semantics.db, file).suite());
            classes.iter().map(|class| (class.name.range.start(), class.range)).collect()
        });
        of_file.get(&at).map(|range| Place { file, range: *range })
    }
}

/// Classes whose bases name `class` itself, in order of file and place.
pub(crate) fn directly_below(semantics: &Semantics<'_>, class: Place, search: Search<'_>) -> Vec<Place> {
    Index::new(semantics, search, class.file).directly_below(semantics, class)
}

/// Classes below at any distance, nearest first.
pub(crate) fn all_below(semantics: &Semantics<'_>, class: Place, search: Search<'_>) -> Vec<Place> {
    let index = Index::new(semantics, search, class.file);
    let mut found = vec![class];
    let mut known: rustc_hash::FxHashSet<Place> = [class].into_iter().collect();
    let mut next = 0;
    while let Some(class) = found.get(next) {
        for below in index.directly_below(semantics, *class) {
            if known.insert(below) {
                found.push(below);
            }
        }
        next += 1;
    }
    found.remove(0);
    found
}

/// All classes of a body, those inside functions and classes included.
pub(crate) fn classes(body: &[Stmt]) -> Vec<&StmtClassDef> {
    struct Walk<'a>(Vec<&'a StmtClassDef>);
    impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::ClassDef(class) = stmt {
                self.0.push(class);
            }
            walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut walk = Walk(Vec::new());
    walk.visit_body(body);
    walk.0
}
