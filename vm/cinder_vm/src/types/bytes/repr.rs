//! The literal form of bytes.

/// `b'..'` that reads back as `content`. `escape_single` escapes `'` between double quotes too, as bytearray does.
pub(crate) fn literal(content: &[u8], escape_single: bool) -> String {
    let quote = if content.contains(&b'\'') && !content.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = String::with_capacity(content.len() + 3);
    out.push('b');
    out.push(char::from(quote));
    for &byte in content {
        match byte {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            b'\'' if escape_single => out.push_str("\\'"),
            _ if byte == quote => out.extend(['\\', char::from(quote)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                out.push_str("\\x");
                push_hex(byte, &mut out);
            }
        }
    }
    out.push(char::from(quote));
    out
}

/// Two lower-case hexadecimal digits.
pub(super) fn push_hex(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}
