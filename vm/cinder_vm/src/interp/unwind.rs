//! From a raised exception to its handler.

use cinder_layout::Value;

use super::dispatch::{Fp, Handler, Ip, go_next, set_next};
use super::stack::{FRAME_OBJECT, Frame, SAVED_IP, flag};
use crate::native::{PyResult, Raised};
use crate::vm::Vm;

/// The instruction at `ip` raised the pending exception.
///
/// # Safety
/// As of a handler.
#[cold]
#[inline(never)]
pub(crate) unsafe extern "C-unwind" fn raised(ip: Ip, fp: Fp, vm: &Vm, _k: *const u64, _w: u64) -> u64 {
    // SAFETY: `find_handler` set the next state when it found one.
    if find_handler(vm, ip, fp, true) { unsafe { go_next(vm) } } else { 0 }
}

/// As [`raised`], without a traceback entry for this frame.
///
/// # Safety
/// As of a handler.
#[cold]
#[inline(never)]
pub(crate) unsafe extern "C-unwind" fn reraised(ip: Ip, fp: Fp, vm: &Vm, _k: *const u64, _w: u64) -> u64 {
    // SAFETY: as in `raised`.
    if find_handler(vm, ip, fp, false) { unsafe { go_next(vm) } } else { 0 }
}

/// The exception is pending in the current frame, at its saved position: what a frame that was just left raises in its caller.
///
/// # Safety
/// As of a handler.
#[cold]
#[inline(never)]
pub(crate) unsafe extern "C-unwind" fn raised_in_caller(_ip: Ip, _fp: Fp, vm: &Vm, _k: *const u64, _w: u64) -> u64 {
    let frame = Frame(vm.frame_pointer());
    // SAFETY: as in `raised`.
    if find_handler(vm, frame.ip(), frame.0, true) { unsafe { go_next(vm) } } else { 0 }
}

const _: [Handler; 2] = [raised, reraised];

/// Raises the exception that a panic of this machine becomes, where the running frame is. `true`: a frame handles it, and the next state is set.
#[cold]
#[inline(never)]
pub(super) fn continue_after(vm: &Vm, panic: &(dyn std::any::Any + Send)) -> bool {
    raise_panic(vm, panic);
    let frame = Frame(vm.frame_pointer());
    find_handler(vm, frame.ip(), frame.0, true)
}

/// Makes the SystemError of a panic pending; the MemoryError, when a list or a text could not grow.
fn raise_panic(vm: &Vm, panic: &(dyn std::any::Any + Send)) {
    if panic.is::<crate::value_vec::OutOfMemory>() {
        let _ = vm.raise_memory_error();
        return;
    }
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let _ = vm.system_error(format!("internal error: {}", text.unwrap_or("a panic without words")));
}

/// Runs what machine code called. A panic, which cannot unwind machine code, becomes a SystemError: `failed` says that one is pending.
#[inline]
pub(crate) fn guarded<T>(vm: &Vm, failed: T, body: impl FnOnce() -> T) -> T {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(panic) => {
            raise_panic(vm, &*panic);
            failed
        }
    }
}

/// Leaves frames until one has a handler for the pending exception. `false`: the entry frame was left, the loop ends.
#[inline(never)]
fn find_handler(vm: &Vm, mut ip: Ip, mut fp: Fp, mut add_entry: bool) -> bool {
    loop {
        let frame = Frame(fp);
        if frame.flags() & cinder_layout::jit::frame::COMPILED != 0 {
            // Machine code runs this frame and leaves on its own.
            vm.set_frame_pointer(fp);
            return false;
        }
        frame.set_word(SAVED_IP, ip.expose_provenance() as u64);
        vm.set_frame_pointer(fp);
        let code = frame.code();
        let index = code.index_of(ip);
        if add_entry {
            vm.add_traceback(frame, index);
            vm.report_exception(frame);
        } else {
            vm.report_reraised(frame);
        }
        add_entry = true;
        if let Some(target) = code.object().handler(index) {
            vm.report_handled(frame);
            set_next(vm, code.address_of(target), fp);
            return true;
        }
        vm.report_unwound(frame);
        let flags = frame.flags();
        if flags & flag::OBSERVED != 0 {
            vm.detach_frame(frame);
        }
        if flags & flag::GENERATOR != 0 {
            frame.generator().finish();
            vm.return_to_outer(frame.generator());
        }
        let caller = frame.caller();
        if flags & flag::ASYNC_STEP != 0 {
            vm.fail_step(frame.generator(), caller.expect("resumed by a SEND"));
        }
        vm.set_frame_pointer(caller.map_or(std::ptr::null_mut(), |caller| caller.0));
        if flags & flag::ENTRY != 0 {
            return false;
        }
        let caller = caller.expect("a frame that is not an entry has a caller");
        (ip, fp) = (caller.ip(), caller.0);
    }
}

impl Vm {
    /// Raises the pending exception at `ip` of the frame `fp` and runs on; for exceptions thrown into generators.
    pub(crate) fn run_raising(&self, ip: Ip, fp: Fp) -> PyResult<Value> {
        if find_handler(self, ip, fp, true) {
            self.run(self.interp.next_ip.get(), self.interp.next_fp.get())
        } else {
            Err(Raised::pending())
        }
    }

    /// Ends a generator that has not started with the pending exception: no handler of its code covers that place.
    pub(crate) fn end_unstarted(&self, ip: Ip, fp: Fp) -> Raised {
        let frame = Frame(fp);
        frame.set_word(SAVED_IP, ip.expose_provenance() as u64);
        self.add_traceback(frame, frame.code().index_of(ip));
        self.report_exception(frame);
        self.report_unwound(frame);
        if frame.flags() & flag::OBSERVED != 0 {
            self.detach_frame(frame);
        }
        frame.generator().finish();
        self.set_frame_pointer(frame.caller().map_or(std::ptr::null_mut(), |caller| caller.0));
        Raised::pending()
    }

    /// Adds an entry for `frame` to the traceback of the pending exception. When memory is short the entry is left out.
    fn add_traceback(&self, frame: Frame, index: u32) {
        let Some(exception) = self.pending.get() else { return };
        let Some(payload) = self.as_exception(exception) else { return };
        let entry =
            self.frame_object(frame).and_then(|object| self.new_traceback(payload.traceback.get(), object, index));
        match entry {
            Ok(entry) => payload.traceback.set(&self.heap, payload, entry),
            Err(raised) => {
                self.take_exception(raised);
            }
        }
        self.pending.set(Some(exception));
    }

    /// The frame object of a frame on the chain.
    pub(crate) fn frame_object(&self, frame: Frame) -> PyResult<Value> {
        if let Some(object) = frame.frame_object() {
            return Ok(object);
        }
        let object = self.new_frame_object(frame)?;
        if frame.is_generator() {
            self.heap.write_barrier(frame.generator().header());
        }
        frame.set_value(FRAME_OBJECT, Some(object));
        frame.set_word(super::stack::FLAGS, frame.flags() | flag::OBSERVED);
        Ok(object)
    }
}
