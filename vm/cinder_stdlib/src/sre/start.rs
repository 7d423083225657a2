//! Where matches can begin: the loop over places where nothing begins.
//!
//! Idea: what the first instructions ask for becomes the fastest search that knows it: a literal, one to three bytes, or a table of bytes.
//! Holds: no place where a match begins is passed over.

use memchr::memmem::Finder;

use super::filter::Filter;
use super::machine::Unit;
use super::program::{Inst, One};

/// What a match begins with.
pub(super) enum Start {
    Anywhere,
    /// These characters, at least two, all of Latin-1. The filter is for texts in which they are not bytes.
    Literal(Box<Finder<'static>>, Filter),
    One(u8),
    Two(u8, u8),
    Three(u8, u8, u8),
    /// Latin-1 characters by number, and whether others.
    Table(Box<[bool; 256]>, bool),
}

impl Start {
    pub(super) fn of(insts: &[Inst], filters: &[Filter]) -> Start {
        let Some(filter) = filters.first().filter(|filter| filter.is_useful()) else { return Start::Anywhere };
        let literal: Vec<u8> = insts
            .iter()
            .filter(|inst| !matches!(inst, Inst::Mark(_)))
            .map_while(|inst| match inst {
                Inst::One(One::Char(c)) => u8::try_from(*c).ok(),
                _ => None,
            })
            .collect();
        if literal.len() > 1 {
            return Start::Literal(Box::new(Finder::new(&literal).into_owned()), *filter);
        }
        let bytes: Vec<u8> = filter.bytes().collect();
        match *bytes {
            [a] if !filter.is_wide() => Start::One(a),
            [a, b] if !filter.is_wide() => Start::Two(a, b),
            [a, b, c] if !filter.is_wide() => Start::Three(a, b, c),
            _ => {
                let mut table = Box::new([false; 256]);
                bytes.iter().for_each(|byte| table[usize::from(*byte)] = true);
                Start::Table(table, filter.is_wide())
            }
        }
    }

    /// The first place of the text where a match may begin.
    pub(super) fn find<T: Unit>(&self, text: &[T]) -> Option<usize> {
        let has = |unit: &T, bytes: &[u8]| bytes.iter().any(|byte| unit.point() == u32::from(*byte));
        match (self, T::as_bytes(text)) {
            (Start::Anywhere, _) => Some(0),
            (Start::Literal(finder, _), Some(text)) => finder.find(text),
            (Start::Literal(_, filter), None) => text.iter().position(|unit| filter.has(unit.point())),
            (Start::One(a), Some(text)) => memchr::memchr(*a, text),
            (Start::Two(a, b), Some(text)) => memchr::memchr2(*a, *b, text),
            (Start::Three(a, b, c), Some(text)) => memchr::memchr3(*a, *b, *c, text),
            (Start::One(a), None) => text.iter().position(|unit| has(unit, &[*a])),
            (Start::Two(a, b), None) => text.iter().position(|unit| has(unit, &[*a, *b])),
            (Start::Three(a, b, c), None) => text.iter().position(|unit| has(unit, &[*a, *b, *c])),
            (Start::Table(table, _), Some(text)) => text.iter().position(|byte| table[usize::from(*byte)]),
            (Start::Table(table, wide), None) => {
                text.iter().position(|unit| *table.get(unit.point() as usize).unwrap_or(wide))
            }
        }
    }
}
