//! Floats as text by style and precision.

use super::Spec;
use crate::types::float::text;

/// Presentation of a float.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatStyle {
    /// `e`.
    Exponent,
    /// `f`.
    Fixed,
    /// `g`: significant digits, trailing zeros removed unless alternate.
    General,
    /// No code: as `repr`, or as `g` with at least one digit after the point.
    Plain,
}

/// Text of a float with sign `-` when negative, upper case on request.
pub fn float_text(number: f64, style: FloatStyle, precision: Option<usize>, alternate: bool, upper: bool) -> String {
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        let sign = if number.is_sign_negative() { "-" } else { "" };
        format!("{sign}{}", finite(number.abs(), style, precision, alternate))
    };
    if upper { text.to_ascii_uppercase() } else { text }
}

fn finite(number: f64, style: FloatStyle, precision: Option<usize>, alternate: bool) -> String {
    match style {
        FloatStyle::Fixed => {
            let digits = precision.unwrap_or(6);
            let point = if alternate && digits == 0 { "." } else { "" };
            decimals(number, digits) + point
        }
        FloatStyle::Exponent => exponent_form(number, precision.unwrap_or(6), alternate),
        FloatStyle::General => general(number, precision.unwrap_or(6).max(1), alternate, false),
        FloatStyle::Plain => match precision {
            None => text::repr(number),
            Some(precision) => general(number, precision.max(1), alternate, true),
        },
    }
}

fn exponent_form(number: f64, digits: usize, alternate: bool) -> String {
    let (mantissa, exponent) = scientific(number, digits);
    let point = if alternate && digits == 0 { "." } else { "" };
    format!("{mantissa}{point}{}", exponent_text(exponent))
}

/// No double has more digits after the point than this; those behind it are zeros, and the formatter of the standard library
/// takes no more than 16 bits of precision.
const MAX_DECIMALS: usize = 1074;

/// A finite number with so many digits after the point, correctly rounded.
pub(crate) fn decimals(number: f64, digits: usize) -> String {
    let exact = digits.min(MAX_DECIMALS);
    format!("{number:.exact$}") + &"0".repeat(digits - exact)
}

/// Mantissa with so many digits after the point, correctly rounded, and exponent of a finite number.
fn scientific(number: f64, digits: usize) -> (String, i32) {
    let exact = digits.min(MAX_DECIMALS);
    let text = format!("{number:.exact$e}");
    let (mantissa, exponent) = text.split_once('e').expect("LowerExp writes an exponent");
    (mantissa.to_owned() + &"0".repeat(digits - exact), exponent.parse().expect("a number"))
}

fn exponent_text(exponent: i32) -> String {
    format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `precision` significant digits. `plain` keeps one digit after the point.
fn general(number: f64, precision: usize, alternate: bool, plain: bool) -> String {
    let (mantissa, exponent) = scientific(number, precision - 1);
    let limit = (precision - usize::from(plain)).min(i32::MAX as usize) as i32;
    let small = exponent < -4;
    if small || exponent >= limit {
        let mantissa = if alternate { with_point(&mantissa) } else { trimmed(&mantissa) };
        return format!("{mantissa}{}", exponent_text(exponent));
    }
    let fixed = decimals(number, (precision as i64 - 1 - i64::from(exponent)).max(0) as usize);
    if alternate {
        return with_point(&fixed);
    }
    let fixed = trimmed(&fixed);
    if plain && !fixed.contains('.') { format!("{fixed}.0") } else { fixed }
}

fn with_point(text: &str) -> String {
    if text.contains('.') { text.to_owned() } else { format!("{text}.") }
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// Text of a float by a specification, unpadded and ungrouped.
///
/// Errors: text of the ValueError.
pub(super) fn formatted(number: f64, spec: &Spec) -> Result<String, String> {
    if spec.precision.is_some_and(|precision| precision > i32::MAX as usize - 1) {
        return Err("precision too big".to_owned());
    }
    let (style, number, percent) = match spec.code {
        None => (FloatStyle::Plain, number, false),
        Some('e' | 'E') => (FloatStyle::Exponent, number, false),
        Some('f' | 'F') => (FloatStyle::Fixed, number, false),
        Some('%') => (FloatStyle::Fixed, number * 100.0, true),
        _ => (FloatStyle::General, number, false),
    };
    let upper = matches!(spec.code, Some('E' | 'F' | 'G'));
    let text = float_text(number, style, spec.precision, spec.alternate, upper);
    Ok(if percent { text + "%" } else { text })
}
