//! The lock that the running thread holds.
//!
//! Holds: after a thread gave up the lock because another asked for it, another has it before the first asks again; so threads that compute take
//! turns. Once closed, the lock goes to the thread that closed it and no other; those wait for the end of the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::interrupt::Attention;

#[derive(Default)]
struct Inner {
    is_held: bool,
    /// Counts hand-overs.
    switches: u64,
    /// Serial number of the last holder.
    holder: u64,
    /// Threads in [`Lock::acquire`].
    waiting: usize,
    /// The only thread that still gets the lock.
    closed_for: Option<u64>,
}

pub(super) struct Lock {
    inner: Mutex<Inner>,
    freed: Condvar,
    switched: Condvar,
    /// Somebody has waited for longer than the interval.
    is_wanted: AtomicBool,
}

impl Lock {
    /// A lock held by the calling thread.
    pub(super) fn new_held() -> &'static Lock {
        Box::leak(Box::new(Lock {
            inner: Mutex::new(Inner { is_held: true, holder: 1, ..Inner::default() }),
            freed: Condvar::new(),
            switched: Condvar::new(),
            is_wanted: AtomicBool::new(false),
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }

    /// Waits for the lock; the holder is asked to yield when it keeps it longer than `interval`.
    pub(super) fn acquire(&self, interval: Duration, holder: Attention, me: u64) {
        let mut inner = self.inner();
        inner.waiting += 1;
        while inner.is_held || inner.closed_for.is_some_and(|only| only != me) {
            let switches = inner.switches;
            let (again, wait) =
                self.freed.wait_timeout(inner, interval).unwrap_or_else(std::sync::PoisonError::into_inner);
            inner = again;
            if inner.closed_for.is_some_and(|only| only != me) {
                // The program has ended.
                drop(inner);
                loop {
                    std::thread::park();
                }
            }
            if wait.timed_out() && inner.is_held && inner.switches == switches {
                self.is_wanted.store(true, Ordering::Relaxed);
                holder.request();
            }
        }
        inner.waiting -= 1;
        inner.is_held = true;
        inner.switches += 1;
        inner.holder = me;
        self.is_wanted.store(false, Ordering::Relaxed);
        drop(inner);
        self.switched.notify_all();
    }

    /// Gives up the lock. When somebody asked for it, returns after somebody got it.
    pub(super) fn release(&self) {
        let mut inner = self.inner();
        inner.is_held = false;
        let switches = inner.switches;
        self.freed.notify_one();
        if self.is_wanted() && inner.waiting > 0 && inner.closed_for.is_none() {
            while inner.switches == switches && inner.waiting > 0 {
                inner = self.switched.wait(inner).unwrap_or_else(std::sync::PoisonError::into_inner);
            }
        }
    }

    /// Keeps the lock for one thread.
    pub(super) fn close(&self, only: u64) {
        self.inner().closed_for = Some(only);
    }
}
