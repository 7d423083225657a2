//! `_csv`. Source: Modules/_csv.c; PEP 305.

mod dialect;
mod read;
mod write;

use std::sync::atomic::{AtomicI64, Ordering};

use cinder_vm::types::type_::PyType;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::raise_in;

pub(crate) static CSV: ModuleDef = ModuleDef {
    doc: "CSV parsing and writing.\n",
    functions: &[
        NativeDef::function("reader", "iterable, dialect=None, /, **fmtparams", read::new),
        NativeDef::function("writer", "fileobj, dialect=None, /, **fmtparams", write::new),
        NativeDef::function("register_dialect", "name, dialect=None, /, **fmtparams", dialect::register),
        NativeDef::function("unregister_dialect", "name", dialect::unregister),
        NativeDef::function("get_dialect", "name", |vm, args| dialect::find(vm, args.at(0))),
        NativeDef::function("list_dialects", "", |vm, _| vm.list_from(dialect::registry(vm)?)),
        NativeDef::function("field_size_limit", "new_limit=None, /", field_size_limit),
    ],
    setup: Some(|vm, dict| {
        let numbers = [
            ("QUOTE_MINIMAL", dialect::MINIMAL),
            ("QUOTE_ALL", dialect::ALL),
            ("QUOTE_NONNUMERIC", dialect::NONNUMERIC),
            ("QUOTE_NONE", dialect::NONE),
            ("QUOTE_STRINGS", dialect::STRINGS),
            ("QUOTE_NOTNULL", dialect::NOTNULL),
        ];
        for (name, number) in numbers {
            vm.set_item_text(dict, name, vm.new_int(number.into())?)?;
        }
        vm.set_item_text(dict, "_dialects", vm.new_dict()?)?;
        vm.set_item_text(dict, "Error", error_class(vm)?.as_value())?;
        vm.add_class(dict, &dialect::DIALECT)?;
        vm.set_item_text(dict, "Reader", vm.native_class(&read::READER)?.as_value())?;
        vm.set_item_text(dict, "Writer", vm.native_class(&write::WRITER)?.as_value())
    }),
    ..ModuleDef::new("_csv")
};

/// Longest field that a reader takes, in code points.
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 * 1024);

fn field_limit() -> i64 {
    FIELD_LIMIT.load(Ordering::Relaxed)
}

fn field_size_limit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let old = field_limit();
    if let Some(new) = args.opt(0) {
        if !vm.is_int(new) {
            return Err(vm.type_error("limit must be an integer"));
        }
        let Some(new) = vm.int_to_i64(new) else {
            return Err(vm.overflow_error("Python int too large to convert to C long"));
        };
        FIELD_LIMIT.store(new, Ordering::Relaxed);
    }
    vm.new_int(old)
}

fn error_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("_csv", "Error", vm.exceptions.Exception)
}

/// `csv.Error(message)`.
fn error(vm: &Vm, message: &str) -> Raised {
    raise_in(vm, error_class(vm), message)
}
