//! Growable storage in the heap: what `Vec<Value>` and `Vec<u8>` are elsewhere.
//!
//! Problem: the collector does not see values in a `Vec`.
//! Idea: the backing store is a heap object of its own. An object that owns one has a [`GcVec`] field; a local variable may hold the
//! buffer itself, the stack scan finds it.
//! Holds: values `0..len` of a buffer are values; what lies beyond is never read.

use crate::config::AllocError;
use crate::heap::Heap;
use crate::object::{Gc, HeapObject, Slot, object_header};
use crate::trace::{ShapeInfo, Trace, Tracer};
use cinder_layout::{Header, Value, flag, layout_struct, size_class};
use core::cell::Cell;
use core::ptr::NonNull;

/// Shape ids that the heap itself uses. The VM's ids begin at [`FIRST_VM`](builtin_shape::FIRST_VM).
pub mod builtin_shape {
    /// [`super::ValueBuf`].
    pub const VALUE_BUF: u32 = 1;
    /// [`super::ByteBuf`].
    pub const BYTE_BUF: u32 = 2;
    /// The first id free for the VM.
    pub const FIRST_VM: u32 = 16;
}

layout_struct! {
    /// Storage for values: `len` of them from [`ValueBuf::VALUES_OFFSET`] on.
    pub struct ValueBuf {
        header: Header,
        len: Cell<u32> => LEN_OFFSET,
        capacity: Cell<u32> => CAPACITY_OFFSET,
    }
}

layout_struct! {
    /// Storage for bytes, a leaf: `len` of them from [`ByteBuf::BYTES_OFFSET`] on.
    pub struct ByteBuf {
        header: Header,
        len: Cell<usize> => LEN_OFFSET,
        capacity: Cell<usize> => CAPACITY_OFFSET,
    }
}

impl ValueBuf {
    /// Offset of the first value.
    pub const VALUES_OFFSET: i32 = size_of::<ValueBuf>() as i32;
}

impl ByteBuf {
    /// Offset of the first byte.
    pub const BYTES_OFFSET: i32 = size_of::<ByteBuf>() as i32;
}

// SAFETY: repr(C) by the macro, header first.
unsafe impl HeapObject for ValueBuf {}
// SAFETY: repr(C) by the macro, header first, no values.
unsafe impl HeapObject for ByteBuf {
    const LEAF: bool = true;
}

impl Trace for ValueBuf {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let first = NonNull::from(self).cast::<ValueBuf>();
        // SAFETY: the values follow the struct; `0..len` of them are values.
        unsafe { tracer.visit_words(first.add(1).cast(), self.len.get() as usize) };
    }
}

impl Trace for ByteBuf {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// [`crate::TracePartFn`] of [`ValueBuf`].
unsafe fn trace_values(object: NonNull<Header>, from: usize, to: usize, tracer: &mut Tracer<'_>) {
    const START: usize = size_of::<ValueBuf>();
    // SAFETY: the shape is that of value buffers.
    let buffer: Gc<ValueBuf> = unsafe { Gc::from_header(object) };
    let first = from.saturating_sub(START) / 8;
    let last = to.saturating_sub(START).div_ceil(8).min(buffer.len());
    if first < last {
        // SAFETY: a range within `0..len`.
        unsafe { tracer.visit_words(buffer.tail::<Option<Value>>().add(first), last - first) };
    }
}

/// Copies values, of which there are mostly few: calling memcpy takes longer than this loop then.
///
/// # Safety
/// As of [`core::ptr::copy_nonoverlapping`].
#[inline(always)]
pub unsafe fn copy_values(from: *const Value, to: *mut Value, count: usize) {
    const FEW: usize = 12;
    // SAFETY: contract.
    unsafe {
        if count > FEW {
            return core::ptr::copy_nonoverlapping(from, to, count);
        }
        for index in 0..count {
            *to.add(index) = *from.add(index);
            // Keeps this a loop.
            #[cfg(not(miri))]
            core::arch::asm!("", options(nostack, nomem, preserves_flags));
        }
    }
}

/// Bytes behind the last element, so that a pointer one past the end, which may be all that an optimised loop holds, still lies within
/// the buffer and keeps it alive.
const SLACK: usize = 8;

/// The bytes an allocation of `bytes` really gets, so that capacity uses the whole cell.
fn usable(bytes: usize) -> usize {
    if bytes <= size_class::MAX_CELL_BYTES { size_class::bytes(size_class::of_bytes(bytes)) } else { bytes }
}

impl Heap {
    pub(crate) fn define_buffers(&self) {
        self.define_shape(builtin_shape::VALUE_BUF, ShapeInfo::of::<ValueBuf>().with_trace_part(trace_values));
        self.define_shape(builtin_shape::BYTE_BUF, ShapeInfo::of::<ByteBuf>());
    }

    /// A buffer of a few values, as [`Heap::take_cell`] finds room for it.
    #[inline(always)]
    pub fn alloc_values_quickly(&self, values: &[Value]) -> Option<Gc<ValueBuf>> {
        const HEAD: usize = size_of::<ValueBuf>() + SLACK;
        const MOST: usize = (128 - HEAD) / 8;
        if values.len() > MOST {
            return None;
        }
        let bytes = HEAD + values.len() * 8;
        let class = size_class::of_bytes(bytes);
        let capacity = (size_class::bytes(class) - HEAD) / 8;
        let cell = self.take_cell(class)?;
        // SAFETY: the cell holds the buffer, and nothing else knows it yet.
        unsafe {
            let buffer: Gc<ValueBuf> = Gc::from_header(cell);
            cell.cast::<ValueBuf>().write(ValueBuf {
                header: object_header(builtin_shape::VALUE_BUF),
                len: Cell::new(values.len() as u32),
                capacity: Cell::new(capacity as u32),
            });
            buffer.header().as_ref().set_allocation(Header::words_of(size_class::bytes(class)), class as u8);
            for (place, value) in values.iter().enumerate() {
                buffer.tail::<Value>().add(place).write(*value);
                // Keeps this a loop.
                #[cfg(not(miri))]
                core::arch::asm!("", options(nostack, nomem, preserves_flags));
            }
            Some(buffer)
        }
    }

    /// An empty buffer for at least `capacity` values.
    ///
    /// May allocate: yes. Errors: no memory, or more than 2^32 - 1 values.
    pub fn alloc_values(&self, capacity: usize) -> Result<Gc<ValueBuf>, AllocError> {
        let bytes = usable(capacity.checked_mul(8).and_then(|n| n.checked_add(16 + SLACK)).ok_or(AllocError)?);
        let capacity = u32::try_from((bytes - 16 - SLACK) / 8).map_err(|_| AllocError)?;
        let header = object_header(builtin_shape::VALUE_BUF);
        let buffer = ValueBuf { header, len: Cell::new(0), capacity: Cell::new(capacity) };
        // SAFETY: what lies beyond the length, which is 0, is never read.
        unsafe { self.alloc_tail_open(buffer, bytes - 16) }
    }

    /// An empty buffer for at least `capacity` bytes, all zero.
    ///
    /// May allocate: yes. Errors: no memory.
    pub fn alloc_bytes(&self, capacity: usize) -> Result<Gc<ByteBuf>, AllocError> {
        let bytes = usable(capacity.checked_add(24 + SLACK).ok_or(AllocError)?);
        let header = object_header(builtin_shape::BYTE_BUF);
        self.alloc_tail(ByteBuf { header, len: Cell::new(0), capacity: Cell::new(bytes - 24 - SLACK) }, bytes - 24)
    }
}

impl Gc<ValueBuf> {
    #[inline]
    pub fn len(self) -> usize {
        self.len.get() as usize
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn capacity(self) -> usize {
        self.capacity.get() as usize
    }

    /// The values. Do not change the buffer while the slice is in use; index anew after anything that may run Python code.
    #[inline]
    pub fn values(&self) -> &[Value] {
        // SAFETY: `0..len` are values; the buffer is kept alive by the Gc that is borrowed.
        unsafe { core::slice::from_raw_parts(self.first().as_ptr(), self.len()) }
    }

    #[inline]
    fn first(self) -> NonNull<Value> {
        self.tail()
    }

    #[inline]
    pub fn get(self, index: usize) -> Option<Value> {
        // SAFETY: below `len`.
        (index < self.len()).then(|| unsafe { self.first().add(index).read() })
    }

    /// Replaces the value at `index`.
    ///
    /// Panics: `index` is not below `len`; callers check Python indices before.
    #[inline]
    pub fn set(self, heap: &Heap, index: usize, value: Value) {
        assert!(index < self.len(), "the caller has checked the index");
        // SAFETY: below `len`.
        unsafe { self.store(heap, self.first().add(index), value) };
    }

    /// Appends; false when the buffer is full.
    #[inline]
    pub fn push_within_capacity(self, heap: &Heap, value: Value) -> bool {
        let len = self.len.get();
        if len == self.capacity.get() {
            return false;
        }
        // SAFETY: below `capacity`.
        unsafe { self.store(heap, self.first().add(len as usize), value) };
        self.len.set(len + 1);
        true
    }

    /// [`Self::push_within_capacity`] that calls nothing; false also when the buffer must be noted as written to first.
    #[inline(always)]
    pub fn push_quickly(self, value: Value) -> bool {
        let len = self.len.get();
        if len == self.capacity.get() || self.is_unlogged() {
            return false;
        }
        // SAFETY: below `capacity`, and no barrier is needed.
        unsafe { self.first().add(len as usize).write(value) };
        self.len.set(len + 1);
        true
    }

    /// [`Self::set`] that calls nothing, for an index below `len`; false when the buffer must be noted as written to first.
    #[inline(always)]
    pub fn set_quickly(self, index: usize, value: Value) -> bool {
        if index >= self.len() || self.is_unlogged() {
            return false;
        }
        // SAFETY: below `len`, and no barrier is needed.
        unsafe { self.first().add(index).write(value) };
        true
    }

    #[inline(always)]
    fn is_unlogged(self) -> bool {
        // SAFETY: a Gc is a live object.
        unsafe { self.header().as_ref() }.has_flag(flag::UNLOGGED)
    }

    /// # Safety
    /// `slot` is a place for a value in this buffer.
    #[inline]
    unsafe fn store(self, heap: &Heap, slot: NonNull<Value>, value: Value) {
        if value.is_ptr() {
            heap.write_barrier_at(self.header(), slot.as_ptr().cast());
        }
        // SAFETY: per contract.
        unsafe { slot.write(value) };
    }

    #[inline]
    pub fn pop(self) -> Option<Value> {
        let last = self.len.get().checked_sub(1)?;
        self.len.set(last);
        // SAFETY: it was below `len`.
        Some(unsafe { self.first().add(last as usize).read() })
    }

    /// Keeps the first `len` values.
    pub fn truncate(self, len: usize) {
        if len < self.len() {
            self.len.set(len as u32);
        }
    }

    /// Removes and returns the value at `index`; the later ones move down.
    ///
    /// Panics: `index` is not below `len`.
    pub fn remove(self, heap: &Heap, index: usize) -> Value {
        let len = self.len();
        assert!(index < len, "the caller has checked the index");
        self.log_moves(heap);
        // SAFETY: `index` is below `len`; the values behind it move within the buffer.
        unsafe {
            let at = self.first().add(index);
            let value = at.read();
            at.copy_from(at.add(1), len - index - 1);
            self.len.set(len as u32 - 1);
            value
        }
    }

    /// Inserts before `index`; false when the buffer is full.
    ///
    /// Panics: `index` is above `len`.
    pub fn insert_within_capacity(self, heap: &Heap, index: usize, value: Value) -> bool {
        let len = self.len();
        assert!(index <= len, "the caller has checked the index");
        if len == self.capacity() {
            return false;
        }
        heap.write_barrier(self.header());
        // SAFETY: there is room for one more value behind `len`.
        unsafe {
            let at = self.first().add(index);
            at.add(1).copy_from(at, len - index);
            at.write(value);
        }
        self.len.set(len as u32 + 1);
        true
    }

    /// Appends `values`; false, and nothing is changed, when they do not fit. They may be the buffer's own.
    pub fn extend_within_capacity(self, heap: &Heap, values: &[Value]) -> bool {
        let len = self.len();
        if values.len() > self.capacity() - len {
            return false;
        }
        self.log_range(heap, len, values.len());
        // SAFETY: there is room behind `len`, where no readable slice reaches.
        unsafe { copy_values(values.as_ptr(), self.first().add(len).as_ptr(), values.len()) };
        self.len.set((len + values.len()) as u32);
        true
    }

    /// Appends `count` of `values`: number `start`, `start + step` and so on; false, and nothing is changed, when they do not fit.
    ///
    /// Panics: one of the numbers is not below the length of `values`.
    pub fn extend_selected(self, heap: &Heap, values: &[Value], start: usize, step: isize, count: usize) -> bool {
        let len = self.len();
        if count > self.capacity() - len {
            return false;
        }
        self.log_range(heap, len, count);
        let mut at = start;
        for place in len..len + count {
            // SAFETY: there is room behind `len`, where no readable slice reaches.
            unsafe { self.first().add(place).write(values[at]) };
            at = at.wrapping_add_signed(step);
        }
        self.len.set((len + count) as u32);
        true
    }

    /// Puts `values`, which are not the buffer's own, in place of its values `from..to`; false, and nothing is changed, when they do not fit.
    ///
    /// Panics: `from <= to <= len` does not hold; callers clamp Python's bounds.
    pub fn replace_within_capacity(self, heap: &Heap, from: usize, to: usize, values: &[Value]) -> bool {
        let len = self.len();
        assert!(from <= to && to <= len, "the caller has checked the bounds");
        let new_len = len - (to - from) + values.len();
        if new_len > self.capacity() {
            return false;
        }
        let behind = from + values.len();
        if behind != to && to != len {
            self.log_moves(heap);
        }
        self.log_range(heap, from, values.len());
        // SAFETY: both ranges lie within the capacity; the values come from elsewhere.
        unsafe {
            if behind != to {
                self.first().add(behind).copy_from(self.first().add(to), len - to);
            }
            copy_values(values.as_ptr(), self.first().add(from).as_ptr(), values.len());
        }
        self.len.set(new_len as u32);
        true
    }

    /// Values are about to move within the buffer. The set of references stays the same or shrinks, so only a buffer that logs by
    /// parts has to know.
    fn log_moves(self, heap: &Heap) {
        if self.header.size_class() == size_class::LARGE {
            heap.write_barrier(self.header());
        }
    }

    /// The barrier for a store of `count` values from `index` on, which lie within the capacity.
    fn log_range(self, heap: &Heap, index: usize, count: usize) {
        // Steps shorter than a card meet each card.
        const STEP: usize = 32;
        if count != 0 && self.is_unlogged() {
            for at in (index..index + count).step_by(STEP).chain([index + count - 1]) {
                // SAFETY: within the capacity.
                heap.write_barrier_at(self.header(), unsafe { self.first().add(at) }.as_ptr().cast());
            }
        }
    }

    /// Exchanges two values.
    ///
    /// Panics: an index is not below `len`.
    pub fn swap(self, heap: &Heap, a: usize, b: usize) {
        assert!(a < self.len() && b < self.len(), "the caller has checked the indices");
        self.log_range(heap, a, 1);
        self.log_range(heap, b, 1);
        // SAFETY: both below `len`.
        unsafe { self.first().add(a).swap(self.first().add(b)) };
    }
}

impl Gc<ByteBuf> {
    #[inline]
    pub fn len(self) -> usize {
        self.len.get()
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn capacity(self) -> usize {
        self.capacity.get()
    }

    /// The bytes. Do not change the buffer while the slice is in use.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: all bytes of the buffer are initialised; the Gc that is borrowed keeps it alive.
        unsafe { core::slice::from_raw_parts(self.first().as_ptr(), self.len()) }
    }

    /// The address of the first byte; `capacity` bytes are there.
    #[inline]
    pub fn first(self) -> NonNull<u8> {
        self.tail()
    }

    /// Sets the length; bytes not yet written are zero or what was there before.
    ///
    /// Panics: `len` is above the capacity.
    pub fn set_len(self, len: usize) {
        assert!(len <= self.capacity(), "the length is within the capacity");
        self.len.set(len);
    }

    /// Overwrites bytes from `at` on.
    ///
    /// Panics: they reach beyond the capacity.
    pub fn write(self, at: usize, bytes: &[u8]) {
        assert!(at <= self.capacity() && bytes.len() <= self.capacity() - at, "the bytes are within the capacity");
        // SAFETY: within the capacity; `copy_from` allows the source to be the buffer itself.
        unsafe { self.first().add(at).copy_from(NonNull::from(bytes).cast(), bytes.len()) };
    }
}

/// A growable list of values as a field of a heap object. Operations that store take the heap and the object that has the field.
pub struct GcVec(Slot<Option<Gc<ValueBuf>>>);

impl Trace for GcVec {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

impl Default for GcVec {
    fn default() -> GcVec {
        GcVec::new()
    }
}

impl GcVec {
    /// Empty, without a buffer.
    pub const fn new() -> GcVec {
        GcVec(Slot::new(None))
    }

    /// With a buffer that already exists.
    pub const fn from_buffer(buffer: Gc<ValueBuf>) -> GcVec {
        GcVec(Slot::new(Some(buffer)))
    }

    /// The buffer; `None` until something was stored.
    #[inline]
    pub fn buffer(&self) -> Option<Gc<ValueBuf>> {
        self.0.get()
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.buffer().map_or(0, Gc::<ValueBuf>::len)
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.buffer().and_then(|buffer| buffer.get(index))
    }

    /// Replaces the value at `index`. Panics: `index` is not below `len`.
    #[inline]
    pub fn set(&self, heap: &Heap, index: usize, value: Value) {
        self.buffer().expect("an index below len needs a buffer").set(heap, index, value);
    }

    /// The values; see [`Gc::<ValueBuf>::values`].
    #[inline]
    pub fn values(&self) -> &[Value] {
        match self.buffer() {
            // SAFETY: the buffer is kept alive by this field; the caller keeps to the rule of `values`.
            Some(buffer) => unsafe { core::slice::from_raw_parts(buffer.first().as_ptr(), buffer.len()) },
            None => &[],
        }
    }

    /// Appends without calling anything; false when that needs more.
    #[inline(always)]
    pub fn push_quickly(&self, value: Value) -> bool {
        self.buffer().is_some_and(|buffer| buffer.push_quickly(value))
    }

    /// Replaces the value at `index` without calling anything; false when that needs more.
    #[inline(always)]
    pub fn set_quickly(&self, index: usize, value: Value) -> bool {
        self.buffer().is_some_and(|buffer| buffer.set_quickly(index, value))
    }

    /// Appends. May allocate: yes.
    #[inline]
    pub fn push<O: HeapObject>(&self, heap: &Heap, owner: Gc<O>, value: Value) -> Result<(), AllocError> {
        if let Some(buffer) = self.buffer()
            && buffer.push_within_capacity(heap, value)
        {
            return Ok(());
        }
        let done = self.reserve(heap, owner, 1)?.push_within_capacity(heap, value);
        debug_assert!(done);
        Ok(())
    }

    #[inline]
    pub fn pop(&self) -> Option<Value> {
        self.buffer().and_then(Gc::<ValueBuf>::pop)
    }

    /// Inserts before `index`. May allocate: yes. Panics: `index` is above `len`.
    pub fn insert<O: HeapObject>(
        &self,
        heap: &Heap,
        owner: Gc<O>,
        index: usize,
        value: Value,
    ) -> Result<(), AllocError> {
        let done = self.reserve(heap, owner, 1)?.insert_within_capacity(heap, index, value);
        debug_assert!(done);
        Ok(())
    }

    /// Removes and returns the value at `index`. Panics: `index` is not below `len`.
    pub fn remove(&self, heap: &Heap, index: usize) -> Value {
        self.buffer().expect("an index below len needs a buffer").remove(heap, index)
    }

    /// Appends `values`, which may be this list's own. May allocate: yes.
    pub fn extend<O: HeapObject>(&self, heap: &Heap, owner: Gc<O>, values: &[Value]) -> Result<(), AllocError> {
        let done = self.reserve(heap, owner, values.len())?.extend_within_capacity(heap, values);
        debug_assert!(done);
        Ok(())
    }

    /// Keeps the first `len` values.
    pub fn truncate(&self, len: usize) {
        if let Some(buffer) = self.buffer() {
            buffer.truncate(len);
        }
    }

    /// Empties the list and returns the buffer it had.
    pub fn take(&self) -> Option<Gc<ValueBuf>> {
        let buffer = self.0.get();
        self.0.init(None);
        buffer
    }

    /// Replaces the buffer.
    pub fn set_buffer<O: HeapObject>(&self, heap: &Heap, owner: Gc<O>, buffer: Gc<ValueBuf>) {
        self.0.set(heap, owner, Some(buffer));
    }

    /// Makes room for `more` values and returns the buffer. The old buffer stays intact for those who still read it.
    /// May allocate: yes.
    pub fn reserve<O: HeapObject>(&self, heap: &Heap, owner: Gc<O>, more: usize) -> Result<Gc<ValueBuf>, AllocError> {
        let len = self.len();
        let needed = len.checked_add(more).ok_or(AllocError)?;
        match self.buffer() {
            Some(buffer) if needed <= buffer.capacity() => Ok(buffer),
            old => {
                // Half as much again keeps appending linear; small lists begin with room for four.
                let capacity = needed.max(len + len / 2).max(4);
                let grown = heap.alloc_values(capacity)?;
                if let Some(old) = old {
                    let done = grown.extend_within_capacity(heap, old.values());
                    debug_assert!(done);
                }
                self.0.set(heap, owner, Some(grown));
                Ok(grown)
            }
        }
    }
}
