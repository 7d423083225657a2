//! System calls that may wait.
//!
//! Holds: while such a call waits other threads run; a signal that interrupts it runs its handler, and the call is made again unless the handler
//! raised (PEP 475).

use std::io::Error;
use std::time::{Duration, Instant};

use cinder_vm::{PyResult, Raised, Vm};

/// Makes a call that gives a negative number and `errno` when it fails. The inner error is never EINTR.
///
/// `call` runs without the lock: it touches no object of the machine.
pub(crate) fn call(vm: &Vm, mut call: impl FnMut() -> isize) -> PyResult<Result<usize, Error>> {
    // A signal that came shortly before would not end the call.
    vm.check_interrupts()?;
    loop {
        let (got, error) = vm.allow_threads(|| {
            let got = call();
            (got, Error::last_os_error())
        });
        if got >= 0 {
            return Ok(Ok(got.cast_unsigned()));
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Ok(Err(error));
        }
        vm.check_interrupts()?;
    }
}

/// As [`call`], with OSError for the failure.
pub(crate) fn call_or_raise(vm: &Vm, body: impl FnMut() -> isize) -> PyResult<usize> {
    call(vm, body)?.map_err(|error| crate::args::os_error(vm, &error, None))
}

/// When to give up waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// `None` waits for ever; so does a time beyond what the clock can count.
    pub(crate) fn after(timeout: Option<Duration>) -> Deadline {
        Deadline(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// `None`: for ever.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Milliseconds for `poll`, rounded up; -1 for ever.
    pub(crate) fn poll_millis(self) -> i32 {
        match self.left() {
            None => -1,
            Some(left) => i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
        }
    }
}

/// A time in seconds, rounded up to nanoseconds. Errors: ValueError for NaN, OverflowError when it does not fit.
pub(crate) fn duration(vm: &Vm, seconds: f64) -> PyResult<Duration> {
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    let too_large = |_| -> Raised { vm.overflow_error("timestamp too large to convert to C PyTime_t") };
    if seconds > 9.223_372_036e9 {
        return Err(too_large(()));
    }
    Duration::try_from_secs_f64(seconds.max(0.0)).map_err(|_| too_large(()))
}

/// Sleeps; signal handlers run meanwhile.
pub(crate) fn sleep(vm: &Vm, timeout: Duration) -> PyResult<()> {
    let deadline = Deadline::after(Some(timeout));
    loop {
        let left = deadline.left().unwrap_or(timeout);
        let code = vm.allow_threads(|| {
            let left = libc::timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            // SAFETY: a complete time; what is left is not asked for.
            unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, 0, &raw const left, std::ptr::null_mut()) }
        });
        vm.check_interrupts()?;
        if code != libc::EINTR {
            return Ok(());
        }
    }
}
