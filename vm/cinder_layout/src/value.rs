//! The one word that stands for any Python value.
//!
//! Problem: ints, floats, `None` and the bools are most of what a program touches; as heap objects they cost an allocation and a
//! cache miss each.
//! Idea: low-bit tags. A 63-bit int has bit 0 set; a double whose exponent is not extreme is stored by adding 2^60 to its bits and
//! rotating left by 3, which puts `10` into the low two bits exactly for 2^-255 <= |x| < 2^257; singletons are `100`; everything else
//! is the raw address of a 16-byte aligned heap object (`000`).
//! Holds: the encoding is canonical. An exact int within 63 bits is never a heap object, neither is an exact float within the range.
//! The zero word is no value: [`Option<Value>`] is one word, and `None` there means "unbound" or "an exception is pending".
//!
//! Machine code: is pointer `v & 7 == 0`; both ints `a & b & 1`; flonum `v & 3 == 2`; decode `ror v, 3; sub v, 2^60`.

use core::fmt;
use core::num::NonZero;
use core::ptr::{self, NonNull};

/// The bit patterns machine code tests for.
pub mod encoding {
    /// Set in every small int.
    pub const INT_TAG: u64 = 1;
    /// Small ints carry their value above this many bits.
    pub const INT_SHIFT: u32 = 1;
    /// Smallest int that is an immediate.
    pub const INT_MIN: i64 = -(1 << 62);
    /// Largest int that is an immediate.
    pub const INT_MAX: i64 = (1 << 62) - 1;
    /// `v & FLONUM_MASK == FLONUM_TAG` for every immediate float.
    pub const FLONUM_MASK: u64 = 3;
    /// See [`FLONUM_MASK`].
    pub const FLONUM_TAG: u64 = 2;
    /// Added to the bits of a double before the rotation.
    pub const FLONUM_ADD: u64 = 1 << 60;
    /// Rotation to the left that brings the tag into the low bits.
    pub const FLONUM_ROTATE: u32 = 3;
    /// `v & POINTER_MASK == 0` for every heap pointer (and for the zero word).
    pub const POINTER_MASK: u64 = 7;
    /// `v & POINTER_MASK == SPECIAL_TAG` for `None`, the bools and the other singletons.
    pub const SPECIAL_TAG: u64 = 4;
    /// `None`.
    pub const NONE: u64 = 0x04;
    /// `False`.
    pub const FALSE: u64 = 0x0c;
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: u64 = 0x14;
    /// `True`; differs from [`FALSE`] in one bit.
    pub const TRUE: u64 = 0x1c;
    /// `Ellipsis`.
    pub const ELLIPSIS: u64 = 0x24;
    /// The bit in which `True` and `False` differ: `bool = FALSE | (flag << BOOL_SHIFT)`.
    pub const BOOL_SHIFT: u32 = 4;
    /// First of the markers that no Python program can see.
    pub const MARKER_BASE: u64 = 0x104;
    /// Distance between markers.
    pub const MARKER_STEP: u64 = 8;
}

use encoding as enc;

/// A Python value, or one of the VM's own markers. Never the zero word.
///
/// `==` compares words. That is Python's `is`, except that exact heap floats and exact heap ints compare by payload there.
/// Not `Send`: a value belongs to the interpreter whose lock is held.
/// Where one may be kept: locals, the VM stack, GC objects, registered roots; nowhere else (design section 5).
#[repr(transparent)]
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Value(NonNull<()>);

const _: () = assert!(size_of::<Option<Value>>() == 8 && size_of::<Value>() == 8);

impl Value {
    pub const NONE: Value = Value::immediate(enc::NONE);
    pub const FALSE: Value = Value::immediate(enc::FALSE);
    pub const TRUE: Value = Value::immediate(enc::TRUE);
    pub const NOT_IMPLEMENTED: Value = Value::immediate(enc::NOT_IMPLEMENTED);
    pub const ELLIPSIS: Value = Value::immediate(enc::ELLIPSIS);
    /// Marker: an argument was not given, take the default.
    pub const DEFAULT: Value = Value::marker(0);
    /// Marker: a removed entry of a hash table.
    pub const DELETED: Value = Value::marker(1);
    /// Marker: an iterator is exhausted.
    pub const EXHAUSTED: Value = Value::marker(2);
    /// Marker: a slot that exists in the layout but holds nothing.
    pub const EMPTY: Value = Value::marker(3);
    /// The int 0.
    pub const ZERO: Value = Value::immediate(1);
    /// The int 1.
    pub const ONE: Value = Value::immediate(3);

    /// Inlined everywhere: callers know that the word is not zero, and a call would cost fast paths their registers.
    #[inline(always)]
    const fn immediate(bits: u64) -> Value {
        let Some(bits) = NonZero::new(bits as usize) else { panic!("the zero word is no value") };
        // An immediate has no provenance: nothing can be read through it.
        Value(NonNull::without_provenance(bits))
    }

    /// The `n`-th VM-internal marker; the named ones take 0 to 3, the VM may name more.
    pub const fn marker(n: u64) -> Value {
        Value::immediate(enc::MARKER_BASE + n * enc::MARKER_STEP)
    }

    /// The word, for machine code and hashing. Loses the provenance of a pointer; see [`Value::from_bits`].
    #[inline]
    pub fn bits(self) -> u64 {
        self.0.as_ptr().expose_provenance() as u64
    }

    /// The value with this word; `None` for zero.
    ///
    /// # Safety
    /// `bits` came from [`Value::bits`] or machine code that keeps the encoding, and its object is alive.
    #[inline]
    pub unsafe fn from_bits(bits: u64) -> Option<Value> {
        NonNull::new(ptr::with_exposed_provenance_mut(bits as usize)).map(Value)
    }

    #[inline]
    fn addr(self) -> u64 {
        self.0.addr().get() as u64
    }

    #[inline]
    pub const fn from_bool(b: bool) -> Value {
        // A select rather than arithmetic, so that it stays const; compilers make it shift-and-or.
        if b { Value::TRUE } else { Value::FALSE }
    }

    /// Whether this is `True` or `False`.
    #[inline]
    pub fn is_bool(self) -> bool {
        self.addr() & !(1 << enc::BOOL_SHIFT) == enc::FALSE
    }

    /// `Some` for the two bools.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        self.is_bool().then(|| self == Value::TRUE)
    }

    #[inline]
    pub fn is_none(self) -> bool {
        self == Value::NONE
    }

    /// Whether this is an immediate int.
    #[inline]
    pub fn is_int(self) -> bool {
        self.addr() & enc::INT_TAG != 0
    }

    /// `None` when `i` needs more than 63 bits: then the int is a heap object.
    #[inline]
    pub const fn from_small_int(i: i64) -> Option<Value> {
        if i >= enc::INT_MIN && i <= enc::INT_MAX { Some(Value::from_int_wrapping(i)) } else { None }
    }

    /// The immediate for an `i32`, which always fits.
    #[inline]
    pub const fn from_i32(i: i32) -> Value {
        Value::from_int_wrapping(i as i64)
    }

    #[inline]
    const fn from_int_wrapping(i: i64) -> Value {
        Value::immediate(((i << enc::INT_SHIFT) | 1) as u64)
    }

    /// The payload of an immediate int; meaningless for other values.
    #[inline]
    pub fn as_int(self) -> i64 {
        debug_assert!(self.is_int());
        self.addr() as i64 >> enc::INT_SHIFT
    }

    /// `Some` for an immediate int.
    #[inline]
    pub fn try_int(self) -> Option<i64> {
        self.is_int().then(|| self.addr() as i64 >> enc::INT_SHIFT)
    }

    /// Whether both are immediate ints: one test instead of two.
    #[inline]
    pub fn both_ints(a: Value, b: Value) -> bool {
        a.addr() & b.addr() & enc::INT_TAG != 0
    }

    /// The immediate for `x`; `None` for zeros, NaN, infinities, denormals and |x| outside [2^-255, 2^257).
    #[inline]
    pub const fn try_flonum(x: f64) -> Option<Value> {
        let v = x.to_bits().wrapping_add(enc::FLONUM_ADD).rotate_left(enc::FLONUM_ROTATE);
        if v & enc::FLONUM_MASK == enc::FLONUM_TAG { Some(Value::immediate(v)) } else { None }
    }

    /// Whether this is an immediate float.
    #[inline]
    pub fn is_flonum(self) -> bool {
        self.addr() & enc::FLONUM_MASK == enc::FLONUM_TAG
    }

    /// Whether both are immediate floats.
    #[inline]
    pub fn both_flonums(a: Value, b: Value) -> bool {
        ((a.addr() ^ enc::FLONUM_TAG) | (b.addr() ^ enc::FLONUM_TAG)) & enc::FLONUM_MASK == 0
    }

    /// The payload of an immediate float; meaningless for other values.
    #[inline]
    pub fn flonum_to_f64(self) -> f64 {
        debug_assert!(self.is_flonum());
        f64::from_bits(self.addr().rotate_right(enc::FLONUM_ROTATE).wrapping_sub(enc::FLONUM_ADD))
    }

    /// Whether this is a heap object (or a static immortal one).
    #[inline]
    pub fn is_ptr(self) -> bool {
        self.addr() & enc::POINTER_MASK == 0
    }

    /// Whether this is one of the `x100` words: a singleton or a marker.
    #[inline]
    pub fn is_special(self) -> bool {
        self.addr() & enc::POINTER_MASK == enc::SPECIAL_TAG
    }

    /// The object's address; only for values that [`Value::is_ptr`].
    #[inline]
    pub fn as_ptr<T>(self) -> *mut T {
        debug_assert!(self.is_ptr());
        self.0.as_ptr().cast()
    }

    /// The object's address when it is one.
    #[inline]
    pub fn try_ptr<T>(self) -> Option<NonNull<T>> {
        self.is_ptr().then(|| self.0.cast())
    }

    /// The value for a heap object.
    ///
    /// Panics: in debug builds when `p` is not 16-byte aligned (static objects need `#[repr(align(16))]`).
    #[inline]
    pub fn from_ptr<T>(p: NonNull<T>) -> Value {
        debug_assert!(p.addr().get() & 15 == 0, "objects are 16-byte aligned");
        Value(p.cast())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            v if v == Value::NONE => f.write_str("None"),
            v if v == Value::TRUE => f.write_str("True"),
            v if v == Value::FALSE => f.write_str("False"),
            v if v == Value::NOT_IMPLEMENTED => f.write_str("NotImplemented"),
            v if v == Value::ELLIPSIS => f.write_str("Ellipsis"),
            v if v.is_int() => write!(f, "{}", v.as_int()),
            v if v.is_flonum() => write!(f, "{:?}", v.flonum_to_f64()),
            v if v.is_special() => write!(f, "<marker {:#x}>", v.addr()),
            v => write!(f, "<object {:#x}>", v.addr()),
        }
    }
}

#[cfg(test)]
mod tests;
