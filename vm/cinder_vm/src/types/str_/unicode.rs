//! Character classes and case, as `str`'s methods ask for them.
//!
//! Two-stage tables: a code point's block, its place in the block, a record shared by all code points of equal properties. The tables are
//! asked from CPython (tools/unicode_tables.py), so that both speak the same version of Unicode. Source: Objects/unicodectype.c.

#[rustfmt::skip]
mod generated;

use generated::{BLOCKS, EXTENDED, PLACES, RECORDS, SHIFT, flag};

/// What is known about a code point.
struct Record {
    flags: u16,
    /// Value of a decimal digit.
    decimal: u8,
    /// Distances to the mapped code point; from [`EXTENDED_FIRST`] on numbers of sequences.
    upper: i32,
    lower: i32,
    title: i32,
    folded: i32,
}

const EXTENDED_FIRST: i32 = 0x100_0000;

impl Record {
    const fn new(flags: u16, decimal: u8, upper: i32, lower: i32, title: i32, folded: i32) -> Record {
        Record { flags, decimal, upper, lower, title, folded }
    }
}

#[inline]
fn record(c: u32) -> &'static Record {
    let block = usize::from(BLOCKS[(c >> SHIFT) as usize]);
    &RECORDS[usize::from(PLACES[(block << SHIFT) + (c & ((1 << SHIFT) - 1)) as usize])]
}

#[inline]
fn has(c: u32, flags: u16) -> bool {
    record(c).flags & flags != 0
}

/// Appends what `mapping` makes of `c`.
fn push_mapped(c: u32, mapping: i32, out: &mut Vec<u32>) {
    if mapping < EXTENDED_FIRST {
        out.push(c.wrapping_add_signed(mapping));
    } else {
        out.extend(EXTENDED[(mapping - EXTENDED_FIRST) as usize].iter().copied().take_while(|c| *c != 0));
    }
}

/// `str.isspace` and what `split()` and `strip()` cut.
#[inline]
pub fn is_space(c: u32) -> bool {
    matches!(c, 0x09..=0x0d | 0x1c..=0x20 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

/// Where `splitlines` cuts.
#[inline]
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Value of a decimal digit of any script.
pub fn decimal_digit(c: u32) -> Option<u32> {
    let record = record(c);
    if record.flags & flag::DECIMAL != 0 { Some(u32::from(record.decimal)) } else { None }
}

pub fn is_alpha(c: u32) -> bool {
    has(c, flag::ALPHA)
}

pub fn is_alphanumeric(c: u32) -> bool {
    has(c, flag::ALPHA | flag::DECIMAL | flag::DIGIT | flag::NUMERIC)
}

pub fn is_decimal(c: u32) -> bool {
    has(c, flag::DECIMAL)
}

/// Decimal digits and the digits that stand alone: superscripts, circled digits and the like.
pub fn is_digit(c: u32) -> bool {
    has(c, flag::DIGIT)
}

/// Characters with a numeric value, Chinese numerals included.
pub fn is_numeric(c: u32) -> bool {
    has(c, flag::NUMERIC)
}

/// What `repr` shows as it is.
pub fn is_printable(c: u32) -> bool {
    has(c, flag::PRINTABLE)
}

pub fn is_lower(c: u32) -> bool {
    has(c, flag::LOWER)
}

pub fn is_upper(c: u32) -> bool {
    has(c, flag::UPPER)
}

pub fn is_title(c: u32) -> bool {
    has(c, flag::TITLE)
}

/// Whether the character has a case.
pub fn is_cased(c: u32) -> bool {
    has(c, flag::CASED)
}

/// Skipped when looking for the neighbours of a sigma.
fn is_case_ignorable(c: u32) -> bool {
    has(c, flag::IGNORABLE)
}

/// May begin an identifier; the underscore may.
pub fn is_identifier_start(c: u32) -> bool {
    has(c, flag::START)
}

/// May follow in an identifier.
pub fn is_identifier_continue(c: u32) -> bool {
    has(c, flag::CONTINUE)
}

pub fn to_upper(c: u32, out: &mut Vec<u32>) {
    push_mapped(c, record(c).upper, out);
}

/// Lower case; a capital sigma at the end of a word becomes the final form.
pub fn to_lower(chars: &[u32], index: usize, out: &mut Vec<u32>) {
    let c = chars[index];
    if c == 0x3a3 {
        let before = chars[..index].iter().rev().find(|c| !is_case_ignorable(**c)).is_some_and(|c| is_cased(*c));
        let after = chars[index + 1..].iter().find(|c| !is_case_ignorable(**c)).is_some_and(|c| is_cased(*c));
        out.push(if before && !after { 0x3c2 } else { 0x3c3 });
        return;
    }
    push_mapped(c, record(c).lower, out);
}

/// Title case of a word's first letter.
pub fn to_title(c: u32, out: &mut Vec<u32>) {
    push_mapped(c, record(c).title, out);
}

/// Full case folding.
pub fn to_folded(c: u32, out: &mut Vec<u32>) {
    push_mapped(c, record(c).folded, out);
}
