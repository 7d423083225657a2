//! Which objects have weak references, beside the objects.
//!
//! Idea: a table from referent to its weak reference objects. The weak reference's own trace function does not visit the referent;
//! when the referent dies the collector empties the reference through [`crate::ShapeInfo::clear_weak`].
//! Holds: after a collection no weak reference, reachable or resurrected, points to a dead object. A minor collection looks only at
//! referents that got a reference since the last one: only there can a referent or a reference be young.

use crate::finalize::Finalizers;
use crate::heap::Heap;
use crate::space::Space;
use crate::trace::ShapeTable;
use cinder_layout::{Header, flag};
use core::ptr::NonNull;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry as MapEntry;

struct Entry {
    weakref: NonNull<Header>,
    /// Callbacks run in order of registration.
    number: u64,
}

/// The references to one object, of which there is mostly one.
struct Entries {
    first: Entry,
    /// Registered later.
    more: Vec<Entry>,
}

impl Entries {
    fn iter(&self) -> impl Iterator<Item = &Entry> {
        core::iter::once(&self.first).chain(&self.more)
    }

    fn into_iter(self) -> impl Iterator<Item = Entry> {
        core::iter::once(self.first).chain(self.more)
    }

    /// Keeps what `keep` is true for; whether anything is left.
    fn retain(&mut self, keep: impl Fn(&Entry) -> bool) -> bool {
        self.more.retain(&keep);
        if keep(&self.first) {
            return true;
        }
        if self.more.is_empty() {
            return false;
        }
        self.first = self.more.remove(0);
        true
    }
}

#[derive(Default)]
pub(crate) struct WeakTable {
    by_referent: FxHashMap<NonNull<Header>, Entries>,
    /// Referents registered since the last collection.
    young: Vec<NonNull<Header>>,
    registered: u64,
}

impl WeakTable {
    /// Empties the references to everything unmarked and queues those that want a callback. Returns the referents whose entries may
    /// still hold dead references.
    pub(crate) fn clear_dead(
        &mut self,
        space: &Space,
        shapes: &ShapeTable,
        full: bool,
        finalizers: &mut Finalizers,
    ) -> Vec<NonNull<Header>> {
        let mut referents = core::mem::take(&mut self.young);
        if full {
            referents = self.by_referent.keys().copied().collect();
        }
        let mut callbacks = Vec::new();
        referents.retain(|&referent| {
            if space.is_marked(referent) {
                return true;
            }
            let mut of_referent = Vec::new();
            for entry in self.by_referent.remove(&referent).into_iter().flat_map(Entries::into_iter) {
                // SAFETY: weak references stay readable until swept, also unmarked ones.
                let wants_callback = unsafe { clear(shapes, entry.weakref) };
                if wants_callback && space.is_marked(entry.weakref) {
                    of_referent.push(entry);
                }
            }
            if !of_referent.is_empty() {
                callbacks.push(of_referent);
            }
            // SAFETY: as above; a finalizer may bring the referent back.
            unsafe { referent.as_ref() }.clear_flag(flag::WEAKREFFED);
            false
        });
        // Objects in the order in which they were referred to first, the callbacks of one from the newest to the oldest, as in CPython.
        callbacks.sort_by_key(|entries| entries[0].number);
        callbacks
            .iter()
            .flat_map(|entries| entries.iter().rev())
            .for_each(|entry| finalizers.queue_callback(entry.weakref));
        referents
    }

    /// Forgets dead references to the given living referents.
    pub(crate) fn forget_dead(&mut self, space: &Space, referents: &[NonNull<Header>]) {
        for referent in referents {
            let Some(entries) = self.by_referent.get_mut(referent) else { continue };
            if !entries.retain(|entry| space.is_marked(entry.weakref)) {
                self.by_referent.remove(referent);
                // SAFETY: the referent is alive.
                unsafe { referent.as_ref() }.clear_flag(flag::WEAKREFFED);
            }
        }
    }
}

/// # Safety
/// `weakref` is a readable weak reference object.
unsafe fn clear(shapes: &ShapeTable, weakref: NonNull<Header>) -> bool {
    // SAFETY: per contract.
    let shape = unsafe { weakref.as_ref() }.shape();
    match shapes.get(shape).clear_weak {
        // SAFETY: the function belongs to the object's shape.
        Some(clear) => unsafe { clear(weakref) },
        None => crate::fatal(&format!("shape {shape} was registered as a weak reference but has no clear function")),
    }
}

impl Heap {
    /// Notes that `weakref` refers weakly to `referent`. The shape of `weakref` has a `clear_weak` function.
    pub fn weak_register(&self, referent: NonNull<Header>, weakref: NonNull<Header>) {
        // SAFETY: the caller holds live objects.
        unsafe { referent.as_ref() }.set_flag(flag::WEAKREFFED);
        let mut weak = self.weak.borrow_mut();
        let number = weak.registered;
        weak.registered += 1;
        let entry = Entry { weakref, number };
        match weak.by_referent.entry(referent) {
            MapEntry::Occupied(mut known) => known.get_mut().more.push(entry),
            MapEntry::Vacant(place) => {
                place.insert(Entries { first: entry, more: Vec::new() });
            }
        }
        weak.young.push(referent);
    }

    /// Undoes [`Heap::weak_register`].
    pub fn weak_unregister(&self, referent: NonNull<Header>, weakref: NonNull<Header>) {
        let mut weak = self.weak.borrow_mut();
        let Some(entries) = weak.by_referent.get_mut(&referent) else { return };
        if !entries.retain(|entry| entry.weakref != weakref) {
            weak.by_referent.remove(&referent);
            // SAFETY: the caller holds live objects.
            unsafe { referent.as_ref() }.clear_flag(flag::WEAKREFFED);
        }
    }

    /// The first weak reference to `referent` that `wanted` is true for; it must not allocate.
    pub fn find_weak_ref(
        &self,
        referent: NonNull<Header>,
        wanted: impl Fn(NonNull<Header>) -> bool,
    ) -> Option<NonNull<Header>> {
        let weak = self.weak.borrow();
        let entries = weak.by_referent.get(&referent)?;
        // Not by one iterator over both: classes have hundreds of references.
        match wanted(entries.first.weakref) {
            true => Some(entries.first.weakref),
            false => entries.more.iter().map(|entry| entry.weakref).find(|weakref| wanted(*weakref)),
        }
    }

    /// The weak references to `referent` in order of registration. Test `flag::WEAKREFFED` first, it is cheaper.
    pub fn weak_refs(&self, referent: NonNull<Header>) -> Vec<NonNull<Header>> {
        let weak = self.weak.borrow();
        weak.by_referent.get(&referent).map_or_else(Vec::new, |entries| entries.iter().map(|e| e.weakref).collect())
    }
}
