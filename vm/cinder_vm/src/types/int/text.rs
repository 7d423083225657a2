//! `int` and text: parsing literals, decimal and other bases, and the digit limit.

use cinder_layout::Value;
use num_bigint::BigInt;

use crate::native::PyResult;
use crate::vm::Vm;

/// `sys.int_info.default_max_str_digits`.
pub const DEFAULT_MAX_DIGITS: usize = 4300;

/// Decimal text of a machine number, at the end of `buffer`.
pub(crate) fn small(number: i64, buffer: &mut [u8; 20]) -> &str {
    let (mut rest, mut at) = (number.unsigned_abs(), buffer.len());
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    std::str::from_utf8(&buffer[at..]).expect("digits are ASCII")
}

impl Vm {
    /// Decimal text of an int.
    ///
    /// Errors: ValueError beyond the digit limit (`sys.set_int_max_str_digits`).
    pub fn int_text(&self, value: Value) -> PyResult<String> {
        if let Some(number) = self.int_to_i64(value) {
            return Ok(number.to_string());
        }
        let number = self.int_to_big(value).expect("caller checked that this is an int");
        let limit = self.max_str_digits.get();
        if limit > 0 && number.bits() as f64 * std::f64::consts::LOG10_2 >= limit as f64 - 1.0 {
            let text = number.magnitude().to_string();
            if text.len() > limit {
                return Err(self.value_error(format!(
                    "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit"
                )));
            }
        }
        Ok(number.to_string())
    }

    /// Text of an int in base 2, 8, 10 or 16, lower case, without prefix, with sign.
    pub fn int_radix(&self, value: Value, radix: u32) -> PyResult<String> {
        if radix == 10 {
            return self.int_text(value);
        }
        Ok(self.int_to_big(value).expect("caller checked that this is an int").to_str_radix(radix))
    }

    /// `int(text, base)`; `shown` makes the repr for the error.
    pub fn parse_int(&self, text: &str, base: u32, shown: impl FnOnce() -> PyResult<String>) -> PyResult<Value> {
        match parse(text, base, self.max_str_digits.get()) {
            Ok(number) => self.new_bigint(number),
            Err(ParseError::TooLong(digits)) => {
                let limit = self.max_str_digits.get();
                Err(self.value_error(format!(
                    "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
                )))
            }
            Err(ParseError::Invalid) => {
                let shown: String = shown()?.chars().take(200).collect();
                Err(self.value_error(format!("invalid literal for int() with base {base}: {shown}")))
            }
        }
    }
}

enum ParseError {
    Invalid,
    TooLong(usize),
}

/// Parses with Python's rules: white space around, sign, base prefix, single underscores between digits, any decimal digits.
fn parse(text: &str, base: u32, limit: usize) -> Result<BigInt, ParseError> {
    let text = crate::types::float::text::trim_number(text);
    let (negative, mut digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut radix = base;
    let prefix = digits.get(..2).map(str::to_ascii_lowercase);
    let prefixed = match prefix.as_deref() {
        Some("0x") => Some(16),
        Some("0o") => Some(8),
        Some("0b") => Some(2),
        _ => None,
    };
    if let Some(found) = prefixed
        && (base == 0 || base == found)
    {
        radix = found;
        digits = &digits[2..];
        digits = digits.strip_prefix('_').unwrap_or(digits);
    } else if base == 0 {
        radix = 10;
        // "00" is zero, "01" is an error.
        let bare: String = digits.chars().filter(|c| *c != '_').collect();
        if bare.len() > 1 && bare.starts_with('0') && bare.chars().any(|c| c != '0') {
            return Err(ParseError::Invalid);
        }
    }
    if digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return Err(ParseError::Invalid);
    }
    let mut plain = String::with_capacity(digits.len());
    for c in digits.chars().filter(|c| *c != '_') {
        let digit = match c.to_digit(36) {
            Some(digit) => digit,
            None => crate::types::str_::decimal_digit(u32::from(c)).ok_or(ParseError::Invalid)?,
        };
        if digit >= radix {
            return Err(ParseError::Invalid);
        }
        plain.push(char::from_digit(digit, 36).expect("below 36"));
    }
    if !radix.is_power_of_two() && limit > 0 && plain.len() > limit {
        return Err(ParseError::TooLong(plain.len()));
    }
    let number = BigInt::parse_bytes(plain.as_bytes(), radix).ok_or(ParseError::Invalid)?;
    Ok(if negative { -number } else { number })
}
