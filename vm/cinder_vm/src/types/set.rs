//! `set` and `frozenset`.
//!
//! Idea: one open-addressing table of keys with their hashes, probed in short linear stretches. Table sizes, probe order and growth are CPython's, so
//! that sets of small ints are walked in the same order as there. Source: Objects/setobject.c.
//! Holds: `used <= fill <= 3/5 of the places`; a place is free (no key, hash 0), deleted (no key, hash -1) or live. A lookup that ran Python code
//! starts again when table or entry changed.

mod methods;
mod table;

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

pub use methods::{FROZEN_SET, SET};
pub(crate) use table::Table;

/// Payload of sets and frozensets.
#[repr(C)]
pub struct PySet {
    header: Header,
    /// Live keys.
    used: Cell<usize>,
    /// Live and deleted places.
    fill: Cell<usize>,
    /// Where `pop` looks next.
    finger: Cell<usize>,
    /// Hash of a frozenset, once computed.
    hash: Cell<Option<i64>>,
    table: Slot<Option<Gc<Table>>>,
}

impl Trace for PySet {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(table) = self.table.get() {
            tracer.visit_object(table.header());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySet {}

crate::layout!(PySet, "set", exact set);

impl PySet {
    pub(crate) fn empty(header: Header) -> PySet {
        PySet {
            header,
            used: Cell::new(0),
            fill: Cell::new(0),
            finger: Cell::new(0),
            hash: Cell::new(None),
            table: Slot::new(None),
        }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.used.get() == 0
    }

    /// Number of places; [`PySet::key_at`] may be asked for each. It stays valid under any mutation.
    pub fn places(&self) -> usize {
        self.table.get().map_or(0, |table| table.places())
    }

    /// Key at a place, with its hash.
    #[inline]
    pub fn key_at(&self, place: usize) -> Option<(Value, i64)> {
        let table = self.table.get()?;
        if place >= table.places() {
            return None;
        }
        let entry = table.entry(place);
        Some((entry.key?, entry.hash))
    }
}

impl Vm {
    /// New empty exact set.
    pub fn new_pyset(&self) -> PyResult<Gc<PySet>> {
        self.alloc(PySet::empty(object_header(BuiltinType::set as u32)))
    }

    /// New exact set of these items.
    pub fn new_set(&self, items: &[Value]) -> PyResult<Value> {
        let set = self.new_pyset()?;
        for item in items {
            self.set_add(set, *item)?;
        }
        Ok(set.as_value())
    }

    /// New exact frozenset of these items.
    pub fn new_frozenset(&self, items: &[Value]) -> PyResult<Value> {
        let set = self.alloc(PySet::empty(object_header(BuiltinType::frozen_set as u32)))?;
        for item in items {
            self.set_add(set, *item)?;
        }
        Ok(set.as_value())
    }

    /// The value as a set or frozenset (subclasses included).
    pub fn as_set(&self, value: Value) -> Option<Gc<PySet>> {
        self.downcast::<PySet>(value)
    }

    /// `set(iterable)`.
    pub fn set_from(&self, iterable: Value) -> PyResult<Gc<PySet>> {
        let set = self.new_pyset()?;
        self.set_update(set, iterable)?;
        Ok(set)
    }

    /// Hash of a set element. Errors: TypeError `cannot use 'X' as a set element (...)`.
    #[inline]
    pub(crate) fn hash_element(&self, key: Value) -> PyResult<i64> {
        if let Some(hash) = crate::types::dict::small_int_hash(key) {
            return Ok(hash);
        }
        match self.hash(key) {
            Ok(hash) => Ok(hash),
            Err(raised) => Err(self.unhashable(key, raised, "a set element")),
        }
    }

    /// `set.add`.
    #[inline]
    pub fn set_add(&self, set: Gc<PySet>, key: Value) -> PyResult<()> {
        let hash = self.hash_element(key)?;
        self.set_add_hashed(set, key, hash)
    }

    /// `key in set`. A set that is asked for stands for its frozen copy.
    pub fn set_contains(&self, set: Gc<PySet>, key: Value) -> PyResult<bool> {
        let (key, hash) = self.element_to_find(key)?;
        self.set_has(set, key, hash)
    }

    /// Key and hash for a search: an unhashable set is looked for as frozenset.
    fn element_to_find(&self, key: Value) -> PyResult<(Value, i64)> {
        match self.hash(key) {
            Ok(hash) => Ok((key, hash)),
            Err(raised) => {
                let Some(set) = self.as_set(key).filter(|_| self.pending_matches(self.exceptions.TypeError)) else {
                    return Err(self.unhashable(key, raised, "a set element"));
                };
                self.take_exception(raised);
                let frozen = self.alloc(PySet::empty(object_header(BuiltinType::frozen_set as u32)))?;
                self.set_merge(frozen, set)?;
                Ok((frozen.as_value(), self.hash(frozen.as_value())?))
            }
        }
    }

    /// `set.discard`; whether the key was there.
    pub fn set_discard(&self, set: Gc<PySet>, key: Value) -> PyResult<bool> {
        let (key, hash) = self.element_to_find(key)?;
        self.set_discard_hashed(set, key, hash)
    }

    fn set_discard_hashed(&self, set: Gc<PySet>, key: Value, hash: i64) -> PyResult<bool> {
        match self.set_find(set, key, hash)? {
            Some(place) => {
                self.set_remove_place(set, place);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// `set.update(other)`.
    pub fn set_update(&self, set: Gc<PySet>, other: Value) -> PyResult<()> {
        if let Some(other) = self.as_set(other) {
            return self.set_merge(set, other);
        }
        if let Some(dict) = self.downcast_exact::<crate::types::dict::PyDict>(other) {
            self.set_make_room(set, dict.len())?;
            for number in 0..dict.entry_count() {
                if let Some((key, _)) = dict.entry(number) {
                    self.set_add_hashed(set, key, dict.entry_hash(number))?;
                }
            }
            return Ok(());
        }
        if let Some(list) = self.downcast_exact::<crate::types::list::PyList>(other) {
            // By index: comparing keys may change the list.
            let mut index = 0;
            while let Some(key) = list.items.get(index) {
                self.set_add(set, key)?;
                index += 1;
            }
            return Ok(());
        }
        self.for_each(other, |key| self.set_add(set, key))
    }

    /// `set.difference_update(other)`.
    pub fn set_difference_update(&self, set: Gc<PySet>, other: Value) -> PyResult<()> {
        if other == set.as_value() {
            self.set_clear(set);
            return Ok(());
        }
        match self.as_set(other) {
            Some(other) => {
                for place in 0..other.places() {
                    if let Some((key, hash)) = other.key_at(place) {
                        self.set_discard_hashed(set, key, hash)?;
                    }
                }
                Ok(())
            }
            None => self.for_each(other, |key| {
                let hash = self.hash_element(key)?;
                self.set_discard_hashed(set, key, hash).map(|_| ())
            }),
        }
    }

    /// `set.symmetric_difference_update(other)`.
    pub fn set_symmetric_update(&self, set: Gc<PySet>, other: Value) -> PyResult<()> {
        if other == set.as_value() {
            self.set_clear(set);
            return Ok(());
        }
        let other = match self.as_set(other) {
            Some(other) => other,
            None => self.set_from(other)?,
        };
        for place in 0..other.places() {
            if let Some((key, hash)) = other.key_at(place)
                && !self.set_discard_hashed(set, key, hash)?
            {
                self.set_add_hashed(set, key, hash)?;
            }
        }
        Ok(())
    }

    /// What is in both, as new set of the same kind as `set`.
    pub(crate) fn set_intersection(&self, set: Gc<PySet>, other: Value) -> PyResult<Gc<PySet>> {
        let result = self.new_pyset()?;
        if let Some(other) = self.as_set(other) {
            let (walked, asked) = if other.len() > set.len() { (set, other) } else { (other, set) };
            for place in 0..walked.places() {
                if let Some((key, hash)) = walked.key_at(place)
                    && self.set_has(asked, key, hash)?
                {
                    self.set_add_absent(result, key, hash)?;
                }
            }
            return Ok(result);
        }
        self.for_each(other, |key| {
            let hash = self.hash_element(key)?;
            if self.set_has(set, key, hash)? { self.set_add_hashed(result, key, hash) } else { Ok(()) }
        })?;
        Ok(result)
    }

    /// What is in `set` and not in `other`.
    pub(crate) fn set_difference(&self, set: Gc<PySet>, other: Value) -> PyResult<Gc<PySet>> {
        let asked = self.as_set(other).filter(|other| set.len() >> 2 <= other.len());
        let Some(asked) = asked else {
            let result = self.new_pyset()?;
            self.set_merge(result, set)?;
            self.set_difference_update(result, other)?;
            return Ok(result);
        };
        let result = self.new_pyset()?;
        for place in 0..set.places() {
            if let Some((key, hash)) = set.key_at(place)
                && !self.set_has(asked, key, hash)?
            {
                self.set_add_absent(result, key, hash)?;
            }
        }
        Ok(result)
    }

    /// Whether every key of `a` is in `b`.
    pub(crate) fn set_is_subset(&self, a: Gc<PySet>, b: Gc<PySet>) -> PyResult<bool> {
        if a.len() > b.len() {
            return Ok(false);
        }
        let mut from = 0;
        if let (Some(keys), Some(table)) = (a.table.get(), b.table.get()) {
            let mut left = a.len();
            while left > 0 && from < keys.places() {
                let entry = keys.entry(from);
                if let Some(key) = entry.key {
                    match table.has_identical(key, entry.hash) {
                        Some(true) => left -= 1,
                        Some(false) => return Ok(false),
                        // Keys must be compared, which may change the sets.
                        None => break,
                    }
                }
                from += 1;
            }
            if left == 0 {
                return Ok(true);
            }
        }
        for place in from..a.places() {
            if let Some((key, hash)) = a.key_at(place)
                && !self.set_has(b, key, hash)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Payload of `set_iterator`.
#[repr(C)]
pub struct PySetIterator {
    header: Header,
    set: Slot<Option<Gc<PySet>>>,
    place: Cell<usize>,
    /// Keys that the set had at the start.
    len: Cell<usize>,
    left: Cell<usize>,
}

impl Trace for PySetIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(set) = self.set.get() {
            tracer.visit_object(set.header());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySetIterator {}

crate::layout!(PySetIterator, "set_iterator", exact set_iterator);

fn iterator(vm: &Vm, value: Value) -> Gc<PySetIterator> {
    vm.downcast::<PySetIterator>(value).expect("slot of this class")
}

fn new_iterator(vm: &Vm, set: Gc<PySet>) -> PyResult<Value> {
    let header = object_header(BuiltinType::set_iterator as u32);
    let (len, left) = (Cell::new(set.len()), Cell::new(set.len()));
    Ok(vm.alloc(PySetIterator { header, set: Slot::new(Some(set)), place: Cell::new(0), len, left })?.as_value())
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let iterator = iterator(vm, value);
    let Some(set) = iterator.set.get() else { return Ok(None) };
    if set.len() != iterator.len.get() {
        iterator.len.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    if let Some(table) = set.table.get() {
        let (mut place, places) = (iterator.place.get(), table.places());
        while place < places {
            place += 1;
            if let Some(key) = table.entry(place - 1).key {
                iterator.place.set(place);
                iterator.left.set(iterator.left.get().saturating_sub(1));
                return Ok(Some(key));
            }
        }
    }
    iterator.set.init(None);
    Ok(None)
}

pub static SET_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { iter: Some(|_, iterator| Ok(iterator)), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| {
            let iterator = iterator(vm, args.at(0));
            let same = iterator.set.get().is_some_and(|set| set.len() == iterator.len.get());
            vm.new_uint(if same { iterator.left.get() } else { 0 })
        }),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let walked = iterator(vm, args.at(0));
            let rest = vm.new_pylist()?;
            if let Some(set) = walked.set.get() {
                let copy = new_iterator(vm, set)?;
                iterator(vm, copy).place.set(walked.place.get());
                vm.list_extend(rest, copy)?;
            }
            let list = vm.new_tuple(&[rest.as_value()])?;
            vm.new_tuple(&[vm.builtin("iter")?, list])
        }),
    ],
    ..TypeDef::new("set_iterator", <PySetIterator as Payload>::LAYOUT)
};
