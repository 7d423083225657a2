//! `bytes`: content lies inline behind the length.

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use std::cell::Cell;

use crate::native::PyResult;
use crate::object::Payload;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

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
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    ..TypeDef::new("bytes", <PyBytes as Payload>::LAYOUT)
};

impl Vm {
    /// New exact bytes.
    pub fn new_bytes(&self, content: &[u8]) -> PyResult<Value> {
        let header = object_header(BuiltinType::bytes as u32);
        let object = PyBytes { header, hash: Cell::new(0), len: content.len() };
        let bytes = self.alloc_tail(object, content.len().next_multiple_of(8))?;
        // SAFETY: room for the content was reserved behind the struct.
        unsafe { bytes.tail::<u8>().as_ptr().copy_from_nonoverlapping(content.as_ptr(), content.len()) };
        Ok(bytes.as_value())
    }

    /// The value as bytes (subclasses included).
    pub fn as_bytes(&self, value: Value) -> Option<Gc<PyBytes>> {
        self.downcast::<PyBytes>(value)
    }
}
