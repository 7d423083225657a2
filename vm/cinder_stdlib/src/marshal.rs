//! `marshal`: values as bytes, for caches of compiled code. Source: Python/marshal.c.
//!
//! The format is CPython's, save for code objects: those are `cinder_bytecode`'s binary form, which is verified when it is read.

mod read;
mod write;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::flag;

/// The newest form.
const VERSION: i32 = 5;
/// Containers within containers.
const MAX_DEPTH: usize = 2000;
/// Bit of a type code: later references may mean this object.
const REFERENCED: u8 = 0x80;

pub(crate) static MARSHAL: ModuleDef = ModuleDef {
    doc: "This module contains functions that can read and write Python values in\na binary format.",
    functions: &[
        NativeDef::function("dumps", "value, version=version, /, *, allow_code=True", |vm, args| {
            let bytes = dumped(vm, args.at(0), args.opt(1), args.opt(2))?;
            vm.new_bytes(&bytes)
        }),
        NativeDef::function("dump", "value, file, version=version, /, *, allow_code=True", |vm, args| {
            let bytes = dumped(vm, args.at(0), args.opt(2), args.opt(3))?;
            let bytes = vm.new_bytes(&bytes)?;
            vm.call_method(args.at(1), vm.names.write, &[bytes])
        }),
        NativeDef::function("loads", "bytes, /, *, allow_code=True", |vm, args| {
            let bytes = vm.with_bytes(args.at(0), <[u8]>::to_vec)?;
            let source = read::Source::Bytes { bytes, at: 0 };
            read::read(vm, source, flag(vm, args.opt(1), true)?)
        }),
        NativeDef::function("load", "file, /, *, allow_code=True", load),
    ],
    setup: Some(|vm, dict| vm.set_item_text(dict, "version", vm.new_int(VERSION.into())?)),
    ..ModuleDef::new("marshal")
};

fn dumped(vm: &Vm, value: Value, version: Option<Value>, allow_code: Option<Value>) -> PyResult<Vec<u8>> {
    let version = version.map_or(Ok(VERSION), |version| crate::args::c_int(vm, version))?;
    write::write(vm, value, version, flag(vm, allow_code, true)?)
}

fn load(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let allow_code = flag(vm, args.opt(1), true)?;
    let read = vm.getattr(args.at(0), vm.names.read)?;
    let probe = vm.call(read, &[Value::ZERO])?;
    if vm.as_bytes(probe).is_none() {
        let found = vm.type_name(probe);
        return Err(vm.type_error(format!("file.read() returned not bytes but {found}")));
    }
    read::read(vm, read::Source::File { read }, allow_code)
}
