//! The backtracking machine that runs [`super::program::Program`].
//!
//! Idea: a stack of what to try next, with the old values of marks and loop counters between the choices: going back takes entries off until one says where to go on,
//! and restores what was changed since. Text is looked at in its own width.
//! Holds: native recursion is as deep as assertions are nested in the pattern. Below `base` a sub-run changes nothing.

use rustpython_sre_engine::SreAtCode;

use super::program::{Inst, One, Program};
use super::start::Start;

/// `*` without upper bound.
const UNBOUNDED: u32 = u32::MAX;
/// No position.
const NOWHERE: usize = usize::MAX;

#[derive(Clone, Copy)]
enum Entry {
    Resume {
        pc: u32,
        pos: usize,
    },
    /// A greedy repeat that may give characters back down to `least`.
    Greedy {
        pc: u32,
        least: usize,
        pos: usize,
    },
    /// A lazy repeat that has taken `count` characters up to `pos`.
    Lazy {
        pc: u32,
        count: usize,
        pos: usize,
    },
    /// A lazy loop that may take another turn.
    Turn {
        pc: u32,
        pos: usize,
    },
    Mark {
        mark: u32,
        old: usize,
        last_group: i64,
    },
    Loop {
        slot: u32,
        count: usize,
        last: usize,
    },
}

/// A match.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) last_group: i64,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_full: bool,
    /// The match at `start` must not be empty.
    pub(super) must_advance: bool,
}

/// A character in a string's own width.
pub(super) trait Unit: Copy {
    fn point(self) -> u32;

    /// The text when its characters are bytes.
    #[inline(always)]
    fn as_bytes(text: &[Self]) -> Option<&[u8]> {
        let _ = text;
        None
    }
}

impl Unit for u8 {
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }

    #[inline(always)]
    fn as_bytes(text: &[u8]) -> Option<&[u8]> {
        Some(text)
    }
}

impl Unit for u16 {
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }
}

impl Unit for u32 {
    #[inline(always)]
    fn point(self) -> u32 {
        self
    }
}

/// Storage that machines hand on.
#[derive(Default)]
pub(super) struct Scratch {
    stack: Vec<Entry>,
    /// Two per group.
    pub(super) marks: Vec<usize>,
    /// Turns taken and the position of the last one, by loop.
    loops: Vec<(usize, usize)>,
}

impl Scratch {
    /// Gives up storage that a hard match has taken.
    pub(super) fn shrink(&mut self) {
        const MANY: usize = 1 << 14;
        if self.stack.capacity() > MANY {
            self.stack = Vec::new();
        }
    }
}

/// Whether a repeat that has `count` may take one more.
#[inline(always)]
fn is_below(count: usize, max: u32) -> bool {
    count < max as usize || max == UNBOUNDED
}

struct Machine<'m, T> {
    program: &'m Program,
    text: &'m [T],
    wish: Wish,
    scratch: &'m mut Scratch,
    last_group: i64,
}

/// Finds the first match at or behind `wish.start`; at it only without `searches`.
pub(super) fn find<T: Unit>(
    program: &Program,
    groups: usize,
    text: &[T],
    wish: Wish,
    searches: bool,
    scratch: &mut Scratch,
) -> Option<Found> {
    scratch.stack.clear();
    scratch.marks.clear();
    scratch.marks.resize(groups * 2, NOWHERE);
    scratch.loops.clear();
    scratch.loops.resize(program.loops, (0, NOWHERE));
    let mut machine = Machine { program, text, wish, scratch, last_group: -1 };
    let mut start = wish.start;
    loop {
        if searches {
            start = machine.next_start(start)?;
        }
        if let Some(end) = machine.run(0, start, 0, true) {
            return Some(Found { start, end, last_group: machine.last_group });
        }
        if !searches || start >= wish.end || (program.is_anchored && start >= wish.start) {
            return None;
        }
        start += 1;
        // Only at the place where the last match ended is an empty one refused.
        machine.wish.must_advance = false;
    }
}

impl<T: Unit> Machine<'_, T> {
    /// The first place from `start` on where a match may begin.
    fn next_start(&self, start: usize) -> Option<usize> {
        if let Start::Anywhere = self.program.start {
            return Some(start);
        }
        let distance = self.program.start.find(self.text.get(start..self.wish.end)?);
        distance.map(|distance| start + distance)
    }

    /// Whether a run from instruction `pc` may succeed at `pos`, as far as the next character tells.
    #[inline(always)]
    fn may_go_on(&self, pc: u32, pos: usize) -> bool {
        let next = if pos < self.wish.end { Some(self.text[pos].point()) } else { None };
        self.program.filters[pc as usize].passes(next)
    }

    #[inline(always)]
    fn accepts(&self, one: One, pos: usize) -> bool {
        if pos >= self.wish.end {
            return false;
        }
        let c = self.text[pos].point();
        match one {
            One::Char(wanted) => c == wanted,
            One::All => true,
            One::Set(set) => self.program.sets[set as usize].has(c),
        }
    }

    /// How many of at most `max` characters from `pos` on are accepted.
    fn count(&self, one: One, pos: usize, max: usize) -> usize {
        let rest = &self.text[pos..self.wish.end];
        let rest = &rest[..rest.len().min(max)];
        let stop = match one {
            One::All => None,
            One::Char(c) => rest.iter().position(|unit| unit.point() != c),
            One::Set(set) => {
                let set = &self.program.sets[set as usize];
                rest.iter().position(|unit| !set.has(unit.point()))
            }
        };
        stop.unwrap_or(rest.len())
    }

    /// The last place from `pos` down to `least` where instruction `pc` may go on.
    fn place_before(&self, pc: u32, least: usize, pos: usize) -> Option<usize> {
        if !self.program.filters[pc as usize].is_useful() {
            return Some(pos);
        }
        (least..=pos).rev().find(|pos| self.may_go_on(pc, *pos))
    }

    /// Takes characters for the lazy repeat at `pc`, which has `count` up to `pos`, until what follows may go on.
    fn take_lazily(&mut self, pc: u32, mut count: usize, mut pos: usize) -> Option<usize> {
        let Inst::Repeat { one, max, .. } = self.program.insts[pc as usize] else { return None };
        while !self.may_go_on(pc + 1, pos) {
            if !is_below(count, max) || !self.accepts(one, pos) {
                return None;
            }
            count += 1;
            pos += 1;
        }
        self.scratch.stack.push(Entry::Lazy { pc, count, pos });
        Some(pos)
    }

    /// Runs from instruction `pc` at `pos`; the end of the match. Choices that are left stay on the stack above `base`.
    fn run(&mut self, mut pc: u32, mut pos: usize, base: usize, is_whole: bool) -> Option<usize> {
        loop {
            let goes_on = match self.program.insts[pc as usize] {
                Inst::One(one) => {
                    let accepted = self.accepts(one, pos);
                    pc += 1;
                    pos += 1;
                    accepted
                }
                Inst::Mark(mark) => {
                    self.set_mark(mark, pos);
                    pc += 1;
                    true
                }
                Inst::Split { other } => {
                    if !self.may_go_on(pc + 1, pos) {
                        pc = other;
                    } else {
                        if self.may_go_on(other, pos) {
                            self.scratch.stack.push(Entry::Resume { pc: other, pos });
                        }
                        pc += 1;
                    }
                    true
                }
                Inst::Jump(to) => {
                    pc = to;
                    true
                }
                Inst::Repeat { one, min, max, is_lazy } => {
                    let min = min as usize;
                    let limit = match max {
                        _ if is_lazy => min,
                        UNBOUNDED => usize::MAX,
                        max => max as usize,
                    };
                    let count = self.count(one, pos, limit);
                    if count < min {
                        false
                    } else if is_lazy {
                        match self.take_lazily(pc, count, pos + count) {
                            None => false,
                            Some(place) => {
                                pos = place;
                                pc += 1;
                                true
                            }
                        }
                    } else {
                        match self.place_before(pc + 1, pos + min, pos + count) {
                            None => false,
                            Some(place) => {
                                if place > pos + min {
                                    self.scratch.stack.push(Entry::Greedy { pc, least: pos + min, pos: place });
                                }
                                pos = place;
                                pc += 1;
                                true
                            }
                        }
                    }
                }
                Inst::LoopStart { slot } => {
                    self.set_loop(slot, 0, NOWHERE);
                    pc += 1;
                    true
                }
                Inst::Until { slot, min, max, next, is_lazy } => {
                    let (count, last) = self.scratch.loops[slot as usize];
                    if count < min as usize {
                        self.set_loop(slot, count + 1, last);
                        pc += 1;
                    } else if is_lazy {
                        self.scratch.stack.push(Entry::Turn { pc, pos });
                        pc = next;
                    } else if is_below(count, max) && pos != last && self.may_go_on(pc + 1, pos) {
                        if self.may_go_on(next, pos) {
                            self.scratch.stack.push(Entry::Resume { pc: next, pos });
                        }
                        self.set_loop(slot, count + 1, pos);
                        pc += 1;
                    } else {
                        pc = next;
                    }
                    true
                }
                Inst::At(at) => {
                    pc += 1;
                    self.is_at(at, pos)
                }
                Inst::Assert { negative, back, next } => {
                    let held = self.assert(pc + 1, pos, back as usize, negative);
                    pc = next;
                    held
                }
                Inst::Group(group) => {
                    pc += 1;
                    match self.group_end(group as usize, pos) {
                        Some(end) => {
                            pos = end;
                            true
                        }
                        None => false,
                    }
                }
                Inst::GroupExists { group, other } => {
                    pc = if self.group(group as usize).is_some() { pc + 1 } else { other };
                    true
                }
                Inst::Success => {
                    let refused = is_whole
                        && ((self.wish.is_full && pos != self.wish.end)
                            || (self.wish.must_advance && pos == self.wish.start));
                    if !refused {
                        return Some(pos);
                    }
                    false
                }
                Inst::Fail => false,
            };
            if !goes_on {
                (pc, pos) = self.back(base)?;
            }
        }
    }

    fn set_mark(&mut self, mark: u32, pos: usize) {
        let old = std::mem::replace(&mut self.scratch.marks[mark as usize], pos);
        self.scratch.stack.push(Entry::Mark { mark, old, last_group: self.last_group });
        if mark % 2 == 1 {
            self.last_group = i64::from(mark / 2 + 1);
        }
    }

    fn set_loop(&mut self, slot: u32, count: usize, last: usize) {
        let (old_count, old_last) = std::mem::replace(&mut self.scratch.loops[slot as usize], (count, last));
        self.scratch.stack.push(Entry::Loop { slot, count: old_count, last: old_last });
    }

    /// Undoes one entry that changed something; `false` for a choice.
    fn undo(&mut self, entry: Entry) -> bool {
        match entry {
            Entry::Mark { mark, old, last_group } => {
                self.scratch.marks[mark as usize] = old;
                self.last_group = last_group;
                true
            }
            Entry::Loop { slot, count, last } => {
                self.scratch.loops[slot as usize] = (count, last);
                true
            }
            _ => false,
        }
    }

    /// Takes the latest choice above `base`: where to go on.
    fn back(&mut self, base: usize) -> Option<(u32, usize)> {
        while self.scratch.stack.len() > base {
            let entry = self.scratch.stack.pop()?;
            match entry {
                Entry::Resume { pc, pos } => return Some((pc, pos)),
                Entry::Greedy { pc, least, pos } => {
                    let Some(place) = self.place_before(pc + 1, least, pos - 1) else { continue };
                    if place > least {
                        self.scratch.stack.push(Entry::Greedy { pc, least, pos: place });
                    }
                    return Some((pc + 1, place));
                }
                Entry::Lazy { pc, count, pos } => {
                    let Inst::Repeat { one, max, .. } = self.program.insts[pc as usize] else { continue };
                    if is_below(count, max)
                        && self.accepts(one, pos)
                        && let Some(place) = self.take_lazily(pc, count + 1, pos + 1)
                    {
                        return Some((pc + 1, place));
                    }
                }
                Entry::Turn { pc, pos } => {
                    let Inst::Until { slot, max, .. } = self.program.insts[pc as usize] else { continue };
                    let (count, last) = self.scratch.loops[slot as usize];
                    if is_below(count, max) && pos != last {
                        self.set_loop(slot, count + 1, pos);
                        return Some((pc + 1, pos));
                    }
                }
                undone => {
                    self.undo(undone);
                }
            }
        }
        None
    }

    /// Whether the sub-pattern at `pc` matches `back` characters before `pos`, or does not.
    fn assert(&mut self, pc: u32, pos: usize, back: usize, negative: bool) -> bool {
        let Some(from) = pos.checked_sub(back) else { return negative };
        let base = self.scratch.stack.len();
        let matched = self.run(pc, from, base, false).is_some();
        if matched && !negative {
            // Its groups stay, and are given up with what led here; its choices are not tried again.
            let mut kept = base;
            for index in base..self.scratch.stack.len() {
                let entry = self.scratch.stack[index];
                if matches!(entry, Entry::Mark { .. } | Entry::Loop { .. }) {
                    self.scratch.stack[kept] = entry;
                    kept += 1;
                }
            }
            self.scratch.stack.truncate(kept);
        } else {
            while self.scratch.stack.len() > base {
                if let Some(entry) = self.scratch.stack.pop() {
                    self.undo(entry);
                }
            }
        }
        matched != negative
    }

    fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.scratch.marks[group * 2], self.scratch.marks[group * 2 + 1]);
        (start != NOWHERE && end != NOWHERE && start <= end).then_some((start, end))
    }

    /// Behind another occurrence of what the group has matched.
    fn group_end(&self, group: usize, pos: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let behind = pos + (end - start);
        if behind > self.wish.end {
            return None;
        }
        let same = (start..end).zip(pos..behind).all(|(a, b)| self.text[a].point() == self.text[b].point());
        same.then_some(behind)
    }

    fn is_at(&self, at: SreAtCode, pos: usize) -> bool {
        let end = self.wish.end;
        let is_newline = |pos: usize| self.text[pos].point() == u32::from('\n');
        match at {
            SreAtCode::BEGINNING | SreAtCode::BEGINNING_STRING => pos == 0,
            SreAtCode::BEGINNING_LINE => pos == 0 || is_newline(pos - 1),
            SreAtCode::END => pos == end || (pos + 1 == end && is_newline(pos)),
            SreAtCode::END_LINE => pos == end || is_newline(pos),
            SreAtCode::END_STRING => pos == end,
            SreAtCode::BOUNDARY => self.is_border(0, pos),
            SreAtCode::NON_BOUNDARY => !self.is_border(0, pos),
            SreAtCode::UNI_BOUNDARY => self.is_border(1, pos),
            SreAtCode::UNI_NON_BOUNDARY => !self.is_border(1, pos),
            SreAtCode::LOC_BOUNDARY | SreAtCode::LOC_NON_BOUNDARY => false,
        }
    }

    fn is_border(&self, words: usize, pos: usize) -> bool {
        let Some(set) = self.program.words[words].map(|set| &self.program.sets[set]) else { return false };
        let before = pos > 0 && set.has(self.text[pos - 1].point());
        let here = pos < self.wish.end && set.has(self.text[pos].point());
        before != here
    }
}
