//! `binascii`: binary data as text and back. Source: Modules/binascii.c; RFC 4648 (base64), RFC 2045 (quoted-printable).

mod base64;
mod hex;
mod quoted;
mod uu;

use cinder_vm::types::type_::PyType;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::{raise_in, u32_masked};

pub(crate) static BINASCII: ModuleDef = ModuleDef {
    doc: "Conversion between binary data and ASCII",
    functions: &[
        NativeDef::function("a2b_base64", "data, /, *, strict_mode=False", base64::decode),
        NativeDef::function("b2a_base64", "data, /, *, newline=True", base64::encode),
        NativeDef::function("a2b_hex", "hexstr, /", hex::decode),
        NativeDef::function("unhexlify", "hexstr, /", hex::decode),
        NativeDef::function("b2a_hex", "data, sep=b'', bytes_per_sep=1", hex::encode),
        NativeDef::function("hexlify", "data, sep=b'', bytes_per_sep=1", hex::encode),
        NativeDef::function("a2b_qp", "data, header=False", quoted::decode),
        NativeDef::function("b2a_qp", "data, quotetabs=False, istext=True, header=False", quoted::encode),
        NativeDef::function("a2b_uu", "data, /", uu::decode),
        NativeDef::function("b2a_uu", "data, /, *, backtick=False", uu::encode),
        NativeDef::function("crc32", "data, crc=0, /", crc32),
        NativeDef::function("crc_hqx", "data, crc, /", crc_hqx),
    ],
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "Error", error_class(vm)?.as_value())?;
        let incomplete = vm.exception_class("binascii", "Incomplete", vm.exceptions.Exception)?;
        vm.set_item_text(dict, "Incomplete", incomplete.as_value())
    }),
    ..ModuleDef::new("binascii")
};

fn error_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("binascii", "Error", vm.exceptions.ValueError)
}

/// `binascii.Error(message)`.
fn error(vm: &Vm, message: &str) -> Raised {
    raise_in(vm, error_class(vm), message)
}

/// Bytes to decode: an ASCII str or a bytes-like object.
fn ascii_input(vm: &Vm, value: Value) -> PyResult<Vec<u8>> {
    if let Some(text) = vm.as_str(value) {
        return match text.as_ascii() {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    if vm.type_of(value).slots().buffer.is_none() {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("argument should be bytes, buffer or ASCII string, not '{found}'")));
    }
    vm.with_bytes(value, <[u8]>::to_vec)
}

fn crc32(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let start = args.opt(1).map_or(Ok(0), |crc| u32_masked(vm, crc))?;
    let sum = vm.with_bytes(args.at(0), |data| {
        let mut hasher = crc32fast::Hasher::new_with_initial(start);
        hasher.update(data);
        hasher.finalize()
    })?;
    vm.new_int(i64::from(sum))
}

/// The checksum of BinHex 4: polynomial 0x1021, most significant bit first.
fn crc_hqx(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut crc = u32_masked(vm, args.at(1))? & 0xffff;
    vm.with_bytes(args.at(0), |data| {
        for byte in data {
            crc ^= u32::from(*byte) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 } & 0xffff;
            }
        }
    })?;
    vm.new_int(i64::from(crc))
}

/// `bytes.hex()` of the data.
pub(crate) fn hex_text(data: &[u8]) -> Vec<u8> {
    hex::text(data, None, 1)
}
