//! `list`.

use cinder_heap::{GcVec, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::Payload;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a list.
#[repr(C)]
pub struct PyList {
    header: Header,
    pub items: GcVec,
}

impl Trace for PyList {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.trace(tracer);
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyList {}

crate::layout!(PyList, "list", exact list);

pub static LIST: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::MATCH_SELF,
    ..TypeDef::new("list", <PyList as Payload>::LAYOUT)
};

impl Vm {
    /// New exact list.
    pub fn new_list(&self, items: &[Value]) -> PyResult<Value> {
        let list = self.alloc(PyList { header: object_header(BuiltinType::list as u32), items: GcVec::new() })?;
        list.items.extend(&self.heap, list, items).map_err(|error| self.out_of_memory(error))?;
        Ok(list.as_value())
    }

    /// `list.append` on a list value.
    ///
    /// Panics: the value is no list.
    pub fn list_append(&self, list: Value, item: Value) -> PyResult<()> {
        let list = self.downcast::<PyList>(list).expect("caller checked that this is a list");
        list.items.push(&self.heap, list, item).map_err(|error| self.out_of_memory(error))
    }
}
