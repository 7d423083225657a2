//! Iterators that belong to no single container.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use cinder_heap::Gc;

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of the iterator over any object with `__getitem__` (CPython `seqiterobject`).
#[repr(C)]
pub struct PySequenceIterator {
    header: Header,
    index: Cell<i64>,
    /// `None` once exhausted.
    sequence: Slot<Option<Value>>,
}

impl Trace for PySequenceIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.sequence.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySequenceIterator {}

crate::layout!(PySequenceIterator, "iterator", exact sequence_iterator);

pub static SEQUENCE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { iter: Some(|_, iterator| Ok(iterator)), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| {
            let iterator = sequence_iterator(vm, args.at(0));
            let Some(sequence) = iterator.sequence.get() else { return Ok(Value::ZERO) };
            if vm.type_of(sequence).slots().len.is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            vm.new_int((vm.len(sequence)? as i64 - iterator.index.get()).max(0))
        }),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let iterator = sequence_iterator(vm, args.at(0));
            match iterator.sequence.get() {
                Some(sequence) => {
                    let parts = vm.new_tuple(&[sequence])?;
                    vm.new_tuple(&[vm.builtin("iter")?, parts, vm.new_int(iterator.index.get())?])
                }
                None => {
                    let parts = vm.new_tuple(&[*vm.empty_tuple])?;
                    vm.new_tuple(&[vm.builtin("iter")?, parts])
                }
            }
        }),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let iterator = sequence_iterator(vm, args.at(0));
            if iterator.sequence.get().is_some() {
                iterator.index.set(vm.index_i64(args.at(1))?.max(0));
            }
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("iterator", <PySequenceIterator as Payload>::LAYOUT)
};

fn sequence_iterator(vm: &Vm, value: Value) -> Gc<PySequenceIterator> {
    vm.downcast::<PySequenceIterator>(value).expect("slot of this class")
}

fn next(vm: &Vm, iterator: Value) -> PyResult<Option<Value>> {
    let iterator = sequence_iterator(vm, iterator);
    let Some(sequence) = iterator.sequence.get() else { return Ok(None) };
    let index = iterator.index.get();
    let item = vm.getitem(sequence, vm.new_int(index)?);
    match item {
        Ok(item) => {
            iterator.index.set(index + 1);
            Ok(Some(item))
        }
        Err(raised)
            if vm.pending_matches(vm.exceptions.IndexError) || vm.pending_matches(vm.exceptions.StopIteration) =>
        {
            vm.take_exception(raised);
            iterator.sequence.init(None);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

impl Vm {
    /// Iterator over `sequence[0]`, `sequence[1]`, ... up to IndexError.
    pub fn new_sequence_iterator(&self, sequence: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::sequence_iterator as u32);
        Ok(self
            .alloc(PySequenceIterator { header, index: Cell::new(0), sequence: Slot::new(Some(sequence)) })?
            .as_value())
    }
}

/// Payload of `iter(callable, sentinel)`.
#[repr(C)]
pub struct PyCallableIterator {
    header: Header,
    /// `None` once exhausted.
    callable: Slot<Option<Value>>,
    sentinel: Slot<Value>,
}

impl Trace for PyCallableIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.callable.get());
        tracer.visit(self.sentinel.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyCallableIterator {}

crate::layout!(PyCallableIterator, "callable_iterator", exact callable_iterator);

fn callable_next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let iterator = vm.downcast::<PyCallableIterator>(value).expect("slot of this class");
    let Some(callable) = iterator.callable.get() else { return Ok(None) };
    let result = vm.call(callable, &[]);
    let Some(result) = vm.catch(result, vm.exceptions.StopIteration)? else {
        iterator.callable.init(None);
        return Ok(None);
    };
    if iterator.callable.get().is_none() {
        return Ok(None);
    }
    if vm.eq(iterator.sentinel.get(), result)? {
        iterator.callable.init(None);
        return Ok(None);
    }
    Ok(Some(result))
}

pub static CALLABLE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { iter: Some(|_, iterator| Ok(iterator)), next: Some(callable_next), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let iterator = vm.downcast::<PyCallableIterator>(args.at(0)).expect("method of this class");
        let parts = match iterator.callable.get() {
            Some(callable) => vm.new_tuple(&[callable, iterator.sentinel.get()])?,
            None => vm.new_tuple(&[*vm.empty_tuple])?,
        };
        vm.new_tuple(&[vm.builtin("iter")?, parts])
    })],
    ..TypeDef::new("callable_iterator", <PyCallableIterator as Payload>::LAYOUT)
};

impl Vm {
    /// `iter(callable, sentinel)`.
    pub fn new_callable_iterator(&self, callable: Value, sentinel: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::callable_iterator as u32);
        let iterator =
            PyCallableIterator { header, callable: Slot::new(Some(callable)), sentinel: Slot::new(sentinel) };
        Ok(self.alloc(iterator)?.as_value())
    }
}
