//! `None`, `NotImplemented` and `Ellipsis`: immediates, so their classes have no payload of their own.

use cinder_layout::Value;

use crate::native::NativeDef;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::object::PyObject;
use crate::types::type_::TypeDef;

pub static NONE_TYPE: TypeDef = TypeDef {
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("None")),
        bool: Some(|_, _| Ok(false)),
        hash: Some(|_, _| Ok(0xfca8_6420)),
        new: Some(|vm, _, args, keywords| {
            if !args.is_empty() || keywords.is_some() {
                return Err(vm.type_error("NoneType takes no arguments"));
            }
            Ok(Value::NONE)
        }),
        ..Slots::NONE
    },
    ..TypeDef::new("NoneType", <PyObject as Payload>::LAYOUT)
};

pub static NOT_IMPLEMENTED_TYPE: TypeDef = TypeDef {
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("NotImplemented")),
        new: Some(|vm, _, args, keywords| {
            if !args.is_empty() || keywords.is_some() {
                return Err(vm.type_error("NotImplementedType takes no arguments"));
            }
            Ok(Value::NOT_IMPLEMENTED)
        }),
        bool: Some(|vm, _| Err(vm.type_error("NotImplemented should not be used in a boolean context"))),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, _| Ok(vm.intern("NotImplemented")))],
    ..TypeDef::new("NotImplementedType", <PyObject as Payload>::LAYOUT)
};

pub static ELLIPSIS_TYPE: TypeDef = TypeDef {
    slots: Slots {
        repr: Some(|vm, _| vm.new_str("Ellipsis")),
        new: Some(|vm, _, args, keywords| {
            if !args.is_empty() || keywords.is_some() {
                return Err(vm.type_error("EllipsisType takes no arguments"));
            }
            Ok(Value::ELLIPSIS)
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, _| Ok(vm.intern("Ellipsis")))],
    ..TypeDef::new("ellipsis", <PyObject as Payload>::LAYOUT)
};
