//! The table of a set: finding, adding, removing, growing.

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::PySet;
use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::vm::Vm;

/// `mask + 1` entries follow.
#[repr(C)]
pub(crate) struct Table {
    header: Header,
    mask: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: Option<Value>,
    /// Of the key; 0 in a free place, -1 in a deleted one.
    pub(super) hash: i64,
}

const FREE: Entry = Entry { key: None, hash: 0 };
const DELETED: Entry = Entry { key: None, hash: -1 };
/// Places looked at in a row before the probe jumps.
const LINEAR_PROBES: usize = 9;
const MIN_PLACES: usize = 8;

impl Trace for Table {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for place in 0..self.places() {
            tracer.visit_option(self.entry(place).key);
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for Table {}

impl Table {
    pub(super) fn places(&self) -> usize {
        self.mask + 1
    }

    fn first(&self) -> *mut Entry {
        (&raw const *self).wrapping_add(1).cast::<Entry>().cast_mut()
    }

    /// Entry at a place below [`Table::places`].
    #[inline]
    pub(super) fn entry(&self, place: usize) -> Entry {
        debug_assert!(place <= self.mask);
        // SAFETY: `mask + 1` entries follow, zeroed (free) when the table was made.
        unsafe { *self.first().add(place & self.mask) }
    }

    /// Stores an entry; the barrier is the caller's.
    fn store(&self, place: usize, entry: Entry) {
        // SAFETY: as in `entry`.
        unsafe { self.first().add(place & self.mask).write(entry) }
    }

    /// [`cinder_heap::TracePartFn`] of tables.
    ///
    /// # Safety
    /// `object` is a table.
    pub(crate) unsafe fn trace_part(
        object: std::ptr::NonNull<Header>,
        from: usize,
        to: usize,
        tracer: &mut Tracer<'_>,
    ) {
        // SAFETY: contract.
        let table: Gc<Table> = unsafe { Gc::from_header(object) };
        let first = from.saturating_sub(size_of::<Table>()) / size_of::<Entry>();
        let last = to.saturating_sub(size_of::<Table>()).div_ceil(size_of::<Entry>()).min(table.places());
        for place in first..last {
            tracer.visit_option(table.entry(place).key);
        }
    }

    /// The first answer of `look` about the places in probe order for a hash.
    #[inline(always)]
    fn probe<T>(&self, hash: i64, mut look: impl FnMut(usize, Entry) -> Option<T>) -> T {
        let (mask, mut perturb) = (self.mask, hash as u64);
        let mut start = hash as usize & mask;
        loop {
            let stretch = if start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for place in start..=start + stretch {
                if let Some(answer) = look(place, self.entry(place)) {
                    return answer;
                }
            }
            perturb >>= 5;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Whether this very key is in the table; `None`: another key has its hash, so they must be compared.
    #[inline]
    pub(super) fn has_identical(&self, key: Value, hash: i64) -> Option<bool> {
        self.probe(hash, |_, entry| match entry.key {
            Some(found) if found == key => Some(Some(true)),
            Some(_) if entry.hash == hash => Some(None),
            None if entry.hash == FREE.hash => Some(Some(false)),
            _ => None,
        })
    }
}

/// Outcome of a search.
enum Found {
    Live(usize),
    Free(usize),
    /// The set has no table, perhaps because a comparison emptied it.
    NoTable,
}

impl Vm {
    /// Place of `key`, or the free one where it would go.
    ///
    /// Runs Python: `__eq__` of keys with the same hash.
    fn set_search(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<Found> {
        'restart: loop {
            let Some(table) = set.table.get() else { return Ok(Found::NoTable) };
            let mut from = 0;
            loop {
                // The first place from number `from` of the sequence on that ends the search, or must be compared.
                let mut number = 0;
                let (place, found) = table.probe(hash, |place, entry| {
                    number += 1;
                    match entry.key {
                        _ if number <= from => None,
                        Some(found) if entry.hash == hash => Some((place, Some(found))),
                        None if entry.hash == FREE.hash => Some((place, None)),
                        _ => None,
                    }
                });
                let Some(found) = found else { return Ok(Found::Free(place)) };
                if found == key {
                    return Ok(Found::Live(place));
                }
                let equal = self.eq(found, key)?;
                if set.table.get() != Some(table) || table.entry(place).key != Some(found) {
                    continue 'restart;
                }
                if equal {
                    return Ok(Found::Live(place));
                }
                from = number;
            }
        }
    }

    /// Place of `key`.
    pub(super) fn set_find(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<Option<usize>> {
        if set.is_empty() {
            return Ok(None);
        }
        Ok(match self.set_search(set, key, hash)? {
            Found::Live(place) => Some(place),
            Found::Free(_) | Found::NoTable => None,
        })
    }

    /// Whether `key` is in the set.
    #[inline]
    pub(super) fn set_has(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<bool> {
        let Some(table) = set.table.get() else { return Ok(false) };
        match table.has_identical(key, hash) {
            Some(answer) => Ok(answer),
            None => Ok(self.set_find(set, key, hash)?.is_some()),
        }
    }

    /// Adds a key with a known hash.
    pub(crate) fn set_add_hashed(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<()> {
        let place = loop {
            match self.set_search(set, key, hash)? {
                Found::Live(_) => return Ok(()),
                Found::Free(place) => break place,
                Found::NoTable => self.set_resize(set, 0)?,
            }
        };
        self.set_fill_place(set, place, key, hash)
    }

    /// [`Vm::set_add_hashed`] of a key that no key of the set equals.
    pub(super) fn set_add_absent(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<()> {
        if set.table.get().is_none() {
            self.set_resize(set, 0)?;
        }
        let table = set.table.get().expect("just made");
        let place = table.probe(hash, |place, at| (at.key.is_none() && at.hash == FREE.hash).then_some(place));
        self.set_fill_place(set, place, key, hash)
    }

    /// Puts a new key into a free place, and makes the table larger when it gets full.
    fn set_fill_place(&self, set: Gc<PySet>, place: usize, key: Value, hash: i64) -> PyResult<()> {
        let table = set.table.get().expect("a free place lies in a table");
        self.set_store(table, place, key, hash);
        set.fill.set(set.fill.get() + 1);
        set.used.set(set.used.get() + 1);
        if set.fill.get() * 5 < table.mask * 3 {
            return Ok(());
        }
        let used = set.used.get();
        self.set_resize(set, if used > 50_000 { used * 2 } else { used * 4 })
    }

    fn set_store(&self, table: Gc<Table>, place: usize, key: Value, hash: i64) {
        // SAFETY: `place` is one of the table's.
        let address = unsafe { table.first().add(place) };
        self.heap.write_barrier_at(table.header(), address.cast());
        table.store(place, Entry { key: Some(key), hash });
    }

    pub(super) fn set_remove_place(&self, set: Gc<PySet>, place: usize) {
        let table = set.table.get().expect("a found key lies in a table");
        table.store(place, DELETED);
        set.used.set(set.used.get() - 1);
    }

    /// Removes and returns some key.
    pub(super) fn set_pop(&self, set: Gc<PySet>) -> Option<Value> {
        let table = set.table.get().filter(|_| !set.is_empty())?;
        let mut place = set.finger.get() & table.mask;
        loop {
            if let Some(key) = table.entry(place).key {
                self.set_remove_place(set, place);
                set.finger.set(place + 1);
                return Some(key);
            }
            place = (place + 1) & table.mask;
        }
    }

    pub(crate) fn set_clear(&self, set: Gc<PySet>) {
        set.used.set(0);
        set.fill.set(0);
        set.finger.set(0);
        set.table.init(None);
    }

    /// Moves the live keys to a table with more than `min_used` places.
    fn set_resize(&self, set: Gc<PySet>, min_used: usize) -> PyResult<()> {
        let mut places = MIN_PLACES;
        while places <= min_used {
            places <<= 1;
        }
        let header = object_header(BuiltinType::set_table());
        let grown = self.alloc_tail(Table { header, mask: places - 1 }, places * size_of::<Entry>())?;
        if let Some(old) = set.table.get() {
            for place in 0..old.places() {
                let entry = old.entry(place);
                if entry.key.is_some() {
                    insert_clean(grown, entry);
                }
            }
        }
        set.table.set(&self.heap, set, Some(grown));
        set.fill.set(set.used.get());
        Ok(())
    }

    /// Room for `more` keys that may be new.
    pub(super) fn set_make_room(&self, set: Gc<PySet>, more: usize) -> PyResult<()> {
        let mask = set.table.get().map_or(MIN_PLACES - 1, |table| table.mask);
        if (set.fill.get() + more) * 5 >= mask * 3 {
            return self.set_resize(set, (set.used.get() + more) * 2);
        }
        Ok(())
    }

    /// Adds every key of `other`.
    pub(crate) fn set_merge(&self, set: Gc<PySet>, other: Gc<PySet>) -> PyResult<()> {
        if set == other || other.is_empty() {
            return Ok(());
        }
        self.set_make_room(set, other.len())?;
        if set.table.get().is_none() {
            self.set_resize(set, 0)?;
        }
        let (table, from) = set.table.get().zip(other.table.get()).expect("neither is without a table");
        if set.fill.get() > 0 {
            for place in 0..other.places() {
                if let Some((key, hash)) = other.key_at(place) {
                    self.set_add_hashed(set, key, hash)?;
                }
            }
            return Ok(());
        }
        let same = table.mask == from.mask && other.fill.get() == other.used.get();
        self.heap.write_barrier(table.header());
        for place in 0..from.places() {
            let entry = from.entry(place);
            if entry.key.is_some() {
                if same {
                    table.store(place, entry);
                } else {
                    insert_clean(table, entry);
                }
            }
        }
        set.fill.set(other.used.get());
        set.used.set(other.used.get());
        Ok(())
    }
}

/// Inserts a key known to be absent into a table without deleted places. The caller has run the barrier, or the table is new.
fn insert_clean(table: Gc<Table>, entry: Entry) {
    let place = table.probe(entry.hash, |place, at| at.key.is_none().then_some(place));
    table.store(place, entry);
}
