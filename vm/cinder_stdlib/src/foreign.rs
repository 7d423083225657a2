//! `_foreign`: memory, functions and libraries outside of the machine, as far as `ctypes` needs them.
//!
//! Problem: `ctypes` describes C data by classes that programs derive from, with metaclasses, descriptors and conversions; little of it is about
//! memory.
//! Idea: the classes are Python (`lib/_ctypes/`). Here is what they stand on: pieces of memory with a base class that has the buffer protocol,
//! numbers in memory, calls and callbacks through libffi, and the dynamic linker.
//! Holds: every access through a [`memory::PyMemory`] lies within its bytes, and what owns those bytes lives as long. Addresses that a program
//! gives as numbers are taken as they are, as in CPython.
//! Source: Modules/_ctypes/.

mod call;
mod closure;
mod library;
mod memory;
mod scalar;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static FOREIGN: ModuleDef = ModuleDef {
    doc: "Memory, functions and libraries outside of the machine.",
    functions: &[
        NativeDef::function("kind", "format, item_bytes, shape, size, /", memory::kind),
        NativeDef::function("make", "cls, kind, /", memory::make),
        NativeDef::function("view", "cls, kind, address, anchor, /", memory::view),
        NativeDef::function("derive", "cls, kind, base, offset, index, /", memory::derive),
        NativeDef::function("overlay", "cls, kind, view, offset, /", memory::overlay),
        NativeDef::function("address", "memory, /", memory::address),
        NativeDef::function("size", "memory, /", memory::size),
        NativeDef::function("index", "memory, /", memory::index),
        NativeDef::function("resize", "memory, size, /", memory::resize),
        NativeDef::function("set_objects", "memory, objects, /", memory::set_objects),
        NativeDef::function("read", "memory, offset, code, /", memory::read),
        NativeDef::function("write", "memory, offset, code, value, /", memory::write),
        NativeDef::function("read_bytes", "memory, offset, size, /", memory::read_bytes),
        NativeDef::function("write_bytes", "memory, offset, content, /", memory::write_bytes),
        NativeDef::function("peek", "address, code, /", memory::peek),
        NativeDef::function("poke", "address, code, value, /", memory::poke),
        NativeDef::function("string_at", "address, size, /", memory::string_at),
        NativeDef::function("wstring_at", "address, size, /", memory::wide_string_at),
        NativeDef::function("copy", "target, source, size, /", memory::copy),
        NativeDef::function("bytes_address", "content, /", memory::bytes_address),
        NativeDef::function("object_at", "address, /", object_at),
        NativeDef::function("struct_type", "elements, size, alignment, /", call::struct_type),
        NativeDef::function("call", "address, specs, values, result_spec, result, flags, /", call::call),
        NativeDef::function("get_errno", "", call::get_errno),
        NativeDef::function("set_errno", "value, /", call::set_errno),
        NativeDef::function("closure", "function, specs, result_spec, flags, /", closure::make),
        NativeDef::function("dlopen", "name, mode, /", library::open),
        NativeDef::function("dlsym", "handle, name, /", library::symbol),
        NativeDef::function("dlclose", "handle, /", library::close),
        NativeDef::function("dllist", "", library::list),
    ],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &memory::CLASS)?;
        let number = |value: usize| vm.new_uint(value);
        vm.set_item_text(dict, "MEMMOVE", number(libc::memmove as *const () as usize)?)?;
        vm.set_item_text(dict, "MEMSET", number(libc::memset as *const () as usize)?)?;
        vm.set_item_text(dict, "RTLD_LOCAL", vm.new_int(libc::RTLD_LOCAL.into())?)?;
        vm.set_item_text(dict, "RTLD_GLOBAL", vm.new_int(libc::RTLD_GLOBAL.into())?)
    }),
    ..ModuleDef::new("_foreign")
};

/// An address given as a number; negative ones count from the end, as C's conversion does.
fn address_argument(vm: &Vm, value: Value) -> PyResult<usize> {
    Ok(scalar::unsigned(vm, value)? as usize)
}

/// The object whose `id()` this is.
///
/// Errors: ValueError when no object lies there; ids of floats and of large ints name none.
fn object_at(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let address = address_argument(vm, args.at(0))?;
    let constants = [Value::NONE, Value::TRUE, Value::FALSE, Value::ELLIPSIS, Value::NOT_IMPLEMENTED];
    if let Some(found) = constants.into_iter().find(|constant| constant.bits() == address as u64) {
        return Ok(found);
    }
    if address & 1 == 1 {
        return vm.new_int((address as i64) >> 1);
    }
    match vm.heap.resolve(address) {
        Some(object) if object.addr().get() == address && vm.is_python_object(object) => Ok(Value::from_ptr(object)),
        _ => Err(vm.value_error(format!("no object lies at {address:#x}"))),
    }
}
