//! `member_descriptor`: the slots of `__slots__`.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{GetSetDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `member_descriptor`.
#[repr(C)]
pub struct PyMember {
    header: Header,
    /// Bytes from the start of the instance.
    pub offset: usize,
    pub name: Slot<Value>,
    pub class: Slot<Gc<PyType>>,
}

impl Trace for PyMember {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
        tracer.visit_object(self.class.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMember {}

crate::layout!(PyMember, "member_descriptor", exact member_descriptor);

fn member(vm: &Vm, value: Value) -> Gc<PyMember> {
    vm.downcast::<PyMember>(value).expect("slot of this class")
}

fn check(vm: &Vm, member: Gc<PyMember>, instance: Value) -> PyResult<()> {
    let class = member.class.get();
    if vm.is_instance(instance, class) {
        return Ok(());
    }
    let (name, class, found) = (vm.str_text(member.name.get()), class.declared_name(), vm.type_name(instance));
    Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
}

pub static MEMBER_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(|vm, value| {
            let member = member(vm, value);
            let (name, class) = (vm.str_text(member.name.get()), member.class.get().declared_name());
            vm.new_str(&format!("<member '{name}' of '{class}' objects>"))
        }),
        descr_get: Some(|vm, descriptor, instance, _| {
            let Some(instance) = instance else { return Ok(descriptor) };
            let member = member(vm, descriptor);
            check(vm, member, instance)?;
            // SAFETY: `offset` is a slot of the class, and the instance is one of it.
            unsafe { vm.fixed_slot(instance, member.offset) }.ok_or_else(|| {
                let (class, name) = (vm.class_full_name(vm.type_of(instance)), vm.str_text(member.name.get()));
                let text = format!("'{class}' object has no attribute '{name}'");
                vm.attribute_error(instance, member.name.get(), &text)
            })
        }),
        descr_set: Some(|vm, descriptor, instance, value| {
            let member = member(vm, descriptor);
            check(vm, member, instance)?;
            // SAFETY: as above.
            if value.is_none() && unsafe { vm.fixed_slot(instance, member.offset) }.is_none() {
                let name = vm.str_text(member.name.get());
                return Err(vm.attribute_error(instance, member.name.get(), &name));
            }
            // SAFETY: as above.
            unsafe { vm.set_fixed_slot(instance, member.offset, value) };
            Ok(())
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read_only("__name__", |vm, value| Ok(member(vm, value).name.get())),
        GetSetDef::read_only("__objclass__", |vm, value| Ok(member(vm, value).class.get().as_value())),
        GetSetDef::read_only("__doc__", |_, _| Ok(Value::NONE)),
        GetSetDef::read_only("__qualname__", |vm, value| {
            let member = member(vm, value);
            vm.new_str(&format!("{}.{}", member.class.get().name(), vm.str_text(member.name.get())))
        }),
    ],
    ..TypeDef::new("member_descriptor", <PyMember as Payload>::LAYOUT)
};

/// Payload of the descriptor of a slot that lies among the instance's attributes, for classes whose instances have no fixed place for it.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyAttributeMember {
    header: Header,
    name: Slot<Value>,
    class: Slot<Gc<PyType>>,
}

crate::layout!(PyAttributeMember, "member_descriptor");

fn attribute_member(vm: &Vm, value: Value, instance: Value) -> PyResult<Gc<PyAttributeMember>> {
    let member = vm.downcast::<PyAttributeMember>(value).expect("slot of this class");
    if vm.is_instance(instance, member.class.get()) {
        return Ok(member);
    }
    let (name, class) = (vm.str_text(member.name.get()), member.class.get().declared_name());
    let found = vm.type_name(instance);
    Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
}

static ATTRIBUTE_MEMBER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        descr_get: Some(|vm, descriptor, instance, _| {
            let Some(instance) = instance else { return Ok(descriptor) };
            let member = attribute_member(vm, descriptor, instance)?;
            let name = member.name.get();
            vm.own_attribute(instance, name).ok_or_else(|| vm.no_attribute(instance, name))
        }),
        descr_set: Some(|vm, descriptor, instance, value| {
            let name = attribute_member(vm, descriptor, instance)?.name.get();
            let done = match value {
                Some(value) => vm.set_own_attribute(instance, name, value)?,
                None => vm.delete_own_attribute(instance, name)?,
            };
            if done { Ok(()) } else { Err(vm.no_attribute(instance, name)) }
        }),
        ..Slots::NONE
    },
    ..TypeDef::new("member_descriptor", <PyAttributeMember as Payload>::LAYOUT)
};

impl Vm {
    /// Descriptor of slot `name`, kept among the attributes of the class's instances.
    pub(crate) fn new_attribute_member(&self, class: Gc<PyType>, name: Value) -> PyResult<Value> {
        let descriptor = self.native_class(&ATTRIBUTE_MEMBER)?;
        let made = self.alloc_instance(descriptor, 0, |header| PyAttributeMember {
            header,
            name: Slot::new(name),
            class: Slot::new(class),
        })?;
        Ok(made.as_value())
    }

    /// Descriptor of slot `name` at byte `offset` of the class's instances.
    pub(crate) fn new_member(&self, class: Gc<PyType>, name: Value, offset: usize) -> PyResult<Value> {
        let header = object_header(BuiltinType::member_descriptor as u32);
        Ok(self.alloc(PyMember { header, offset, name: Slot::new(name), class: Slot::new(class) })?.as_value())
    }

    /// Names and offsets of the `__slots__` of a class and its bases, base first.
    pub(crate) fn slot_members(&self, class: Gc<PyType>) -> Vec<(Value, usize)> {
        let mut members = Vec::new();
        for base in self.tuple_items(class.mro.get()).iter().rev() {
            let dict = self.as_class(*base).expect("an MRO holds classes only").dict.get();
            for number in 0..dict.entry_count() {
                if let Some((name, value)) = dict.entry(number)
                    && let Some(member) = self.downcast_exact::<PyMember>(value)
                {
                    members.push((name, member.offset));
                }
            }
        }
        members
    }
}
