//! Iterators that belong to no single container.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
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
    ..TypeDef::new("iterator", <PySequenceIterator as Payload>::LAYOUT)
};

fn next(vm: &Vm, iterator: Value) -> PyResult<Option<Value>> {
    let iterator = vm.downcast::<PySequenceIterator>(iterator).expect("slot of this class");
    let Some(sequence) = iterator.sequence.get() else { return Ok(None) };
    let index = iterator.index.get();
    let item = vm.getitem(sequence, vm.new_int(index)?);
    match item {
        Ok(item) => {
            iterator.index.set(index + 1);
            Ok(Some(item))
        }
        Err(raised) if vm.pending_matches(vm.exceptions.IndexError) || vm.pending_matches(vm.exceptions.StopIteration) => {
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
        Ok(self.alloc(PySequenceIterator { header, index: Cell::new(0), sequence: Slot::new(Some(sequence)) })?.as_value())
    }
}
