//! The heap's cold paths as functions that machine code can call.
//!
//! Holds: C calling convention; a panic inside ends the process, it never unwinds through machine code. Each may be called with values
//! in callee-saved registers and on the stack only, as any call.

use crate::heap::Heap;
use cinder_layout::Header;
use core::ptr::{self, NonNull};

/// [`Heap::alloc_slow`]: a cell of `class` with undefined contents, or null when memory is exhausted.
///
/// May allocate: yes, so it may collect.
pub extern "C" fn machine_alloc_slow(heap: &Heap, class: usize) -> *mut Header {
    heap.alloc_slow(class).map_or(ptr::null_mut(), NonNull::as_ptr)
}

/// [`Heap::log_slow`]: call when `UNLOGGED` is set, before a pointer is stored into `object`.
pub extern "C" fn machine_log_slow(heap: &Heap, object: NonNull<Header>) {
    heap.log_slow(object);
}

/// [`Heap::log_slot`]: the same for an element of a buffer, which may be large.
pub extern "C" fn machine_log_slot(heap: &Heap, object: NonNull<Header>, slot: *const ()) {
    heap.log_slot(object, slot);
}
