//! `cmp_to_key`: objects that compare by an old-style function.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use crate::payload::construct;

/// Payload of the key maker (without object) and of the keys it makes.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyKey {
    header: Header,
    compare: Slot<Value>,
    object: Slot<Option<Value>>,
}

cinder_vm::layout!(PyKey, "functools.KeyWrapper");

fn own(vm: &Vm, value: Value) -> Gc<PyKey> {
    vm.downcast::<PyKey>(value).expect("slot of this class")
}

fn make(vm: &Vm, compare: Value, object: Option<Value>) -> PyResult<Value> {
    let class = vm.native_class(&KEY)?;
    let made =
        vm.alloc_instance(class, 0, |header| PyKey { header, compare: Slot::new(compare), object: Slot::new(object) })?;
    Ok(made.as_value())
}

pub(super) fn cmp_to_key(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    make(vm, args.at(0), None)
}

static KEY: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        call: Some(|vm, value, args, names| {
            static CALL: NativeDef = NativeDef::method("K", "self, obj", |vm, args| {
                make(vm, own(vm, args.at(0)).compare.get(), args.opt(1))
            });
            construct(vm, &CALL, value, args, names)
        }),
        compare: Some(|vm, a, b, op| {
            let Some(other) = vm.downcast::<PyKey>(b) else {
                return Err(vm.type_error("other argument must be K instance"));
            };
            let own = own(vm, a);
            let (Some(x), Some(y)) = (own.object.get(), other.object.get()) else {
                return Err(vm.attribute_error_text("object"));
            };
            let order = vm.call(own.compare.get(), &[x, y])?;
            vm.compare(order, Value::ZERO, op)
        }),
        ..Slots::NONE
    },
    getset: &[GetSetDef::new(
        "obj",
        |vm, value| own(vm, value).object.get().ok_or_else(|| vm.attribute_error_text("obj")),
        |vm, value, new| {
            let own = own(vm, value);
            own.object.set(&vm.heap, own, new);
            Ok(())
        },
    )],
    ..TypeDef::new("functools.KeyWrapper", <PyKey as Payload>::LAYOUT)
};
