//! The native stacks: where they are, and how the registers of the caller get onto them.
//!
//! Holds: a value in a local of Rust or machine code is in a callee-saved register or in memory between the captured stack pointer and
//! the stack's base when the collector looks; caller-saved registers were spilled by the call that led here.

use crate::heap::Heap;
use core::cell::Cell;

/// As many callee-saved registers as the richest architecture has.
const REGISTERS: usize = 20;

/// A range of words.
pub(crate) type Range = (*const usize, *const usize);

/// Calls `f` with the address below which nothing of interest lies, after storing the callee-saved registers above it.
#[inline(never)]
pub(crate) fn with_registers<R>(f: impl FnOnce(*const usize) -> R) -> R {
    let mut registers = [0usize; REGISTERS];
    save(&mut registers);
    let result = f(registers.as_ptr());
    // Keeps the array in memory until `f` is done.
    core::hint::black_box(&mut registers);
    result
}

#[inline(always)]
fn save(registers: &mut [usize; REGISTERS]) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: stores six registers into the array, changes nothing else.
    unsafe {
        core::arch::asm!(
            "mov [{0}], rbx",
            "mov [{0} + 8], rbp",
            "mov [{0} + 16], r12",
            "mov [{0} + 24], r13",
            "mov [{0} + 32], r14",
            "mov [{0} + 40], r15",
            in(reg) registers.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: stores twenty registers into the array, changes nothing else.
    unsafe {
        core::arch::asm!(
            "stp x19, x20, [{0}]",
            "stp x21, x22, [{0}, #16]",
            "stp x23, x24, [{0}, #32]",
            "stp x25, x26, [{0}, #48]",
            "stp x27, x28, [{0}, #64]",
            "stp x29, x30, [{0}, #80]",
            "stp d8, d9, [{0}, #96]",
            "stp d10, d11, [{0}, #112]",
            "stp d12, d13, [{0}, #128]",
            "stp d14, d15, [{0}, #144]",
            in(reg) registers.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    core::hint::black_box(registers);
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", miri)))]
compile_error!("cinder_heap does not know which registers survive a call on this architecture");

/// The words of the current thread's stack from `top` on.
///
/// Panics: `top` lies on another stack than the thread's own. Code that runs on a segment of its own must not allocate in the heap.
pub(crate) fn stack_from(top: *const usize) -> Range {
    thread_local! {
        static BOUNDS: Cell<Option<Range>> = const { Cell::new(None) };
    }
    let (lowest, base) = BOUNDS.get().unwrap_or_else(|| {
        let bounds = find_stack();
        BOUNDS.set(Some(bounds));
        bounds
    });
    if top < lowest || top >= base {
        crate::fatal("a collection was started on a stack that is not the thread's own");
    }
    (top, base)
}

/// Lowest possible word of the current thread's stack, and one past its highest.
#[cfg(target_os = "linux")]
fn find_stack() -> Range {
    // SAFETY: plain libc calls on the current thread; the attribute is initialised by the first and destroyed by the last.
    unsafe {
        let mut attributes: libc::pthread_attr_t = core::mem::zeroed();
        let mut lowest = core::ptr::null_mut();
        let mut bytes = 0;
        let failed = libc::pthread_getattr_np(libc::pthread_self(), &mut attributes);
        assert_eq!(failed, 0, "the thread knows its own attributes");
        libc::pthread_attr_getstack(&attributes, &mut lowest, &mut bytes);
        libc::pthread_attr_destroy(&mut attributes);
        (lowest.cast(), lowest.cast::<u8>().wrapping_add(bytes).cast())
    }
}

/// Lowest possible word of the current thread's stack, and one past its highest.
#[cfg(target_os = "macos")]
fn find_stack() -> Range {
    // SAFETY: plain calls on the current thread.
    unsafe {
        let base: *const u8 = libc::pthread_get_stackaddr_np(libc::pthread_self()).cast_const().cast();
        let bytes = libc::pthread_get_stacksize_np(libc::pthread_self());
        (base.wrapping_sub(bytes).cast(), base.cast())
    }
}

/// A place on the native stack of the current thread, for [`Heap::collect_above`].
#[derive(Clone, Copy)]
pub struct StackMark(pub(crate) *const usize);

impl Heap {
    /// Gives `f` a mark: frames of the caller and its callers, and their registers, lie above it.
    pub fn mark_stack<R>(&self, f: impl FnOnce(StackMark) -> R) -> R {
        with_registers(|top| f(StackMark(top)))
    }

    /// Runs `f`, during which another thread may use the heap: `f` releases the VM's lock, does something slow, and takes the lock
    /// again before it returns. The values in the caller's frames and registers stay alive; `f` itself must hold none.
    pub fn park<R>(&self, f: impl FnOnce() -> R) -> R {
        with_registers(|top| {
            let range = stack_from(top);
            self.parked.borrow_mut().push(range);
            let unpark = Unpark { heap: self, range };
            let result = f();
            drop(unpark);
            result
        })
    }

    /// In a forked child: only the calling thread exists, and memory is shared with the parent until it is written to. Call it while the
    /// lock is held.
    pub fn after_fork_in_child(&self) {
        self.parked.borrow_mut().clear();
        self.inherit();
    }
}

struct Unpark<'h> {
    heap: &'h Heap,
    range: Range,
}

impl Drop for Unpark<'_> {
    fn drop(&mut self) {
        let mut parked = self.heap.parked.borrow_mut();
        if let Some(index) = parked.iter().rposition(|range| *range == self.range) {
            parked.swap_remove(index);
        }
    }
}
