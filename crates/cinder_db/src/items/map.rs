//! From ranges in pieces to ranges in the file.

use cinder_text::{TextRange, TextSize};

/// Where the pieces of one file stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// One per function, in the order of [`ModuleItems::functions`](super::ModuleItems::functions).
    pub functions: Box<[Anchor]>,
    /// Pieces of the item tree's text, sorted by `start` and without gaps.
    pub segments: Box<[Segment]>,
}

/// What has to be added to a function's offsets. Wraps, because a wrapper line in front of an indented function may be longer than what
/// precedes it in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub(super) base: u32,
    /// The function's lines in the file.
    pub range: TextRange,
}

impl Anchor {
    pub fn lift(self, range: TextRange) -> TextRange {
        TextRange::new(self.lift_offset(range.start()), self.lift_offset(range.end()))
    }

    /// The offset in the function's tree of an offset in the file.
    pub fn lower_offset(self, offset: TextSize) -> TextSize {
        TextSize::new(offset.to_u32().wrapping_sub(self.base))
    }

    fn lift_offset(self, offset: TextSize) -> TextSize {
        let lifted = TextSize::new(offset.to_u32().wrapping_add(self.base));
        lifted.clamp(self.range.start(), self.range.end())
    }
}

/// A piece of the item tree's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins in the item tree's text.
    pub start: TextSize,
    /// Where it comes from in the file. A piece made up by us (a stub) has the empty range where it would stand.
    pub source: TextRange,
}

impl SourceMap {
    /// The range in the file of a range in the item tree's text.
    pub fn lift_module(&self, range: TextRange) -> TextRange {
        let start = self.lift_offset(range.start(), false);
        // An end belongs to the piece of the character before it.
        let end = if range.is_empty() { start } else { self.lift_offset(range.end(), true) };
        TextRange::new(start, end.max(start))
    }

    fn lift_offset(&self, offset: TextSize, is_end: bool) -> TextSize {
        let after = self
            .segments
            .partition_point(|segment| if is_end { segment.start < offset } else { segment.start <= offset });
        match after.checked_sub(1).map(|index| self.segments[index]) {
            Some(segment) => (segment.source.start() + (offset - segment.start)).min(segment.source.end()),
            None => TextSize::new(0),
        }
    }
}
