//! Byte offsets to lines and columns, and back.
//!
//! Lines end at `\n`, `\r\n` or a lone `\r`, as Python's tokenizer reads them; a form feed or a Unicode line
//! separator ends no line.
//!
//! Columns in characters or UTF-16 units are counted from the start of the line, or in long lines (generated data, minified programs) from the last
//! of the marks that were set along it, so that asking for every token of a line of megabytes is not quadratic.

use std::sync::Arc;

use ruff_text_size::{TextRange, TextSize};

use crate::floor_char_boundary;

/// The unit in which a column is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColumnEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the default of the language server protocol.
    Utf16,
    /// Characters (code points); what people, tracebacks and our messages count.
    #[default]
    Utf32,
}

/// A place as a line and a column.
///
/// Units: both count from zero; the column is in the unit of the [`ColumnEncoding`] it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    pub line_index: u32,
    pub column_index: u32,
}

/// A place as people read it.
///
/// Units: both count from one; the column is in characters, and a byte order mark is no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    pub line_number: u32,
    pub column_number: u32,
}

/// Where the lines of one text start. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    inner: Arc<Inner>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    /// Shape: one entry per line, ascending, first entry 0.
    starts: Vec<TextSize>,
    is_ascii: bool,
    /// Shape: in long lines of texts that are not ASCII one entry about every [`MARK_BYTES`], ascending.
    marks: Vec<Mark>,
}

/// A known place in a long line.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    offset: TextSize,
    /// From the start of the line.
    utf16_units: u32,
    characters: u32,
}

/// How far a column is counted at most.
const MARK_BYTES: usize = 1 << 10;

fn marks(text: &str, starts: &[TextSize]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(text.len(), |end| end.to_usize());
        let mut at = start.to_usize();
        let (mut utf16_units, mut characters) = (0, 0);
        while end - at > MARK_BYTES {
            let next = floor_char_boundary(text, at + MARK_BYTES);
            utf16_units += text[at..next].encode_utf16().count() as u32;
            characters += text[at..next].chars().count() as u32;
            marks.push(Mark { offset: size_of(next), utf16_units, characters });
            at = next;
        }
    }
    marks
}

impl LineIndex {
    /// Cost: one pass over `text`.
    ///
    /// Panics: when `text` is longer than [`crate::MAX_SOURCE_BYTES`]; loading a file checks this first.
    pub fn new(text: &str) -> Self {
        assert!(text.len() <= crate::MAX_SOURCE_BYTES, "loading a file checks its length");
        // Lone carriage returns are rare, and each kind of line end costs a search.
        let starts = if text.as_bytes().contains(&b'\r') {
            ruff_source_file::LineIndex::from_source_text(text).line_starts().to_vec()
        } else {
            let ends = memchr::memchr_iter(b'\n', text.as_bytes());
            std::iter::once(TextSize::new(0)).chain(ends.map(|end| TextSize::new(end as u32 + 1))).collect()
        };
        let is_ascii = text.is_ascii();
        let marks = if is_ascii { Vec::new() } else { marks(text, &starts) };
        Self { inner: Arc::new(Inner { starts, is_ascii, marks }) }
    }

    /// The number of lines; a text that ends in a newline has an empty last line.
    pub fn line_len(&self) -> u32 {
        self.inner.starts.len() as u32
    }

    /// The zero-based line that holds byte `offset`; the last line when `offset` is past the end.
    pub fn line_of(&self, offset: TextSize) -> u32 {
        match self.inner.starts.binary_search(&offset) {
            Ok(line) => line as u32,
            Err(next) => (next - 1) as u32,
        }
    }

    /// The byte offset at which the zero-based `line_index` starts; the end of `text` when there is no such line.
    pub fn line_start(&self, text: &str, line_index: u32) -> TextSize {
        self.inner.starts.get(line_index as usize).copied().unwrap_or_else(|| size_of(text.len()))
    }

    /// The range of a zero-based line without its line ending.
    pub fn line_range(&self, text: &str, line_index: u32) -> TextRange {
        let start = self.line_start(text, line_index);
        let end = self.line_start(text, line_index.saturating_add(1));
        let line = crate::slice(text, TextRange::new(start, end));
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        TextRange::at(start, size_of(line.len()))
    }

    /// The text of a zero-based line without its line ending; empty when there is no such line.
    pub fn line_text<'a>(&self, text: &'a str, line_index: u32) -> &'a str {
        crate::slice(text, self.line_range(text, line_index))
    }

    /// The place of byte `offset`, counted in `encoding`.
    ///
    /// Cost: a binary search, and a walk along a part of the line when the text is not ASCII.
    pub fn position(&self, text: &str, offset: TextSize, encoding: ColumnEncoding) -> Position {
        let offset = floor_char_boundary(text, offset.to_usize());
        let line_index = self.line_of(size_of(offset));
        let start = self.line_start(text, line_index);
        if self.inner.is_ascii || encoding == ColumnEncoding::Utf8 {
            return Position { line_index, column_index: (offset - start.to_usize()) as u32 };
        }
        let marks = &self.inner.marks;
        let mark = marks[..marks.partition_point(|mark| mark.offset.to_usize() <= offset)].last();
        let (from, units) = match mark.filter(|mark| mark.offset > start) {
            Some(mark) => (mark.offset, mark.units(encoding)),
            None => (start, 0),
        };
        Position { line_index, column_index: units + count(&text[from.to_usize()..offset], encoding) }
    }

    /// The byte offset of `position`, whose column is counted in `encoding`.
    ///
    /// A column past the end of its line gives the end of that line, a line past the end gives the end of the text.
    pub fn offset(&self, text: &str, position: Position, encoding: ColumnEncoding) -> TextSize {
        let range = self.line_range(text, position.line_index);
        let line = crate::slice(text, range);
        let column = position.column_index as usize;
        let bytes = if self.inner.is_ascii || encoding == ColumnEncoding::Utf8 {
            floor_char_boundary(line, column)
        } else {
            let marks = self.marks_within(range);
            let mark = marks[..marks.partition_point(|mark| mark.units(encoding) as usize <= column)].last();
            let (from, mut units) =
                mark.map_or((0, 0), |mark| ((mark.offset - range.start()).to_usize(), mark.units(encoding) as usize));
            let mut end = line.len();
            for (at, character) in line[from..].char_indices().map(|(at, character)| (from + at, character)) {
                units += if encoding == ColumnEncoding::Utf16 { character.len_utf16() } else { 1 };
                if units > column {
                    end = at;
                    break;
                }
            }
            end
        };
        range.start() + size_of(bytes)
    }

    /// The place of byte `offset` as people read it.
    pub fn line_column(&self, text: &str, offset: TextSize) -> LineColumn {
        let position = self.position(text, offset, ColumnEncoding::Utf32);
        let has_mark = position.line_index == 0 && text.starts_with('\u{feff}');
        let column_index = position.column_index.saturating_sub(u32::from(has_mark));
        LineColumn { line_number: position.line_index + 1, column_number: column_index + 1 }
    }

    fn marks_within(&self, range: TextRange) -> &[Mark] {
        let marks = &self.inner.marks;
        let first = marks.partition_point(|mark| mark.offset <= range.start());
        let count = marks[first..].partition_point(|mark| mark.offset <= range.end());
        &marks[first..first + count]
    }
}

impl Mark {
    fn units(&self, encoding: ColumnEncoding) -> u32 {
        if encoding == ColumnEncoding::Utf16 { self.utf16_units } else { self.characters }
    }
}

/// The width of a text that is not counted in bytes.
fn count(text: &str, encoding: ColumnEncoding) -> u32 {
    let units = if encoding == ColumnEncoding::Utf16 { text.encode_utf16().count() } else { text.chars().count() };
    units as u32
}

fn size_of(bytes: usize) -> TextSize {
    TextSize::try_from(bytes).expect("a source text is shorter than 4 GiB (MAX_SOURCE_BYTES)")
}
