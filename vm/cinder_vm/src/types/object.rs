//! `object`: the root class. Plain instances are a header, an `ext` word and inline slots as their shape says.

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;

use crate::object::slots::Slots;
use crate::object::Payload;
use crate::types::type_::{TypeDef, type_flags};

/// Payload of an object without native data. Attributes follow as the shape says; the shape traces them.
#[repr(C)]
pub struct PyObject {
    pub header: Header,
}

impl Trace for PyObject {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyObject {}

crate::layout!(PyObject, "object", exact object);

pub static OBJECT: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::GENERIC_GETATTR | type_flags::GENERIC_SETATTR,
    slots: Slots { ..Slots::NONE },
    ..TypeDef::new("object", <PyObject as Payload>::LAYOUT)
};
