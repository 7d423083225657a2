//! Which parts of large old objects were written to.
//!
//! Problem: logging whole objects makes a list of a million elements cost a million visits per minor collection, for one store.
//! Idea: large objects whose shape can trace a part of itself ([`crate::ShapeInfo::trace_part`]) keep their `UNLOGGED` bit, so that every
//! pointer store into them takes the cold path, which sets one bit per 512 bytes. A minor collection traces those cards only.
//! Holds: an object has cards only while it is old, not frozen and not in the remembered set.

use crate::heap::Heap;
use crate::trace::Tracer;
use cinder_layout::{Header, flag, size_class};
use core::cell::{Cell, RefCell};
use core::ptr::NonNull;
use rustc_hash::FxHashMap;

/// Bytes of an object that one bit stands for.
const CARD_BYTES: usize = 512;

#[derive(Default)]
pub(crate) struct Cards {
    sets: RefCell<FxHashMap<NonNull<Header>, Vec<u64>>>,
    /// The card marked last: stores in a row hit the same one.
    last: Cell<Option<(NonNull<Header>, usize)>>,
}

impl Cards {
    fn mark(&self, object: NonNull<Header>, offset: usize) {
        let card = offset / CARD_BYTES;
        if self.last.get() == Some((object, card)) {
            return;
        }
        let mut sets = self.sets.borrow_mut();
        let set = sets.entry(object).or_default();
        if set.len() <= card / 64 {
            set.resize(card / 64 + 1, 0);
        }
        set[card / 64] |= 1 << (card % 64);
        self.last.set(Some((object, card)));
    }

    /// Forgets all cards and returns them.
    pub(crate) fn take(&self) -> FxHashMap<NonNull<Header>, Vec<u64>> {
        self.last.set(None);
        self.sets.take()
    }
}

/// Traces the cards of `object` whose bits are set.
pub(crate) fn trace_cards(tracer: &mut Tracer<'_>, object: NonNull<Header>, cards: &[u64]) {
    for (word, &bits) in cards.iter().enumerate() {
        let mut rest = bits;
        while rest != 0 {
            let card = word * 64 + rest.trailing_zeros() as usize;
            tracer.trace_part(object, card * CARD_BYTES, (card + 1) * CARD_BYTES);
            rest &= rest - 1;
        }
    }
}

impl Heap {
    /// As [`Heap::write_barrier`] for a store to the word at `slot` within `object`: in large objects only its surroundings are looked
    /// at later. Use it for elements of buffers; for objects that are never large the plain barrier is as good.
    ///
    /// Cost: a byte test; for large old objects a call.
    #[inline]
    pub fn write_barrier_at(&self, object: NonNull<Header>, slot: *const ()) {
        // SAFETY: the caller holds a live object.
        if unsafe { object.as_ref() }.has_flag(flag::UNLOGGED) {
            self.log_slot(object, slot);
        }
    }

    /// The cold half of [`Heap::write_barrier_at`], for machine code too.
    #[cold]
    #[inline(never)]
    pub fn log_slot(&self, object: NonNull<Header>, slot: *const ()) {
        // SAFETY: as in `write_barrier_at`.
        let header = unsafe { object.as_ref() };
        if header.size_class() == size_class::LARGE && self.shapes.borrow().get(header.shape()).trace_part.is_some() {
            self.cards.mark(object, slot.addr() - object.addr().get());
        } else {
            self.log_slow(object);
        }
    }
}
