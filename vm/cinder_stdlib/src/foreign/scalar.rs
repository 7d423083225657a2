//! C's numbers in memory.
//!
//! A code is a letter of `ctypes` (`i`, `d`, `c` ...), after `>` for the other byte order. Pointers are numbers here.

use cinder_vm::{PyResult, Value, Vm};
use num_traits::ToPrimitive;

/// A number's type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    letter: u8,
    is_swapped: bool,
}

impl Code {
    /// Errors: ValueError for texts that are no code.
    pub(super) fn parse(vm: &Vm, value: Value) -> PyResult<Code> {
        let text = vm.as_str(value);
        let code = match text.as_ref().and_then(|text| text.as_ascii()).unwrap_or("").as_bytes() {
            [b'>', letter] => Code { letter: *letter, is_swapped: true },
            [letter] => Code { letter: *letter, is_swapped: false },
            _ => Code { letter: 0, is_swapped: false },
        };
        if code.size() == 0 { Err(vm.value_error("unknown type code")) } else { Ok(code) }
    }

    pub(super) fn letter(self) -> u8 {
        self.letter
    }

    /// Bytes; 0 for what is no code.
    pub(super) fn size(self) -> usize {
        match self.letter {
            b'b' | b'B' | b'c' | b'?' => 1,
            b'h' | b'H' | b'v' => 2,
            b'i' | b'I' | b'f' | b'u' => 4,
            b'l' | b'L' | b'q' | b'Q' | b'd' | b'P' | b'z' | b'Z' | b'O' => 8,
            b'g' => 16,
            _ => 0,
        }
    }

    fn is_signed(self) -> bool {
        matches!(self.letter, b'b' | b'h' | b'i' | b'l' | b'q')
    }
}

/// The number modulo `2^64`.
///
/// Runs Python: `__index__`. Errors: TypeError.
pub(super) fn unsigned(vm: &Vm, value: Value) -> PyResult<u64> {
    let number = vm.index(value)?;
    if let Some(number) = vm.int_to_i64(number) {
        return Ok(number as u64);
    }
    let big = vm.int_to_big(number).expect("index gives an int");
    let mask = num_bigint::BigInt::from(u64::MAX);
    Ok((big & mask).to_u64().expect("masked"))
}

/// Errors: ValueError for numbers that are no code point.
pub(super) fn check_point(vm: &Vm, point: u32) -> PyResult<()> {
    if point > 0x10_ffff {
        return Err(vm.value_error(format!("character U+{point:x} is not in range [U+0000; U+10ffff]")));
    }
    Ok(())
}

/// The number at a place, as an object.
///
/// # Safety
/// As many bytes as the code has can be read there.
pub(super) unsafe fn read(vm: &Vm, place: *const u8, code: Code) -> PyResult<Value> {
    let size = code.size();
    let mut bytes = [0u8; 16];
    // SAFETY: contract; no code has more than 16 bytes.
    unsafe { std::ptr::copy_nonoverlapping(place, bytes.as_mut_ptr(), size) };
    if code.is_swapped {
        bytes[..size].reverse();
    }
    let raw = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
    match code.letter {
        b'c' => vm.new_bytes(&bytes[..1]),
        b'?' | b'v' => Ok(Value::from_bool(raw != 0)),
        b'u' => {
            check_point(vm, raw as u32)?;
            vm.new_str_points(&[raw as u32])
        }
        b'f' => vm.new_float(f32::from_bits(raw as u32).into()),
        b'd' => vm.new_float(f64::from_bits(raw)),
        b'g' => vm.new_float(long_double_to_f64(u128::from_le_bytes(bytes))),
        _ if code.is_signed() => {
            let unused = 64 - 8 * size as u32;
            vm.new_int(((raw << unused) as i64) >> unused)
        }
        _ => match i64::try_from(raw) {
            Ok(number) => vm.new_int(number),
            Err(_) => vm.new_bigint(raw.into()),
        },
    }
}

/// The bytes of an object as a number of this type; those after [`Code::size`] are zero, or the sign's for integers.
///
/// Runs Python: `__index__`, `__float__`. Errors: TypeError; integers that do not fit are cut.
pub(super) fn to_bytes(vm: &Vm, value: Value, code: Code) -> PyResult<[u8; 16]> {
    let mut bytes = [0u8; 16];
    match code.letter {
        b'f' => bytes[..4].copy_from_slice(&(vm.float_argument(value)? as f32).to_le_bytes()),
        b'd' => bytes[..8].copy_from_slice(&vm.float_argument(value)?.to_le_bytes()),
        b'g' => bytes = f64_to_long_double(vm.float_argument(value)?).to_le_bytes(),
        b'?' => bytes[0] = vm.truthy(value)?.into(),
        b'v' => bytes[..2].copy_from_slice(&(if vm.truthy(value)? { u16::MAX } else { 0 }).to_le_bytes()),
        _ => {
            let raw = unsigned(vm, value)?;
            let unused = 64 - 8 * code.size() as u32;
            let raw =
                if code.is_signed() { ((raw << unused) as i64 >> unused) as u64 } else { raw << unused >> unused };
            bytes[..8].copy_from_slice(&raw.to_le_bytes());
        }
    }
    if code.is_swapped {
        bytes[..code.size()].reverse();
    }
    Ok(bytes)
}

/// Bits of the fraction of a long double, and whether the bit before the point is stored.
#[cfg(target_arch = "x86_64")]
const FRACTION: (u32, bool) = (63, true);
#[cfg(not(target_arch = "x86_64"))]
const FRACTION: (u32, bool) = (112, false);

/// The nearest double of a long double: the processor's 80 bits, or IEEE 754's 128.
fn long_double_to_f64(bits: u128) -> f64 {
    let (width, has_unit) = FRACTION;
    let at = width + u32::from(has_unit);
    let exponent = (bits >> at & 0x7fff) as i32;
    let is_negative = bits >> (at + 15) & 1 == 1;
    let fraction = bits & ((1 << width) - 1);
    let magnitude = match exponent {
        0x7fff if fraction == 0 => f64::INFINITY,
        0x7fff => f64::NAN,
        0 => 0.0,
        _ => {
            let mantissa = (1u128 << width | fraction) as f64;
            let scale = exponent - 16383 - width as i32;
            // In two steps: one alone may be too large or too small for a double.
            mantissa * 2f64.powi(scale / 2) * 2f64.powi(scale - scale / 2)
        }
    };
    if is_negative { -magnitude } else { magnitude }
}

/// A double as a long double, exactly.
fn f64_to_long_double(number: f64) -> u128 {
    let (width, has_unit) = FRACTION;
    let at = width + u32::from(has_unit);
    let bits = number.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let sign = u128::from(bits >> 63) << (at + 15);
    let (exponent, fraction) = match (exponent, fraction) {
        (0, 0) => return sign,
        (0x7ff, _) => (0x7fff, fraction),
        (0, _) => {
            // Subnormal for a double only.
            let shift = fraction.leading_zeros() - 11;
            (16383 - 1022 - shift as i32, fraction << shift & ((1 << 52) - 1))
        }
        _ => (exponent - 1023 + 16383, fraction),
    };
    let unit = if has_unit { 1u128 << width } else { 0 };
    sign | (exponent as u128) << at | unit | u128::from(fraction) << (width - 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_doubles_hold_every_double() {
        for number in [0.0, -0.0, 1.0, -1.5, 0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-310, f64::INFINITY] {
            assert_eq!(long_double_to_f64(f64_to_long_double(number)).to_bits(), number.to_bits(), "{number}");
        }
        assert!(long_double_to_f64(f64_to_long_double(f64::NAN)).is_nan());
    }
}
