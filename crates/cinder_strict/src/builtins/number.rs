//! `int`, `float`, `complex`, `bool`.

use cinder_syntax::ast::{CmpOp, Operator, UnaryOp};
use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, Signed, Zero};

use super::{arity, known, method, plain, receiver, required};
use crate::machine::Machine;
use crate::number::{to_float, unary};
use crate::object::{Body, Ty};
use crate::value::{Args, Native, R, Value};

fn operate(m: &mut Machine<'_>, a: &Args, operator: Operator, is_reflected: bool) -> R {
    let (x, y) = (required(m, a, 0, "operator")?, required(m, a, 1, "operator")?);
    if y.is_unknown() {
        return m.unsupported_value(operator.as_str(), &y);
    }
    let is_number = |value: &Value| {
        matches!(value, Value::Int(_) | Value::Big(_) | Value::Bool(_) | Value::Float(_) | Value::Complex(..))
    };
    if !is_number(&m.plain(&y)) {
        return Ok(Value::NotImplemented);
    }
    if is_reflected { m.operator_method(operator, &y, &x, false) } else { m.operator_method(operator, &x, &y, false) }
}

macro_rules! operators {
    ($($name:literal $reflected:literal $operator:ident),*) => {
        &[
            $(
                method!($name, |m, a| operate(m, &a, Operator::$operator, false)),
                method!($reflected, |m, a| operate(m, &a, Operator::$operator, true)),
            )*
            method!("__rpow__", |m, a| operate(m, &a, Operator::Pow, true)),
            method!("__neg__", |m, a| sign(m, &a, UnaryOp::USub)),
            method!("__pos__", |m, a| sign(m, &a, UnaryOp::UAdd)),
            method!("__abs__", |m, a| {
                let x = receiver(m, &a, "abs")?;
                absolute(m, &x)
            }),
            method!("__bool__", |m, a| {
                let x = receiver(m, &a, "bool")?;
                let x = m.plain(&x);
                m.truth(&x).map(Value::Bool)
            }),
            method!("__lt__", |m, a| order(m, &a, CmpOp::Lt)),
            method!("__le__", |m, a| order(m, &a, CmpOp::LtE)),
            method!("__gt__", |m, a| order(m, &a, CmpOp::Gt)),
            method!("__ge__", |m, a| order(m, &a, CmpOp::GtE)),
            method!("__int__", |m, a| to_int(m, &a)),
            method!("__trunc__", |m, a| to_int(m, &a)),
            method!("__float__", |m, a| {
                let x = receiver(m, &a, "float")?;
                make_float(m, &m.plain(&x))
            }),
            method!("__divmod__", |m, a| {
                let (x, y) = (required(m, &a, 0, "divmod")?, required(m, &a, 1, "divmod")?);
                let quotient = m.operator_method(Operator::FloorDiv, &x, &y, false)?;
                if quotient == Value::NotImplemented {
                    return Ok(quotient);
                }
                let rest = m.operator_method(Operator::Mod, &x, &y, false)?;
                Ok(Value::tuple([quotient, rest]))
            }),
            method!("__rdivmod__", |m, a| {
                let (y, x) = (required(m, &a, 0, "divmod")?, required(m, &a, 1, "divmod")?);
                let quotient = m.operator_method(Operator::FloorDiv, &x, &y, false)?;
                let rest = m.operator_method(Operator::Mod, &x, &y, false)?;
                Ok(Value::tuple([quotient, rest]))
            }),
            method!("__round__", |m, a| {
                let (x, digits) = (receiver(m, &a, "round")?, a.pos.get(1).cloned());
                round(m, &x, digits)
            }),
            method!("conjugate", |m, a| {
                let x = receiver(m, &a, "conjugate")?;
                Ok(match m.plain(&x) {
                    Value::Complex(real, imag) => Value::Complex(real, -imag),
                    other => other,
                })
            }),
        ]
    };
}

pub(super) static NUMERIC: &[Native] = operators! {
    "__add__" "__radd__" Add, "__sub__" "__rsub__" Sub, "__mul__" "__rmul__" Mult, "__truediv__" "__rtruediv__" Div,
    "__floordiv__" "__rfloordiv__" FloorDiv, "__mod__" "__rmod__" Mod
};

pub(super) static BITS: &[Native] = &[
    method!("__and__", |m, a| operate(m, &a, Operator::BitAnd, false)),
    method!("__rand__", |m, a| operate(m, &a, Operator::BitAnd, true)),
    method!("__or__", |m, a| operate(m, &a, Operator::BitOr, false)),
    method!("__ror__", |m, a| operate(m, &a, Operator::BitOr, true)),
    method!("__xor__", |m, a| operate(m, &a, Operator::BitXor, false)),
    method!("__rxor__", |m, a| operate(m, &a, Operator::BitXor, true)),
    method!("__lshift__", |m, a| operate(m, &a, Operator::LShift, false)),
    method!("__rlshift__", |m, a| operate(m, &a, Operator::LShift, true)),
    method!("__rshift__", |m, a| operate(m, &a, Operator::RShift, false)),
    method!("__rrshift__", |m, a| operate(m, &a, Operator::RShift, true)),
    method!("__invert__", |m, a| sign(m, &a, UnaryOp::Invert)),
    method!("__index__", |m, a| to_int(m, &a)),
    method!("__ceil__", |m, a| to_int(m, &a)),
    method!("__floor__", |m, a| to_int(m, &a)),
    method!("bit_length", |m, a| {
        let x = receiver(m, &a, "bit_length")?;
        Ok(Value::Int(big(&m.plain(&x)).bits() as i64))
    }),
    method!("bit_count", |m, a| {
        let x = receiver(m, &a, "bit_count")?;
        let ones = big(&m.plain(&x)).magnitude().iter_u32_digits().map(u32::count_ones).sum::<u32>();
        Ok(Value::Int(i64::from(ones)))
    }),
    method!("as_integer_ratio", |m, a| {
        let x = receiver(m, &a, "as_integer_ratio")?;
        Ok(Value::tuple([Value::big(big(&m.plain(&x))), Value::Int(1)]))
    }),
    method!("is_integer", |_, _| Ok(Value::Bool(true))),
    method!("to_bytes", to_bytes),
    method!("from_bytes", from_bytes),
];

/// What every immutable value has.
pub(super) static COMMON: &[Native] = &[
    method!("__eq__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__eq__")?, required(m, &a, 1, "__eq__")?);
        Ok(comparable(m, &x, &y)?.map_or(Value::NotImplemented, Value::Bool))
    }),
    method!("__ne__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__ne__")?, required(m, &a, 1, "__ne__")?);
        Ok(comparable(m, &x, &y)?.map_or(Value::NotImplemented, |equal| Value::Bool(!equal)))
    }),
    method!("__hash__", |m, a| {
        let x = receiver(m, &a, "hash")?;
        Ok(Value::Int(m.hash(&m.plain(&x))? as i64 >> 3))
    }),
    method!("__str__", |m, a| {
        let x = receiver(m, &a, "str")?;
        let plain = m.plain(&x);
        Ok(Value::Str(m.str(&plain)?.into()))
    }),
    method!("__repr__", |m, a| {
        let x = receiver(m, &a, "repr")?;
        let plain = m.plain(&x);
        Ok(Value::Str(m.builtin_repr(&plain)?.into()))
    }),
    method!("__format__", |m, a| {
        let (x, spec) = (receiver(m, &a, "format")?, required(m, &a, 1, "__format__")?);
        let plain = m.plain(&x);
        m.format(&plain, &spec)
    }),
    method!("__getnewargs__", |m, a| {
        let x = receiver(m, &a, "__getnewargs__")?;
        Ok(Value::tuple([m.plain(&x)]))
    }),
];

fn comparable(m: &mut Machine<'_>, x: &Value, y: &Value) -> R<Option<bool>> {
    let (a, b) = (m.plain(x), m.plain(y));
    let same_kind =
        std::mem::discriminant(&a) == std::mem::discriminant(&b) || crate::number::compare(&a, &b).is_some();
    if !same_kind || matches!(a, Value::Obj(_)) {
        return Ok(None);
    }
    m.equal_plain(&a, &b).map(Some)
}

fn order(m: &mut Machine<'_>, a: &Args, operator: CmpOp) -> R {
    let (x, y) = (required(m, a, 0, "comparison")?, required(m, a, 1, "comparison")?);
    if y.is_unknown() {
        return Ok(Value::NotImplemented);
    }
    Ok(m.order_plain(&x, &y, operator)?.map_or(Value::NotImplemented, Value::Bool))
}

fn sign(m: &mut Machine<'_>, a: &Args, operator: UnaryOp) -> R {
    let x = receiver(m, a, "operator")?;
    match unary(operator, &m.plain(&x)) {
        Some(value) => Ok(value),
        None => m.type_error("bad operand type"),
    }
}

pub(super) fn absolute(m: &mut Machine<'_>, x: &Value) -> R {
    match m.plain(x) {
        Value::Float(value) => Ok(Value::Float(value.abs())),
        Value::Complex(real, imag) => Ok(Value::Float(real.hypot(imag))),
        number @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => Ok(Value::big(big(&number).abs())),
        _ => match m.call_special(x, "__abs__", Vec::new())? {
            Some(value) => Ok(value),
            None => {
                let name = m.type_name(x);
                m.type_error(format!("bad operand type for abs(): '{name}'"))
            }
        },
    }
}

pub(super) fn round(m: &mut Machine<'_>, x: &Value, digits: Option<Value>) -> R {
    let digits = digits.filter(|digits| !digits.is_none());
    let places = match &digits {
        Some(digits) => Some(m.as_index(digits)?),
        None => None,
    };
    match m.plain(x) {
        Value::Float(value) => match places {
            None => {
                if !value.is_finite() {
                    return m.raise(Ty::OverflowError, "cannot convert float infinity to integer");
                }
                Ok(BigInt::from_f64(value.round_ties_even()).map_or(Value::Int(0), Value::big))
            }
            Some(places) if places > 300 || !value.is_finite() => Ok(Value::Float(value)),
            Some(places) if places >= 0 => {
                let text = format!("{value:.*}", places as usize);
                Ok(Value::Float(text.parse().unwrap_or(value)))
            }
            Some(places) => {
                let scale = 10f64.powi((-places).min(400) as i32);
                Ok(Value::Float((value / scale).round_ties_even() * scale))
            }
        },
        number @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => match places {
            Some(places) if places < 0 && places > -1000 => {
                let scale = BigInt::from(10).pow((-places) as u32);
                let number = big(&number);
                let half: BigInt = &scale / 2;
                let rest = num_integer::Integer::mod_floor(&number, &scale);
                let low = &number - &rest;
                let is_up = rest > half || (rest == half && num_integer::Integer::is_odd(&(&low / &scale)));
                Ok(Value::big(if is_up { low + scale } else { low }))
            }
            _ => Ok(Value::big(big(&number))),
        },
        _ => {
            let args = digits.into_iter().collect();
            match m.call_special(x, "__round__", args)? {
                Some(value) => Ok(value),
                None => {
                    let name = m.type_name(x);
                    m.type_error(format!("type {name} doesn't define __round__ method"))
                }
            }
        }
    }
}

fn to_int(m: &mut Machine<'_>, a: &Args) -> R {
    let x = receiver(m, a, "int")?;
    float_to_int(m, &m.plain(&x))
}

fn float_to_int(m: &mut Machine<'_>, x: &Value) -> R {
    match x {
        Value::Float(value) if value.is_nan() => m.raise(Ty::ValueError, "cannot convert float NaN to integer"),
        Value::Float(value) if value.is_infinite() => {
            m.raise(Ty::OverflowError, "cannot convert float infinity to integer")
        }
        Value::Float(value) => Ok(BigInt::from_f64(value.trunc()).map_or(Value::Int(0), Value::big)),
        Value::Complex(..) => m.type_error("int() argument must be a real number, not 'complex'"),
        other => Ok(Value::big(big(other))),
    }
}

fn big(value: &Value) -> BigInt {
    match value {
        Value::Int(value) => BigInt::from(*value),
        Value::Bool(value) => BigInt::from(u8::from(*value)),
        Value::Big(value) => (**value).clone(),
        _ => BigInt::zero(),
    }
}

/// Makes an instance of `class` around a value when it is a subclass.
pub(super) fn wrap(m: &mut Machine<'_>, class: &Value, ty: Ty, value: Value) -> Value {
    match m.as_class(class) {
        Some(class) if class != ty.obj() => Value::Obj(m.alloc(class, Body::Scalar(value))),
        _ => value,
    }
}

pub(super) static INT: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = required(m, &a, 0, "int")?;
        if a.pos.len() > 3 {
            return m.type_error("int() takes at most 2 arguments");
        }
        let value = match a.pos.get(1) {
            Some(x) => {
                let base = a.get(2, "base").cloned();
                parse_int(m, &x.clone(), base)?
            }
            None => Value::Int(0),
        };
        if value.is_unknown() {
            return Ok(value);
        }
        if !m.as_class(&class).is_some_and(|class| m.is_subclass(class, Ty::Int.obj())) {
            let name = m.show(&class);
            return m.type_error(format!("int.__new__({name}): {name} is not a subtype of int"));
        }
        Ok(wrap(m, &class, Ty::Int, value))
    }),
    method!("__pow__", |m, a| match a.pos.get(2) {
        Some(modulus) if !modulus.is_none() => power(m, &a.pos[0].clone(), &a.pos[1].clone(), &modulus.clone()),
        _ => operate(m, &a, Operator::Pow, false),
    }),
];

pub(super) static FLOAT: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = required(m, &a, 0, "float")?;
        if a.pos.len() > 2 {
            return m.type_error("float expected at most 1 argument");
        }
        let value = match a.pos.get(1) {
            Some(x) => make_float(m, &x.clone())?,
            None => Value::Float(0.0),
        };
        if value.is_unknown() {
            return Ok(value);
        }
        Ok(wrap(m, &class, Ty::Float, value))
    }),
    method!("__pow__", |m, a| operate(m, &a, Operator::Pow, false)),
    method!("is_integer", |m, a| {
        let x = receiver(m, &a, "is_integer")?;
        Ok(Value::Bool(matches!(m.plain(&x), Value::Float(value) if value.is_finite() && value.fract() == 0.0)))
    }),
    method!("as_integer_ratio", |m, a| {
        let x = receiver(m, &a, "as_integer_ratio")?;
        let Value::Float(value) = m.plain(&x) else { return m.type_error("as_integer_ratio") };
        if !value.is_finite() {
            return m.raise(Ty::ValueError, "cannot convert NaN to integer ratio");
        }
        let (mut numerator, mut denominator, mut value) = (BigInt::zero(), BigInt::from(1), value);
        while value.fract() != 0.0 {
            value *= 2.0;
            denominator *= 2;
        }
        numerator += BigInt::from_f64(value).unwrap_or_default();
        Ok(Value::tuple([Value::big(numerator), Value::big(denominator)]))
    }),
    method!("hex", |m, a| {
        let x = receiver(m, &a, "hex")?;
        let shown = m.show(&x);
        m.unsupported("hex", &shown)
    }),
];

pub(super) static COMPLEX: &[Native] = &[
    plain!("__new__", |m, a| {
        let part = |at: usize| a.pos.get(at).map(|value| m.plain(value));
        let read = |value: Option<Value>| match value {
            Some(Value::Complex(real, imag)) => Some((real, imag)),
            Some(value) => to_float(&value).map(|real| (real, 0.0)),
            None => Some((0.0, 0.0)),
        };
        match (read(part(1)), read(part(2))) {
            (Some(a), Some(b)) => Ok(Value::Complex(a.0 - b.1, a.1 + b.0)),
            _ => m.type_error("complex() argument must be a number"),
        }
    }),
    method!("__pow__", |m, a| operate(m, &a, Operator::Pow, false)),
];

pub(super) static BOOL: &[Native] = &[plain!("__new__", |m, a| {
    arity(m, &a, "bool", 1, 2)?;
    match a.pos.get(1) {
        Some(Value::Unknown(unknown)) if unknown.is_harmless => Ok(Value::harmless(&format!("bool({})", unknown.name))),
        Some(x) => m.truth(&x.clone()).map(Value::Bool),
        None => Ok(Value::Bool(false)),
    }
})];

fn parse_int(m: &mut Machine<'_>, x: &Value, base: Option<Value>) -> R {
    if let Some(value) = known(m, x, "__int__")? {
        return Ok(value);
    }
    let text = match m.plain(x) {
        Value::Str(text) => text.to_string(),
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        _ if base.is_some() => return m.type_error("int() can't convert non-string with explicit base"),
        plain => {
            for method in ["__int__", "__index__", "__trunc__"] {
                if let Some(method) = m.overrides(x, method) {
                    let result = m.call(&method, Args::new([x.clone()]))?;
                    return match m.plain(&result) {
                        number @ (Value::Int(_) | Value::Big(_)) => Ok(number),
                        Value::Bool(value) => Ok(Value::Int(i64::from(value))),
                        _ => m.type_error("__int__ returned non-int"),
                    };
                }
            }
            return match plain {
                number @ (Value::Int(_) | Value::Big(_) | Value::Bool(_) | Value::Float(_)) => float_to_int(m, &number),
                _ => {
                    let name = m.type_name(x);
                    let message =
                        format!("int() argument must be a string, a bytes-like object or a real number, not '{name}'");
                    m.type_error(message)
                }
            };
        }
    };
    let radix = match base {
        Some(base) => m.as_index(&base)?,
        None => 10,
    };
    match parse_digits(&text, radix) {
        Some(value) => Ok(Value::big(value)),
        None => {
            let shown = crate::machine::str_repr(&text);
            m.raise(Ty::ValueError, format!("invalid literal for int() with base {radix}: {shown}"))
        }
    }
}

fn parse_digits(text: &str, radix: i64) -> Option<BigInt> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (Sign::Minus, rest),
        None => (Sign::Plus, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = text.to_ascii_lowercase();
    let prefix = match lower.get(..2) {
        Some("0x") => Some(16),
        Some("0o") => Some(8),
        Some("0b") => Some(2),
        _ => None,
    };
    let (digits, radix) = match (radix, prefix) {
        (0, Some(found)) => (&lower[2..], found),
        (0, None) => (&lower[..], 10),
        (radix, Some(found)) if radix == found => (&lower[2..], found),
        (radix, _) => (&lower[..], radix),
    };
    if !(2..=36).contains(&radix) || digits.is_empty() || digits.len() > 100_000 {
        return None;
    }
    let is_well_placed = !digits.starts_with('_') || prefix.is_some();
    if !is_well_placed || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let digits = digits.replace('_', "");
    if !digits.chars().all(|digit| digit.is_digit(radix as u32)) {
        return None;
    }
    BigInt::parse_bytes(digits.as_bytes(), radix as u32).map(|value| if sign == Sign::Minus { -value } else { value })
}

pub(super) fn make_float(m: &mut Machine<'_>, x: &Value) -> R {
    if let Some(value) = known(m, x, "__float__")? {
        return Ok(value);
    }
    match m.plain(x) {
        Value::Str(text) => {
            let cleaned = text.trim().replace('_', "").to_ascii_lowercase();
            let parsed = match cleaned.trim_start_matches(['+', '-']) {
                "inf" | "infinity" => Some(f64::INFINITY),
                "nan" => Some(f64::NAN),
                digits if digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
                    digits.parse::<f64>().ok()
                }
                _ => None,
            };
            match parsed {
                Some(value) => Ok(Value::Float(if cleaned.starts_with('-') { -value } else { value })),
                None => {
                    let shown = crate::machine::str_repr(&text);
                    m.raise(Ty::ValueError, format!("could not convert string to float: {shown}"))
                }
            }
        }
        number => {
            for method in ["__float__", "__index__"] {
                if let Some(method) = m.overrides(x, method) {
                    let result = m.call(&method, Args::new([x.clone()]))?;
                    return match to_float(&m.plain(&result)) {
                        Some(value) => Ok(Value::Float(value)),
                        None => m.type_error("__float__ returned non-float"),
                    };
                }
            }
            match to_float(&number) {
                Some(value) if value.is_infinite() && !matches!(number, Value::Float(_)) => {
                    m.raise(Ty::OverflowError, "int too large to convert to float")
                }
                Some(value) => Ok(Value::Float(value)),
                None => {
                    let name = m.type_name(x);
                    m.type_error(format!("float() argument must be a string or a real number, not '{name}'"))
                }
            }
        }
    }
}

pub(super) fn power(m: &mut Machine<'_>, x: &Value, y: &Value, modulus: &Value) -> R {
    let (a, b, n) = (m.plain(x), m.plain(y), m.plain(modulus));
    let is_int = |value: &Value| matches!(value, Value::Int(_) | Value::Big(_) | Value::Bool(_));
    if !is_int(&a) || !is_int(&b) || !is_int(&n) {
        return m.type_error("pow() 3rd argument not allowed unless all arguments are integers");
    }
    let (a, b, n) = (big(&a), big(&b), big(&n));
    if n.is_zero() {
        return m.raise(Ty::ValueError, "pow() 3rd argument cannot be 0");
    }
    if b.is_negative() {
        return match a.modinv(&n) {
            Some(inverse) => Ok(Value::big(inverse.modpow(&-b, &n))),
            None => m.raise(Ty::ValueError, "base is not invertible for the given modulus"),
        };
    }
    m.check_size((n.bits() as usize).saturating_mul(b.bits() as usize) / 8)?;
    Ok(Value::big(a.modpow(&b, &n)))
}

fn to_bytes(m: &mut Machine<'_>, a: Args) -> R {
    let x = receiver(m, &a, "to_bytes")?;
    let length = match a.get(1, "length").cloned() {
        Some(length) => m.as_index(&length)?,
        None => 1,
    };
    let order = a.get(2, "byteorder").cloned().unwrap_or(Value::str("big"));
    let is_signed = match a.keyword("signed").cloned() {
        Some(signed) => m.truth(&signed)?,
        None => false,
    };
    let Ok(length) = usize::try_from(length) else {
        return m.raise(Ty::ValueError, "length argument must be non-negative");
    };
    m.check_size(length)?;
    let number = big(&m.plain(&x));
    if number.is_negative() && !is_signed {
        return m.raise(Ty::OverflowError, "can't convert negative int to unsigned");
    }
    let mut bytes = if is_signed { number.to_signed_bytes_le() } else { number.magnitude().to_bytes_le() };
    while bytes.len() > length && bytes.last() == Some(&0) {
        bytes.pop();
    }
    if bytes.len() > length {
        return m.raise(Ty::OverflowError, "int too big to convert");
    }
    bytes.resize(length, if number.is_negative() { 0xff } else { 0 });
    if order != Value::str("little") {
        bytes.reverse();
    }
    Ok(Value::Bytes(bytes.into()))
}

fn from_bytes(m: &mut Machine<'_>, a: Args) -> R {
    let data = required(m, &a, 1, "from_bytes")?;
    let mut bytes = super::text::bytes_of(m, &data)?;
    let order = a.get(2, "byteorder").cloned().unwrap_or(Value::str("big"));
    if order == Value::str("little") {
        bytes.reverse();
    }
    let is_signed = match a.keyword("signed").cloned() {
        Some(signed) => m.truth(&signed)?,
        None => false,
    };
    let value =
        if is_signed { BigInt::from_signed_bytes_be(&bytes) } else { BigInt::from_bytes_be(Sign::Plus, &bytes) };
    Ok(Value::big(value))
}
