//! Diagnostics as one JSON document.
//!
//! The schema is a promise: fields are added, never renamed or removed, unless [`JSON_SCHEMA_VERSION`] grows.
//! Lines and columns count from one, columns in characters; offsets are bytes from the start of the UTF-8 text.

use cinder_text::TextRange;
use serde::Serialize;

use crate::{Applicability, Diagnostic, FileDiagnostics, SourceFile};

/// The value of the document's `schema` field.
pub const JSON_SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    path: &'a str,
    range: Place,
    severity: &'static str,
    rule: &'static str,
    message: &'a str,
    label: &'a str,
    annotations: Vec<Label<'a>>,
    help: &'a [String],
    fix: Option<FixOut<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    path: &'a str,
    /// Null when the file's text is not known.
    range: Option<Place>,
    message: &'a str,
}

#[derive(Serialize)]
struct FixOut<'a> {
    title: &'a str,
    applicability: &'static str,
    /// The file that is changed.
    path: &'a str,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    range: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct Place {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

pub(super) fn render(files: &[FileDiagnostics], find_file: &dyn Fn(&str) -> Option<SourceFile>) -> String {
    let mut diagnostics = Vec::new();
    for group in files {
        diagnostics.extend(group.diagnostics.iter().map(|diagnostic| finding(&group.file, diagnostic, find_file)));
    }
    let document = Document { schema: JSON_SCHEMA_VERSION, diagnostics };
    let mut text =
        serde_json::to_string_pretty(&document).expect("the document holds only strings, numbers, lists and objects");
    text.push('\n');
    text
}

fn finding<'a>(
    file: &'a SourceFile,
    diagnostic: &'a Diagnostic,
    find_file: &dyn Fn(&str) -> Option<SourceFile>,
) -> Finding<'a> {
    let annotations = diagnostic
        .annotations
        .iter()
        .map(|annotation| {
            let (path, range) = match annotation.path.as_deref() {
                None => (file.path(), Some(place(file, annotation.range))),
                Some(path) if path == file.path() => (path, Some(place(file, annotation.range))),
                Some(path) => (path, find_file(path).map(|other| place(&other, annotation.range))),
            };
            Label { path, range, message: &annotation.label }
        })
        .collect();
    // A fix in a file whose text is not known has no places to name.
    let fix = diagnostic.fix.as_ref().and_then(|fix| {
        let path = fix.path.as_deref().unwrap_or(file.path());
        let other = if path == file.path() { None } else { Some(find_file(path)?) };
        let changed = other.as_ref().unwrap_or(file);
        Some(FixOut {
            title: &fix.title,
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
            },
            path,
            edits: fix
                .edits
                .iter()
                .map(|edit| EditOut { range: place(changed, edit.range), text: &edit.text })
                .collect(),
        })
    });
    Finding {
        path: file.path(),
        range: place(file, diagnostic.range),
        severity: diagnostic.severity.name(),
        rule: diagnostic.rule.name,
        message: &diagnostic.message,
        label: &diagnostic.label,
        annotations,
        help: &diagnostic.help,
        fix,
    }
}

fn place(file: &SourceFile, range: TextRange) -> Place {
    let point = |offset| {
        let place = file.line_index().line_column(file.text(), offset);
        Point { line: place.line_number, column: place.column_number, offset: offset.to_u32() }
    };
    Place { start: point(range.start()), end: point(range.end()) }
}
