//! `_source_hash`: the native part of `_imp`. Source: Python/import.c (`_imp_source_hash_impl`).

use cinder_vm::hash::siphash13;
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static SOURCE_HASH: ModuleDef = ModuleDef {
    functions: &[NativeDef::function("source_hash", "key, source", source_hash)],
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "pyc_magic_number_token", vm.new_int(vm.bytecode_magic_number().into())?)
    }),
    ..ModuleDef::new("_source_hash")
};

/// Eight bytes that tell whether a cache was made from this source.
fn source_hash(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let key = vm.index_i64(args.at(0))?;
    let hash = vm.with_bytes(args.at(1), |source| siphash13((key as u64, 0), source))?;
    vm.new_bytes(&hash.to_le_bytes())
}
