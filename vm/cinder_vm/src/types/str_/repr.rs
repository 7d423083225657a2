//! `repr` and `ascii` of text.

use super::PyStr;
use super::unicode::is_printable;

/// `repr(text)`: quotes, escapes; printable characters as they are.
pub(crate) fn repr(text: &PyStr, ascii_only: bool) -> Vec<u32> {
    let (mut single, mut double) = (false, false);
    for c in text.iter() {
        single |= c == u32::from('\'');
        double |= c == u32::from('"');
    }
    let quote = if single && !double { u32::from('"') } else { u32::from('\'') };
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.iter() {
        escape(c, quote, ascii_only, &mut out);
    }
    out.push(quote);
    out
}

fn escape(c: u32, quote: u32, ascii_only: bool, out: &mut Vec<u32>) {
    let mut push = |text: &str| out.extend(text.chars().map(u32::from));
    match c {
        0x5c => push("\\\\"),
        0x09 => push("\\t"),
        0x0a => push("\\n"),
        0x0d => push("\\r"),
        _ if c == quote => {
            push("\\");
            out.push(c);
        }
        0x20..=0x7e => out.push(c),
        0..=0xff if ascii_only || c < 0x20 || c == 0x7f || !is_printable(c) => push(&format!("\\x{c:02x}")),
        _ if !ascii_only && is_printable(c) => out.push(c),
        0..=0xffff => push(&format!("\\u{c:04x}")),
        _ => push(&format!("\\U{c:08x}")),
    }
}
