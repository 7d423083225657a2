//! `_functools`: `partial`, `reduce`, `lru_cache`'s wrapper and `cmp_to_key`. Source: Modules/_functoolsmodule.c.

mod compare_key;
mod lru_cache;
mod partial;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static FUNCTOOLS: ModuleDef = ModuleDef {
    doc: "Tools that operate on functions.",
    functions: &[
        NativeDef::function("reduce", "function, iterable, /, initial=None", reduce),
        NativeDef::function("cmp_to_key", "mycmp", compare_key::cmp_to_key),
    ],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &partial::PARTIAL)?;
        vm.add_class(dict, &lru_cache::WRAPPER)?;
        vm.set_item_text(dict, "_PlaceholderType", vm.native_class(&partial::PLACEHOLDER_TYPE)?.as_value())?;
        vm.set_item_text(dict, "Placeholder", partial::placeholder(vm)?)
    }),
    ..ModuleDef::new("_functools")
};

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let iterator = match vm.iter(args.at(1)) {
        Err(raised) if vm.pending_matches(vm.exceptions.TypeError) => {
            vm.take_exception(raised);
            return Err(vm.type_error("reduce() arg 2 must support iteration"));
        }
        iterator => iterator?,
    };
    let mut total = match args.opt(2) {
        Some(initial) => initial,
        None => match vm.next(iterator)? {
            Some(first) => first,
            None => return Err(vm.type_error("reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(item) = vm.next(iterator)? {
        total = vm.call(args.at(0), &[total, item])?;
    }
    Ok(total)
}
