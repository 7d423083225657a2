//! Arithmetic, comparison and `quantize` of finite numbers.

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_vm::object::slots::Binary;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};

use super::context::{Limits, Module, Rounding};
use super::digits::Digits;
use super::number::{Decimal, Kind, PyNumber, as_number, make_plain, make_small, of_int, operand, own};
use super::small::{self, Small};

/// Exponents and shifts beyond this are left to the Python version, whose numbers have no bounds.
const MAX_SHIFT: i64 = 100_000;
const MAX_EXPONENT: i64 = 1 << 60;

type Exact = fn(&Decimal, &Decimal, &Limits) -> Option<Decimal>;

/// An operation before rounding: of small numbers, and of any.
pub(super) struct Operation {
    small: small::Exact,
    exact: Exact,
}

pub(super) static SUM: Operation = Operation { small: Small::sum, exact: exact_sum };
pub(super) static DIFFERENCE: Operation = Operation { small: Small::difference, exact: exact_difference };
pub(super) static PRODUCT: Operation = Operation { small: Small::product, exact: exact_product };
pub(super) static QUOTIENT: Operation = Operation { small: Small::quotient, exact: quotient };

/// The result of an operation that neither rounds nor signals.
#[inline]
fn small_result(x: Option<Small>, y: Option<Small>, operation: &Operation, limits: &Limits) -> Option<Small> {
    (operation.small)(x?, y?).filter(|result| result.fits(limits))
}

/// `context.add(a, b)` and the like.
pub(super) fn in_context(vm: &Vm, args: &[Arg], operation: &Operation, method: &str) -> PyResult<Value> {
    let (context, a, b) = (args.at(0), args.at(1), args.at(2));
    let slowly = || vm.call_method(context, vm.intern(method), &[a, b]);
    let Some(module) = Module::of_context(vm, vm.type_of(context)) else { return slowly() };
    let Some(limits) = Limits::of(vm, module.names, context) else { return slowly() };
    let (left, right) = (as_number(vm, a), as_number(vm, b));
    if let Some(result) = small_result(Small::of(left, a), Small::of(right, b), operation, &limits) {
        return make_small(vm, &module, result);
    }
    match (operand(vm, a), operand(vm, b)) {
        (Some(x), Some(y)) if x.is_finite() && y.is_finite() => match (operation.exact)(&x, &y, &limits) {
            Some(result) => finish(vm, &module, &limits, result),
            None => slowly(),
        },
        _ => slowly(),
    }
}

/// An operation that native code does for finite operands, then rounded to the context. Else the Python methods.
fn binary(
    vm: &Vm,
    a: Value,
    b: Value,
    operation: &Operation,
    method: &'static str,
    reflected: &'static str,
) -> PyResult<Value> {
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
    let Some(module) = Module::of(vm, vm.type_of(number.as_value())) else { return slowly() };
    let Some(limits) = Limits::of(vm, module.names, module.context(vm)?) else { return slowly() };
    if let Some(result) = small_result(Small::of(left, a), Small::of(right, b), operation, &limits) {
        return make_small(vm, &module, result);
    }
    let value =
        |number: Option<Gc<PyNumber>>, operand| number.map_or_else(|| of_int(vm, operand), |n| Some(n.value(vm)));
    let (Some(x), Some(y)) = (&value(left, a), &value(right, b)) else { return slowly() };
    if !x.is_finite() || !y.is_finite() {
        return slowly();
    }
    match (operation.exact)(x, y, &limits) {
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
    if limits.rounding.goes_up(number.sign, || kept.last(), &cut) {
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
    table[0] = Some(|vm, a, b| binary(vm, a, b, &SUM, "_py_add", "_py_radd"));
    table[1] = Some(|vm, a, b| binary(vm, a, b, &DIFFERENCE, "_py_sub", "_py_rsub"));
    table[2] = Some(|vm, a, b| binary(vm, a, b, &PRODUCT, "_py_mul", "_py_rmul"));
    table[3] = Some(|vm, a, b| binary(vm, a, b, &QUOTIENT, "_py_truediv", "_py_rtruediv"));
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

/// `context.quantize(a, b)`.
pub(super) fn quantize_in_context(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (context, a, b) = (args.at(0), args.at(1), args.at(2));
    if as_number(vm, a).is_some()
        && let Some(result) = quantized(vm, a, b, None, Some(context))?
    {
        return Ok(result);
    }
    vm.call_method(context, vm.intern("_py_quantize"), &[a, b])
}

/// `None`: the Python version decides.
fn quantized(
    vm: &Vm,
    value: Value,
    pattern: Value,
    rounding: Option<Value>,
    context: Option<Value>,
) -> PyResult<Option<Value>> {
    let number = own(vm, value);
    let exponent = match as_number(vm, pattern) {
        Some(pattern) if pattern.kind == Kind::Finite => pattern.exponent,
        None if vm.is_int(pattern) => 0,
        _ => return Ok(None),
    };
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
    if number.kind != Kind::Finite || !(limits.etiny()..=limits.emax).contains(&exponent) {
        return Ok(None);
    }
    if let Some((result, is_exact)) = Small::of_any(number).and_then(|number| number.quantized(exponent, &limits)) {
        return match is_exact {
            Some(is_exact) if !limits.flag_rounded(vm, &module, !is_exact)? => Ok(None),
            _ => make_small(vm, &module, result).map(Some),
        };
    }
    let number = number.value(vm);
    if limits.is_clamped && exponent > limits.etop() {
        return Ok(None);
    }
    let fits = number.is_zero() || (number.adjusted() <= limits.emax && number.adjusted() - exponent < limits.prec);
    let distance = number.exponent.saturating_sub(exponent);
    if !fits || distance.unsigned_abs() > MAX_SHIFT.unsigned_abs() {
        return Ok(None);
    }
    let places = distance.unsigned_abs() as usize;
    let (digits, cut) = match distance {
        // Of a zero nothing is cut off.
        _ if number.is_zero() => (Digits::Small(0), None),
        0.. => (number.digits.shifted(places), None),
        _ => {
            let (mut kept, cut) = number.digits.cut(places);
            if limits.rounding.goes_up(number.sign, || kept.last(), &cut) {
                kept = kept.next();
            }
            (kept, Some(cut))
        }
    };
    let result = Decimal::finite(number.sign, digits, exponent);
    // What is not zero must be a normal number of the context.
    let is_normal = result.is_zero() || (limits.emin..=limits.emax).contains(&result.adjusted());
    if !is_normal || result.digits.count() > limits.prec {
        return Ok(None);
    }
    if let Some(cut) = cut
        && !limits.flag_rounded(vm, &module, !cut.is_exact)?
    {
        return Ok(None);
    }
    make_plain(vm, &module, result).map(Some)
}
