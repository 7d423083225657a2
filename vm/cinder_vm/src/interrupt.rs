//! What makes running code stop for a moment: signals, finalizers that wait, another thread that wants the lock.
//!
//! Problem: whoever wants attention is a signal handler, the collector or another thread; none of them may run Python code where they are.
//! Idea: they set one word, which loops test on every turn. Calls need no test of their own: the depth that they compare with
//! ([`crate::interp::State::call_gate`]) becomes 0 meanwhile, so the quick forms fall back to the general call, which looks here.
//! Holds: the word is cleared before the reasons are looked at, so a request that arrives meanwhile is seen at the next test.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::native::PyResult;
use crate::vm::Vm;

/// What a signal handler needs to ask for attention.
#[derive(Clone, Copy)]
pub struct Attention {
    word: *const AtomicU64,
    gate: *const AtomicU64,
}

// SAFETY: the words belong to a machine, which lives as long as the process, and are atomic.
unsafe impl Send for Attention {}
// SAFETY: as above.
unsafe impl Sync for Attention {}

impl Attention {
    /// Makes the running thread call the interrupt hook soon. Safe in signal handlers.
    pub fn request(self) {
        // SAFETY: see the impls above.
        unsafe {
            (*self.word).store(1, Ordering::SeqCst);
            (*self.gate).store(0, Ordering::SeqCst);
        }
    }
}

impl Vm {
    fn interrupt_word(&self) -> &AtomicU64 {
        // SAFETY: the word is aligned, lives as long as the machine, and is written through this reference only; machine code reads it.
        unsafe { AtomicU64::from_ptr(&raw mut (*self.machine.get()).interrupt) }
    }

    /// How others ask this machine for attention.
    pub fn attention(&self) -> Attention {
        Attention { word: self.interrupt_word(), gate: &raw const self.interp.call_gate }
    }

    #[inline(always)]
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt_word().load(Ordering::Relaxed) != 0
    }

    /// Handles what waits: for native code that loops or has been woken from waiting.
    ///
    /// Runs Python: yes. Errors: what signal handlers raise.
    #[inline]
    pub fn check_interrupts(&self) -> PyResult<()> {
        if self.is_interrupted() { self.handle_interrupt() } else { Ok(()) }
    }

    /// Before a call that is not quick.
    #[inline(always)]
    pub(crate) fn pass_call_gate(&self) -> PyResult<()> {
        if self.interp.call_gate.load(Ordering::Relaxed) == 0 { self.handle_interrupt() } else { Ok(()) }
    }

    /// Handles what made the interrupt word not zero.
    #[cold]
    #[inline(never)]
    pub(crate) fn handle_interrupt(&self) -> PyResult<()> {
        self.open_call_gate();
        self.interrupt_word().store(0, Ordering::SeqCst);
        self.yield_if_wanted();
        match self.interp.interrupt_hook.get() {
            Some(hook) => hook(self),
            None => Ok(()),
        }
    }

    /// Lets quick calls through again.
    pub(crate) fn open_call_gate(&self) {
        // While somebody watches every call takes the general path.
        let gate = if self.is_tracing() { 0 } else { self.interp.depth_limit.get() };
        self.interp.call_gate.store(gate, Ordering::SeqCst);
    }
}
