//! File names: str, bytes and path objects as the operating system wants them.

use std::ffi::CString;

use cinder_vm::{PyResult, Value, Vm};

/// `os.fspath(path)`: a str or bytes.
pub(crate) fn fspath(vm: &Vm, path: Value) -> PyResult<Value> {
    if vm.is_str(path) || vm.as_bytes(path).is_some() {
        return Ok(path);
    }
    let class = vm.type_of(path);
    let found = class.name();
    let method = vm.intern("__fspath__");
    let is_none = vm.type_lookup(class, method).is_some_and(|method| method.is_none());
    let Some(given) = (if is_none { None } else { vm.call_special(path, method, &[])? }) else {
        return Err(vm.type_error(format!("expected str, bytes or os.PathLike object, not {found}")));
    };
    if vm.is_str(given) || vm.as_bytes(given).is_some() {
        return Ok(given);
    }
    let other = vm.type_of(given).name();
    Err(vm.type_error(format!("expected {found}.__fspath__() to return str or bytes, not {other}")))
}

/// The path's bytes: UTF-8 with `surrogateescape`.
pub(crate) fn path_bytes(vm: &Vm, path: Value) -> PyResult<CString> {
    let path = fspath(vm, path)?;
    let bytes = if vm.is_str(path) {
        vm.encode_native(path, cinder_vm::codecs::Encoding::Utf8, "surrogateescape")?
    } else {
        vm.with_bytes(path, <[u8]>::to_vec)?
    };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}

/// Text of a name given by the operating system.
pub(crate) fn decode(vm: &Vm, bytes: &[u8]) -> PyResult<Value> {
    Ok(vm.decode_native(bytes, cinder_vm::codecs::Encoding::Utf8, "surrogateescape", true)?.0)
}
