//! Iterators over `bytes` and `bytearray`.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::bytearray::PyByteArray;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of the iterators; `BYTES` tells `bytes_iterator` from `bytearray_iterator`.
#[repr(C)]
pub(super) struct PyByteIterator<const BYTES: bool> {
    header: Header,
    index: Cell<usize>,
    /// `None` once exhausted.
    content: Slot<Option<Value>>,
}

impl<const BYTES: bool> Trace for PyByteIterator<BYTES> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.content.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl<const BYTES: bool> HeapObject for PyByteIterator<BYTES> {}

crate::layout!(PyByteIterator<true>, "bytes_iterator", exact bytes_iterator);
crate::layout!(PyByteIterator<false>, "bytearray_iterator", exact bytearray_iterator);

/// Runs `body` on the content as it is now.
fn with_content<R>(vm: &Vm, value: Value, body: impl FnOnce(&[u8]) -> R) -> R {
    match vm.as_bytes(value) {
        Some(bytes) => body(bytes.as_slice()),
        None => body(vm.downcast::<PyByteArray>(value).expect("bytes or bytearray").as_slice()),
    }
}

impl<const BYTES: bool> PyByteIterator<BYTES>
where
    Self: Payload,
{
    fn next(vm: &Vm, iterator: Value) -> PyResult<Option<Value>> {
        let iterator = vm.downcast::<Self>(iterator).expect("slot of this class");
        let Some(content) = iterator.content.get() else { return Ok(None) };
        let index = iterator.index.get();
        match with_content(vm, content, |bytes| bytes.get(index).copied()) {
            Some(byte) => {
                iterator.index.set(index + 1);
                vm.new_int(i64::from(byte)).map(Some)
            }
            None => {
                iterator.content.init(None);
                Ok(None)
            }
        }
    }

    const DEF: TypeDef = TypeDef {
        flags: type_flags::NO_NEW,
        slots: Slots { iter: Some(|_, value| Ok(value)), next: Some(Self::next), ..Slots::NONE },
        methods: &[
            NativeDef::method("__length_hint__", "self, /", |vm, args| {
                let own = vm.downcast::<Self>(args.at(0)).expect("method of this class");
                let len = own.content.get().map_or(0, |content| with_content(vm, content, <[u8]>::len));
                vm.new_uint(len.saturating_sub(own.index.get()))
            }),
            NativeDef::method("__reduce__", "self, /", |vm, args| {
                let own = vm.downcast::<Self>(args.at(0)).expect("method of this class");
                let iter = vm.builtin("iter")?;
                match own.content.get() {
                    Some(content) => {
                        let args = vm.new_tuple(&[content])?;
                        vm.new_tuple(&[iter, args, vm.new_uint(own.index.get())?])
                    }
                    None => vm.new_tuple(&[iter, vm.new_tuple(&[*vm.empty_tuple])?]),
                }
            }),
            NativeDef::method("__setstate__", "self, state, /", |vm, args| {
                let own = vm.downcast::<Self>(args.at(0)).expect("method of this class");
                let index = vm.index_i64(args.at(1))?;
                if let Some(content) = own.content.get() {
                    let len = with_content(vm, content, <[u8]>::len);
                    own.index.set(usize::try_from(index).unwrap_or(0).min(len));
                }
                Ok(Value::NONE)
            }),
        ],
        ..TypeDef::new(if BYTES { "bytes_iterator" } else { "bytearray_iterator" }, <Self as Payload>::LAYOUT)
    };
}

pub static BYTES_ITERATOR: TypeDef = PyByteIterator::<true>::DEF;
pub static BYTEARRAY_ITERATOR: TypeDef = PyByteIterator::<false>::DEF;

pub(super) fn new_bytes_iterator(vm: &Vm, value: Value) -> PyResult<Value> {
    let header = object_header(BuiltinType::bytes_iterator as u32);
    Ok(vm.alloc(PyByteIterator::<true> { header, index: Cell::new(0), content: Slot::new(Some(value)) })?.as_value())
}

pub(crate) fn new_bytearray_iterator(vm: &Vm, value: Value) -> PyResult<Value> {
    let header = object_header(BuiltinType::bytearray_iterator as u32);
    Ok(vm.alloc(PyByteIterator::<false> { header, index: Cell::new(0), content: Slot::new(Some(value)) })?.as_value())
}
