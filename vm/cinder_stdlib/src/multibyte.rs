//! `_cinder_multibyte`: the tables of East Asian encodings, for the library's `_multibytecodec`.
//!
//! Idea: the conversions stop at the first thing they cannot convert and say where; error handlers and state between calls are Python's part.
//! The tables are those of the WHATWG encoding standard, which knows a few characters more than CPython's. Source: Modules/cjkcodecs.

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};
use encoding_rs::{DecoderResult, EncoderResult, Encoding};

fn encoding(vm: &Vm, label: Value) -> PyResult<&'static Encoding> {
    let found = if vm.is_str(label) { Encoding::for_label(vm.str_text(label).as_bytes()) } else { None };
    found.ok_or_else(|| vm.lookup_error("no such codec is supported."))
}

/// `decode(label, data)`: the text up to the first malformed sequence, the bytes it took, and the length of that sequence (0 without one).
fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let encoding = encoding(vm, args.at(0))?;
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    vm.check_native_bytes(data.len().saturating_mul(3))?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(data.len()).ok_or_else(|| vm.overflow_error("too many bytes"))?;
    let mut text = String::with_capacity(room);
    let (result, read) = decoder.decode_to_string_without_replacement(&data, &mut text, true);
    let (used, bad) = match result {
        DecoderResult::Malformed(bad, after) => {
            let after = usize::from(after);
            (read.saturating_sub(usize::from(bad) + after), usize::from(bad))
        }
        DecoderResult::InputEmpty | DecoderResult::OutputFull => (read, 0),
    };
    let items = [vm.new_str(&text)?, vm.new_uint(used)?, vm.new_uint(bad)?];
    vm.new_tuple(&items)
}

/// `encode(label, text)`: the bytes up to the first character that the encoding lacks, and how many characters these are.
fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let encoding = encoding(vm, args.at(0))?;
    let Some(text) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("encode() argument must be str, not {found}")));
    };
    let mut encoder = encoding.new_encoder();
    let (mut bytes, mut used) = (Vec::new(), 0);
    for code in text.iter() {
        let Some(character) = char::from_u32(code) else { break };
        let mut room = [0; 4];
        let piece: &str = character.encode_utf8(&mut room);
        bytes.reserve(16);
        let len = bytes.len();
        let (result, _) = encoder.encode_from_utf8_to_vec_without_replacement(piece, &mut bytes, false);
        if let EncoderResult::Unmappable(_) = result {
            bytes.truncate(len);
            break;
        }
        used += 1;
    }
    bytes.reserve(16);
    let _ = encoder.encode_from_utf8_to_vec_without_replacement("", &mut bytes, true);
    vm.new_tuple(&[vm.new_bytes(&bytes)?, vm.new_uint(used)?])
}

pub(crate) static MULTIBYTE: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("decode", "label, data, /", decode),
        NativeDef::function("encode", "label, text, /", encode),
    ],
    ..ModuleDef::new("_cinder_multibyte")
};
