//! `str`: sequences of code points.
//!
//! Problem: O(1) indexing, small memory, lone surrogates, fast hashing and comparison.
//! Idea: one, two or four bytes per code point, whichever suffices for the largest (PEP 393), inline behind the struct; an ASCII flag makes the bytes UTF-8.
//! Holds: `width` is the smallest that fits; `ascii` is exact; content never changes after construction.

pub(crate) mod format;
mod iter;
pub mod methods;
mod repr;
pub(crate) mod search;
pub mod unicode;

use std::borrow::Cow;
use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::vm::Vm;

pub use iter::STR_ITERATOR;
pub use unicode::{decimal_digit, is_space};

/// Payload of a string; the code points follow.
#[repr(C)]
pub struct PyStr {
    header: Header,
    /// 0 until computed.
    hash: Cell<i64>,
    /// Code points.
    len: u32,
    /// Bytes per code point: 1, 2 or 4.
    width: u8,
    ascii: bool,
    interned: Cell<bool>,
}

impl Trace for PyStr {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, holds no values.
unsafe impl HeapObject for PyStr {
    const LEAF: bool = true;
}

crate::layout!(PyStr, "str", exact str_, items |object| {
    // SAFETY: called for objects of this layout only.
    let text = unsafe { &*object.cast::<PyStr>() };
    size_of::<PyStr>() + (text.len as usize * text.width as usize).next_multiple_of(8)
});

/// A string's code points.
#[derive(Clone, Copy, Debug)]
pub enum Chars<'a> {
    /// Latin-1.
    One(&'a [u8]),
    /// Code points below 0x10000, surrogates included.
    Two(&'a [u16]),
    Four(&'a [u32]),
}

impl PyStr {
    /// Offset of the first code point, for machine code.
    pub const DATA_OFFSET: usize = size_of::<PyStr>();

    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Hash of a string whose hash has been computed (interned ones have it).
    #[inline]
    pub fn known_hash(&self) -> i64 {
        self.hash.get()
    }

    #[inline]
    pub fn is_interned(&self) -> bool {
        self.interned.get()
    }

    #[inline]
    pub fn chars(&self) -> Chars<'_> {
        let data = (&raw const *self).wrapping_add(1);
        let len = self.len as usize;
        // SAFETY: `len` code points of `width` bytes follow the struct, initialised when the string was made, never changed.
        unsafe {
            match self.width {
                1 => Chars::One(std::slice::from_raw_parts(data.cast(), len)),
                2 => Chars::Two(std::slice::from_raw_parts(data.cast(), len)),
                _ => Chars::Four(std::slice::from_raw_parts(data.cast(), len)),
            }
        }
    }

    /// Code point `index` (below `len`).
    #[inline]
    pub fn char_at(&self, index: usize) -> u32 {
        match self.chars() {
            Chars::One(c) => u32::from(c[index]),
            Chars::Two(c) => u32::from(c[index]),
            Chars::Four(c) => c[index],
        }
    }

    /// Code points in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        (0..self.len()).map(|index| self.char_at(index))
    }

    /// The text when it is ASCII.
    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        match self.chars() {
            // SAFETY: `ascii` says that every byte is below 128.
            Chars::One(bytes) if self.ascii => Some(unsafe { std::str::from_utf8_unchecked(bytes) }),
            _ => None,
        }
    }

    /// The text as UTF-8; lone surrogates become U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self.as_ascii() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.iter().map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()),
        }
    }

    /// Equal content.
    #[inline]
    pub fn same(&self, other: &PyStr) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        if self.len != other.len || self.width != other.width {
            return false;
        }
        let (a, b) = (self.hash.get(), other.hash.get());
        if a != 0 && b != 0 && a != b {
            return false;
        }
        match (self.chars(), other.chars()) {
            (Chars::One(a), Chars::One(b)) => a == b,
            (Chars::Two(a), Chars::Two(b)) => a == b,
            (Chars::Four(a), Chars::Four(b)) => a == b,
            _ => false,
        }
    }
}

impl Vm {
    /// New string from valid Unicode text.
    pub fn new_str(&self, text: &str) -> PyResult<Value> {
        if text.is_ascii() {
            return self.new_str_raw(text.len(), 1, true, |data| {
                // SAFETY: `text.len()` bytes were reserved at `data`.
                unsafe { data.copy_from_nonoverlapping(text.as_ptr(), text.len()) }
            });
        }
        let points: Vec<u32> = text.chars().map(u32::from).collect();
        self.new_str_points(&points)
    }

    /// New string of Latin-1 characters.
    pub fn new_str_latin1(&self, bytes: &[u8]) -> PyResult<Value> {
        self.new_str_raw(bytes.len(), 1, bytes.is_ascii(), |data| {
            // SAFETY: `bytes.len()` bytes were reserved at `data`.
            unsafe { data.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
        })
    }

    /// New string from code points (below 0x110000, surrogates allowed), in the smallest width.
    pub fn new_str_points(&self, points: &[u32]) -> PyResult<Value> {
        let max = points.iter().copied().max().unwrap_or(0);
        let fill = |width: u8| {
            move |data: *mut u8| {
                for (index, &point) in points.iter().enumerate() {
                    // SAFETY: `points.len()` items of `width` bytes were reserved at `data`, aligned to 8.
                    unsafe {
                        match width {
                            1 => data.add(index).write(point as u8),
                            2 => data.cast::<u16>().add(index).write(point as u16),
                            _ => data.cast::<u32>().add(index).write(point),
                        }
                    }
                }
            }
        };
        let width = if max < 0x100 {
            1
        } else if max < 0x1_0000 {
            2
        } else {
            4
        };
        self.new_str_raw(points.len(), width, max < 0x80, fill(width))
    }

    /// New string of `len` code points of `width` bytes that `fill` writes.
    ///
    /// `fill` must write all of them; `ascii` and the smallest width are the caller's duty.
    pub fn new_str_raw(&self, len: usize, width: u8, ascii: bool, fill: impl FnOnce(*mut u8)) -> PyResult<Value> {
        let Ok(len32) = u32::try_from(len) else { return Err(self.memory_error_text("string too long")) };
        let header = object_header(BuiltinType::str_ as u32);
        let object = PyStr { header, hash: Cell::new(0), len: len32, width, ascii, interned: Cell::new(false) };
        // SAFETY: a leaf; `fill` writes the text.
        let text = unsafe { self.alloc_tail_open(object, (len * width as usize).next_multiple_of(8))? };
        fill(text.tail::<u8>().as_ptr());
        Ok(text.as_value())
    }

    /// Whether the value is an exact `str`.
    #[inline]
    pub fn is_exact_str(&self, value: Value) -> bool {
        self.downcast_exact::<PyStr>(value).is_some()
    }

    /// Whether the value is a `str` or an instance of a subclass.
    #[inline]
    pub fn is_str(&self, value: Value) -> bool {
        self.downcast::<PyStr>(value).is_some()
    }

    /// The value as a string.
    #[inline]
    pub fn as_str(&self, value: Value) -> Option<Gc<PyStr>> {
        self.downcast::<PyStr>(value)
    }

    /// Text of a value known to be a str; lone surrogates become U+FFFD.
    ///
    /// Panics: the value is no str.
    pub fn str_text(&self, value: Value) -> Cow<'static, str> {
        let text = self.as_str(value).expect("caller checked that this is a str");
        match text.to_text() {
            // SAFETY: strings never move and their content never changes; the caller's `value` in scope keeps it alive.
            Cow::Borrowed(text) => Cow::Borrowed(unsafe { &*(text as *const str) }),
            Cow::Owned(text) => Cow::Owned(text),
        }
    }

    /// Keyed hash of a string's content; equal text has equal hash whatever its width.
    #[inline]
    pub fn str_hash(&self, text: Gc<PyStr>) -> i64 {
        let known = text.hash.get();
        if known != 0 { known } else { self.str_hash_slow(text) }
    }

    #[cold]
    fn str_hash_slow(&self, text: Gc<PyStr>) -> i64 {
        let hash = match text.chars() {
            Chars::One(bytes) => self.hash_bytes(bytes),
            Chars::Two(units) => {
                // SAFETY: the bytes of these units.
                let bytes = unsafe { std::slice::from_raw_parts(units.as_ptr().cast(), units.len() * 2) };
                self.hash_bytes(bytes)
            }
            Chars::Four(units) => {
                // SAFETY: the bytes of these units.
                let bytes = unsafe { std::slice::from_raw_parts(units.as_ptr().cast(), units.len() * 4) };
                self.hash_bytes(bytes)
            }
        };
        // -1 is no hash. 0 stands for "not computed", so the hash of the empty string is computed again and again.
        let hash = if hash == -1 { -2 } else { hash };
        text.hash.set(hash);
        hash
    }

    /// The interned string equal to `text`; immortal.
    pub fn intern(&self, text: &str) -> Value {
        if let Some(found) = self.interned.find_text(self, text) {
            return found;
        }
        let value = self.new_str(text).expect("names fit into memory");
        self.intern_new(value)
    }

    /// The interned string equal to exact str `value`.
    pub fn intern_value(&self, value: Value) -> Value {
        let text = self.as_str(value).expect("caller checked that this is a str");
        if text.interned.get() {
            return value;
        }
        match self.interned.find(self, text) {
            Some(found) => found,
            None => self.intern_new(value),
        }
    }

    fn intern_new(&self, value: Value) -> Value {
        let text = self.as_str(value).expect("a str");
        text.interned.set(true);
        self.interned.insert(self, text);
        value
    }
}

/// The table of interned strings: open addressing over the string hash. Entries are immortal.
#[derive(Default)]
pub struct Interned {
    table: std::cell::RefCell<InternTable>,
}

#[derive(Default)]
struct InternTable {
    slots: Vec<Option<Gc<PyStr>>>,
    len: usize,
}

impl Interned {
    fn probe(&self, hash: i64, matches: impl Fn(&PyStr) -> bool) -> Option<Value> {
        let table = self.table.borrow();
        if table.slots.is_empty() {
            return None;
        }
        let mask = table.slots.len() - 1;
        let mut index = hash as usize & mask;
        while let Some(entry) = table.slots[index] {
            if entry.hash.get() == hash && matches(&entry) {
                return Some(entry.as_value());
            }
            index = (index + 1) & mask;
        }
        None
    }

    fn find(&self, vm: &Vm, text: Gc<PyStr>) -> Option<Value> {
        self.probe(vm.str_hash(text), |entry| entry.same(&text))
    }

    fn find_text(&self, vm: &Vm, text: &str) -> Option<Value> {
        if !text.is_ascii() {
            return None.or_else(|| {
                let value = vm.new_str(text).ok()?;
                self.find(vm, vm.as_str(value)?)
            });
        }
        let hash = vm.hash_bytes(text.as_bytes());
        let hash = if hash == 0 || hash == -1 { -2 } else { hash };
        self.probe(hash, |entry| entry.as_ascii() == Some(text))
    }

    fn insert(&self, vm: &Vm, text: Gc<PyStr>) {
        let mut table = self.table.borrow_mut();
        if (table.len + 1) * 3 > table.slots.len() * 2 {
            let grown = (table.slots.len() * 2).max(4096);
            let old = std::mem::replace(&mut table.slots, vec![None; grown]);
            for entry in old.into_iter().flatten() {
                place(&mut table.slots, entry);
            }
        }
        vm.str_hash(text);
        vm.heap.make_immortal(text.header());
        place(&mut table.slots, text);
        table.len += 1;
    }
}

fn place(slots: &mut [Option<Gc<PyStr>>], entry: Gc<PyStr>) {
    let mask = slots.len() - 1;
    let mut index = entry.hash.get() as usize & mask;
    while slots[index].is_some() {
        index = (index + 1) & mask;
    }
    slots[index] = Some(entry);
}

pub static STR: crate::types::type_::TypeDef = crate::types::type_::TypeDef {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object.",
    flags: crate::types::type_::type_flags::BASE | crate::types::type_::type_flags::MATCH_SELF,
    slots: iter::SLOTS,
    methods: methods::METHODS,
    ..crate::types::type_::TypeDef::new("str", <PyStr as crate::object::Payload>::LAYOUT)
};
