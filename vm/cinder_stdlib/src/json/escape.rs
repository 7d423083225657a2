//! Strings as JSON writes them.

use cinder_vm::types::str_::PyStr;
use cinder_vm::types::text_builder::TextBuilder;
use cinder_vm::{PyResult, Value, Vm};

/// Whether the text stands for itself between quotes.
fn is_plain(text: &PyStr, ascii_only: bool) -> bool {
    match text.as_ascii() {
        Some(text) => text.bytes().all(|c| c >= 0x20 && c != b'"' && c != b'\\' && (c != 0x7f || !ascii_only)),
        None => !ascii_only && text.iter().all(|c| c >= 0x20 && c != u32::from(b'"') && c != u32::from(b'\\')),
    }
}

fn push_unit(out: &mut Vec<u32>, unit: u32) {
    out.extend([u32::from(b'\\'), u32::from(b'u')]);
    out.extend((0..4).rev().map(|digit| u32::from(b"0123456789abcdef"[(unit >> (digit * 4) & 15) as usize])));
}

fn push_escaped(out: &mut Vec<u32>, c: u32, ascii_only: bool) {
    let short = match c {
        0x22 | 0x5c => Some(c as u8),
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        0x0a => Some(b'n'),
        0x0d => Some(b'r'),
        0x09 => Some(b't'),
        _ => None,
    };
    match short {
        Some(short) => out.extend([u32::from(b'\\'), u32::from(short)]),
        None if c < 0x20 || (ascii_only && c >= 0x7f) => {
            if c >= 0x10000 {
                push_unit(out, 0xd800 + ((c - 0x10000) >> 10));
                push_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
            } else {
                push_unit(out, c);
            }
        }
        None => out.push(c),
    }
}

/// The text in quotes, escaped; to ASCII alone when asked.
fn points(text: &PyStr, ascii_only: bool) -> Vec<u32> {
    let quote = u32::from(b'"');
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(quote);
    if is_plain(text, ascii_only) {
        out.extend(text.iter());
    } else {
        text.iter().for_each(|c| push_escaped(&mut out, c, ascii_only));
    }
    out.push(quote);
    out
}

/// Appends what [`points`] gives.
pub(super) fn push(out: &mut TextBuilder, text: &PyStr, ascii_only: bool) {
    match text.as_ascii() {
        Some(ascii) if is_plain(text, ascii_only) => {
            out.push("\"");
            out.push(ascii);
            out.push("\"");
        }
        _ => out.push_points(&points(text, ascii_only)),
    }
}

pub(super) fn encode(vm: &Vm, value: Value, ascii_only: bool) -> PyResult<Value> {
    let Some(text) = vm.as_str(value) else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("first argument must be a string, not {found}")));
    };
    vm.new_str_points(&points(&text, ascii_only))
}
