//! Single values as bytes and back.

use cinder_vm::{PyResult, Value, Vm};
use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::error;
use super::format::Item;

/// The bits of an integer of `size` bytes.
fn integer(vm: &Vm, item: &Item, value: Value) -> PyResult<u64> {
    let code = char::from(item.code);
    let value = if vm.is_int(value) {
        value
    } else if vm.type_of(value).slots().index.is_some() {
        vm.index(value)?
    } else {
        return Err(error(vm, "required argument is not an integer"));
    };
    let bits = item.size * 8;
    let is_signed = item.code.is_ascii_lowercase();
    let number = vm.int_to_big(value).unwrap_or_default();
    if item.code == b'P' {
        let found = number.to_u64().or_else(|| number.to_i64().map(i64::cast_unsigned));
        return found.ok_or_else(|| error(vm, "int too large to convert"));
    }
    let (low, high) = if is_signed {
        (-(BigInt::from(1) << (bits - 1)), (BigInt::from(1) << (bits - 1)) - 1)
    } else {
        (BigInt::from(0), (BigInt::from(1) << bits) - 1)
    };
    if number < low || number > high {
        return Err(error(vm, &format!("'{code}' format requires {low} <= number <= {high}")));
    }
    Ok(number.to_u64().or_else(|| number.to_i64().map(i64::cast_unsigned)).unwrap_or_default())
}

/// [`integer`] with a short way for numbers that fit a machine word.
fn integer_bits(vm: &Vm, item: &Item, value: Value) -> PyResult<u64> {
    if value.is_int() && item.code != b'P' {
        let (number, bits) = (value.as_int(), item.size * 8);
        let fits = match item.code.is_ascii_lowercase() {
            true => bits == 64 || (number >= -(1 << (bits - 1)) && number < 1 << (bits - 1)),
            false => number >= 0 && (bits == 64 || number < 1 << bits),
        };
        if fits {
            return Ok(number.cast_unsigned());
        }
    }
    integer(vm, item, value)
}

fn float(vm: &Vm, value: Value) -> PyResult<f64> {
    if let Some(number) = vm.float_value(value) {
        return Ok(number);
    }
    match vm.float_argument(value) {
        Err(raised) if vm.pending_matches(vm.exceptions.TypeError) => {
            vm.take_exception(raised);
            Err(error(vm, "required argument is not a float"))
        }
        number => number,
    }
}

fn too_large(vm: &Vm, code: char) -> cinder_vm::Raised {
    vm.overflow_error(format!("float too large to pack with {code} format"))
}

fn single_bits(vm: &Vm, number: f64, code: char) -> PyResult<u32> {
    let single = number as f32;
    if single.is_infinite() && number.is_finite() {
        return Err(too_large(vm, code));
    }
    Ok(single.to_bits())
}

/// Half precision of a number; `None` when it is too large. Ties go to even.
fn half_bits(number: f64) -> Option<u16> {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = number.abs();
    if number.is_nan() {
        return Some(sign | 0x7e00);
    }
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Units in the last place are 2^-24 below 2^-14, and 2^(e-10) from 2^e on.
    let exponent =
        if magnitude < 2f64.powi(-14) { -14 } else { cinder_vm::types::float::arith::frexp(magnitude).1 - 1 };
    let scaled = magnitude * 2f64.powi(10 - exponent);
    let rounded = scaled.round_ties_even();
    let bits = (f64::from(exponent + 14) * 1024.0 + rounded) as u32;
    // Numbers below the normal range have exponent bits zero, which the hidden bit of others makes up for.
    if bits >= 0x7c00 { None } else { Some(sign | bits as u16) }
}

fn half_value(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// Copies the low bytes of `bits`, in the order asked for.
fn store(bits: u64, is_big: bool, target: &mut [u8]) {
    let len = target.len();
    target.copy_from_slice(&bits.to_le_bytes()[..len]);
    if is_big {
        target.reverse();
    }
}

fn load(is_big: bool, source: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..source.len()].copy_from_slice(source);
    if is_big {
        bytes[..source.len()].reverse();
    }
    u64::from_le_bytes(bytes)
}

/// Content of bytes or bytearray.
fn content(vm: &Vm, value: Value) -> Option<Vec<u8>> {
    let is_content = vm.as_bytes(value).is_some() || vm.is_instance(value, vm.types.bytearray);
    if is_content { vm.with_bytes(value, <[u8]>::to_vec).ok() } else { None }
}

/// Writes one value into its place.
pub(super) fn write(vm: &Vm, item: &Item, value: Value, is_big: bool, target: &mut [u8]) -> PyResult<()> {
    let bits = match item.code {
        b'c' => match content(vm, value).as_deref() {
            Some([byte]) if vm.as_bytes(value).is_some() => u64::from(*byte),
            _ => return Err(error(vm, "char format requires a bytes object of length 1")),
        },
        b'?' => u64::from(vm.truthy(value)?),
        b'e' => {
            let number = float(vm, value)?;
            u64::from(half_bits(number).ok_or_else(|| too_large(vm, 'e'))?)
        }
        b'f' => u64::from(single_bits(vm, float(vm, value)?, 'f')?),
        b'd' => float(vm, value)?.to_bits(),
        b'F' | b'D' => {
            let Some(number) = vm.to_complex(value)? else {
                return Err(error(vm, "required argument is not a complex"));
            };
            let half = target.len() / 2;
            for (part, target) in [number.real, number.imag].into_iter().zip(target.chunks_exact_mut(half)) {
                let bits = if half == 4 { u64::from(single_bits(vm, part, 'F')?) } else { part.to_bits() };
                store(bits, is_big, target);
            }
            return Ok(());
        }
        b's' | b'p' => {
            let code = char::from(item.code);
            let Some(bytes) = content(vm, value) else {
                return Err(error(vm, &format!("argument for '{code}' must be a bytes object")));
            };
            put_text(item.code, &bytes, target);
            return Ok(());
        }
        _ => integer_bits(vm, item, value)?,
    };
    store(bits, is_big, target);
    Ok(())
}

/// A string of fixed size, or one with its length in the first byte.
fn put_text(code: u8, bytes: &[u8], target: &mut [u8]) {
    if code == b's' {
        let len = bytes.len().min(target.len());
        target[..len].copy_from_slice(&bytes[..len]);
    } else if let Some((first, room)) = target.split_first_mut() {
        let len = bytes.len().min(room.len());
        room[..len].copy_from_slice(&bytes[..len]);
        *first = len.min(255) as u8;
    }
}

/// Reads one value from its place.
pub(super) fn read(vm: &Vm, item: &Item, is_big: bool, source: &[u8]) -> PyResult<Value> {
    match item.code {
        b's' => return vm.new_bytes(source),
        b'p' => {
            let Some((first, content)) = source.split_first() else { return vm.new_bytes(b"") };
            return vm.new_bytes(&content[..content.len().min(usize::from(*first))]);
        }
        b'F' | b'D' => {
            let part = |source: &[u8]| match source.len() {
                4 => f64::from(f32::from_bits(load(is_big, source) as u32)),
                _ => f64::from_bits(load(is_big, source)),
            };
            let (real, imag) = source.split_at(source.len() / 2);
            let number = cinder_vm::types::complex::Complex { real: part(real), imag: part(imag) };
            return vm.new_complex(number);
        }
        _ => {}
    }
    let bits = load(is_big, source);
    match item.code {
        b'c' => vm.new_bytes(source),
        b'?' => Ok(Value::from_bool(bits != 0)),
        b'e' => vm.new_float(half_value(bits as u16)),
        b'f' => vm.new_float(f64::from(f32::from_bits(bits as u32))),
        b'd' => vm.new_float(f64::from_bits(bits)),
        code if code.is_ascii_lowercase() => {
            let shift = 64 - item.size as u32 * 8;
            vm.new_int((bits << shift).cast_signed() >> shift)
        }
        _ => vm.new_uint(bits as usize),
    }
}
