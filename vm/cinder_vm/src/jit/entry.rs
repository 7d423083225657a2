//! From the interpreter into compiled code and back.

use cinder_bytecode::{Primitive, RegisterKind, TypeDescr};
use cinder_heap::Gc;
use cinder_layout::Value;
use cinder_layout::jit::{JitResult, LEFT, frame};

use crate::interp::calls::{Left, leave};
use crate::interp::dispatch::{Fp, Ip, a, b, rec, set_next};
use crate::interp::stack::{CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HEADER, NAMESPACE, SAVED_IP, flag};
use crate::native::{PyResult, Raised};
use crate::types::function::PyFunction;
use crate::vm::Vm;

type WindowEntry = extern "C" fn(&Vm, Fp) -> JitResult;

/// Runs machine code. Its unit is not freed meanwhile.
fn enter(vm: &Vm, address: usize, fp: Fp) -> JitResult {
    // SAFETY: the address is a window entry, whose signature the contract fixes; both are pointer-sized.
    let entry = unsafe { std::mem::transmute::<usize, WindowEntry>(address) };
    let active = &vm.jit.active;
    active.set(active.get() + 1);
    let result = entry(vm, fp);
    active.set(active.get() - 1);
    result
}

/// How a handler goes on after compiled code ran its frame.
pub(crate) enum After {
    /// Nothing was done: interpret.
    Interpret,
    /// Where `set_next` says.
    Next,
    /// The pending exception is the current frame's.
    RaiseHere,
    /// The frame is gone; the pending exception is its caller's.
    RaiseInCaller,
    /// The loop ends with this value.
    Loop(Value),
    /// The loop ends with the pending exception.
    LoopRaised,
}

/// A typed call whose cache record names the function. `Ok(false)`: interpret it.
///
/// # Safety
/// As of a handler of INVOKE_FUNCTION_DIRECT or INVOKE_METHOD_SHAPE whose guards hold; the frame is observed.
pub(crate) unsafe fn call(vm: &Vm, fp: Fp, w: u64, ip: Ip) -> PyResult<bool> {
    // SAFETY: contract.
    unsafe {
        let bits = rec(ip).value;
        let function: Gc<PyFunction> = Gc::from_value(Value::from_bits(bits).unwrap_unchecked());
        let Some(entry) = vm.compiled_entry(function) else { return Ok(false) };
        vm.check_native_stack()?;
        let new = fp.add(b(w) + HEADER);
        *new.offset(CALLABLE) = bits;
        *new.offset(CALLER) = fp.expose_provenance() as u64;
        let result = enter(vm, entry, new);
        vm.set_frame_pointer(fp);
        if result.status == 0 {
            return Err(Raised::pending());
        }
        *fp.add(a(w)) = result.value;
        Ok(true)
    }
}

/// The frame `fp` has its arguments checked and unboxed: compiled code runs it.
///
/// # Safety
/// As of the handler of CHECK_ARGS; the frame is observed.
pub(crate) unsafe fn start(vm: &Vm, fp: Fp) -> After {
    let this = Frame(fp);
    let flags = this.flags();
    if flags & (flag::GENERATOR | flag::OBSERVED) != 0 {
        return After::Interpret;
    }
    let Some(entry) = vm.compiled_entry(this.function()) else { return After::Interpret };
    if vm.check_native_stack().is_err() {
        return After::RaiseHere;
    }
    let code = this.code();
    // The instance of an `__init__` frame; this local keeps it alive.
    // SAFETY: a header word.
    let namespace = unsafe { *fp.offset(NAMESPACE) };
    let result = enter(vm, entry, fp);
    // The frame is as it was before the call, so that it can be left.
    this.set_word(CODE, code.as_value().bits());
    this.set_word(FLAGS, flags);
    this.set_word(NAMESPACE, std::hint::black_box(namespace));
    this.set_word(FRAME_OBJECT, 0);
    this.set_word(SAVED_IP, code.entry.get().expose_provenance() as u64);
    vm.set_frame_pointer(fp);
    if result.status == 0 { raise_out(vm, this) } else { return_raw(vm, this, result.value) }
}

/// Compiled code takes over the loop whose back edge is the instruction at `ip`.
///
/// # Safety
/// As of the handler of JUMP_BACKWARD; the frame is observed.
pub(crate) unsafe fn turn(vm: &Vm, fp: Fp, ip: Ip) -> After {
    let this = Frame(fp);
    if this.flags() & flag::GENERATOR != 0 {
        return After::Interpret;
    }
    let code = this.code();
    // SAFETY: contract.
    let header = code.index_of(ip).wrapping_add(unsafe { rec(ip) }.slot);
    let Some(entry) = vm.compiled_loop(this.function(), header) else { return After::Interpret };
    if vm.check_native_stack().is_err() {
        return After::RaiseHere;
    }
    let result = enter(vm, entry, fp);
    if result.status == LEFT {
        return if vm.jit.left_raising.get() { After::RaiseHere } else { After::Next };
    }
    this.set_word(FLAGS, this.flags() & !frame::COMPILED);
    this.set_word(SAVED_IP, ip.expose_provenance() as u64);
    vm.set_frame_pointer(fp);
    if result.status == 0 { raise_out(vm, this) } else { return_raw(vm, this, result.value) }
}

/// The frame has ended with the pending exception.
fn raise_out(vm: &Vm, this: Frame) -> After {
    vm.set_frame_pointer(this.caller().map_or(std::ptr::null_mut(), |caller| caller.0));
    if this.flags() & flag::ENTRY != 0 { After::LoopRaised } else { After::RaiseInCaller }
}

/// The frame returns the bits of its result.
fn return_raw(vm: &Vm, this: Frame, raw: u64) -> After {
    let code = this.code();
    let direct = this.flags() & flag::DIRECT != 0;
    let entry = this.flags() & flag::ENTRY != 0;
    let is_raw = super::returns(code) != RegisterKind::Tagged;
    let value = match (is_raw, direct) {
        (true, true) => Value::NONE,
        (true, false) => match vm.box_primitive(raw, result_primitive(code.object())) {
            Ok(value) => value,
            Err(_) => return raise_out(vm, this),
        },
        // SAFETY: compiled code returns bound values.
        (false, _) => unsafe { Value::from_bits(raw).unwrap_unchecked() },
    };
    vm.statics.raw_result.set(raw);
    match leave(vm, this.0, value) {
        Left::Caller => {
            if is_raw && direct && !entry {
                let caller = Frame(vm.frame_pointer());
                // SAFETY: `leave` wrote a placeholder to the register that takes the result.
                unsafe { *caller.0.add(a(*caller.ip())) = raw };
            }
            After::Next
        }
        Left::Raise => After::RaiseInCaller,
        Left::Loop(value) => After::Loop(value),
    }
}

fn result_primitive(code: &cinder_bytecode::CodeObject) -> Primitive {
    match code.static_signature.as_ref().map(|signature| &code.types[signature.result as usize]) {
        Some(TypeDescr::Primitive(kind)) => *kind,
        _ => Primitive::Int64,
    }
}

/// Goes on in the interpreter where OSR code left; with the pending exception, where the frame's saved position says.
pub(crate) fn continue_at(vm: &Vm, ip: Ip, fp: Fp, raising: bool) {
    vm.jit.left_raising.set(raising);
    if !raising {
        set_next(vm, ip, fp);
    }
}
