//! Tuples with named items: `sys.version_info`, `os.stat_result`, `time.struct_time`.
//!
//! A class derived from `tuple` with one computed attribute per item. Items beyond the visible ones are attributes of the instance.
//! Source: Objects/structseq.c.

use cinder_vm::types::type_::PyType;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Gc, PyResult, Value, Vm};

/// Item `INDEX` of a tuple.
pub(crate) fn item<const INDEX: usize>(vm: &Vm, value: Value) -> PyResult<Value> {
    Ok(vm.tuple_items(value).get(INDEX).copied().unwrap_or(Value::NONE))
}

/// `struct_sequence!(NAME, "module.name", 0 first, 1 second)`: the declaration of such a class.
macro_rules! struct_sequence {
    ($(#[$meta:meta])* $name:ident, $class:literal, $($index:literal $field:ident),* $(,)?) => {
        $(#[$meta])*
        pub(crate) static $name: cinder_vm::types::type_::TypeDef = cinder_vm::types::type_::TypeDef {
            flags: cinder_vm::types::type_::type_flags::HAS_DICT,
            slots: cinder_vm::object::slots::Slots {
                repr: Some($crate::struct_sequence::repr),
                ..cinder_vm::object::slots::Slots::NONE
            },
            getset: &[$(cinder_vm::GetSetDef::read_only(stringify!($field), $crate::struct_sequence::item::<$index>)),*],
            ..cinder_vm::types::type_::TypeDef::new($class, <cinder_vm::types::tuple::PyTuple as cinder_vm::object::Payload>::LAYOUT)
        };
    };
}
pub(crate) use struct_sequence;

/// The class of a declaration.
pub(crate) fn class(vm: &Vm, def: &'static TypeDef) -> PyResult<Gc<PyType>> {
    let class = vm.native_class_with_base(def, vm.types.tuple)?;
    let names = class.dict.get();
    let fields = vm.intern("n_fields");
    if names.get_interned(fields).is_none() {
        let count = vm.new_uint(def.getset.len())?;
        for name in ["n_sequence_fields", "n_fields"] {
            vm.dict_set_interned(names, vm.intern(name), count)?;
        }
        vm.dict_set_interned(names, vm.intern("n_unnamed_fields"), Value::ZERO)?;
        let mut texts = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        def.getset.iter().for_each(|field| texts.push(vm.intern(field.name)));
        let texts = vm.new_tuple(&texts)?;
        vm.dict_set_interned(names, vm.names.__match_args__, texts)?;
    }
    Ok(class)
}

/// A new instance with the visible items.
pub(crate) fn new(vm: &Vm, def: &'static TypeDef, items: &[Value]) -> PyResult<Value> {
    let class = class(vm, def)?;
    let items = vm.new_tuple(items)?;
    vm.call(class.as_value(), &[items])
}

/// `sys.version_info(major=3, minor=14, ..)`.
pub(crate) fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let Some(def) = class.def else { return (vm.types.tuple.slots().repr.expect("tuple has a repr"))(vm, value) };
    let mut parts = Vec::new();
    for (field, item) in def.getset.iter().zip(vm.tuple_items(value)) {
        parts.push(format!("{}={}", field.name, vm.repr_text(*item)?));
    }
    vm.new_str(&format!("{}({})", def.name, parts.join(", ")))
}
