//! `zlib`. Source: Modules/zlibmodule.c; the algorithm is `libz-rs-sys`.

mod compress;
mod decompress;
mod stream;

use cinder_vm::types::type_::PyType;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};
use libz_rs_sys as z;

use crate::args::{c_int, raise_in, u32_masked};
use stream::Stream;

pub(crate) static ZLIB: ModuleDef = ModuleDef {
    doc: "The functions in this module allow compression and decompression using the zlib library, which is based on GNU zip.",
    functions: &[
        NativeDef::function("adler32", "data, value=1, /", adler32),
        NativeDef::function("crc32", "data, value=0, /", crc32),
        NativeDef::function("compress", "data, /, level=-1, wbits=15", compress::compress),
        NativeDef::function("decompress", "data, /, wbits=15, bufsize=16384", decompress::decompress),
        NativeDef::function(
            "compressobj",
            "level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None",
            compress::new,
        ),
        NativeDef::function("decompressobj", "wbits=15, zdict=b''", decompress::new),
    ],
    setup: Some(|vm, dict| {
        for (name, number) in CONSTANTS {
            vm.set_item_text(dict, name, vm.new_int(i64::from(*number))?)?;
        }
        for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
            vm.set_item_text(dict, name, vm.new_str(&stream::version())?)?;
        }
        vm.set_item_text(dict, "__version__", vm.new_str("1.0")?)?;
        vm.set_item_text(dict, "error", error_class(vm)?.as_value())?;
        vm.add_class(dict, &decompress::DECOMPRESSOR).map(|_| ())
    }),
    ..ModuleDef::new("zlib")
};

const CONSTANTS: &[(&str, i32)] = &[
    ("MAX_WBITS", 15),
    ("DEFLATED", z::Z_DEFLATED),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", z::Z_NO_FLUSH),
    ("Z_PARTIAL_FLUSH", z::Z_PARTIAL_FLUSH),
    ("Z_SYNC_FLUSH", z::Z_SYNC_FLUSH),
    ("Z_FULL_FLUSH", z::Z_FULL_FLUSH),
    ("Z_FINISH", z::Z_FINISH),
    ("Z_BLOCK", z::Z_BLOCK),
    ("Z_TREES", z::Z_TREES),
];

fn error_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("zlib", "error", vm.exceptions.Exception)
}

/// `zlib.error` for a result code; the stream may know better words.
fn error(vm: &Vm, code: i32, doing: &str, stream: Option<&Stream>) -> Raised {
    let words = match code {
        z::Z_VERSION_ERROR => Some("library version mismatch".to_owned()),
        _ => stream.and_then(Stream::message),
    };
    let words = words.or_else(|| {
        let text = match code {
            z::Z_BUF_ERROR => "incomplete or truncated stream",
            z::Z_STREAM_ERROR => "inconsistent stream state",
            z::Z_DATA_ERROR => "invalid input data",
            _ => return None,
        };
        Some(text.to_owned())
    });
    let text = match words {
        Some(words) => format!("Error {code} {doing}: {words}"),
        None => format!("Error {code} {doing}"),
    };
    raise_in(vm, error_class(vm), &text)
}

/// A C int argument with a default.
fn number(vm: &Vm, value: Option<Value>, default: i32) -> PyResult<i32> {
    value.map_or(Ok(default), |value| c_int(vm, value))
}

fn crc32(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let start = args.opt(1).map_or(Ok(0), |start| u32_masked(vm, start))?;
    let sum = vm.with_bytes(args.at(0), |data| {
        let mut hasher = crc32fast::Hasher::new_with_initial(start);
        hasher.update(data);
        hasher.finalize()
    })?;
    vm.new_int(i64::from(sum))
}

fn adler32(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let start = args.opt(1).map_or(Ok(1), |start| u32_masked(vm, start))?;
    let sum = vm.with_bytes(args.at(0), |data| stream::adler32(start, data))?;
    vm.new_int(i64::from(sum))
}
