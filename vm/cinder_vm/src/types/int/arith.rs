//! Arithmetic of `int`: machine numbers first, big integers when they do not suffice. Source: Objects/longobject.c.

use std::borrow::Cow;
use std::cmp::Ordering::{Greater, Less};

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;
use cinder_layout::power::pow;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::PyInt;
use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::vm::Vm;

/// Both operands as machine numbers.
#[inline]
fn small(vm: &Vm, a: Value, b: Value) -> Option<(i64, i64)> {
    if Value::both_ints(a, b) {
        return Some((a.as_int(), b.as_int()));
    }
    Some((vm.int_to_i64(a)?, vm.int_to_i64(b)?))
}

/// Both operands as big integers. Those that have one already are not copied.
fn big<'a>(a: &'a IntOperand, b: &'a IntOperand) -> (Cow<'a, BigInt>, Cow<'a, BigInt>) {
    (a.to_big(), b.to_big())
}

/// An int operand: a number of two words, or a reference to a longer one.
enum IntOperand {
    Wide(i128),
    Long(Gc<PyInt>),
}

impl IntOperand {
    /// `None` when the value is no int.
    #[inline]
    fn of(vm: &Vm, value: Value) -> Option<IntOperand> {
        if value.is_int() {
            return Some(IntOperand::Wide(value.as_int().into()));
        }
        if let Some(truth) = value.as_bool() {
            return Some(IntOperand::Wide(truth.into()));
        }
        let int = vm.as_heap_int(value)?;
        Some(match wide_of(int.value()) {
            Some(number) => IntOperand::Wide(number),
            None => IntOperand::Long(int),
        })
    }

    fn to_big(&self) -> Cow<'_, BigInt> {
        match self {
            IntOperand::Wide(number) => Cow::Owned(BigInt::from(*number)),
            IntOperand::Long(int) => Cow::Borrowed(int.value()),
        }
    }
}

/// The number when it has at most 126 bits, so that sums and differences of two fit as well.
#[inline]
fn wide_of(number: &BigInt) -> Option<i128> {
    let mut digits = number.magnitude().iter_u64_digits();
    let (low, high) = (digits.next().unwrap_or(0), digits.next().unwrap_or(0));
    if digits.next().is_some() || high >> 62 != 0 {
        return None;
    }
    let magnitude = i128::from(high) << 64 | i128::from(low);
    Some(if number.sign() == Sign::Minus { -magnitude } else { magnitude })
}

impl Vm {
    /// `int` of a number of two words.
    #[inline]
    fn new_wide_int(&self, number: i128) -> PyResult<Value> {
        match i64::try_from(number) {
            Ok(number) => self.new_int(number),
            Err(_) => self.new_heap_int(BuiltinType::int as u32, BigInt::from(number)),
        }
    }
}

macro_rules! arithmetic {
    ($name:ident, $checked:ident, $op:tt) => {
        pub(super) fn $name(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
            if Value::both_ints(a, b)
                && let Some(result) = a.as_int().$checked(b.as_int())
            {
                return vm.new_int(result);
            }
            let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if let (IntOperand::Wide(x), IntOperand::Wide(y)) = (&a, &b)
                && let Some(result) = x.$checked(*y)
            {
                return vm.new_wide_int(result);
            }
            let (x, y) = big(&a, &b);
            vm.new_bigint(&*x $op &*y)
        }
    };
}

arithmetic!(add, checked_add, +);
arithmetic!(subtract, checked_sub, -);
arithmetic!(multiply, checked_mul, *);

macro_rules! bitwise {
    ($name:ident, $op:tt) => {
        pub(super) fn $name(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
            if let (Some(x), Some(y)) = (a.as_bool(), b.as_bool()) {
                return Ok(Value::from_bool(x $op y));
            }
            let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if let (IntOperand::Wide(x), IntOperand::Wide(y)) = (&a, &b) {
                return vm.new_wide_int(x $op y);
            }
            let (x, y) = big(&a, &b);
            vm.new_bigint(&*x $op &*y)
        }
    };
}

bitwise!(and, &);
bitwise!(or, |);
bitwise!(xor, ^);

pub(super) fn floor_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if let Some((x, y)) = small(vm, a, b) {
        if y == 0 {
            return Err(vm.zero_division_error("division by zero"));
        }
        if let Some(quotient) = x.checked_div(y) {
            let adjust = (x % y != 0) && ((x < 0) != (y < 0));
            return vm.new_int(quotient - i64::from(adjust));
        }
    }
    let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntOperand::Wide(x), IntOperand::Wide(y)) = (&a, &b)
        && *y != 0
    {
        return vm.new_wide_int(Integer::div_floor(x, y));
    }
    let (x, y) = big(&a, &b);
    if y.is_zero() {
        return Err(vm.zero_division_error("division by zero"));
    }
    vm.new_bigint(x.div_floor(&y))
}

pub(super) fn remainder(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if let Some((x, y)) = small(vm, a, b) {
        if y == 0 {
            return Err(vm.zero_division_error("division by zero"));
        }
        let rest = x.wrapping_rem(y);
        return vm.new_int(if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest });
    }
    let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntOperand::Wide(x), IntOperand::Wide(y)) = (&a, &b)
        && *y != 0
    {
        return vm.new_wide_int(Integer::mod_floor(x, y));
    }
    let (x, y) = big(&a, &b);
    if y.is_zero() {
        return Err(vm.zero_division_error("division by zero"));
    }
    vm.new_bigint(x.mod_floor(&y))
}

pub(super) fn divmod(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if !vm.is_int(a) || !vm.is_int(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let quotient = floor_divide(vm, a, b)?;
    let rest = remainder(vm, a, b)?;
    vm.new_tuple(&[quotient, rest])
}

pub(super) fn true_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    // Numbers up to 2^53 are exact as floats, so one division rounds correctly.
    const EXACT: i64 = 1 << 53;
    if let Some((x, y)) = small(vm, a, b) {
        if y == 0 {
            return Err(vm.zero_division_error("division by zero"));
        }
        if x.abs() <= EXACT && y.abs() <= EXACT {
            return vm.new_float(x as f64 / y as f64);
        }
    }
    let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = big(&a, &b);
    if y.is_zero() {
        return Err(vm.zero_division_error("division by zero"));
    }
    match divide_rounded(&x, &y) {
        Some(result) => vm.new_float(result),
        None => Err(vm.overflow_error("integer division result too large for a float")),
    }
}

/// Correctly rounded quotient; `None` on overflow. Source: Objects/longobject.c `long_true_divide`.
fn divide_rounded(x: &BigInt, y: &BigInt) -> Option<f64> {
    if x.is_zero() {
        return Some(if y.is_negative() { -0.0 } else { 0.0 });
    }
    let negative = x.is_negative() != y.is_negative();
    let (x, y) = (x.magnitude(), y.magnitude());
    // Quotient with at least 66 bits, the last of which says whether something was cut off.
    let shift = 66 + y.bits() as i64 - x.bits() as i64;
    let (numerator, denominator) =
        if shift >= 0 { (x << shift as usize, y.clone()) } else { (x.clone(), y << (-shift) as usize) };
    let (quotient, rest) = numerator.div_rem(&denominator);
    let magnitude = scale_rounded(&quotient, !rest.is_zero(), -shift)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// `mantissa * 2^exponent` rounded half to even; `sticky` says that the mantissa was cut off.
fn scale_rounded(mantissa: &num_bigint::BigUint, sticky: bool, exponent: i64) -> Option<f64> {
    let bits = mantissa.bits() as i64;
    let top = bits + exponent;
    if top > 1024 {
        return None;
    }
    // Bits that the result can hold; fewer for subnormals.
    let keep = 53.min(top + 1074).max(0);
    let cut = bits - keep;
    if cut <= 0 {
        return Some(mantissa.to_u64()? as f64 * 2f64.powi(exponent as i32));
    }
    let mut kept = (mantissa >> cut as usize).to_u64()?;
    let half = mantissa.bit(cut as u64 - 1);
    let below = sticky || mantissa.trailing_zeros().is_some_and(|zeros| (zeros as i64) < cut - 1);
    if half && (below || kept & 1 == 1) {
        kept += 1;
    }
    let scale = exponent + cut;
    let result = kept as f64 * two_to(scale);
    if result.is_infinite() { None } else { Some(result) }
}

/// `2^exponent` for exponents down to -1074 and up to 1023.
fn two_to(exponent: i64) -> f64 {
    match exponent {
        1024.. => f64::INFINITY,
        -1022..=1023 => f64::from_bits(((exponent + 1023) as u64) << 52),
        -1074..=-1023 => f64::from_bits(1u64 << (exponent + 1074)),
        _ => 0.0,
    }
}

impl Vm {
    /// Float nearest to an int.
    ///
    /// Errors: OverflowError `int too large to convert to float`.
    pub fn int_to_float(&self, value: Value) -> PyResult<f64> {
        if let Some(number) = self.int_to_i64(value) {
            return Ok(number as f64);
        }
        let number = self.int_to_big(value).expect("caller checked that this is an int");
        match scale_rounded(number.magnitude(), false, 0) {
            Some(magnitude) => Ok(if number.is_negative() { -magnitude } else { magnitude }),
            None => Err(self.overflow_error("int too large to convert to float")),
        }
    }
}

fn shift_count(vm: &Vm, count: Value) -> PyResult<Option<usize>> {
    if vm.int_is_negative(count) {
        return Err(vm.value_error("negative shift count"));
    }
    Ok(vm.int_to_i64(count).and_then(|count| usize::try_from(count).ok()))
}

pub(super) fn left_shift(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if !vm.is_int(a) || !vm.is_int(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let count = shift_count(vm, b)?;
    if vm.int_to_i64(a) == Some(0) {
        return Ok(Value::ZERO);
    }
    match (vm.int_to_i64(a), count) {
        (Some(x), Some(count)) if count < 62 && x.unsigned_abs().leading_zeros() as usize > count + 2 => {
            vm.new_int(x << count)
        }
        (_, Some(count)) if count < (1 << 40) => {
            let number = IntOperand::of(vm, a).expect("checked above");
            let number = number.to_big();
            vm.check_int_bits(number.bits() + count as u64)?;
            vm.new_bigint(&*number << count)
        }
        (_, Some(_)) => Err(vm.out_of_memory(cinder_heap::AllocError)),
        _ => Err(vm.overflow_error("too many digits in integer")),
    }
}

pub(super) fn right_shift(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if !vm.is_int(a) || !vm.is_int(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let count = shift_count(vm, b)?;
    match (vm.int_to_i64(a), count) {
        (Some(x), Some(count)) => vm.new_int(x >> count.min(63)),
        (None, Some(count)) => match IntOperand::of(vm, a).expect("checked above") {
            IntOperand::Wide(number) => vm.new_wide_int(number >> count.min(127)),
            long => vm.new_bigint(&*long.to_big() >> count),
        },
        (_, None) => vm.new_int(if vm.int_is_negative(a) { -1 } else { 0 }),
    }
}

impl Vm {
    /// MemoryError for results that could not be held anyway.
    fn check_int_bits(&self, bits: u64) -> PyResult<()> {
        const MAX_BITS: u64 = 1 << 36;
        if bits <= MAX_BITS { self.check_native_bytes((bits / 8) as usize) } else { Err(self.memory_error_text("")) }
    }
}

pub(super) fn power(vm: &Vm, base: Value, exponent: Value) -> PyResult<Value> {
    if !vm.is_int(base) || !vm.is_int(exponent) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if vm.int_is_negative(exponent) {
        let (x, y) = (vm.int_to_float(base)?, vm.int_to_float(exponent)?);
        if x == 0.0 {
            return Err(vm.zero_division_error("zero to a negative power"));
        }
        return vm.new_float(pow(x, y));
    }
    let Some(count) = vm.int_to_i64(exponent) else {
        return match vm.int_to_i64(base) {
            Some(0) => Ok(Value::ZERO),
            Some(1) => Ok(Value::ONE),
            Some(-1) => vm.new_int(if vm.int_to_big(exponent).is_some_and(|e| e.is_odd()) { -1 } else { 1 }),
            _ => Err(vm.memory_error_text("")),
        };
    };
    if let Some(number) = vm.int_to_i64(base) {
        if let Some(result) = u32::try_from(count).ok().and_then(|count| number.checked_pow(count)) {
            return vm.new_int(result);
        }
        if number.abs() <= 1 {
            return vm.new_int(if count % 2 == 0 { number * number } else { number });
        }
    }
    let number = vm.int_to_big(base).expect("checked above");
    vm.check_int_bits(number.bits().saturating_mul(count as u64))?;
    let count = u32::try_from(count).map_err(|_| vm.memory_error_text(""))?;
    vm.new_bigint(number.pow(count))
}

/// `pow(base, exponent, modulus)`.
pub(super) fn power_modulo(vm: &Vm, base: Value, exponent: Value, modulus: Value) -> PyResult<Value> {
    if modulus.is_none() {
        return power(vm, base, exponent);
    }
    let (Some(mut b), Some(mut e), Some(m)) = (vm.int_to_big(base), vm.int_to_big(exponent), vm.int_to_big(modulus))
    else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    if e.is_negative() {
        b = match modular_inverse(&b, &m) {
            Some(inverse) => inverse,
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        };
        e = -e;
    }
    let positive = m.abs();
    let result = b.mod_floor(&positive).modpow(&e, &positive);
    vm.new_bigint(if m.is_negative() { result.mod_floor(&m) } else { result })
}

fn modular_inverse(b: &BigInt, m: &BigInt) -> Option<BigInt> {
    let modulus = m.abs();
    let found = b.mod_floor(&modulus).extended_gcd(&modulus);
    if modulus.is_one() {
        return Some(BigInt::zero());
    }
    found.gcd.is_one().then(|| found.x.mod_floor(&modulus))
}

pub(super) fn negative(vm: &Vm, value: Value) -> PyResult<Value> {
    match vm.int_to_i64(value).and_then(i64::checked_neg) {
        Some(number) => vm.new_int(number),
        None => vm.new_bigint(-vm.int_to_big(value).expect("slot of int")),
    }
}

/// The value as exact int.
pub(super) fn positive(vm: &Vm, value: Value) -> PyResult<Value> {
    match vm.int_to_i64(value) {
        Some(number) => vm.new_int(number),
        None => match vm.downcast_exact::<PyInt>(value) {
            Some(_) => Ok(value),
            None => vm.new_bigint(vm.int_to_big(value).expect("slot of int")),
        },
    }
}

pub(super) fn invert(vm: &Vm, value: Value) -> PyResult<Value> {
    if value == Value::TRUE || value == Value::FALSE {
        vm.warn_deprecated(
            "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the \
             underlying int object and is usually not what you expect from negating a bool. Use the 'not' operator for boolean negation or \
             ~int(x) if you really want the bitwise inversion of the underlying int.",
        )?;
    }
    match vm.int_to_i64(value) {
        Some(number) => vm.new_int(!number),
        None => vm.new_bigint(!vm.int_to_big(value).expect("slot of int")),
    }
}

pub(super) fn absolute(vm: &Vm, value: Value) -> PyResult<Value> {
    if vm.int_is_negative(value) { negative(vm, value) } else { positive(vm, value) }
}

/// `hash(int)`: the number modulo 2^61 - 1, so that equal numbers of all types hash alike.
pub(super) fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    Ok(match vm.int_to_i64(value) {
        Some(number) => hash_i64(number),
        None => hash_big(vm.as_heap_int(value).expect("slot of int").value()),
    })
}

const MODULUS: u64 = (1 << 61) - 1;

/// Hash of a machine number.
#[inline]
pub fn hash_i64(number: i64) -> i64 {
    let rest = (number.unsigned_abs() % MODULUS) as i64;
    let hash = if number < 0 { -rest } else { rest };
    if hash == -1 { -2 } else { hash }
}

fn hash_big(number: &BigInt) -> i64 {
    let rest = (number.magnitude() % MODULUS).to_i64().expect("below the modulus");
    let hash = if number.sign() == Sign::Minus { -rest } else { rest };
    if hash == -1 { -2 } else { hash }
}

pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(a), Some(b)) = (IntOperand::of(vm, a), IntOperand::of(vm, b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let order = match (&a, &b) {
        (IntOperand::Wide(x), IntOperand::Wide(y)) => x.cmp(y),
        (IntOperand::Long(x), IntOperand::Long(y)) => x.value().cmp(y.value()),
        // The long one has more digits.
        (IntOperand::Long(x), IntOperand::Wide(_)) => {
            if x.value().is_negative() {
                Less
            } else {
                Greater
            }
        }
        (IntOperand::Wide(_), IntOperand::Long(y)) => {
            if y.value().is_negative() {
                Greater
            } else {
                Less
            }
        }
    };
    Ok(Value::from_bool(holds(order, op)))
}

/// Whether an ordering satisfies the operator.
#[inline]
pub fn holds(order: std::cmp::Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}
