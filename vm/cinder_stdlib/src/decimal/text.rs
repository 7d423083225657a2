//! Numbers as text.

use cinder_vm::{PyResult, Value, Vm};

use super::digits::Digits;
use super::number::{Decimal, Kind, own};

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
