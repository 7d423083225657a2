//! `float` and text: shortest repr, parsing, hexadecimal form.

use crate::native::PyResult;
use crate::vm::Vm;

/// `repr(float)`: the shortest digits that read back as the same number.
pub fn repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let (digits, exponent) = shortest(number.abs());
    let sign = if number.is_sign_negative() { "-" } else { "" };
    format!("{sign}{}", lay_out(&digits, exponent))
}

/// Shortest digits and the decimal exponent: `d.ddd * 10^exponent`.
pub fn shortest(number: f64) -> (String, i32) {
    let split = |text: &str| {
        let (mantissa, exponent) = text.split_once('e').expect("LowerExp writes an exponent");
        (mantissa.replace('.', ""), exponent.parse().expect("LowerExp writes a number"))
    };
    let (digits, exponent) = split(&format!("{number:e}"));
    // Between two candidates of equal length at equal distance the even one is due. That needs sixteen digits.
    if digits.len() >= 16 {
        let even = format!("{number:.*e}", digits.len() - 1);
        if even.parse() == Ok(number) {
            return split(&even);
        }
    }
    (digits, exponent)
}

/// Python's choice: plain between 1e-4 and 1e16, with exponent outside.
fn lay_out(digits: &str, exponent: i32) -> String {
    if !(-4..16).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}{point}{rest}e{sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        format!("{digits}{}.0", "0".repeat(whole - digits.len()))
    } else {
        format!("{}.{}", &digits[..whole], &digits[whole..])
    }
}

/// Text of a number without the white space around it: of ASCII text only what C calls white space.
pub(crate) fn trim_number(text: &str) -> &str {
    if text.is_ascii() {
        text.trim_matches(|c: char| matches!(c, '\t'..='\r' | ' '))
    } else {
        text.trim_matches(|c: char| crate::types::str_::is_space(u32::from(c)))
    }
}

/// Parses `float()`'s text: white space around, underscores between digits, inf and nan.
pub fn parse(text: &str) -> Option<f64> {
    let text = trim_number(text);
    let mut plain = String::with_capacity(text.len());
    let mut last = '\0';
    for c in text.chars() {
        let c = match c {
            '_' => {
                if !last.is_ascii_digit() {
                    return None;
                }
                last = '_';
                continue;
            }
            c if c.is_ascii() => c,
            c => char::from_digit(crate::types::str_::decimal_digit(u32::from(c))?, 10)?,
        };
        if last == '_' && !c.is_ascii_digit() {
            return None;
        }
        plain.push(c);
        last = c;
    }
    if last == '_' {
        return None;
    }
    let lower = plain.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let sign_len = plain.len() - lower.len();
    if sign_len > 1 {
        return None;
    }
    let negative = plain.starts_with('-');
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        other => {
            // Rust also takes "inf" and "nan" spellings; anything but digits, point and exponent is wrong here.
            if !other.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-')) {
                return None;
            }
            other.parse().ok()?
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// `float.hex()`.
pub(super) fn hex(number: f64) -> String {
    if !number.is_finite() {
        return repr(number);
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = number.to_bits();
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
    let (lead, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    format!("{sign}0x{lead}.{mantissa:013x}p{exponent:+}")
}

/// `float.fromhex()`; `Err(true)` is an overflow, `Err(false)` bad text.
pub(super) fn from_hex(text: &str) -> Result<f64, bool> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b').to_ascii_lowercase();
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, &text[..]),
    };
    let signed = |x: f64| if negative { -x } else { x };
    match body {
        "inf" | "infinity" => return Ok(signed(f64::INFINITY)),
        "nan" => return Ok(signed(f64::NAN)),
        _ => {}
    }
    let body = body.strip_prefix("0x").unwrap_or(body);
    let (digits, exponent) = match body.split_once('p') {
        Some((digits, exponent)) => {
            let plain = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
                return Err(false);
            }
            (
                digits,
                exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 }),
            )
        }
        None => (body, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(false);
    }
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(signed(0.0));
    }
    // Sixteen digits and a sticky bit decide the rounding.
    let mut mantissa: u128 = 0;
    let (head, tail) = significant.split_at(significant.len().min(28));
    for digit in head.chars() {
        mantissa = mantissa << 4 | u128::from(digit.to_digit(16).expect("a hexadecimal digit"));
    }
    if tail.bytes().any(|b| b != b'0') {
        mantissa |= 1;
    }
    let exponent = exponent.saturating_add(4 * (tail.len() as i64 - fraction.len() as i64));
    scale(mantissa, exponent).map(signed).ok_or(true)
}

/// `mantissa * 2^exponent` rounded half to even, `None` on overflow.
fn scale(mantissa: u128, exponent: i64) -> Option<f64> {
    let bits = 128 - i64::from(mantissa.leading_zeros());
    let top = bits.saturating_add(exponent);
    if top > 1024 {
        return None;
    }
    if top < -1080 {
        return Some(0.0);
    }
    let keep = 53.min(top + 1074).max(0);
    let cut = bits - keep;
    let (mut kept, shift) = if cut <= 0 {
        (mantissa, exponent)
    } else {
        let kept = if cut >= 128 { 0 } else { mantissa >> cut };
        let half = mantissa >> (cut - 1) & 1 == 1;
        let below = mantissa & ((1u128 << (cut - 1)) - 1) != 0;
        (if half && (below || kept & 1 == 1) { kept + 1 } else { kept }, exponent + cut)
    };
    let mut power = shift;
    // Keeps each step exact: 2^power may be subnormal while the product is not.
    while power < -1000 && kept & 1 == 0 && kept != 0 {
        kept >>= 1;
        power += 1;
    }
    let result = if power < -1000 {
        kept as f64 * 2f64.powi(-1000) * 2f64.powi((power + 1000) as i32)
    } else {
        kept as f64 * 2f64.powi(power as i32)
    };
    if result.is_infinite() { None } else { Some(result) }
}

impl Vm {
    /// `float(text)`. Errors: ValueError `could not convert string to float: '..'`.
    pub fn parse_float(&self, text: &str, shown: impl FnOnce() -> PyResult<String>) -> PyResult<f64> {
        match parse(text) {
            Some(number) => Ok(number),
            None => {
                let shown = shown()?;
                Err(self.value_error(format!("could not convert string to float: {shown}")))
            }
        }
    }
}
