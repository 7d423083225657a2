//! Places outside the heap that may hold values because the collector knows them.
//!
//! Holds: every [`Root`] and [`RootVec`] is in the table from its making to its drop, wherever it is moved.

use crate::heap::Heap;
use crate::object::{Gc, HeapObject};
use crate::trace::Tracer;
use cinder_layout::Value;
use core::cell::{Cell, UnsafeCell};
use core::marker::PhantomData;
use core::ops::Deref;
use std::rc::Rc;

/// What a [`Root`] can hold.
pub trait Rootable: Copy {
    fn to_value(self) -> Value;

    /// # Safety
    /// `value` came from `to_value` of the same type.
    unsafe fn from_value(value: Value) -> Self;
}

impl Rootable for Value {
    #[inline]
    fn to_value(self) -> Value {
        self
    }

    #[inline]
    unsafe fn from_value(value: Value) -> Value {
        value
    }
}

impl<T: HeapObject> Rootable for Gc<T> {
    #[inline]
    fn to_value(self) -> Value {
        self.as_value()
    }

    #[inline]
    unsafe fn from_value(value: Value) -> Gc<T> {
        // SAFETY: per contract.
        unsafe { Gc::from_value(value) }
    }
}

/// All roots of a heap.
#[derive(Default)]
pub(crate) struct RootTable {
    slots: UnsafeCell<Vec<Option<Value>>>,
    free: UnsafeCell<Vec<usize>>,
    vecs: UnsafeCell<Vec<Rc<RootVecInner>>>,
}

impl RootTable {
    /// Runs `f` on a field. The closures below neither call back nor nest.
    #[allow(
        clippy::mut_from_ref,
        reason = "exclusive for the duration of each short access; the table is used by one thread"
    )]
    fn with<T, R>(cell: &UnsafeCell<T>, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: RootTable is neither Send nor Sync, and no closure passed here runs code that could reach the table again.
        f(unsafe { &mut *cell.get() })
    }

    fn insert(&self, value: Value) -> usize {
        match Self::with(&self.free, Vec::pop) {
            Some(index) => {
                self.set(index, Some(value));
                index
            }
            None => Self::with(&self.slots, |slots| {
                slots.push(Some(value));
                slots.len() - 1
            }),
        }
    }

    fn set(&self, index: usize, value: Option<Value>) {
        Self::with(&self.slots, |slots| slots[index] = value);
    }

    fn get(&self, index: usize) -> Value {
        Self::with(&self.slots, |slots| slots[index]).expect("the slot of a living root is filled")
    }

    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        Self::with(&self.slots, |slots| slots.iter().for_each(|&value| tracer.visit_option(value)));
        Self::with(&self.vecs, |vecs| vecs.iter().for_each(|vec| Self::with(&vec.values, |v| tracer.visit_slice(v))));
    }
}

/// One value kept alive from anywhere, a Rust static's thread-local excepted.
pub struct Root<T: Rootable> {
    table: Rc<RootTable>,
    index: usize,
    kind: PhantomData<T>,
}

impl<T: Rootable> Root<T> {
    #[inline]
    pub fn get(&self) -> T {
        // SAFETY: only `to_value` of a T is stored.
        unsafe { T::from_value(self.table.get(self.index)) }
    }

    pub fn set(&self, value: T) {
        self.table.set(self.index, Some(value.to_value()));
    }
}

impl<T: Rootable> Drop for Root<T> {
    fn drop(&mut self) {
        self.table.set(self.index, None);
        RootTable::with(&self.table.free, |free| free.push(self.index));
    }
}

struct RootVecInner {
    values: UnsafeCell<Vec<Value>>,
    index: Cell<usize>,
}

/// A growable list of values kept alive from anywhere: what native code uses in place of `Vec<Value>`.
pub struct RootVec {
    table: Rc<RootTable>,
    inner: Rc<RootVecInner>,
}

impl RootVec {
    pub fn push(&mut self, value: Value) {
        self.values_mut().push(value);
    }

    pub fn pop(&mut self) -> Option<Value> {
        self.values_mut().pop()
    }

    /// The list itself, for `sort_by`, `extend` and the like. Nothing may be allocated in the heap while it is borrowed, except by
    /// code that does not touch this list: the collector only reads it.
    pub fn values_mut(&mut self) -> &mut Vec<Value> {
        // SAFETY: `&mut self` is exclusive among users; the collector reads only, when an allocation runs, and sees a whole Vec then.
        unsafe { &mut *self.inner.values.get() }
    }
}

impl Deref for RootVec {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        // SAFETY: changes need `&mut self`.
        unsafe { &*self.inner.values.get() }
    }
}

impl Extend<Value> for RootVec {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl Drop for RootVec {
    fn drop(&mut self) {
        let index = self.inner.index.get();
        RootTable::with(&self.table.vecs, |vecs| {
            vecs.swap_remove(index);
            if let Some(moved) = vecs.get(index) {
                moved.index.set(index);
            }
        });
    }
}

impl Heap {
    /// Keeps `value` alive until the root is dropped.
    pub fn root<T: Rootable>(&self, value: T) -> Root<T> {
        let index = self.roots.insert(value.to_value());
        Root { table: Rc::clone(&self.roots), index, kind: PhantomData }
    }

    /// An empty registered list.
    pub fn root_vec(&self) -> RootVec {
        let inner = Rc::new(RootVecInner { values: UnsafeCell::default(), index: Cell::new(0) });
        RootTable::with(&self.roots.vecs, |vecs| {
            inner.index.set(vecs.len());
            vecs.push(Rc::clone(&inner));
        });
        RootVec { table: Rc::clone(&self.roots), inner }
    }

    /// Adds a callback that lists the VM's own roots at every collection: thread states, VM stacks
    /// ([`Tracer::visit_conservative`]), running generator frames ([`Tracer::visit_active`]), tables.
    pub fn add_roots(&self, callback: impl Fn(&mut Tracer<'_>) + 'static) {
        self.root_callbacks.borrow_mut().push(Box::new(callback));
    }
}
