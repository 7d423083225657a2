//! Open documents and how edits change them.
//!
//! Idea: a document is one string; each change makes the line index anew, which is cheap against parsing. The database hears of it only when
//! somebody asks, so a burst of edits costs one write.
//! Holds: positions are clamped to the text; an edit that cannot be applied, or a version that runs backwards, puts the document *out of step*: edits to
//! parts are then ignored until the client sends the whole text again, because applying them would only spread the damage.

use std::sync::Arc;

use cinder_text::{ColumnEncoding, LineIndex, Position};
use lsp_types::{Range, TextDocumentContentChangeEvent};

#[derive(Debug)]
pub(crate) struct Document {
    text: Arc<str>,
    pub(crate) version: i32,
    pub(crate) is_out_of_step: bool,
    /// The database has an older text.
    pub(crate) is_dirty: bool,
}

impl Document {
    pub(crate) fn new(text: &str, version: i32) -> Document {
        Document { text: text.into(), version, is_out_of_step: false, is_dirty: true }
    }

    pub(crate) fn text(&self) -> Arc<str> {
        self.text.clone()
    }

    /// Applies changes in order.
    ///
    /// Errors: why the document is now out of step; said once.
    pub(crate) fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: ColumnEncoding,
    ) -> Result<(), String> {
        let was_out_of_step = self.is_out_of_step;
        let has_whole_text = changes.iter().any(|change| change.range.is_none());
        if version <= self.version && !has_whole_text && !self.is_out_of_step {
            self.is_out_of_step = true;
            return Err(format!("version {version} came after version {}", self.version));
        }
        self.version = version;
        for change in changes {
            self.is_dirty = true;
            match change.range {
                None => {
                    self.text = change.text.into();
                    self.is_out_of_step = false;
                }
                Some(_) if self.is_out_of_step => {}
                Some(range) => self.replace(range, &change.text, encoding),
            }
        }
        match self.is_out_of_step && !was_out_of_step {
            true => Err("an edit ends before it begins".to_string()),
            false => Ok(()),
        }
    }

    fn replace(&mut self, range: Range, by: &str, encoding: ColumnEncoding) {
        let lines = LineIndex::new(&self.text);
        let offset = |position: lsp_types::Position| {
            let position = Position { line_index: position.line, column_index: position.character };
            lines.offset(&self.text, position, encoding).to_usize()
        };
        let (start, end) = (offset(range.start), offset(range.end));
        if end < start {
            self.is_out_of_step = true;
            return;
        }
        if self.text.len() - (end - start) + by.len() > cinder_text::MAX_SOURCE_BYTES {
            self.is_out_of_step = true;
            return;
        }
        let mut text = String::with_capacity(self.text.len() - (end - start) + by.len());
        text.push_str(&self.text[..start]);
        text.push_str(by);
        text.push_str(&self.text[end..]);
        self.text = text.into();
    }
}

#[cfg(test)]
mod tests;
