//! What machine code calls. Each function is declared in [`Helpers`].
//!
//! Holds: no panic leaves a function, since machine code cannot be unwound. Where an exception can be reported the panic becomes one
//! ([`guarded`]); in the others, which run no Python code, it ends the process.

use cinder_bytecode::RegisterKind;
use cinder_heap::Gc;
use cinder_layout::jit::{BoxKind, DeoptPoint, DoubleResult, Helpers, JitResult, LEFT, Resume, frame};
use cinder_layout::{Header, Value};

use super::{Unit, entry, returns};
use crate::classloader::calls::Target;
use crate::interp::bind::clear;
use crate::interp::calls::callee_flags;
use crate::interp::dispatch::Fp;
use crate::interp::handlers::float_remainder;
use crate::interp::stack::{
    CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HANDLED, HEADER, NAMESPACE, SAVED_IP, flag,
};
use crate::interp::unwind::guarded;
use crate::native::PyResult;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::type_::PyType;
use crate::vm::Vm;

/// Addresses of the helpers.
pub(super) fn table() -> Helpers {
    Helpers {
        execute: execute as *const () as usize,
        deopt: deopt as *const () as usize,
        enter: enter as *const () as usize,
        detach: detach as *const () as usize,
        stack_overflow: stack_overflow as *const () as usize,
        log: log as *const () as usize,
        log_slot: log_slot as *const () as usize,
        allocate: allocate as *const () as usize,
        append: append as *const () as usize,
        find_method: find_method as *const () as usize,
        box_int: box_int as *const () as usize,
        box_uint: box_uint as *const () as usize,
        box_double: box_double as *const () as usize,
        unbox_double: unbox_double as *const () as usize,
        truth: truth as *const () as usize,
        pow: pow as *const () as usize,
        library_pow: library_pow as *const () as usize,
        float_mod: float_remainder as *const () as usize,
    }
}

const RAISED: JitResult = JitResult { value: 0, status: 0 };

/// A value of bits that are not zero by contract.
fn value(bits: u64) -> Value {
    // SAFETY: machine code passes bound values.
    unsafe { Value::from_bits(bits) }.expect("machine code passes bound values")
}

fn object(bits: u64) -> std::ptr::NonNull<Header> {
    value(bits).try_ptr().expect("machine code passes objects here")
}

fn bits_or_raised(result: PyResult<Value>) -> u64 {
    result.map_or(0, Value::bits)
}

extern "C" fn execute(vm: &Vm, fp: Fp, word: u64) -> u64 {
    let this = Frame(fp);
    let ip = this.code().single(word as u32);
    // SAFETY: the instruction runs alone: what follows it stops the loop.
    unsafe { vm.run_bits(ip, fp) }
}

extern "C" fn enter(vm: &Vm, fp: Fp) -> JitResult {
    let this = Frame(fp);
    let function = this.function();
    let caller = this.caller().map_or(std::ptr::null_mut(), |caller| caller.0);
    vm.set_frame_pointer(caller);
    let result = guarded(vm, RAISED, || match enter_function(vm, fp, caller, function) {
        Ok(value) => JitResult { value, status: 1 },
        Err(_) => RAISED,
    });
    if result.status == 0 {
        vm.set_frame_pointer(caller);
    }
    result
}

fn enter_function(vm: &Vm, fp: Fp, caller: Fp, function: Gc<PyFunction>) -> PyResult<u64> {
    vm.check_native_stack()?;
    let cell = vm.function_cell(function).expect("stubs are called through cells");
    let (code, original) = (function.code.get(), cell.code.get());
    let object = original.object();
    let signature = object.static_signature.as_ref().expect("cells belong to static functions");
    if code.as_value() != original.as_value() {
        let target = Target::Foreign(function.as_value());
        // SAFETY: the arguments are at home in the representation of the signature.
        return unsafe { vm.call_foreign(&target, None, original, signature, fp, signature.parameters.len()) };
    }
    vm.prepare_code(code)?;
    let flags = callee_flags(caller, flag::ENTRY | flag::DIRECT);
    let registers = code.register_count as usize;
    if flags >> flag::DEPTH_SHIFT > vm.interp.depth_limit.get() >> flag::DEPTH_SHIFT
        || fp.wrapping_add(registers + HEADER) >= vm.interp.stack.end.get()
    {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    // SAFETY: the window lies within the stack; CALLABLE and CALLER are the caller's.
    unsafe {
        write_header(fp, code, flags);
        clear(fp, signature.parameters.len(), registers);
    }
    vm.set_frame_pointer(fp);
    let heat = code.heat.get();
    if heat != 0 {
        code.heat.set(heat - 1);
        // CHECK_ARGS, one word, is skipped.
        let value = vm.run(code.entry.get().wrapping_add(1), fp)?;
        return Ok(raw_result(vm, code, value));
    }
    // SAFETY: as of CHECK_ARGS.
    match unsafe { entry::start(vm, fp) } {
        entry::After::Loop(value) => Ok(raw_result(vm, code, value)),
        entry::After::Interpret => {
            let value = vm.run(code.entry.get().wrapping_add(1), fp)?;
            Ok(raw_result(vm, code, value))
        }
        _ => Err(crate::native::Raised::pending()),
    }
}

/// Bits of what a DIRECT entry frame returned.
fn raw_result(vm: &Vm, code: Gc<PyCode>, value: Value) -> u64 {
    if returns(code) == RegisterKind::Tagged { value.bits() } else { vm.statics.raw_result.get() }
}

/// Header words except CALLABLE and CALLER.
unsafe fn write_header(fp: Fp, code: Gc<PyCode>, flags: u64) {
    // SAFETY: the caller owns the window.
    unsafe {
        *fp.offset(CODE) = code.as_value().bits();
        *fp.offset(SAVED_IP) = code.entry.get().expose_provenance() as u64;
        *fp.offset(FRAME_OBJECT) = 0;
        *fp.offset(NAMESPACE) = 0;
        *fp.offset(FLAGS) = flags;
        *fp.offset(HANDLED) = 0;
    }
}

extern "C" fn deopt(vm: &Vm, fp: Fp, code_id: u64, point: u64) -> JitResult {
    let unit = &vm.jit.units.borrow()[code_id as usize].clone().expect("units are kept while machine code runs");
    let point = &unit.code.points[point as usize];
    vm.count_exit(unit, point.reason);
    // SAFETY: machine code has stored the registers of the point's frames.
    let inner = unsafe { complete_frames(vm, fp, unit, point) };
    let raises = point.resume == Resume::Raise;
    if unit.osr.is_some() {
        entry::continue_at(vm, inner.ip(), inner.0, raises);
        return JitResult { value: 0, status: LEFT };
    }
    let code = unit.function().code.get();
    let result = if raises { vm.run_raising(inner.ip(), inner.0) } else { vm.run(inner.ip(), inner.0) };
    match result {
        Ok(value) => JitResult { value: raw_result(vm, code, value), status: 1 },
        Err(_) => RAISED,
    }
}

/// Makes interpreter frames of the point's frames; answers the innermost, which is the current frame then.
unsafe fn complete_frames(vm: &Vm, fp: Fp, unit: &Unit, point: &DeoptPoint) -> Frame {
    let mut inner = Frame(fp);
    for (number, description) in point.frames.iter().enumerate() {
        let function = unit.functions[description.function];
        let code = function.code.get();
        let at = fp.wrapping_add(description.offset as usize);
        // SAFETY: the windows belong to the frame's registers.
        unsafe {
            if number > 0 {
                *at.offset(CALLABLE) = function.as_value().bits();
                *at.offset(CALLER) = inner.0.expose_provenance() as u64;
                write_header(at, code, callee_flags(inner.0, flag::DIRECT));
            } else if unit.osr.is_none() {
                let caller = Frame(at).caller().map_or(std::ptr::null_mut(), |caller| caller.0);
                let flags = callee_flags(caller, flag::ENTRY | flag::DIRECT);
                if unit.code.writes_header {
                    let observed = *at.offset(FLAGS) & flag::OBSERVED;
                    *at.offset(FLAGS) = flags | observed;
                } else {
                    write_header(at, code, flags);
                }
            } else {
                *at.offset(FLAGS) &= !frame::COMPILED;
            }
            *at.offset(SAVED_IP) = code.address_of(description.word).expose_provenance() as u64;
        }
        inner = Frame(at);
    }
    vm.set_frame_pointer(inner.0);
    for description in &point.frames {
        for &(register, kind) in &description.boxes {
            let home = fp.wrapping_add(description.offset as usize + usize::from(register));
            // SAFETY: a register of the frame.
            let raw = unsafe { *home };
            let boxed = match kind {
                BoxKind::Int => vm.new_int(raw as i64),
                BoxKind::Double => vm.new_float(f64::from_bits(raw)),
                BoxKind::Bool => Ok(Value::from_bool(raw != 0)),
            };
            let Ok(boxed) = boxed else {
                eprintln!("cinder: no memory to leave compiled code");
                std::process::abort();
            };
            // SAFETY: as above.
            unsafe { *home = boxed.bits() };
        }
    }
    inner
}

extern "C" fn detach(vm: &Vm, fp: Fp) {
    vm.detach_frame(Frame(fp));
}

extern "C" fn stack_overflow(vm: &Vm, fp: Fp) -> u64 {
    // The frame does not come to run.
    vm.set_frame_pointer(Frame(fp).caller().map_or(std::ptr::null_mut(), |caller| caller.0));
    let _raised = vm.recursion_error("maximum recursion depth exceeded");
    0
}

extern "C" fn log(vm: &Vm, bits: u64) {
    vm.heap.log_slow(object(bits));
}

extern "C" fn log_slot(vm: &Vm, bits: u64, slot: *const ()) {
    vm.heap.log_slot(object(bits), slot);
}

extern "C" fn allocate(vm: &Vm, class: u64) -> u64 {
    // SAFETY: allocation facts name classes.
    let class: Gc<PyType> = unsafe { Gc::from_value(value(class)) };
    guarded(vm, 0, || {
        if std::ptr::eq(class.layout, vm.types.list.layout) {
            return bits_or_raised(vm.new_checked_list(class, &[]));
        }
        bits_or_raised(vm.new_plain_instance(class))
    })
}

extern "C" fn append(vm: &Vm, list: u64, item: u64) -> u64 {
    guarded(vm, 0, || u64::from(vm.list_append(value(list), value(item)).is_ok()))
}

extern "C" fn find_method(vm: &Vm, receiver: u64, selector: u64) -> u64 {
    vm.jit.methods.find(vm, value(receiver), selector as u32)
}

extern "C" fn box_int(vm: &Vm, number: i64) -> u64 {
    guarded(vm, 0, || bits_or_raised(vm.new_int(number)))
}

extern "C" fn box_uint(vm: &Vm, number: u64) -> u64 {
    guarded(vm, 0, || bits_or_raised(vm.box_primitive(number, cinder_bytecode::Primitive::UInt64)))
}

extern "C" fn box_double(vm: &Vm, number: f64) -> u64 {
    guarded(vm, 0, || bits_or_raised(vm.new_float(number)))
}

extern "C" fn unbox_double(vm: &Vm, bits: u64) -> DoubleResult {
    use num_traits::ToPrimitive;
    let value = value(bits);
    let found = vm.float_value(value).or_else(|| {
        vm.int_to_big(value).and_then(|big| big.to_f64()).filter(|double| vm.is_int(value) && double.is_finite())
    });
    DoubleResult { value: found.unwrap_or(0.0), status: u64::from(found.is_some()) }
}

extern "C" fn truth(vm: &Vm, bits: u64) -> u64 {
    guarded(vm, 0, || vm.truthy(value(bits)).map_or(0, |answer| 1 + u64::from(answer)))
}

extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    cinder_layout::power::pow(base, exponent)
}

extern "C" fn library_pow(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}
