//! `strftime`, `__format__` and the parts of `isoformat`.

use cinder_vm::{PyResult, Value, Vm};

use super::clock::{Fields, PyTime};
use super::moment::PyDateTime;
use super::{date, zone};

/// `__format__`: `str()` for an empty specification.
pub(super) fn format(vm: &Vm, value: Value, spec: Value) -> PyResult<Value> {
    if !vm.is_str(spec) {
        let found = vm.type_name(spec);
        return Err(vm.type_error(format!("__format__() argument 1 must be str, not {found}")));
    }
    if vm.as_str(spec).is_some_and(|spec| spec.is_empty()) {
        return vm.str(value);
    }
    vm.call_method(value, vm.intern("strftime"), &[spec])
}

/// Zone, microseconds and year of what is formatted.
fn facts(vm: &Vm, value: Value) -> (Value, Value, u32, Option<i32>) {
    if let Some(moment) = vm.downcast::<PyDateTime>(value) {
        return (moment.zone(), value, moment.fields.microsecond, Some(moment.date.parts().0));
    }
    if let Some(time) = vm.downcast::<PyTime>(value) {
        return (time.zone.get(), Value::NONE, time.fields.microsecond, None);
    }
    (Value::NONE, Value::NONE, 0, vm.downcast::<date::PyDate>(value).map(|date| date.parts().0))
}

/// What the C library does not know is put in here; the rest is `time.strftime`'s.
pub(super) fn strftime(vm: &Vm, value: Value, pattern: Value) -> PyResult<Value> {
    if !vm.is_str(pattern) {
        let found = vm.type_name(pattern);
        return Err(vm.type_error(format!("strftime() argument 1 must be str, not {found}")));
    }
    let tuple = match vm.downcast::<PyTime>(value) {
        Some(time) => {
            let number = |number: u32| vm.new_int(number.into());
            let fields = time.fields;
            let (one, first) = (vm.new_int(1)?, vm.new_int(1900)?);
            let (hour, minute, second) =
                (number(fields.hour.into())?, number(fields.minute.into())?, number(fields.second.into())?);
            vm.new_tuple(&[first, one, one, hour, minute, second, Value::ZERO, one, vm.new_int(-1)?])?
        }
        None => vm.call_method(value, vm.intern("timetuple"), &[])?,
    };
    let (zone, argument, microsecond, year) = facts(vm, value);
    let points: Vec<u32> = vm.as_str(pattern).map(|text| text.iter().collect()).unwrap_or_default();
    let mut out: Vec<u32> = Vec::with_capacity(points.len());
    let mut at = 0;
    let push = |out: &mut Vec<u32>, text: &str| out.extend(text.chars().map(u32::from));
    while let Some(point) = points.get(at) {
        at += 1;
        if *point != u32::from('%') {
            out.push(*point);
            continue;
        }
        let Some(letter) = points.get(at).and_then(|point| char::from_u32(*point)) else {
            out.push(u32::from('%'));
            continue;
        };
        at += 1;
        let is_colon = letter == ':' && points.get(at) == Some(&u32::from('z'));
        match letter {
            'z' | ':' if letter == 'z' || is_colon => {
                at += usize::from(is_colon);
                if let Some(offset) = zone::ask(vm, zone, "utcoffset", argument)? {
                    push(&mut out, &zone::offset_text(offset, if is_colon { ":" } else { "" }));
                }
            }
            'Z' => {
                let name = zone::name(vm, zone, argument)?;
                if !name.is_none() {
                    let escaped = vm.call_method(name, vm.intern("replace"), &[vm.intern("%"), vm.intern("%%")])?;
                    let Some(escaped) = vm.as_str(escaped) else {
                        return Err(vm.type_error("tzname.replace() did not return a string"));
                    };
                    out.extend(escaped.iter());
                }
            }
            'f' => push(&mut out, &format!("{microsecond:06}")),
            // The C library writes years before 1000 with fewer digits.
            'Y' | 'G' | 'F' | 'C' if year.is_some_and(|year| year < 1000) => {
                let year = year.unwrap_or(1900);
                match letter {
                    'C' => push(&mut out, &format!("{:02}", year / 100)),
                    'F' => push(&mut out, &format!("{year:04}-%m-%d")),
                    'G' => {
                        let iso = vm.call_method(value, vm.intern("isocalendar"), &[])?;
                        let iso_year = vm.index_i64(vm.tuple_items(iso)[0])?;
                        push(&mut out, &format!("{iso_year:04}"));
                    }
                    _ => push(&mut out, &format!("{year:04}")),
                }
            }
            other => {
                out.push(u32::from('%'));
                out.push(u32::from(other));
            }
        }
    }
    let pattern = vm.new_str_points(&out)?;
    vm.call_method(vm.import("time")?, vm.intern("strftime"), &[pattern, tuple])
}

/// A time in the detail that `timespec` asks for.
///
/// Errors: ValueError `Unknown timespec value`.
pub(super) fn time_text(vm: &Vm, fields: Fields, timespec: Option<Value>) -> PyResult<String> {
    let Fields { hour, minute, second, microsecond, .. } = fields;
    let spec = timespec.map_or("auto".to_owned(), |spec| vm.str_text(spec).into_owned());
    let spec = match (&*spec, microsecond) {
        ("auto", 0) => "seconds",
        ("auto", _) => "microseconds",
        (other, _) => other,
    };
    Ok(match spec {
        "hours" => format!("{hour:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", microsecond / 1000),
        "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{microsecond:06}"),
        _ => return Err(vm.value_error("Unknown timespec value")),
    })
}
