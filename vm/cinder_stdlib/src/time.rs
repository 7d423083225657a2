//! `time`. Source: Modules/timemodule.c.

mod calendar;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

/// Nanoseconds of one of the system's clocks.
fn clock(id: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct.
    unsafe { libc::clock_gettime(id, &raw mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// As [`clock`], for a clock that a program names. Errors: OSError.
fn checked_clock(vm: &Vm, id: Value) -> PyResult<i64> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let id = crate::args::c_int(vm, id)?;
    // SAFETY: the call fills the struct.
    crate::args::check(vm, unsafe { libc::clock_gettime(id, &raw mut now) })?;
    Ok(now.tv_sec * 1_000_000_000 + now.tv_nsec)
}

fn seconds(vm: &Vm, id: libc::clockid_t) -> PyResult<Value> {
    vm.new_float(clock(id) as f64 * 1e-9)
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
        NativeDef::function("clock_gettime", "clk_id, /", |vm, args| {
            vm.new_float(checked_clock(vm, args.at(0))? as f64 * 1e-9)
        }),
        NativeDef::function("clock_gettime_ns", "clk_id, /", |vm, args| vm.new_int(checked_clock(vm, args.at(0))?)),
        NativeDef::function("clock_getres", "clk_id, /", |vm, args| {
            let mut found = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            let id = crate::args::c_int(vm, args.at(0))?;
            // SAFETY: the call fills the struct.
            crate::args::check(vm, unsafe { libc::clock_getres(id, &raw mut found) })?;
            vm.new_float(found.tv_sec as f64 + found.tv_nsec as f64 * 1e-9)
        }),
        NativeDef::function("gmtime", "seconds=None, /", |vm, args| calendar::broken_down(vm, args.opt(0), false)),
        NativeDef::function("localtime", "seconds=None, /", |vm, args| calendar::broken_down(vm, args.opt(0), true)),
        NativeDef::function("mktime", "time_tuple, /", calendar::mktime),
        NativeDef::function("strftime", "format, time_tuple=None, /", calendar::strftime),
        NativeDef::function("strptime", "string, format='%a %b %d %H:%M:%S %Y', /", |vm, args| {
            let module = vm.import("_strptime")?;
            let parse = vm.getattr_text(module, "_strptime_time")?;
            match args.opt(1) {
                Some(format) => vm.call(parse, &[args.at(0), format]),
                None => vm.call(parse, &[args.at(0)]),
            }
        }),
        NativeDef::function("asctime", "time_tuple=None, /", calendar::asctime),
        NativeDef::function("ctime", "seconds=None, /", calendar::ctime),
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
        NativeDef::function("tzset", "", |vm, _| {
            calendar::tzset();
            if let Some(dict) = vm.module_dict(vm.import("time")?) {
                calendar::add_zone(vm, dict)?;
            }
            Ok(Value::NONE)
        }),
    ],
    setup: Some(|vm, dict| {
        calendar::add_class(vm, dict)?;
        calendar::add_zone(vm, dict)?;
        for (name, id) in [
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
            ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
            ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
            ("CLOCK_TAI", libc::CLOCK_TAI),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
            ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ] {
            vm.set_item_text(dict, name, vm.new_int(id.into())?)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("time")
};
