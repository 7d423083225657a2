//! Arithmetic of `float`. Source: Objects/floatobject.c.

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_layout::Value;
use cinder_layout::power::pow;
use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};

use crate::native::PyResult;
use crate::types::int::arith::holds;
use crate::vm::Vm;

/// Number of a value known to be a float.
pub(super) fn own(vm: &Vm, value: Value) -> f64 {
    vm.float_value(value).expect("slot of float")
}

/// Both operands as floats; `None` when one is neither float nor int.
fn operands(vm: &Vm, a: Value, b: Value) -> PyResult<Option<(f64, f64)>> {
    let convert = |value: Value| match vm.float_value(value) {
        Some(number) => Ok(Some(number)),
        None if vm.is_int(value) => vm.int_to_float(value).map(Some),
        None => Ok(None),
    };
    Ok(convert(a)?.zip(convert(b)?))
}

macro_rules! arithmetic {
    ($($name:ident $op:tt),*) => {
        $(pub(super) fn $name(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
            match operands(vm, a, b)? {
                Some((x, y)) => vm.new_float(x $op y),
                None => Ok(Value::NOT_IMPLEMENTED),
            }
        })*
    };
}

arithmetic!(add +, subtract -, multiply *);

pub(super) fn true_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match operands(vm, a, b)? {
        Some((_, 0.0)) => Err(vm.zero_division_error("division by zero")),
        Some((x, y)) => vm.new_float(x / y),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Quotient and remainder of floor division; the remainder has the divisor's sign.
pub fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 {
        if (y < 0.0) != (rest < 0.0) {
            rest += y;
            quotient -= 1.0;
        }
    } else {
        rest = 0f64.copysign(y);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0f64.copysign(x / y)
    };
    (floor, rest)
}

pub(super) fn floor_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match operands(vm, a, b)? {
        Some((_, 0.0)) => Err(vm.zero_division_error("division by zero")),
        Some((x, y)) => vm.new_float(div_mod(x, y).0),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn remainder(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match operands(vm, a, b)? {
        Some((_, 0.0)) => Err(vm.zero_division_error("division by zero")),
        Some((x, y)) => vm.new_float(div_mod(x, y).1),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn divmod(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match operands(vm, a, b)? {
        Some((_, 0.0)) => Err(vm.zero_division_error("division by zero")),
        Some((x, y)) => {
            let (quotient, rest) = div_mod(x, y);
            let quotient = vm.new_float(quotient)?;
            vm.new_tuple(&[quotient, vm.new_float(rest)?])
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn power(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some((x, y)) = operands(vm, a, b)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if x == 0.0 && y < 0.0 {
        return Err(vm.zero_division_error("zero to a negative power"));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y != y.floor() {
        return vm.complex_power(x, y);
    }
    let result = pow(x, y);
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        let text = vm.new_str("Numerical result out of range")?;
        let error = vm.new_exception(vm.exceptions.OverflowError, &[vm.new_int(34)?, text])?;
        return Err(vm.raise(error));
    }
    vm.new_float(result)
}

/// Compares with floats and, exactly, with ints of any size.
pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let x = own(vm, a);
    let order = match vm.float_value(b) {
        Some(y) => x.partial_cmp(&y),
        None if vm.is_int(b) => compare_int(vm, x, b),
        None => return Ok(Value::NOT_IMPLEMENTED),
    };
    Ok(Value::from_bool(match order {
        Some(order) => holds(order, op),
        None => op == CompareOp::Ne,
    }))
}

fn compare_int(vm: &Vm, x: f64, b: Value) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    match vm.int_to_i64(b) {
        Some(number) if number.unsigned_abs() <= 1 << 53 => x.partial_cmp(&(number as f64)),
        _ => {
            let whole = BigInt::from_f64(x.trunc())?;
            let number = vm.int_to_big(b)?;
            Some(whole.cmp(&number).then_with(|| x.fract().partial_cmp(&0.0).unwrap_or(Ordering::Equal)))
        }
    }
}

/// Equal to `hash(int)` for whole numbers; NaN hashes by identity. Source: Python/pyhash.c `_Py_HashDouble`.
pub(super) fn hash(vm: &Vm, value: Value) -> i64 {
    let number = own(vm, value);
    if number.is_nan() { vm.identity_hash(value) } else { hash_f64(number) }
}

/// Hash of a number that is not NaN.
pub fn hash_f64(number: f64) -> i64 {
    const BITS: i32 = 61;
    const MODULUS: u64 = (1 << 61) - 1;
    if number.is_infinite() {
        return if number > 0.0 { 314_159 } else { -314_159 };
    }
    let (mut mantissa, mut exponent) = frexp(number.abs());
    let mut hash: u64 = 0;
    while mantissa != 0.0 {
        hash = ((hash << 28) & MODULUS) | hash >> (BITS - 28);
        mantissa *= 268_435_456.0;
        exponent -= 28;
        let digit = mantissa as u64;
        mantissa -= digit as f64;
        hash += digit;
        if hash >= MODULUS {
            hash -= MODULUS;
        }
    }
    let exponent = exponent.rem_euclid(BITS);
    hash = ((hash << exponent) & MODULUS) | hash >> (BITS - exponent);
    let hash = if number < 0.0 { -(hash as i64) } else { hash as i64 };
    if hash == -1 { -2 } else { hash }
}

/// Mantissa in [0.5, 1) and exponent.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let bits = x.to_bits();
    match (bits >> 52 & 0x7ff) as i32 {
        0 => {
            let (mantissa, exponent) = frexp(x * 18_446_744_073_709_551_616.0);
            (mantissa, exponent - 64)
        }
        exponent => (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent - 1022),
    }
}

impl Vm {
    /// `int(float)`: truncation.
    pub fn float_to_int(&self, number: f64) -> PyResult<Value> {
        if number.is_nan() {
            return Err(self.value_error("cannot convert float NaN to integer"));
        }
        if number.is_infinite() {
            return Err(self.overflow_error("cannot convert float infinity to integer"));
        }
        match number.trunc().to_i64() {
            Some(whole) => self.new_int(whole),
            None => self.new_bigint(BigInt::from_f64(number.trunc()).expect("a finite number")),
        }
    }
}
