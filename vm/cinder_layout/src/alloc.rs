//! Where an inlined allocation finds its memory.
//!
//! ```text
//! mov rax, [vm+cursor.cur]; lea rcx, [rax+SIZE]; cmp rcx, [vm+cursor.lim]; ja slow
//! mov [vm+cursor.cur], rcx; mov [rax], Header::immediate(..)     ; then store every payload word
//! ```

use crate::{layout_struct, size_class};
use core::cell::Cell;
use core::ptr;

layout_struct! {
    /// A run of free cells of one class: `[cur, lim)`. Both null when the class has none at hand.
    #[derive(Debug)]
    pub struct BumpCursor {
        pub cur: Cell<*mut u8> => CUR_OFFSET,
        pub lim: Cell<*mut u8> => LIM_OFFSET,
    }
}

layout_struct! {
    /// One cursor per size class, indexed by class. The first field of the heap.
    #[derive(Debug)]
    pub struct VmAlloc {
        pub cursors: [BumpCursor; size_class::CLASSES] => CURSORS_OFFSET,
    }
}

impl BumpCursor {
    /// A cursor without cells, so that the first allocation takes the slow path.
    pub const fn empty() -> BumpCursor {
        BumpCursor { cur: Cell::new(ptr::null_mut()), lim: Cell::new(ptr::null_mut()) }
    }
}

impl VmAlloc {
    pub const fn new() -> VmAlloc {
        VmAlloc { cursors: [const { BumpCursor::empty() }; size_class::CLASSES] }
    }

    /// Offset of the cursor of `class` in bytes; add [`BumpCursor::CUR_OFFSET`] or [`BumpCursor::LIM_OFFSET`].
    pub const fn cursor_offset(class: usize) -> i32 {
        Self::CURSORS_OFFSET + (class * size_of::<BumpCursor>()) as i32
    }
}

impl Default for VmAlloc {
    fn default() -> VmAlloc {
        VmAlloc::new()
    }
}
