//! Errors of scoping, with the words of CPython.

use cinder_text::TextRange;

/// A scoping mistake. CPython raises it as a `SyntaxError` at `range`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolError {
    pub message: String,
    pub range: TextRange,
}
