//! Growable lists of values in Rust locals.
//!
//! Problem: a `SmallVec<[Value; N]>` on the stack is found by the conservative scan until it spills; then its values are lost.
//! Idea: the same list, whose spilled buffers are registered with the thread; the VM's roots scan them conservatively.
//! Holds: a registered buffer is zeroed beyond what was written, stays where it is until it is registered anew, and is removed on drop.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use smallvec::{Array, SmallVec};

thread_local! {
    /// Start and size in bytes of each spilled buffer.
    static SPILLED: RefCell<Vec<(usize, usize)>> = const { RefCell::new(Vec::new()) };
}

/// What a list or a text unwinds with that finds no memory to grow; becomes a `MemoryError` where a panic would become a `SystemError`.
pub(crate) struct OutOfMemory;

/// A `SmallVec` of values, `Gc` pointers, or tuples of them that the collector sees.
pub struct ValueVec<A: Array>
where
    A::Item: Copy,
{
    items: SmallVec<A>,
    /// Address registered, 0 for none.
    registered: usize,
}

impl<A: Array> ValueVec<A>
where
    A::Item: Copy,
{
    pub fn new() -> Self {
        ValueVec { items: SmallVec::new(), registered: 0 }
    }

    #[inline]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut list = Self::new();
        list.reserve(capacity);
        list
    }

    /// `len` copies of `item`.
    pub fn from_elem(item: A::Item, len: usize) -> Self {
        let mut list = Self::with_capacity(len);
        list.items.resize(len, item);
        list
    }

    #[inline]
    pub fn push(&mut self, item: A::Item) {
        // Only a full buffer moves.
        if self.items.len() == self.items.capacity() {
            self.reserve(1);
        }
        self.items.push(item);
    }

    pub fn pop(&mut self) -> Option<A::Item> {
        self.items.pop()
    }

    pub fn remove(&mut self, index: usize) -> A::Item {
        self.items.remove(index)
    }

    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }

    pub fn clear(&mut self) {
        self.items.clear();
    }

    pub fn insert(&mut self, index: usize, item: A::Item) {
        self.reserve(1);
        self.items.insert(index, item);
    }

    pub fn resize(&mut self, len: usize, item: A::Item) {
        self.reserve(len.saturating_sub(self.items.len()));
        self.items.resize(len, item);
    }

    #[inline]
    pub fn extend_from_slice(&mut self, items: &[A::Item]) {
        self.reserve(items.len());
        self.items.extend_from_slice(items);
    }

    /// Makes room for `more` items, in a buffer that the collector knows.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if more > self.items.capacity() - self.items.len() {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        if self.items.try_reserve(more).is_err() {
            std::panic::resume_unwind(Box::new(OutOfMemory));
        }
        self.update();
    }

    pub fn as_slice(&self) -> &[A::Item] {
        &self.items
    }

    /// Registers the buffer after it may have moved.
    #[cold]
    fn update(&mut self) {
        let start = if self.items.spilled() { self.items.as_ptr().addr() } else { 0 };
        if start != 0 {
            let (len, capacity) = (self.items.len(), self.items.capacity());
            // SAFETY: the spare capacity belongs to this buffer; zero words are no values.
            unsafe { self.items.as_mut_ptr().add(len).write_bytes(0, capacity - len) };
        }
        let size = self.items.capacity() * size_of::<A::Item>();
        SPILLED.with_borrow_mut(|buffers| {
            let old = self.registered;
            if old != 0 {
                let at = buffers.iter().rposition(|(known, _)| *known == old).expect("registered before");
                buffers.swap_remove(at);
            }
            if start != 0 {
                buffers.push((start, size));
            }
        });
        self.registered = start;
    }
}

impl<A: Array> Drop for ValueVec<A>
where
    A::Item: Copy,
{
    fn drop(&mut self) {
        if self.registered != 0 {
            SPILLED.with_borrow_mut(|buffers| {
                let at = buffers.iter().rposition(|(known, _)| *known == self.registered).expect("registered before");
                buffers.swap_remove(at);
            });
        }
    }
}

impl<A: Array> Default for ValueVec<A>
where
    A::Item: Copy,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Array> Deref for ValueVec<A>
where
    A::Item: Copy,
{
    type Target = [A::Item];

    #[inline]
    fn deref(&self) -> &[A::Item] {
        &self.items
    }
}

impl<A: Array> DerefMut for ValueVec<A>
where
    A::Item: Copy,
{
    #[inline]
    fn deref_mut(&mut self) -> &mut [A::Item] {
        &mut self.items
    }
}

impl<A: Array> Extend<A::Item> for ValueVec<A>
where
    A::Item: Copy,
{
    /// Item by item, each visible to the collector before the next is made.
    fn extend<I: IntoIterator<Item = A::Item>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}

impl<A: Array> FromIterator<A::Item> for ValueVec<A>
where
    A::Item: Copy,
{
    fn from_iter<I: IntoIterator<Item = A::Item>>(items: I) -> Self {
        let mut list = Self::new();
        list.extend(items);
        list
    }
}

impl<A: Array> From<&[A::Item]> for ValueVec<A>
where
    A::Item: Copy,
{
    fn from(items: &[A::Item]) -> Self {
        let mut list = Self::new();
        list.extend_from_slice(items);
        list
    }
}

impl<'a, A: Array> IntoIterator for &'a ValueVec<A>
where
    A::Item: Copy,
{
    type Item = &'a A::Item;
    type IntoIter = std::slice::Iter<'a, A::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// `values![a, b]`: a [`ValueVec`] of these.
#[macro_export]
macro_rules! values {
    ($($item:expr),* $(,)?) => {{
        let mut list = $crate::value_vec::ValueVec::new();
        $(list.push($item);)*
        list
    }};
}

/// Visits the spilled buffers of the calling thread.
pub(crate) fn trace_spilled(tracer: &mut cinder_heap::Tracer<'_>) {
    SPILLED.with_borrow(|buffers| trace_buffers(buffers, tracer));
}

/// Takes the calling thread's list while the thread does not run.
pub(crate) fn take_spilled() -> Vec<(usize, usize)> {
    SPILLED.take()
}

/// Puts the list back.
pub(crate) fn put_spilled(buffers: Vec<(usize, usize)>) {
    SPILLED.set(buffers);
}

/// Visits buffers by start and size.
pub(crate) fn trace_buffers(buffers: &[(usize, usize)], tracer: &mut cinder_heap::Tracer<'_>) {
    for (start, size) in buffers {
        let start = std::ptr::with_exposed_provenance::<usize>(*start);
        // SAFETY: a registered buffer is live and initialised (zeroed beyond what was written).
        unsafe { tracer.visit_conservative(start, start.byte_add(*size)) };
    }
}
