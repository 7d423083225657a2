//! `timedelta`.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::payload::construct;

const SECOND: i128 = 1_000_000;
pub(super) const DAY: i128 = 86_400 * SECOND;
const MAX_DAYS: i64 = 999_999_999;

/// A span of time, normalised as CPython does: only the days may be negative.
#[repr(C)]
pub(super) struct PyDelta {
    header: Header,
    days: i32,
    seconds: i32,
    microseconds: i32,
}

crate::payload::plain_payload!(PyDelta, "datetime.timedelta");

impl PyDelta {
    /// All of it, in microseconds.
    pub(super) fn total(&self) -> i128 {
        i128::from(self.days) * DAY + i128::from(self.seconds) * SECOND + i128::from(self.microseconds)
    }
}

pub(super) fn of(vm: &Vm, value: Value) -> Option<Gc<PyDelta>> {
    vm.downcast::<PyDelta>(value)
}

fn own(vm: &Vm, value: Value) -> Gc<PyDelta> {
    of(vm, value).expect("slot of timedelta")
}

pub(super) fn class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class(&TIMEDELTA)
}

/// A timedelta of so many microseconds.
///
/// Errors: OverflowError beyond 999999999 days.
pub(super) fn new(vm: &Vm, microseconds: i128) -> PyResult<Value> {
    new_in(vm, class(vm)?, microseconds)
}

fn new_in(vm: &Vm, class: Gc<PyType>, microseconds: i128) -> PyResult<Value> {
    let (days, rest) = (microseconds.div_euclid(DAY), microseconds.rem_euclid(DAY));
    let Ok(days) = i32::try_from(days) else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    if i64::from(days).abs() > MAX_DAYS {
        return Err(vm.overflow_error(format!("days={days}; must have magnitude <= {MAX_DAYS}")));
    }
    let (seconds, microseconds) = ((rest / SECOND) as i32, (rest % SECOND) as i32);
    let made = vm.alloc_instance(class, 0, |header| PyDelta { header, days, seconds, microseconds })?;
    Ok(made.as_value())
}

pub(super) fn int(vm: &Vm, number: i128) -> PyResult<Value> {
    match i64::try_from(number) {
        Ok(number) => vm.new_int(number),
        Err(_) => vm.new_bigint(BigInt::from(number)),
    }
}

/// A bigint as microseconds.
fn from_big(vm: &Vm, class: Gc<PyType>, microseconds: &BigInt) -> PyResult<Value> {
    match microseconds.to_i128() {
        Some(number) => new_in(vm, class, number),
        None => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}

/// The quotient, rounded to the nearest, halves to the even one.
fn divide_nearest(a: &BigInt, b: &BigInt) -> BigInt {
    let (a, b) = if b.is_negative() { (-a, -b) } else { (a.clone(), b.clone()) };
    let mut quotient = &a / &b;
    let mut rest = &a - &quotient * &b;
    if rest.is_negative() {
        quotient -= 1;
        rest += &b;
    }
    let twice = rest * 2;
    let is_odd = (&quotient % 2i32) != BigInt::zero();
    if twice > b || (twice == b && is_odd) { quotient + 1 } else { quotient }
}

/// Numerator and denominator of a finite float.
fn ratio(vm: &Vm, number: f64) -> PyResult<(BigInt, BigInt)> {
    if number.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if number.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if exponent == 0 { fraction << 1 } else { fraction | 1 << 52 };
    let mantissa = if number < 0.0 { -BigInt::from(mantissa) } else { BigInt::from(mantissa) };
    let power = exponent - 1075;
    Ok(if power >= 0 {
        (mantissa << power as usize, BigInt::from(1))
    } else {
        (mantissa, BigInt::from(1) << power.unsigned_abs() as usize)
    })
}

/// Numerator and denominator of a float, as its class says.
fn ratio_of(vm: &Vm, value: Value, number: f64) -> PyResult<(BigInt, BigInt)> {
    if vm.type_of(value) == vm.types.float {
        return ratio(vm, number);
    }
    let answer = vm.call_method(value, vm.intern("as_integer_ratio"), &[])?;
    let Some(parts) = vm.as_tuple(answer) else {
        let found = vm.type_name(answer);
        return Err(
            vm.type_error(format!("unexpected return type from as_integer_ratio(): expected tuple, not '{found}'"))
        );
    };
    let &[numerator, denominator] = parts.items() else {
        return Err(vm.value_error("as_integer_ratio() must return a 2-tuple"));
    };
    match (vm.int_to_big(numerator), vm.int_to_big(denominator)) {
        (Some(numerator), Some(denominator)) => Ok((numerator, denominator)),
        _ => Err(vm.type_error("as_integer_ratio() must return a tuple of integers")),
    }
}

/// Adds `number * factor` to the sum; what is less than a microsecond goes to `rest`.
fn accumulate(
    vm: &Vm,
    sum: &mut BigInt,
    rest: &mut f64,
    tag: &str,
    number: Option<Value>,
    factor: i64,
) -> PyResult<()> {
    let Some(number) = number else { return Ok(()) };
    if let Some(small) = vm.int_to_i64(number).filter(|_| vm.is_int(number)) {
        *sum += i128::from(small) * i128::from(factor);
        return Ok(());
    }
    if let Some(big) = vm.int_to_big(number) {
        *sum += big * factor;
        return Ok(());
    }
    let Some(float) = vm.float_value(number) else {
        let found = vm.type_name(number);
        return Err(vm.type_error(format!("unsupported type for timedelta {tag} component: {found}")));
    };
    if float.is_nan() {
        return Err(vm.value_error("cannot convert float NaN to integer"));
    }
    if float.is_infinite() {
        return Err(vm.overflow_error("cannot convert float infinity to integer"));
    }
    let whole = float.trunc();
    let (numerator, denominator) = ratio(vm, whole)?;
    *sum += numerator / denominator * factor;
    let fraction = float - whole;
    if fraction != 0.0 {
        let scaled = fraction * factor as f64;
        let whole = scaled.trunc();
        *sum += BigInt::from(whole as i64);
        *rest += scaled - whole;
    }
    Ok(())
}

fn construct_delta(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let (mut sum, mut rest) = (BigInt::zero(), 0.0);
    let parts = [
        ("microseconds", 3, 1),
        ("milliseconds", 4, 1000),
        ("seconds", 2, 1_000_000),
        ("minutes", 5, 60_000_000),
        ("hours", 6, 3_600_000_000),
        ("days", 1, 86_400_000_000),
        ("weeks", 7, 604_800_000_000),
    ];
    for (tag, index, factor) in parts {
        accumulate(vm, &mut sum, &mut rest, tag, args.opt(index), factor)?;
    }
    if rest != 0.0 {
        let mut whole = rest.round();
        if (whole - rest).abs() == 0.5 {
            let odd = if (&sum % 2i32) == BigInt::zero() { 0.0 } else { 1.0 };
            whole = 2.0 * ((rest + odd) * 0.5).round() - odd;
        }
        sum += BigInt::from(whole as i64);
    }
    from_big(vm, class, &sum)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let delta = own(vm, value);
    let parts: Vec<String> = [("days", delta.days), ("seconds", delta.seconds), ("microseconds", delta.microseconds)]
        .iter()
        .filter(|(_, number)| *number != 0)
        .map(|(name, number)| format!("{name}={number}"))
        .collect();
    let inner = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
    vm.new_str(&format!("{}({inner})", vm.type_name(value)))
}

fn text(vm: &Vm, value: Value) -> PyResult<Value> {
    let delta = own(vm, value);
    let (minutes, seconds) = (delta.seconds / 60, delta.seconds % 60);
    let mut out = String::new();
    if delta.days != 0 {
        let plural = if delta.days.abs() == 1 { "" } else { "s" };
        out = format!("{} day{plural}, ", delta.days);
    }
    out += &format!("{}:{:02}:{seconds:02}", minutes / 60, minutes % 60);
    if delta.microseconds != 0 {
        out += &format!(".{:06}", delta.microseconds);
    }
    vm.new_str(&out)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(a), Some(b)) = (of(vm, a), of(vm, b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::from_bool(super::holds(op, a.total().cmp(&b.total()))))
}

fn add(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match (of(vm, a), of(vm, b)) {
        (Some(a), Some(b)) => new(vm, a.total() + b.total()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn subtract(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    match (of(vm, a), of(vm, b)) {
        (Some(a), Some(b)) => new(vm, a.total() - b.total()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn multiply(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (delta, factor) = match (of(vm, a), of(vm, b)) {
        (Some(a), None) => (a, b),
        (None, Some(b)) => (b, a),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let total = BigInt::from(delta.total());
    if let Some(factor) = vm.int_to_big(factor) {
        return from_big(vm, class(vm)?, &(total * factor));
    }
    match vm.float_value(factor) {
        Some(number) => {
            let (numerator, denominator) = ratio_of(vm, factor, number)?;
            if denominator.is_zero() {
                return Err(vm.zero_division_error("division by zero"));
            }
            from_big(vm, class(vm)?, &divide_nearest(&(total * numerator), &denominator))
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn true_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some(a) = of(vm, a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(b) = of(vm, b) {
        return vm.binary_op(int(vm, a.total())?, int(vm, b.total())?, BinaryOp::TrueDivide);
    }
    let total = BigInt::from(a.total());
    if let Some(divisor) = vm.int_to_big(b) {
        if divisor.is_zero() {
            return Err(vm.zero_division_error("division by zero"));
        }
        return from_big(vm, class(vm)?, &divide_nearest(&total, &divisor));
    }
    match vm.float_value(b) {
        Some(divisor) => {
            let (numerator, denominator) = ratio_of(vm, b, divisor)?;
            if numerator.is_zero() {
                return Err(vm.zero_division_error("division by zero"));
            }
            from_big(vm, class(vm)?, &divide_nearest(&(total * denominator), &numerator))
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn floor_divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some(a) = of(vm, a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let total = int(vm, a.total())?;
    if let Some(b) = of(vm, b) {
        return vm.binary_op(total, int(vm, b.total())?, BinaryOp::FloorDivide);
    }
    if !vm.is_int(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let quotient = vm.binary_op(total, b, BinaryOp::FloorDivide)?;
    let quotient = vm.int_to_big(quotient).unwrap_or_default();
    from_big(vm, class(vm)?, &quotient)
}

fn remainder(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (Some(a), Some(b)) = (of(vm, a), of(vm, b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let rest = vm.binary_op(int(vm, a.total())?, int(vm, b.total())?, BinaryOp::Remainder)?;
    from_big(vm, class(vm)?, &vm.int_to_big(rest).unwrap_or_default())
}

fn divmod(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if of(vm, a).is_none() || of(vm, b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let quotient = floor_divide(vm, a, b)?;
    vm.new_tuple(&[quotient, remainder(vm, a, b)?])
}

fn state(vm: &Vm, value: Value) -> PyResult<Value> {
    let delta = own(vm, value);
    let number = |number: i32| vm.new_int(number.into());
    vm.new_tuple(&[number(delta.days)?, number(delta.seconds)?, number(delta.microseconds)?])
}

pub(super) static TIMEDELTA: TypeDef = TypeDef {
    doc: "Difference between two datetime values.\n\nAll arguments are optional and default to 0.\nArguments may be integers or floats, and may be positive or negative.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "timedelta",
                "cls, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0",
                construct_delta,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(repr),
        str: Some(text),
        hash: Some(|vm, value| vm.hash(state(vm, value)?)),
        compare: Some(compare),
        bool: Some(|vm, value| Ok(own(vm, value).total() != 0)),
        negative: Some(|vm, value| new(vm, -own(vm, value).total())),
        positive: Some(|vm, value| new(vm, own(vm, value).total())),
        absolute: Some(|vm, value| new(vm, own(vm, value).total().abs())),
        binary: {
            let mut binary = Slots::NONE.binary;
            binary[BinaryOp::Add as usize] = Some(add);
            binary[BinaryOp::Subtract as usize] = Some(subtract);
            binary[BinaryOp::Multiply as usize] = Some(multiply);
            binary[BinaryOp::TrueDivide as usize] = Some(true_divide);
            binary[BinaryOp::FloorDivide as usize] = Some(floor_divide);
            binary[BinaryOp::Remainder as usize] = Some(remainder);
            binary
        },
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("total_seconds", "self, /", |vm, args| {
            let total = int(vm, own(vm, args.at(0)).total())?;
            vm.binary_op(total, vm.new_int(1_000_000)?, BinaryOp::TrueDivide)
        })
        .doc("Total seconds in the duration."),
        NativeDef::method("__divmod__", "self, value, /", |vm, args| divmod(vm, args.at(0), args.at(1)))
            .doc("Return divmod(self, value)."),
        NativeDef::method("__rdivmod__", "self, value, /", |vm, args| divmod(vm, args.at(1), args.at(0)))
            .doc("Return divmod(value, self)."),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), state(vm, args.at(0))?])
        })
        .doc("__reduce__() -> (cls, state)"),
    ],
    getset: &[
        GetSetDef::member("days", |vm, value| vm.new_int(own(vm, value).days.into())).doc("Number of days."),
        GetSetDef::member("seconds", |vm, value| vm.new_int(own(vm, value).seconds.into()))
            .doc("Number of seconds (>= 0 and less than 1 day)."),
        GetSetDef::member("microseconds", |vm, value| vm.new_int(own(vm, value).microseconds.into()))
            .doc("Number of microseconds (>= 0 and less than 1 second)."),
    ],
    ..TypeDef::new("datetime.timedelta", <PyDelta as Payload>::LAYOUT)
};
