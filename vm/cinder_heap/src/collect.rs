//! A collection, step by step.
//!
//! 1. List the roots. Words of stacks are resolved to objects here, because that needs the old marks.
//! 2. A full collection clears the marks; a minor one keeps them, so everything old counts as reached (sticky marks).
//! 3. Mark from the roots and from the old objects that were written to.
//! 4. Empty weak references to what is unmarked; resurrect what needs `__del__` and queue it.
//! 5. Release native payloads of the dead.
//! 6. Count, free empty blocks, and set the next trigger.
//!
//! Holds: marked objects that are traced get `UNLOGGED`, so the next store into them is noticed. Frozen and static objects are never
//! written to here.

use crate::cards::trace_cards;
use crate::config::Collection;
use crate::heap::{Heap, Liveness};
use crate::stack::{StackMark, stack_from, with_registers};
use crate::trace::{Mode, Tracer};
use crate::verify;
use cinder_layout::{BumpCursor, flag};
use core::ptr;
use std::time::Instant;

impl Heap {
    /// Collects now. Finalizers and callbacks are queued, not run: see [`Heap::next_pending`].
    ///
    /// Runs Python: no.
    pub fn collect(&self, kind: Collection) {
        with_registers(|top| self.collect_below(kind, top));
    }

    /// As [`Heap::collect`], but looks at no word of the native stack below the mark. Gaps of the frames there hold words that earlier calls
    /// left behind, and these would keep alive what a program has just dropped and asks to be collected.
    ///
    /// # Safety
    /// No frame below the mark uses a value afterwards that it held before, other than one that is reachable in another way.
    pub unsafe fn collect_above(&self, kind: Collection, mark: StackMark) {
        self.collect_below(kind, mark.0);
    }

    fn collect_below(&self, kind: Collection, top: *const usize) {
        if self.busy.replace(true) {
            crate::fatal("a collection was started during a collection");
        }
        let start = Instant::now();
        let full = kind == Collection::Full;
        let remembered_bytes = self.mark_phase(kind, top);
        self.release_phase(full);
        let used_before = self.space.borrow().used_bytes;
        let census = self.space.borrow_mut().census(self.is_stressed());
        self.adapt(kind, census.live_bytes, remembered_bytes);
        if full {
            let turnover = self.turnover_bytes(used_before.saturating_sub(census.live_bytes));
            self.space.borrow().trim(self.reserve_bytes(census.live_bytes).max(turnover));
            self.space.borrow_mut().release_spare(turnover / 2);
        }
        let mut stats = self.stats.get();
        stats.live_bytes = census.live_bytes;
        stats.live_objects = census.live_objects;
        *(if full { &mut stats.full_collections } else { &mut stats.minor_collections }) += 1;
        let pause = start.elapsed().as_nanos() as u64;
        stats.pause_ns += pause;
        stats.longest_pause_ns = stats.longest_pause_ns.max(pause);
        self.stats.set(stats);
        self.busy.set(false);
    }

    /// Steps 1 to 4. Returns the bytes of old objects that had been written to.
    fn mark_phase(&self, kind: Collection, top: *const usize) -> usize {
        let full = kind == Collection::Full;
        let (space, shapes) = (self.space.borrow(), self.shapes.borrow());
        let mut tracer = Tracer::new(Mode::List, &space, &shapes, &self.cursors);
        self.list_roots(&mut tracer, full, top);
        let roots = core::mem::take(&mut tracer.stack);
        // Bump ranges are no longer needed to resolve words.
        for cursor in &self.cursors.cursors {
            forget_run(cursor);
        }
        if full {
            space.clear_marks();
        }
        tracer.mode = Mode::Mark;
        roots.iter().for_each(|&root| tracer.visit_object(root));
        let remembered_bytes = self.trace_remembered(&mut tracer, full);
        tracer.drain();
        self.settle_dead(&mut tracer, full);
        self.keep_active_logged(&mut tracer);
        if self.is_stressed() && !full {
            let permanent = self.permanent.borrow();
            verify::marks(&space, &shapes, &self.cursors, roots.iter().chain(permanent.iter()).copied());
        }
        let liveness = Liveness { space: &space, kind };
        self.after_mark.borrow().iter().for_each(|hook| hook(&liveness));
        remembered_bytes
    }

    fn list_roots(&self, tracer: &mut Tracer<'_>, full: bool, top: *const usize) {
        if !cfg!(miri) {
            let (top, base) = stack_from(top);
            // SAFETY: from a local of a caller up to the base of this thread's stack.
            unsafe { tracer.visit_conservative(top, base) };
        }
        for &(top, base) in self.parked.borrow().iter() {
            // SAFETY: the thread that parked is blocked below `top`.
            unsafe { tracer.visit_conservative(top, base) };
        }
        self.roots.trace(tracer);
        self.root_callbacks.borrow().iter().for_each(|callback| callback(tracer));
        self.finalizers.borrow().trace_queues(tracer);
        let immortals = self.immortals.borrow();
        let from = if full { 0 } else { self.immortals_seen.get() };
        immortals[from..].iter().for_each(|&object| tracer.visit_object(object));
        self.immortals_seen.set(immortals.len());
    }

    /// Traces the old objects written to since the last collection, and the immortal ones ever written to.
    fn trace_remembered(&self, tracer: &mut Tracer<'_>, full: bool) -> usize {
        let mut permanent = self.permanent.borrow_mut();
        let mut bytes = 0;
        for object in self.remembered.take() {
            if !tracer.space.owns(object) || tracer.space.is_frozen(object) {
                permanent.push(object);
                continue;
            }
            bytes += tracer.space.cell_bytes(object);
            if !full {
                // Marked already; tracing it arms it again. In a full collection it is traced if it is reached.
                tracer.stack.push(object);
            }
        }
        for (object, cards) in self.cards.take() {
            if tracer.space.is_frozen(object) {
                // SAFETY: frozen objects live.
                unsafe { object.as_ref() }.clear_flag(flag::UNLOGGED);
                permanent.push(object);
            } else if !full {
                bytes += cards.len() * 64;
                trace_cards(tracer, object, &cards);
            }
        }
        permanent.iter().for_each(|&object| tracer.trace(object));
        bytes
    }

    /// Weak references and finalizers (PEP 442): what dies is decided before anything is brought back for its `__del__`.
    fn settle_dead(&self, tracer: &mut Tracer<'_>, full: bool) {
        let mut finalizers = self.finalizers.borrow_mut();
        let mut weak = self.weak.borrow_mut();
        let unfinalized = finalizers.take_unfinalized(tracer.space, full);
        let kept = weak.clear_dead(tracer.space, tracer.shapes(), full, &mut finalizers);
        for object in unfinalized {
            tracer.visit_object(object);
            finalizers.queue_del(object);
        }
        tracer.drain();
        weak.forget_dead(tracer.space, &kept);
        self.pending.set(finalizers.has_pending());
    }

    /// Frames that run stay in the remembered set with their bit clear: their registers are written without a barrier.
    fn keep_active_logged(&self, tracer: &mut Tracer<'_>) {
        for frame in core::mem::take(&mut tracer.active) {
            // SAFETY: the callback named a live frame.
            let header = unsafe { frame.as_ref() };
            // A frozen frame with its bit clear is in the permanent set already.
            if header.has_flag(flag::UNLOGGED) || !tracer.space.is_frozen(frame) {
                header.clear_flag(flag::UNLOGGED);
                self.remembered.borrow_mut().push(frame);
            }
        }
    }

    /// Step 5. Nothing is borrowed while a drop runs, except the shape table.
    fn release_phase(&self, full: bool) {
        let dead = self.finalizers.borrow_mut().take_undropped(&self.space.borrow(), full);
        let shapes = self.shapes.borrow();
        for object in dead {
            // SAFETY: the list yields each registered object once, when it is dead.
            unsafe { crate::finalize::drop_native(&shapes, object) };
        }
    }

    /// Adds a hook called after marking, when it is known what survives: for tables that hold objects weakly (interned strings, caches).
    /// The hook must not allocate in the heap.
    pub fn add_after_mark(&self, hook: impl Fn(&Liveness<'_>) + 'static) {
        self.after_mark.borrow_mut().push(Box::new(hook));
    }
}

fn forget_run(cursor: &BumpCursor) {
    cursor.cur.set(ptr::null_mut());
    cursor.lim.set(ptr::null_mut());
}
