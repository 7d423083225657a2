//! `BytesIO`: a binary stream in memory.
//!
//! Idea: the content is a bytearray, so that views of it (`getbuffer`) write into it and keep it from being resized, as they do there.

use std::cell::Cell;
use std::ops::Range;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::bytearray::PyByteArray;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::base::{FLAGS, PyIo, store_into};
use crate::args::given;

/// Payload: content and position; the position may lie behind the end.
#[repr(C)]
struct PyBytesIo {
    base: PyIo,
    content: Slot<Gc<PyByteArray>>,
    position: Cell<usize>,
}

impl Trace for PyBytesIo {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.content.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyBytesIo {}

cinder_vm::layout!(PyBytesIo, "_io.BytesIO", base PyIo);

fn own(vm: &Vm, value: Value) -> Gc<PyBytesIo> {
    vm.downcast::<PyBytesIo>(value).expect("method of this class")
}

/// The stream, when it is open. Errors: ValueError.
fn stream(vm: &Vm, value: Value) -> PyResult<Gc<PyBytesIo>> {
    let stream = own(vm, value);
    if stream.base.closed.get() { Err(vm.value_error("I/O operation on closed file.")) } else { Ok(stream) }
}

impl PyBytesIo {
    /// Passes up to `len` bytes: where they lie.
    fn pass(&self, len: usize) -> Range<usize> {
        let bound = self.content.get().as_slice().len();
        let start = self.position.get().min(bound);
        let end = start.saturating_add(len).min(bound);
        if end > start {
            self.position.set(end);
        }
        start..end
    }

    /// Takes up to `len` bytes.
    fn take(&self, vm: &Vm, len: usize) -> PyResult<Value> {
        let range = self.pass(len);
        vm.new_bytes(&self.content.get().as_slice()[range])
    }

    fn line_len(&self, limit: usize) -> usize {
        let content = self.content.get();
        let content = content.as_slice();
        let rest = &content[self.position.get().min(content.len())..];
        let rest = &rest[..rest.len().min(limit)];
        memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
    }

    fn write(&self, vm: &Vm, bytes: &[u8]) -> PyResult<()> {
        let (content, start) = (self.content.get(), self.position.get());
        vm.bytearray_check_exports(content)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let len = content.as_slice().len();
        let end = start.checked_add(bytes.len()).ok_or_else(|| vm.overflow_error("new position too large"))?;
        vm.check_native_bytes(end.saturating_sub(len))?;
        if start > len {
            vm.bytearray_splice(content, len, len, &vec![0; start - len])?;
        }
        vm.bytearray_splice(content, start, end.min(len.max(start)), bytes)?;
        self.position.set(end);
        Ok(())
    }

    /// Replaces everything.
    fn fill(&self, vm: &Vm, bytes: &[u8]) -> PyResult<()> {
        let content = self.content.get();
        vm.bytearray_check_exports(content)?;
        vm.bytearray_splice(content, 0, content.as_slice().len(), bytes)?;
        self.position.set(0);
        Ok(())
    }
}

fn size(vm: &Vm, value: Option<Value>) -> PyResult<usize> {
    match given(value) {
        Some(size) => Ok(usize::try_from(vm.index_i64(size)?).unwrap_or(usize::MAX)),
        None => Ok(usize::MAX),
    }
}

static INIT: NativeDef = NativeDef::method("BytesIO", "self, initial_bytes=b''", |vm, args| {
    let content = match given(args.opt(1)) {
        Some(initial) => vm.with_bytes(initial, <[u8]>::to_vec)?,
        None => Vec::new(),
    };
    own(vm, args.at(0)).fill(vm, &content).map(|()| Value::NONE)
});

pub(super) static BYTES_IO: TypeDef = TypeDef {
    doc: "Buffered I/O implementation using an in-memory bytes buffer.",
    flags: FLAGS,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let content = vm.new_bytearray(&[])?;
            let content = vm.downcast::<PyByteArray>(content).expect("just made");
            let make =
                |header| PyBytesIo { base: PyIo::new(header), content: Slot::new(content), position: Cell::new(0) };
            Ok(vm.alloc_instance(class, 0, make)?.as_value())
        }),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        next: Some(|vm, value| {
            let stream = stream(vm, value)?;
            match stream.line_len(usize::MAX) {
                0 => Ok(None),
                len => stream.take(vm, len).map(Some),
            }
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("read", "self, size=-1, /", |vm, args| {
            let size = size(vm, args.opt(1))?;
            stream(vm, args.at(0))?.take(vm, size)
        }),
        NativeDef::method("read1", "self, size=-1, /", |vm, args| {
            let size = size(vm, args.opt(1))?;
            stream(vm, args.at(0))?.take(vm, size)
        }),
        NativeDef::method("readline", "self, size=-1, /", |vm, args| {
            let limit = size(vm, args.opt(1))?;
            let stream = stream(vm, args.at(0))?;
            stream.take(vm, stream.line_len(limit))
        }),
        NativeDef::method("readinto", "self, buffer, /", |vm, args| {
            let room = vm.with_bytes(args.at(1), <[u8]>::len)?;
            let stream = stream(vm, args.at(0))?;
            let range = stream.pass(room);
            let bytes = stream.content.get().as_slice()[range].to_vec();
            store_into(vm, args.at(1), &bytes)?;
            vm.new_uint(bytes.len())
        }),
        NativeDef::method("write", "self, b, /", |vm, args| {
            if let Some(bytes) = vm.as_bytes(args.at(1)) {
                stream(vm, args.at(0))?.write(vm, bytes.as_slice())?;
                return vm.new_uint(bytes.as_slice().len());
            }
            stream(vm, args.at(0))?;
            // Asking for the bytes may run Python, which may close the stream.
            let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
            stream(vm, args.at(0))?.write(vm, &bytes)?;
            vm.new_uint(bytes.len())
        }),
        NativeDef::method("getvalue", "self, /", |vm, args| {
            let content = stream(vm, args.at(0))?.content.get();
            vm.new_bytes(content.as_slice())
        }),
        NativeDef::method("getbuffer", "self, /", |vm, args| {
            vm.new_memoryview(stream(vm, args.at(0))?.content.get().as_value())
        }),
        NativeDef::method("__getstate__", "self, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let content = stream.content.get().as_slice().to_vec();
            let (content, position) = (vm.new_bytes(&content)?, vm.new_uint(stream.position.get())?);
            vm.new_tuple(&[content, position, super::base::attributes(vm, args.at(0))?])
        }),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let (stream, state) = (stream(vm, args.at(0))?, args.at(1));
            let Some(&[content, position, attributes, ..]) = vm.as_tuple(state).map(|_| vm.tuple_items(state)) else {
                let (class, found) = (vm.type_name(args.at(0)), vm.type_name(state));
                return Err(vm.type_error(format!("{class}.__setstate__ argument should be 3-tuple, got {found}")));
            };
            let content = vm.with_bytes(content, <[u8]>::to_vec)?;
            stream.fill(vm, &content)?;
            stream.position.set(super::base::restored_position(vm, position)?);
            super::base::restore_attributes(vm, args.at(0), attributes).map(|()| Value::NONE)
        }),
        NativeDef::method("seek", "self, pos, whence=0, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let offset = vm.index_i64(args.at(1))?;
            let whence = match args.opt(2) {
                Some(whence) => vm.index_i64(whence)?,
                None => 0,
            };
            let base = match whence {
                0 if offset < 0 => return Err(vm.value_error(format!("negative seek value {offset}"))),
                0 => 0,
                1 => stream.position.get() as i64,
                2 => stream.content.get().as_slice().len() as i64,
                _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
            };
            let position = (base + offset).max(0);
            stream.position.set(position as usize);
            vm.new_int(position)
        }),
        NativeDef::method("tell", "self, /", |vm, args| vm.new_uint(stream(vm, args.at(0))?.position.get())),
        NativeDef::method("truncate", "self, size=None, /", |vm, args| {
            let position = stream(vm, args.at(0))?.position.get();
            let size = match given(args.opt(1)) {
                Some(size) => vm.index_i64(size)?,
                None => position as i64,
            };
            let Ok(len) = usize::try_from(size) else {
                return Err(vm.value_error(format!("negative size value {size}")));
            };
            let content = stream(vm, args.at(0))?.content.get();
            vm.bytearray_check_exports(content)?;
            let old = content.as_slice().len();
            vm.bytearray_splice(content, len.min(old), old, &[])?;
            vm.new_int(size)
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            let stream = own(vm, args.at(0));
            let position = stream.position.get();
            stream.fill(vm, &[])?;
            stream.position.set(position);
            stream.base.closed.set(true);
            Ok(Value::NONE)
        }),
        NativeDef::method("flush", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::NONE)),
        NativeDef::method("isatty", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::FALSE)),
        NativeDef::method("readable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
        NativeDef::method("writable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
        NativeDef::method("seekable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
    ],
    ..TypeDef::new("_io.BytesIO", <PyBytesIo as Payload>::LAYOUT)
};
