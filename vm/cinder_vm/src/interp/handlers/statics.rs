//! Static Python: raw registers. What needs the class loader is in [`super::typed`].

use cinder_bytecode::{CompareOp, Primitive};
use cinder_layout::power::pow;

use super::prelude::*;

pub(super) fn primitive(number: usize) -> Primitive {
    Primitive::from_number(number as u32).expect("the verifier knows the primitive")
}

/// `raw` wrapped to the primitive's width and extended to 64 bits.
pub(crate) fn wrap(raw: i64, kind: Primitive) -> i64 {
    match kind {
        Primitive::Int8 => i64::from(raw as i8),
        Primitive::Int16 => i64::from(raw as i16),
        Primitive::Int32 => i64::from(raw as i32),
        Primitive::Int64 | Primitive::UInt64 | Primitive::Double | Primitive::Single => raw,
        Primitive::UInt8 | Primitive::Char => i64::from(raw as u8),
        Primitive::UInt16 => i64::from(raw as u16),
        Primitive::UInt32 => i64::from(raw as u32),
        Primitive::CBool => i64::from(raw != 0),
    }
}

impl Vm {
    /// The object for a raw integer.
    pub(crate) fn box_primitive(&self, raw: u64, kind: Primitive) -> PyResult<Value> {
        match kind {
            Primitive::CBool => Ok(Value::from_bool(raw != 0)),
            Primitive::Char => self.new_str_points(&[u32::from(raw as u8)]),
            Primitive::UInt64 => match i64::try_from(raw) {
                Ok(small) => self.new_int(small),
                Err(_) => self.new_bigint(num_bigint::BigInt::from(raw)),
            },
            Primitive::Double | Primitive::Single => self.new_float(f64::from_bits(raw)),
            _ => self.new_int(raw as i64),
        }
    }

    /// The raw integer of an object.
    ///
    /// Errors: TypeError for an object of another kind, OverflowError for one out of range.
    pub(crate) fn unbox_primitive(&self, value: Value, kind: Primitive) -> PyResult<u64> {
        if kind == Primitive::CBool {
            return match value.as_bool() {
                Some(flag) => Ok(u64::from(flag)),
                None => Err(self.type_error(format!("expected 'bool', got '{}'", self.type_name(value)))),
            };
        }
        if kind == Primitive::Char {
            let point = self
                .as_str(value)
                .filter(|text| text.len() == 1)
                .map(|text| text.char_at(0))
                .filter(|point| *point < 256);
            return match point {
                Some(point) => Ok(u64::from(point)),
                None => Err(self.type_error(format!("expected a single character, got '{}'", self.type_name(value)))),
            };
        }
        if !self.is_int(value) {
            return Err(self.type_error(format!("expected 'int', got '{}'", self.type_name(value))));
        }
        let raw = match self.int_to_i64(value) {
            Some(number) => {
                let fits = match kind {
                    Primitive::UInt64 => number >= 0,
                    _ => wrap(number, kind) == number,
                };
                fits.then_some(number as u64)
            }
            None if kind == Primitive::UInt64 => self.int_to_big(value).and_then(|big| u64::try_from(&big).ok()),
            None => None,
        };
        raw.ok_or_else(|| self.overflow_error("int overflow"))
    }
}

macro_rules! integer {
    ($($name:ident |$x:ident, $y:ident| $body:expr;)*) => {
        $(op!($name(ip, fp, vm, k, w) {
            let ($x, $y) = (*fp.add(b(w)) as i64, *fp.add(c(w)) as i64);
            let result: i64 = $body;
            *fp.add(a(w)) = result as u64;
            go(ip.add(1), fp, vm, k)
        });)*
    };
}

integer! {
    PRIMITIVE_ADD_INT |x, y| x.wrapping_add(y);
    PRIMITIVE_SUB_INT |x, y| x.wrapping_sub(y);
    PRIMITIVE_MUL_INT |x, y| x.wrapping_mul(y);
    PRIMITIVE_AND_INT |x, y| x & y;
    PRIMITIVE_OR_INT |x, y| x | y;
    PRIMITIVE_XOR_INT |x, y| x ^ y;
    PRIMITIVE_LSHIFT_INT |x, y| if (0..64).contains(&y) { x << y } else { 0 };
    PRIMITIVE_RSHIFT_INT |x, y| if (0..64).contains(&y) { x >> y } else { x >> 63 };
    PRIMITIVE_RSHIFT_UINT |x, y| if (0..64).contains(&y) { (x as u64 >> y) as i64 } else { 0 };
}

macro_rules! division {
    ($($name:ident |$x:ident, $y:ident| $body:expr;)*) => {
        $(op!($name(ip, fp, vm, k, w) {
            let ($x, $y) = (*fp.add(b(w)) as i64, *fp.add(c(w)) as i64);
            if $y == 0 {
                return zero_division(ip, fp, vm, k, w);
            }
            let result: i64 = $body;
            *fp.add(a(w)) = result as u64;
            go(ip.add(1), fp, vm, k)
        });)*
    };
}

division! {
    PRIMITIVE_DIV_INT |x, y| x.wrapping_div(y);
    PRIMITIVE_MOD_INT |x, y| x.wrapping_rem(y);
    PRIMITIVE_DIV_UINT |x, y| (x as u64 / y as u64) as i64;
    PRIMITIVE_MOD_UINT |x, y| (x as u64 % y as u64) as i64;
}

unit_op!(zero_division, 1, |vm, fp, w, k, ip| Err(vm.zero_division_error("division by zero")));

macro_rules! one_integer {
    ($($name:ident |$x:ident| $body:expr;)*) => {
        $(op!($name(ip, fp, vm, k, w) {
            let $x = *fp.add(b(w)) as i64;
            let result: i64 = $body;
            *fp.add(a(w)) = result as u64;
            go(ip.add(1), fp, vm, k)
        });)*
    };
}

one_integer! {
    PRIMITIVE_NEG_INT |x| x.wrapping_neg();
    PRIMITIVE_INVERT_INT |x| !x;
    PRIMITIVE_NOT_INT |x| i64::from(x == 0);
}

op!(CONVERT_INT(ip, fp, vm, k, w) {
    *fp.add(a(w)) = wrap(*fp.add(b(w)) as i64, primitive(c(w))) as u64;
    go(ip.add(1), fp, vm, k)
});

op!(CONVERT_INT_DOUBLE(ip, fp, vm, k, w) {
    let raw = *fp.add(b(w));
    let double = if c(w) == 1 { raw as f64 } else { raw as i64 as f64 };
    *fp.add(a(w)) = double.to_bits();
    go(ip.add(1), fp, vm, k)
});

op!(CONVERT_DOUBLE_INT(ip, fp, vm, k, w) {
    let double = f64::from_bits(*fp.add(b(w)));
    let raw = match primitive(c(w)) {
        Primitive::Int8 => i64::from(double as i8),
        Primitive::Int16 => i64::from(double as i16),
        Primitive::Int32 => i64::from(double as i32),
        Primitive::UInt8 | Primitive::Char => i64::from(double as u8),
        Primitive::UInt16 => i64::from(double as u16),
        Primitive::UInt32 => i64::from(double as u32),
        Primitive::UInt64 => double as u64 as i64,
        Primitive::CBool => i64::from(double != 0.0),
        Primitive::Int64 | Primitive::Double | Primitive::Single => double as i64,
    };
    *fp.add(a(w)) = raw as u64;
    go(ip.add(1), fp, vm, k)
});

macro_rules! double {
    ($($name:ident |$x:ident, $y:ident| $body:expr;)*) => {
        $(op!($name(ip, fp, vm, k, w) {
            let ($x, $y) = (f64::from_bits(*fp.add(b(w))), f64::from_bits(*fp.add(c(w))));
            let result: f64 = $body;
            *fp.add(a(w)) = result.to_bits();
            go(ip.add(1), fp, vm, k)
        });)*
    };
}

double! {
    PRIMITIVE_ADD_DOUBLE |x, y| x + y;
    PRIMITIVE_SUB_DOUBLE |x, y| x - y;
    PRIMITIVE_MUL_DOUBLE |x, y| x * y;
    PRIMITIVE_POW_DOUBLE |x, y| pow(x, y);
}

op!(PRIMITIVE_DIV_DOUBLE(ip, fp, vm, k, w) {
    let (x, y) = (f64::from_bits(*fp.add(b(w))), f64::from_bits(*fp.add(c(w))));
    if y == 0.0 {
        return zero_double_division(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = (x / y).to_bits();
    go(ip.add(1), fp, vm, k)
});

op!(PRIMITIVE_MOD_DOUBLE(ip, fp, vm, k, w) {
    let (x, y) = (f64::from_bits(*fp.add(b(w))), f64::from_bits(*fp.add(c(w))));
    if y == 0.0 {
        return zero_double_division(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = float_remainder(x, y).to_bits();
    go(ip.add(1), fp, vm, k)
});

/// Python's `x % y` of floats, for `y` that is not 0: the result has the sign of `y`.
pub(crate) extern "C" fn float_remainder(x: f64, y: f64) -> f64 {
    let remainder = x % y;
    if remainder == 0.0 {
        0.0f64.copysign(y)
    } else if (remainder < 0.0) != (y < 0.0) {
        remainder + y
    } else {
        remainder
    }
}

unit_op!(zero_double_division, 1, |vm, fp, w, k, ip| Err(vm.zero_division_error("float division by zero")));

op!(PRIMITIVE_POW_INT(ip, fp, vm, k, w) {
    let (x, y) = (*fp.add(b(w)) as i64 as f64, *fp.add(c(w)) as i64 as f64);
    *fp.add(a(w)) = pow(x, y).to_bits();
    go(ip.add(1), fp, vm, k)
});

op!(PRIMITIVE_NEG_DOUBLE(ip, fp, vm, k, w) {
    *fp.add(a(w)) = (-f64::from_bits(*fp.add(b(w)))).to_bits();
    go(ip.add(1), fp, vm, k)
});

op!(PRIMITIVE_LOAD_INT(ip, fp, vm, k, w) {
    *fp.add(a(w)) = jump(w) as i64 as u64;
    go(ip.add(1), fp, vm, k)
});

op!(PRIMITIVE_LOAD_CONST(ip, fp, vm, k, w) {
    *fp.add(a(w)) = raw_constant(vm, constant(k, imm(w) as usize));
    go(ip.add(1), fp, vm, k)
});

#[inline(never)]
fn raw_constant(vm: &Vm, value: Value) -> u64 {
    if let Some(small) = vm.int_to_i64(value) {
        return small as u64;
    }
    match vm.int_to_big(value) {
        Some(big) => u64::try_from(&big).unwrap_or(0),
        None => vm.float_value(value).unwrap_or(0.0).to_bits(),
    }
}

value_op!(PRIMITIVE_BOX_INT, 1, |vm, fp, w, k, ip| vm.box_primitive(*fp.add(b(w)), primitive(c(w))));
value_op!(PRIMITIVE_BOX_DOUBLE, 1, |vm, fp, w, k, ip| vm.new_float(f64::from_bits(*fp.add(b(w)))));

unit_op!(PRIMITIVE_UNBOX_INT, 1, |vm, fp, w, k, ip| {
    *fp.add(a(w)) = vm.unbox_primitive(reg(fp, b(w)), primitive(c(w)))?;
    Ok(())
});

unit_op!(PRIMITIVE_UNBOX_DOUBLE, 1, |vm, fp, w, k, ip| {
    *fp.add(a(w)) = vm.unbox_double(reg(fp, b(w)))?.to_bits();
    Ok(())
});

impl Vm {
    /// The double of a float or int object.
    pub(crate) fn unbox_double(&self, value: Value) -> PyResult<f64> {
        if let Some(double) = self.float_value(value) {
            return Ok(double);
        }
        if self.is_int(value) {
            use num_traits::ToPrimitive;
            if let Some(double) =
                self.int_to_big(value).and_then(|big| big.to_f64()).filter(|double| double.is_finite())
            {
                return Ok(double);
            }
            return Err(self.overflow_error("int too large to convert to float"));
        }
        Err(self.type_error(format!("expected 'float', got '{}'", self.type_name(value))))
    }
}

macro_rules! comparison {
    ($name:ident |$x:ident| $from:expr) => {
        op!($name(ip, fp, vm, k, w) {
            let read = |$x: u64| $from;
            let (x, y) = (read(*fp.add(b(w))), read(*fp.add(c(w))));
            let answer = match CompareOp::from_number(rec(ip).imm()).unwrap_unchecked() {
                CompareOp::Lt => x < y,
                CompareOp::Le => x <= y,
                CompareOp::Eq => x == y,
                CompareOp::Ne => x != y,
                CompareOp::Gt => x > y,
                CompareOp::Ge => x >= y,
            };
            *fp.add(a(w)) = u64::from(answer);
            go(ip.add(2), fp, vm, k)
        });
    };
}

comparison!(PRIMITIVE_COMPARE_INT | raw | raw as i64);
comparison!(PRIMITIVE_COMPARE_UINT | raw | raw);
comparison!(PRIMITIVE_COMPARE_DOUBLE | raw | f64::from_bits(raw));

op!(PRIMITIVE_JUMP_IF_TRUE(ip, fp, vm, k, w) {
    if *fp.add(a(w)) != 0 { go(ip.offset(jump(w)), fp, vm, k) } else { go(ip.add(1), fp, vm, k) }
});

op!(PRIMITIVE_JUMP_IF_FALSE(ip, fp, vm, k, w) {
    if *fp.add(a(w)) == 0 { go(ip.offset(jump(w)), fp, vm, k) } else { go(ip.add(1), fp, vm, k) }
});
