//! Numbers as Python computes them.

use std::cmp::Ordering;

use cinder_syntax::ast::{Operator, UnaryOp};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::value::Value;

pub(crate) enum Trouble {
    ZeroDivision(&'static str),
    Value(&'static str),
    Overflow(&'static str),
    TooLarge,
}

/// Numbers of more bits are refused before they are computed.
const MAX_BITS: u64 = 400_000;

fn to_big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(value) => Some(BigInt::from(*value)),
        Value::Bool(value) => Some(BigInt::from(u8::from(*value))),
        Value::Big(value) => Some((**value).clone()),
        _ => None,
    }
}

pub(crate) fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        Value::Int(value) => Some(*value as f64),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Big(value) => value.to_f64(),
        _ => None,
    }
}

fn to_complex(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Complex(real, imag) => Some((*real, *imag)),
        other => to_float(other).map(|real| (real, 0.0)),
    }
}

fn small(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        _ => None,
    }
}

/// The result of an operator on two numbers; `None` when one of them is no number.
pub(crate) fn binary(operator: Operator, left: &Value, right: &Value) -> Option<Result<Value, Trouble>> {
    if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
        match operator {
            Operator::BitAnd => return Some(Ok(Value::Bool(*a & *b))),
            Operator::BitOr => return Some(Ok(Value::Bool(*a | *b))),
            Operator::BitXor => return Some(Ok(Value::Bool(*a ^ *b))),
            _ => {}
        }
    }
    if let (Some(a), Some(b)) = (small(left), small(right)) {
        let quick = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Sub => a.checked_sub(b),
            Operator::Mult => a.checked_mul(b),
            Operator::BitAnd => Some(a & b),
            Operator::BitOr => Some(a | b),
            Operator::BitXor => Some(a ^ b),
            _ => None,
        };
        if let Some(value) = quick {
            return Some(Ok(Value::Int(value)));
        }
    }
    if let (Some(a), Some(b)) = (to_big(left), to_big(right)) {
        return integers(operator, &a, &b);
    }
    if let (Some(a), Some(b)) = (to_float(left), to_float(right)) {
        return floats(operator, a, b);
    }
    let (a, b) = (to_complex(left)?, to_complex(right)?);
    complexes(operator, a, b)
}

fn integers(operator: Operator, a: &BigInt, b: &BigInt) -> Option<Result<Value, Trouble>> {
    let zero = |message| Some(Err(Trouble::ZeroDivision(message)));
    let value = match operator {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult if a.bits() + b.bits() > MAX_BITS => return Some(Err(Trouble::TooLarge)),
        Operator::Mult => a * b,
        Operator::FloorDiv | Operator::Mod | Operator::Div if b.is_zero() => return zero("division by zero"),
        Operator::FloorDiv => a.div_floor(b),
        Operator::Mod => a.mod_floor(b),
        Operator::Div => {
            return Some(match (a.to_f64(), b.to_f64()) {
                (Some(x), Some(y)) if x.is_finite() && y.is_finite() => Ok(Value::Float(x / y)),
                _ => Err(Trouble::Overflow("integer division result too large for a float")),
            });
        }
        Operator::Pow => {
            if b.is_negative() {
                if a.is_zero() {
                    return zero("zero to a negative power");
                }
                return floats(Operator::Pow, a.to_f64()?, b.to_f64()?);
            }
            let exponent = b.to_u32();
            if a.is_zero() || a.magnitude().bits() <= 1 {
                // 0, 1 and -1 need no room.
                let is_even = b.is_even();
                let base = a.to_i64().unwrap_or(0);
                let value = match base {
                    _ if b.is_zero() => 1,
                    -1 if is_even => 1,
                    base => base,
                };
                return Some(Ok(Value::Int(value)));
            }
            match exponent {
                Some(exponent) if a.bits().saturating_mul(u64::from(exponent)) <= MAX_BITS => a.pow(exponent),
                _ => return Some(Err(Trouble::TooLarge)),
            }
        }
        Operator::LShift | Operator::RShift if b.is_negative() => {
            return Some(Err(Trouble::Value("negative shift count")));
        }
        Operator::LShift => match b.to_u64() {
            _ if a.is_zero() => BigInt::zero(),
            Some(places) if a.bits() + places <= MAX_BITS => a << places,
            _ => return Some(Err(Trouble::TooLarge)),
        },
        Operator::RShift => match b.to_u64() {
            Some(places) => a >> places,
            None if a.is_negative() => BigInt::from(-1),
            None => BigInt::zero(),
        },
        Operator::BitAnd => a & b,
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::MatMult => return None,
    };
    Some(Ok(Value::big(value)))
}

fn floats(operator: Operator, a: f64, b: f64) -> Option<Result<Value, Trouble>> {
    let value = match operator {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => {
            return Some(Err(Trouble::ZeroDivision("division by zero")));
        }
        Operator::Div => a / b,
        Operator::FloorDiv => {
            let rest = float_mod(a, b);
            let quotient = (a - rest) / b;
            let floor = quotient.floor();
            if quotient - floor > 0.5 { floor + 1.0 } else { floor }
        }
        Operator::Mod => float_mod(a, b),
        Operator::Pow if a == 0.0 && b < 0.0 => return Some(Err(Trouble::ZeroDivision("zero to a negative power"))),
        Operator::Pow => {
            let value = a.powf(b);
            if value.is_infinite() && a.is_finite() && b.is_finite() {
                return Some(Err(Trouble::Overflow("Result too large")));
            }
            if a < 0.0 && b.is_finite() && b.fract() != 0.0 {
                let (length, angle) = ((-a).powf(b), std::f64::consts::PI * b);
                return Some(Ok(Value::Complex(length * angle.cos(), length * angle.sin())));
            }
            value
        }
        _ => return None,
    };
    Some(Ok(Value::Float(value)))
}

fn float_mod(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        rest + b
    } else if rest == 0.0 {
        0.0f64.copysign(b)
    } else {
        rest
    }
}

fn complexes(operator: Operator, a: (f64, f64), b: (f64, f64)) -> Option<Result<Value, Trouble>> {
    let (real, imag) = match operator {
        Operator::Add => (a.0 + b.0, a.1 + b.1),
        Operator::Sub => (a.0 - b.0, a.1 - b.1),
        Operator::Mult => (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0),
        Operator::Div => {
            let norm = b.0 * b.0 + b.1 * b.1;
            if norm == 0.0 {
                return Some(Err(Trouble::ZeroDivision("complex division by zero")));
            }
            ((a.0 * b.0 + a.1 * b.1) / norm, (a.1 * b.0 - a.0 * b.1) / norm)
        }
        _ => return None,
    };
    Some(Ok(Value::Complex(real, imag)))
}

pub(crate) fn unary(operator: UnaryOp, value: &Value) -> Option<Value> {
    Some(match (operator, value) {
        (UnaryOp::USub, Value::Float(value)) => Value::Float(-value),
        (UnaryOp::UAdd, Value::Float(_)) => value.clone(),
        (UnaryOp::USub, Value::Complex(real, imag)) => Value::Complex(-real, -imag),
        (UnaryOp::UAdd, Value::Complex(..)) => value.clone(),
        (UnaryOp::USub, value) => Value::big(-to_big(value)?),
        (UnaryOp::UAdd, value) => Value::big(to_big(value)?),
        (UnaryOp::Invert, value) => Value::big(-to_big(value)? - 1),
        _ => return None,
    })
}

/// The order of two numbers: `None` for other values, `Some(None)` when there is none (NaN).
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    if let (Some(a), Some(b)) = (small(left), small(right)) {
        return Some(Some(a.cmp(&b)));
    }
    if let (Some(a), Some(b)) = (to_big(left), to_big(right)) {
        return Some(Some(a.cmp(&b)));
    }
    if let (Value::Complex(..), _) | (_, Value::Complex(..)) = (left, right) {
        let (a, b) = (to_complex(left)?, to_complex(right)?);
        return (a == b).then_some(Some(Ordering::Equal));
    }
    match (left, right) {
        (Value::Float(float), other) | (other, Value::Float(float)) if !matches!(other, Value::Float(_)) => {
            let integer = to_big(other)?;
            let order = if float.is_nan() {
                None
            } else if float.is_infinite() {
                Some(if *float > 0.0 { Ordering::Greater } else { Ordering::Less })
            } else {
                let floor = num_traits::FromPrimitive::from_f64(float.floor()).unwrap_or_else(BigInt::zero);
                Some(floor.cmp(&integer).then(if float.fract() != 0.0 { Ordering::Greater } else { Ordering::Equal }))
            };
            Some(if matches!(left, Value::Float(_)) { order } else { order.map(Ordering::reverse) })
        }
        (Value::Float(a), Value::Float(b)) => Some(a.partial_cmp(b)),
        _ => None,
    }
}

/// Start, stop and step of a slice made to fit a length. Source: `PySlice_AdjustIndices`.
pub(crate) fn slice_bounds(start: Option<i64>, stop: Option<i64>, step: i64, len: i64) -> (i64, i64) {
    let fit = |value: i64, low: i64, high: i64| {
        let value = if value < 0 { value.saturating_add(len) } else { value };
        value.clamp(low, high)
    };
    if step > 0 {
        (start.map_or(0, |at| fit(at, 0, len)), stop.map_or(len, |at| fit(at, 0, len)))
    } else {
        (start.map_or(len - 1, |at| fit(at, -1, len - 1)), stop.map_or(-1, |at| fit(at, -1, len - 1)))
    }
}

pub(crate) fn slice_indices(start: i64, stop: i64, step: i64) -> impl Iterator<Item = usize> {
    let mut at = start;
    std::iter::from_fn(move || {
        let is_inside = if step > 0 { at < stop } else { at > stop };
        if !is_inside {
            return None;
        }
        let here = at;
        at = at.saturating_add(step);
        usize::try_from(here).ok()
    })
}
