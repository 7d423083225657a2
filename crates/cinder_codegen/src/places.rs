//! Places of a tree that was not parsed from the text that is compiled.
//!
//! Problem: a tree that a program built has places of its own; the text written for it has others.
//! Idea: the writer notes for each piece of text which place it stands for; code generation asks here in place of the line index.

use cinder_text::{TextRange, TextSize};

/// Units: lines from 1, columns in bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// Shape: pieces nest; ordered by start, the longer first.
#[derive(Debug, Clone, Default)]
pub struct Places {
    entries: Vec<(u32, u32, Place)>,
}

impl Places {
    /// From start, end (exclusive, in bytes) and place of each piece.
    pub fn new(mut entries: Vec<(u32, u32, Place)>) -> Self {
        entries.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        Self { entries }
    }

    /// The place of the smallest piece that covers `range`.
    pub fn of_range(&self, range: TextRange) -> Option<Place> {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        let upper = self.entries.partition_point(|entry| entry.0 <= start);
        self.entries[..upper].iter().rev().find(|entry| entry.1 >= end).map(|entry| entry.2)
    }

    /// The line of the smallest piece that covers `offset`, else of the next one.
    pub fn line_of(&self, offset: TextSize) -> u32 {
        let place = self.of_range(TextRange::empty(offset)).or_else(|| {
            let next = self.entries.partition_point(|entry| entry.0 < u32::from(offset));
            self.entries.get(next).map(|entry| entry.2)
        });
        place.map_or(1, |place| place.line)
    }
}
