//! Modules of one function: `_suggestions` and `_sysconfig`. Source: Modules/_suggestions.c, Modules/_sysconfig.c.

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static SUGGESTIONS: ModuleDef = ModuleDef {
    functions: &[NativeDef::function("_generate_suggestions", "candidates, item, /", generate_suggestions)
        .doc("Returns the candidate in candidates that's closest to item")],
    ..ModuleDef::new("_suggestions")
};

fn generate_suggestions(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if !vm.is_instance(args.at(0), vm.types.list) {
        return Err(vm.type_error("candidates must be a list"));
    }
    if !vm.is_str(args.at(1)) {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("_generate_suggestions() argument 2 must be str, not {found}")));
    }
    let mut candidates = Vec::new();
    vm.for_each(args.at(0), |candidate| {
        if !vm.is_str(candidate) {
            return Err(vm.type_error("all elements in 'candidates' must be strings"));
        }
        candidates.push(vm.str_text(candidate).into_owned());
        Ok(())
    })?;
    let wrong = vm.str_text(args.at(1));
    match cinder_vm::exception::suggest::closest(&wrong, candidates.iter().map(String::as_str)) {
        Some(found) => vm.new_str(found),
        None => Ok(Value::NONE),
    }
}

pub(crate) static SYSCONFIG: ModuleDef = ModuleDef {
    doc: "A helper for the sysconfig module.",
    functions: &[NativeDef::function("config_vars", "", |vm, _| {
        let vars = vm.new_pydict()?;
        for name in ["Py_GIL_DISABLED", "Py_DEBUG"] {
            vm.set_item_text(vars, name, Value::ZERO)?;
        }
        Ok(vars.as_value())
    })
    .doc("Returns a dictionary containing build variables intended to be exposed by sysconfig.")],
    ..ModuleDef::new("_sysconfig")
};
