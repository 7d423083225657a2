//! Panics on demand, in debug builds: `cli/tests/it/hostile.rs` shows with them that a panic becomes a SystemError.

use cinder_vm::NativeDef;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::object::PyObject;
use cinder_vm::types::type_::{TypeDef, type_flags};

pub(crate) const PANIC: NativeDef = NativeDef::function("panic", "", |_, _| panic!("provoked")).doc("Panics.");

/// Machine code calls some of these without the interpreter.
pub(crate) static PANICS: TypeDef = TypeDef {
    doc: "An object whose operations panic.",
    flags: type_flags::BASE,
    slots: Slots {
        bool: Some(|_, _| panic!("provoked by bool")),
        len: Some(|_, _| panic!("provoked by len")),
        iter: Some(|_, _| panic!("provoked by iter")),
        hash: Some(|_, _| panic!("provoked by hash")),
        ..Slots::NONE
    },
    ..TypeDef::new("_cinder.Panics", <PyObject as Payload>::LAYOUT)
};
