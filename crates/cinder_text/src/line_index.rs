//! Byte offsets to lines and columns, and back.
//!
//! Lines end at `\n`, `\r\n` or a lone `\r`, as Python's tokenizer reads them; a form feed or a Unicode line
//! separator ends no line.

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
}

impl LineIndex {
    /// Cost: one pass over `text`.
    ///
    /// Panics: when `text` is longer than [`crate::MAX_SOURCE_BYTES`]; loading a file checks this first.
    pub fn new(text: &str) -> Self {
        let index = ruff_source_file::LineIndex::from_source_text(text);
        let starts = index.line_starts().to_vec();
        Self { inner: Arc::new(Inner { starts, is_ascii: text.is_ascii() }) }
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
    /// Cost: a binary search, and a walk along the line when the text is not ASCII.
    pub fn position(&self, text: &str, offset: TextSize, encoding: ColumnEncoding) -> Position {
        let offset = floor_char_boundary(text, offset.to_usize());
        let line_index = self.line_of(size_of(offset));
        let before = &text[self.line_start(text, line_index).to_usize()..offset];
        Position { line_index, column_index: self.count(before, encoding) as u32 }
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
            let mut units = 0;
            let mut end = line.len();
            for (at, character) in line.char_indices() {
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

    fn count(&self, text: &str, encoding: ColumnEncoding) -> usize {
        match encoding {
            _ if self.inner.is_ascii => text.len(),
            ColumnEncoding::Utf8 => text.len(),
            ColumnEncoding::Utf16 => text.encode_utf16().count(),
            ColumnEncoding::Utf32 => text.chars().count(),
        }
    }
}

fn size_of(bytes: usize) -> TextSize {
    TextSize::try_from(bytes).expect("a source text is shorter than 4 GiB (MAX_SOURCE_BYTES)")
}
