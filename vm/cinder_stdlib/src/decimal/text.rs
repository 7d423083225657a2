//! Numbers as text.

use cinder_vm::{PyResult, Value, Vm};

use super::digits::Digits;
use super::number::{Decimal, Kind, PyNumber, own};

/// Reads a finite number in ASCII: sign, digits with a point, exponent. `None` for all else, mistakes included.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (number, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = if fraction.is_empty() {
        Digits::parse(whole)?
    } else {
        let mut all = String::with_capacity(whole.len() + fraction.len());
        all.push_str(whole);
        all.push_str(fraction);
        Digits::parse(&all)?
    };
    Some(Decimal::finite(sign, digits, exponent - fraction.len() as i64))
}

/// At most 15 digits, so that sums of exponents fit.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `str(number)`: scientific notation where the exponent asks for it.
pub(super) fn str(vm: &Vm, value: Value) -> PyResult<Value> {
    let this = own(vm, value);
    if let Some(text) = short_text(vm, &this) {
        return text;
    }
    let number = this.value(vm);
    if number.kind != Kind::Finite {
        return vm.call_method(value, vm.intern("_py_str"), &[]);
    }
    let digits = number.digits.text();
    let left = number.exponent + digits.len() as i64;
    if number.exponent > 0 || left <= -6 {
        // The letter of the exponent is the context's.
        return vm.call_method(value, vm.intern("_py_str"), &[]);
    }
    let mut text = String::with_capacity(digits.len() + 8);
    if number.sign {
        text.push('-');
    }
    match usize::try_from(left) {
        Ok(left) if left > 0 => {
            text.push_str(&digits[..left]);
            if left < digits.len() {
                text.push('.');
                text.push_str(&digits[left..]);
            }
        }
        _ => {
            text.push_str("0.");
            text.extend(std::iter::repeat_n('0', left.unsigned_abs() as usize));
            text.push_str(&digits);
        }
    }
    vm.new_str(&text)
}

/// Text of a number whose coefficient is a machine word, with a point among or directly before its digits, or none.
fn short_text(vm: &Vm, number: &PyNumber) -> Option<PyResult<Value>> {
    const LONGEST: usize = 32;
    let mut rest = u64::try_from(number.small_digits()?).ok()?;
    if number.kind != Kind::Finite || !(-20..=0).contains(&number.exponent) {
        return None;
    }
    let places = number.exponent.unsigned_abs() as usize;
    let (mut text, mut at, mut count) = ([0u8; LONGEST], LONGEST, 0);
    // From the last digit to the first, which stands before the point.
    while rest != 0 || count <= places {
        if count == places && places != 0 {
            at -= 1;
            text[at] = b'.';
        }
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
    }
    // Digits before the first one of the number make it small enough for an exponent.
    let own_digits = number.small_digits()?.checked_ilog10().unwrap_or(0) as usize + 1;
    if places + 1 > own_digits + 6 {
        return None;
    }
    if number.sign {
        at -= 1;
        text[at] = b'-';
    }
    Some(vm.new_str_latin1(&text[at..]))
}
