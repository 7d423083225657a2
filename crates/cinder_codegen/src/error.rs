//! What cannot be compiled.

use cinder_syntax::{Phase, SyntaxErrorKind};
use cinder_text::TextRange;

/// A `SyntaxError` of CPython's compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Which exception class a running program sees.
    pub kind: SyntaxErrorKind,
    /// The step that found it: CPython shows places of later steps than parsing in bytes, and only text that it finds in a file.
    pub phase: Phase,
    pub message: String,
    pub range: TextRange,
}
