//! Quoted-printable of RFC 2045 and its header form.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::ascii_input;
use crate::args::flag;

const MAX_LINE: usize = 76;

pub(super) fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let data = ascii_input(vm, args.at(0))?;
    let header = flag(vm, args.opt(1), false)?;
    let mut bytes = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        match data[at] {
            b'=' => {
                at += 1;
                let digit = |index: usize| data.get(index).and_then(|c| char::from(*c).to_digit(16));
                match data.get(at) {
                    None => break,
                    // A soft line break: everything up to the end of the line goes.
                    Some(b'\n' | b'\r') => {
                        while at < data.len() && data[at] != b'\n' {
                            at += 1;
                        }
                        at += usize::from(at < data.len());
                    }
                    Some(b'=') => {
                        bytes.push(b'=');
                        at += 1;
                    }
                    Some(_) => match (digit(at), digit(at + 1)) {
                        (Some(high), Some(low)) => {
                            bytes.push((high << 4 | low) as u8);
                            at += 2;
                        }
                        _ => bytes.push(b'='),
                    },
                }
            }
            b'_' if header => {
                bytes.push(b' ');
                at += 1;
            }
            c => {
                bytes.push(c);
                at += 1;
            }
        }
    }
    vm.new_bytes(&bytes)
}

/// Settings of an encoding.
struct Style {
    quote_tabs: bool,
    is_text: bool,
    header: bool,
}

impl Style {
    /// Whether byte `at` must be written as `=XX`; `line_len` is the length of the line so far.
    fn needs_quoting(&self, data: &[u8], at: usize, line_len: usize) -> bool {
        let c = data[at];
        let next = data.get(at + 1).copied();
        let ends_line = matches!(next, Some(b'\n')) || (next == Some(b'\r') && data.get(at + 2) == Some(&b'\n'));
        c > 126
            || c == b'='
            || (self.header && c == b'_')
            || (c == b'.' && line_len == 0 && (next.is_none() || ends_line || next == Some(b'\r') || next == Some(0)))
            || (!self.is_text && matches!(c, b'\r' | b'\n'))
            || (matches!(c, b'\t' | b' ') && next.is_none())
            || (c < 33 && !matches!(c, b'\r' | b'\n' | b'\t' | b' '))
            || (c < 33 && !matches!(c, b'\r' | b'\n') && self.quote_tabs)
            || (c < 33 && matches!(c, b'\r' | b'\n') && !self.is_text)
    }
}

fn push_quoted(text: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.extend([b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

fn write(data: &[u8], style: &Style) -> Vec<u8> {
    // The first line end of the input decides which one is written.
    let crlf = data.iter().position(|c| *c == b'\n').is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let line_end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut text = Vec::with_capacity(data.len() + data.len() / 8);
    let (mut at, mut line_len) = (0, 0);
    while at < data.len() {
        let c = data[at];
        if style.needs_quoting(data, at, line_len) {
            if line_len + 3 >= MAX_LINE {
                text.push(b'=');
                text.extend(line_end);
                line_len = 0;
            }
            push_quoted(&mut text, c);
            at += 1;
            line_len += 3;
            continue;
        }
        let is_crlf = c == b'\r' && data.get(at + 1) == Some(&b'\n');
        if style.is_text && (c == b'\n' || is_crlf) {
            line_len = 0;
            // A blank before the end of a line would be lost on the way.
            if let Some(last @ (b' ' | b'\t')) = text.last().copied() {
                text.pop();
                push_quoted(&mut text, last);
            }
            text.extend(line_end);
            at += if is_crlf { 2 } else { 1 };
            continue;
        }
        let next = data.get(at + 1).copied();
        if next.is_some() && next != Some(b'\n') && line_len + 1 >= MAX_LINE {
            text.push(b'=');
            text.extend(line_end);
            line_len = 0;
        }
        line_len += 1;
        text.push(if style.header && c == b' ' { b'_' } else { c });
        at += 1;
    }
    text
}

pub(super) fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let style = Style {
        quote_tabs: flag(vm, args.opt(1), false)?,
        is_text: flag(vm, args.opt(2), true)?,
        header: flag(vm, args.opt(3), false)?,
    };
    let text = vm.with_bytes(args.at(0), |data| write(data, &style))?;
    vm.new_bytes(&text)
}
