//! Special methods and slots: the one table that relates `__len__` to `Slots::len`, both ways.
//!
//! Problem: `len(x)` on a class made in Python must call its `__len__`; `list.__len__` on a builtin must call its slot.
//! Idea: one row per special method. A row knows how to call the slot natively (which makes the `wrapper_descriptor` in a builtin's
//! dictionary), how to fill the slot with a generic function that calls the method, and how to take over the slot of a
//! builtin base when the method found is that base's wrapper, so that subclasses of builtins keep native speed for what they do not override.
//! Holds: after [`Vm::update_slots`] every entry of a class agrees with what the MRO says. Source: Objects/typeobject.c `slotdefs`, `update_one_slot`.

mod docs;
mod generic;
mod native;

pub(crate) use generic::{comparison_name, finds_as_object, operator_name, reflected_name};

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use smallvec::SmallVec;

use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Calls a native slot: slot table of the class that owns the wrapper, self, other arguments, keyword names.
pub type SlotCall = fn(&Vm, &Slots, Value, &[Value], Option<Value>) -> PyResult<Value>;

/// One special method.
pub struct SlotDef {
    pub name: &'static str,
    /// Whether a slot table has the entry.
    pub present: fn(&Slots) -> bool,
    /// Fills the entry with the generic function that calls the method.
    pub install: fn(&mut Slots),
    /// Takes the entry over from a base's table.
    pub copy: fn(&mut Slots, &Slots),
    /// Arguments besides self: smallest and largest number; `None` passes everything through.
    pub arity: Option<(usize, usize)>,
    pub call: SlotCall,
    pub signature: &'static str,
}

/// Every special method that has a slot. Rows that share a slot (`__add__` and `__radd__`) stand together.
pub static SLOT_DEFS: &[SlotDef] = native::ROWS;

/// Payload of `wrapper_descriptor`: a builtin's special method.
#[repr(C)]
pub struct PySlotWrapper {
    header: Header,
    pub def: &'static SlotDef,
    pub class: Slot<Gc<PyType>>,
}

impl Trace for PySlotWrapper {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.class.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySlotWrapper {}

crate::layout!(PySlotWrapper, "wrapper_descriptor", exact slot_wrapper);

/// Payload of `method-wrapper`: a builtin's special method bound to an object.
#[repr(C)]
pub struct PyMethodWrapper {
    header: Header,
    pub wrapper: Slot<Gc<PySlotWrapper>>,
    pub receiver: Slot<Value>,
}

impl Trace for PyMethodWrapper {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.wrapper.get().header());
        tracer.visit(self.receiver.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMethodWrapper {}

crate::layout!(PyMethodWrapper, "method-wrapper", exact method_wrapper);

pub static SLOT_WRAPPER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::METHOD_DESCRIPTOR,
    slots: Slots {
        repr: Some(|vm, value| {
            let wrapper = vm.downcast::<PySlotWrapper>(value).expect("slot of this class");
            vm.new_str(&format!(
                "<slot wrapper '{}' of '{}' objects>",
                wrapper.def.name,
                wrapper.class.get().declared_name()
            ))
        }),
        call: Some(|vm, value, args, keyword_names| {
            let wrapper = vm.downcast::<PySlotWrapper>(value).expect("slot of this class");
            let class = wrapper.class.get();
            let Some((&receiver, rest)) = args.split_first() else {
                let name = wrapper.def.name;
                return Err(vm.type_error(format!(
                    "descriptor '{name}' of '{}' object needs an argument",
                    class.declared_name()
                )));
            };
            check_receiver(vm, wrapper, receiver)?;
            vm.call_slot(wrapper, receiver, rest, keyword_names)
        }),
        descr_get: Some(|vm, value, instance, _| {
            let Some(receiver) = instance else { return Ok(value) };
            let wrapper = vm.downcast::<PySlotWrapper>(value).expect("slot of this class");
            check_receiver(vm, wrapper, receiver)?;
            let header = object_header(BuiltinType::method_wrapper as u32);
            let bound = PyMethodWrapper { header, wrapper: Slot::new(wrapper), receiver: Slot::new(receiver) };
            Ok(vm.alloc(bound)?.as_value())
        }),
        ..Slots::NONE
    },
    getset: &[
        crate::native::GetSetDef::read_only("__name__", |vm, v| {
            Ok(vm.intern(vm.downcast::<PySlotWrapper>(v).expect("getset of this class").def.name))
        }),
        crate::native::GetSetDef::read_only("__qualname__", |vm, v| {
            let wrapper = vm.downcast::<PySlotWrapper>(v).expect("getset of this class");
            vm.new_str(&format!("{}.{}", wrapper.class.get().name(), wrapper.def.name))
        }),
        crate::native::GetSetDef::read_only("__objclass__", |vm, v| {
            Ok(vm.downcast::<PySlotWrapper>(v).expect("getset of this class").class.get().as_value())
        }),
        crate::native::GetSetDef::read_only("__doc__", |vm, v| {
            Ok(vm.slot_doc(vm.downcast::<PySlotWrapper>(v).expect("getset of this class")))
        }),
        crate::native::GetSetDef::read_only("__text_signature__", |vm, v| {
            let wrapper = vm.downcast::<PySlotWrapper>(v).expect("getset of this class");
            vm.new_str(&format!("({})", wrapper.def.signature))
        }),
    ],
    ..TypeDef::new("wrapper_descriptor", <PySlotWrapper as Payload>::LAYOUT)
};

pub static METHOD_WRAPPER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(|vm, value| {
            let bound = vm.downcast::<PyMethodWrapper>(value).expect("slot of this class");
            let (name, class) = (bound.wrapper.get().def.name, vm.type_name(bound.receiver.get()));
            vm.new_str(&format!("<method-wrapper '{name}' of {class} object at {:#x}>", vm.id(bound.receiver.get())))
        }),
        call: Some(|vm, value, args, keyword_names| {
            let bound = vm.downcast::<PyMethodWrapper>(value).expect("slot of this class");
            vm.call_slot(bound.wrapper.get(), bound.receiver.get(), args, keyword_names)
        }),
        hash: Some(|vm, value| {
            let bound = vm.downcast::<PyMethodWrapper>(value).expect("slot of this class");
            let wrapper = bound.wrapper.get().as_value().bits().rotate_right(4) as i64;
            let hash = wrapper ^ bound.receiver.get().bits().rotate_right(8) as i64;
            Ok(if hash == -1 { -2 } else { hash })
        }),
        compare: Some(|vm, a, b, op| {
            let (Some(a), Some(b)) = (vm.downcast::<PyMethodWrapper>(a), vm.downcast::<PyMethodWrapper>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let same = a.wrapper.get() == b.wrapper.get() && vm.is(a.receiver.get(), b.receiver.get());
            match op {
                CompareOp::Eq => Ok(Value::from_bool(same)),
                CompareOp::Ne => Ok(Value::from_bool(!same)),
                _ => Ok(Value::NOT_IMPLEMENTED),
            }
        }),
        ..Slots::NONE
    },
    getset: &[
        crate::native::GetSetDef::read_only("__self__", |vm, v| {
            Ok(vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").receiver.get())
        }),
        crate::native::GetSetDef::read_only("__name__", |vm, v| {
            Ok(vm.intern(vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").wrapper.get().def.name))
        }),
        crate::native::GetSetDef::read_only("__qualname__", |vm, v| {
            let wrapper = vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").wrapper.get();
            vm.new_str(&format!("{}.{}", wrapper.class.get().name(), wrapper.def.name))
        }),
        crate::native::GetSetDef::read_only("__objclass__", |vm, v| {
            Ok(vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").wrapper.get().class.get().as_value())
        }),
        crate::native::GetSetDef::read_only("__doc__", |vm, v| {
            Ok(vm.slot_doc(vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").wrapper.get()))
        }),
        crate::native::GetSetDef::read_only("__text_signature__", |vm, v| {
            let wrapper = vm.downcast::<PyMethodWrapper>(v).expect("getset of this class").wrapper.get();
            vm.new_str(&format!("({})", wrapper.def.signature))
        }),
    ],
    ..TypeDef::new("method-wrapper", <PyMethodWrapper as Payload>::LAYOUT)
};

fn check_receiver(vm: &Vm, wrapper: Gc<PySlotWrapper>, receiver: Value) -> PyResult<()> {
    let class = wrapper.class.get();
    if vm.is_instance(receiver, class) {
        return Ok(());
    }
    let (name, class, found) = (wrapper.def.name, class.declared_name(), vm.type_name(receiver));
    Err(vm.type_error(format!("descriptor '{name}' requires a '{class}' object but received a '{found}'")))
}

impl Vm {
    /// Calls the wrapped slot after checking the number of arguments.
    fn call_slot(
        &self,
        wrapper: Gc<PySlotWrapper>,
        receiver: Value,
        args: &[Value],
        keyword_names: Option<Value>,
    ) -> PyResult<Value> {
        let def = wrapper.def;
        if let Some((least, most)) = def.arity {
            if keyword_names.is_some() {
                return Err(self.type_error(format!("wrapper {}() takes no keyword arguments", def.name)));
            }
            if args.len() < least || args.len() > most {
                let plural = if most == 1 { "" } else { "s" };
                let expected = match (least, most) {
                    (least, most) if least == most => most.to_string(),
                    (1, 2) if def.name.ends_with("pow__") => "1 or 2".to_owned(),
                    _ => format!("at most {most}"),
                };
                return Err(self.type_error(format!("expected {expected} argument{plural}, got {}", args.len())));
            }
        }
        let class = wrapper.class.get();
        if matches!(def.name, "__setattr__" | "__delattr__")
            && class == self.types.object
            && self.as_class(receiver).is_some()
        {
            let found = self.type_name(receiver);
            return Err(self.type_error(format!("can't apply this {} to {found} object", def.name)));
        }
        (def.call)(self, class.slots(), receiver, args, keyword_names)
    }

    fn slot_doc(&self, wrapper: Gc<PySlotWrapper>) -> Value {
        docs::of(wrapper.def.name).map_or(Value::NONE, |text| self.intern(text))
    }

    /// Adds wrappers for the slots that builtin `class` itself declares.
    pub(crate) fn add_slot_wrappers(&self, class: Gc<PyType>, own: &Slots) -> PyResult<()> {
        for def in SLOT_DEFS {
            let name = self.intern(def.name);
            if (def.present)(own) && class.dict.get().get_interned(name).is_none() {
                let header = object_header(BuiltinType::slot_wrapper as u32);
                let wrapper = self.alloc(PySlotWrapper { header, def, class: Slot::new(class) })?;
                self.dict_set_interned(class.dict.get(), name, wrapper.as_value())?;
            }
        }
        // A class with equality of its own and no hash is unhashable.
        if own.compare.is_some() && own.hash.is_none() {
            self.dict_set_interned(class.dict.get(), self.names.__hash__, Value::NONE)?;
        }
        Ok(())
    }

    /// Recomputes the slot table of a class made in Python from its MRO.
    pub fn update_slots(&self, class: Gc<PyType>) {
        let mut slots = Slots::NONE;
        // Several methods share a slot (`__lt__` and `__eq__`, `__add__` and `__radd__`): one of them written in Python makes it generic, so what is
        // taken over from builtins comes first.
        let mut written: SmallVec<[&SlotDef; 16]> = SmallVec::new();
        for def in SLOT_DEFS {
            let Some(found) = self.type_lookup(class, self.intern(def.name)) else { continue };
            match self.downcast_exact::<PySlotWrapper>(found) {
                // A wrapper of another builtin is called, and refuses.
                Some(wrapper) if std::ptr::eq(wrapper.def, def) && self.is_subtype(class, wrapper.class.get()) => {
                    (def.copy)(&mut slots, wrapper.class.get().slots());
                }
                _ if def.name == "__hash__" && found.is_none() => slots.hash = None,
                _ if def.name == "__new__" && self.native_new_owner(found).is_some() => {
                    slots.new = self.native_new_owner(found).and_then(|owner| owner.slots().new);
                }
                _ => written.push(def),
            }
        }
        for def in written {
            (def.install)(&mut slots);
        }
        // What no special method stands for is inherited as it is.
        let base = class.base.get().expect("object is no class made in Python");
        slots.buffer = slots.buffer.or(base.slots().buffer);
        slots.new = slots.new.or(base.slots().new);
        let generic = |flag, own: bool| if own { flag } else { 0 };
        let object = self.types.object.slots();
        let same_get = slots.getattr.map(|f| f as usize) == object.getattr.map(|f| f as usize);
        let same_set = slots.setattr.map(|f| f as usize) == object.setattr.map(|f| f as usize);
        let flags = class.flags.get() & !(type_flags::GENERIC_GETATTR | type_flags::GENERIC_SETATTR);
        class.flags.set(
            flags | generic(type_flags::GENERIC_GETATTR, same_get) | generic(type_flags::GENERIC_SETATTR, same_set),
        );
        class.set_slots(slots);
    }

    /// Whether a change of attribute `name` may change slots.
    pub(crate) fn is_slot_name(&self, name: Value) -> bool {
        let text = self.str_text(name);
        text.starts_with("__") && SLOT_DEFS.iter().any(|def| def.name == text)
    }
}
