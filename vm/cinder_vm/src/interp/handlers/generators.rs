//! Suspending, delegating and awaiting.

use cinder_bytecode::code::flags;
use cinder_heap::Gc;
use cinder_layout::Header;

use super::intrinsics::call_intrinsic;
use super::iteration::new_iterator;
use super::prelude::*;
use crate::interp::stack::{CALLER, FLAGS, SAVED_IP, flag};
use crate::types::BuiltinType;
use crate::types::async_generator::PyWrapped;
use crate::types::generator::{GeneratorState, PyGenerator, Step};

op!(YIELD_VALUE(ip, fp, vm, k, w) {
    let value = *fp.add(b(w));
    *fp.offset(SAVED_IP) = ip.expose_provenance() as u64;
    let generator = frame(fp).generator();
    generator.state.set(GeneratorState::Suspended);
    // Past the generators that only wait for this one.
    let mut out = fp;
    if let Some(outermost) = generator.outermost.get() {
        if vm.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed) == 0 {
            return yield_in_turn(ip, fp, vm, k, w);
        }
        let outermost: Gc<PyGenerator> = Gc::from_value(outermost);
        outermost.stack_top.set(fp);
        out = outermost.fp();
    }
    let caller = std::ptr::with_exposed_provenance_mut::<u64>(*out.offset(CALLER) as usize);
    if *out.offset(FLAGS) & (flag::ENTRY | flag::ASYNC_STEP) != 0 {
        if *out.offset(FLAGS) & flag::ENTRY == 0 {
            return yield_from_step(ip, out, vm, k, value);
        }
        *out.offset(CALLER) = 0;
        vm.set_frame_pointer(caller);
        return value;
    }
    *out.offset(CALLER) = 0;
    let ip = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
    *caller.add(a(*ip)) = value;
    go(ip.add(2), caller, vm, constants(caller))
});

// YIELD_VALUE of a linked generator while somebody may want to see each of the outer ones yield.
op!(yield_in_turn(ip, fp, vm, k, w) {
    vm.return_to_outer(frame(fp).generator());
    YIELD_VALUE(ip, fp, vm, k, w)
});

// `value` leaves the async generator whose frame is `fp`, which a SEND resumed through an awaitable.
op!(yield_from_step(ip, fp, vm, k, value) {
    let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
    let value = Value::from_bits(value).unwrap_unchecked();
    if let Some(wrapped) = vm.downcast_exact::<PyWrapped>(value) {
        return consume(ip, fp, vm, k, wrapped.value.get().bits());
    }
    // For the event loop.
    *fp.offset(CALLER) = 0;
    let ip = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
    set(caller, a(*ip), value);
    go(ip.add(2), caller, vm, constants(caller))
});

// `value` is what the SEND that resumed the async generator with the frame `fp` gives.
op!(consume(ip, fp, vm, k, value) {
    let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
    *fp.offset(CALLER) = 0;
    let at = vm.end_step(frame(fp).generator(), frame(caller));
    *caller.add(a(*at)) = value;
    go(at.offset(rec(at).slot as i32 as isize), caller, vm, constants(caller))
});

// Wraps a value for the consumer of an async generator, and yields it without doing so where that is the same.
op!(WRAP_AND_YIELD(ip, fp, vm, k, w) {
    if *fp.offset(FLAGS) & flag::ASYNC_STEP == 0 || *ip.add(1) as u16 != Opcode::YIELD_VALUE as u16 {
        return call_intrinsic(ip, fp, vm, k, w);
    }
    *fp.offset(SAVED_IP) = ip.add(1).expose_provenance() as u64;
    frame(fp).generator().state.set(GeneratorState::Suspended);
    consume(ip, fp, vm, k, *fp.add(b(w)))
});

op!(SEND(ip, fp, vm, k, w) {
    if let Some(generator) = inner_frame(vm, reg(fp, b(w)))
        && generator.is_resumable(reg(fp, c(w)))
        && let Some((start, new)) = vm.resume_linked(generator, reg(fp, c(w)), fp)
    {
        *fp.offset(SAVED_IP) = ip.expose_provenance() as u64;
        return go(start, new, vm, constants(new));
    }
    send_step_awaitable(ip, fp, vm, k, w)
});

// SEND to the awaitable of an async generator's method.
op!(send_step_awaitable(ip, fp, vm, k, w) {
    let iterator = reg(fp, b(w));
    if iterator.is_ptr()
        && (*iterator.as_ptr::<Header>()).shape() == BuiltinType::async_generator_step as u32
        && let Some((start, new)) = vm.resume_step(Gc::from_value(iterator), reg(fp, c(w)), fp)
    {
        *fp.offset(SAVED_IP) = ip.expose_provenance() as u64;
        return go(start, new, vm, constants(new));
    }
    send_slowly(ip, fp, vm, k, w)
});

op!(send_slowly(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    match send_step(vm, fp, w) {
        Ok(value) if value == ENTERED => go_next(vm),
        // Finished: the value waits in register a.
        Ok(value) if value == Value::EXHAUSTED => go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k),
        Ok(value) => {
            set(fp, a(w), value);
            go(ip.add(2), fp, vm, k)
        }
        Err(_) => raised(ip, fp, vm, k, w),
    }
});

/// One step of a delegation. EXHAUSTED: the result is in register a.
#[inline(never)]
unsafe fn send_step(vm: &Vm, fp: Fp, w: u64) -> PyResult<Value> {
    // SAFETY: as of a handler.
    unsafe {
        let (iterator, sent) = (reg(fp, b(w)), reg(fp, c(w)));
        if let Some(generator) = inner_frame(vm, iterator)
            && generator.is_resumable(sent)
        {
            let resumed = vm.resume_generator(generator, sent, fp, 0)?;
            set_next(vm, resumed, generator.fp());
            return Ok(ENTERED);
        }
        match vm.iter_send(iterator, sent)? {
            Step::Yielded(value) => Ok(value),
            Step::Returned(value) => {
                set(fp, a(w), value);
                Ok(Value::EXHAUSTED)
            }
        }
    }
}

/// A generator or coroutine, whose frame can be resumed without leaving the loop.
#[inline(always)]
fn inner_frame(_vm: &Vm, iterator: Value) -> Option<Gc<PyGenerator>> {
    let header = iterator.try_ptr::<Header>()?;
    // SAFETY: pointer-tagged values point to live objects.
    let shape = unsafe { header.as_ref() }.shape();
    let is_frame = shape == BuiltinType::generator as u32 || shape == BuiltinType::coroutine as u32;
    // SAFETY: both are laid out as generators.
    is_frame.then(|| unsafe { Gc::from_value(iterator) })
}

value_op!(GET_YIELD_FROM_ITER, 1, |vm, fp, w, k, ip| {
    let iterable = reg(fp, b(w));
    match vm.as_generator(iterable) {
        Some(inner) if inner.code.get().flags & flags::COROUTINE != 0 => {
            if frame(fp).code().flags & (flags::COROUTINE | flags::ITERABLE_COROUTINE) == 0 {
                return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
            }
            Ok(iterable)
        }
        Some(inner) if inner.code.get().flags & flags::ASYNC_GENERATOR == 0 => Ok(iterable),
        _ => new_iterator(vm, iterable),
    }
});

op!(GET_AWAITABLE(ip, fp, vm, k, w) {
    let awaitable = reg(fp, b(w));
    // A coroutine that nobody has begun to await.
    if awaitable.is_ptr() && (*awaitable.as_ptr::<Header>()).shape() == BuiltinType::coroutine as u32 {
        let coroutine: Gc<PyGenerator> = Gc::from_value(awaitable);
        if coroutine.state.get() == GeneratorState::Created {
            set(fp, a(w), awaitable);
            return go(ip.add(1), fp, vm, k);
        }
    }
    any_awaitable(ip, fp, vm, k, w)
});
value_op!(any_awaitable, 1, |vm, fp, w, k, ip| {
    let awaitable = reg(fp, b(w));
    let result = vm.awaitable_iterator(awaitable)?;
    match result {
        Some(iterator) => {
            if let Some(coroutine) = vm.as_generator(iterator)
                && coroutine.code.get().flags & flags::COROUTINE != 0
            {
                vm.unlink(coroutine);
                if coroutine.delegate().is_some() {
                    return Err(vm.runtime_error("coroutine is being awaited already"));
                }
            }
            Ok(iterator)
        }
        None => {
            let name = vm.type_name(awaitable);
            Err(match c(w) {
                1 => vm.type_error(format!(
                    "'async with' received an object from __aenter__ that does not implement __await__: {name}"
                )),
                2 => vm.type_error(format!(
                    "'async with' received an object from __aexit__ that does not implement __await__: {name}"
                )),
                _ => vm.type_error(format!("'{name}' object can't be awaited")),
            })
        }
    }
});

impl Vm {
    /// Iterator of an awaitable (CPython `_PyCoro_GetAwaitableIter`); `None` when it is none.
    pub fn awaitable_iterator(&self, awaitable: Value) -> PyResult<Option<Value>> {
        if let Some(generator) = self.as_generator(awaitable)
            && generator.code.get().flags & (flags::COROUTINE | flags::ITERABLE_COROUTINE) != 0
        {
            return Ok(Some(awaitable));
        }
        let class = self.type_of(awaitable);
        let Some(slot) = class.slots().r#await else { return Ok(None) };
        let iterator = slot(self, awaitable)?;
        if let Some(coroutine) = self.as_generator(iterator)
            && coroutine.code.get().flags & (flags::COROUTINE | flags::ITERABLE_COROUTINE) != 0
        {
            return Err(self.type_error("__await__() returned a coroutine"));
        }
        if self.type_of(iterator).slots().next.is_none() {
            return Err(
                self.type_error(format!("__await__() returned non-iterator of type '{}'", self.type_name(iterator)))
            );
        }
        Ok(Some(iterator))
    }
}

value_op!(GET_AITER, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    let Some(slot) = vm.type_of(value).slots().aiter else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'async for' requires an object with __aiter__ method, got {name}")));
    };
    let iterator = slot(vm, value)?;
    if vm.type_of(iterator).slots().anext.is_none() {
        let name = vm.type_name(iterator);
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {name}"
        )));
    }
    Ok(iterator)
});

value_op!(GET_ANEXT, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    if value.is_ptr() && (*value.as_ptr::<Header>()).shape() == BuiltinType::async_generator as u32 {
        return vm.async_step(value, Value::NONE);
    }
    let Some(slot) = vm.type_of(value).slots().anext else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'async for' requires an iterator with __anext__ method, got {name}")));
    };
    let awaitable = slot(vm, value)?;
    match vm.awaitable_iterator(awaitable) {
        Ok(Some(iterator)) => Ok(iterator),
        Ok(None) => {
            let name = vm.type_name(awaitable);
            Err(vm.type_error(format!("'async for' received an invalid object from __anext__: {name}")))
        }
        Err(raised) => {
            let cause = vm.take_exception(raised);
            let name = vm.type_name(awaitable);
            let raised = vm.type_error(format!("'async for' received an invalid object from __anext__: {name}"));
            if let Some(exception) = vm.pending.get() {
                vm.set_cause(exception, cause);
            }
            Err(raised)
        }
    }
});
