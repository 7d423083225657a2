//! What cannot be compiled.

use cinder_text::TextRange;

/// A `SyntaxError` of CPython's compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    pub message: String,
    pub range: TextRange,
}
