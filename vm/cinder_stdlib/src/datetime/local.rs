//! Timestamps and the local calendar of the C library.

use cinder_vm::{PyResult, Value, Vm};

use super::calendar;
use super::clock::Fields;
use super::date::PyDate;

/// Longest fold and gap that is looked for (PEP 495).
const MAX_FOLD: i64 = 24 * 3600;
/// The epoch in seconds of the calendar.
pub(super) const EPOCH: i64 = 719_163 * 86_400;

/// Seconds and microseconds of now.
pub(super) fn now() -> (i64, u32) {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as i64, since.subsec_micros())
}

/// Seconds and microseconds of a timestamp; `whole` rounds down to seconds.
///
/// Errors: TypeError for what is no number, ValueError for NaN, OverflowError.
pub(super) fn timestamp(vm: &Vm, value: Value, whole: bool) -> PyResult<(i64, u32)> {
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    let Some(number) = vm.float_value(value) else {
        if vm.type_of(value).slots().index.is_none() {
            let found = vm.type_name(value);
            return Err(vm.type_error(format!("argument must be int or float, not {found}")));
        }
        return vm.int_to_i64(vm.index(value)?).map(|seconds| (seconds, 0)).ok_or_else(out_of_range);
    };
    if number.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    let (mut seconds, mut micros) = (number.floor(), 0.0);
    if !whole {
        seconds = number.trunc();
        micros = ((number - seconds) * 1e6).round_ties_even();
        if micros >= 1e6 {
            micros -= 1e6;
            seconds += 1.0;
        } else if micros < 0.0 {
            micros += 1e6;
            seconds -= 1.0;
        }
    }
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&seconds) {
        return Err(out_of_range());
    }
    Ok((seconds as i64, micros as u32))
}

/// The C library's fields of a moment. Errors: OSError for years it cannot hold.
pub(super) fn fields_of(vm: &Vm, seconds: i64, is_local: bool) -> PyResult<libc::tm> {
    // SAFETY: a zeroed `tm` is valid, and the calls fill it.
    let (made, out) = unsafe {
        let mut out: libc::tm = std::mem::zeroed();
        let made = if is_local {
            libc::localtime_r(&raw const seconds, &raw mut out)
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut out)
        };
        (!made.is_null(), out)
    };
    if made { Ok(out) } else { Err(crate::args::os_error_number(vm, libc::EOVERFLOW, None)) }
}

/// Seconds of the calendar by the fields of a clock.
fn seconds_of(time: &libc::tm) -> i64 {
    let day = calendar::ordinal(time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
    day * 86_400 + i64::from(time.tm_hour) * 3600 + i64::from(time.tm_min) * 60 + i64::from(time.tm_sec)
}

/// What local clocks show at `seconds` of the calendar in UTC.
fn local(vm: &Vm, seconds: i64) -> PyResult<i64> {
    if !(86_400..=calendar::MAX_ORDINAL * 86_400 + 86_399).contains(&seconds) {
        return Err(vm.value_error("year is out of range"));
    }
    Ok(seconds_of(&fields_of(vm, seconds - EPOCH, true)?))
}

/// Date and time of a timestamp; of two equal local times the fold tells which.
pub(super) fn broken(vm: &Vm, seconds: i64, is_local: bool) -> PyResult<((i32, i32, i32), Fields)> {
    let time = fields_of(vm, seconds, is_local)?;
    let parts = (time.tm_year.saturating_add(1900), time.tm_mon + 1, time.tm_mday);
    super::date::check(vm, parts)?;
    let mut fields = Fields {
        hour: time.tm_hour as u8,
        minute: time.tm_min as u8,
        // The C library may show leap seconds.
        second: time.tm_sec.min(59) as u8,
        fold: 0,
        microsecond: 0,
    };
    if is_local {
        let shown = seconds_of(&time);
        let transition = shown - local(vm, EPOCH + seconds - MAX_FOLD)? - MAX_FOLD;
        if transition < 0 && local(vm, EPOCH + seconds + transition)? == shown {
            fields.fold = 1;
        }
    }
    Ok((parts, fields))
}

/// Seconds of the calendar in UTC when local clocks show `shown`.
pub(super) fn from_local(vm: &Vm, shown: i64, fold: bool) -> PyResult<i64> {
    let a = local(vm, shown)? - shown;
    let first = shown - a;
    let first_shows = local(vm, first)?;
    let b = if first_shows == shown {
        // One solution; there may be an earlier or later one.
        let other = if fold { first + MAX_FOLD } else { first - MAX_FOLD };
        let b = local(vm, other)? - other;
        if a == b {
            return Ok(first);
        }
        b
    } else {
        first_shows - first
    };
    let second = shown - b;
    if local(vm, second)? == shown {
        return Ok(second);
    }
    if first_shows == shown {
        return Ok(first);
    }
    // No clock ever shows it.
    Ok(if fold { first.min(second) } else { first.max(second) })
}

/// `time.struct_time` of a day and a time.
pub(super) fn struct_time(vm: &Vm, date: &PyDate, fields: Fields, summer: i32) -> PyResult<Value> {
    let (year, month, day) = date.parts();
    let numbers = [
        year,
        month,
        day,
        fields.hour.into(),
        fields.minute.into(),
        fields.second.into(),
        calendar::weekday(year, month, day),
        calendar::days_before_month(year, month) + day,
        summer,
    ];
    let items: cinder_vm::value_vec::ValueVec<[Value; 9]> =
        numbers.iter().map(|number| Value::from_i32(*number)).collect();
    let tuple = vm.new_tuple(&items)?;
    vm.call_method(vm.import("time")?, vm.intern("struct_time"), &[tuple])
}
