//! Comparing, hashing, adding and subtracting moments, and what they are in other zones.

use cinder_bytecode::CompareOp;
use cinder_vm::{Gc, PyResult, Value, Vm};

use super::clock::Fields;
use super::moment::{self, PyDateTime};
use super::{delta, local, zone};

fn offset(vm: &Vm, moment: Value) -> PyResult<Option<i64>> {
    zone::ask(vm, moment::own(vm, moment).zone(), "utcoffset", moment)
}

/// The same moment with the other fold, or another zone; exactly a `datetime`.
fn variant(vm: &Vm, moment: Value, fold: u8, zone: Value) -> PyResult<Value> {
    let own = moment::own(vm, moment);
    let fields = Fields { fold, ..own.fields };
    moment::of_class(vm, moment::class(vm)?.as_value(), own.date.parts(), fields, zone)
}

/// `moment` with another zone, all else as it is, of its class.
pub(super) fn with_zone(vm: &Vm, moment: Value, zone: Value) -> PyResult<Value> {
    let own = moment::own(vm, moment);
    moment::of_class(vm, vm.type_of(moment).as_value(), own.date.parts(), own.fields, zone)
}

/// Whether the offset depends on the fold: such times equal none of another zone (PEP 495).
fn depends_on_fold(vm: &Vm, moment: Value, known: Option<i64>) -> PyResult<bool> {
    let own = moment::own(vm, moment);
    Ok(offset(vm, variant(vm, moment, 1 - own.fields.fold, own.zone())?)? != known)
}

pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(left), Some(right)) = (vm.downcast::<PyDateTime>(a), vm.downcast::<PyDateTime>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let answer = |left: i128, right: i128| Ok(Value::from_bool(super::holds(op, left.cmp(&right))));
    if left.zone() == right.zone() {
        return answer(left.total(), right.total());
    }
    let (first, second) = (offset(vm, a)?, offset(vm, b)?);
    let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let (from, to) = match (first, second) {
        (None, None) => (left.total(), right.total()),
        (Some(x), Some(y)) => (left.total() - i128::from(x), right.total() - i128::from(y)),
        _ if is_equality => return Ok(Value::from_bool(op == CompareOp::Ne)),
        _ => return Err(vm.type_error("can't compare offset-naive and offset-aware datetimes")),
    };
    if is_equality && from == to && (depends_on_fold(vm, a, first)? || depends_on_fold(vm, b, second)?) {
        return Ok(Value::from_bool(op == CompareOp::Ne));
    }
    answer(from, to)
}

pub(super) fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let own = moment::own(vm, value);
    let plain = if own.fields.fold == 0 { value } else { variant(vm, value, 0, own.zone())? };
    match offset(vm, plain)? {
        None => vm.hash(vm.new_bytes(&[&own.date.state()[..], &own.fields.state()].concat())?),
        Some(offset) => vm.hash(delta::new(vm, own.total() - i128::from(offset))?),
    }
}

pub(super) fn add(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (moment, other) = if vm.downcast::<PyDateTime>(a).is_some() { (a, b) } else { (b, a) };
    match (vm.downcast::<PyDateTime>(moment), delta::of(vm, other)) {
        (Some(_), Some(delta)) => moment::shifted(vm, moment, delta.total()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Microseconds from `b` to `a`.
fn between(vm: &Vm, a: Value, b: Value, left: Gc<PyDateTime>, right: Gc<PyDateTime>) -> PyResult<i128> {
    let plain = left.total() - right.total();
    if left.zone() == right.zone() {
        return Ok(plain);
    }
    match (offset(vm, a)?, offset(vm, b)?) {
        (None, None) => Ok(plain),
        (Some(x), Some(y)) => Ok(plain - i128::from(x) + i128::from(y)),
        _ => Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes")),
    }
}

pub(super) fn subtract(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some(left) = vm.downcast::<PyDateTime>(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(right) = vm.downcast::<PyDateTime>(b) {
        return delta::new(vm, between(vm, a, b, left, right)?);
    }
    match delta::of(vm, b) {
        Some(delta) => moment::shifted(vm, a, -delta.total()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

const EPOCH: i128 = local::EPOCH as i128 * 1_000_000;

/// Seconds in UTC of a moment that local clocks show.
fn local_seconds(vm: &Vm, moment: Value, fold: bool) -> PyResult<i64> {
    let shown = moment::own(vm, moment).total().div_euclid(1_000_000) as i64;
    Ok(local::from_local(vm, shown, fold)? - local::EPOCH)
}

pub(super) fn timestamp(vm: &Vm, moment: Value) -> PyResult<Value> {
    let own = moment::own(vm, moment);
    if own.zone().is_none() {
        let seconds = local_seconds(vm, moment, own.fields.fold != 0)?;
        return vm.new_float(seconds as f64 + f64::from(own.fields.microsecond) / 1e6);
    }
    let Some(offset) = offset(vm, moment)? else {
        return Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes"));
    };
    let total = own.total() - EPOCH - i128::from(offset);
    let total = delta::int(vm, total)?;
    vm.binary_op(total, vm.new_int(1_000_000)?, cinder_bytecode::BinaryOp::TrueDivide)
}

/// The zone that local clocks are in at a timestamp.
fn local_zone(vm: &Vm, seconds: i64) -> PyResult<Value> {
    let time = local::fields_of(vm, seconds, true)?;
    // SAFETY: the zone is a NUL-terminated text of the C library, or null.
    let name = unsafe {
        if time.tm_zone.is_null() {
            String::new()
        } else {
            std::ffi::CStr::from_ptr(time.tm_zone).to_string_lossy().into_owned()
        }
    };
    let name = vm.new_str(&name)?;
    zone::alloc(vm, zone::class(vm)?, time.tm_gmtoff * 1_000_000, Some(name))
}

/// The local zone of a moment without zone.
pub(super) fn local_zone_of(vm: &Vm, moment: Value) -> PyResult<Value> {
    let fold = moment::own(vm, moment).fields.fold != 0;
    let (seconds, other) = (local_seconds(vm, moment, fold)?, local_seconds(vm, moment, !fold)?);
    // In a gap the zone is that of the other side.
    let is_gap = seconds != other && (other > seconds) == fold;
    local_zone(vm, if is_gap { other } else { seconds })
}

/// The local zone at a moment in UTC.
pub(super) fn local_zone_at(vm: &Vm, utc: Value) -> PyResult<Value> {
    local_zone(vm, (moment::own(vm, utc).total() - EPOCH).div_euclid(1_000_000) as i64)
}
