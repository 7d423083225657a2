//! Which characters can come next: what a match must go on with, known before it is tried.
//!
//! Problem: a choice that the next character already decides costs an entry on the stack and a way back.
//! Idea: for every instruction the set of characters that a successful run from it may consume first, as a bitmap of Latin-1 and one bit for all others; a run that
//! may succeed without a character has no such set.
//! Holds: a filter refuses only what the instruction refuses; it may accept more.

use super::program::{Inst, One, Set};

/// Characters that may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Filter {
    latin: [u64; 4],
    /// Characters beyond Latin-1.
    wide: bool,
    /// Anything, the end of the text too.
    any: bool,
}

const NOTHING: Filter = Filter { latin: [0; 4], wide: false, any: false };
const ANYTHING: Filter = Filter { latin: [u64::MAX; 4], wide: true, any: true };
/// Rounds after which filters are given up; a round more is needed for each loop within a loop.
const MOST_ROUNDS: usize = 32;

impl Filter {
    /// Whether it refuses something.
    #[inline(always)]
    pub(super) fn is_useful(&self) -> bool {
        !self.any
    }

    #[inline(always)]
    pub(super) fn has(&self, c: u32) -> bool {
        if c < 256 { self.latin[(c >> 6) as usize] >> (c & 63) & 1 == 1 } else { self.wide }
    }

    /// Whether a run may go on at the character, or at the end.
    #[inline(always)]
    pub(super) fn passes(&self, next: Option<u32>) -> bool {
        self.any || next.is_some_and(|c| self.has(c))
    }

    /// The Latin-1 characters it accepts, in order.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        let latin = self.latin;
        (0..=255u8).filter(move |byte| latin[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1)
    }

    /// Whether it accepts characters beyond Latin-1.
    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    fn of_one(one: One, sets: &[Set]) -> Filter {
        match one {
            One::All => Filter { any: false, ..ANYTHING },
            One::Set(set) => Filter { latin: sets[set as usize].latin(), wide: true, any: false },
            One::Char(c) if c < 256 => {
                let mut filter = NOTHING;
                filter.latin[(c >> 6) as usize] = 1 << (c & 63);
                filter
            }
            One::Char(_) => Filter { wide: true, ..NOTHING },
        }
    }

    fn or(self, other: Filter) -> Filter {
        let mut latin = self.latin;
        latin.iter_mut().zip(other.latin).for_each(|(word, more)| *word |= more);
        Filter { latin, wide: self.wide || other.wide, any: self.any || other.any }
    }
}

/// The filter of every instruction: the least ones that fit together, found from below.
pub(super) fn filters(insts: &[Inst], sets: &[Set]) -> Vec<Filter> {
    let mut filters = vec![NOTHING; insts.len()];
    for _ in 0..MOST_ROUNDS {
        let mut is_stable = true;
        for index in (0..insts.len()).rev() {
            let of = |index: usize| filters.get(index).copied().unwrap_or(ANYTHING);
            let at = |number: u32| of(number as usize);
            let filter = match insts[index] {
                Inst::Success | Inst::Group(_) => ANYTHING,
                Inst::Fail => NOTHING,
                Inst::One(one) => Filter::of_one(one, sets),
                Inst::Mark(_) | Inst::At(_) | Inst::LoopStart { .. } => of(index + 1),
                Inst::Split { other } | Inst::GroupExists { other, .. } => of(index + 1).or(at(other)),
                Inst::Jump(to) => at(to),
                Inst::Assert { next, .. } => at(next),
                Inst::Repeat { one, min, .. } => {
                    let own = Filter::of_one(one, sets);
                    if min > 0 { own } else { own.or(of(index + 1)) }
                }
                Inst::Until { next, .. } => of(index + 1).or(at(next)),
            };
            is_stable &= filters[index] == filter;
            filters[index] = filter;
        }
        if is_stable {
            return filters;
        }
    }
    vec![ANYTHING; insts.len()]
}
