//! Arithmetic, comparison and `quantize` of finite numbers.

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_vm::object::slots::Binary;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};

use super::context::{Limits, Module, Rounding};
use super::digits::Digits;
use super::number::{Decimal, PyNumber, as_number, make_plain, of_int, operand, own};

/// Exponents and shifts beyond this are left to the Python version, whose numbers have no bounds.
const MAX_SHIFT: i64 = 100_000;
const MAX_EXPONENT: i64 = 1 << 60;

type Exact = fn(&Decimal, &Decimal, &Limits) -> Option<Decimal>;

/// An operation that native code does for finite operands: by `exact`, then rounded to the context. Else the Python methods.
fn binary(vm: &Vm, a: Value, b: Value, exact: Exact, method: &str, reflected: &str) -> PyResult<Value> {
    let (left, right) = (as_number(vm, a), as_number(vm, b));
    let Some(number) = left.or(right) else { return Ok(Value::NOT_IMPLEMENTED) };
    let other = if left.is_none() { a } else { b };
    if (left.is_none() || right.is_none()) && !vm.is_int(other) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let slowly = || match left {
        Some(_) => vm.call_method(a, vm.intern(method), &[b]),
        None => vm.call_method(b, vm.intern(reflected), &[a]),
    };
    let value =
        |number: Option<Gc<PyNumber>>, operand| number.map_or_else(|| of_int(vm, operand), |n| Some(n.value(vm)));
    let (Some(x), Some(y)) = (&value(left, a), &value(right, b)) else { return slowly() };
    let Some(module) = Module::of(vm, vm.type_of(number.as_value())) else { return slowly() };
    if !x.is_finite() || !y.is_finite() {
        return slowly();
    }
    let Some(limits) = Limits::of(vm, module.names, module.context(vm)?) else { return slowly() };
    match exact(x, y, &limits) {
        Some(result) => finish(vm, &module, &limits, result),
        None => slowly(),
    }
}

/// The number rounded and checked as the context wants it (Python `_fix`).
fn finish(vm: &Vm, module: &Module, limits: &Limits, number: Decimal) -> PyResult<Value> {
    match fitted(vm, module, limits, &number)? {
        Some(result) => make_plain(vm, module, result),
        None => {
            let raw = make_plain(vm, module, number)?;
            vm.call_method(raw, vm.intern("_fix"), &[limits.context])
        }
    }
}

/// `None`: signals beyond "rounded" and "inexact" are raised, or these are trapped.
fn fitted(vm: &Vm, module: &Module, limits: &Limits, number: &Decimal) -> PyResult<Option<Decimal>> {
    let (etiny, etop) = (limits.etiny(), limits.etop());
    if number.digits.is_zero() {
        let most = if limits.is_clamped { etop } else { limits.emax };
        return Ok((etiny <= number.exponent && number.exponent <= most).then(|| number.clone()));
    }
    let mut exponent = number.digits.count() + number.exponent - limits.prec;
    if exponent > etop || exponent < etiny || (limits.is_clamped && number.exponent > etop) {
        return Ok(None);
    }
    if number.exponent >= exponent {
        return Ok(Some(number.clone()));
    }
    let (mut kept, cut) = number.digits.cut((exponent - number.exponent) as usize);
    if limits.rounding.goes_up(number.sign, &kept, &cut) {
        kept = kept.next();
        if kept.count() > limits.prec {
            kept = kept.cut(1).0;
            exponent += 1;
            if exponent > etop {
                return Ok(None);
            }
        }
    }
    if !limits.flag_rounded(vm, module, !cut.is_exact)? {
        return Ok(None);
    }
    Ok(Some(Decimal::finite(number.sign, kept, exponent)))
}

/// Both coefficients at the lower exponent; `None` when they are far apart.
fn aligned(x: &Decimal, y: &Decimal) -> Option<(Digits, Digits, i64)> {
    let distance = x.exponent.checked_sub(y.exponent)?;
    if distance.abs() > MAX_SHIFT {
        return None;
    }
    let places = distance.unsigned_abs() as usize;
    Some(if distance >= 0 {
        (x.digits.shifted(places), y.digits.clone(), y.exponent)
    } else {
        (x.digits.clone(), y.digits.shifted(places), x.exponent)
    })
}

fn exact_sum(x: &Decimal, y: &Decimal, limits: &Limits) -> Option<Decimal> {
    // Zeros have rules of their own, and of a far smaller number only its sign matters.
    let near = (x.adjusted() - y.adjusted()).abs() <= 2 * limits.prec + 20;
    if x.is_zero() || y.is_zero() || !near {
        return sum_with_zero(x, y, limits);
    }
    let (a, b, exponent) = aligned(x, y)?;
    if x.sign == y.sign {
        return Some(Decimal::finite(x.sign, a.plus(&b), exponent));
    }
    match a.compare(&b) {
        Ordering::Greater => Some(Decimal::finite(x.sign, a.minus(&b), exponent)),
        Ordering::Less => Some(Decimal::finite(y.sign, b.minus(&a), exponent)),
        Ordering::Equal => Some(Decimal::finite(limits.rounding == Rounding::Floor, Digits::Small(0), exponent)),
    }
}

/// A sum with one zero whose exponent the other number can take without rounding.
fn sum_with_zero(x: &Decimal, y: &Decimal, limits: &Limits) -> Option<Decimal> {
    let (zero, other) = match (x.is_zero(), y.is_zero()) {
        (true, false) => (x, y),
        (false, true) => (y, x),
        _ => return None,
    };
    let exponent = zero.exponent.min(other.exponent).max(other.exponent - limits.prec - 1);
    let places = usize::try_from(other.exponent - exponent).ok()?;
    Some(Decimal::finite(other.sign, other.digits.shifted(places), exponent))
}

fn exact_difference(x: &Decimal, y: &Decimal, limits: &Limits) -> Option<Decimal> {
    exact_sum(x, &Decimal { sign: !y.sign, ..y.clone() }, limits)
}

fn exact_product(x: &Decimal, y: &Decimal, _: &Limits) -> Option<Decimal> {
    let exponent = x.exponent.checked_add(y.exponent).filter(|exponent| exponent.abs() < MAX_EXPONENT)?;
    Some(Decimal::finite(x.sign ^ y.sign, x.digits.times(&y.digits), exponent))
}

/// The quotient with one digit more than wanted, the last of which tells that it is not exact.
fn quotient(x: &Decimal, y: &Decimal, limits: &Limits) -> Option<Decimal> {
    if y.is_zero() {
        return None;
    }
    let (sign, ideal) = (x.sign ^ y.sign, x.exponent.checked_sub(y.exponent)?);
    if x.is_zero() {
        return Some(Decimal::finite(sign, Digits::Small(0), ideal));
    }
    let shift = y.digits.count() - x.digits.count() + limits.prec + 1;
    if ideal.abs() > MAX_EXPONENT || shift.abs() > MAX_SHIFT {
        return None;
    }
    let mut exponent = ideal - shift;
    let places = shift.unsigned_abs() as usize;
    let (mut digits, is_exact) = if shift >= 0 {
        x.digits.shifted(places).divided(&y.digits)
    } else {
        x.digits.divided(&y.digits.shifted(places))
    };
    if !is_exact {
        if digits.last() % 5 == 0 {
            digits = digits.next();
        }
    } else {
        // As near to the ideal exponent as it gets.
        while exponent < ideal {
            let (shorter, cut) = digits.cut(1);
            if !cut.is_exact {
                break;
            }
            digits = shorter;
            exponent += 1;
        }
    }
    Some(Decimal::finite(sign, digits, exponent))
}

const fn table() -> [Option<Binary>; 13] {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[0] = Some(|vm, a, b| binary(vm, a, b, exact_sum, "_py_add", "_py_radd"));
    table[1] = Some(|vm, a, b| binary(vm, a, b, exact_difference, "_py_sub", "_py_rsub"));
    table[2] = Some(|vm, a, b| binary(vm, a, b, exact_product, "_py_mul", "_py_rmul"));
    table[3] = Some(|vm, a, b| binary(vm, a, b, quotient, "_py_truediv", "_py_rtruediv"));
    table
}

pub(super) const BINARY: [Option<Binary>; 13] = table();

/// A sign operation: `change` makes the result before rounding, `None` leaves it to the method.
fn unary(vm: &Vm, value: Value, method: &str, change: impl Fn(&Decimal) -> Decimal) -> PyResult<Value> {
    let number = own(vm, value).value(vm);
    let slowly = || vm.call_method(value, vm.intern(method), &[]);
    // The sign of zero depends on the rounding.
    if !number.is_finite() || number.is_zero() {
        return slowly();
    }
    let Some(module) = Module::of(vm, vm.type_of(value)) else { return slowly() };
    let Some(limits) = Limits::of(vm, module.names, module.context(vm)?) else { return slowly() };
    finish(vm, &module, &limits, change(&number))
}

pub(super) fn negative(vm: &Vm, value: Value) -> PyResult<Value> {
    unary(vm, value, "_py_neg", |number| Decimal { sign: !number.sign, ..number.clone() })
}

pub(super) fn positive(vm: &Vm, value: Value) -> PyResult<Value> {
    unary(vm, value, "_py_pos", Decimal::clone)
}

pub(super) fn absolute(vm: &Vm, value: Value) -> PyResult<Value> {
    unary(vm, value, "_py_abs", |number| Decimal { sign: false, ..number.clone() })
}

/// Order of finite numbers.
fn order(x: &Decimal, y: &Decimal) -> Option<Ordering> {
    match (x.is_zero(), y.is_zero()) {
        (true, true) => return Some(Ordering::Equal),
        (true, false) => return Some(if y.sign { Ordering::Greater } else { Ordering::Less }),
        (false, true) => return Some(if x.sign { Ordering::Less } else { Ordering::Greater }),
        (false, false) if x.sign != y.sign => {
            return Some(if x.sign { Ordering::Less } else { Ordering::Greater });
        }
        (false, false) => {}
    }
    let magnitude = match x.adjusted().cmp(&y.adjusted()) {
        Ordering::Equal => {
            let (a, b, _) = aligned(x, y)?;
            a.compare(&b)
        }
        order => order,
    };
    Some(if x.sign { magnitude.reverse() } else { magnitude })
}

pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let number = own(vm, a).value(vm);
    let order = match operand(vm, b) {
        Some(other) if number.is_finite() && other.is_finite() => order(&number, &other),
        _ => None,
    };
    if let Some(order) = order {
        return Ok(Value::from_bool(match op {
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
        }));
    }
    let name = match op {
        CompareOp::Lt => "_py_lt",
        CompareOp::Le => "_py_le",
        CompareOp::Eq | CompareOp::Ne => "_py_eq",
        CompareOp::Gt => "_py_gt",
        CompareOp::Ge => "_py_ge",
    };
    let answer = vm.call_method(a, vm.intern(name), &[b])?;
    if op == CompareOp::Ne && answer != Value::NOT_IMPLEMENTED {
        return Ok(Value::from_bool(!vm.truthy(answer)?));
    }
    Ok(answer)
}

/// `number.quantize(exp, rounding=None, context=None)`.
pub(super) fn quantize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let given = |index: usize| args.opt(index).filter(|value| !value.is_none());
    match quantized(vm, args.at(0), args.at(1), given(2), given(3))? {
        Some(result) => Ok(result),
        None => {
            let rest = [args.at(1), args.opt(2).unwrap_or(Value::NONE), args.opt(3).unwrap_or(Value::NONE)];
            vm.call_method(args.at(0), vm.intern("_py_quantize"), &rest)
        }
    }
}

/// `None`: the Python version decides.
fn quantized(
    vm: &Vm,
    value: Value,
    pattern: Value,
    rounding: Option<Value>,
    context: Option<Value>,
) -> PyResult<Option<Value>> {
    let (number, Some(pattern)) = (own(vm, value).value(vm), operand(vm, pattern)) else { return Ok(None) };
    let Some(module) = Module::of(vm, vm.type_of(value)) else { return Ok(None) };
    let context = match context {
        Some(context) => context,
        None => module.context(vm)?,
    };
    let Some(mut limits) = Limits::of(vm, module.names, context) else { return Ok(None) };
    if let Some(rounding) = rounding {
        let Some(rounding) = Rounding::of(vm, module.names, rounding) else { return Ok(None) };
        limits.rounding = rounding;
    }
    let exponent = pattern.exponent;
    let fits = number.is_finite()
        && pattern.is_finite()
        && !number.is_zero()
        && (limits.etiny()..=limits.emax).contains(&exponent)
        && number.adjusted() <= limits.emax
        && number.adjusted() - exponent < limits.prec;
    if !fits {
        return Ok(None);
    }
    let result = if number.exponent >= exponent {
        let places = number.exponent - exponent;
        if places > MAX_SHIFT {
            return Ok(None);
        }
        Decimal::finite(number.sign, number.digits.shifted(places as usize), exponent)
    } else {
        let places = exponent - number.exponent;
        if places > MAX_SHIFT {
            return Ok(None);
        }
        let (mut kept, cut) = number.digits.cut(places as usize);
        if limits.rounding.goes_up(number.sign, &kept, &cut) {
            kept = kept.next();
        }
        let result = Decimal::finite(number.sign, kept, exponent);
        let is_normal = !result.is_zero() && result.adjusted() >= limits.emin && result.adjusted() <= limits.emax;
        if !is_normal || result.digits.count() > limits.prec || (limits.is_clamped && exponent > limits.etop()) {
            return Ok(None);
        }
        if !limits.flag_rounded(vm, &module, !cut.is_exact)? {
            return Ok(None);
        }
        result
    };
    let is_normal = result.adjusted() >= limits.emin && result.adjusted() <= limits.emax;
    if !is_normal || result.digits.count() > limits.prec || (limits.is_clamped && exponent > limits.etop()) {
        return Ok(None);
    }
    make_plain(vm, &module, result).map(Some)
}
