//! What cannot be compiled.

use cinder_syntax::SyntaxErrorKind;
use cinder_text::TextRange;

/// A `SyntaxError` of CPython's compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Which exception class a running program sees.
    pub kind: SyntaxErrorKind,
    pub message: String,
    pub range: TextRange,
}
