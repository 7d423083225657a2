//! `dict`: an ordered hash table.
//!
//! Problem: insertion order, small memory, fast lookup by interned names, and keys whose `__eq__` changes the table under the lookup.
//! Idea: entries in insertion order (CPython 3.6, PyPy) and behind them, in the same buffer, an open-addressing index of entry numbers as narrow as
//! they allow. A resize replaces the buffer. Where all keys are exact strings, comparing runs no Python code.
//! Holds: `used <= fill <= capacity`, so that the index keeps empty places; every live entry is in the index exactly once; deleted entries have no key. A lookup that ran
//! Python code re-checks that entries and version are what they were and starts again otherwise.

use std::cell::Cell;

mod iterators;
mod methods;
mod views;

pub use iterators::{
    DICT_ITEM_ITERATOR, DICT_KEY_ITERATOR, DICT_REVERSE_ITEM_ITERATOR, DICT_REVERSE_KEY_ITERATOR,
    DICT_REVERSE_VALUE_ITERATOR, DICT_VALUE_ITERATOR, DictPart, ITERATOR_METHODS, ITERATOR_SLOTS, PyDictIterator,
};
pub use views::{DICT_ITEMS, DICT_KEYS, DICT_VALUES, PyDictView};

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::types::str_::PyStr;
use crate::vm::Vm;

/// Payload of a dict.
#[repr(C)]
pub struct PyDict {
    header: Header,
    /// Live entries.
    len: Cell<u32>,
    /// Entries of the current buffer, deleted ones included.
    used: Cell<u32>,
    /// Index places that are not empty; deleted ones included.
    fill: Cell<u32>,
    /// Entries below this number are deleted: queues that take from the front do not walk what they took.
    first: Cell<u32>,
    /// Identifies the set of keys and their entry numbers for inline caches; 0 = not asked for since the last change of keys.
    version: Cell<u32>,
    /// Every key is an exact str.
    text_keys: Cell<bool>,
    entries: Slot<Option<Gc<Entries>>>,
}

/// One entry. A deleted one has no key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    pub key: Option<Value>,
    pub value: Option<Value>,
    pub hash: i64,
}

/// Buffer of a dict: `capacity` entries follow, then `mask + 1` entry numbers of one, two or four bytes.
#[repr(C)]
pub struct Entries {
    header: Header,
    capacity: usize,
    mask: usize,
}

/// Numbers in the index that are no entries: -1 and -2 in every width.
const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;
const MIN_CAPACITY: usize = 5;
/// Places of the index for so many entries.
const MIN_PLACES: usize = 8;
/// Indices with fewer places than this have numbers of one byte, or of two.
const BYTE_PLACES: usize = 1 << 7;
const SHORT_PLACES: usize = 1 << 15;

impl Trace for PyDict {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(entries) = self.entries.get() {
            tracer.visit_object(entries.header());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDict {}

crate::layout!(PyDict, "dict", exact dict);

impl Trace for Entries {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for index in 0..self.capacity {
            // SAFETY: `capacity` entries follow, zeroed when the buffer was made.
            let entry = unsafe { &*self.first().add(index) };
            tracer.visit_option(entry.key);
            tracer.visit_option(entry.value);
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for Entries {}

impl Entries {
    /// Offset of the first entry, for machine code.
    pub const FIRST_OFFSET: usize = size_of::<Entries>();

    /// [`cinder_heap::TracePartFn`] of entry buffers.
    ///
    /// # Safety
    /// `object` is an entry buffer.
    pub(super) unsafe fn trace_part(
        object: std::ptr::NonNull<Header>,
        from: usize,
        to: usize,
        tracer: &mut Tracer<'_>,
    ) {
        // SAFETY: contract.
        let entries: Gc<Entries> = unsafe { Gc::from_header(object) };
        let first = from.saturating_sub(size_of::<Entries>()) / size_of::<Entry>();
        let last = to.saturating_sub(size_of::<Entries>()).div_ceil(size_of::<Entry>()).min(entries.capacity);
        for number in first..last {
            // SAFETY: below `capacity`; the buffer was zeroed when it was made.
            let entry = unsafe { &*entries.first().add(number) };
            tracer.visit_option(entry.key);
            tracer.visit_option(entry.value);
        }
    }

    fn first(&self) -> *mut Entry {
        (&raw const *self).wrapping_add(1).cast::<Entry>().cast_mut()
    }
}

impl Entries {
    /// Bytes of a number in an index with `places` places.
    const fn number_bytes(places: usize) -> usize {
        match () {
            () if places <= BYTE_PLACES => 1,
            () if places <= SHORT_PLACES => 2,
            () => 4,
        }
    }

    /// Bytes of the numbers and entries that follow the struct.
    const fn tail_bytes(capacity: usize, places: usize) -> usize {
        capacity * size_of::<Entry>() + places * Self::number_bytes(places)
    }

    #[inline(always)]
    fn index(&self) -> *mut u8 {
        self.first().wrapping_add(self.capacity).cast()
    }

    /// Entry number at a place of the index, EMPTY or DELETED.
    #[inline(always)]
    fn number_at(&self, at: usize) -> u32 {
        let index = self.index();
        // SAFETY: `mask + 1` numbers of this width follow the entries; `at` is masked.
        unsafe {
            let at = at & self.mask;
            if self.mask < BYTE_PLACES {
                i32::from(*index.add(at).cast::<i8>()) as u32
            } else if self.mask < SHORT_PLACES {
                i32::from(index.cast::<i16>().add(at).read_unaligned()) as u32
            } else {
                index.cast::<u32>().add(at).read_unaligned()
            }
        }
    }

    #[inline(always)]
    fn set_number(&self, at: usize, number: u32) {
        let index = self.index();
        // SAFETY: as in `number_at`. The width holds every number below the capacity, and cuts the two others to -1 and -2.
        unsafe {
            let at = at & self.mask;
            if self.mask < BYTE_PLACES {
                *index.add(at) = number as u8;
            } else if self.mask < SHORT_PLACES {
                index.cast::<u16>().add(at).write_unaligned(number as u16);
            } else {
                index.cast::<u32>().add(at).write_unaligned(number);
            }
        }
    }

    /// Entry `number`, which an index holds.
    #[inline(always)]
    fn entry(&self, number: u32) -> &Entry {
        debug_assert!((number as usize) < self.capacity);
        // SAFETY: `capacity` entries follow.
        unsafe { &*self.first().add(number as usize) }
    }

    /// The first place for `hash` that holds no entry.
    #[inline]
    fn vacant_place(&self, hash: i64) -> usize {
        let mut probe = Probe::new(hash, self.mask);
        while self.number_at(probe.at) < DELETED {
            probe.step();
        }
        probe.at
    }
}

/// Probe sequence of CPython: linear congruence perturbed by the upper hash bits.
struct Probe {
    at: usize,
    mask: usize,
    perturb: u64,
}

impl Probe {
    #[inline(always)]
    fn new(hash: i64, mask: usize) -> Probe {
        Probe { at: hash as usize & mask, mask, perturb: hash as u64 }
    }

    #[inline(always)]
    fn step(&mut self) {
        self.perturb >>= 5;
        self.at = self.at.wrapping_mul(5).wrapping_add(self.perturb as usize).wrapping_add(1) & self.mask;
    }
}

impl PyDict {
    pub const ENTRIES_OFFSET: usize = std::mem::offset_of!(PyDict, entries);
    pub const VERSION_OFFSET: usize = std::mem::offset_of!(PyDict, version);

    #[inline]
    pub fn len(&self) -> usize {
        self.len.get() as usize
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// Entry numbers `0..entry_count()` may be asked with [`PyDict::entry`].
    #[inline]
    pub fn entry_count(&self) -> usize {
        self.used.get() as usize
    }

    /// Number of the first live entry.
    pub fn first_entry(&self) -> Option<usize> {
        let number = (self.first.get() as usize..self.entry_count()).find(|&number| self.entry(number).is_some())?;
        // Reading alone must not write: a forked child would get a copy of the page.
        if self.first.get() != number as u32 {
            self.first.set(number as u32);
        }
        Some(number)
    }

    /// Key and value of entry `number`; `None` when deleted or out of range. Iterate with it: it stays valid under any mutation.
    #[inline]
    pub fn entry(&self, number: usize) -> Option<(Value, Value)> {
        if number >= self.entry_count() {
            return None;
        }
        let entry = self.raw_entry(number)?;
        Some((entry.key?, entry.value?))
    }

    /// Hash of entry `number`.
    pub fn entry_hash(&self, number: usize) -> i64 {
        self.raw_entry(number).map_or(0, |entry| entry.hash)
    }

    #[inline]
    fn raw_entry(&self, number: usize) -> Option<Entry> {
        let entries = self.entries.get()?;
        // SAFETY: `used <= capacity` and callers stay below `used`.
        Some(unsafe { *entries.first().add(number) })
    }

    /// Entry number of an interned string key; runs no Python code.
    #[inline]
    pub fn find_interned(&self, name: Value) -> Option<usize> {
        // SAFETY: callers pass interned exact strings.
        let text: Gc<PyStr> = unsafe { Gc::from_value(name) };
        debug_assert!(text.is_interned());
        self.find_text(text, text.known_hash())
    }

    fn find_text(&self, text: Gc<PyStr>, hash: i64) -> Option<usize> {
        let entries = self.entries.get()?;
        let wanted = Some(text.as_value());
        let mut probe = Probe::new(hash, entries.mask);
        loop {
            let number = entries.number_at(probe.at);
            if number < DELETED {
                let entry = entries.entry(number);
                if entry.key == wanted || (entry.hash == hash && entry.key.is_some_and(|key| same_text(key, &text))) {
                    return Some(number as usize);
                }
            } else if number == EMPTY {
                return None;
            }
            probe.step();
        }
    }

    /// Value under an interned name; runs no Python code. (Keys that are instances of str subclasses with their own `__eq__` are not found.)
    #[inline]
    pub fn get_interned(&self, name: Value) -> Option<Value> {
        self.find_interned(name).and_then(|number| self.raw_entry(number)).and_then(|entry| entry.value)
    }

    /// [`PyDict::find_interned`] that looks at entry `hint` first.
    #[inline]
    pub(crate) fn find_near(&self, name: Value, hint: u32) -> Option<usize> {
        if hint < self.used.get()
            && let Some(entries) = self.entries.get()
            && entries.entry(hint).key == Some(name)
        {
            return Some(hint as usize);
        }
        self.find_interned(name)
    }

    /// Number that changes whenever keys are added or removed: inline caches compare it.
    pub fn version(&self, vm: &Vm) -> u32 {
        if self.version.get() == 0 {
            self.version.set(vm.next_dict_version());
        }
        self.version.get()
    }

    /// Whether no key was added, removed or moved since `version` was asked for.
    pub fn is_version(&self, version: u32) -> bool {
        self.has_version(version)
    }

    /// What machine code reads of a dict of variables.
    pub(crate) const NAMESPACE: cinder_layout::jit::NamespaceFact = cinder_layout::jit::NamespaceFact {
        version: std::mem::offset_of!(PyDict, version) as i32,
        entries: std::mem::offset_of!(PyDict, entries) as i32,
        first: (size_of::<Entries>() + std::mem::offset_of!(Entry, value)) as i32,
        bytes: size_of::<Entry>() as i32,
    };

    /// Whether the keys are those of version `version`; false for 0.
    #[inline(always)]
    pub(crate) fn has_version(&self, version: u32) -> bool {
        self.version.get() == version && version != 0
    }

    /// Value of live entry `number`.
    ///
    /// # Safety
    /// An inline cache found the entry under the version the dict still has.
    #[inline(always)]
    pub(crate) unsafe fn value_at(&self, number: u32) -> Value {
        // SAFETY: entries of a version keep their numbers and are live.
        unsafe { (*self.entries.get().unwrap_unchecked().first().add(number as usize)).value.unwrap_unchecked() }
    }

    /// Replaces the value of live entry `number`, unless the dict must be noted as written to first: `false`, and nothing is changed.
    ///
    /// # Safety
    /// As of [`PyDict::value_at`].
    #[inline(always)]
    pub(crate) unsafe fn store_quickly(&self, number: usize, value: Value) -> bool {
        // SAFETY: per contract.
        unsafe {
            let entries = self.entries.get().unwrap_unchecked();
            if entries.header().as_ref().has_flag(cinder_layout::flag::UNLOGGED) {
                return false;
            }
            (*entries.first().add(number)).value = Some(value);
        }
        true
    }

    /// The version that the dict has if a cache has asked for one, else 0.
    #[inline(always)]
    pub(crate) fn known_version(&self) -> u32 {
        self.version.get()
    }

    fn keys_changed(&self) {
        self.version.set(0);
    }

    /// Entry number of a string key, or the vacant place where it would go. All keys are exact strings.
    fn search_text(&self, entries: &Entries, text: Gc<PyStr>, hash: i64) -> Result<u32, usize> {
        let wanted = Some(text.as_value());
        let mut probe = Probe::new(hash, entries.mask);
        let mut vacant = None;
        loop {
            let number = entries.number_at(probe.at);
            if number < DELETED {
                let entry = entries.entry(number);
                if entry.key == wanted || (entry.hash == hash && entry.key.is_some_and(|key| same_text(key, &text))) {
                    return Ok(number);
                }
            } else if number == EMPTY {
                return Err(vacant.unwrap_or(probe.at));
            } else {
                vacant = vacant.or(Some(probe.at));
            }
            probe.step();
        }
    }
}

/// What a search before a store found.
enum Place {
    Entry(usize),
    /// The first place of the index that the key can have; the buffer has room for one entry more.
    Vacant(usize),
    /// A larger buffer is needed first.
    Full,
}

fn same_text(key: Value, text: &PyStr) -> bool {
    let Some(header) = key.try_ptr::<Header>() else { return false };
    // SAFETY: pointer-tagged values point to live objects; the exact shape says that it is a PyStr.
    unsafe { header.as_ref().shape() == BuiltinType::str_ as u32 && header.cast::<PyStr>().as_ref().same(text) }
}

/// Hash of an int below the modulus of number hashes: the int itself.
#[inline(always)]
pub(crate) fn small_int_hash(key: Value) -> Option<i64> {
    const MODULUS: u64 = (1 << 61) - 1;
    let number = key.try_int()?;
    (number.unsigned_abs() < MODULUS).then_some(if number == -1 { -2 } else { number })
}

impl Vm {
    /// New empty exact dict.
    pub fn new_dict(&self) -> PyResult<Value> {
        Ok(self.new_pydict()?.as_value())
    }

    /// New empty exact dict, typed.
    pub fn new_pydict(&self) -> PyResult<Gc<PyDict>> {
        self.alloc(PyDict::empty(BuiltinType::dict as u32))
    }

    /// The value as a dict (subclasses included).
    #[inline]
    pub fn as_dict(&self, value: Value) -> Option<Gc<PyDict>> {
        self.downcast::<PyDict>(value)
    }

    /// Entry number of `key`.
    ///
    /// Runs Python: `__eq__` of keys, unless `key` and all keys are exact strings or ints.
    fn dict_find(&self, dict: Gc<PyDict>, key: Value, hash: i64) -> PyResult<Option<usize>> {
        if dict.text_keys.get()
            && let Some(text) = self.downcast_exact::<PyStr>(key)
        {
            return Ok(dict.find_text(text, hash));
        }
        'restart: loop {
            let Some(entries) = dict.entries.get() else { return Ok(None) };
            let mut probe = Probe::new(hash, entries.mask);
            loop {
                let number = entries.number_at(probe.at);
                if number < DELETED {
                    let entry = entries.entry(number);
                    if let Some(found) = entry.key {
                        if found == key {
                            return Ok(Some(number as usize));
                        }
                        if entry.hash == hash {
                            let equal = self.eq(found, key)?;
                            if dict.entries.get() != Some(entries) || entry.key != Some(found) {
                                continue 'restart;
                            }
                            if equal {
                                return Ok(Some(number as usize));
                            }
                        }
                    }
                } else if number == EMPTY {
                    return Ok(None);
                }
                probe.step();
            }
        }
    }

    /// Where `key` is, or goes.
    ///
    /// Runs Python: as [`Vm::dict_find`], and nothing after the dict was looked at last.
    #[inline]
    fn dict_place(&self, dict: Gc<PyDict>, key: Value, hash: i64) -> PyResult<Place> {
        let Some(entries) = dict.entries.get() else { return Ok(Place::Full) };
        let vacant = if dict.text_keys.get()
            && let Some(text) = self.downcast_exact::<PyStr>(key)
        {
            match dict.search_text(&entries, text, hash) {
                Ok(number) => return Ok(Place::Entry(number as usize)),
                Err(vacant) => vacant,
            }
        } else {
            if let Some(number) = self.dict_find(dict, key, hash)? {
                return Ok(Place::Entry(number));
            }
            let Some(entries) = dict.entries.get() else { return Ok(Place::Full) };
            entries.vacant_place(hash)
        };
        let Some(entries) = dict.entries.get() else { return Ok(Place::Full) };
        let is_full = dict.entry_count() == entries.capacity || dict.fill.get() as usize == entries.capacity;
        Ok(if is_full { Place::Full } else { Place::Vacant(vacant) })
    }

    /// Value under `key`.
    ///
    /// Runs Python: `__hash__`, `__eq__`. Errors: theirs; TypeError for an unhashable key.
    pub fn dict_get(&self, dict: Gc<PyDict>, key: Value) -> PyResult<Option<Value>> {
        let hash = self.hash_key(key)?;
        self.dict_get_hashed(dict, key, hash)
    }

    pub fn dict_get_hashed(&self, dict: Gc<PyDict>, key: Value, hash: i64) -> PyResult<Option<Value>> {
        Ok(self.dict_find(dict, key, hash)?.and_then(|number| dict.raw_entry(number)).and_then(|entry| entry.value))
    }

    /// `dict[key] = value` on a dict value.
    ///
    /// Panics: `dict` is no dict.
    pub fn dict_set(&self, dict: Value, key: Value, value: Value) -> PyResult<()> {
        let dict = self.as_dict(dict).expect("caller checked that this is a dict");
        self.dict_insert(dict, key, value)
    }

    /// `dict[key] = value`.
    pub fn dict_insert(&self, dict: Gc<PyDict>, key: Value, value: Value) -> PyResult<()> {
        let hash = self.hash_key(key)?;
        self.dict_insert_hashed(dict, key, hash, value)
    }

    pub fn dict_insert_hashed(&self, dict: Gc<PyDict>, key: Value, hash: i64, value: Value) -> PyResult<()> {
        match self.dict_place(dict, key, hash)? {
            Place::Entry(number) => self.dict_store(dict, number, value),
            Place::Vacant(place) => self.dict_fill_place(dict, place, key, hash, value),
            Place::Full => self.dict_append(dict, key, hash, value)?,
        }
        Ok(())
    }

    /// Sets an interned name; runs no Python code.
    pub fn dict_set_interned(&self, dict: Gc<PyDict>, name: Value, value: Value) -> PyResult<()> {
        match dict.find_interned(name) {
            Some(number) => {
                self.dict_store(dict, number, value);
                Ok(())
            }
            None => self.dict_append_interned(dict, name, value),
        }
    }

    /// Replaces the value of live entry `number`.
    #[inline]
    pub fn dict_store(&self, dict: Gc<PyDict>, number: usize, value: Value) {
        let entries = dict.entries.get().expect("a live entry lies in a buffer");
        // SAFETY: `number` is a live entry of this buffer.
        let entry = unsafe { entries.first().add(number) };
        self.heap.write_barrier_at(entries.header(), entry.cast());
        // SAFETY: as above.
        unsafe { (*entry).value = Some(value) };
    }

    /// The value under `key`, or `default` inserted there.
    pub fn dict_set_default(&self, dict: Gc<PyDict>, key: Value, default: Value) -> PyResult<Value> {
        let hash = self.hash_key(key)?;
        match self.dict_place(dict, key, hash)? {
            Place::Entry(number) => {
                return Ok(dict.raw_entry(number).and_then(|entry| entry.value).expect("a live entry has a value"));
            }
            Place::Vacant(place) => self.dict_fill_place(dict, place, key, hash, default),
            Place::Full => self.dict_append(dict, key, hash, default)?,
        }
        Ok(default)
    }

    /// Removes `key`; the value it had.
    pub fn dict_remove(&self, dict: Gc<PyDict>, key: Value) -> PyResult<Option<Value>> {
        let hash = self.hash_key(key)?;
        Ok(self
            .dict_find(dict, key, hash)?
            .and_then(|number| self.dict_remove_entry(dict, number))
            .map(|(_, value)| value))
    }

    /// Removes entry `number`.
    pub fn dict_remove_entry(&self, dict: Gc<PyDict>, number: usize) -> Option<(Value, Value)> {
        let (key, value) = dict.entry(number)?;
        let entries = dict.entries.get()?;
        let mut probe = Probe::new(dict.entry_hash(number), entries.mask);
        while entries.number_at(probe.at) != number as u32 {
            probe.step();
        }
        entries.set_number(probe.at, DELETED);
        // SAFETY: `number` is a live entry of this buffer. Clearing needs no barrier.
        unsafe {
            (*entries.first().add(number)).key = None;
            (*entries.first().add(number)).value = None;
        }
        dict.len.set(dict.len.get() - 1);
        if dict.first.get() as usize == number {
            dict.first.set(number as u32 + 1);
        }
        dict.keys_changed();
        Some((key, value))
    }

    /// Removes and returns the last entry.
    pub fn dict_pop_last(&self, dict: Gc<PyDict>) -> Option<(Value, Value)> {
        while let Some(number) = dict.used.get().checked_sub(1) {
            let removed = self.dict_remove_entry(dict, number as usize);
            dict.used.set(number);
            dict.first.set(dict.first.get().min(number));
            if removed.is_some() {
                return removed;
            }
        }
        None
    }

    /// Removes and returns the first entry.
    pub fn dict_pop_first(&self, dict: Gc<PyDict>) -> Option<(Value, Value)> {
        let number = dict.first_entry()?;
        self.dict_remove_entry(dict, number)
    }

    /// Moves `key` behind all others, or in front of them; false when there is no such key.
    ///
    /// Runs Python: `__hash__`, `__eq__` of the key.
    pub fn dict_move(&self, dict: Gc<PyDict>, key: Value, to_end: bool) -> PyResult<bool> {
        let hash = self.hash_key(key)?;
        let Some(number) = self.dict_find(dict, key, hash)? else { return Ok(false) };
        let Some((key, value)) = dict.entry(number) else { return Ok(false) };
        if to_end {
            if number + 1 == dict.entry_count() {
                return Ok(true);
            }
            self.dict_remove_entry(dict, number);
            self.dict_append(dict, key, hash, value)?;
            return Ok(true);
        }
        if dict.first_entry() == Some(number) {
            return Ok(true);
        }
        // Room first: what follows must not fail half way.
        let others = self.dict_copy(dict)?;
        let before = dict.entry_count();
        self.dict_resize(dict, before.max(MIN_CAPACITY))?;
        for at in 0..dict.entry_count() {
            self.dict_remove_entry(dict, at);
        }
        dict.used.set(0);
        dict.first.set(0);
        self.dict_append(dict, key, hash, value)?;
        for at in 0..others.entry_count() {
            if let Some((other, value)) = others.entry(at)
                && other != key
            {
                self.dict_append(dict, other, others.entry_hash(at), value)?;
            }
        }
        Ok(true)
    }

    /// Hash of a dict key.
    ///
    /// Errors: TypeError `cannot use 'X' as a dict key (...)` around the one of `hash`.
    #[inline]
    pub fn hash_key(&self, key: Value) -> PyResult<i64> {
        if let Some(hash) = small_int_hash(key) {
            return Ok(hash);
        }
        if let Some(text) = self.downcast_exact::<PyStr>(key) {
            return Ok(self.str_hash(text));
        }
        match self.hash(key) {
            Ok(hash) => Ok(hash),
            Err(raised) => Err(self.unhashable(key, raised, "a dict key")),
        }
    }

    /// The TypeError of `hash` in the words of a container.
    #[cold]
    pub(crate) fn unhashable(&self, key: Value, raised: crate::native::Raised, role: &str) -> crate::native::Raised {
        if !self.pending.get().is_some_and(|exception| self.type_of(exception) == self.exceptions.TypeError) {
            return raised;
        }
        let cause = self.take_exception(raised);
        let name = self.type_name(key);
        match self.str(cause) {
            Ok(text) => self.type_error(format!("cannot use '{name}' as {role} ({})", self.str_text(text))),
            Err(raised) => raised,
        }
    }

    /// Empties the dict.
    pub fn dict_clear(&self, dict: Gc<PyDict>) {
        dict.len.set(0);
        dict.used.set(0);
        dict.fill.set(0);
        dict.first.set(0);
        dict.text_keys.set(true);
        dict.entries.init(None);
        dict.keys_changed();
    }

    /// A shallow copy as exact dict.
    pub fn dict_copy(&self, dict: Gc<PyDict>) -> PyResult<Gc<PyDict>> {
        let copy = self.new_pydict()?;
        self.dict_reserve(copy, dict.len())?;
        for number in 0..dict.entry_count() {
            if let Some((key, value)) = dict.entry(number) {
                self.dict_append(copy, key, dict.entry_hash(number), value)?;
            }
        }
        Ok(copy)
    }

    /// Makes room for `len` entries in all.
    pub fn dict_reserve(&self, dict: Gc<PyDict>, len: usize) -> PyResult<()> {
        let capacity = dict.entries.get().map_or(0, |entries| entries.capacity);
        if len > capacity { self.dict_resize(dict, len) } else { Ok(()) }
    }

    /// Appends an interned name known to be absent.
    pub(crate) fn dict_append_interned(&self, dict: Gc<PyDict>, name: Value, value: Value) -> PyResult<()> {
        // SAFETY: interned names are exact strings.
        let text: Gc<PyStr> = unsafe { Gc::from_value(name) };
        self.dict_append(dict, name, text.known_hash(), value)
    }

    /// Appends an entry known to be absent.
    fn dict_append(&self, dict: Gc<PyDict>, key: Value, hash: i64, value: Value) -> PyResult<()> {
        let capacity = dict.entries.get().map_or(0, |entries| entries.capacity);
        if dict.entry_count() == capacity || dict.fill.get() as usize == capacity {
            self.dict_resize(dict, (dict.len() * 2).max(MIN_CAPACITY))?;
        }
        let entries = dict.entries.get().expect("resized");
        self.dict_fill_place(dict, entries.vacant_place(hash), key, hash, value);
        Ok(())
    }

    /// Puts a new entry behind the others, of which the buffer has room for one more, and its number into vacant place `at` of the index.
    #[inline]
    fn dict_fill_place(&self, dict: Gc<PyDict>, at: usize, key: Value, hash: i64, value: Value) {
        let entries = dict.entries.get().expect("has room");
        let number = dict.used.get();
        debug_assert!((number as usize) < entries.capacity);
        if entries.number_at(at) == EMPTY {
            dict.fill.set(dict.fill.get() + 1);
        }
        entries.set_number(at, number);
        // SAFETY: `number < capacity`.
        let entry = unsafe { entries.first().add(number as usize) };
        self.heap.write_barrier_at(entries.header(), entry.cast());
        // SAFETY: as above.
        unsafe { entry.write(Entry { key: Some(key), value: Some(value), hash }) };
        dict.used.set(number + 1);
        dict.len.set(dict.len.get() + 1);
        if dict.text_keys.get() && !self.is_exact_str(key) {
            dict.text_keys.set(false);
        }
        dict.keys_changed();
    }

    /// Gives an empty dict its first buffer: of a size that is known, so that it is filled without calls.
    fn dict_begin(&self, dict: Gc<PyDict>) -> PyResult<()> {
        const WORDS: usize = MIN_CAPACITY * size_of::<Entry>() / 8;
        const { assert!(Entries::tail_bytes(MIN_CAPACITY, MIN_PLACES) == WORDS * 8 + 8) };
        let header = object_header(BuiltinType::dict_entries());
        let entries = Entries { header, capacity: MIN_CAPACITY, mask: MIN_PLACES - 1 };
        // SAFETY: entries without key and eight empty places of one byte fill the tail at once.
        let entries = unsafe {
            let entries = self.alloc_tail_open(entries, WORDS * 8 + 8)?;
            let words = entries.tail::<u64>();
            words.cast::<[u64; WORDS]>().write([0; WORDS]);
            words.add(WORDS).write(u64::MAX);
            entries
        };
        dict.entries.set(&self.heap, dict, Some(entries));
        dict.used.set(0);
        dict.fill.set(0);
        dict.first.set(0);
        dict.keys_changed();
        Ok(())
    }

    /// Moves the live entries to a buffer with room for `capacity`.
    fn dict_resize(&self, dict: Gc<PyDict>, capacity: usize) -> PyResult<()> {
        let places = (capacity * 3 / 2 + 1).next_power_of_two().max(8);
        if places >= DELETED as usize {
            return Err(self.memory_error_text("dict too large"));
        }
        // Fill the index to two thirds at most.
        let capacity = places * 2 / 3;
        if places == MIN_PLACES && dict.is_empty() {
            return self.dict_begin(dict);
        }
        let header = object_header(BuiltinType::dict_entries());
        let entries =
            self.alloc_tail(Entries { header, capacity, mask: places - 1 }, Entries::tail_bytes(capacity, places))?;
        // SAFETY: the index has so many bytes; EMPTY is all ones in every width.
        unsafe { entries.index().write_bytes(0xff, places * Entries::number_bytes(places)) };
        let mut live = 0;
        if let Some(old) = dict.entries.get() {
            for number in 0..dict.entry_count() {
                // SAFETY: below `used`.
                let entry = unsafe { &*old.first().add(number) };
                if entry.key.is_none() {
                    continue;
                }
                entries.set_number(entries.vacant_place(entry.hash), live);
                // SAFETY: `live < capacity`: the new buffer has room for every live entry. The buffer is young: no barrier.
                unsafe { entries.first().add(live as usize).write(*entry) };
                live += 1;
            }
        }
        dict.entries.set(&self.heap, dict, Some(entries));
        dict.used.set(live);
        dict.fill.set(live);
        dict.first.set(0);
        dict.keys_changed();
        Ok(())
    }
}

impl PyDict {
    /// An empty dict with shape `shape`, for subclasses' allocation.
    pub fn empty(shape: u32) -> PyDict {
        PyDict {
            header: object_header(shape),
            len: Cell::new(0),
            used: Cell::new(0),
            fill: Cell::new(0),
            first: Cell::new(0),
            version: Cell::new(0),
            text_keys: Cell::new(true),
            entries: Slot::new(None),
        }
    }
}

pub use methods::DICT;
