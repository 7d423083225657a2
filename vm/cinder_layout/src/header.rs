//! The eight bytes at the front of every heap object.
//!
//! Problem: an object must tell its class and layout to inline caches, its size to the collector and its age to the write barrier,
//! each with one load.
//! Idea: one word. The shape id proves class and layout with a 32-bit compare; the age bit is bit 0 of the last byte, so the barrier
//! is `test byte [obj+7], 1`. Marks live beside objects, never in them, so that a collection does not dirty a forked page.
//! Holds: objects are 16-byte aligned; payload words start at [`Header::BYTES`].

use crate::layout_struct;
use core::cell::Cell;

/// Bits of [`Header::flags`].
pub mod flag {
    /// Old and not yet in the remembered set: the next store into the object must log it. Clear in new objects.
    pub const UNLOGGED: u8 = 1 << 0;
    /// Never collected.
    pub const IMMORTAL: u8 = 1 << 1;
    /// Its class has `__del__`.
    pub const HAS_DEL: u8 = 1 << 2;
    /// `__del__` has been called or queued; it runs once.
    pub const DEL_DONE: u8 = 1 << 3;
    /// The side table of weak references has an entry for it.
    pub const WEAKREFFED: u8 = 1 << 4;
    /// Its identity hash has been taken.
    pub const IDHASH: u8 = 1 << 5;
    /// Its payload must be dropped when it dies (descriptors, memory outside the heap).
    pub const NATIVE_DROP: u8 = 1 << 6;
}

layout_struct! {
    /// Front of every heap object. Fields are cells: an object is shared, the lock makes accesses exclusive.
    #[derive(Debug)]
    pub struct Header {
        shape: Cell<u32> => SHAPE_OFFSET,
        words: Cell<u16> => WORDS_OFFSET,
        size_class: Cell<u8> => SIZE_CLASS_OFFSET,
        flags: Cell<u8> => FLAGS_OFFSET,
    }
}

const _: () = assert!(size_of::<Header>() == 8 && Header::FLAGS_OFFSET == 7);

impl Header {
    /// Size of the header; the first payload word is here.
    pub const BYTES: usize = 8;
    /// [`Header::words`] of an object whose payload has this many words or more: ask the heap for its size.
    pub const MANY_WORDS: u16 = u16::MAX;

    #[inline]
    pub const fn new(shape: u32, words: u16, size_class: u8, flags: u8) -> Header {
        Header {
            shape: Cell::new(shape),
            words: Cell::new(words),
            size_class: Cell::new(size_class),
            flags: Cell::new(flags),
        }
    }

    /// The header as the 64-bit immediate that an inlined allocation stores.
    pub const fn immediate(shape: u32, words: u16, size_class: u8, flags: u8) -> u64 {
        shape as u64 | (words as u64) << 32 | (size_class as u64) << 48 | (flags as u64) << 56
    }

    /// Payload words of an object of `bytes` (header included), as [`Header::words`] stores them.
    #[inline]
    pub const fn words_of(bytes: usize) -> u16 {
        let words = (bytes - Header::BYTES).div_ceil(8);
        if words >= Header::MANY_WORDS as usize { Header::MANY_WORDS } else { words as u16 }
    }

    /// Records what the allocator decided; shape and flags stay.
    #[inline]
    pub fn set_allocation(&self, words: u16, size_class: u8) {
        self.words.set(words);
        self.size_class.set(size_class);
    }

    /// Class and layout in one number; indexes the heap's table of trace functions.
    #[inline]
    pub fn shape(&self) -> u32 {
        self.shape.get()
    }

    /// Moves the object to another shape. A shape with another owner (class) needs a write barrier on the object first.
    #[inline]
    pub fn set_shape(&self, shape: u32) {
        self.shape.set(shape);
    }

    /// Payload words after the header, as asked for; [`Header::MANY_WORDS`] when they do not fit.
    #[inline]
    pub fn words(&self) -> u16 {
        self.words.get()
    }

    /// Index of the size class, see [`crate::size_class`].
    #[inline]
    pub fn size_class(&self) -> u8 {
        self.size_class.get()
    }

    #[inline]
    pub fn flags(&self) -> u8 {
        self.flags.get()
    }

    #[inline]
    pub fn has_flag(&self, bit: u8) -> bool {
        self.flags.get() & bit != 0
    }

    #[inline]
    pub fn set_flag(&self, bit: u8) {
        self.flags.set(self.flags.get() | bit);
    }

    #[inline]
    pub fn clear_flag(&self, bit: u8) {
        self.flags.set(self.flags.get() & !bit);
    }
}
