//! A file's text as renderers need it.

use std::sync::{Arc, OnceLock};

use cinder_text::LineIndex;

use crate::Diagnostic;

/// A file's path as users know it, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<str>,
    line_index: OnceLock<LineIndex>,
}

impl SourceFile {
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into(), line_index: OnceLock::new() }
    }

    /// As `new`, when the caller has the line index already.
    pub fn with_line_index(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>, line_index: LineIndex) -> Self {
        let file = Self::new(path, text);
        // The cell is new and empty.
        let _ = file.line_index.set(line_index);
        file
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Made at the first call.
    pub fn line_index(&self) -> &LineIndex {
        self.line_index.get_or_init(|| LineIndex::new(&self.text))
    }
}

/// A file and what was found in it.
#[derive(Debug, Clone)]
pub struct FileDiagnostics {
    pub file: SourceFile,
    /// Rendered in this order.
    pub diagnostics: Vec<Diagnostic>,
}
