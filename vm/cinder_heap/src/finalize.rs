//! What must happen when objects die: `__del__`, weak reference callbacks, and the release of native resources.
//!
//! Problem: finalizers are Python code and must not run inside an allocation; native payloads (descriptors, memory) must be released
//! without Python code.
//! Idea: lists beside the heap name the objects concerned, in order of creation, split into young and old so that a minor collection
//! visits the young only. A collection fills two queues that the VM empties at its safepoints (PEP 442: each `__del__` once, the object
//! resurrected for it).
//! Holds: queued objects are roots. The drop function of a payload reads no other heap object and allocates nothing in the heap.

use crate::heap::Heap;
use crate::space::Space;
use crate::trace::{ShapeTable, Tracer};
use cinder_layout::{Header, Value, flag};
use core::ptr::NonNull;
use std::collections::VecDeque;

/// Work that a collection left for the VM.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A weak reference whose referent died and that asked for a callback: call it.
    WeakCallback(Value),
    /// An object to call `__del__` on.
    Finalize(Value),
}

/// Objects registered for something, in order of registration.
#[derive(Default)]
struct Registered {
    young: Vec<NonNull<Header>>,
    old: Vec<NonNull<Header>>,
}

impl Registered {
    /// Takes out the unmarked objects; the others become old.
    fn take_dead(&mut self, space: &Space, full: bool) -> Vec<NonNull<Header>> {
        let mut dead = Vec::new();
        let mut keep = |object: &NonNull<Header>| {
            let live = space.is_marked(*object);
            if !live {
                dead.push(*object);
            }
            live
        };
        if full {
            self.old.retain(&mut keep);
        }
        self.young.retain(&mut keep);
        self.old.append(&mut self.young);
        dead
    }
}

#[derive(Default)]
pub(crate) struct Finalizers {
    with_del: Registered,
    with_drop: Registered,
    queue: VecDeque<NonNull<Header>>,
    callbacks: VecDeque<NonNull<Header>>,
}

impl Finalizers {
    pub(crate) fn trace_queues(&self, tracer: &mut Tracer<'_>) {
        self.queue.iter().chain(&self.callbacks).for_each(|&object| tracer.visit_object(object));
    }

    /// The dead objects whose `__del__` has not run.
    pub(crate) fn take_unfinalized(&mut self, space: &Space, full: bool) -> Vec<NonNull<Header>> {
        let mut dead = self.with_del.take_dead(space, full);
        // SAFETY: dead objects stay readable until their cells are swept.
        dead.retain(|object| unsafe { object.as_ref() }.has_flag(flag::HAS_DEL));
        dead
    }

    /// Queues a dead object, which has been marked again, for `__del__`.
    pub(crate) fn queue_del(&mut self, object: NonNull<Header>) {
        // SAFETY: the object was just resurrected.
        unsafe { object.as_ref() }.set_flag(flag::DEL_DONE);
        self.queue.push_back(object);
    }

    pub(crate) fn queue_callback(&mut self, weakref: NonNull<Header>) {
        self.callbacks.push_back(weakref);
    }

    /// The dead objects with native payloads.
    pub(crate) fn take_undropped(&mut self, space: &Space, full: bool) -> Vec<NonNull<Header>> {
        self.with_drop.take_dead(space, full)
    }

    /// Every object with a native payload, for the end of the heap.
    pub(crate) fn take_drops(&mut self) -> Vec<NonNull<Header>> {
        let mut all = core::mem::take(&mut self.with_drop.old);
        all.append(&mut self.with_drop.young);
        all
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.queue.is_empty() || !self.callbacks.is_empty()
    }
}

/// Releases the native part of a dead object.
///
/// # Safety
/// `object` was registered for it, is dead, and this is the only call.
pub(crate) unsafe fn drop_native(shapes: &ShapeTable, object: NonNull<Header>) {
    // SAFETY: dead objects stay readable until their cells are swept.
    let shape = unsafe { object.as_ref() }.shape();
    match shapes.get(shape).drop {
        // SAFETY: the function belongs to the shape, the object is dead.
        Some(drop) => unsafe { drop(object) },
        None => crate::fatal(&format!("shape {shape} has registered native payloads but no drop function")),
    }
}

impl Heap {
    /// Registers a new object of a class with `__del__`: when it dies, it is handed out by [`Heap::next_pending`] once. Who clears
    /// [`flag::HAS_DEL`] in its header takes that back.
    #[inline]
    pub fn register_finalizer(&self, object: NonNull<Header>) {
        // SAFETY: the caller holds a live object.
        unsafe { object.as_ref() }.set_flag(flag::HAS_DEL);
        self.finalizers.borrow_mut().with_del.young.push(object);
    }

    /// Takes [`Heap::register_finalizer`] back. What was registered last leaves no trace, so objects that come and go in turn cost collections nothing.
    #[inline]
    pub fn withdraw_finalizer(&self, object: NonNull<Header>) {
        // SAFETY: the caller holds a live object.
        let header = unsafe { object.as_ref() };
        if !header.has_flag(flag::HAS_DEL) {
            return;
        }
        header.clear_flag(flag::HAS_DEL);
        let young = &mut self.finalizers.borrow_mut().with_del.young;
        if young.last() == Some(&object) {
            young.pop();
        }
    }

    /// The objects that will be finalized when they die and that `wanted` is true for; it must not allocate. Some of them may be dead, and not
    /// known to be.
    pub fn find_finalizable(&self, wanted: impl Fn(NonNull<Header>) -> bool) -> Vec<NonNull<Header>> {
        let registered = &self.finalizers.borrow().with_del;
        let all = registered.old.iter().chain(&registered.young).copied();
        // SAFETY: registered objects are readable until a collection takes them out.
        all.filter(|object| unsafe { object.as_ref() }.has_flag(flag::HAS_DEL) && wanted(*object)).collect()
    }

    /// Registers a new object whose payload must be dropped when it dies. [`Heap::alloc`] does it where the type needs it.
    pub fn register_drop(&self, object: NonNull<Header>) {
        // SAFETY: the caller holds a live object.
        unsafe { object.as_ref() }.set_flag(flag::NATIVE_DROP);
        self.finalizers.borrow_mut().with_drop.young.push(object);
    }

    /// Whether [`Heap::next_pending`] has something; a load, for safepoints.
    #[inline]
    pub fn has_pending(&self) -> bool {
        self.pending.get()
    }

    /// The next piece of work: weak reference callbacks first, then finalizers in order of creation. Call at safepoints until it is
    /// `None`; keep the value rooted (a local suffices) while working on it.
    pub fn next_pending(&self) -> Option<Pending> {
        let mut finalizers = self.finalizers.borrow_mut();
        let next = match finalizers.callbacks.pop_front() {
            Some(weakref) => Some(Pending::WeakCallback(Value::from_ptr(weakref))),
            None => finalizers.queue.pop_front().map(|object| Pending::Finalize(Value::from_ptr(object))),
        };
        self.pending.set(finalizers.has_pending());
        next
    }
}
