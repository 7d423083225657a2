//! Allocation and collection.
//!
//! Problem: native code, the interpreter and machine code all hold references in registers and locals; counting them costs more than
//! the work they do, and moving objects would need exact maps of every frame.
//! Idea: a non-moving mark-sweep heap of size-classed cells. Stacks are scanned conservatively, objects exactly ([`Trace`]). Marks lie
//! beside objects and stay set between minor collections (sticky mark bits), so an object is old when it is marked; a store into an old
//! object logs the object once ([`Heap::write_barrier`]). Nothing is swept eagerly: the allocator walks runs of clear mark bits.
//! What must hold:
//! 1. A [`Value`] or [`Gc`] lives only in locals, on a registered VM stack, in heap objects, or in a [`Root`] or [`RootVec`].
//!    Never in a `Vec`, `Box`, `HashMap` or static: the collector does not look there. For a few values in a local there is [`LocalVec`].
//! 2. Before a pointer is stored into an object that may be old, the barrier runs. [`Slot`], [`GcVec`] and [`ValueBuf`] do it.
//! 3. Any allocation may collect. An object is completely filled in before the next allocation.
//! 4. Trace functions, drop functions and hooks allocate nothing and run no Python code.
//!
//! # Example: a type, an object, a store, a root
//!
//! ```
//! use cinder_heap::{Collection, Gc, GcVec, Heap, HeapConfig, HeapObject, ShapeInfo, Slot, Trace, object_header};
//! use cinder_layout::{Header, Value};
//!
//! const PAIR: u32 = 16; // a shape id of the VM's
//!
//! #[repr(C)]
//! #[derive(Trace, HeapObject)]
//! struct Pair {
//!     header: Header,
//!     first: Slot<Value>,
//!     next: Slot<Option<Gc<Pair>>>,
//!     rest: GcVec,
//!     hits: u64,
//! }
//!
//! let heap = Heap::new(&HeapConfig::default());
//! heap.define_shape(PAIR, ShapeInfo::of::<Pair>());
//! let new_pair = |first: Value| {
//!     heap.alloc(Pair { header: object_header(PAIR), first: Slot::new(first), next: Slot::new(None), rest: GcVec::new(), hits: 0 })
//! };
//! let a = new_pair(Value::ONE)?; // a local: the stack scan finds it
//! let b = new_pair(Value::NONE)?;
//! a.next.set(&heap, a, Some(b)); // store with barrier
//! a.rest.push(&heap, a, b.as_value())?; // grows a buffer in the heap
//! let global = heap.root(a); // for places the scan does not reach
//! heap.collect(Collection::Full);
//! assert_eq!(global.get().next.get().unwrap().first.get(), Value::NONE);
//! # Ok::<(), cinder_heap::AllocError>(())
//! ```
//!
//! Objects without a Rust struct (instances with inline slots) come from [`Heap::alloc_raw`]; their shapes trace with [`all_words`] or
//! [`masked_words`]. The paper trail and figures: `book/src/internals/memory.md`.

extern crate self as cinder_heap;

mod buffer;
mod cards;
mod chunk;
mod collect;
mod config;
mod finalize;
mod heap;
mod local;
mod machine;
mod object;
mod region;
mod roots;
mod space;
mod stack;
mod trace;
mod verify;
mod weak;

pub use buffer::{ByteBuf, GcVec, ValueBuf, builtin_shape, copy_values};
pub use cinder_heap_derive::{HeapObject, Trace};
pub use cinder_layout::{Header, Value};
pub use config::{AllocError, Collection, HeapConfig, HeapStats};
pub use finalize::Pending;
pub use heap::{Heap, Liveness, Pause};
pub use local::LocalVec;
pub use machine::{machine_alloc_slow, machine_log_slot, machine_log_slow};
pub use object::{Gc, HeapObject, Slot, SlotValue, object_header};
pub use roots::{Root, RootVec, Rootable};
pub use stack::StackMark;
pub use trace::{
    ClearWeakFn, DropFn, ShapeInfo, Trace, TraceFn, TracePartFn, Tracer, all_words, masked_words, no_words,
};

/// Keeps `value` alive up to this point: for code that goes on using a raw pointer into an object after its last mention of it.
#[inline]
pub fn keep_alive<T: Copy>(value: T) {
    core::hint::black_box(value);
}

/// Ends a session whose heap can no longer be trusted. Always our bug, or a rule above broken by native code.
#[cold]
pub(crate) fn fatal(message: &str) -> ! {
    panic!("heap: {message}")
}

#[cfg(test)]
mod tests;
