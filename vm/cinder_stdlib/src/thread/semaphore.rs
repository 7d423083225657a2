//! A counting semaphore of the system: its waits end when a signal arrives, so that handlers run.

use std::cell::UnsafeCell;
use std::time::Duration;

use cinder_vm::{PyResult, Vm};

use crate::blocking::Deadline;

pub(crate) struct Semaphore(Box<UnsafeCell<libc::sem_t>>);

impl Semaphore {
    pub(crate) fn new(count: u32) -> Semaphore {
        // SAFETY: a zeroed `sem_t` in its final place, initialised by the call.
        let made = Semaphore(Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() })));
        made.reset(count);
        made
    }

    /// Makes it new, whatever state it was in. Nobody waits for it.
    pub(crate) fn reset(&self, count: u32) {
        // SAFETY: the semaphore's own memory.
        unsafe { libc::sem_init(self.0.get(), 0, count) };
    }

    pub(crate) fn post(&self) {
        // SAFETY: initialised in `new`.
        unsafe { libc::sem_post(self.0.get()) };
    }

    /// Takes one without waiting; whether there was one.
    pub(crate) fn try_wait(&self) -> bool {
        // SAFETY: initialised in `new`.
        unsafe { libc::sem_trywait(self.0.get()) == 0 }
    }

    /// Takes one, waiting at most `timeout` (`None`: for ever); whether it got one. Other threads and signal handlers run meanwhile.
    pub(crate) fn wait(&self, vm: &Vm, timeout: Option<Duration>) -> PyResult<bool> {
        if self.try_wait() {
            return Ok(true);
        }
        if timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Ok(false);
        }
        let deadline = Deadline::after(timeout);
        let semaphore = self.0.get();
        let found = crate::blocking::call(vm, || match deadline.left() {
            None => {
                // SAFETY: initialised in `new`; its owner is alive, since the waiting thread's stack refers to it.
                unsafe { libc::sem_wait(semaphore) as isize }
            }
            Some(left) => {
                let end = clock_after(left);
                // SAFETY: as above; the time is complete.
                unsafe { libc::sem_timedwait(semaphore, &raw const end) as isize }
            }
        })?;
        match found {
            Ok(_) => Ok(true),
            Err(error) if error.raw_os_error() == Some(libc::ETIMEDOUT) => Ok(false),
            Err(error) => Err(crate::args::os_error(vm, &error, None)),
        }
    }
}

/// The wall clock's time after `left`, which is what `sem_timedwait` wants.
pub(crate) fn clock_after(left: Duration) -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    let nanos = now.tv_nsec + i64::from(left.subsec_nanos());
    let seconds = i64::try_from(left.as_secs()).unwrap_or(i64::MAX / 4);
    libc::timespec {
        tv_sec: now.tv_sec.saturating_add(seconds).saturating_add(nanos / 1_000_000_000),
        tv_nsec: nanos % 1_000_000_000,
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: nobody waits for a semaphore that nobody refers to.
        unsafe { libc::sem_destroy(self.0.get()) };
    }
}
