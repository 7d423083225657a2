//! `time`: clocks and sleeping. Source: Modules/timemodule.c.

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

macro_rules! clock {
    ($name:literal, $ns:literal, $clock:expr) => {
        [
            NativeDef::function($name, "", |vm, _| vm.new_float(seconds(vm, $clock)?)),
            NativeDef::function($ns, "", |vm, _| vm.new_int(nanoseconds(vm, $clock)?)),
        ]
    };
}

static CLOCKS: [[NativeDef; 2]; 5] = [
    clock!("time", "time_ns", libc::CLOCK_REALTIME),
    clock!("monotonic", "monotonic_ns", libc::CLOCK_MONOTONIC),
    clock!("perf_counter", "perf_counter_ns", libc::CLOCK_MONOTONIC),
    clock!("process_time", "process_time_ns", libc::CLOCK_PROCESS_CPUTIME_ID),
    clock!("thread_time", "thread_time_ns", libc::CLOCK_THREAD_CPUTIME_ID),
];

pub(crate) static TIME: ModuleDef = ModuleDef {
    doc: "This module provides various functions to manipulate time values.",
    functions: &[NativeDef::function("sleep", "seconds, /", sleep)],
    setup: Some(|vm, dict| {
        let module = vm.intern("time");
        for def in CLOCKS.iter().flatten() {
            let function = vm.new_native_function(def, None, module)?;
            vm.set_item_text(dict, def.name, function)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("time")
};

fn read(vm: &Vm, clock: libc::clockid_t) -> PyResult<libc::timespec> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills the struct.
    if unsafe { libc::clock_gettime(clock, &raw mut now) } != 0 {
        return Err(vm.runtime_error("the processor time used is not available or its value cannot be represented"));
    }
    Ok(now)
}

fn nanoseconds(vm: &Vm, clock: libc::clockid_t) -> PyResult<i64> {
    let now = read(vm, clock)?;
    Ok(now.tv_sec.wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec))
}

fn seconds(vm: &Vm, clock: libc::clockid_t) -> PyResult<f64> {
    let now = read(vm, clock)?;
    Ok(now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9)
}

fn sleep(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let seconds = vm.float_argument(args.at(0))?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    if seconds > 9e9 {
        return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"));
    }
    let mut rest = libc::timespec { tv_sec: seconds as i64, tv_nsec: (seconds.fract() * 1e9) as i64 };
    // SAFETY: both pointers are to this local; an interrupted sleep leaves what is left.
    while unsafe { libc::nanosleep(&raw const rest, &raw mut rest) } != 0 {
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            break;
        }
    }
    Ok(Value::NONE)
}
