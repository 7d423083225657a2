//! The descriptor of a named tuple's field.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use crate::payload::construct;

/// Payload: which item, and the doc string.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyTupleGetter {
    header: Header,
    index: usize,
    doc: Slot<Value>,
}

cinder_vm::layout!(PyTupleGetter, "collections._tuplegetter");

fn own(vm: &Vm, value: Value) -> Gc<PyTupleGetter> {
    vm.downcast::<PyTupleGetter>(value).expect("slot of this class")
}

fn get(vm: &Vm, value: Value, instance: Option<Value>, _: Value) -> PyResult<Value> {
    let index = own(vm, value).index;
    let Some(instance) = instance.filter(|instance| !instance.is_none()) else { return Ok(value) };
    if vm.as_tuple(instance).is_none() {
        let found = vm.type_name(instance);
        return Err(vm.type_error(format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{found}' object"
        )));
    }
    vm.tuple_items(instance).get(index).copied().ok_or_else(|| vm.index_error("tuple index out of range"))
}

pub(super) static TUPLE_GETTER: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("_tuplegetter", "cls, index, doc, /", |vm, args| {
                let class = vm.as_class(args.at(0)).expect("bound to its class");
                let index = vm.index_ssize(args.at(1))?;
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                let made =
                    vm.alloc_instance(class, 0, |header| PyTupleGetter { header, index, doc: Slot::new(args.at(2)) })?;
                Ok(made.as_value())
            });
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(|vm, value| {
            let own = own(vm, value);
            let (name, doc) = (vm.type_of(value).name(), vm.repr_text(own.doc.get())?);
            vm.new_str(&format!("{name}({}, {doc})", own.index))
        }),
        descr_get: Some(get),
        descr_set: Some(|vm, _, _, new| {
            Err(vm.attribute_error_text(if new.is_none() { "can't delete attribute" } else { "can't set attribute" }))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let own = own(vm, args.at(0));
        let arguments = vm.new_tuple(&[vm.new_uint(own.index)?, own.doc.get()])?;
        vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), arguments])
    })],
    getset: &[GetSetDef::new(
        "__doc__",
        |vm, value| Ok(own(vm, value).doc.get()),
        |vm, value, new| {
            let own = own(vm, value);
            own.doc.set(&vm.heap, own, new.unwrap_or(Value::NONE));
            Ok(())
        },
    )],
    ..TypeDef::new("collections._tuplegetter", <PyTupleGetter as Payload>::LAYOUT)
};
