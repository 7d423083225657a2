//! Lines of source text for tracebacks, and the marks below them.
//!
//! Source: Lib/traceback.py (`StackSummary._format_frame_summary`, `_extract_caret_anchors_from_line_segment`).

use std::cell::RefCell;
use std::sync::Arc;

use cinder_bytecode::code::LineEntry;
use rustc_hash::FxHashMap;

use crate::interp::SourceCompiler;

/// Where the operator of an expression lies within its text, by line and character; the marks there are `^`, around it `~`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaretAnchors {
    pub left_line: usize,
    pub left_offset: usize,
    pub right_line: usize,
    pub right_offset: usize,
}

/// Source texts by file name: given by whoever compiled them, else read from disk once.
#[derive(Default)]
pub struct Sources {
    known: RefCell<FxHashMap<String, Option<Arc<str>>>>,
}

impl Sources {
    /// Makes the text of `filename` known (the program of `-c`, standard input).
    pub fn add(&self, filename: &str, text: &str) {
        self.known.borrow_mut().insert(filename.to_owned(), Some(text.into()));
    }

    /// A text that came from no file.
    pub fn unfiled(&self, filename: &str) -> Option<Arc<str>> {
        if filename.starts_with('<') { self.known.borrow().get(filename).cloned()? } else { None }
    }

    /// Line `number` of a file, from 1, with its end; not of text that came from elsewhere.
    pub fn line_on_disk(&self, filename: &str, number: u32) -> Option<String> {
        if filename.starts_with('<') || number == 0 {
            return None;
        }
        let line = self.lines(filename, number, number)?.pop()?;
        Some(line + "\n")
    }

    /// Lines `first..=last` of a file, counted from 1, without their ends.
    fn lines(&self, filename: &str, first: u32, last: u32) -> Option<Vec<String>> {
        let known = self.known.borrow().get(filename).cloned();
        let text = known.unwrap_or_else(|| {
            let read = if filename.starts_with('<') { None } else { std::fs::read(filename).ok() };
            let text = read.map(|bytes| Arc::from(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}')));
            self.known.borrow_mut().insert(filename.to_owned(), text.clone());
            text
        })?;
        let wanted = (last.max(first) - first + 1) as usize;
        let lines: Vec<String> = text.lines().skip(first as usize - 1).take(wanted).map(str::to_owned).collect();
        (!lines.is_empty()).then_some(lines)
    }

    /// The source lines of a place with their marks, indented; empty when the source is not known.
    pub(crate) fn show(&self, filename: &str, place: &LineEntry, compiler: Option<&dyn SourceCompiler>) -> String {
        let Some(original) = self.lines(filename, place.line, place.end_line) else { return String::new() };
        let dedented = dedent(&original);
        if dedented.iter().all(|line| line.trim().is_empty()) {
            return String::new();
        }
        if place.end_column == 0 && place.column == 0 && place.end_line == place.line {
            return format!("    {}\n", dedented[0].trim());
        }
        let removed = original[0].chars().count() - dedented[0].chars().count();
        let offset = |line: &str, bytes: u32| {
            let bytes = (bytes as usize).min(line.len());
            line.char_indices().take_while(|(at, _)| *at < bytes).count().saturating_sub(removed)
        };
        let start = offset(&original[0], place.column);
        let end = offset(original.last().expect("not empty"), place.end_column);
        render(&dedented, start, end, compiler)
    }
}

/// Removes the indentation that all lines with text share (`textwrap.dedent`).
fn dedent(lines: &[String]) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut margin: Option<&str> = None;
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let own = &line[..indent(line)];
        margin = Some(match margin {
            None => own,
            Some(margin) => {
                let common = margin.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..common]
            }
        });
    }
    let margin = margin.unwrap_or("");
    lines
        .iter()
        .map(|line| if line.trim().is_empty() { String::new() } else { line[margin.len()..].to_owned() })
        .collect()
}

/// Text between character `start` of the first and `end` of the last line.
fn segment(lines: &[String], start: usize, end: usize) -> String {
    let last = lines.len() - 1;
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let from = if index == 0 { start } else { 0 };
        let to = if index == last { end } else { usize::MAX };
        out.extend(line.chars().skip(from).take(to.saturating_sub(from)));
        if index != last {
            out.push('\n');
        }
    }
    out
}

fn render(lines: &[String], start: usize, end: usize, compiler: Option<&dyn SourceCompiler>) -> String {
    let last = lines.len() - 1;
    let anchors = compiler.and_then(|compiler| compiler.caret_anchors(&segment(lines, start, end)));
    let whole_call = compiler.is_some_and(|compiler| compiler.is_whole_call(lines, start, end));
    let has_more = !lines[0].chars().take(start).all(char::is_whitespace)
        || !lines[last].chars().skip(end).all(char::is_whitespace);
    let show_carets = !whole_call && (anchors.is_some() || has_more);
    let mut significant: Vec<usize> = vec![0, last];
    if let Some(anchors) = &anchors {
        for line in [anchors.left_line, anchors.right_line] {
            significant.extend((line.saturating_sub(1)..line + 2).filter(|line| *line <= last));
        }
    }
    significant.sort_unstable();
    significant.dedup();
    let marks = |index: usize| -> String {
        let line = &lines[index];
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let count = if index == last { end } else { line.chars().count() };
        let mark = |column: usize| {
            if column < indent || (index == 0 && column < start) {
                return ' ';
            }
            let Some(anchors) = &anchors else { return '^' };
            let shift = |line: usize, offset: usize| if line == 0 { offset + start } else { offset };
            let (left, right) =
                (shift(anchors.left_line, anchors.left_offset), shift(anchors.right_line, anchors.right_offset));
            let after_left = index > anchors.left_line || (index == anchors.left_line && column >= left);
            let before_right = index < anchors.right_line || (index == anchors.right_line && column < right);
            if after_left && before_right { '^' } else { '~' }
        };
        (0..count).map(mark).collect()
    };
    let mut rows: Vec<String> = Vec::new();
    let show = |index: usize, rows: &mut Vec<String>| {
        rows.push(lines[index].clone());
        if show_carets {
            rows.push(marks(index));
        }
    };
    for (position, &index) in significant.iter().enumerate() {
        if position > 0 {
            match index - significant[position - 1] {
                2 => show(index - 1, &mut rows),
                gap if gap > 2 => rows.push(format!("...<{} lines>...", gap - 1)),
                _ => {}
            }
        }
        show(index, &mut rows);
    }
    dedent(&rows).iter().map(|row| format!("    {row}\n")).collect()
}
