//! Finding what an object refers to.
//!
//! Problem: the collector must visit every reference in an object exactly, for layouts that Rust code, Python classes and the JIT
//! define.
//! Idea: a table indexed by the header's shape id holds one function per shape. Payload structs derive [`Trace`]; instances of Python
//! classes use [`all_words`] or [`masked_words`].
//! Holds: during a collection nothing allocates in the heap and no Python code runs; trace functions only call the tracer.

use crate::chunk::{ChunkRef, offset_in_chunk};
use crate::space::Space;
use cinder_layout::{Header, Value, VmAlloc, flag, size_class};
use core::cell::Cell;
use core::ptr::NonNull;

/// Visits the values held by a payload. Derive it; the derive needs every field to be `Trace`.
///
/// There is deliberately no implementation for `Vec`, `Box<dyn ..>` and other storage outside the heap: a value kept there alone
/// would be lost. Growable storage is [`crate::ValueBuf`]; a field without values takes `#[trace(skip)]`.
pub trait Trace {
    /// Calls [`Tracer::visit`] for each value held.
    fn trace(&self, tracer: &mut Tracer<'_>);
}

/// Visits the references of one object. `data` is [`ShapeInfo::data`].
pub type TraceFn = unsafe fn(object: NonNull<Header>, data: usize, tracer: &mut Tracer<'_>);
/// Visits the references among the bytes `[from, to)` of a large object, at least; offsets count from the header.
pub type TracePartFn = unsafe fn(object: NonNull<Header>, from: usize, to: usize, tracer: &mut Tracer<'_>);
/// Drops the native part of a dead object. Must not read other heap objects nor allocate in the heap.
pub type DropFn = unsafe fn(object: NonNull<Header>);
/// Empties a weak reference whose referent died; returns whether to queue it for its callback.
pub type ClearWeakFn = unsafe fn(weakref: NonNull<Header>) -> bool;

/// What the collector knows about the objects of one shape.
#[derive(Copy, Clone)]
pub struct ShapeInfo {
    pub trace: TraceFn,
    /// Passed to `trace`: a mask, a count, a pointer to an immortal description.
    pub data: usize,
    /// Kept alive by every object of the shape that is not a leaf: its class. (The classes of leaves must be immortal.) A change of an object's shape to one with another owner needs a write
    /// barrier on the object.
    pub owner: Option<Value>,
    pub drop: Option<DropFn>,
    /// Set for weak reference objects.
    pub clear_weak: Option<ClearWeakFn>,
    /// Set for buffers that can be large: see [`Heap::write_barrier_at`](crate::Heap::write_barrier_at).
    pub trace_part: Option<TracePartFn>,
    /// Objects of the shape may be allocated as leaves. Checked in debug builds.
    pub leaf: bool,
}

impl ShapeInfo {
    /// Objects traced by `trace`.
    pub const fn new(trace: TraceFn) -> ShapeInfo {
        ShapeInfo { trace, data: 0, owner: None, drop: None, clear_weak: None, trace_part: None, leaf: false }
    }

    /// Objects without references. They must also be allocated as leaves to be cheap.
    pub const fn leaf() -> ShapeInfo {
        let mut info = ShapeInfo::new(no_words);
        info.leaf = true;
        info
    }

    /// Objects laid out as `T`.
    pub const fn of<T: crate::HeapObject>() -> ShapeInfo {
        let mut info = ShapeInfo::new(crate::object::trace_object::<T>);
        info.leaf = T::LEAF;
        if core::mem::needs_drop::<T>() {
            info.drop = Some(crate::object::drop_object::<T>);
        }
        info
    }

    #[must_use]
    pub const fn with_data(mut self, data: usize) -> ShapeInfo {
        self.data = data;
        self
    }

    #[must_use]
    pub const fn with_owner(mut self, owner: Value) -> ShapeInfo {
        self.owner = Some(owner);
        self
    }

    #[must_use]
    pub const fn with_clear_weak(mut self, clear: ClearWeakFn) -> ShapeInfo {
        self.clear_weak = Some(clear);
        self
    }

    #[must_use]
    pub const fn with_trace_part(mut self, trace_part: TracePartFn) -> ShapeInfo {
        self.trace_part = Some(trace_part);
        self
    }

    const fn unregistered() -> ShapeInfo {
        ShapeInfo::new(trace_unregistered)
    }
}

/// The infos by shape id.
pub(crate) struct ShapeTable {
    infos: Vec<ShapeInfo>,
}

impl ShapeTable {
    pub(crate) const fn new() -> ShapeTable {
        ShapeTable { infos: Vec::new() }
    }

    pub(crate) fn define(&mut self, shape: u32, info: ShapeInfo) {
        let index = shape as usize;
        if index >= self.infos.len() {
            let grown = (index + 1).next_power_of_two().max(64);
            self.infos.resize(grown, ShapeInfo::unregistered());
        }
        self.infos[index] = info;
    }

    #[inline]
    pub(crate) fn get(&self, shape: u32) -> &ShapeInfo {
        const UNREGISTERED: &ShapeInfo = &ShapeInfo::unregistered();
        self.infos.get(shape as usize).unwrap_or(UNREGISTERED)
    }
}

/// [`TraceFn`] of a shape nobody defined.
unsafe fn trace_unregistered(object: NonNull<Header>, _: usize, _: &mut Tracer<'_>) {
    // SAFETY: the collector found a header here.
    let header = unsafe { object.as_ref() };
    crate::fatal(&format!("object {object:p} has a shape that was never defined, or it was freed: {header:?}"));
}

/// [`TraceFn`] of objects without references.
///
/// # Safety
/// None needed; the type is the table's.
pub unsafe fn no_words(_: NonNull<Header>, _: usize, _: &mut Tracer<'_>) {}

/// [`TraceFn`] of objects whose payload words are all `Option<Value>` (instances with inline slots, tuples in cells).
///
/// # Safety
/// Every payload word of `object` counted by [`Header::words`] is zero or a value.
pub unsafe fn all_words(object: NonNull<Header>, _: usize, tracer: &mut Tracer<'_>) {
    // SAFETY: per contract; the words follow the header.
    unsafe { tracer.visit_words(object.add(1).cast(), object.as_ref().words() as usize) };
}

/// [`TraceFn`] of instances with unboxed fields: bit `i` of `data` says that payload word `i` is raw. Words from 63 on are values.
///
/// # Safety
/// As [`all_words`] for the words whose bit is clear.
pub unsafe fn masked_words(object: NonNull<Header>, data: usize, tracer: &mut Tracer<'_>) {
    // SAFETY: the words follow the header.
    let first: NonNull<Option<Value>> = unsafe { object.add(1).cast() };
    // SAFETY: the collector hands out live objects.
    let words = unsafe { object.as_ref().words() } as usize;
    for i in 0..words {
        if data >> i.min(63) & 1 == 0 {
            // SAFETY: `i` is below the number of payload words and the word is a value.
            tracer.visit_option(unsafe { first.add(i).read() });
        }
    }
}

#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Visited objects are marked and traced.
    Mark,
    /// Visited objects are only listed: roots before the marks are cleared, or the references of one object.
    List,
}

/// Collects references. Handed to [`Trace::trace`] and to root callbacks.
pub struct Tracer<'h> {
    low: usize,
    len: usize,
    scattered: bool,
    pub(crate) mode: Mode,
    /// Objects marked but not yet traced; in list mode the list.
    pub(crate) stack: Vec<NonNull<Header>>,
    /// Large objects marked but not yet traced from the offset on.
    large: Vec<(NonNull<Header>, usize)>,
    /// Frames that run: see [`Tracer::visit_active`].
    pub(crate) active: Vec<NonNull<Header>>,
    pub(crate) space: &'h Space,
    shapes: &'h ShapeTable,
    cursors: &'h VmAlloc,
}

impl<'h> Tracer<'h> {
    pub(crate) fn new(mode: Mode, space: &'h Space, shapes: &'h ShapeTable, cursors: &'h VmAlloc) -> Tracer<'h> {
        let (low, len) = space.region.bounds();
        let scattered = space.region.is_scattered();
        let large = Vec::new();
        Tracer { low, len, scattered, mode, large, stack: Vec::new(), active: Vec::new(), space, shapes, cursors }
    }

    /// Visits one value.
    #[inline]
    pub fn visit(&mut self, value: Value) {
        if let Some(object) = value.try_ptr() {
            self.visit_object(object);
        }
    }

    /// Visits a value that may be absent.
    #[inline]
    pub fn visit_option(&mut self, value: Option<Value>) {
        if let Some(value) = value {
            self.visit(value);
        }
    }

    /// Visits an object by its address.
    #[inline]
    pub fn visit_object(&mut self, object: NonNull<Header>) {
        if object.addr().get().wrapping_sub(self.low) >= self.len {
            return; // an immortal static
        }
        if self.mode == Mode::Mark { self.mark(object) } else { self.list(object) }
    }

    #[inline]
    fn mark(&mut self, object: NonNull<Header>) {
        if self.scattered && !self.space.owns(object) {
            return;
        }
        let chunk = ChunkRef::of_object(object);
        let offset = offset_in_chunk(object);
        if chunk.mark_at(offset) && !chunk.is_leaf_at(offset) {
            self.stack.push(object);
        }
    }

    #[cold]
    fn list(&mut self, object: NonNull<Header>) {
        if self.space.owns(object) {
            self.stack.push(object);
        }
    }

    /// Visits a slice of values.
    pub fn visit_slice(&mut self, values: &[Value]) {
        values.iter().for_each(|&value| self.visit(value));
    }

    /// Visits `count` words of which each is zero or a value.
    ///
    /// # Safety
    /// The words are readable and each is zero or a value.
    #[inline]
    pub unsafe fn visit_words(&mut self, first: NonNull<Option<Value>>, count: usize) {
        for i in 0..count {
            // SAFETY: per contract.
            self.visit_option(unsafe { first.add(i).read() });
        }
    }

    /// Visits whatever the words in `[start, end)` may point to: VM stacks, saved registers, windows of running frames. For root
    /// callbacks only; a trace function has exact fields.
    ///
    /// # Safety
    /// The range is readable.
    pub unsafe fn visit_conservative(&mut self, start: *const usize, end: *const usize) {
        assert!(self.mode == Mode::List, "stacks are scanned before marking; a trace function must visit exact fields");
        let mut at = start.map_addr(|addr| addr.next_multiple_of(align_of::<usize>()));
        while at.addr() + size_of::<usize>() <= end.addr() {
            // SAFETY: per contract. Volatile, because the word may belong to a live local of another function.
            let word = unsafe { at.read_volatile() };
            at = at.wrapping_add(1);
            if word.wrapping_sub(self.low) < self.len
                && let Some(object) = self.space.resolve(word, self.cursors)
            {
                self.stack.push(object);
            }
        }
    }

    /// A generator frame that runs: it is a root, and it stays in the remembered set, so that writes to its registers need no
    /// barrier. Its registers may be stale, so visit them with [`Tracer::visit_conservative`]; its trace function must skip them
    /// while it runs.
    pub fn visit_active(&mut self, frame: NonNull<Header>) {
        self.visit_object(frame);
        self.active.push(frame);
    }

    /// Traces until nothing marked is left untraced. Large buffers are traced piece by piece, so that the stack stays short.
    pub(crate) fn drain(&mut self) {
        /// Bytes of a large object traced at once.
        const PIECE: usize = 32 << 10;
        loop {
            self.drain_stack();
            let Some((object, from)) = self.large.pop() else { return };
            let to = (from + PIECE).min(self.space.cell_bytes(object));
            if to - from == PIECE {
                self.large.push((object, to));
            }
            self.trace_part(object, from, to);
        }
    }

    /// Objects wait in a short queue while their header is fetched into the cache.
    fn drain_stack(&mut self) {
        const AHEAD: usize = 8;
        let mut queue: [Option<NonNull<Header>>; AHEAD] = [None; AHEAD];
        let mut at = 0;
        let mut waiting = 0;
        loop {
            let next = self.stack.pop();
            match next {
                Some(object) => {
                    prefetch(object);
                    waiting += 1;
                }
                None if waiting == 0 => return,
                None => {}
            }
            if let Some(object) = core::mem::replace(&mut queue[at], next) {
                waiting -= 1;
                // SAFETY: only objects get onto the stack.
                let header = unsafe { object.as_ref() };
                // Written only when it changes: a collection in a forked child must not touch what was old in the parent.
                if !header.has_flag(flag::UNLOGGED) {
                    header.set_flag(flag::UNLOGGED);
                }
                if header.size_class() == size_class::LARGE && self.shapes.get(header.shape()).trace_part.is_some() {
                    self.large.push((object, 0));
                } else {
                    self.trace(object);
                }
            }
            at = (at + 1) % AHEAD;
        }
    }

    /// Visits the references of one object among the bytes `[from, to)`.
    pub(crate) fn trace_part(&mut self, object: NonNull<Header>, from: usize, to: usize) {
        // SAFETY: the object is live.
        let info = self.shapes.get(unsafe { object.as_ref() }.shape());
        match info.trace_part {
            // SAFETY: the table's function belongs to the object's shape.
            Some(trace_part) => unsafe { trace_part(object, from, to, self) },
            None => self.trace(object),
        }
        self.visit_option(info.owner);
    }

    /// Visits the references of one object.
    #[inline]
    pub(crate) fn trace(&mut self, object: NonNull<Header>) {
        // SAFETY: the object is live.
        let info = self.shapes.get(unsafe { object.as_ref() }.shape());
        // SAFETY: the table's function belongs to the object's shape.
        unsafe { (info.trace)(object, info.data, self) };
        self.visit_option(info.owner);
    }

    pub(crate) fn shapes(&self) -> &'h ShapeTable {
        self.shapes
    }
}

#[inline(always)]
fn prefetch(object: NonNull<Header>) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it reads nothing.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(object.as_ptr().cast())
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = object;
}

impl Trace for Value {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(*self);
    }
}

impl<T: Trace> Trace for Option<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(inner) = self {
            inner.trace(tracer);
        }
    }
}

impl<T: Trace + Copy> Trace for Cell<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.get().trace(tracer);
    }
}

impl<T: Trace, const N: usize> Trace for [T; N] {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.iter().for_each(|item| item.trace(tracer));
    }
}

impl<A: Trace, B: Trace> Trace for (A, B) {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
        self.1.trace(tracer);
    }
}

macro_rules! trace_nothing {
    ($($ty:ty),* $(,)?) => {
        $(impl Trace for $ty {
            #[inline]
            fn trace(&self, _: &mut Tracer<'_>) {}
        })*
    };
}

trace_nothing!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    usize,
    u128,
    i8,
    i16,
    i32,
    i64,
    isize,
    i128,
    f32,
    f64,
    String,
    &'static str,
    Box<str>,
    Header
);
