//! `complex` and text.

use super::Complex;
use crate::types::float::text as float_text;

/// A part without the `.0` of whole numbers.
fn part(x: f64) -> String {
    let text = float_text::repr(x);
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// The second part, with a sign always.
fn signed_part(x: f64) -> String {
    let text = part(x);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// `repr(complex)`.
pub(super) fn repr(number: Complex) -> String {
    if number.real == 0.0 && number.real.is_sign_positive() {
        format!("{}j", part(number.imag))
    } else {
        format!("({}{}j)", part(number.real), signed_part(number.imag))
    }
}

/// Parses `complex()`'s text; `None` when it is malformed.
pub(super) fn parse(text: &str) -> Option<Complex> {
    let text = float_text::trim_number(text);
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim_matches(|c: char| crate::types::str_::is_space(u32::from(c))),
        None => text,
    };
    let plain = plain_digits(text)?;
    let Some(body) = plain.strip_suffix(['j', 'J']) else {
        return Some(Complex { real: number(&plain)?, imag: 0.0 });
    };
    // The imaginary part begins at the last sign that is no exponent's.
    let bytes = body.as_bytes();
    let split =
        (1..bytes.len()).rev().find(|at| matches!(bytes[*at], b'+' | b'-') && !matches!(bytes[at - 1], b'e' | b'E'));
    let (real, imag) = match split {
        Some(at) => (number(&body[..at])?, &body[at..]),
        None => (0.0, body),
    };
    let imag = match imag {
        "" | "+" => 1.0,
        "-" => -1.0,
        other => number(other)?,
    };
    Some(Complex { real, imag })
}

/// Decimal digits of any script become ASCII.
fn plain_digits(text: &str) -> Option<String> {
    text.chars()
        .map(|c| {
            if c.is_ascii() { Some(c) } else { char::from_digit(crate::types::str_::decimal_digit(u32::from(c))?, 10) }
        })
        .collect()
}

/// One part: as `float()` takes it, without white space.
fn number(text: &str) -> Option<f64> {
    if text.contains(|c: char| c.is_ascii_whitespace() || c.is_ascii_control()) {
        None
    } else {
        float_text::parse(text)
    }
}
