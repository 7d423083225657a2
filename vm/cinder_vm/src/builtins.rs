//! The `builtins` module.
//!
//! Source: Python/bltinmodule.c. What belongs to one class lies in that class's file; here are the functions about any object.

mod console;
mod iterate;
mod number;
mod object;

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::module_def::ModuleDef;
use crate::native::{NativeDef, PyResult};
use crate::types::dict::PyDict;
use crate::types::exceptions::EXCEPTION_CLASSES;
use crate::vm::Vm;

pub static BUILTINS: ModuleDef = ModuleDef {
    doc: "Built-in functions, types, exceptions, and other objects.\n\nThis module provides direct access to all 'built-in'\nidentifiers of Python; for example, builtins.len is\nthe full name for the built-in function len().\n\nThis module is not normally accessed explicitly by most\napplications, but can be useful in modules that provide\nobjects with the same name as a builtin and need the\nbuiltin of that name.",
    setup: Some(setup),
    ..ModuleDef::new("builtins")
};

/// Builtin classes that `builtins` shows; the others have modules of their own or none.
const CLASSES: &[&str] = &[
    "bool",
    "memoryview",
    "bytearray",
    "bytes",
    "classmethod",
    "complex",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "property",
    "int",
    "list",
    "map",
    "object",
    "range",
    "reversed",
    "set",
    "slice",
    "staticmethod",
    "str",
    "super",
    "tuple",
    "type",
    "zip",
];

/// Builtin functions whose calls have quick forms of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Len,
    IsInstance,
}

/// Which of them the function is.
pub(crate) fn known(def: &'static NativeDef) -> Option<Known> {
    let is_in = |table: &'static [NativeDef]| table.as_ptr_range().contains(&std::ptr::from_ref(def));
    match def.name {
        "len" if is_in(iterate::FUNCTIONS) => Some(Known::Len),
        "isinstance" if is_in(object::FUNCTIONS) => Some(Known::IsInstance),
        _ => None,
    }
}

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let tables = [
        object::FUNCTIONS,
        iterate::FUNCTIONS,
        number::FUNCTIONS,
        console::FUNCTIONS,
        crate::interp::builtins::FUNCTIONS,
    ];
    for function in tables.into_iter().flatten() {
        let object = vm.new_native_function(function, None, vm.names.builtins)?;
        vm.set_item_text(dict, function.name, object)?;
    }
    for (number, (def, _)) in crate::types::DEFS.iter().enumerate() {
        if CLASSES.contains(&def.name) {
            let class = vm.shapes.get((number + crate::types::FIRST) as u32).class;
            vm.set_item_text(dict, def.name, class.as_value())?;
        }
    }
    vm.set_item_text(dict, "BaseException", vm.exceptions.BaseException.as_value())?;
    for (declared, class) in EXCEPTION_CLASSES.iter().zip(vm.exceptions.all()) {
        vm.set_item_text(dict, declared.name, class.as_value())?;
    }
    for alias in ["EnvironmentError", "IOError"] {
        vm.set_item_text(dict, alias, vm.exceptions.OSError.as_value())?;
    }
    let constants = [
        ("None", Value::NONE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("False", Value::FALSE),
        ("True", Value::TRUE),
        ("__debug__", Value::TRUE),
    ];
    for (name, value) in constants {
        vm.set_item_text(dict, name, value)?;
    }
    Ok(())
}
