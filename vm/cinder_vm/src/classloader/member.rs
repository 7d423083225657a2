//! Descriptors of typed fields: how untyped code reads and writes them. Source: specification section 13.5.

use std::cell::Cell;

use cinder_bytecode::{Primitive, TypeDescr};
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::StaticField;
use crate::native::{GetSetDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::dict::PyDict;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a typed field's descriptor.
#[repr(C)]
pub struct PyTypedMember {
    header: Header,
    pub name: Slot<Value>,
    pub class: Slot<Gc<PyType>>,
    /// What instances show while they have no value of their own.
    pub default: Slot<Option<Value>>,
    pub field: StaticField,
    /// The declared type, once it was needed, and the generation of names in which it was found.
    declared: Cell<Option<(u32, u32)>>,
}

impl Trace for PyTypedMember {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
        tracer.visit_object(self.class.get().header());
        tracer.visit_option(self.default.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyTypedMember {}

crate::layout!(PyTypedMember, "typed_descriptor", exact typed_member);

fn own(vm: &Vm, value: Value) -> Gc<PyTypedMember> {
    vm.downcast::<PyTypedMember>(value).expect("slot of this class")
}

fn check(vm: &Vm, member: Gc<PyTypedMember>, instance: Value) -> PyResult<()> {
    let class = member.class.get();
    if vm.is_instance(instance, class) {
        return Ok(());
    }
    let (name, class, found) = (vm.str_text(member.name.get()), class.name(), vm.type_name(instance));
    Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
}

pub static TYPED_MEMBER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::FAKES_CLASS,
    slots: Slots {
        repr: Some(|vm, value| {
            let member = own(vm, value);
            let (name, class) = (vm.str_text(member.name.get()), member.class.get().name());
            vm.new_str(&format!("<typed descriptor '{name}' of '{class}' objects>"))
        }),
        descr_get: Some(|vm, descriptor, instance, _| {
            let member = own(vm, descriptor);
            let Some(instance) = instance else { return Ok(member.default.get().unwrap_or(descriptor)) };
            check(vm, member, instance)?;
            vm.read_typed(instance, member)
        }),
        descr_set: Some(|vm, descriptor, instance, value| {
            let member = own(vm, descriptor);
            check(vm, member, instance)?;
            vm.write_typed(instance, member, value)
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read_only("__name__", |vm, value| Ok(own(vm, value).name.get())),
        GetSetDef::read_only("__objclass__", |vm, value| Ok(own(vm, value).class.get().as_value())),
        GetSetDef::read_only("__doc__", |_, _| Ok(Value::NONE)),
        // `isinstance(slot, types.MemberDescriptorType)` is how libraries tell slots from values.
        GetSetDef::read_only("__class__", |vm, _| Ok(vm.types.member_descriptor.as_value())),
    ],
    ..TypeDef::new("typed_descriptor", <PyTypedMember as Payload>::LAYOUT)
};

impl Vm {
    pub(super) fn new_typed_member(
        &self,
        class: Gc<PyType>,
        name: Value,
        field: &StaticField,
        default: Option<Value>,
    ) -> PyResult<Value> {
        let header = object_header(BuiltinType::typed_member as u32);
        let object = PyTypedMember {
            header,
            name: Slot::new(name),
            class: Slot::new(class),
            default: Slot::new(default),
            field: field.clone(),
            declared: Cell::new(None),
        };
        Ok(self.alloc(object)?.as_value())
    }

    /// Adds the typed fields of an instance that have values to a dict of slots, as pickling and copying want them.
    pub(crate) fn typed_state(&self, value: Value, slots: Gc<PyDict>) -> PyResult<()> {
        let Some(class) = self.nearest_static(self.type_of(value)) else { return Ok(()) };
        let fields = class.static_info.borrow().as_ref().map(|info| info.fields.clone()).unwrap_or_default();
        // What cached properties keep is not part of an object's state.
        for field in fields.iter().filter(|field| !field.name.starts_with('<')) {
            // SAFETY: the value is an instance of the class that has the field.
            let bits = unsafe { self.field_bits(value, field) };
            let item = match &field.declared {
                TypeDescr::Primitive(kind) => Some(self.box_primitive(bits, *kind)?),
                // SAFETY: a tagged field holds zero or a value.
                _ => unsafe { Value::from_bits(bits) },
            };
            if let Some(item) = item {
                self.dict_insert(slots, self.intern(&field.name), item)?;
            }
        }
        Ok(())
    }

    fn read_typed(&self, instance: Value, member: Gc<PyTypedMember>) -> PyResult<Value> {
        // SAFETY: the instance is one of the class that has the field.
        let bits = unsafe { self.field_bits(instance, &member.field) };
        match &member.field.declared {
            TypeDescr::Primitive(kind) => self.box_primitive(bits, *kind),
            // SAFETY: a tagged field holds zero or a value.
            _ => unsafe { Value::from_bits(bits) }
                .or(member.default.get())
                .ok_or_else(|| self.no_attribute(instance, member.name.get())),
        }
    }

    fn write_typed(&self, instance: Value, member: Gc<PyTypedMember>, value: Option<Value>) -> PyResult<()> {
        let offset = member.field.offset as usize;
        if let TypeDescr::Primitive(kind) = &member.field.declared {
            let Some(value) = value else {
                let name = self.str_text(member.name.get());
                return Err(self.type_error(format!("can't delete numeric/char attribute '{name}'")));
            };
            let bits = self.foreign_primitive(value, *kind)?;
            // SAFETY: a raw word of the instance.
            unsafe { instance.as_ptr::<u8>().add(offset).cast::<u64>().write(bits) };
            return Ok(());
        }
        // SAFETY: a tagged word of the instance.
        if value.is_none() && unsafe { self.field_bits(instance, &member.field) } == 0 {
            return Err(self.no_attribute(instance, member.name.get()));
        }
        if let Some(value) = value {
            let generation = self.statics.generations.number.get();
            let declared = match member.declared.get() {
                Some((known_in, index)) if known_in == generation => index,
                _ => self.resolve_type(&member.field.declared)?,
            };
            member.declared.set(Some((generation, declared)));
            let declared = self.resolved(declared);
            if !self.fits(value, declared) {
                let (wanted, found, name) = (declared.name(), self.type_name(value), self.str_text(member.name.get()));
                return Err(
                    self.static_type_error(format!("expected '{wanted}', got '{found}' for attribute '{name}'"))
                );
            }
        }
        // SAFETY: a tagged word of the instance.
        unsafe { self.set_fixed_slot(instance, offset, value) };
        Ok(())
    }

    /// An object stored by untyped code into a primitive field: wrong classes are refused, ints out of range truncated.
    /// Gives the root shape of a new class the defaults that the class itself has for raw ones of these fields.
    pub(crate) fn set_raw_defaults(&self, class: Gc<PyType>, fields: &[StaticField]) -> PyResult<()> {
        for field in fields.iter().filter(|field| matches!(field.declared, TypeDescr::Primitive(_))) {
            let own = class.dict.get().get_interned(self.intern(&field.name));
            let member = own.and_then(|own| self.downcast_exact::<PyTypedMember>(own));
            if let Some(default) = member.and_then(|member| member.default.get()) {
                self.set_raw_default(class, field, default)?;
            }
        }
        Ok(())
    }

    /// New instances of `class`, and of subclasses without a default of their own, begin with this value in a raw field. A field of objects falls
    /// back to its default when it is read instead.
    pub(super) fn set_raw_default(&self, class: Gc<PyType>, field: &StaticField, default: Value) -> PyResult<()> {
        let TypeDescr::Primitive(kind) = &field.declared else { return Ok(()) };
        // A dataclass stores the default itself.
        if self.is_field_description(default) {
            return Ok(());
        }
        let bits = self.foreign_primitive(default, *kind)?;
        self.store_raw_default(class, field, Some(bits));
        Ok(())
    }

    /// New instances of `class` begin with what those of its base begin with: its own default is gone.
    pub(super) fn forget_raw_default(&self, class: Gc<PyType>, field: &StaticField) {
        let of = |base: Gc<PyType>| {
            let defaults = self.shapes.get(base.root_shape.get()).raw_defaults.borrow();
            defaults.iter().find(|(word, _)| *word == field.offset / 8).map(|(_, bits)| *bits)
        };
        if matches!(field.declared, TypeDescr::Primitive(_)) {
            self.store_raw_default(class, field, class.base.get().and_then(of));
        }
    }

    fn store_raw_default(&self, class: Gc<PyType>, field: &StaticField, bits: Option<u64>) {
        let (word, name) = (field.offset / 8, self.intern(&field.name));
        let mut pending = vec![class];
        while let Some(class) = pending.pop() {
            let mut defaults = self.shapes.get(class.root_shape.get()).raw_defaults.borrow_mut();
            defaults.retain(|(other, _)| *other != word);
            defaults.extend(bits.map(|bits| (word, bits)));
            let inherits = |class: &&Gc<PyType>| class.dict.get().get_interned(name).is_none();
            pending.extend(class.subclasses.borrow().iter().filter(inherits));
        }
    }

    fn foreign_primitive(&self, value: Value, kind: Primitive) -> PyResult<u64> {
        match kind {
            Primitive::Double | Primitive::Single => Ok(self.float_argument(value)?.to_bits()),
            Primitive::CBool => self.truthy(value).map(u64::from),
            Primitive::Char => self.unbox_primitive(value, kind),
            _ => {
                let number = self.index(value)?;
                let big = self.int_to_big(number).expect("index gives an int");
                if big < i64::MIN.into() || big > u64::MAX.into() {
                    return Err(self.overflow_error("Python int too large to convert to C long"));
                }
                let low = (&big & num_bigint::BigInt::from(u64::MAX)).iter_u64_digits().next().unwrap_or(0);
                let kept = crate::interp::wrap_primitive(low as i64, kind);
                let is_signed =
                    matches!(kind, Primitive::Int8 | Primitive::Int16 | Primitive::Int32 | Primitive::Int64);
                let is_same = if is_signed { big == kept.into() } else { big == (kept as u64).into() };
                if !is_same {
                    let name = c_name(kind);
                    self.runtime_warning(&format!("Truncation of value to {name}"))?;
                }
                Ok(kept as u64)
            }
        }
    }
}

/// The C type that warnings about truncated values name.
fn c_name(kind: Primitive) -> &'static str {
    match kind {
        Primitive::Int8 | Primitive::Char => "char",
        Primitive::UInt8 => "unsigned char",
        Primitive::Int16 => "short",
        Primitive::UInt16 => "unsigned short",
        Primitive::Int32 => "int",
        Primitive::UInt32 => "unsigned int",
        Primitive::Int64 => "long",
        _ => "unsigned long",
    }
}
