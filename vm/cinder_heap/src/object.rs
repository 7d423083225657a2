//! Typed pointers, objects laid out as Rust structs, and slots that cannot forget the barrier.

use crate::config::AllocError;
use crate::heap::Heap;
use crate::trace::{Trace, Tracer};
use cinder_layout::{Header, Value, flag, size_class};
use core::cell::Cell;
use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;

/// A struct that is the layout of a heap object. Derive it (`#[derive(Trace, HeapObject)]`).
///
/// # Safety
/// `Self` is `#[repr(C)]`, its first field is a [`Header`], its alignment is at most 16. With `LEAF` it holds no values.
pub unsafe trait HeapObject: Trace {
    /// Whether objects hold no values; they are then marked but never looked into.
    const LEAF: bool = false;
}

/// A pointer to a heap object laid out as `T`. As safe as a [`Value`]: it may live in locals, GC objects and registered roots, where
/// the collector finds it, and then the object is alive.
#[repr(transparent)]
pub struct Gc<T>(NonNull<T>);

impl<T> Copy for Gc<T> {}

impl<T> Clone for Gc<T> {
    #[inline]
    fn clone(&self) -> Gc<T> {
        *self
    }
}

impl<T> PartialEq for Gc<T> {
    #[inline]
    fn eq(&self, other: &Gc<T>) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Gc<T> {}

impl<T> fmt::Debug for Gc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gc({:p})", self.0)
    }
}

impl<T: HeapObject> Deref for Gc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a Gc is made from a live object of type T, and the collector keeps what it finds (see the type's doc).
        unsafe { self.0.as_ref() }
    }
}

impl<T: HeapObject> Gc<T> {
    /// The typed pointer for an object known to be a `T`.
    ///
    /// # Safety
    /// `value` is a pointer to an object laid out as `T`.
    #[inline]
    pub unsafe fn from_value(value: Value) -> Gc<T> {
        debug_assert!(value.is_ptr());
        // SAFETY: a value is never zero.
        Gc(unsafe { NonNull::new_unchecked(value.as_ptr()) })
    }

    /// The typed pointer for an object known to be a `T`.
    ///
    /// # Safety
    /// `object` is laid out as `T`.
    #[inline]
    pub unsafe fn from_header(object: NonNull<Header>) -> Gc<T> {
        Gc(object.cast())
    }

    #[inline]
    pub fn as_value(self) -> Value {
        Value::from_ptr(self.0)
    }

    #[inline]
    pub fn header(self) -> NonNull<Header> {
        self.0.cast()
    }

    #[inline]
    pub fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }

    /// The first byte after the struct: the tail asked for with [`Heap::alloc_tail`].
    #[inline]
    pub fn tail<U>(self) -> NonNull<U> {
        // SAFETY: one past the struct is within or at the end of its cell.
        unsafe { self.0.add(1).cast() }
    }
}

impl<T: HeapObject> From<Gc<T>> for Value {
    #[inline]
    fn from(gc: Gc<T>) -> Value {
        gc.as_value()
    }
}

impl<T: HeapObject> Trace for Gc<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.header());
    }
}

/// What a [`Slot`] can hold.
pub trait SlotValue: Copy + Trace {
    /// Whether it refers to an object; storing anything else needs no barrier.
    fn is_reference(&self) -> bool;
}

impl SlotValue for Value {
    #[inline]
    fn is_reference(&self) -> bool {
        self.is_ptr()
    }
}

impl<T: HeapObject> SlotValue for Gc<T> {
    #[inline]
    fn is_reference(&self) -> bool {
        true
    }
}

impl<T: SlotValue> SlotValue for Option<T> {
    #[inline]
    fn is_reference(&self) -> bool {
        self.as_ref().is_some_and(SlotValue::is_reference)
    }
}

/// A field of a heap object that holds a value, an optional one, or a typed pointer.
///
/// Writing needs the heap and the object that contains the slot, so the write barrier cannot be forgotten.
#[repr(transparent)]
pub struct Slot<T>(Cell<T>);

impl<T: SlotValue> Slot<T> {
    /// A slot of an object that is being built: no barrier is needed.
    #[inline]
    pub const fn new(value: T) -> Slot<T> {
        Slot(Cell::new(value))
    }

    #[inline]
    pub fn get(&self) -> T {
        self.0.get()
    }

    /// Stores `value`; `owner` is the object that contains this slot.
    #[inline]
    pub fn set<O: HeapObject>(&self, heap: &Heap, owner: Gc<O>, value: T) {
        debug_assert!(heap.contains(owner.header(), (&raw const self.0).addr()), "the slot belongs to another object");
        if value.is_reference() {
            heap.write_barrier(owner.header());
        }
        self.0.set(value);
    }

    /// Stores without a barrier, for objects no allocation has happened since, and for values that are no pointers.
    #[inline]
    pub fn init(&self, value: T) {
        self.0.set(value);
    }
}

impl<T: SlotValue> Trace for Slot<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.get().trace(tracer);
    }
}

/// [`crate::TraceFn`] of objects laid out as `T`.
pub(crate) unsafe fn trace_object<T: HeapObject>(object: NonNull<Header>, _: usize, tracer: &mut Tracer<'_>) {
    // SAFETY: the shape table says that the object is a T.
    unsafe { object.cast::<T>().as_ref() }.trace(tracer);
}

/// [`crate::DropFn`] of objects laid out as `T`.
pub(crate) unsafe fn drop_object<T: HeapObject>(object: NonNull<Header>) {
    // SAFETY: the object is a dead T; nobody looks at it again.
    unsafe { object.cast::<T>().as_ptr().drop_in_place() };
}

impl Heap {
    /// Allocates an object laid out as `T`. `value` has a header made by [`object_header`], which tells the shape.
    ///
    /// May allocate: yes. Errors: the heap's limit is reached even after a full collection; `value` is dropped.
    /// A `T` that needs dropping is registered; its shape must have been defined with [`crate::ShapeInfo::of`].
    #[inline]
    pub fn alloc<T: HeapObject>(&self, value: T) -> Result<Gc<T>, AllocError> {
        self.alloc_tail(value, 0)
    }

    /// Like [`Heap::alloc`] with `tail_bytes` zero bytes behind the struct (see [`Gc::tail`]).
    #[inline]
    pub fn alloc_tail<T: HeapObject>(&self, value: T, tail_bytes: usize) -> Result<Gc<T>, AllocError> {
        self.alloc_as(value, tail_bytes, T::LEAF)
    }

    /// An object as [`Heap::take_cell`] finds room for it, so without a collection.
    #[inline(always)]
    pub fn alloc_quickly<T: HeapObject>(&self, value: T) -> Option<Gc<T>> {
        const { assert!(align_of::<T>() <= 16 && size_of::<T>() >= Header::BYTES && !core::mem::needs_drop::<T>()) };
        let class = const { size_class::of_bytes(size_of::<T>()) + if T::LEAF { size_class::LEAF } else { 0 } };
        let gc = Gc(self.take_cell(class)?.cast::<T>());
        // SAFETY: the cell holds the object; nobody else knows it.
        unsafe {
            gc.0.write(value);
            gc.header().as_ref().set_allocation(Header::words_of(size_of::<T>()), class as u8);
        }
        Some(gc)
    }

    /// Like [`Heap::alloc_tail`], for a `T` whose tail decides whether the object is a leaf: an instance of a Python subclass of `str`
    /// begins like a string but has attributes behind it.
    #[inline]
    pub fn alloc_as<T: HeapObject>(&self, value: T, tail_bytes: usize, leaf: bool) -> Result<Gc<T>, AllocError> {
        // SAFETY: the tail is cleared at once.
        unsafe {
            let object = self.alloc_open(value, tail_bytes, leaf)?;
            object.tail::<u8>().write_bytes(0, (size_of::<T>() + tail_bytes).next_multiple_of(8) - size_of::<T>());
            Ok(object)
        }
    }

    /// Like [`Heap::alloc_tail`] with a tail of undefined content, except for the last word, which is zero.
    ///
    /// # Safety
    /// The caller fills what the object's trace reads before anything else is allocated.
    #[inline]
    pub unsafe fn alloc_tail_open<T: HeapObject>(&self, value: T, tail_bytes: usize) -> Result<Gc<T>, AllocError> {
        // SAFETY: contract; the last word of the tail lies within the cell.
        unsafe {
            let object = self.alloc_open(value, tail_bytes, T::LEAF)?;
            if tail_bytes > 0 {
                let end = (size_of::<T>() + tail_bytes).next_multiple_of(8);
                object.header().cast::<u8>().add(end - 8).cast::<u64>().write(0);
            }
            Ok(object)
        }
    }

    /// # Safety
    /// As of [`Heap::alloc_tail_open`].
    #[inline]
    unsafe fn alloc_open<T: HeapObject>(&self, value: T, tail_bytes: usize, leaf: bool) -> Result<Gc<T>, AllocError> {
        const { assert!(align_of::<T>() <= 16 && size_of::<T>() >= Header::BYTES) };
        let bytes = size_of::<T>().checked_add(tail_bytes).ok_or(AllocError)?;
        let (object, class) = self.alloc_cell(bytes, leaf)?;
        let gc = Gc(object.cast::<T>());
        // SAFETY: the cell holds `bytes`; nobody else knows it.
        unsafe {
            gc.0.write(value);
            object.as_ref().set_allocation(Header::words_of(bytes), class);
        }
        debug_assert!(!leaf || self.may_be_leaf(gc.header()), "a shape with values was allocated as leaf");
        if const { core::mem::needs_drop::<T>() } {
            self.register_drop(gc.header());
        }
        Ok(gc)
    }
}

/// The header to put into a struct handed to [`Heap::alloc`].
#[inline]
pub const fn object_header(shape: u32) -> Header {
    Header::new(shape, 0, 0, 0)
}

const _: () = assert!(flag::UNLOGGED == 1 && size_class::LARGE as usize == size_class::CLASSES);
