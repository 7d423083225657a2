//! Dates and zones of `time`: the C library's calendar.

use std::ffi::{CStr, CString};

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};

use super::clock;
use crate::args::{c_int, given};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    STRUCT_TIME, "time.struct_time",
    0 tm_year, 1 tm_mon, 2 tm_mday, 3 tm_hour, 4 tm_min, 5 tm_sec, 6 tm_wday, 7 tm_yday, 8 tm_isdst;
    tm_zone, tm_gmtoff,
);

fn struct_time(vm: &Vm, broken: &libc::tm) -> PyResult<Value> {
    let number = |value: i32| vm.new_int(value.into());
    let items = [
        number(broken.tm_year + 1900)?,
        number(broken.tm_mon + 1)?,
        number(broken.tm_mday)?,
        number(broken.tm_hour)?,
        number(broken.tm_min)?,
        number(broken.tm_sec)?,
        number((broken.tm_wday + 6) % 7)?,
        number(broken.tm_yday + 1)?,
        number(broken.tm_isdst)?,
    ];
    let value = struct_sequence::new(vm, &STRUCT_TIME, &items)?;
    // SAFETY: the zone is a NUL-terminated text of the C library, or null.
    let zone = unsafe {
        if broken.tm_zone.is_null() {
            "UTC".to_owned()
        } else {
            CStr::from_ptr(broken.tm_zone).to_string_lossy().into_owned()
        }
    };
    let zone = vm.new_str(&zone)?;
    vm.set_own_attribute(value, vm.intern("tm_zone"), zone)?;
    let offset = vm.new_int(broken.tm_gmtoff)?;
    vm.set_own_attribute(value, vm.intern("tm_gmtoff"), offset)?;
    Ok(value)
}

/// Adds `struct_time`.
pub(super) fn add_class(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let class = struct_sequence::class(vm, &STRUCT_TIME)?;
    vm.set_item_text(dict, "struct_time", class.as_value())?;
    vm.set_item_text(dict, "_STRUCT_TM_ITEMS", vm.new_int(11)?)
}

fn now() -> i64 {
    clock(libc::CLOCK_REALTIME).div_euclid(1_000_000_000)
}

/// Whole seconds since the epoch of an argument, now when there is none.
///
/// Errors: OverflowError `timestamp out of range for platform time_t`, ValueError for NaN.
fn moment(vm: &Vm, value: Option<Value>) -> PyResult<i64> {
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    let Some(value) = given(value) else { return Ok(now()) };
    if let Some(number) = vm.float_value(value) {
        if number.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let whole = number.floor();
        let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole);
        return if fits { Ok(whole as i64) } else { Err(out_of_range()) };
    }
    let number = vm.index(value)?;
    vm.int_to_i64(number).ok_or_else(out_of_range)
}

/// The date of a moment; `None` when the year does not fit.
fn broken(seconds: i64, local: bool) -> Option<libc::tm> {
    // SAFETY: a zeroed `tm` is valid, and the calls fill it.
    unsafe {
        let mut out: libc::tm = std::mem::zeroed();
        let made = if local {
            libc::localtime_r(&raw const seconds, &raw mut out)
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut out)
        };
        if made.is_null() { None } else { Some(out) }
    }
}

fn date(vm: &Vm, value: Option<Value>, local: bool) -> PyResult<libc::tm> {
    let seconds = moment(vm, value)?;
    broken(seconds, local).ok_or_else(|| crate::args::os_error_number(vm, libc::EOVERFLOW, None))
}

/// `gmtime`, `localtime`.
pub(super) fn broken_down(vm: &Vm, value: Option<Value>, local: bool) -> PyResult<Value> {
    struct_time(vm, &date(vm, value, local)?)
}

/// The nine numbers of a time tuple, and the zone that a `struct_time` knows.
fn from_tuple(vm: &Vm, value: Value, function: &str) -> PyResult<libc::tm> {
    if vm.as_tuple(value).is_none() {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    }
    let items = vm.tuple_items(value);
    if items.len() != 9 {
        return Err(vm.type_error(format!("{function}(): illegal time tuple argument")));
    }
    let mut numbers = [0i32; 9];
    for (number, item) in numbers.iter_mut().zip(items) {
        *number = c_int(vm, *item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, summer] = numbers;
    // SAFETY: a zeroed `tm` is valid.
    let mut out: libc::tm = unsafe { std::mem::zeroed() };
    out.tm_year = year.checked_sub(1900).ok_or_else(|| vm.overflow_error("year out of range"))?;
    out.tm_mon = month.wrapping_sub(1);
    out.tm_mday = day;
    out.tm_hour = hour;
    out.tm_min = minute;
    out.tm_sec = second;
    out.tm_wday = weekday.wrapping_add(1) % 7;
    out.tm_yday = yearday.wrapping_sub(1);
    out.tm_isdst = summer;
    Ok(out)
}

/// Refuses numbers that no date has; zero stands for the first month and day.
fn checked(vm: &Vm, mut time: libc::tm) -> PyResult<libc::tm> {
    let bad = |what: &str| Err(vm.value_error(format!("{what} out of range")));
    if time.tm_mon == -1 {
        time.tm_mon = 0;
    }
    if time.tm_mday == 0 {
        time.tm_mday = 1;
    }
    if time.tm_yday == -1 {
        time.tm_yday = 0;
    }
    match () {
        () if !(0..=11).contains(&time.tm_mon) => bad("month"),
        () if !(1..=31).contains(&time.tm_mday) => bad("day of month"),
        () if !(0..=23).contains(&time.tm_hour) => bad("hour"),
        () if !(0..=59).contains(&time.tm_min) => bad("minute"),
        () if !(0..=61).contains(&time.tm_sec) => bad("seconds"),
        () if time.tm_wday < 0 => bad("day of week"),
        () if !(0..=365).contains(&time.tm_yday) => bad("day of year"),
        () => Ok(time),
    }
}

pub(super) fn mktime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut time = from_tuple(vm, args.at(0), "mktime")?;
    time.tm_wday = -1;
    // SAFETY: the struct is complete.
    let seconds = unsafe { libc::mktime(&raw mut time) };
    // The moment before the epoch is told from an error by what the call filled in.
    if seconds == -1 && time.tm_wday == -1 {
        return Err(vm.overflow_error("mktime argument out of range"));
    }
    vm.new_float(seconds as f64)
}

/// Formats a run of ASCII characters.
fn formatted(vm: &Vm, format: &[u8], time: &libc::tm) -> PyResult<Vec<u8>> {
    let format = CString::new(format).map_err(|_| vm.value_error("embedded null character"))?;
    let mut room = vec![0u8; 256 + format.as_bytes().len() * 64];
    // SAFETY: the buffer has the given length, the format is NUL-terminated.
    let len = unsafe { libc::strftime(room.as_mut_ptr().cast(), room.len(), format.as_ptr(), &raw const *time) };
    room.truncate(len);
    Ok(room)
}

pub(super) fn strftime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(format) = vm.as_str(args.at(0)) else {
        let found = vm.type_name(args.at(0));
        return Err(vm.type_error(format!("strftime() argument 1 must be str, not {found}")));
    };
    let time = match args.opt(1) {
        Some(tuple) => checked(vm, from_tuple(vm, tuple, "strftime")?)?,
        None => date(vm, None, true)?,
    };
    let time = libc::tm { tm_isdst: time.tm_isdst.clamp(-1, 1), ..time };
    // Only ASCII goes through the C library: everything else stands for itself, zero characters and lone surrogates too.
    let mut out: Vec<u32> = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    let flush = |run: &mut Vec<u8>, out: &mut Vec<u32>| -> PyResult<()> {
        let bytes = formatted(vm, run, &time)?;
        out.extend(String::from_utf8_lossy(&bytes).chars().map(u32::from));
        run.clear();
        Ok(())
    };
    for c in format.iter() {
        match u8::try_from(c) {
            Ok(byte @ 1..=127) => run.push(byte),
            _ => {
                flush(&mut run, &mut out)?;
                out.push(c);
            }
        }
    }
    flush(&mut run, &mut out)?;
    vm.new_str_points(&out)
}

fn date_text(vm: &Vm, time: &libc::tm) -> PyResult<Value> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, month) = (DAYS[time.tm_wday.rem_euclid(7) as usize], MONTHS[time.tm_mon.rem_euclid(12) as usize]);
    let (hour, minute, second, year) = (time.tm_hour, time.tm_min, time.tm_sec, i64::from(time.tm_year) + 1900);
    vm.new_str(&format!("{day} {month} {:2} {hour:02}:{minute:02}:{second:02} {year}", time.tm_mday))
}

pub(super) fn asctime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let time = match args.opt(0) {
        Some(tuple) => checked(vm, from_tuple(vm, tuple, "asctime")?)?,
        None => date(vm, None, true)?,
    };
    date_text(vm, &time)
}

pub(super) fn ctime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    date_text(vm, &date(vm, args.opt(0), true)?)
}

unsafe extern "C" {
    #[link_name = "tzset"]
    safe fn c_tzset();
}

/// Reads the zone from the environment anew.
pub(super) fn tzset() {
    c_tzset();
}

/// Adds `timezone`, `altzone`, `daylight` and `tzname`, from the zone's state in January and July.
pub(super) fn add_zone(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let start = now() / YEAR * YEAR;
    let (Some(winter), Some(summer)) = (broken(start, true), broken(start + YEAR / 2, true)) else { return Ok(()) };
    // South of the equator it is summer in January.
    let (standard, other) = if winter.tm_gmtoff <= summer.tm_gmtoff { (&winter, &summer) } else { (&summer, &winter) };
    vm.set_item_text(dict, "timezone", vm.new_int(-standard.tm_gmtoff)?)?;
    vm.set_item_text(dict, "altzone", vm.new_int(-other.tm_gmtoff)?)?;
    vm.set_item_text(dict, "daylight", vm.new_int(i64::from(standard.tm_gmtoff != other.tm_gmtoff))?)?;
    let name = |time: &libc::tm| {
        if time.tm_zone.is_null() {
            return "UTC".to_owned();
        }
        // SAFETY: a NUL-terminated text of the C library.
        unsafe { CStr::from_ptr(time.tm_zone) }.to_string_lossy().into_owned()
    };
    let names = [vm.new_str(&name(standard))?, vm.new_str(&name(other))?];
    vm.set_item_text(dict, "tzname", vm.new_tuple(&names)?)
}
