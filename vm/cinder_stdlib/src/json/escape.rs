//! Strings as JSON writes them.

use cinder_vm::types::str_::PyStr;
use cinder_vm::types::text_builder::TextBuilder;
use cinder_vm::{PyResult, Value, Vm};

/// ASCII characters that stand for themselves between quotes; 127 only when others than ASCII may be written.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut c = 0x20;
    while c < 0x80 {
        plain[c] = c != b'"' as usize && c != b'\\' as usize;
        c += 1;
    }
    plain
};

/// Whether the text stands for itself between quotes.
fn is_plain(text: &PyStr, ascii_only: bool) -> bool {
    match text.as_ascii() {
        Some(text) => text.bytes().all(|c| PLAIN[usize::from(c)] && (c != 0x7f || !ascii_only)),
        None => !ascii_only && text.iter().all(|c| c >= 0x20 && c != u32::from(b'"') && c != u32::from(b'\\')),
    }
}

/// Where characters go: code points, or bytes when all are ASCII.
trait Unit: Copy {
    fn of(c: u32) -> Self;
}

impl Unit for u32 {
    fn of(c: u32) -> u32 {
        c
    }
}

impl Unit for u8 {
    fn of(c: u32) -> u8 {
        c as u8
    }
}

fn push_unit<U: Unit>(out: &mut Vec<U>, unit: u32) {
    let digit = |place: u32| U::of(u32::from(b"0123456789abcdef"[(unit >> (place * 4) & 15) as usize]));
    out.extend_from_slice(&[U::of(u32::from(b'\\')), U::of(u32::from(b'u')), digit(3), digit(2), digit(1), digit(0)]);
}

fn push_escaped<U: Unit>(out: &mut Vec<U>, c: u32, ascii_only: bool) {
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
        Some(short) => out.extend_from_slice(&[U::of(u32::from(b'\\')), U::of(u32::from(short))]),
        None if c < 0x20 || (ascii_only && c >= 0x7f) => {
            if c >= 0x10000 {
                push_unit(out, 0xd800 + ((c - 0x10000) >> 10));
                push_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
            } else {
                push_unit(out, c);
            }
        }
        None => out.push(U::of(c)),
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
        Some(ascii) if is_plain(text, ascii_only) => out.push_quoted(ascii),
        _ if ascii_only && let Some(out) = out.ascii_buffer() => {
            out.reserve(text.len() + 2);
            out.push(b'"');
            text.iter().for_each(|c| push_escaped(out, c, true));
            out.push(b'"');
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
