//! `bytes`: content lies inline behind the length.

mod iter;
pub(crate) mod make;
pub(crate) mod methods;
mod repr;
mod slots;
pub(crate) mod subscript;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use std::cell::Cell;

use crate::native::PyResult;
use crate::object::Payload;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

pub(crate) use iter::new_bytearray_iterator;
pub use iter::{BYTEARRAY_ITERATOR, BYTES_ITERATOR};
pub(crate) use repr::literal;
pub(crate) use slots::{contains, percent, warn_of_comparison};

/// Payload of a bytes object; `len` bytes follow.
#[repr(C)]
pub struct PyBytes {
    header: Header,
    /// 0 until computed.
    pub hash: Cell<i64>,
    len: usize,
}

impl Trace for PyBytes {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, holds no values.
unsafe impl HeapObject for PyBytes {
    const LEAF: bool = true;
}

crate::layout!(PyBytes, "bytes", exact bytes, items |object| {
    // SAFETY: called for objects of this layout only.
    size_of::<PyBytes>() + unsafe { &*object.cast::<PyBytes>() }.len.next_multiple_of(8)
});

impl PyBytes {
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes follow the struct, written when the object was made, never changed.
        unsafe { std::slice::from_raw_parts((&raw const *self).wrapping_add(1).cast(), self.len) }
    }
}

pub static BYTES: TypeDef = TypeDef {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - any object implementing the buffer API.\n  - an integer",
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    slots: slots::SLOTS,
    methods: methods::METHODS,
    ..TypeDef::new("bytes", <PyBytes as Payload>::LAYOUT)
};

impl Vm {
    /// New exact bytes.
    pub fn new_bytes(&self, content: &[u8]) -> PyResult<Value> {
        match content {
            [byte] => self.byte_as_bytes(*byte),
            _ => self.copy_to_bytes(content),
        }
    }

    /// The shared bytes object with this one byte.
    fn byte_as_bytes(&self, byte: u8) -> PyResult<Value> {
        let known = &self.single_bytes[usize::from(byte)];
        if let Some(bytes) = known.get() {
            return Ok(bytes);
        }
        let bytes = self.copy_to_bytes(&[byte])?;
        if let Some(header) = bytes.try_ptr::<Header>() {
            self.heap.make_immortal(header);
        }
        known.set(Some(bytes));
        Ok(bytes)
    }

    fn copy_to_bytes(&self, content: &[u8]) -> PyResult<Value> {
        self.new_bytes_raw(content.len(), |data| {
            // SAFETY: `content.len()` bytes were reserved at `data`.
            unsafe { data.copy_from_nonoverlapping(content.as_ptr(), content.len()) }
        })
    }

    /// New exact bytes of length `len`, zero but for what `fill` writes.
    pub(crate) fn new_bytes_raw(&self, len: usize, fill: impl FnOnce(*mut u8)) -> PyResult<Value> {
        let object = PyBytes { header: object_header(BuiltinType::bytes as u32), hash: Cell::new(0), len };
        // SAFETY: a leaf; `fill` writes the bytes.
        let bytes = unsafe { self.alloc_tail_open(object, len.next_multiple_of(8))? };
        fill(bytes.tail::<u8>().as_ptr());
        Ok(bytes.as_value())
    }

    /// New bytes of `class`, which is `bytes` or derives from it.
    pub(crate) fn new_bytes_of(&self, class: Gc<PyType>, content: &[u8]) -> PyResult<Value> {
        if class == self.types.bytes {
            return self.new_bytes(content);
        }
        let made = self.alloc_instance(class, content.len().next_multiple_of(8), |header| PyBytes {
            header,
            hash: Cell::new(0),
            len: content.len(),
        })?;
        // SAFETY: room for the content was asked for.
        unsafe { made.tail::<u8>().as_ptr().copy_from_nonoverlapping(content.as_ptr(), content.len()) };
        Ok(made.as_value())
    }

    /// The value as bytes (subclasses included).
    pub fn as_bytes(&self, value: Value) -> Option<Gc<PyBytes>> {
        self.downcast::<PyBytes>(value)
    }

    /// Content of bytes that outlives the borrow of the pointer.
    pub(crate) fn bytes_content(&self, bytes: Gc<PyBytes>) -> &'static [u8] {
        // SAFETY: bytes never move nor change; the caller's pointer in scope keeps the object alive.
        unsafe { &*(bytes.as_slice() as *const [u8]) }
    }
}
