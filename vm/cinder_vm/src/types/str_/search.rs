//! Finding, counting, slicing and joining of code points in strings of any width.

use std::borrow::Cow;

use cinder_heap::Gc;
use cinder_layout::Value;

use super::{Chars, PyStr};
use crate::native::PyResult;
use crate::vm::Vm;

/// Runs `$body` with `$items` bound to the code points as a slice of their width.
#[macro_export]
macro_rules! with_chars {
    ($text:expr, $items:ident => $body:expr) => {
        match $text.chars() {
            $crate::types::str_::Chars::One($items) => $body,
            $crate::types::str_::Chars::Two($items) => $body,
            $crate::types::str_::Chars::Four($items) => $body,
        }
    };
}

/// A code unit.
pub(crate) trait Unit: Copy + Eq + TryFrom<u32> + Into<u32> + 'static {
    /// The code point.
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }
}

impl Unit for u8 {}
impl Unit for u16 {}
impl Unit for u32 {}

/// The needle in the haystack's width; `None` when it has a character that the haystack cannot hold.
fn widened<T: Unit>(needle: &PyStr) -> Option<Cow<'_, [T]>> {
    needle.iter().map(|c| T::try_from(c).ok()).collect::<Option<Vec<T>>>().map(Cow::Owned)
}

fn find_units<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    if needle.len() > hay.len() {
        return None;
    }
    let last_start = hay.len() - needle.len();
    let mut at = 0;
    while at <= last_start {
        let offset = hay[at..=last_start].iter().position(|unit| unit == first)?;
        at += offset;
        if hay[at + 1..at + needle.len()] == *rest {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn rfind_units<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    if needle.len() > hay.len() {
        return None;
    }
    (0..=hay.len() - needle.len()).rev().find(|at| hay[*at..at + needle.len()] == *needle)
}

/// First place of `needle` in `hay[start..end]`.
pub(crate) fn find(hay: &PyStr, needle: &PyStr, start: usize, end: usize) -> Option<usize> {
    if start > end {
        return None;
    }
    if needle.is_empty() {
        return Some(start);
    }
    let found = match (hay.chars(), needle.chars()) {
        (Chars::One(hay), Chars::One(&[byte])) => memchr::memchr(byte, &hay[start..end]),
        (Chars::One(hay), Chars::One(needle)) => memchr::memmem::find(&hay[start..end], needle),
        (Chars::One(hay), _) => find_units(&hay[start..end], &widened(needle)?),
        (Chars::Two(hay), _) => find_units(&hay[start..end], &widened(needle)?),
        (Chars::Four(hay), _) => find_units(&hay[start..end], &widened(needle)?),
    };
    found.map(|at| at + start)
}

/// Last place of `needle` in `hay[start..end]`.
pub(crate) fn rfind(hay: &PyStr, needle: &PyStr, start: usize, end: usize) -> Option<usize> {
    if start > end {
        return None;
    }
    if needle.is_empty() {
        return Some(end);
    }
    let found = match (hay.chars(), needle.chars()) {
        (Chars::One(hay), Chars::One(&[byte])) => memchr::memrchr(byte, &hay[start..end]),
        (Chars::One(hay), Chars::One(needle)) => memchr::memmem::rfind(&hay[start..end], needle),
        (Chars::One(hay), _) => rfind_units(&hay[start..end], &widened(needle)?),
        (Chars::Two(hay), _) => rfind_units(&hay[start..end], &widened(needle)?),
        (Chars::Four(hay), _) => rfind_units(&hay[start..end], &widened(needle)?),
    };
    found.map(|at| at + start)
}

/// Whether `hay[at..]` begins with `needle`.
pub(crate) fn matches_at(hay: &PyStr, needle: &PyStr, at: usize) -> bool {
    at + needle.len() <= hay.len()
        && match (hay.chars(), needle.chars()) {
            (Chars::One(hay), Chars::One(needle)) => hay[at..at + needle.len()] == *needle,
            _ => needle.iter().enumerate().all(|(index, c)| hay.char_at(at + index) == c),
        }
}

/// Non-overlapping places of a non-empty needle, from left.
pub(crate) fn occurrences<'a>(
    hay: &'a PyStr,
    needle: &'a PyStr,
    start: usize,
    end: usize,
) -> impl Iterator<Item = usize> + 'a {
    let mut from = start;
    std::iter::from_fn(move || {
        let at = find(hay, needle, from, end)?;
        from = at + needle.len();
        Some(at)
    })
}

impl Vm {
    /// `text[start..end]`, in the smallest width.
    pub fn str_slice(&self, text: Gc<PyStr>, start: usize, end: usize) -> PyResult<Value> {
        if start == 0 && end == text.len() && self.is_exact_str(text.as_value()) {
            return Ok(text.as_value());
        }
        if end - start == 1 {
            return self.str_of_char(text.char_at(start));
        }
        match text.chars() {
            Chars::One(items) if text.ascii => self.new_str_raw(end - start, 1, true, |data| {
                let part = &items[start..end];
                // SAFETY: as many bytes were reserved at `data`.
                unsafe { data.copy_from_nonoverlapping(part.as_ptr(), part.len()) }
            }),
            Chars::One(items) => self.new_str_latin1(&items[start..end]),
            Chars::Two(items) => self.new_str_units(&items[start..end]),
            Chars::Four(items) => self.new_str_points(&items[start..end]),
        }
    }

    /// New string of 16-bit code points, in the smallest width.
    fn new_str_units(&self, units: &[u16]) -> PyResult<Value> {
        if units.iter().any(|unit| *unit >= 0x100) {
            return self.new_str_raw(units.len(), 2, false, |data| {
                // SAFETY: `units.len()` items of two bytes were reserved at `data`.
                unsafe { data.cast::<u16>().copy_from_nonoverlapping(units.as_ptr(), units.len()) }
            });
        }
        let bytes: Vec<u8> = units.iter().map(|unit| *unit as u8).collect();
        self.new_str_latin1(&bytes)
    }

    /// One-character string; Latin-1 ones are shared.
    #[inline]
    pub fn str_of_char(&self, c: u32) -> PyResult<Value> {
        match self.latin1.get(c as usize) {
            Some(cached) => match cached.get() {
                Some(text) => Ok(text),
                None => {
                    let text = self.intern_value(self.new_str_latin1(&[c as u8])?);
                    cached.set(Some(text));
                    Ok(text)
                }
            },
            None => self.new_str_points(&[c]),
        }
    }

    /// `a + b`.
    pub fn str_concat(&self, a: Gc<PyStr>, b: Gc<PyStr>) -> PyResult<Value> {
        if a.is_empty() && self.is_exact_str(b.as_value()) {
            return Ok(b.as_value());
        }
        if b.is_empty() && self.is_exact_str(a.as_value()) {
            return Ok(a.as_value());
        }
        if let (Chars::One(left), Chars::One(right)) = (a.chars(), b.chars()) {
            return self.new_str_raw(left.len() + right.len(), 1, a.ascii && b.ascii, |data| {
                // SAFETY: room for both was reserved at `data`.
                unsafe {
                    data.copy_from_nonoverlapping(left.as_ptr(), left.len());
                    data.add(left.len()).copy_from_nonoverlapping(right.as_ptr(), right.len());
                }
            });
        }
        self.str_join_parts(&[a, b], None)
    }

    /// The parts joined by the separator.
    pub fn str_join_parts(&self, parts: &[Gc<PyStr>], separator: Option<Gc<PyStr>>) -> PyResult<Value> {
        let gaps = parts.len().saturating_sub(1);
        let mut len = separator.map_or(0, |s| s.len().saturating_mul(gaps));
        let mut width = separator.filter(|_| gaps > 0).map_or(1, |s| s.width);
        let mut ascii = separator.filter(|_| gaps > 0).is_none_or(|s| s.ascii);
        for part in parts {
            len = len.saturating_add(part.len());
            width = width.max(part.width);
            ascii &= part.ascii;
        }
        self.new_str_raw(len, width, ascii, |data| {
            let mut at = data;
            for (index, part) in parts.iter().enumerate() {
                if index > 0
                    && let Some(separator) = separator
                {
                    // SAFETY: room for all parts and separators was reserved.
                    at = unsafe { copy_widened(at, &separator, width) };
                }
                // SAFETY: as above.
                at = unsafe { copy_widened(at, part, width) };
            }
        })
    }

    /// `text * count`.
    pub fn str_repeat(&self, text: Gc<PyStr>, count: usize) -> PyResult<Value> {
        let Some(len) = text.len().checked_mul(count).filter(|len| isize::try_from(*len).is_ok()) else {
            return Err(self.overflow_error("repeated string is too long"));
        };
        if len > u32::MAX as usize {
            return Err(self.out_of_memory(cinder_heap::AllocError));
        }
        let bytes = text.len() * text.width as usize;
        self.new_str_raw(len, text.width, text.ascii, |data| {
            let source = (&raw const *text).wrapping_add(1).cast::<u8>();
            for index in 0..count {
                // SAFETY: room for `count` copies was reserved; the source holds `bytes` bytes.
                unsafe { data.add(index * bytes).copy_from_nonoverlapping(source, bytes) };
            }
        })
    }
}

/// Copies the code points in the given width; the place behind them.
///
/// # Safety
/// `to` has room for them; `width` is at least the text's.
unsafe fn copy_widened(to: *mut u8, text: &PyStr, width: u8) -> *mut u8 {
    let len = text.len();
    // SAFETY: contract.
    unsafe {
        match (text.chars(), width) {
            (Chars::One(items), 1) => to.copy_from_nonoverlapping(items.as_ptr(), len),
            (Chars::Two(items), 2) => to.cast::<u16>().copy_from_nonoverlapping(items.as_ptr(), len),
            (Chars::Four(items), _) => to.cast::<u32>().copy_from_nonoverlapping(items.as_ptr(), len),
            (_, 2) => {
                for index in 0..len {
                    to.cast::<u16>().add(index).write(text.char_at(index) as u16);
                }
            }
            _ => {
                for index in 0..len {
                    to.cast::<u32>().add(index).write(text.char_at(index));
                }
            }
        }
        to.add(len * width as usize)
    }
}
