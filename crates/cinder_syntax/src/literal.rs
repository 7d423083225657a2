//! Values of literals that the tree cannot hold.
//!
//! Problem: a Python string may hold lone surrogates (`"\ud800"`); the tree stores strings as UTF-8, which cannot, and has
//! U+FFFD in their place. And Python reads `\r\n` in a text as `\n`, also inside literals; the tree keeps the bytes.
//! Idea: surrogates are read again from the source, only for literals that show U+FFFD. Line ends are made plain before
//! parsing by whoever compiles, which moves no line and no column.

use std::borrow::Cow;

use cinder_text::{TextRange, slice};
use ruff_python_ast::str_prefix::StringLiteralPrefix;
use ruff_python_ast::{InterpolatedStringLiteralElement, StringFlags, StringLiteral};

/// The code points of `literal` when it holds surrogates; `None` when `literal.value` is exact.
pub fn string_code_points(source: &str, literal: &StringLiteral) -> Option<Vec<u32>> {
    let body = literal.range.add_start(literal.flags.opener_len()).sub_end(literal.flags.closer_len());
    let is_raw = matches!(literal.flags.prefix(), StringLiteralPrefix::Raw { .. });
    code_points(source, body, &literal.value, is_raw)
}

/// As [`string_code_points`], for the text between the fields of an f-string or t-string.
pub fn interpolated_code_points(
    source: &str,
    element: &InterpolatedStringLiteralElement,
    is_raw: bool,
) -> Option<Vec<u32>> {
    code_points(source, element.range, &element.value, is_raw)
}

fn code_points(source: &str, body: TextRange, value: &str, is_raw: bool) -> Option<Vec<u32>> {
    if is_raw || !value.contains('\u{fffd}') {
        return None;
    }
    let stand_ins = stand_ins(slice(source, body));
    if stand_ins.iter().all(|&code| code == 0xfffd) {
        return None;
    }
    let mut stand_ins = stand_ins.into_iter();
    let resolve = |character| match character {
        '\u{fffd}' => stand_ins.next().unwrap_or(0xfffd),
        _ => u32::from(character),
    };
    Some(value.chars().map(resolve).collect())
}

/// What each U+FFFD of a literal's value stands for, in order.
fn stand_ins(body: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find(['\\', '\u{fffd}']) {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\u{fffd}') {
            found.push(0xfffd);
            rest = after;
            continue;
        }
        let escape = &rest[1..];
        let digits = match escape.as_bytes().first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'N') if escape.starts_with("N{REPLACEMENT CHARACTER}") => {
                found.push(0xfffd);
                0
            }
            _ => 0,
        };
        let code = escape.get(1..=digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(code @ (0xd800..=0xdfff | 0xfffd)) = code {
            found.push(code);
        }
        // Step over the escape's letter, so that an escaped backslash starts no escape.
        let letter_bytes = escape.chars().next().map_or(0, char::len_utf8);
        rest = &escape[letter_bytes..];
    }
    found
}

/// `text` with `\r\n` and `\r` as `\n`, as Python's tokenizer sees it. Lines and columns stay what they are.
pub fn normalize_newlines(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}
