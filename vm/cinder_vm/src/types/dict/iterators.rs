//! Iterators over the keys, values and items of a dict, in both directions.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::PyDict;
use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// What of the entries a view shows or an iterator gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DictPart {
    Keys,
    Values,
    Items,
}

/// Payload of the six iterators.
#[repr(C)]
pub struct PyDictIterator {
    header: Header,
    /// `None` once exhausted.
    dict: Slot<Option<Gc<PyDict>>>,
    /// Next entry number forwards; one above it backwards.
    position: Cell<usize>,
    /// Entries that the dict had at the start.
    len: Cell<usize>,
    /// Items given so far.
    given: Cell<usize>,
    /// Of an iterator over an ordered dict: the keys it was made for; 0 elsewhere.
    version: Cell<u32>,
    part: DictPart,
    reverse: bool,
}

impl Trace for PyDictIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(dict) = self.dict.get() {
            tracer.visit_object(dict.header());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDictIterator {}

crate::layout!(PyDictIterator, "dict iterator");

fn payload(vm: &Vm, value: Value) -> Gc<PyDictIterator> {
    vm.downcast::<PyDictIterator>(value).expect("slot of this class")
}

impl Vm {
    /// Iterator over a dict.
    pub fn new_dict_iterator(&self, dict: Gc<PyDict>, part: DictPart, reverse: bool) -> PyResult<Value> {
        let class = match (part, reverse) {
            (DictPart::Keys, false) => BuiltinType::dict_key_iterator,
            (DictPart::Values, false) => BuiltinType::dict_value_iterator,
            (DictPart::Items, false) => BuiltinType::dict_item_iterator,
            (DictPart::Keys, true) => BuiltinType::dict_reverse_key_iterator,
            (DictPart::Values, true) => BuiltinType::dict_reverse_value_iterator,
            (DictPart::Items, true) => BuiltinType::dict_reverse_item_iterator,
        };
        Ok(self.alloc(PyDictIterator::new(object_header(class as u32), dict, part, reverse))?.as_value())
    }

    /// Iterator of class `class` over a dict, which any change of keys ends with a RuntimeError.
    pub fn new_ordered_iterator(
        &self,
        class: Gc<PyType>,
        dict: Gc<PyDict>,
        part: DictPart,
        reverse: bool,
    ) -> PyResult<Value> {
        let version = dict.version(self);
        let made = self.alloc_instance(class, 0, |header| PyDictIterator::new(header, dict, part, reverse))?;
        made.version.set(version);
        Ok(made.as_value())
    }

    /// Next key and value of any dict iterator.
    ///
    /// Errors: RuntimeError `dictionary changed size during iteration`.
    #[inline]
    pub fn dict_iterator_next(&self, iterator: Gc<PyDictIterator>) -> PyResult<Option<(Value, Value)>> {
        let Some(dict) = iterator.dict.get() else { return Ok(None) };
        let version = iterator.version.get();
        if version != 0 && !dict.has_version(version) && iterator.given.get() < iterator.len.get() {
            iterator.dict.init(None);
            return Err(self.runtime_error("OrderedDict mutated during iteration"));
        }
        if version == 0 && dict.len() != iterator.len.get() {
            return Err(self.dict_changed(iterator, "dictionary changed size during iteration"));
        }
        let found = if iterator.reverse { iterator.step_back(dict) } else { iterator.step(dict) };
        match found {
            Some(_) if version != 0 && iterator.given.get() >= iterator.len.get() => {
                iterator.dict.init(None);
                Ok(None)
            }
            Some(_) if iterator.given.get() >= iterator.len.get() => {
                Err(self.dict_changed(iterator, "dictionary keys changed during iteration"))
            }
            Some(pair) => {
                iterator.given.set(iterator.given.get() + 1);
                Ok(Some(pair))
            }
            None => {
                iterator.dict.init(None);
                Ok(None)
            }
        }
    }

    #[cold]
    fn dict_changed(&self, iterator: Gc<PyDictIterator>, message: &str) -> crate::native::Raised {
        // The state stays: the next call fails as well.
        iterator.len.set(usize::MAX);
        self.runtime_error(message)
    }
}

impl PyDictIterator {
    fn new(header: Header, dict: Gc<PyDict>, part: DictPart, reverse: bool) -> PyDictIterator {
        PyDictIterator {
            header,
            dict: Slot::new(Some(dict)),
            position: Cell::new(if reverse { dict.entry_count() } else { dict.first_entry().unwrap_or(0) }),
            len: Cell::new(dict.len()),
            given: Cell::new(0),
            version: Cell::new(0),
            part,
            reverse,
        }
    }

    #[inline]
    fn step(&self, dict: Gc<PyDict>) -> Option<(Value, Value)> {
        let mut number = self.position.get();
        let count = dict.entry_count();
        while number < count {
            number += 1;
            if let Some(pair) = dict.entry(number - 1) {
                self.position.set(number);
                return Some(pair);
            }
        }
        self.position.set(number);
        None
    }

    fn step_back(&self, dict: Gc<PyDict>) -> Option<(Value, Value)> {
        let mut number = self.position.get().min(dict.entry_count());
        while number > 0 {
            number -= 1;
            if let Some(pair) = dict.entry(number) {
                self.position.set(number);
                return Some(pair);
            }
        }
        self.position.set(0);
        None
    }
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let iterator = payload(vm, value);
    let Some((key, value)) = vm.dict_iterator_next(iterator)? else { return Ok(None) };
    match iterator.part {
        DictPart::Keys => Ok(Some(key)),
        DictPart::Values => Ok(Some(value)),
        DictPart::Items => vm.new_tuple(&[key, value]).map(Some),
    }
}

/// Slots of every iterator over a dict.
pub const ITERATOR_SLOTS: Slots = Slots { iter: Some(|_, iterator| Ok(iterator)), next: Some(next), ..Slots::NONE };

/// Methods of every iterator over a dict.
pub const ITERATOR_METHODS: &[NativeDef] = &[
    NativeDef::method("__length_hint__", "self, /", |vm, args| {
        let iterator = payload(vm, args.at(0));
        let left = match iterator.dict.get() {
            Some(dict) if dict.len() == iterator.len.get() => dict.len() - iterator.given.get(),
            _ => 0,
        };
        vm.new_uint(left)
    }),
    NativeDef::method("__reduce__", "self, /", |vm, args| {
        // What is left, from a copy: the iterator itself does not move.
        let iterator = payload(vm, args.at(0));
        let rest = vm.new_pylist()?;
        if let Some(dict) = iterator.dict.get() {
            let copy = vm.new_dict_iterator(dict, iterator.part, iterator.reverse)?;
            let ahead = payload(vm, copy);
            ahead.position.set(iterator.position.get());
            ahead.len.set(iterator.len.get());
            ahead.given.set(iterator.given.get());
            ahead.version.set(iterator.version.get());
            vm.list_extend(rest, copy)?;
        }
        let list = vm.new_tuple(&[rest.as_value()])?;
        vm.new_tuple(&[vm.builtin("iter")?, list])
    }),
];

macro_rules! iterator_class {
    ($($static:ident $name:literal)*) => {
        $(pub static $static: TypeDef = TypeDef {
            flags: type_flags::NO_NEW,
            slots: ITERATOR_SLOTS,
            methods: ITERATOR_METHODS,
            ..TypeDef::new($name, <PyDictIterator as Payload>::LAYOUT)
        };)*
    };
}

iterator_class! {
    DICT_KEY_ITERATOR "dict_keyiterator"
    DICT_VALUE_ITERATOR "dict_valueiterator"
    DICT_ITEM_ITERATOR "dict_itemiterator"
    DICT_REVERSE_KEY_ITERATOR "dict_reversekeyiterator"
    DICT_REVERSE_VALUE_ITERATOR "dict_reversevalueiterator"
    DICT_REVERSE_ITEM_ITERATOR "dict_reverseitemiterator"
}
