//! `staticmethod` and `classmethod`.

use cinder_heap::{HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `staticmethod`.
#[repr(C)]
pub struct PyStaticMethod {
    header: Header,
    pub callable: Slot<Value>,
}

impl Trace for PyStaticMethod {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.callable.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStaticMethod {}

crate::layout!(PyStaticMethod, "staticmethod", exact static_method);

pub static STATIC_METHOD: TypeDef = TypeDef {
    flags: type_flags::BASE,
    slots: Slots {
        descr_get: Some(|vm, descriptor, _, _| {
            Ok(vm.downcast::<PyStaticMethod>(descriptor).expect("slot of this class").callable.get())
        }),
        call: Some(|vm, callable, args, keyword_names| {
            let inner = vm.downcast::<PyStaticMethod>(callable).expect("slot of this class").callable.get();
            vm.call_keywords(inner, args, keyword_names)
        }),
        ..Slots::NONE
    },
    ..TypeDef::new("staticmethod", <PyStaticMethod as Payload>::LAYOUT)
};

impl Vm {
    /// `staticmethod(callable)`.
    pub fn new_static_method(&self, callable: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::static_method as u32);
        Ok(self.alloc(PyStaticMethod { header, callable: Slot::new(callable) })?.as_value())
    }
}
