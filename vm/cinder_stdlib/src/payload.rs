//! What classes of native modules share: payloads that hold no values, and constructors with a signature.

use cinder_vm::{NativeDef, PyResult, Value, Vm};

/// `plain_payload!(PyX, "x")`: makes a `#[repr(C)]` struct that begins with a [`cinder_layout::Header`] and holds no values a payload.
macro_rules! plain_payload {
    ($payload:ty, $name:literal) => {
        impl cinder_heap::Trace for $payload {
            fn trace(&self, _: &mut cinder_heap::Tracer<'_>) {}
        }

        // SAFETY: repr(C), header first.
        unsafe impl cinder_heap::HeapObject for $payload {}

        cinder_vm::layout!($payload, $name);
    };
}
pub(crate) use plain_payload;

/// Calls `def`, whose first parameter is the class or the instance, with the arguments of a constructor.
pub(crate) fn construct(
    vm: &Vm,
    def: &'static NativeDef,
    first: Value,
    args: &[Value],
    names: Option<Value>,
) -> PyResult<Value> {
    let mut all = cinder_vm::value_vec::ValueVec::<[Value; 12]>::with_capacity(args.len() + 1);
    all.push(first);
    all.extend_from_slice(args);
    def.call(vm, &all, names)
}
