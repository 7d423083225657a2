//! Syntax errors in CPython's words.
//!
//! Problem: programs see the text of a `SyntaxError`, and people search the web for it; the parser has its own wording.
//! Idea: each parser error and each semantic error is put into the words CPython 3.14 uses for the same mistake, as
//! far as there is one; the rest keep the parser's description, which is often more exact than "invalid syntax".
//! Source: CPython `Grammar/python.gram`, `Parser/pegen_errors.c`, `Python/symtable.c`, `Python/codegen.c`.

use cinder_text::TextRange;

/// Which exception class CPython raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    Syntax,
    Indentation,
    Tab,
    /// The text nests deeper than any stage can follow (CPython: `MemoryError` or `RecursionError`).
    TooComplex,
}

impl SyntaxErrorKind {
    /// The name of the exception class a running program sees.
    pub fn exception_name(self) -> &'static str {
        match self {
            SyntaxErrorKind::Syntax | SyntaxErrorKind::TooComplex => "SyntaxError",
            SyntaxErrorKind::Indentation => "IndentationError",
            SyntaxErrorKind::Tab => "TabError",
        }
    }
}

/// The step of CPython's compiler that finds the error. Later steps run only when the earlier ones found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// No token can be made of the text. A parser that fails reads on to the end of the text for these first
    /// (`_PyPegen_tokenize_full_source_to_check_for_errors`).
    Tokenize,
    Parse,
    Symbols,
    Compile,
}

impl Phase {
    /// Whether there is no tree after it.
    pub fn is_parsing(self) -> bool {
        self <= Phase::Parse
    }
}

/// A mistake in the user's program that keeps it from being compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    pub kind: SyntaxErrorKind,
    pub phase: Phase,
    /// One sentence without a final stop, as `str(exception)` begins.
    pub message: String,
    /// The place; never outside the text.
    pub range: TextRange,
}

impl SyntaxError {
    pub(crate) fn new(kind: SyntaxErrorKind, message: impl Into<String>, range: TextRange) -> Self {
        Self { kind, phase: Phase::Parse, message: message.into(), range }
    }

    pub(crate) fn at_phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }
}
