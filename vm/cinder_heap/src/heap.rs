//! The heap as its users see it: allocation, the write barrier, what is immortal, and when to collect.
//!
//! Holds: one thread at a time uses a heap (the VM's lock). Everything is behind cells, so that `&Heap` can be held everywhere. Any
//! allocation may collect; a collection runs no Python code.

use crate::cards::Cards;
use crate::chunk::{BLOCK_BYTES, META_BYTES};
use crate::config::{AllocError, Collection, HeapConfig, HeapStats};
use crate::finalize::Finalizers;
use crate::roots::RootTable;
use crate::space::Space;
use crate::trace::{Mode, ShapeInfo, ShapeTable, Tracer};
use crate::weak::WeakTable;
use cinder_layout::{Header, Value, VmAlloc, flag, size_class};
use core::cell::{Cell, RefCell};
use core::ptr::NonNull;
use std::rc::Rc;

/// Largest nursery that the policy grows to by itself.
const MAX_NURSERY: usize = 32 << 20;
/// The nursery behind a freeze; it grows again with what is alive besides.
const FROZEN_NURSERY: usize = 1 << 20;
/// The nursery of a forked child at first, and the part of all that the child has allocated that it may be later: a worker that does
/// little keeps little memory for itself, one that does much collects no more often than any other process.
const INHERITED_NURSERY: usize = 512 << 10;
const INHERITED_PART: u64 = 16;
/// A full collection waits at least for this much growth.
const MIN_GROWTH: usize = 32 << 20;
/// Most free memory that is kept because the program keeps using and freeing so much.
const MAX_TURNOVER: usize = 64 << 20;
/// In stress mode every so many-th collection is a full one.
const STRESS_FULL_EVERY: u32 = 8;

pub(crate) type RootCallback = Box<dyn Fn(&mut Tracer<'_>)>;
pub(crate) type AfterMark = Box<dyn Fn(&Liveness<'_>)>;

/// A garbage-collected heap. Its first field is the block of bump cursors that machine code allocates from.
#[repr(C)]
pub struct Heap {
    pub(crate) cursors: VmAlloc,
    pub(crate) space: RefCell<Space>,
    pub(crate) shapes: RefCell<ShapeTable>,
    /// Old objects written to since the last collection.
    pub(crate) remembered: RefCell<Vec<NonNull<Header>>>,
    pub(crate) cards: Cards,
    /// Immortal statics and frozen objects that were written to: traced at every collection, never armed again.
    pub(crate) permanent: RefCell<Vec<NonNull<Header>>>,
    /// Immortal objects within the region, roots of full collections.
    pub(crate) immortals: RefCell<Vec<NonNull<Header>>>,
    /// How many of `immortals` a collection has seen; the rest are roots of the next minor one.
    pub(crate) immortals_seen: Cell<usize>,
    pub(crate) roots: Rc<RootTable>,
    pub(crate) root_callbacks: RefCell<Vec<RootCallback>>,
    pub(crate) after_mark: RefCell<Vec<AfterMark>>,
    pub(crate) parked: RefCell<Vec<(*const usize, *const usize)>>,
    pub(crate) finalizers: RefCell<Finalizers>,
    pub(crate) weak: RefCell<WeakTable>,
    pub(crate) pending: Cell<bool>,
    pub(crate) policy: Policy,
    pub(crate) stats: Cell<HeapStats>,
    pub(crate) busy: Cell<bool>,
    paused: Cell<u32>,
}

/// When to collect.
pub(crate) struct Policy {
    nursery_bytes: Cell<usize>,
    /// Bytes taken since the last collection, outside memory included.
    since: Cell<usize>,
    /// Live bytes at which the next collection is a full one.
    full_at: Cell<usize>,
    external_bytes: Cell<usize>,
    /// What the last full collection freed, when the heap itself asked for it.
    freed_bytes: Cell<usize>,
    /// Whether the collection under way is one that the heap asked for.
    is_automatic: Cell<bool>,
    /// In a forked child: what `HeapStats::allocated_bytes` was at the fork.
    inherited_at: Cell<Option<u64>>,
    stress: Cell<u32>,
    stress_left: Cell<u32>,
    stress_round: Cell<u32>,
    /// Allocations until one fails on purpose; 0 when none does.
    fail_left: Cell<u64>,
}

impl Heap {
    /// Offset of the [`VmAlloc`] within the heap, for machine code.
    pub const CURSORS_OFFSET: i32 = core::mem::offset_of!(Heap, cursors) as i32;

    pub fn new(config: &HeapConfig) -> Heap {
        let stress = config.stress.unwrap_or(0);
        let heap = Heap {
            cursors: VmAlloc::new(),
            space: RefCell::new(Space::new(config.reserve_bytes, config.limit_bytes)),
            shapes: RefCell::new(ShapeTable::new()),
            remembered: RefCell::default(),
            cards: Cards::default(),
            permanent: RefCell::default(),
            immortals: RefCell::default(),
            immortals_seen: Cell::new(0),
            roots: Rc::default(),
            root_callbacks: RefCell::default(),
            after_mark: RefCell::default(),
            parked: RefCell::default(),
            finalizers: RefCell::default(),
            weak: RefCell::default(),
            pending: Cell::new(false),
            policy: Policy {
                nursery_bytes: Cell::new(config.nursery_bytes),
                since: Cell::new(0),
                full_at: Cell::new(MIN_GROWTH),
                external_bytes: Cell::new(0),
                freed_bytes: Cell::new(0),
                is_automatic: Cell::new(false),
                inherited_at: Cell::new(None),
                stress: Cell::new(stress),
                stress_left: Cell::new(stress),
                stress_round: Cell::new(0),
                fail_left: Cell::new(config.fail_at.unwrap_or(0)),
            },
            stats: Cell::default(),
            busy: Cell::new(false),
            paused: Cell::new(0),
        };
        heap.define_buffers();
        heap
    }

    /// Tells how to trace the objects of `shape`. Shape ids are dense small numbers that the VM gives out; a shape is defined before
    /// its first object is allocated, and may be defined anew (then all its objects follow the new definition).
    pub fn define_shape(&self, shape: u32, info: ShapeInfo) {
        self.shapes.borrow_mut().define(shape, info);
    }

    /// Whether the shape of a new leaf object says that it holds no values.
    pub(crate) fn may_be_leaf(&self, object: NonNull<Header>) -> bool {
        // SAFETY: the caller just wrote the header.
        let shape = unsafe { object.as_ref() }.shape();
        self.shapes.borrow().get(shape).leaf
    }

    // ---- allocation ----

    /// Allocates an object of `words` payload words, all zero, with `shape` and `flags` in its header.
    ///
    /// Units: 8-byte words after the header. May allocate: yes, so it may collect; runs no Python code.
    /// Errors: the limit is reached even after a full collection.
    /// With `flag::HAS_DEL` or `flag::NATIVE_DROP` the object is registered for it. For an object without values use
    /// [`Heap::alloc_raw_leaf`].
    #[inline]
    pub fn alloc_raw(&self, words: usize, shape: u32, flags: u8) -> Result<NonNull<Header>, AllocError> {
        self.alloc_zeroed(words, shape, flags, false)
    }

    /// As [`Heap::alloc_raw`] for an object that never holds values.
    #[inline]
    pub fn alloc_raw_leaf(&self, words: usize, shape: u32, flags: u8) -> Result<NonNull<Header>, AllocError> {
        self.alloc_zeroed(words, shape, flags, true)
    }

    #[inline]
    fn alloc_zeroed(&self, words: usize, shape: u32, flags: u8, leaf: bool) -> Result<NonNull<Header>, AllocError> {
        let bytes = words.checked_mul(8).and_then(|n| n.checked_add(Header::BYTES)).ok_or(AllocError)?;
        let (object, class) = self.alloc_cell(bytes, leaf)?;
        // SAFETY: the cell holds `bytes` and nobody else knows it yet.
        unsafe {
            object.write(Header::new(
                shape,
                Header::words_of(bytes),
                class,
                flags & !(flag::HAS_DEL | flag::NATIVE_DROP),
            ));
            object.add(1).cast::<u64>().write_bytes(0, words);
        }
        debug_assert!(!leaf || self.may_be_leaf(object), "shape {shape} has values and was allocated as leaf");
        if flags & flag::HAS_DEL != 0 {
            self.register_finalizer(object);
        }
        if flags & flag::NATIVE_DROP != 0 {
            self.register_drop(object);
        }
        Ok(object)
    }

    /// A cell of at least `bytes` with undefined contents, and the class for its header.
    #[inline]
    pub(crate) fn alloc_cell(&self, bytes: usize, leaf: bool) -> Result<(NonNull<Header>, u8), AllocError> {
        if bytes > size_class::MAX_CELL_BYTES {
            return self.alloc_large(bytes, leaf);
        }
        let class = size_class::of_bytes(bytes) + if leaf { size_class::LEAF } else { 0 };
        let size = size_class::bytes(class);
        let cursor = &self.cursors.cursors[class];
        let cur = cursor.cur.get();
        if cursor.lim.get().addr() - cur.addr() < size {
            return Ok((self.alloc_slow(class)?, class as u8));
        }
        cursor.cur.set(cur.wrapping_add(size));
        // SAFETY: a cursor with room for a cell is not null.
        Ok((unsafe { NonNull::new_unchecked(cur.cast()) }, class as u8))
    }

    /// A cell of `class` with undefined contents, when the cursor has one: the part of an allocation that a caller inlines. The caller fills header and
    /// payload before anything else is allocated. `None`: [`Heap::alloc_slow`] and all others know more.
    #[inline(always)]
    pub fn take_cell(&self, class: usize) -> Option<NonNull<Header>> {
        let (cursor, size) = (&self.cursors.cursors[class], size_class::bytes(class));
        let cur = cursor.cur.get();
        if cursor.lim.get().addr() - cur.addr() < size {
            return None;
        }
        cursor.cur.set(cur.wrapping_add(size));
        // SAFETY: a cursor with room for a cell is not null.
        Some(unsafe { NonNull::new_unchecked(cur.cast()) })
    }

    /// Refills the cursor of `class`, collecting when due, and takes one cell from it. Its contents are undefined: the caller must
    /// fill header and payload before anything else is allocated. Machine code calls this when its inline sequence finds no room.
    ///
    /// Shape: `class` indexes [`VmAlloc::cursors`]. May allocate: yes. Runs Python: no.
    #[cold]
    #[inline(never)]
    pub fn alloc_slow(&self, class: usize) -> Result<NonNull<Header>, AllocError> {
        self.fail_on_purpose()?;
        self.collect_if_due();
        let run = self.with_memory(|space| {
            let run = space.next_run(class)?;
            let size = size_class::bytes(class);
            if self.counts_each() && run.bytes > size {
                // One cell at a time, so that every allocation comes here.
                // SAFETY: the run is longer than a cell.
                space.rewind(class, unsafe { run.start.add(size) });
                return Some(crate::space::Run { start: run.start, bytes: size });
            }
            Some(run)
        })?;
        self.count_taken(run.bytes);
        let cursor = &self.cursors.cursors[class];
        // SAFETY: the run has at least one cell.
        cursor.cur.set(unsafe { run.start.add(size_class::bytes(class)) }.as_ptr());
        // SAFETY: the end of the run.
        cursor.lim.set(unsafe { run.start.add(run.bytes) }.as_ptr());
        Ok(run.start.cast())
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&self, bytes: usize, leaf: bool) -> Result<(NonNull<Header>, u8), AllocError> {
        self.fail_on_purpose()?;
        let bytes = bytes.checked_next_multiple_of(16).ok_or(AllocError)?;
        self.count_taken(bytes);
        self.collect_if_due();
        let start = self.with_memory(|space| space.large(bytes, leaf))?;
        Ok((start.cast(), if leaf { size_class::LARGE_LEAF } else { size_class::LARGE }))
    }

    /// Runs `take`, and once more after a full collection when it finds no memory.
    fn with_memory<T>(&self, take: impl Fn(&mut Space) -> Option<T>) -> Result<T, AllocError> {
        if self.busy.get() {
            crate::fatal("something allocated in the heap during a collection");
        }
        if let Some(found) = take(&mut self.space.borrow_mut()) {
            return Ok(found);
        }
        if self.paused.get() != 0 {
            return Err(AllocError);
        }
        self.collect(Collection::Full);
        take(&mut self.space.borrow_mut()).ok_or(AllocError)
    }

    fn count_taken(&self, bytes: usize) {
        self.policy.since.set(self.policy.since.get().saturating_add(bytes));
        let mut stats = self.stats.get();
        stats.allocated_bytes += bytes as u64;
        self.stats.set(stats);
    }

    /// Reports memory outside the heap that belongs to objects: positive when taken, negative when freed. It brings collections
    /// forward as if it had been allocated here.
    pub fn account_external(&self, delta_bytes: isize) {
        let external = &self.policy.external_bytes;
        external.set(external.get().saturating_add_signed(delta_bytes));
        if delta_bytes > 0 {
            self.policy.since.set(self.policy.since.get().saturating_add(delta_bytes as usize));
        }
    }

    // ---- the write barrier ----

    /// Call before storing a pointer into `object`. Not needed for objects that no allocation has happened since, nor when the value
    /// stored is no pointer.
    ///
    /// Cost: a byte test; the first store into an old object after a collection logs it. May allocate: no. Runs Python: no.
    #[inline]
    pub fn write_barrier(&self, object: NonNull<Header>) {
        // SAFETY: the caller holds a live object.
        if unsafe { object.as_ref() }.has_flag(flag::UNLOGGED) {
            self.log_slow(object);
        }
    }

    /// The cold half of [`Heap::write_barrier`]; machine code calls it when it finds `UNLOGGED` set.
    #[cold]
    #[inline(never)]
    pub fn log_slow(&self, object: NonNull<Header>) {
        // SAFETY: as in `write_barrier`.
        unsafe { object.as_ref() }.clear_flag(flag::UNLOGGED);
        self.remembered.borrow_mut().push(object);
    }

    // ---- immortal objects ----

    /// Makes an object live forever. It and what it refers to are roots from now on; after [`Heap::freeze`] they cost nothing.
    pub fn make_immortal(&self, object: NonNull<Header>) {
        if !self.is_immortal(object) {
            // SAFETY: the caller holds a live object.
            unsafe { object.as_ref() }.set_flag(flag::IMMORTAL);
            self.immortals.borrow_mut().push(object);
        }
    }

    /// Whether `object` is never collected: made immortal, frozen, or static.
    pub fn is_immortal(&self, object: NonNull<Header>) -> bool {
        let space = self.space.borrow();
        // SAFETY: the caller holds a live object.
        unsafe { object.as_ref() }.has_flag(flag::IMMORTAL) || !space.owns(object) || space.is_frozen(object)
    }

    /// Registers an object outside the heap that refers to objects in it. It is traced at every collection. Statics that only refer
    /// to other statics need no registration if they are born with `IMMORTAL | UNLOGGED`: the first store registers them.
    ///
    /// # Safety
    /// `object` has a header with a defined shape and lives as long as the heap.
    pub unsafe fn register_static(&self, object: NonNull<Header>) {
        // SAFETY: per contract.
        let header = unsafe { object.as_ref() };
        header.set_flag(flag::IMMORTAL);
        header.clear_flag(flag::UNLOGGED);
        self.permanent.borrow_mut().push(object);
    }

    /// Makes everything now alive immortal: it is no longer traced, swept or written to, so a forked child shares its pages for as
    /// long as the child does not write. Run pending finalizers first.
    pub fn freeze(&self) {
        self.collect(Collection::Full);
        self.space.borrow_mut().freeze();
        self.immortals.borrow_mut().clear();
        self.immortals_seen.set(0);
        self.policy.full_at.set(MIN_GROWTH);
        // What was frozen costs collections nothing, so they may be frequent again; a forked child keeps little free memory for itself.
        self.policy.nursery_bytes.set(FROZEN_NURSERY);
    }

    /// In a forked child: the memory now in use is shared with the parent. The child allocates into blocks of its own where it can, and
    /// collects early at first, so that its garbage does not spread.
    pub(crate) fn inherit(&self) {
        self.policy.inherited_at.set(Some(self.stats.get().allocated_bytes));
        self.space.borrow_mut().inherit();
    }

    /// Bytes to allocate until the next collection.
    fn nursery_bytes(&self) -> usize {
        let nursery = self.policy.nursery_bytes.get();
        match self.policy.inherited_at.get() {
            None => nursery,
            Some(start) => {
                let own = (self.stats.get().allocated_bytes - start) / INHERITED_PART;
                nursery.min(usize::try_from(own).unwrap_or(usize::MAX).max(INHERITED_NURSERY))
            }
        }
    }

    // ---- asking ----

    /// Size in bytes of an object's cell or large block, header included.
    pub fn size_of(&self, object: NonNull<Header>) -> usize {
        // SAFETY: the caller holds a live object.
        let header = unsafe { object.as_ref() };
        match header.size_class() {
            class if (class as usize) < size_class::CLASSES => size_class::bytes(class as usize),
            _ => self.space.borrow().cell_bytes(object),
        }
    }

    /// The objects that `object` refers to, in the order of its trace function, repeated as often as they occur. Statics are left out.
    pub fn referents(&self, object: NonNull<Header>) -> Vec<NonNull<Header>> {
        let (space, shapes) = (self.space.borrow(), self.shapes.borrow());
        let mut tracer = Tracer::new(Mode::List, &space, &shapes, &self.cursors);
        tracer.trace(object);
        tracer.stack
    }

    /// Every object in the heap, dead ones included that no collection has noticed yet: call [`Heap::collect`] first.
    /// The result is held outside the heap: allocate nothing while using it.
    pub fn objects(&self) -> Vec<NonNull<Header>> {
        let mut all = Vec::new();
        self.space.borrow().for_each_object(&self.cursors, &mut |object| all.push(object));
        all
    }

    /// The object whose memory contains `addr`, if any. For debuggers and `ctypes`-like doors.
    pub fn resolve(&self, addr: usize) -> Option<NonNull<Header>> {
        self.space.borrow().resolve(addr, &self.cursors)
    }

    /// Whether `addr` lies within `object`; always true for statics, whose size is not known.
    pub(crate) fn contains(&self, object: NonNull<Header>, addr: usize) -> bool {
        let space = self.space.borrow();
        !space.owns(object) || addr.wrapping_sub(object.addr().get()) < space.cell_bytes(object)
    }

    pub fn stats(&self) -> HeapStats {
        let mut stats = self.stats.get();
        stats.used_bytes = self.space.borrow().used_bytes;
        stats.external_bytes = self.policy.external_bytes.get();
        stats
    }

    // ---- policy ----

    /// Stops automatic collections until the guard is dropped, for the time when the VM is built and its roots are not yet known.
    pub fn pause(&self) -> Pause<'_> {
        self.paused.set(self.paused.get() + 1);
        Pause(self)
    }

    pub fn is_stressed(&self) -> bool {
        self.policy.stress.get() != 0
    }

    /// Whether every single allocation must take the slow path.
    fn counts_each(&self) -> bool {
        self.is_stressed() || self.policy.fail_left.get() != 0
    }

    fn fail_on_purpose(&self) -> Result<(), AllocError> {
        match self.policy.fail_left.get() {
            0 => Ok(()),
            left => {
                self.policy.fail_left.set(left - 1);
                if left == 1 { Err(AllocError) } else { Ok(()) }
            }
        }
    }

    fn collect_if_due(&self) {
        if self.paused.get() != 0 {
            return;
        }
        let policy = &self.policy;
        if self.is_stressed() {
            let left = policy.stress_left.get() - 1;
            policy.stress_left.set(left);
            if left == 0 {
                policy.stress_left.set(policy.stress.get());
                let round = policy.stress_round.get().wrapping_add(1);
                policy.stress_round.set(round);
                let full = round.is_multiple_of(STRESS_FULL_EVERY);
                self.collect(if full { Collection::Full } else { Collection::Minor });
            }
        } else if policy.since.get() >= self.nursery_bytes() {
            let live = self.stats.get().live_bytes + policy.external_bytes.get();
            policy.is_automatic.set(true);
            self.collect(if live >= policy.full_at.get() { Collection::Full } else { Collection::Minor });
            policy.is_automatic.set(false);
        }
    }

    /// Memory that a full collection need not return to the system although it freed it: the program filled and emptied as much twice in a
    /// row, so it will again, and the system would clear every page for it. A collection that the program asks for returns all.
    pub(crate) fn turnover_bytes(&self, freed_bytes: usize) -> usize {
        if !self.policy.is_automatic.get() || self.policy.inherited_at.get().is_some() {
            self.policy.freed_bytes.set(0);
            return 0;
        }
        self.policy.freed_bytes.replace(freed_bytes).min(freed_bytes).min(MAX_TURNOVER)
    }

    /// Free memory worth keeping after a full collection: what is allocated until the next one, or a good part of it.
    pub(crate) fn reserve_bytes(&self, live_bytes: usize) -> usize {
        self.nursery_bytes() + live_bytes / 2
    }

    /// Sets the next trigger after a collection that found `remembered_bytes` of old objects written to.
    pub(crate) fn adapt(&self, kind: Collection, live_bytes: usize, remembered_bytes: usize) {
        let policy = &self.policy;
        policy.since.set(0);
        let nursery = policy.nursery_bytes.get();
        // What a minor collection costs grows with the old objects written to and, for the census, with the heap.
        if remembered_bytes > nursery / 8 && nursery < MAX_NURSERY.max(live_bytes / 4) {
            policy.nursery_bytes.set(nursery * 2);
        } else if nursery < live_bytes / 8 {
            policy.nursery_bytes.set((live_bytes / 8).min(MAX_NURSERY).max(nursery));
        }
        if kind == Collection::Full {
            let live = live_bytes + policy.external_bytes.get();
            policy.full_at.set((live * 2).max(live + MIN_GROWTH));
        }
    }
}

/// While it lives, nothing is collected except on [`Heap::collect`].
pub struct Pause<'h>(&'h Heap);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.paused.set(self.0.paused.get() - 1);
    }
}

/// What survives the collection that is under way. Handed to hooks that keep tables of weakly held objects.
pub struct Liveness<'h> {
    pub(crate) space: &'h Space,
    pub kind: Collection,
}

impl Liveness<'_> {
    /// Whether the object survives. In a minor collection every old object does.
    pub fn is_live(&self, object: NonNull<Header>) -> bool {
        self.space.is_marked(object)
    }

    /// Whether the value survives; immediates do.
    pub fn is_live_value(&self, value: Value) -> bool {
        value.try_ptr().is_none_or(|object| self.is_live(object))
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        let finalizers = self.finalizers.get_mut();
        let shapes = self.shapes.get_mut();
        for object in finalizers.take_drops() {
            // SAFETY: registered objects are alive until dropped, and each is dropped once.
            unsafe { crate::finalize::drop_native(shapes, object) };
        }
        let space = self.space.get_mut();
        space.release_spare(0);
        for chunk in core::mem::take(&mut space.chunks) {
            let units = chunk.units.get() as usize;
            space.region.give_back(chunk, units);
        }
    }
}

const _: () = assert!(Heap::CURSORS_OFFSET == 0 && META_BYTES == BLOCK_BYTES);
