//! How one handler leads to the next.
//!
//! In optimised builds [`go`] is a call in tail position of a function with the same signature, which LLVM turns into a jump; arguments stay in
//! registers. In debug builds (and under Miri) it stores the state and returns to the loop of [`Vm::run`].

use std::cell::Cell;

use cinder_bytecode::Opcode;
use cinder_layout::Value;

use super::handlers;
use super::stack::{CODE, Frame, SAVED_IP};
use crate::cache::CacheRecord;
use crate::native::{PyResult, Raised};
use crate::types::code::PyCode;
use crate::vm::Vm;

/// Address of an instruction in a code object's private copy.
pub(crate) type Ip = *const u64;
/// Address of register 0.
pub(crate) type Fp = *mut u64;

/// One instruction: its address, the frame, the machine, the constants of the frame's code, and the instruction's word. The result is what
/// the instruction loop returns: the bits of a value, or 0 with an exception pending.
pub(crate) type Handler = unsafe extern "C-unwind" fn(Ip, Fp, &Vm, *const u64, u64) -> u64;

/// Whether the last call of a handler becomes a jump.
pub(crate) const TAIL: bool = !cfg!(debug_assertions) && !cfg!(miri);

macro_rules! handler_table {
    ($($name:ident [$($operands:tt)*] $imm:ident $ext:ident $flow:ident $doc:literal)*) => {
        /// Handlers by opcode number.
        static TABLE: [Handler; Opcode::COUNT] = [$(handlers::$name,)*];
    };
}
cinder_bytecode::for_each_op!(handler_table);

/// Executes the instruction at `ip`. Only as the last expression of a handler.
///
/// # Safety
/// `ip` is an instruction of the code of the frame `fp`, whose constants are `k`.
#[inline(always)]
pub(crate) unsafe fn go(ip: Ip, fp: Fp, vm: &Vm, k: *const u64) -> u64 {
    // SAFETY: per contract; private instructions hold opcodes of the table only.
    unsafe {
        let word = *ip;
        if TAIL {
            let handler = *TABLE.get_unchecked(usize::from(word as u16));
            handler(ip, fp, vm, k, word)
        } else {
            vm.interp.next_ip.set(ip);
            vm.interp.next_fp.set(fp);
            0
        }
    }
}

/// As [`go`], to where [`super::State::next_ip`] and [`super::State::next_fp`] say.
///
/// # Safety
/// Both were set by the function that sends here.
#[inline(always)]
pub(crate) unsafe fn go_next(vm: &Vm) -> u64 {
    let (ip, fp) = (vm.interp.next_ip.get(), vm.interp.next_fp.get());
    // SAFETY: per contract.
    unsafe { go(ip, fp, vm, constants(fp)) }
}

/// The constants of the frame's code.
///
/// # Safety
/// `fp` is a frame.
#[inline(always)]
pub(crate) unsafe fn constants(fp: Fp) -> *const u64 {
    // SAFETY: the code word of a frame is the address of a PyCode.
    unsafe { (*std::ptr::with_exposed_provenance::<PyCode>(*fp.offset(CODE) as usize)).constants.get() }
}

impl Vm {
    /// Runs from `ip` in the frame `fp` until an ENTRY frame is left.
    pub(crate) fn run(&self, ip: Ip, fp: Fp) -> PyResult<Value> {
        // SAFETY: callers pass a complete frame and an instruction of its code; handlers return bits of a value or zero.
        match unsafe { Value::from_bits(self.run_bits(ip, fp)) } {
            Some(value) => Ok(value),
            None => Err(Raised::pending()),
        }
    }

    /// What the last handler returned. A panic of a handler, or of what it calls, becomes a SystemError in the frame that runs.
    ///
    /// # Safety
    /// `fp` is a complete frame and `ip` an instruction of its code, or one made by [`PyCode::single`].
    pub(crate) unsafe fn run_bits(&self, ip: Ip, fp: Fp) -> u64 {
        let (mut ip, mut fp) = (ip, fp);
        loop {
            // SAFETY: contract, and `continue_after` found a handler of a frame of this loop.
            let run = std::panic::AssertUnwindSafe(|| unsafe { self.run_handlers(ip, fp) });
            match std::panic::catch_unwind(run) {
                Ok(bits) => return bits,
                Err(panic) if super::unwind::continue_after(self, &*panic) => {
                    (ip, fp) = (self.interp.next_ip.get(), self.interp.next_fp.get());
                }
                Err(_) => return 0,
            }
        }
    }

    /// # Safety
    /// As [`Vm::run_bits`].
    unsafe fn run_handlers(&self, ip: Ip, fp: Fp) -> u64 {
        // SAFETY: contract.
        unsafe {
            if TAIL {
                go(ip, fp, self, constants(fp))
            } else {
                let (next_ip, next_fp) = (&self.interp.next_ip, &self.interp.next_fp);
                next_ip.set(ip);
                next_fp.set(fp);
                loop {
                    let (ip, fp) = (next_ip.replace(std::ptr::null()), next_fp.get());
                    let word = *ip;
                    let result = TABLE[usize::from(word as u16)](ip, fp, self, constants(fp), word);
                    if next_ip.get().is_null() {
                        break result;
                    }
                }
            }
        }
    }
}

/// Goes on from a function that set the next state while the loop's own is in use.
pub(crate) fn set_next(vm: &Vm, ip: Ip, fp: Fp) {
    vm.interp.next_ip.set(ip);
    vm.interp.next_fp.set(fp);
}

// ---- operand fields ----

#[inline(always)]
pub(crate) const fn a(word: u64) -> usize {
    (word >> 16) as u16 as usize
}

#[inline(always)]
pub(crate) const fn b(word: u64) -> usize {
    (word >> 32) as u16 as usize
}

#[inline(always)]
pub(crate) const fn c(word: u64) -> usize {
    (word >> 48) as usize
}

#[inline(always)]
pub(crate) const fn imm(word: u64) -> u32 {
    (word >> 32) as u32
}

/// Words from the instruction to the target of a one-word jump.
#[inline(always)]
pub(crate) const fn jump(word: u64) -> isize {
    (word >> 32) as u32 as i32 as isize
}

/// The value in register `index`, which is bound.
#[inline(always)]
pub(crate) unsafe fn reg(fp: Fp, index: usize) -> Value {
    // SAFETY: the verifier proves that the register holds a value.
    unsafe { Value::from_bits(*fp.add(index)).unwrap_unchecked() }
}

/// The value in register `index`, which may be unbound.
#[inline(always)]
pub(crate) unsafe fn opt(fp: Fp, index: usize) -> Option<Value> {
    // SAFETY: the verifier proves that the register is tagged.
    unsafe { Value::from_bits(*fp.add(index)) }
}

#[inline(always)]
pub(crate) unsafe fn set(fp: Fp, index: usize, value: Value) {
    // SAFETY: the verifier proves that the register exists.
    unsafe { *fp.add(index) = value.bits() }
}

/// Registers `first..first + count`, all bound.
#[inline(always)]
pub(crate) unsafe fn regs<'f>(fp: Fp, first: usize, count: usize) -> &'f [Value] {
    // SAFETY: as `reg`; a bound register is laid out as a Value.
    unsafe { std::slice::from_raw_parts(fp.add(first).cast(), count) }
}

/// Constant `index`.
#[inline(always)]
pub(crate) unsafe fn constant(k: *const u64, index: usize) -> Value {
    // SAFETY: the verifier proves that the constant exists.
    unsafe { Value::from_bits(*k.add(index)).unwrap_unchecked() }
}

/// The cache record of the two-word instruction at `ip`.
#[inline(always)]
pub(crate) unsafe fn record<'c>(ip: Ip) -> &'c Cell<CacheRecord> {
    // SAFETY: `prepare_code` put the address there; Cell has the layout of its content.
    unsafe { &*std::ptr::with_exposed_provenance::<Cell<CacheRecord>>(*ip.add(1) as usize) }
}

/// The same for reading single fields.
#[inline(always)]
pub(crate) unsafe fn rec<'c>(ip: Ip) -> &'c CacheRecord {
    // SAFETY: as above. Records change only through `record` and `Dependents::clear`, never while a reference is used.
    unsafe { &*std::ptr::with_exposed_provenance::<CacheRecord>(*ip.add(1) as usize) }
}

/// Goes on with `answer` in register `a` of the instruction, which is `words` long, and at once with the jump behind it that asks for it.
///
/// # Safety
/// As of [`go`].
#[inline(always)]
pub(crate) unsafe fn answer(ip: Ip, words: usize, fp: Fp, vm: &Vm, k: *const u64, word: u64, answer: bool) -> u64 {
    // SAFETY: code does not end behind an instruction that falls through; the rest per contract.
    unsafe {
        let at = ip.add(words);
        let following = *at;
        set(fp, a(word), Value::from_bool(answer));
        // Opcode and register at once. A jump that is traced has another opcode.
        let jumps_if = |op: Opcode| following as u32 == op as u32 | (word as u32 & 0xffff_0000);
        let stays = match () {
            () if jumps_if(Opcode::JUMP_IF_FALSE) => answer,
            () if jumps_if(Opcode::JUMP_IF_TRUE) => !answer,
            () => return go(at, fp, vm, k),
        };
        go(if stays { at.add(1) } else { at.offset(jump(following)) }, fp, vm, k)
    }
}

/// Makes the frame's position visible to whatever is called next.
#[inline(always)]
pub(crate) unsafe fn observe(ip: Ip, fp: Fp, vm: &Vm) {
    // SAFETY: the header lies below the registers.
    unsafe { *fp.offset(SAVED_IP) = ip.expose_provenance() as u64 };
    vm.set_frame_pointer(fp);
}

/// Position and frame that [`observe`] noted, once what was called has come back: so that a handler need not keep them meanwhile, which would cost it more
/// pushes and pops than it has work.
#[inline(always)]
pub(crate) unsafe fn observed(vm: &Vm, fp: Fp) -> (Ip, Fp) {
    debug_assert!(vm.frame_pointer() == fp, "what an instruction called left another frame");
    let _ = fp;
    let fp = vm.frame_pointer();
    // SAFETY: the header lies below the registers.
    (std::ptr::with_exposed_provenance(unsafe { *fp.offset(SAVED_IP) } as usize), fp)
}

/// What the instruction called has raised; [`observed`] tells where it is.
#[inline(always)]
pub(crate) unsafe fn raised_observed(vm: &Vm, fp: Fp) -> u64 {
    debug_assert!(vm.frame_pointer() == fp, "what an instruction called left another frame");
    let _ = fp;
    // SAFETY: the exception is pending in the current frame, at its saved position.
    unsafe { super::unwind::raised_in_caller(std::ptr::null(), std::ptr::null_mut(), vm, std::ptr::null(), 0) }
}

/// Replaces the opcode of the instruction at `ip`.
pub(crate) unsafe fn rewrite(ip: Ip, op: Opcode) {
    // SAFETY: private instructions are the VM's to write; the pointer came from the code object's storage.
    unsafe { *ip.cast_mut() = *ip & !0xffff | op as u64 }
}

#[inline(always)]
pub(crate) fn frame(fp: Fp) -> Frame {
    Frame(fp)
}

/// `op!(NAME(ip, fp, vm, k, w) { .. })`: a handler. Never inlined: a slow path inside a fast one would make it save registers.
/// The block ends in [`go`] or another handler.
macro_rules! op {
    ($(#[$meta:meta])* $name:ident($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident) $body:block) => {
        $(#[$meta])*
        #[inline(never)]
        #[allow(non_snake_case, reason = "handlers are named as their opcodes")]
        pub(crate) unsafe extern "C-unwind" fn $name($ip: Ip, $fp: Fp, $vm: &Vm, $k: *const u64, $w: u64) -> u64 {
            let _ = ($ip, $fp, $vm, $k, $w);
            // SAFETY: code was verified, so operands are in range and registers hold what their kinds say; the frame is complete.
            unsafe { $body }
        }
    };
}

/// `value_op!(NAME, words, |vm, fp, w, k, ip| result)`: an instruction whose work is a function giving the value of register `a`.
macro_rules! value_op {
    ($name:ident, $words:literal, |$vm:ident, $fp:ident, $w:ident, $k:ident, $ip:ident| $body:expr) => {
        #[inline(never)]
        #[allow(non_snake_case, reason = "handlers are named as their opcodes")]
        pub(crate) unsafe extern "C-unwind" fn $name(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
            // Out of line, so that the handler has no stack frame when it goes on.
            #[inline(never)]
            unsafe fn work($vm: &Vm, $fp: Fp, $w: u64, $k: *const u64, $ip: Ip) -> PyResult<Value> {
                let _ = ($vm, $fp, $k, $ip, $w);
                // SAFETY: as in `op!`.
                #[allow(unused_unsafe, reason = "some bodies only call safe functions")]
                unsafe {
                    $body
                }
            }
            // SAFETY: as in `op!`.
            unsafe {
                observe(ip, fp, vm);
                match work(vm, fp, w, k, ip) {
                    Ok(value) => {
                        let (ip, fp) = observed(vm, fp);
                        set(fp, a(*ip), value);
                        go(ip.add($words), fp, vm, constants(fp))
                    }
                    Err(_) => raised_observed(vm, fp),
                }
            }
        }
    };
}

/// `bool_op!(NAME, words, |vm, fp, w, k, ip| result)`: the same for a function that gives a truth value.
macro_rules! bool_op {
    ($name:ident, $words:literal, |$vm:ident, $fp:ident, $w:ident, $k:ident, $ip:ident| $body:expr) => {
        #[inline(never)]
        #[allow(non_snake_case, reason = "handlers are named as their opcodes")]
        pub(crate) unsafe extern "C-unwind" fn $name(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
            #[inline(never)]
            unsafe fn work($vm: &Vm, $fp: Fp, $w: u64, $k: *const u64, $ip: Ip) -> PyResult<bool> {
                let _ = ($vm, $fp, $k, $ip, $w);
                // SAFETY: as in `op!`.
                #[allow(unused_unsafe, reason = "some bodies only call safe functions")]
                unsafe {
                    $body
                }
            }
            // SAFETY: as in `op!`.
            unsafe {
                observe(ip, fp, vm);
                match work(vm, fp, w, k, ip) {
                    Ok(found) => {
                        let (ip, fp) = observed(vm, fp);
                        answer(ip, $words, fp, vm, constants(fp), *ip, found)
                    }
                    Err(_) => raised_observed(vm, fp),
                }
            }
        }
    };
}

/// The same without a result.
macro_rules! unit_op {
    ($name:ident, $words:literal, |$vm:ident, $fp:ident, $w:ident, $k:ident, $ip:ident| $body:expr) => {
        #[inline(never)]
        #[allow(non_snake_case, reason = "handlers are named as their opcodes")]
        pub(crate) unsafe extern "C-unwind" fn $name(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
            #[inline(never)]
            unsafe fn work($vm: &Vm, $fp: Fp, $w: u64, $k: *const u64, $ip: Ip) -> PyResult<()> {
                let _ = ($vm, $fp, $k, $ip, $w);
                // SAFETY: as in `op!`.
                #[allow(unused_unsafe, reason = "some bodies only call safe functions")]
                unsafe {
                    $body
                }
            }
            // SAFETY: as in `op!`.
            unsafe {
                observe(ip, fp, vm);
                match work(vm, fp, w, k, ip) {
                    Ok(()) => {
                        let (ip, fp) = observed(vm, fp);
                        go(ip.add($words), fp, vm, constants(fp))
                    }
                    Err(_) => raised_observed(vm, fp),
                }
            }
        }
    };
}

/// An instruction that may go on elsewhere: `work` gives the marker [`ENTERED`] after [`set_next`], else the value of `a`.
macro_rules! call_op {
    ($name:ident, $words:literal, |$vm:ident, $fp:ident, $w:ident, $k:ident, $ip:ident| $body:expr) => {
        #[inline(never)]
        #[allow(non_snake_case, reason = "handlers are named as their opcodes")]
        pub(crate) unsafe extern "C-unwind" fn $name(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
            #[inline(never)]
            unsafe fn work($vm: &Vm, $fp: Fp, $w: u64, $k: *const u64, $ip: Ip) -> PyResult<Value> {
                let _ = ($vm, $fp, $k, $ip, $w);
                // SAFETY: as in `op!`.
                #[allow(unused_unsafe, reason = "some bodies only call safe functions")]
                unsafe {
                    $body
                }
            }
            // SAFETY: as in `op!`.
            unsafe {
                observe(ip, fp, vm);
                match work(vm, fp, w, k, ip) {
                    Ok(value) if value == ENTERED => go_next(vm),
                    Ok(value) => {
                        let (ip, fp) = observed(vm, fp);
                        set(fp, a(*ip), value);
                        go(ip.add($words), fp, vm, constants(fp))
                    }
                    Err(_) => raised_observed(vm, fp),
                }
            }
        }
    };
}

pub(crate) use {bool_op, call_op, op, unit_op, value_op};

/// Marker: control went to another frame or place, which [`set_next`] recorded.
pub(crate) const ENTERED: Value = Value::marker(4);
