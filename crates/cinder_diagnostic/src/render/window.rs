//! Cuts the part of a file that a report shows.
//!
//! Problem: a file may be one line of ten megabytes, hold terminal escapes, or have labels a thousand lines apart.
//! Idea: build a small stand-in text: empty lines up to the first line needed (so that line numbers stay right),
//! then the lines that matter, each cut to a window around its labels, unprintable characters replaced.
//! Holds: cost and output are bounded by the labels, not by the file; every label lies inside the window.

use cinder_text::{TextRange, TextSize};

use super::full::visible;
use crate::SourceFile;

/// Characters of a line shown before and after the labelled part when the line is cut.
const CONTEXT_LEN: usize = 60;
/// Lines up to this many bytes are shown whole.
const FULL_LINE_BYTES: usize = 200;
/// A label that covers more lines than this is shortened to its first line.
const MAX_LABEL_LINES: u32 = 12;

/// A labelled part of the window.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The stand-in text and where the given ranges lie in it.
pub(super) struct Window {
    pub(super) text: String,
    /// Shape: one per range given, in the same order; counted in characters of `text`, never empty.
    pub(super) spans: Vec<Span>,
}

/// Cuts the window of `file` that shows `ranges`.
pub(super) fn cut(file: &SourceFile, ranges: &[TextRange]) -> Window {
    let text = file.text();
    let index = file.line_index();
    let places: Vec<Place> = ranges.iter().map(|&range| Place::of(file, range)).collect();
    let first = places.iter().map(|place| place.first_line).min().unwrap_or(0);
    let last = places.iter().map(|place| place.last_line).max().unwrap_or(0);

    let mut window = "\n".repeat(first as usize);
    let mut spans: Vec<Span> = ranges.iter().map(|_| Span { start: 0, end: 0 }).collect();
    for line_index in first..=last {
        let is_shown = places.iter().any(|place| {
            place.first_line.saturating_sub(1) <= line_index && line_index <= place.last_line.saturating_add(1)
        });
        if is_shown {
            let line = Line {
                start: index.line_range(text, line_index).start().to_usize(),
                text: index.line_text(text, line_index),
            };
            append_line(&mut window, &line, line_index, &places, &mut spans);
        }
        window.push('\n');
    }
    for span in &mut spans {
        span.start = window[..span.start].chars().count();
        span.end = window[..span.end].chars().count().max(span.start + 1);
    }
    // A label at the very end needs a character to stand under.
    window.push(' ');
    Window { text: window, spans }
}

struct Line<'a> {
    start: usize,
    text: &'a str,
}

/// A range with the lines it touches, shortened to something showable.
struct Place {
    start: usize,
    end: usize,
    first_line: u32,
    last_line: u32,
}

impl Place {
    fn of(file: &SourceFile, range: TextRange) -> Self {
        let (text, index) = (file.text(), file.line_index());
        let start = cinder_text::floor_char_boundary(text, range.start().to_usize());
        let mut end = cinder_text::floor_char_boundary(text, range.end().to_usize()).max(start);
        // A range that ends right after a newline belongs to the line before it.
        let last_byte = if end > start { end - 1 } else { end };
        let first_line = index.line_of(size(start));
        let mut last_line = index.line_of(size(last_byte)).max(first_line);
        if last_line - first_line >= MAX_LABEL_LINES {
            last_line = first_line;
        }
        end = end.min(index.line_range(text, last_line).end().to_usize()).max(start);
        Self { start, end, first_line, last_line }
    }
}

fn size(offset: usize) -> TextSize {
    TextSize::try_from(offset).unwrap_or_default()
}

fn append_line(window: &mut String, line: &Line<'_>, line_index: u32, places: &[Place], spans: &mut [Span]) {
    let line_end = line.start + line.text.len();
    let touching = |place: &&Place| place.first_line <= line_index && line_index <= place.last_line;
    let (mut from, mut to) = (line.start, line_end);
    if line.text.len() > FULL_LINE_BYTES {
        let labelled_start = places.iter().filter(touching).map(|place| place.start.max(line.start)).min();
        let labelled_end = places.iter().filter(touching).map(|place| place.end.min(line_end)).max();
        let start = labelled_start.unwrap_or(line.start);
        // Long labels are cut, too: the beginning tells the most.
        let end = labelled_end.unwrap_or(line.start).clamp(start, start + FULL_LINE_BYTES);
        from = step_back(line, start - line.start) + line.start;
        to = step_forward(line, end - line.start) + line.start;
    }
    let end_of_window = |window: &String| window.len();
    if from > line.start {
        window.push('…');
    }
    let shown = &line.text[from - line.start..to - line.start];
    let mut at = from;
    for character in shown.chars() {
        mark(places, spans, line_index, line.start, at, end_of_window(window));
        window.push(visible(character));
        at += character.len_utf8();
    }
    mark(places, spans, line_index, line.start, at, end_of_window(window));
    for (place, span) in places.iter().zip(spans.iter_mut()) {
        if place.last_line == line_index && place.end > to {
            span.end = end_of_window(window);
        }
    }
    if to < line_end {
        window.push('…');
    }
}

/// Notes where spans start and end; `at` is an offset in the file, `here` the matching one in the window.
fn mark(places: &[Place], spans: &mut [Span], line_index: u32, line_start: usize, at: usize, here: usize) {
    for (place, span) in places.iter().zip(spans.iter_mut()) {
        if place.first_line == line_index && place.start.max(line_start) == at {
            span.start = here;
        }
        if place.last_line == line_index && place.end == at {
            span.end = here;
        }
    }
}

/// The offset [`CONTEXT_LEN`] characters before `offset` in the line.
fn step_back(line: &Line<'_>, offset: usize) -> usize {
    let before = &line.text[..cinder_text::floor_char_boundary(line.text, offset)];
    before.char_indices().rev().take(CONTEXT_LEN).last().map_or(before.len(), |(at, _)| at)
}

/// The offset [`CONTEXT_LEN`] characters after `offset` in the line.
fn step_forward(line: &Line<'_>, offset: usize) -> usize {
    let from = cinder_text::floor_char_boundary(line.text, offset);
    let after = &line.text[from..];
    after.char_indices().nth(CONTEXT_LEN).map_or(line.text.len(), |(at, _)| from + at)
}
