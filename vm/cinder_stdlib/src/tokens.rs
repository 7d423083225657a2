//! `_cinder_tokens`: the tokenizer, for the module `_tokenize`.

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static TOKENS: ModuleDef = ModuleDef {
    functions: &[NativeDef::function("tokenize", "source, list, /", tokenize)],
    ..ModuleDef::new("_cinder_tokens")
};

fn tokenize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if !vm.is_str(args.at(0)) || vm.as_list(args.at(1)).is_none() {
        return Err(vm.type_error("tokenize() wants a str and a list"));
    }
    if !vm.interp.compiler.is_set() {
        return Err(vm.system_error("this machine has no tokenizer"));
    }
    vm.interp.compiler.tokenize(vm, &vm.str_text(args.at(0)), args.at(1))?;
    Ok(Value::NONE)
}
