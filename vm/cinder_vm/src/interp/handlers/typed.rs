//! Static Python: casts, fields, typed calls and containers. Descriptors are resolved by [`crate::classloader`] at the first execution; the
//! quick forms keep what was found in the cache record.

use cinder_bytecode::{FastKind, RegisterKind};
use cinder_heap::Gc;
use cinder_layout::Header;

use super::prelude::*;
use crate::cache::CacheRecord;
use crate::classloader::calls::Target;
use crate::interp::bind::clear;
use crate::interp::calls::callee_flags;
use crate::interp::stack::{
    CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HANDLED, HEADER, NAMESPACE, SAVED_IP, flag,
};
use crate::jit::entry::After;
use crate::types::array::PyStaticArray;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::list::PyList;
use crate::types::type_::type_flags;

// ---- borders ----

op!(CHECK_ARGS(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    if !args_fit(vm, fp) {
        return raised(ip, fp, vm, k, w);
    }
    let heat = &(*frame(fp).code().as_ptr()).heat;
    if heat.get() == 0 {
        return start_compiled(ip, fp, vm, k, w);
    }
    heat.set(heat.get() - 1);
    go(ip.add(1), fp, vm, k)
});

#[inline(never)]
unsafe fn args_fit(vm: &Vm, fp: Fp) -> bool {
    // SAFETY: as of a handler.
    unsafe { vm.check_args(frame(fp).code(), fp).is_ok() }
}

op!(start_compiled(ip, fp, vm, k, w) {
    match jit_start(vm, fp) {
        After::Interpret => go(ip.add(1), fp, vm, k),
        After::Next => go_next(vm),
        After::RaiseHere => raised(ip, fp, vm, k, w),
        After::RaiseInCaller => raised_in_caller(ip, fp, vm, k, w),
        After::Loop(value) => value.bits(),
        After::LoopRaised => 0,
    }
});

#[inline(never)]
unsafe fn jit_start(vm: &Vm, fp: Fp) -> After {
    // SAFETY: as of a handler.
    unsafe { crate::jit::entry::start(vm, fp) }
}

value_op!(CAST, 2, |vm, fp, w, k, ip| {
    // The record keeps the number of the resolved type, plus one.
    let index = match rec(ip).slot {
        0 => {
            let object = frame(fp).code().object().clone();
            vm.resolve_type(&object.types[rec(ip).imm() as usize])?
        }
        known => known - 1,
    };
    let wanted = vm.resolved(index);
    let value = vm.cast(reg(fp, b(w)), wanted)?;
    if wanted.depends_on_value() {
        return Ok(value);
    }
    let cell = record(ip);
    let mut filled = CacheRecord { slot: index + 1, ..cell.get() };
    if value.is_ptr() {
        filled.shape = vm.shape_of(value).id;
    } else {
        filled.shape2 |= immediate_kind(value.bits());
    }
    cell.set(filled);
    rewrite(ip, Opcode::CAST_SHAPE);
    Ok(value)
});

/// A bit for small ints, one for immediate floats, one for each other immediate's low bits.
#[inline(always)]
fn immediate_kind(bits: u64) -> u32 {
    match bits & 7 {
        low if low & 1 != 0 => 1,
        low if low & 3 == 2 => 2,
        _ => 1 << (3 + (bits >> 3 & 15)),
    }
}

op!(CAST_SHAPE(ip, fp, vm, k, w) {
    let value = *fp.add(b(w));
    let is_good = match value & 7 {
        0 => (*std::ptr::with_exposed_provenance::<Header>(value as usize)).shape() == rec(ip).shape,
        _ => rec(ip).shape2 & immediate_kind(value) != 0,
    };
    if is_good {
        *fp.add(a(w)) = value;
        return go(ip.add(2), fp, vm, k);
    }
    CAST(ip, fp, vm, k, w)
});

value_op!(LOAD_TYPE, 2, |vm, fp, w, k, ip| {
    let object = frame(fp).code().object().clone();
    let resolved = vm.resolved(vm.resolve_type(&object.types[rec(ip).imm() as usize])?);
    Ok(vm.allocatable(resolved)?.as_value())
});

value_op!(TP_ALLOC, 2, |vm, fp, w, k, ip| {
    let object = frame(fp).code().object().clone();
    let resolved = vm.resolved(vm.resolve_type(&object.types[rec(ip).imm() as usize])?);
    let class = vm.allocatable(resolved)?;
    if class.has(type_flags::ABSTRACT) {
        return Err(vm.abstract_class_error(class)?);
    }
    if std::ptr::eq(class.layout, vm.types.object.layout) && class.slots().finalize.is_none() {
        let cell = record(ip);
        vm.heap.write_barrier(frame(fp).code().header());
        cell.set(CacheRecord { guard: class.as_value().bits(), ..cell.get() });
        rewrite(ip, Opcode::TP_ALLOC_CLASS);
        return vm.new_plain_instance(class);
    }
    match class.slots().new {
        Some(new) => new(vm, class, &[], None),
        None => Err(vm.type_error(format!("cannot create '{}' instances", class.declared_name()))),
    }
});

value_op!(TP_ALLOC_CLASS, 2, |vm, fp, w, k, ip| {
    // SAFETY: the record keeps the class.
    let class = Gc::from_value(Value::from_bits(rec(ip).guard).unwrap_unchecked());
    vm.new_plain_instance(class)
});

// ---- fields ----

/// Finds the field of the instruction at `ip` for the instance in `register`, and the instruction's quick form; its record has the offset.
unsafe fn resolve_field(
    vm: &Vm,
    fp: Fp,
    ip: Ip,
    register: usize,
    tagged: Opcode,
    raw: Opcode,
) -> PyResult<RegisterKind> {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let object = frame(fp).code().object().clone();
    let descr = &object.fields[cell.get().imm() as usize];
    if vm.statics.generations.has_many(&object.types[descr.class as usize]) {
        let is_store = tagged == Opcode::STORE_FIELD_TAGGED;
        // SAFETY: the register holds an instance of some class.
        let instance = unsafe { reg(fp, register) };
        let field = vm.field_of_instance(instance, descr, &object.types[descr.field_type as usize], is_store)?;
        cell.set(CacheRecord { slot: field.offset, ..cell.get() });
        return Ok(field.kind);
    }
    let resolved = vm.resolved(vm.resolve_type(&object.types[descr.class as usize])?);
    let field = vm.static_field(vm.allocatable(resolved)?, &descr.name)?;
    cell.set(CacheRecord { slot: field.offset, ..cell.get() });
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, if field.kind == RegisterKind::Tagged { tagged } else { raw }) };
    Ok(field.kind)
}

unit_op!(LOAD_FIELD, 2, |vm, fp, w, k, ip| {
    let kind = resolve_field(vm, fp, ip, b(w), Opcode::LOAD_FIELD_TAGGED, Opcode::LOAD_FIELD_RAW)?;
    let value = read_field(fp, b(w), rec(ip).slot);
    if kind == RegisterKind::Tagged && value == 0 {
        return Err(unset_field(vm, fp, ip, w));
    }
    *fp.add(a(w)) = value;
    Ok(())
});

#[inline(always)]
unsafe fn read_field(fp: Fp, register: usize, offset: u32) -> u64 {
    // SAFETY: the compiler proved that the register holds an instance that has the field.
    unsafe {
        let object = *fp.add(register) as usize;
        std::ptr::with_exposed_provenance::<u64>(object + offset as usize).read()
    }
}

unsafe fn unset_field(vm: &Vm, fp: Fp, ip: Ip, w: u64) -> crate::native::Raised {
    let object = frame(fp).code().object().clone();
    // SAFETY: as of a handler.
    unsafe {
        let name = vm.intern(&object.fields[rec(ip).imm() as usize].name);
        vm.no_attribute(reg(fp, b(w)), name)
    }
}

op!(LOAD_FIELD_TAGGED(ip, fp, vm, k, w) {
    let value = read_field(fp, b(w), rec(ip).slot);
    if value == 0 {
        return field_unset(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = value;
    go(ip.add(2), fp, vm, k)
});

unit_op!(field_unset, 2, |vm, fp, w, k, ip| Err(unset_field(vm, fp, ip, w)));

op!(LOAD_FIELD_RAW(ip, fp, vm, k, w) {
    *fp.add(a(w)) = read_field(fp, b(w), rec(ip).slot);
    go(ip.add(2), fp, vm, k)
});

unit_op!(STORE_FIELD, 2, |vm, fp, w, k, ip| {
    resolve_field(vm, fp, ip, a(w), Opcode::STORE_FIELD_TAGGED, Opcode::STORE_FIELD_RAW)?;
    vm.barrier(reg(fp, a(w)));
    write_field(fp, a(w), rec(ip).slot, *fp.add(b(w)));
    Ok(())
});

#[inline(always)]
unsafe fn write_field(fp: Fp, register: usize, offset: u32, bits: u64) {
    // SAFETY: as in `read_field`.
    unsafe {
        let object = *fp.add(register) as usize;
        std::ptr::with_exposed_provenance_mut::<u64>(object + offset as usize).write(bits);
    }
}

op!(STORE_FIELD_TAGGED(ip, fp, vm, k, w) {
    let object = *fp.add(a(w));
    if (*std::ptr::with_exposed_provenance::<Header>(object as usize)).has_flag(cinder_layout::flag::UNLOGGED) {
        return logged_store(ip, fp, vm, k, w);
    }
    write_field(fp, a(w), rec(ip).slot, *fp.add(b(w)));
    go(ip.add(2), fp, vm, k)
});

unit_op!(logged_store, 2, |vm, fp, w, k, ip| {
    vm.barrier(reg(fp, a(w)));
    write_field(fp, a(w), rec(ip).slot, *fp.add(b(w)));
    Ok(())
});

op!(STORE_FIELD_RAW(ip, fp, vm, k, w) {
    write_field(fp, a(w), rec(ip).slot, *fp.add(b(w)));
    go(ip.add(2), fp, vm, k)
});

// ---- typed calls ----

/// Calls `target` with the arguments at the window of the instruction. `Ok(ENTERED)`: a frame was begun; else the result's bits are in register `a`.
unsafe fn invoke(vm: &Vm, fp: Fp, w: u64, ip: Ip, target: Target) -> PyResult<Value> {
    // SAFETY: as of a handler.
    unsafe {
        let (base, count) = (b(w), c(w));
        match target {
            Target::Direct(function) => {
                let at = if Frame(fp).is_generator() {
                    let to = Frame(fp).top().wrapping_add(HEADER);
                    if to.wrapping_add(count) >= vm.interp.stack.end.get() {
                        return Err(vm.recursion_error("maximum recursion depth exceeded"));
                    }
                    std::ptr::copy_nonoverlapping(fp.add(base + HEADER), to, count);
                    to
                } else {
                    fp.add(base + HEADER)
                };
                let code = function.code.get();
                let flags = callee_flags(fp, flag::DIRECT);
                let registers = code.register_count as usize;
                if flags >> flag::DEPTH_SHIFT > vm.interp.depth_limit.get() >> flag::DEPTH_SHIFT
                    || at.wrapping_add(registers + HEADER) >= vm.interp.stack.end.get()
                {
                    return Err(vm.recursion_error("maximum recursion depth exceeded"));
                }
                begin(fp, at, function, code, flags, count);
                vm.set_frame_pointer(at);
                // The first instruction is CHECK_ARGS, one word.
                set_next(vm, code.entry.get().add(1), at);
                Ok(ENTERED)
            }
            target => {
                let caller = frame(fp).code();
                let object = caller.object().clone();
                let descr = &object.functions[rec(ip).imm() as usize];
                let arguments = fp.add(base + HEADER);
                let bits = vm.call_foreign(&target, Some(descr), caller, &descr.signature, arguments, count)?;
                *fp.add(a(w)) = bits;
                Ok(Value::NONE)
            }
        }
    }
}

/// Writes the header and clears the registers behind the arguments.
#[inline(always)]
unsafe fn begin(fp: Fp, at: Fp, function: Gc<PyFunction>, code: Gc<PyCode>, flags: u64, count: usize) {
    // SAFETY: the window lies within the stack (callers checked).
    unsafe {
        *at.offset(CALLABLE) = function.as_value().bits();
        *at.offset(CODE) = code.as_value().bits();
        *at.offset(CALLER) = fp.expose_provenance() as u64;
        *at.offset(SAVED_IP) = code.entry.get().expose_provenance() as u64;
        *at.offset(FRAME_OBJECT) = 0;
        *at.offset(NAMESPACE) = 0;
        *at.offset(FLAGS) = flags;
        *at.offset(HANDLED) = 0;
        clear(at, count, code.register_count as usize);
    }
}

/// A typed call that resolves its target each time.
macro_rules! invoke_op {
    ($name:ident, |$vm:ident, $fp:ident, $w:ident, $ip:ident| $target:expr) => {
        op!($name(ip, fp, vm, k, w) {
            #[inline(never)]
            unsafe fn work($vm: &Vm, $fp: Fp, $w: u64, $ip: Ip) -> PyResult<Value> {
                // SAFETY: as in `op!`.
                unsafe {
                    let target = $target?;
                    invoke($vm, $fp, $w, $ip, target)
                }
            }
            observe(ip, fp, vm);
            match work(vm, fp, w, ip) {
                Ok(value) if value == ENTERED => go_next(vm),
                Ok(_) => go(ip.add(2), fp, vm, k),
                Err(_) => raised(ip, fp, vm, k, w),
            }
        });
    };
}

invoke_op!(INVOKE_FUNCTION, |vm, fp, w, ip| resolve_direct(vm, fp, ip));

unsafe fn resolve_direct(vm: &Vm, fp: Fp, ip: Ip) -> PyResult<Target> {
    let caller = frame(fp).code();
    let object = caller.object().clone();
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let target = vm.resolve_function(&object.functions[cell.get().imm() as usize], caller)?;
    if let Target::Direct(function) = target
        && !caller.is_generator_like()
    {
        vm.heap.write_barrier(caller.header());
        let code = function.code.get();
        cell.set(CacheRecord {
            value: function.as_value().bits(),
            guard: code.as_value().bits(),
            slot: code.register_count,
            ..cell.get()
        });
        vm.statics.direct_sites.borrow_mut().push((caller.as_value(), ip.expose_provenance()));
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, Opcode::INVOKE_FUNCTION_DIRECT) };
    }
    Ok(target)
}

/// Enters the function of a record whose arguments lie in place.
macro_rules! enter_direct {
    ($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident, $generic:ident) => {{
        let rec = rec($ip);
        let function = std::ptr::with_exposed_provenance::<PyFunction>(rec.value as usize);
        if (*function).code.get().as_value().bits() != rec.guard {
            rewrite($ip, Opcode::$generic);
            return $generic($ip, $fp, $vm, $k, $w);
        }
        let code = std::ptr::with_exposed_provenance::<PyCode>(rec.guard as usize);
        let heat = &(*code).heat;
        if heat.get() == 0 {
            return call_compiled($ip, $fp, $vm, $k, $w);
        }
        heat.set(heat.get() - 1);
        let new = $fp.add(b($w) + HEADER);
        let registers = rec.slot as usize;
        let flags = callee_flags($fp, flag::DIRECT);
        if flags > $vm.interp.depth_limit.get() || new.wrapping_add(registers + HEADER) >= $vm.interp.stack.end.get() {
            return $generic($ip, $fp, $vm, $k, $w);
        }
        *$fp.offset(SAVED_IP) = $ip.expose_provenance() as u64;
        *new.offset(CALLABLE) = rec.value;
        *new.offset(CODE) = rec.guard;
        *new.offset(CALLER) = $fp.expose_provenance() as u64;
        *new.offset(FRAME_OBJECT) = 0;
        *new.offset(NAMESPACE) = 0;
        *new.offset(FLAGS) = flags;
        *new.offset(HANDLED) = 0;
        clear(new, c($w), registers);
        go((*code).entry.get().cast_const().add(1), new, $vm, (*code).constants.get())
    }};
}

op!(call_compiled(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    match jit_call(vm, fp, w, ip) {
        1 => go(ip.add(2), fp, vm, k),
        // The code is cold now.
        2 => go(ip, fp, vm, k),
        _ => raised(ip, fp, vm, k, w),
    }
});

/// 0: raised, 1: called, 2: to be interpreted.
#[inline(never)]
unsafe fn jit_call(vm: &Vm, fp: Fp, w: u64, ip: Ip) -> u64 {
    // SAFETY: as of a handler.
    match unsafe { crate::jit::entry::call(vm, fp, w, ip) } {
        Ok(true) => 1,
        Ok(false) => 2,
        Err(_) => 0,
    }
}

op!(INVOKE_FUNCTION_DIRECT(ip, fp, vm, k, w) { enter_direct!(ip, fp, vm, k, w, INVOKE_FUNCTION) });

invoke_op!(INVOKE_METHOD, |vm, fp, w, ip| resolve_virtual(vm, fp, ip, w));

unsafe fn resolve_virtual(vm: &Vm, fp: Fp, ip: Ip, w: u64) -> PyResult<Target> {
    let caller = frame(fp).code();
    let object = caller.object().clone();
    // SAFETY: as of a handler.
    let (cell, receiver) = unsafe { (record(ip), reg(fp, b(w) + HEADER)) };
    let target = vm.resolve_method(&object.functions[cell.get().imm() as usize], receiver, caller)?;
    if let Target::Direct(function) = target
        && receiver.is_ptr()
        && !caller.is_generator_like()
        && vm.type_of(receiver).dependents.register(caller.as_value(), cell.as_ptr())
    {
        vm.heap.write_barrier(vm.type_of(receiver).header());
        vm.heap.write_barrier(caller.header());
        let code = function.code.get();
        cell.set(CacheRecord {
            shape: vm.shape_of(receiver).id,
            value: function.as_value().bits(),
            guard: code.as_value().bits(),
            slot: code.register_count,
            ..cell.get()
        });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, Opcode::INVOKE_METHOD_SHAPE) };
    }
    Ok(target)
}

op!(INVOKE_METHOD_SHAPE(ip, fp, vm, k, w) {
    let receiver = *fp.add(b(w) + HEADER);
    if receiver & 7 != 0 || (*std::ptr::with_exposed_provenance::<Header>(receiver as usize)).shape() != rec(ip).shape {
        return INVOKE_METHOD(ip, fp, vm, k, w);
    }
    enter_direct!(ip, fp, vm, k, w, INVOKE_METHOD)
});

op!(RETURN_PRIMITIVE(ip, fp, vm, k, w) {
    let flags = *fp.offset(FLAGS);
    if flags & flag::DIRECT == 0 || flags & flag::SLOW_RETURN != 0 {
        return return_boxed(ip, fp, vm, k, w);
    }
    let value = *fp.add(a(w));
    let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
    let ip = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
    *caller.add(a(*ip)) = value;
    go(ip.add(2), caller, vm, constants(caller))
});

/// Returns to a caller that wants an object, or leaves a frame with more to do.
#[inline(never)]
unsafe extern "C-unwind" fn return_boxed(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
    // SAFETY: as of a handler.
    unsafe {
        observe(ip, fp, vm);
        match leave_primitive(vm, fp, w) {
            Ok(answer) if answer == Value::DELETED => raised_in_caller(ip, fp, vm, k, w),
            Ok(answer) if answer == ENTERED => go_next(vm),
            Ok(value) => value.bits(),
            Err(_) => raised(ip, fp, vm, k, w),
        }
    }
}

#[inline(never)]
unsafe fn leave_primitive(vm: &Vm, fp: Fp, w: u64) -> PyResult<Value> {
    use crate::interp::calls::{Left, leave};
    let frame = Frame(fp);
    let kind = super::statics::primitive(b(w));
    // SAFETY: as of a handler.
    let raw = unsafe { *fp.add(a(w)) };
    let direct = frame.flags() & flag::DIRECT != 0;
    let entry = frame.flags() & flag::ENTRY != 0;
    let value = if direct { Value::NONE } else { vm.box_primitive(raw, kind)? };
    vm.statics.raw_result.set(raw);
    Ok(match leave(vm, fp, value) {
        Left::Caller => {
            if direct && !entry {
                let caller = Frame(vm.frame_pointer());
                // SAFETY: `leave` wrote a placeholder to the register that takes the result.
                unsafe { *caller.0.add(a(*caller.ip())) = raw };
            }
            ENTERED
        }
        Left::Raise => Value::DELETED,
        Left::Loop(value) => value,
    })
}

// ---- containers ----

unit_op!(FAST_LEN, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    *fp.add(a(w)) = vm.len(value)? as u64;
    Ok(())
});

/// Item places count from the end when negative.
#[inline(always)]
fn place(index: u64, len: usize) -> Option<usize> {
    let index = index as i64;
    let index = if index < 0 { index.wrapping_add(len as i64) } else { index };
    if (index as u64) < len as u64 { Some(index as usize) } else { None }
}

op!(SEQUENCE_GET(ip, fp, vm, k, w) {
    let sequence = *fp.add(b(w));
    let kind = rec(ip).imm();
    if kind <= FastKind::CheckedList as u32 && sequence & 7 == 0 {
        // Both kinds are laid out as lists.
        let list = std::ptr::with_exposed_provenance::<PyList>(sequence as usize);
        if let Some(buffer) = (*list).items.buffer()
            && let Some(index) = place(*fp.add(c(w)), buffer.len())
        {
            *fp.add(a(w)) = buffer.values().as_ptr().add(index).cast::<u64>().read();
            return go(ip.add(2), fp, vm, k);
        }
    }
    sequence_get_slow(ip, fp, vm, k, w)
});

value_op!(sequence_get_slow, 2, |vm, fp, w, k, ip| {
    let sequence = reg(fp, b(w));
    vm.getitem(sequence, vm.new_int(*fp.add(c(w)) as i64)?)
});

unit_op!(SEQUENCE_SET, 2, |vm, fp, w, k, ip| {
    let sequence = reg(fp, a(w));
    if rec(ip).imm() <= FastKind::CheckedList as u32
        && let Some(list) = vm.downcast::<PyList>(sequence)
        && let Some(index) = place(*fp.add(b(w)), list.items.len())
    {
        list.items.set(&vm.heap, index, reg(fp, c(w)));
        return Ok(());
    }
    vm.setitem(sequence, vm.new_int(*fp.add(b(w)) as i64)?, Some(reg(fp, c(w))))
});

/// The list in a register. Lists and checked lists have one layout.
#[inline(always)]
unsafe fn list<'a>(fp: Fp, register: usize) -> &'a PyList {
    // SAFETY: the compiler proved that the register holds a list.
    unsafe { &*std::ptr::with_exposed_provenance::<PyList>(*fp.add(register) as usize) }
}

op!(SEQUENCE_APPEND(ip, fp, vm, k, w) {
    if let Some(buffer) = list(fp, a(w)).items.buffer()
        && buffer.push_within_capacity(&vm.heap, reg(fp, b(w)))
    {
        return go(ip.add(1), fp, vm, k);
    }
    append_slow(ip, fp, vm, k, w)
});

unit_op!(append_slow, 1, |vm, fp, w, k, ip| vm.list_append(reg(fp, a(w)), reg(fp, b(w))));

op!(SEQUENCE_POP(ip, fp, vm, k, w) {
    match list(fp, b(w)).items.pop() {
        Some(item) => {
            *fp.add(a(w)) = item.bits();
            go(ip.add(1), fp, vm, k)
        }
        None => pop_empty(ip, fp, vm, k, w),
    }
});

unit_op!(pop_empty, 1, |vm, fp, w, k, ip| Err(vm.index_error("pop from empty list")));

#[inline(always)]
unsafe fn array<'a>(fp: Fp, register: usize) -> &'a PyStaticArray {
    // SAFETY: the compiler proved that the register holds an Array.
    unsafe { &*std::ptr::with_exposed_provenance::<PyStaticArray>(*fp.add(register) as usize) }
}

op!(ARRAY_GET_INT(ip, fp, vm, k, w) {
    let array = array(fp, b(w));
    match place(*fp.add(c(w)), array.len()) {
        Some(index) => {
            *fp.add(a(w)) = array.get_bits(index);
            go(ip.add(2), fp, vm, k)
        }
        None => array_range(ip, fp, vm, k, w),
    }
});

op!(ARRAY_GET_DOUBLE(ip, fp, vm, k, w) {
    let array = array(fp, b(w));
    match place(*fp.add(c(w)), array.len()) {
        Some(index) => {
            *fp.add(a(w)) = array.get_bits(index);
            go(ip.add(2), fp, vm, k)
        }
        None => array_range(ip, fp, vm, k, w),
    }
});

op!(ARRAY_SET_INT(ip, fp, vm, k, w) {
    let array = array(fp, a(w));
    match place(*fp.add(b(w)), array.len()) {
        Some(index) => {
            array.set_bits(index, *fp.add(c(w)));
            go(ip.add(2), fp, vm, k)
        }
        None => array_range(ip, fp, vm, k, w),
    }
});

op!(ARRAY_SET_DOUBLE(ip, fp, vm, k, w) {
    let array = array(fp, a(w));
    match place(*fp.add(b(w)), array.len()) {
        Some(index) => {
            array.set_bits(index, *fp.add(c(w)));
            go(ip.add(2), fp, vm, k)
        }
        None => array_range(ip, fp, vm, k, w),
    }
});

unit_op!(array_range, 2, |vm, fp, w, k, ip| Err(vm.index_error("index out of range")));

/// The class of a checked container's literal; kept in the record.
unsafe fn literal_class(vm: &Vm, fp: Fp, ip: Ip) -> PyResult<Gc<crate::types::type_::PyType>> {
    // SAFETY: as of a handler; the record keeps the class.
    unsafe {
        if let Some(class) = Value::from_bits(rec(ip).guard) {
            return Ok(Gc::from_value(class));
        }
        let object = frame(fp).code().object().clone();
        let class = vm.allocatable(vm.resolved(vm.resolve_type(&object.types[rec(ip).imm() as usize])?))?;
        let cell = record(ip);
        vm.heap.write_barrier(frame(fp).code().header());
        cell.set(CacheRecord { guard: class.as_value().bits(), ..cell.get() });
        Ok(class)
    }
}

value_op!(BUILD_CHECKED_LIST, 2, |vm, fp, w, k, ip| {
    let class = literal_class(vm, fp, ip)?;
    vm.new_checked_list(class, regs(fp, b(w), c(w)))
});

value_op!(BUILD_CHECKED_MAP, 2, |vm, fp, w, k, ip| {
    let class = literal_class(vm, fp, ip)?;
    vm.new_checked_dict(class, regs(fp, b(w), 2 * c(w)))
});

const _: () = assert!(FastKind::List as u32 == 0 && FastKind::CheckedList as u32 == 1);
