//! Iterators of `list` and `tuple`: a sequence and a position.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::list::PyList;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `list_iterator`, `list_reverseiterator` and `tuple_iterator`.
#[repr(C)]
pub struct PyIndexIterator {
    header: Header,
    /// Next position.
    pub index: Cell<i64>,
    /// `None` once exhausted.
    pub sequence: Slot<Option<Value>>,
}

impl PyIndexIterator {
    pub const INDEX_OFFSET: usize = std::mem::offset_of!(PyIndexIterator, index);
    pub const SEQUENCE_OFFSET: usize = std::mem::offset_of!(PyIndexIterator, sequence);

    /// The payload of an iterator of class `class` (one of the three).
    #[inline(always)]
    pub fn over(sequence: Value, class: BuiltinType, index: i64) -> PyIndexIterator {
        let header = object_header(class as u32);
        PyIndexIterator { header, index: Cell::new(index), sequence: Slot::new(Some(sequence)) }
    }
}

impl Trace for PyIndexIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.sequence.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyIndexIterator {}

crate::layout!(PyIndexIterator, "index iterator");

fn payload(vm: &Vm, value: Value) -> Gc<PyIndexIterator> {
    vm.downcast::<PyIndexIterator>(value).expect("slot of this class")
}

impl Vm {
    /// Iterator of class `class` (one of the three) over a list or tuple value.
    #[inline]
    pub fn new_index_iterator(&self, class: BuiltinType, sequence: Value, index: i64) -> PyResult<Value> {
        Ok(self.alloc(PyIndexIterator::over(sequence, class, index))?.as_value())
    }

    /// Next item of a `list_iterator`.
    #[inline]
    pub fn list_iterator_next(&self, iterator: Gc<PyIndexIterator>) -> Option<Value> {
        let sequence = iterator.sequence.get()?;
        // SAFETY: list iterators are made over lists only.
        let list: Gc<PyList> = unsafe { Gc::from_value(sequence) };
        let index = iterator.index.get();
        match list.items.get(index as usize) {
            Some(item) => {
                iterator.index.set(index + 1);
                Some(item)
            }
            None => {
                iterator.sequence.init(None);
                None
            }
        }
    }

    /// Next item of a `tuple_iterator`.
    #[inline]
    pub fn tuple_iterator_next(&self, iterator: Gc<PyIndexIterator>) -> Option<Value> {
        let sequence = iterator.sequence.get()?;
        // SAFETY: tuple iterators are made over tuples only.
        let tuple: Gc<crate::types::tuple::PyTuple> = unsafe { Gc::from_value(sequence) };
        let index = iterator.index.get();
        match tuple.items().get(index as usize) {
            Some(item) => {
                iterator.index.set(index + 1);
                Some(*item)
            }
            None => {
                iterator.sequence.init(None);
                None
            }
        }
    }

    /// A function or class of `builtins` as the running code sees them, for `__reduce__`.
    pub fn builtin(&self, name: &str) -> PyResult<Value> {
        let name = self.intern(name);
        let found = match self.current_frame() {
            Some(frame) => self.builtin_for(frame.function(), name)?,
            None => self.builtins.get_interned(name),
        };
        found.ok_or_else(|| self.attribute_error_text(self.str_text(name)))
    }

    /// Length of the list or tuple that an iterator walks.
    fn walked_len(&self, sequence: Value) -> usize {
        match self.as_list(sequence) {
            Some(list) => list.len(),
            None => self.tuple_items(sequence).len(),
        }
    }
}

fn length_hint(vm: &Vm, args: &[crate::native::Arg]) -> PyResult<Value> {
    let iterator = payload(vm, args.at(0));
    let Some(sequence) = iterator.sequence.get() else { return Ok(Value::ZERO) };
    vm.new_uint(vm.walked_len(sequence).saturating_sub(iterator.index.get() as usize))
}

fn reduce_of(vm: &Vm, iterator: Gc<PyIndexIterator>, function: &str) -> PyResult<Value> {
    match iterator.sequence.get() {
        Some(sequence) => {
            let args = vm.new_tuple(&[sequence])?;
            vm.new_tuple(&[vm.builtin(function)?, args, vm.new_int(iterator.index.get())?])
        }
        None => {
            let empty = vm.new_list(&[])?;
            let args = vm.new_tuple(&[empty])?;
            vm.new_tuple(&[vm.builtin("iter")?, args])
        }
    }
}

fn set_state(vm: &Vm, args: &[crate::native::Arg]) -> PyResult<Value> {
    let iterator = payload(vm, args.at(0));
    let index = vm.index_i64(args.at(1))?;
    if let Some(sequence) = iterator.sequence.get() {
        iterator.index.set(index.clamp(0, vm.walked_len(sequence) as i64));
    }
    Ok(Value::NONE)
}

const METHODS: &[NativeDef] = &[
    NativeDef::method("__length_hint__", "self, /", length_hint),
    NativeDef::method("__reduce__", "self, /", |vm, args| reduce_of(vm, payload(vm, args.at(0)), "iter")),
    NativeDef::method("__setstate__", "self, object, /", set_state),
];

pub static LIST_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(|vm, iterator| Ok(vm.list_iterator_next(payload(vm, iterator)))),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("list_iterator", <PyIndexIterator as Payload>::LAYOUT)
};

pub static TUPLE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(|vm, iterator| Ok(vm.tuple_iterator_next(payload(vm, iterator)))),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("tuple_iterator", <PyIndexIterator as Payload>::LAYOUT)
};

pub static LIST_REVERSE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(|vm, iterator| {
            let iterator = payload(vm, iterator);
            let Some(sequence) = iterator.sequence.get() else { return Ok(None) };
            let (list, index) = (vm.as_list(sequence).expect("made over lists"), iterator.index.get());
            let item = if index < 0 { None } else { list.items.get(index as usize) };
            match item {
                Some(_) => iterator.index.set(index - 1),
                None => {
                    iterator.index.set(-1);
                    iterator.sequence.init(None);
                }
            }
            Ok(item)
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| {
            let iterator = payload(vm, args.at(0));
            let Some(sequence) = iterator.sequence.get() else { return Ok(Value::ZERO) };
            let left = (iterator.index.get() + 1) as usize;
            vm.new_uint(if vm.walked_len(sequence) < left { 0 } else { left })
        }),
        NativeDef::method("__reduce__", "self, /", |vm, args| reduce_of(vm, payload(vm, args.at(0)), "reversed")),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let iterator = payload(vm, args.at(0));
            let index = vm.index_i64(args.at(1))?;
            if let Some(sequence) = iterator.sequence.get() {
                iterator.index.set(index.clamp(-1, vm.walked_len(sequence) as i64 - 1));
            }
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("list_reverseiterator", <PyIndexIterator as Payload>::LAYOUT)
};
