//! Source windows with labels and help, for people at a terminal.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};
use cinder_text::TextRange;

use super::window;
use crate::{Diagnostic, Severity, SourceFile};

struct Part<'a> {
    file: SourceFile,
    ranges: Vec<TextRange>,
    labels: Vec<(&'a str, bool)>,
}

pub(super) fn render(
    output: &mut String,
    file: &SourceFile,
    diagnostic: &Diagnostic,
    find_file: &dyn Fn(&str) -> Option<SourceFile>,
    is_colored: bool,
) {
    let head = format!("{}[{}]", diagnostic.severity.name(), diagnostic.rule.name);
    let message = printable(&diagnostic.message);
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(output, "{}: {message}", paint(&head, diagnostic.severity, is_colored));

    let (parts, mut help) = collect(file, diagnostic, find_file);
    help.extend(diagnostic.help.iter().map(|help| printable(help).into_owned()));

    let primary_path = printable(file.path()).into_owned();
    let mut texts: Vec<(String, Source<String>)> = Vec::new();
    let mut labels = Vec::new();
    let mut primary_span = None;
    for (at, part) in parts.iter().enumerate() {
        let window = window::cut(&part.file, &part.ranges);
        let path = printable(part.file.path()).into_owned();
        let mut part_labels = Vec::new();
        for (span, &(text, is_primary)) in window.spans.iter().zip(&part.labels) {
            let place = (path.clone(), span.start..span.end);
            if is_primary {
                primary_span = Some(place.clone());
            }
            let color = if is_primary { color_of(diagnostic.severity) } else { Color::Blue };
            // The library draws no label without words.
            let text = if text.is_empty() { "here" } else { text };
            let label = Label::new(place).with_color(color).with_order(at as i32).with_message(printable(text));
            part_labels.push((span.end, label));
        }
        // The library opens a new section whenever a label lies above the one before it.
        part_labels.sort_by_key(|(end, _)| *end);
        labels.extend(part_labels.into_iter().map(|(_, label)| label));
        texts.push((path, Source::from(window.text)));
    }
    let Some(primary_span) = primary_span else { return };
    // The place as the library will print it, which is wrong in lines that were cut.
    let primary_text = texts.iter().find(|(name, _)| *name == primary_path).map(|(_, source)| source);
    let shown = primary_text.and_then(|source| source.get_offset_line(primary_span.1.start));
    let shown =
        shown.map_or_else(String::new, |(_, line, column)| format!("{primary_path}:{}:{}", line + 1, column + 1));
    let report = Report::build(ReportKind::Custom("", Color::Primary), primary_span)
        .with_config(Config::default().with_color(is_colored).with_index_type(IndexType::Char))
        .with_labels(labels);
    let report = help.into_iter().fold(report, |report, help| report.with_help(help)).finish();

    let mut bytes = Vec::new();
    let cache = Texts { texts: texts.into_iter().collect() };
    if report.write_for_stdout(cache, &mut bytes).is_err() {
        return;
    }
    let text = String::from_utf8_lossy(&bytes);
    // The first line is the library's own heading; ours stands above.
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    let place = file.line_index().line_column(file.text(), diagnostic.range.start());
    let real = format!("{primary_path}:{}:{}", place.line_number, place.column_number);
    let body = if shown == real { Cow::Borrowed(body) } else { Cow::Owned(body.replacen(&shown, &real, 1)) };
    for line in body.lines() {
        output.push_str(line.trim_end());
        output.push('\n');
    }
}

/// The files to show with their ranges, the diagnostic's own file first, and a line for each label without a file.
fn collect<'a>(
    file: &SourceFile,
    diagnostic: &'a Diagnostic,
    find_file: &dyn Fn(&str) -> Option<SourceFile>,
) -> (Vec<Part<'a>>, Vec<String>) {
    let mut parts = vec![Part {
        file: file.clone(),
        ranges: vec![diagnostic.range],
        labels: vec![(diagnostic.label.as_str(), true)],
    }];
    let mut unknown = Vec::new();
    for annotation in &diagnostic.annotations {
        let path = annotation.path.as_deref().unwrap_or(file.path());
        let at = match parts.iter().position(|part| part.file.path() == path) {
            Some(at) => at,
            None => match find_file(path) {
                Some(found) => {
                    parts.push(Part { file: found, ranges: Vec::new(), labels: Vec::new() });
                    parts.len() - 1
                }
                None => {
                    unknown.push(format!("{} (in {})", printable(&annotation.label), printable(path)));
                    continue;
                }
            },
        };
        parts[at].ranges.push(annotation.range);
        parts[at].labels.push((annotation.label.as_str(), false));
    }
    (parts, unknown)
}

/// The windows by path, as the library asks for them.
struct Texts {
    texts: BTreeMap<String, Source<String>>,
}

impl ariadne::Cache<String> for Texts {
    type Storage = String;

    fn fetch(&mut self, path: &String) -> Result<&Source<String>, impl std::fmt::Debug> {
        self.texts.get(path).ok_or_else(|| format!("no window for {path}"))
    }

    fn display<'a>(&self, path: &'a String) -> Option<impl std::fmt::Display + 'a> {
        Some(path.clone())
    }
}

fn color_of(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info | Severity::Hint => Color::Cyan,
    }
}

/// `text` in the colour of `severity`, bold.
pub(super) fn paint(text: &str, severity: Severity, is_colored: bool) -> String {
    if !is_colored {
        return text.to_owned();
    }
    let code = match severity {
        Severity::Error => 31,
        Severity::Warning => 33,
        Severity::Info | Severity::Hint => 36,
    };
    format!("\u{1b}[1;{code}m{text}\u{1b}[0m")
}

/// `character`, or what to show in its place: source text must not steer the terminal.
pub(super) fn visible(character: char) -> char {
    match character {
        '\t' => '\t',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        // C1 controls, bidirectional overrides, line separators, the byte order mark.
        '\u{80}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{feff}'
        | '\u{200e}'
        | '\u{200f}' => '\u{fffd}',
        _ => character,
    }
}

/// `text` with unprintable characters replaced; line ends become blanks.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| visible(character) == character && character != '\t') {
        return Cow::Borrowed(text);
    }
    let replace = |character| if matches!(character, '\n' | '\r' | '\t') { ' ' } else { visible(character) };
    Cow::Owned(text.chars().map(replace).collect())
}
