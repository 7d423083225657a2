//! Hexadecimal text.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::{ascii_input, error};

pub(super) fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = ascii_input(vm, args.at(0))?;
    if text.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.chunks_exact(2) {
        match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    vm.new_bytes(&bytes)
}

/// The separator: one ASCII character, str or bytes.
fn separator(vm: &Vm, value: Value) -> PyResult<u8> {
    let len = vm.len(value)?;
    if len != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    match vm.as_str(value) {
        Some(text) => match text.as_ascii() {
            Some(text) => Ok(text.as_bytes()[0]),
            None => Err(vm.value_error("sep must be ASCII.")),
        },
        None => match vm.as_bytes(value) {
            Some(bytes) if bytes.as_slice()[0].is_ascii() => Ok(bytes.as_slice()[0]),
            Some(_) => Err(vm.value_error("sep must be ASCII.")),
            None => Err(vm.type_error("sep must be str or bytes.")),
        },
    }
}

/// Digits in groups of `group` bytes, counted from the right when positive.
pub(super) fn text(data: &[u8], separator: Option<u8>, group: i64) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(usize::MAX);
    let mut text = Vec::with_capacity(data.len() * 2);
    for (index, byte) in data.iter().enumerate() {
        if let Some(separator) = separator
            && index > 0
            && size > 0
            && (if group > 0 { data.len() - index } else { index }).is_multiple_of(size)
        {
            text.push(separator);
        }
        text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    text
}

pub(super) fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let separator = args.opt(1).map(|value| separator(vm, value)).transpose()?;
    let group = args.opt(2).map_or(Ok(1), |value| crate::args::c_int(vm, value).map(i64::from))?;
    let text = vm.with_bytes(args.at(0), |data| text(data, separator, group))?;
    vm.new_bytes(&text)
}
