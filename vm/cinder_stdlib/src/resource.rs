//! `resource`: limits and usage. Source: Modules/resource.c.

mod constants;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, os_error};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// What `getrusage` gives.
    RUSAGE, "resource.struct_rusage",
    0 ru_utime, 1 ru_stime, 2 ru_maxrss, 3 ru_ixrss, 4 ru_idrss, 5 ru_isrss, 6 ru_minflt, 7 ru_majflt, 8 ru_nswap,
    9 ru_inblock, 10 ru_oublock, 11 ru_msgsnd, 12 ru_msgrcv, 13 ru_nsignals, 14 ru_nvcsw, 15 ru_nivcsw,
);

/// A `struct_rusage`.
pub(crate) fn usage_value(vm: &Vm, usage: &libc::rusage) -> PyResult<Value> {
    let seconds = |time: &libc::timeval| vm.new_float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    let mut items = [Value::NONE; 16];
    items[0] = seconds(&usage.ru_utime)?;
    items[1] = seconds(&usage.ru_stime)?;
    let numbers = [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ];
    for (item, number) in items[2..].iter_mut().zip(numbers) {
        *item = vm.new_int(number)?;
    }
    struct_sequence::new(vm, &RUSAGE, &items)
}

/// The number of a limit. Errors: ValueError.
fn limit_number(vm: &Vm, value: Value) -> PyResult<i32> {
    let number = c_int(vm, value)?;
    if (0..16).contains(&number) { Ok(number) } else { Err(vm.value_error("invalid resource specified")) }
}

fn limit(vm: &Vm, value: Value) -> PyResult<libc::rlim_t> {
    Ok(vm.index_i64(value)?.cast_unsigned())
}

fn limits(vm: &Vm, value: Value) -> PyResult<libc::rlimit> {
    let mut pair = Vec::new();
    vm.for_each(value, |item| {
        pair.push(limit(vm, item)?);
        Ok(())
    })?;
    match pair[..] {
        [soft, hard] => Ok(libc::rlimit { rlim_cur: soft, rlim_max: hard }),
        _ => Err(vm.value_error("expected a tuple of 2 integers")),
    }
}

fn limits_value(vm: &Vm, limits: &libc::rlimit) -> PyResult<Value> {
    let pair = [vm.new_int(limits.rlim_cur.cast_signed())?, vm.new_int(limits.rlim_max.cast_signed())?];
    vm.new_tuple(&pair)
}

fn prlimit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (pid, which) = (c_int(vm, args.at(0))?, limit_number(vm, args.at(1))?);
    let new = args.opt(2).map(|given| limits(vm, given)).transpose()?;
    let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both structs are locals or null.
    let code = unsafe { libc::prlimit(pid, which as _, new, &raw mut old) };
    if code < 0 { Err(failed(vm)) } else { limits_value(vm, &old) }
}

fn failed(vm: &Vm) -> cinder_vm::Raised {
    let error = std::io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINVAL) => vm.value_error("current limit exceeds maximum limit"),
        Some(libc::EPERM) => vm.value_error("not allowed to raise maximum limit"),
        _ => os_error(vm, &error, None),
    }
}

pub(crate) static RESOURCE: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("getrlimit", "resource, /", |vm, args| {
            let which = limit_number(vm, args.at(0))?;
            let mut found = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: the struct is a local.
            let code = unsafe { libc::getrlimit(which as _, &raw mut found) };
            if code < 0 { Err(failed(vm)) } else { limits_value(vm, &found) }
        }),
        NativeDef::function("setrlimit", "resource, limits, /", |vm, args| {
            let (which, new) = (limit_number(vm, args.at(0))?, limits(vm, args.at(1))?);
            // SAFETY: the struct is a local.
            let code = unsafe { libc::setrlimit(which as _, &raw const new) };
            if code < 0 { Err(failed(vm)) } else { Ok(Value::NONE) }
        }),
        NativeDef::function("prlimit", "pid, resource, limits=None, /", prlimit),
        NativeDef::function("getrusage", "who, /", |vm, args| {
            let who = c_int(vm, args.at(0))?;
            // SAFETY: a zeroed `rusage` is valid and is filled by the call.
            let (code, found) = unsafe {
                let mut found: libc::rusage = std::mem::zeroed();
                (libc::getrusage(who, &raw mut found), found)
            };
            if code < 0 { Err(vm.value_error("invalid who parameter")) } else { usage_value(vm, &found) }
        }),
        NativeDef::function("getpagesize", "", |vm, _| {
            // SAFETY: asks for a number.
            vm.new_int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
        }),
    ],
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "error", vm.exceptions.OSError.as_value())?;
        let class = struct_sequence::class(vm, &RUSAGE)?;
        vm.set_item_text(dict, "struct_rusage", class.as_value())?;
        vm.set_item_text(dict, "RLIM_INFINITY", vm.new_int(-1)?)?;
        crate::args::add_constants(vm, dict, constants::CONSTANTS)
    }),
    ..ModuleDef::new("resource")
};
