//! What the checker finds: position-relative, so that findings survive edits elsewhere.

use cinder_text::TextRange;

use crate::rules::Rule;

/// One mistake. The range is in the tree the unit was checked from; the database layer lifts it to the file.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Finding {
    pub rule: Rule,
    pub range: TextRange,
    pub message: String,
    /// Where else to look, with a short text each.
    pub notes: Vec<(TextRange, String)>,
    pub help: Option<String>,
}

impl Finding {
    pub fn new(rule: Rule, range: TextRange, message: impl Into<String>) -> Self {
        Self { rule, range, message: message.into(), notes: Vec::new(), help: None }
    }

    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn with_note(mut self, range: TextRange, note: impl Into<String>) -> Self {
        self.notes.push((range, note.into()));
        self
    }
}
