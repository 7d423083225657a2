//! `time`. Source: Modules/timemodule.c.

use std::ffi::CString;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::given;
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    STRUCT_TIME, "time.struct_time",
    0 tm_year, 1 tm_mon, 2 tm_mday, 3 tm_hour, 4 tm_min, 5 tm_sec, 6 tm_wday, 7 tm_yday, 8 tm_isdst,
);

/// Nanoseconds of one of the system's clocks.
fn clock(id: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct.
    unsafe { libc::clock_gettime(id, &raw mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn seconds(vm: &Vm, id: libc::clockid_t) -> PyResult<Value> {
    vm.new_float(clock(id) as f64 * 1e-9)
}

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
            std::ffi::CStr::from_ptr(broken.tm_zone).to_string_lossy().into_owned()
        }
    };
    let zone = vm.new_str(if zone == "GMT" { "UTC" } else { &zone })?;
    vm.set_own_attribute(value, vm.intern("tm_zone"), zone)?;
    let offset = vm.new_int(broken.tm_gmtoff)?;
    vm.set_own_attribute(value, vm.intern("tm_gmtoff"), offset)?;
    Ok(value)
}

/// Whole seconds since the epoch of an argument, now when there is none.
fn moment(vm: &Vm, value: Option<Value>) -> PyResult<i64> {
    match given(value) {
        None => Ok(clock(libc::CLOCK_REALTIME).div_euclid(1_000_000_000)),
        Some(value) => Ok(vm.float_argument(value)?.floor() as i64),
    }
}

fn broken(seconds: i64, local: bool) -> libc::tm {
    // SAFETY: a zeroed `tm` is valid, and the calls fill it.
    unsafe {
        let mut out: libc::tm = std::mem::zeroed();
        if local {
            libc::localtime_r(&raw const seconds, &raw mut out);
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut out);
        }
        out
    }
}

/// The nine numbers of a time tuple.
fn from_tuple(vm: &Vm, value: Value) -> PyResult<libc::tm> {
    if vm.as_tuple(value).is_none() {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    }
    let items = vm.tuple_items(value);
    if items.len() < 9 {
        return Err(vm.type_error("illegal time tuple argument"));
    }
    let mut numbers = [0i32; 9];
    for (number, item) in numbers.iter_mut().zip(items) {
        *number = crate::args::c_int(vm, *item)?;
    }
    // SAFETY: a zeroed `tm` is valid.
    let mut out: libc::tm = unsafe { std::mem::zeroed() };
    out.tm_year = numbers[0] - 1900;
    out.tm_mon = (numbers[1] - 1).max(0);
    out.tm_mday = numbers[2].max(1);
    out.tm_hour = numbers[3];
    out.tm_min = numbers[4];
    out.tm_sec = numbers[5];
    out.tm_wday = (numbers[6] + 1) % 7;
    out.tm_yday = (numbers[7] - 1).max(0);
    out.tm_isdst = numbers[8];
    Ok(out)
}

fn strftime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let format = crate::args::text(vm, args.at(0), "strftime() argument 1")?;
    let time = match args.opt(1) {
        Some(tuple) => from_tuple(vm, tuple)?,
        None => broken(moment(vm, None)?, true),
    };
    if format.is_empty() {
        return vm.new_str("");
    }
    let format = CString::new(format).map_err(|_| vm.value_error("embedded null character"))?;
    let mut room = vec![0u8; 1024 + format.as_bytes().len() * 64];
    // SAFETY: the buffer has the given length, the format is NUL-terminated.
    let len = unsafe { libc::strftime(room.as_mut_ptr().cast(), room.len(), format.as_ptr(), &raw const time) };
    crate::os_path::decode(vm, &room[..len])
}

fn asctime(vm: &Vm, time: &libc::tm) -> PyResult<Value> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, month) = (DAYS[time.tm_wday.rem_euclid(7) as usize], MONTHS[time.tm_mon.rem_euclid(12) as usize]);
    let (hour, minute, second, year) = (time.tm_hour, time.tm_min, time.tm_sec, time.tm_year + 1900);
    vm.new_str(&format!("{day} {month} {:2} {hour:02}:{minute:02}:{second:02} {year}", time.tm_mday))
}

fn sleep(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let seconds = vm.float_argument(args.at(0))?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    let duration = crate::blocking::duration(vm, seconds)?;
    crate::blocking::sleep(vm, duration)?;
    Ok(Value::NONE)
}

pub(crate) static TIME: ModuleDef = ModuleDef {
    doc: "This module provides various functions to manipulate time values.",
    functions: &[
        NativeDef::function("time", "", |vm, _| seconds(vm, libc::CLOCK_REALTIME)),
        NativeDef::function("time_ns", "", |vm, _| vm.new_int(clock(libc::CLOCK_REALTIME))),
        NativeDef::function("monotonic", "", |vm, _| seconds(vm, libc::CLOCK_MONOTONIC)),
        NativeDef::function("monotonic_ns", "", |vm, _| vm.new_int(clock(libc::CLOCK_MONOTONIC))),
        NativeDef::function("perf_counter", "", |vm, _| seconds(vm, libc::CLOCK_MONOTONIC)),
        NativeDef::function("perf_counter_ns", "", |vm, _| vm.new_int(clock(libc::CLOCK_MONOTONIC))),
        NativeDef::function("process_time", "", |vm, _| seconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
        NativeDef::function("process_time_ns", "", |vm, _| vm.new_int(clock(libc::CLOCK_PROCESS_CPUTIME_ID))),
        NativeDef::function("thread_time", "", |vm, _| seconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
        NativeDef::function("thread_time_ns", "", |vm, _| vm.new_int(clock(libc::CLOCK_THREAD_CPUTIME_ID))),
        NativeDef::function("sleep", "seconds, /", sleep),
        NativeDef::function("gmtime", "seconds=None, /", |vm, args| {
            struct_time(vm, &broken(moment(vm, args.opt(0))?, false))
        }),
        NativeDef::function("localtime", "seconds=None, /", |vm, args| {
            struct_time(vm, &broken(moment(vm, args.opt(0))?, true))
        }),
        NativeDef::function("mktime", "time_tuple, /", |vm, args| {
            let mut time = from_tuple(vm, args.at(0))?;
            // SAFETY: the struct is complete.
            let seconds = unsafe { libc::mktime(&raw mut time) };
            vm.new_float(seconds as f64)
        }),
        NativeDef::function("strftime", "format, time_tuple=None, /", strftime),
        NativeDef::function("strptime", "string, format='%a %b %d %H:%M:%S %Y', /", |vm, args| {
            let module = vm.import("_strptime")?;
            let parse = vm.getattr_text(module, "_strptime_time")?;
            match args.opt(1) {
                Some(format) => vm.call(parse, &[args.at(0), format]),
                None => vm.call(parse, &[args.at(0)]),
            }
        }),
        NativeDef::function("asctime", "time_tuple=None, /", |vm, args| {
            let time = match args.opt(0) {
                Some(tuple) => from_tuple(vm, tuple)?,
                None => broken(moment(vm, None)?, true),
            };
            asctime(vm, &time)
        }),
        NativeDef::function("ctime", "seconds=None, /", |vm, args| {
            asctime(vm, &broken(moment(vm, args.opt(0))?, true))
        }),
        NativeDef::function("get_clock_info", "name, /", |vm, args| {
            let name = crate::args::text(vm, args.at(0), "get_clock_info() argument 1")?;
            if !["time", "monotonic", "perf_counter", "process_time", "thread_time"].contains(&name.as_str()) {
                return Err(vm.value_error("unknown clock"));
            }
            let is_time = name == "time";
            vm.new_simple_namespace(&[
                ("implementation", vm.intern("clock_gettime()")),
                ("monotonic", Value::from_bool(!is_time)),
                ("adjustable", Value::from_bool(is_time)),
                ("resolution", vm.new_float(1e-9)?),
            ])
        }),
        NativeDef::function("tzset", "", |_, _| Ok(Value::NONE)),
    ],
    setup: Some(|vm, dict| {
        let class = struct_sequence::class(vm, &STRUCT_TIME)?;
        vm.set_item_text(dict, "struct_time", class.as_value())?;
        vm.set_item_text(dict, "_STRUCT_TM_ITEMS", vm.new_int(11)?)?;
        let year = clock(libc::CLOCK_REALTIME) / 1_000_000_000 / 31_556_952;
        let (winter, summer) = (broken(year * 31_556_952, true), broken(year * 31_556_952 + 15_778_476, true));
        let standard = winter.tm_gmtoff.min(summer.tm_gmtoff);
        vm.set_item_text(dict, "timezone", vm.new_int(-standard)?)?;
        vm.set_item_text(dict, "altzone", vm.new_int(-winter.tm_gmtoff.max(summer.tm_gmtoff))?)?;
        vm.set_item_text(dict, "daylight", vm.new_int(i64::from(winter.tm_gmtoff != summer.tm_gmtoff))?)?;
        let name = |time: &libc::tm| {
            if time.tm_zone.is_null() {
                return "UTC".to_owned();
            }
            // SAFETY: a NUL-terminated text of the C library.
            unsafe { std::ffi::CStr::from_ptr(time.tm_zone) }.to_string_lossy().into_owned()
        };
        let names = if winter.tm_gmtoff <= summer.tm_gmtoff { [&winter, &summer] } else { [&summer, &winter] };
        let names = names.map(name);
        let names = [vm.new_str(&names[0])?, vm.new_str(&names[1])?];
        vm.set_item_text(dict, "tzname", vm.new_tuple(&names)?)?;
        for (name, id) in [
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
            ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ] {
            vm.set_item_text(dict, name, vm.new_int(id.into())?)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("time")
};
