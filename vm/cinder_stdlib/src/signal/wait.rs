//! Timers, masks, and waiting for signals.

use cinder_vm::{Arg, ArgsExt, PyResult, Raised, Value, Vm};

use super::{COUNT, check_number, raise_code};
use crate::args::{c_int, os_error};
use crate::blocking::{self, Deadline};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    SIGINFO, "signal.struct_siginfo",
    0 si_signo, 1 si_code, 2 si_errno, 3 si_pid, 4 si_uid, 5 si_status, 6 si_band,
);

// ---- timers ----

fn timeval(vm: &Vm, value: Option<Value>) -> PyResult<libc::timeval> {
    let seconds = value.map_or(Ok(0.0), |value| vm.float_argument(value))?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    let whole = seconds.floor();
    let micros = ((seconds - whole) * 1e6).ceil().min(999_999.0);
    Ok(libc::timeval { tv_sec: whole as libc::time_t, tv_usec: micros as libc::suseconds_t })
}

fn timer_error(vm: &Vm) -> Raised {
    let raised = os_error(vm, &std::io::Error::last_os_error(), None);
    let exception = vm.take_exception(raised);
    let made = (|| {
        let module = vm.import("_signal")?;
        let class = vm.getattr_text(module, "ItimerError")?;
        let args = vm.getattr_text(exception, "args")?;
        vm.call(class, vm.tuple_items(args))
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

fn timer_value(vm: &Vm, timer: &libc::itimerval) -> PyResult<Value> {
    let seconds = |time: &libc::timeval| vm.new_float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    let pair = [seconds(&timer.it_value)?, seconds(&timer.it_interval)?];
    vm.new_tuple(&pair)
}

pub(super) fn setitimer(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let which = c_int(vm, args.at(0))?;
    let new = libc::itimerval { it_value: timeval(vm, args.opt(1))?, it_interval: timeval(vm, args.opt(2))? };
    // SAFETY: a zeroed `itimerval` is valid and is filled by the call.
    let (code, old) = unsafe {
        let mut old: libc::itimerval = std::mem::zeroed();
        (libc::setitimer(which as _, &raw const new, &raw mut old), old)
    };
    if code < 0 { Err(timer_error(vm)) } else { timer_value(vm, &old) }
}

pub(super) fn getitimer(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let which = c_int(vm, args.at(0))?;
    // SAFETY: as in `setitimer`.
    let (code, found) = unsafe {
        let mut found: libc::itimerval = std::mem::zeroed();
        (libc::getitimer(which as _, &raw mut found), found)
    };
    if code < 0 { Err(timer_error(vm)) } else { timer_value(vm, &found) }
}

// ---- sets of signals ----

/// The signals that an iterable names.
fn set_argument(vm: &Vm, numbers: Value) -> PyResult<libc::sigset_t> {
    // SAFETY: a zeroed set is made empty by the call.
    let mut set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        set
    };
    vm.for_each(numbers, |number| {
        let number = match c_int(vm, number) {
            Ok(number) => number,
            Err(raised) if vm.pending_matches(vm.exceptions.OverflowError) => {
                vm.take_exception(raised);
                -1
            }
            Err(raised) => return Err(raised),
        };
        if !(1..COUNT as i32).contains(&number) {
            return Err(vm.value_error(format!("signal number {number} out of range [1; {}]", COUNT - 1)));
        }
        // SAFETY: the set is initialised. Numbers that the C library keeps for itself are refused and left out.
        unsafe { libc::sigaddset(&raw mut set, number) };
        Ok(())
    })?;
    Ok(set)
}

fn set_value(vm: &Vm, set: &libc::sigset_t) -> PyResult<Value> {
    let mut numbers = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    for number in 1..COUNT {
        // SAFETY: the set is initialised.
        if unsafe { libc::sigismember(set, number as i32) } == 1 {
            numbers.push(vm.new_uint(number)?);
        }
    }
    vm.new_set(&numbers)
}

pub(super) fn valid_signals(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    // SAFETY: a zeroed set is filled by the call.
    let all = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        all
    };
    set_value(vm, &all)
}

pub(super) fn pthread_sigmask(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (how, set) = (c_int(vm, args.at(0))?, set_argument(vm, args.at(1))?);
    // SAFETY: both sets are initialised.
    let (code, old) = unsafe {
        let mut old: libc::sigset_t = std::mem::zeroed();
        (libc::pthread_sigmask(how, &raw const set, &raw mut old), old)
    };
    raise_code(vm, code)?;
    // What was unblocked may have arrived.
    vm.check_interrupts()?;
    set_value(vm, &old)
}

pub(super) fn sigpending(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    // SAFETY: a zeroed set is filled by the call.
    let (code, set) = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        (libc::sigpending(&raw mut set), set)
    };
    if code < 0 { Err(os_error(vm, &std::io::Error::last_os_error(), None)) } else { set_value(vm, &set) }
}

pub(super) fn pthread_kill(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (thread, number) = (vm.index_i64(args.at(0))?, c_int(vm, args.at(1))?);
    // SAFETY: the caller names a living thread, as in the C function of this name.
    let code = unsafe { libc::pthread_kill(thread.cast_unsigned() as libc::pthread_t, number) };
    raise_code(vm, code)?;
    vm.check_interrupts()?;
    Ok(Value::NONE)
}

pub(super) fn sigwait(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let set = set_argument(vm, args.at(0))?;
    let mut number = 0;
    // SAFETY: the set is initialised, the number a local.
    let code = vm.allow_threads(|| unsafe { libc::sigwait(&raw const set, &raw mut number) });
    raise_code(vm, code)?;
    check_number(vm, number)?;
    vm.new_int(number.into())
}

fn wait(vm: &Vm, set: &libc::sigset_t, deadline: Option<Deadline>) -> PyResult<Value> {
    // SAFETY: a zeroed `siginfo_t` is valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let found = blocking::call(vm, || match deadline.and_then(Deadline::left) {
        Some(left) => {
            let time = libc::timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            // SAFETY: set and time are complete, the info is a local.
            unsafe { libc::sigtimedwait(set, &raw mut info, &raw const time) as isize }
        }
        // SAFETY: as above.
        None => unsafe { libc::sigwaitinfo(set, &raw mut info) as isize },
    })?;
    if let Err(error) = found {
        if error.raw_os_error() == Some(libc::EAGAIN) {
            return Ok(Value::NONE);
        }
        return Err(os_error(vm, &error, None));
    }
    // SAFETY: these fields are meaningful or zero for every kind of signal.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    let numbers =
        [info.si_signo.into(), info.si_code.into(), info.si_errno.into(), pid.into(), uid.into(), status.into(), 0];
    let mut items = [Value::ZERO; 7];
    for (item, number) in items.iter_mut().zip(numbers) {
        *item = vm.new_int(number)?;
    }
    struct_sequence::new(vm, &SIGINFO, &items)
}

pub(super) fn sigwaitinfo(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let set = set_argument(vm, args.at(0))?;
    wait(vm, &set, None)
}

pub(super) fn sigtimedwait(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let set = set_argument(vm, args.at(0))?;
    let seconds = vm.float_argument(args.at(1))?;
    if seconds < 0.0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    let timeout = blocking::duration(vm, seconds)?;
    wait(vm, &set, Some(Deadline::after(Some(timeout))))
}
