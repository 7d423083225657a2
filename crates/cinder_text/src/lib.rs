//! Offsets, ranges, line index and column encodings.
//!
//! Problem: every stage speaks of places in a source text, yet users count lines and characters, editors count
//! UTF-16 units and the parser counts bytes.
//! Idea: inside cinder a place is always a byte offset ([`TextSize`]) or a half-open byte range ([`TextRange`]);
//! [`LineIndex`] translates at the borders, and each translation names its [`ColumnEncoding`].
//! Holds: a translation never panics. Offsets beyond the text or inside a character are moved to the nearest
//! earlier place that exists, because they come from outside (an editor, a stale file).
//!
//! This crate is the one door to `ruff_text_size` and `ruff_source_file`.

#![forbid(unsafe_code)]

mod line_index;

pub use line_index::{ColumnEncoding, LineColumn, LineIndex, Position};
pub use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};

/// The longest source text cinder accepts, in bytes: offsets are 32 bits wide.
pub const MAX_SOURCE_BYTES: usize = (u32::MAX - 1) as usize;

/// The part of `text` that `range` covers, with `range` cut to the text and to character boundaries.
pub fn slice(text: &str, range: TextRange) -> &str {
    let start = floor_char_boundary(text, range.start().to_usize());
    let end = floor_char_boundary(text, range.end().to_usize());
    &text[start..end]
}

/// The greatest character boundary of `text` that is not after byte `offset`.
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests;
