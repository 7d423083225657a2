//! Threads.

use crate::vm::Vm;

impl Vm {
    /// Runs `wait` without the lock.
    pub fn allow_threads<R>(&self, wait: impl FnOnce() -> R) -> R {
        wait()
    }

    /// Whether other threads run Python code.
    pub fn has_other_threads(&self) -> bool {
        false
    }

    /// Whether the calling thread is the one that made the machine.
    pub fn is_main_thread(&self) -> bool {
        true
    }
}
