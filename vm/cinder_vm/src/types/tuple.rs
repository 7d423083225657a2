//! `tuple`: items lie inline behind the length.

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::vm::Vm;

/// Payload of a tuple; `len` values follow.
#[repr(C)]
pub struct PyTuple {
    header: Header,
    len: usize,
}

impl PyTuple {
    /// Offset of the first item, for machine code.
    pub const ITEMS_OFFSET: usize = size_of::<PyTuple>();

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The items; they never change.
    #[inline]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `len` values follow the struct, written when the tuple was made.
        unsafe { std::slice::from_raw_parts((&raw const *self).wrapping_add(1).cast(), self.len) }
    }
}

impl Trace for PyTuple {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_slice(self.items());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyTuple {}

crate::layout!(PyTuple, "tuple", exact tuple, items |object| {
    // SAFETY: called for objects of this layout only.
    size_of::<PyTuple>() + unsafe { &*object.cast::<PyTuple>() }.len * 8
});

impl Vm {
    /// New exact tuple; the empty one is shared.
    pub fn new_tuple(&self, items: &[Value]) -> PyResult<Value> {
        if items.is_empty() && self.empty_tuple.is_set() {
            return Ok(*self.empty_tuple);
        }
        let object = PyTuple { header: object_header(BuiltinType::tuple as u32), len: items.len() };
        let tuple = self.alloc_tail(object, items.len() * 8)?;
        // SAFETY: room for `items.len()` values was reserved, and nothing else knows the object yet.
        unsafe { tuple.tail::<Value>().as_ptr().copy_from_nonoverlapping(items.as_ptr(), items.len()) };
        Ok(tuple.as_value())
    }

    /// The value as a tuple (subclasses included).
    #[inline]
    pub fn as_tuple(&self, value: Value) -> Option<Gc<PyTuple>> {
        self.downcast::<PyTuple>(value)
    }

    /// Items of a value known to be a tuple.
    ///
    /// Panics: the value is no tuple.
    #[inline]
    pub fn tuple_items(&self, value: Value) -> &'static [Value] {
        let tuple = self.as_tuple(value).expect("caller checked that this is a tuple");
        // SAFETY: tuples never move nor change; the caller's `value` in scope keeps it alive.
        unsafe { &*(tuple.items() as *const [Value]) }
    }
}

pub static TUPLE: crate::types::type_::TypeDef = crate::types::type_::TypeDef {
    flags: crate::types::type_::type_flags::BASE | crate::types::type_::type_flags::SEQUENCE | crate::types::type_::type_flags::MATCH_SELF,
    ..crate::types::type_::TypeDef::new("tuple", <PyTuple as crate::object::Payload>::LAYOUT)
};
