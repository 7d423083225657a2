//! `generator`, `coroutine` and `async_generator`: frames that outlive their call.
//!
//! Problem: a suspended frame must keep its registers, and resuming it a million times must copy nothing.
//! Idea: the frame's header and registers lie in the generator object itself. Resuming sets the frame pointer to them; a `for` loop or `await` over a
//! generator does so without leaving the instruction loop.
//! Holds: while it runs, the generator is on the frame chain and the collector scans its window conservatively; while it is suspended, exactly.
//!
//! [`making`] says how they come into being and how their memory is used again.
//!
//! Chains: a generator that delegates (`yield from`, `await`) to another would pass on every value, so that a tree walk costs its depth for every
//! item. SEND therefore links the inner generator to the outermost of the chain ([`PyGenerator::outermost`]); an inner YIELD_VALUE goes straight to
//! whoever resumed that one, and the next resume straight to the innermost. In between nothing of the chain is touched: the outer generators
//! are still [`GeneratorState::Delegating`], the frames still linked by their caller words. Whoever looks at a generator of a suspended chain
//! in any other way takes the chain apart first ([`Vm::unlink`]): each is then suspended on its own.

mod making;

pub(crate) use making::Recycled;

use std::cell::Cell;

use cinder_bytecode::RegisterKind;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value, flag as flag_of_header};

use crate::interp::calls::callee_flags;
use crate::interp::dispatch::{Fp, Ip, c, set};
use crate::interp::stack::{
    CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HANDLED, HEADER, NAMESPACE, SAVED_IP, flag,
};
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::code::PyCode;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;
use cinder_bytecode::code::flags;

/// Where a generator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GeneratorState {
    Created,
    Suspended,
    /// On the frame chain.
    Running,
    /// Waits at a SEND for the generator linked to it, which runs or is suspended.
    Delegating,
    Finished,
}

/// Payload; the frame's header words and registers follow.
#[repr(C)]
pub struct PyGenerator {
    header: Header,
    pub(crate) code: Slot<Gc<PyCode>>,
    /// Where windows of calls made from the running frame may begin. Of the outermost of a suspended chain: the frame of the innermost.
    pub(crate) stack_top: Cell<Fp>,
    pub(crate) state: Cell<GeneratorState>,
    /// Async generators: a `asend`, `athrow` or `aclose` is under way.
    pub(crate) running_async: Cell<bool>,
    /// Async generators: it was closed, or ended.
    pub(crate) closed: Cell<bool>,
    pub(crate) hooks_inited: Cell<bool>,
    /// Nobody knows it but the frame that resumes it.
    is_temporary: Cell<bool>,
    pub(crate) name: Slot<Option<Value>>,
    pub(crate) qualname: Slot<Option<Value>>,
    /// Coroutines: where it was made, when that is tracked. Async generators: the finalizer.
    pub(crate) origin: Slot<Option<Value>>,
    /// The first generator of the chain that this one is linked to. (The struct is a multiple of 16 bytes.)
    pub(crate) outermost: Slot<Option<Value>>,
}

impl Trace for PyGenerator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.code.get().header());
        tracer.visit_option(self.name.get());
        tracer.visit_option(self.qualname.get());
        tracer.visit_option(self.origin.get());
        tracer.visit_option(self.outermost.get());
        if matches!(self.state.get(), GeneratorState::Running | GeneratorState::Finished) {
            return;
        }
        let fp: Fp = (&raw const *self).wrapping_add(1).cast_mut().cast::<u64>().wrapping_add(HEADER);
        for index in [CALLABLE, CODE, FRAME_OBJECT, NAMESPACE, HANDLED] {
            // SAFETY: header words of a suspended frame are zero or values.
            tracer.visit_option(unsafe { Value::from_bits(*fp.offset(index)) });
        }
        let code = self.code.get();
        let object = code.object();
        for index in 0..object.register_count as usize {
            if object.register_kind(index as u16) == RegisterKind::Tagged {
                // SAFETY: tagged registers of a suspended frame are zero or values.
                tracer.visit_option(unsafe { Value::from_bits(*fp.add(index)) });
            }
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyGenerator {}

crate::layout!(PyGenerator, "generator", exact generator, items |object| {
    // SAFETY: called for objects of this layout only.
    let code = unsafe { &*object.cast::<PyGenerator>() }.code.get();
    size_of::<PyGenerator>() + (HEADER + code.register_count as usize) * 8
});

/// What one step gave.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Yielded(Value),
    Returned(Value),
}

impl PyGenerator {
    /// Whether it is the coroutine of an `async def`.
    pub fn is_coroutine(&self) -> bool {
        self.code.get().flags & flags::COROUTINE != 0
    }

    /// Whether it is the async generator of an `async def` with `yield`.
    pub(crate) fn is_async(&self) -> bool {
        self.code.get().flags & flags::ASYNC_GENERATOR != 0
    }

    pub(crate) fn fp(&self) -> Fp {
        (&raw const *self).wrapping_add(1).cast_mut().cast::<u64>().wrapping_add(HEADER)
    }

    pub(crate) fn frame(&self) -> Frame {
        Frame(self.fp())
    }

    /// Whether [`Vm::resume_suspended`] takes it with `sent`.
    #[inline(always)]
    pub(crate) fn is_resumable(&self, sent: Value) -> bool {
        match self.state.get() {
            GeneratorState::Suspended => true,
            GeneratorState::Created => sent.is_none(),
            GeneratorState::Delegating => self.frame().caller().is_none(),
            _ => false,
        }
    }

    /// Whether it or a generator that it delegates to runs.
    pub(crate) fn is_executing(&self) -> bool {
        match self.state.get() {
            GeneratorState::Running => true,
            GeneratorState::Delegating => self.outermost_frame().caller().is_some(),
            _ => false,
        }
    }

    /// Frame of the outermost generator of its chain.
    fn outermost_frame(&self) -> Frame {
        match self.outermost.get() {
            // SAFETY: set by `resume_linked` only.
            Some(outermost) => unsafe { Gc::<PyGenerator>::from_value(outermost) }.frame(),
            None => self.frame(),
        }
    }

    pub(crate) fn finish(&self) {
        self.state.set(GeneratorState::Finished);
        // Nothing is left to close.
        self.header.clear_flag(flag_of_header::HAS_DEL);
    }

    fn noun(&self) -> &'static str {
        match self.code.get().flags {
            f if f & flags::COROUTINE != 0 => "coroutine",
            f if f & flags::ASYNC_GENERATOR != 0 => "async generator",
            _ => "generator",
        }
    }

    /// Sub-iterator that a suspended generator delegates to, which is known to others from now on.
    pub(crate) fn delegate(&self) -> Option<Value> {
        if self.state.get() != GeneratorState::Suspended {
            return None;
        }
        let frame = self.frame();
        // SAFETY: a suspended frame's position is its YIELD_VALUE.
        let word = unsafe { *frame.ip() };
        let delegate = match c(word) {
            0 => None,
            register => frame.register(register - 1),
        };
        if let Some(inner) = delegate.and_then(plain_frame) {
            inner.is_temporary.set(false);
        }
        delegate
    }
}

/// The value as a generator or coroutine.
#[inline]
fn plain_frame(value: Value) -> Option<Gc<PyGenerator>> {
    let header = value.try_ptr::<Header>()?;
    // SAFETY: pointer-tagged values point to live objects; those of these shapes are laid out as generators.
    unsafe {
        let shape = header.as_ref().shape();
        let is_one = shape == BuiltinType::generator as u32 || shape == BuiltinType::coroutine as u32;
        is_one.then(|| Gc::from_header(header))
    }
}

impl Vm {
    pub fn as_generator(&self, value: Value) -> Option<Gc<PyGenerator>> {
        self.downcast::<PyGenerator>(value)
    }

    /// The value as what a generator function made, which is its own iterator.
    #[inline]
    pub(crate) fn plain_generator(&self, value: Value) -> Option<Gc<PyGenerator>> {
        let header = value.try_ptr::<Header>()?;
        // SAFETY: pointer-tagged values point to live objects; those of this shape are laid out as generators.
        unsafe { (header.as_ref().shape() == BuiltinType::generator as u32).then(|| Gc::from_header(header)) }
    }

    /// Puts a suspended generator on the frame chain: its state is Running, and control is to go to the returned place with `sent` delivered.
    ///
    /// Errors: RecursionError.
    pub(crate) fn resume_generator(
        &self,
        generator: Gc<PyGenerator>,
        sent: Value,
        caller: Fp,
        flags: u64,
    ) -> PyResult<Ip> {
        self.unlink(generator);
        let fp = generator.fp();
        let deeper = callee_flags(caller, flags | flag::GENERATOR);
        if deeper >> flag::DEPTH_SHIFT > self.interp.depth_limit.get() >> flag::DEPTH_SHIFT {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        if self.is_tracing() {
            self.arm(generator.code.get());
        }
        let observed = generator.frame().flags() & flag::OBSERVED;
        generator.stack_top.set(self.stack_top_of(caller));
        // The window is written without barriers while it runs.
        self.heap.write_barrier(generator.header());
        // SAFETY: the window has its header; the frame does not run.
        unsafe {
            *fp.offset(CALLER) = caller.expose_provenance() as u64;
            *fp.offset(FLAGS) = deeper | observed;
        }
        let started = generator.state.replace(GeneratorState::Running) == GeneratorState::Suspended;
        let ip = generator.frame().ip();
        if !started {
            return Ok(ip);
        }
        // SAFETY: a suspended frame's position is its YIELD_VALUE, one word long.
        unsafe {
            set(fp, crate::interp::dispatch::a(*ip), sent);
            Ok(ip.add(1))
        }
    }

    /// [`Vm::resume_generator`] of one that [`PyGenerator::is_resumable`], when nothing is out of the ordinary: where to go on, and the frame there,
    /// which is that of the innermost of a chain.
    #[inline(always)]
    pub(crate) fn resume_suspended(
        &self,
        generator: Gc<PyGenerator>,
        sent: Value,
        caller: Fp,
        flags: u64,
    ) -> Option<(Ip, Fp)> {
        let fp = generator.fp();
        let deeper = callee_flags(caller, flags | flag::GENERATOR);
        if self.is_gate_shut(deeper) {
            return None;
        }
        if generator.outermost.get().is_some() {
            // Part of a chain that others resume.
            return None;
        }
        if generator.state.get() == GeneratorState::Delegating {
            return self.resume_innermost(generator, sent, caller, deeper);
        }
        let top = self.stack_top_of(caller);
        // SAFETY: the generator can be resumed.
        Some((unsafe { self.enter_suspended(generator, sent, caller, deeper, top) }, fp))
    }

    /// [`Vm::resume_suspended`] by the SEND of the generator whose frame is `caller`: links the two.
    #[inline(always)]
    pub(crate) fn resume_linked(&self, generator: Gc<PyGenerator>, sent: Value, caller: Fp) -> Option<(Ip, Fp)> {
        let deeper = callee_flags(caller, flag::GENERATOR);
        if self.is_gate_shut(deeper) {
            return None;
        }
        if generator.outermost.get().is_some() {
            return None;
        }
        if generator.state.get() == GeneratorState::Delegating {
            // The first of a chain stays that.
            return self.resume_innermost(generator, sent, caller, deeper);
        }
        let outer = Frame(caller).generator();
        let outermost = outer.outermost.get().unwrap_or(outer.as_value());
        outer.state.set(GeneratorState::Delegating);
        // SAFETY: the generator can be resumed.
        let start = unsafe { self.enter_suspended(generator, sent, caller, deeper, outer.stack_top.get()) };
        // Its barrier was passed.
        generator.outermost.init(Some(outermost));
        Some((start, generator.fp()))
    }

    /// Shut while somebody watches, or something wants attention.
    #[inline(always)]
    fn is_gate_shut(&self, flags: u64) -> bool {
        flags & !(flag::ONE_DEEPER - 1) > self.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// # Safety
    /// The generator is suspended by itself, or was just made and is sent None.
    #[inline(always)]
    unsafe fn enter_suspended(&self, generator: Gc<PyGenerator>, sent: Value, caller: Fp, flags: u64, top: Fp) -> Ip {
        let fp = generator.fp();
        generator.stack_top.set(top);
        self.heap.write_barrier(generator.header());
        // SAFETY: the window has its header, and the position of a suspended frame is its YIELD_VALUE, one word long.
        unsafe {
            *fp.offset(CALLER) = caller.expose_provenance() as u64;
            *fp.offset(FLAGS) = flags | *fp.offset(FLAGS) & flag::OBSERVED;
            let ip = generator.frame().ip();
            if generator.state.replace(GeneratorState::Running) == GeneratorState::Created {
                return ip;
            }
            set(fp, crate::interp::dispatch::a(*ip), sent);
            ip.add(1)
        }
    }

    /// Resumes the suspended chain that begins with `outermost`. `None`: it would be too deep.
    #[inline]
    fn resume_innermost(&self, outermost: Gc<PyGenerator>, sent: Value, caller: Fp, flags: u64) -> Option<(Ip, Fp)> {
        let (fp, inner) = (outermost.fp(), outermost.stack_top.get());
        // SAFETY: header words of the frames of a suspended chain, whose innermost stands at its YIELD_VALUE.
        unsafe {
            let deeper = (flags >> flag::DEPTH_SHIFT).wrapping_sub(*fp.offset(FLAGS) >> flag::DEPTH_SHIFT);
            let inner_flags = (*inner.offset(FLAGS)).wrapping_add(deeper << flag::DEPTH_SHIFT);
            if self.is_gate_shut(inner_flags) {
                return None;
            }
            let innermost = Frame(inner).generator();
            innermost.stack_top.set(self.stack_top_of(caller));
            self.heap.write_barrier(innermost.header());
            *fp.offset(CALLER) = caller.expose_provenance() as u64;
            *fp.offset(FLAGS) = flags | *fp.offset(FLAGS) & flag::OBSERVED;
            *inner.offset(FLAGS) = inner_flags;
            innermost.state.set(GeneratorState::Running);
            let ip = Frame(inner).ip();
            set(inner, crate::interp::dispatch::a(*ip), sent);
            Some((ip.add(1), inner))
        }
    }

    /// The linked generator `inner` is left for the one that waits for it, which runs on. (Other generators: nothing.)
    #[inline(always)]
    pub(crate) fn return_to_outer(&self, inner: Gc<PyGenerator>) {
        if inner.outermost.get().is_some() {
            self.run_outer(inner);
        }
    }

    fn run_outer(&self, inner: Gc<PyGenerator>) {
        let (frame, Some(caller)) = (inner.frame(), inner.frame().caller()) else {
            unreachable!("a linked generator has a caller")
        };
        inner.outermost.init(None);
        let outer = caller.generator();
        outer.state.set(GeneratorState::Running);
        // Others may have resumed the chain meanwhile.
        outer.stack_top.set(inner.stack_top.get());
        let depth = (frame.flags() >> flag::DEPTH_SHIFT) - 1;
        caller.set_word(FLAGS, caller.flags() & (flag::ONE_DEEPER - 1) | depth << flag::DEPTH_SHIFT);
        self.heap.write_barrier(outer.header());
    }

    /// Takes the suspended chain that the generator is part of apart: afterwards each of its generators is suspended at its own YIELD_VALUE.
    pub(crate) fn unlink(&self, generator: Gc<PyGenerator>) {
        let is_linked = generator.outermost.get().is_some() || generator.state.get() == GeneratorState::Delegating;
        if is_linked {
            self.unlink_chain(generator.outermost_frame());
        }
    }

    #[cold]
    fn unlink_chain(&self, outermost: Frame) {
        if outermost.caller().is_some() {
            // It runs.
            return;
        }
        let mut inner = Frame(outermost.generator().stack_top.get());
        while inner != outermost {
            let outer = inner.caller().expect("linked to the next outer one");
            inner.set_word(CALLER, 0);
            inner.generator().outermost.init(None);
            // From the SEND, two words long, to the YIELD_VALUE.
            outer.set_word(SAVED_IP, outer.ip().wrapping_add(2).expose_provenance() as u64);
            outer.generator().state.set(GeneratorState::Suspended);
            inner = outer;
        }
    }

    fn stack_top_of(&self, fp: Fp) -> Fp {
        if fp.is_null() { self.interp.stack.base.get() } else { Frame(fp).top() }
    }

    /// Raises for a generator that cannot be resumed, or gives what a finished one gives.
    fn check_resumable(&self, generator: Gc<PyGenerator>, sent: Option<Value>) -> PyResult<Option<Step>> {
        if generator.state.get() == GeneratorState::Suspended {
            return Ok(None);
        }
        let noun = generator.noun();
        match generator.state.get() {
            _ if generator.is_executing() => Err(self.value_error(format!("{noun} already executing"))),
            GeneratorState::Finished if generator.code.get().flags & flags::COROUTINE != 0 => {
                Err(self.runtime_error("cannot reuse already awaited coroutine"))
            }
            GeneratorState::Finished => Ok(Some(Step::Returned(Value::NONE))),
            GeneratorState::Created if sent.is_some_and(|sent| !sent.is_none()) => {
                Err(self.type_error(format!("can't send non-None value to a just-started {noun}")))
            }
            _ => Ok(None),
        }
    }

    /// Resumes with `sent`.
    pub fn generator_send(&self, generator: Gc<PyGenerator>, sent: Value) -> PyResult<Step> {
        if let Some(step) = self.check_resumable(generator, Some(sent))? {
            return Ok(step);
        }
        self.check_native_stack()?;
        let caller = self.frame_pointer();
        let (ip, fp) = match self.resume_suspended(generator, sent, caller, flag::ENTRY) {
            Some(start) => start,
            None => (self.resume_generator(generator, sent, caller, flag::ENTRY)?, generator.fp()),
        };
        self.set_frame_pointer(fp);
        let result = self.run(ip, fp);
        self.step_of(generator, result)
    }

    fn step_of(&self, generator: Gc<PyGenerator>, result: PyResult<Value>) -> PyResult<Step> {
        let value = result?;
        Ok(if generator.state.get() == GeneratorState::Finished { Step::Returned(value) } else { Step::Yielded(value) })
    }

    /// Raises `exception` where the generator is suspended; it passes through the sub-iterator first when it delegates.
    pub fn generator_throw(&self, generator: Gc<PyGenerator>, exception: Value) -> PyResult<Step> {
        if generator.is_executing() {
            return Err(self.value_error(format!("{} already executing", generator.noun())));
        }
        self.unlink(generator);
        if let Some(delegate) = generator.delegate() {
            // The frame is on the chain meanwhile: what the delegate raises finds what is handled there, and who walks the stack finds it.
            self.check_native_stack()?;
            let caller = self.frame_pointer();
            self.resume_generator(generator, Value::NONE, caller, flag::ENTRY)?;
            self.set_frame_pointer(generator.fp());
            let thrown = self.throw_into_delegate(delegate, exception);
            self.set_frame_pointer(caller);
            generator.frame().set_word(CALLER, 0);
            generator.state.set(GeneratorState::Suspended);
            let thrown = match thrown {
                Ok(thrown) => thrown,
                // What left the delegate is raised where the generator waits for it.
                Err(raised) => {
                    let exception = self.take_exception(raised);
                    return self.raise_in_generator(generator, exception, true);
                }
            };
            match thrown {
                Some(Step::Yielded(value)) => return Ok(Step::Yielded(value)),
                Some(Step::Returned(value)) => {
                    // What the delegate returns reaches the frame as a StopIteration at its YIELD_VALUE, where CLEANUP_THROW takes the value.
                    let stop = self.new_exception(self.exceptions.StopIteration, &[value])?;
                    return self.raise_in_generator(generator, stop, false);
                }
                None => {}
            }
        }
        self.raise_in_generator(generator, exception, true)
    }

    /// Throws into what a generator delegates to. `None`: the exception is to be raised in the generator itself.
    fn throw_into_delegate(&self, delegate: Value, exception: Value) -> PyResult<Option<Step>> {
        if self.is_instance(exception, self.exceptions.GeneratorExit) {
            let closed = match self.as_generator(delegate) {
                Some(inner) if inner.code.get().flags & flags::ASYNC_GENERATOR == 0 => {
                    self.generator_close(inner).map(|_| ())
                }
                _ => match self.getattr_opt(delegate, self.names.close) {
                    Ok(Some(close)) => self.call(close, &[]).map(|_| ()),
                    Ok(None) => Ok(()),
                    Err(raised) => {
                        let shown = self.repr_text(delegate)?;
                        self.report_unraisable(raised, &format!("Exception ignored while closing generator {shown}"));
                        Ok(())
                    }
                },
            };
            return match closed {
                Ok(()) => Ok(None),
                // What closing raised replaces the exception, in the generator.
                Err(raised) => Err(raised),
            };
        }
        let result = match self.as_generator(delegate) {
            Some(inner) if inner.code.get().flags & flags::ASYNC_GENERATOR == 0 => {
                self.generator_throw(inner, exception)
            }
            _ => {
                let Some(throw) = self.getattr_opt(delegate, self.names.throw)? else { return Ok(None) };
                self.call(throw, &[exception]).map(Step::Yielded)
            }
        };
        match result {
            Ok(step) => Ok(Some(step)),
            Err(raised) => {
                if self.pending_matches(self.exceptions.StopIteration) {
                    let stop = self.take_exception(raised);
                    return Ok(Some(Step::Returned(self.stop_iteration_value(stop))));
                }
                Err(raised)
            }
        }
    }

    /// Raises where the generator is suspended; a `fresh` exception gets the one being handled there as its context, never one that the thrower
    /// handles (CPython `_PyErr_ChainStackItem`).
    fn raise_in_generator(&self, generator: Gc<PyGenerator>, exception: Value, fresh: bool) -> PyResult<Step> {
        match generator.state.get() {
            GeneratorState::Running | GeneratorState::Delegating => {
                return Err(self.value_error(format!("{} already executing", generator.noun())));
            }
            GeneratorState::Finished if generator.code.get().flags & flags::COROUTINE != 0 => {
                return Err(self.runtime_error("cannot reuse already awaited coroutine"));
            }
            GeneratorState::Finished => return Err(self.restore(exception)),
            GeneratorState::Created | GeneratorState::Suspended => {}
        }
        self.check_native_stack()?;
        let caller = self.frame_pointer();
        let position = generator.frame().ip();
        let has_started = generator.state.get() == GeneratorState::Suspended;
        self.resume_generator(generator, Value::NONE, caller, flag::ENTRY)?;
        self.set_frame_pointer(generator.fp());
        let handles = generator.frame().handled().is_some();
        let _ = if fresh && handles { self.raise(exception) } else { self.restore(exception) };
        self.report_thrown(generator.frame());
        let result = if has_started {
            self.run_raising(position, generator.fp())
        } else {
            Err(self.end_unstarted(position, generator.fp()))
        };
        self.step_of(generator, result)
    }

    /// `generator.close()`: its return value when it returned, else None.
    pub fn generator_close(&self, generator: Gc<PyGenerator>) -> PyResult<Value> {
        match generator.state.get() {
            GeneratorState::Created => {
                generator.finish();
                return Ok(Value::NONE);
            }
            GeneratorState::Finished => return Ok(Value::NONE),
            _ => {}
        }
        let exit = self.new_exception(self.exceptions.GeneratorExit, &[])?;
        match self.generator_throw(generator, exit) {
            Ok(Step::Yielded(_)) => Err(self.runtime_error(format!("{} ignored GeneratorExit", generator.noun()))),
            Ok(Step::Returned(value)) => Ok(value),
            Err(raised)
                if self.pending_matches(self.exceptions.GeneratorExit)
                    || self.pending_matches(self.exceptions.StopIteration) =>
            {
                self.take_exception(raised);
                Ok(Value::NONE)
            }
            Err(raised) => Err(raised),
        }
    }

    /// `value` attribute of a StopIteration.
    pub fn stop_iteration_value(&self, stop: Value) -> Value {
        let args = self.as_exception(stop).map(|payload| payload.args.get());
        args.and_then(|args| self.tuple_items(args).first().copied()).unwrap_or(Value::NONE)
    }

    /// What the last iterator whose `next` gave `Ok(None)` returned; for `next()` and `__next__`, which show it in StopIteration.
    pub fn take_stop_value(&self) -> Option<Value> {
        self.interp.stop_value.take().filter(|value| !value.is_none())
    }

    /// What the iterator whose `next` is about to give `Ok(None)` returns, see [`Vm::take_stop_value`].
    pub fn end_with(&self, value: Value) {
        self.interp.stop_value.set(Some(value));
    }

    fn step_or_stop(&self, step: PyResult<Step>) -> PyResult<Value> {
        match step? {
            Step::Yielded(value) => Ok(value),
            Step::Returned(value) => Err(self.stop_iteration(Some(value).filter(|value| !value.is_none()))),
        }
    }

    fn thrown_exception(&self, class: Gc<crate::types::type_::PyType>, args: &[Value]) -> PyResult<Value> {
        // What goes wrong with the exception is thrown in its place.
        let made = match self.call(class.as_value(), args) {
            Ok(made) if self.is_instance(made, self.exceptions.BaseException) => return Ok(made),
            Ok(made) => made,
            Err(raised) => return Ok(self.take_exception(raised)),
        };
        let (class, found) = (self.repr_text(class.as_value())?, self.type_name(made));
        let text = format!("calling {class} should have returned an instance of BaseException, not {found}");
        Ok(self.take_exception(self.type_error(text)))
    }

    /// The exception instance that `throw(type[, value[, traceback]])` means.
    pub(crate) fn exception_to_throw(&self, args: &[Option<Value>]) -> PyResult<Value> {
        self.warn_old_throw(args)?;
        self.thrown_instance(args)
    }

    /// Warns about more than one argument of a `throw`.
    pub(crate) fn warn_old_throw(&self, args: &[Option<Value>]) -> PyResult<()> {
        if args.opt(1).is_some() || args.opt(2).is_some() {
            self.warn_deprecated(
                "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            )?;
        }
        Ok(())
    }

    /// As [`Vm::exception_to_throw`], without a warning.
    pub(crate) fn thrown_instance(&self, args: &[Option<Value>]) -> PyResult<Value> {
        let (kind, value) = (args.at(0), args.opt(1).filter(|value| !value.is_none()));
        let traceback = args.opt(2).filter(|value| !value.is_none());
        if traceback.is_some_and(|traceback| self.downcast::<crate::types::traceback::PyTraceback>(traceback).is_none())
        {
            return Err(self.type_error("throw() third argument must be a traceback object"));
        }
        let exception = if let Some(class) =
            self.as_class(kind).filter(|class| self.is_subtype(*class, self.exceptions.BaseException))
        {
            match value {
                Some(value) if self.is_instance(value, class) => value,
                Some(value) if self.as_tuple(value).is_some() => {
                    self.thrown_exception(class, self.tuple_items(value))?
                }
                Some(value) => self.thrown_exception(class, &[value])?,
                None => self.thrown_exception(class, &[])?,
            }
        } else if self.is_instance(kind, self.exceptions.BaseException) {
            if value.is_some() {
                return Err(self.type_error("instance exception may not have a separate value"));
            }
            kind
        } else {
            let name = self.type_name(kind);
            return Err(self.type_error(format!(
                "exceptions must be classes or instances deriving from BaseException, not {name}"
            )));
        };
        if let (Some(traceback), Some(payload)) = (traceback, self.as_exception(exception)) {
            payload.traceback.set(&self.heap, payload, traceback);
        }
        Ok(exception)
    }
}

pub(super) fn this(vm: &Vm, value: Value) -> Gc<PyGenerator> {
    vm.downcast::<PyGenerator>(value).expect("attribute of this class")
}

pub(super) fn next(vm: &Vm, generator: Value) -> PyResult<Option<Value>> {
    match vm.generator_send(this(vm, generator), Value::NONE)? {
        Step::Yielded(value) => Ok(Some(value)),
        Step::Returned(value) => {
            vm.interp.stop_value.set(Some(value));
            Ok(None)
        }
    }
}

pub(super) fn repr(vm: &Vm, generator: Value) -> PyResult<Value> {
    let (name, this) = (vm.type_name(generator), this(vm, generator));
    let qualname = vm.str_text(this.qualname.get().unwrap_or_else(|| vm.intern(&this.code.get().object().qualname)));
    vm.new_str(&format!("<{name} object {qualname} at {:#x}>", this.as_ptr().addr()))
}

/// What the collector found: a coroutine that nobody awaited is warned about, a generator that waits in a `try` is closed.
pub(super) fn finalize(vm: &Vm, value: Value) -> PyResult<()> {
    let generator = this(vm, value);
    vm.unlink(generator);
    let code = generator.code.get();
    match generator.state.get() {
        GeneratorState::Finished | GeneratorState::Running | GeneratorState::Delegating => return Ok(()),
        GeneratorState::Created if code.flags & flags::COROUTINE != 0 => {
            generator.finish();
            return warn_unawaited(vm, value);
        }
        GeneratorState::Created => {
            generator.finish();
            return Ok(());
        }
        GeneratorState::Suspended => {}
    }
    let hook = generator.origin.get().filter(|_| code.flags & flags::ASYNC_GENERATOR != 0);
    match hook {
        Some(hook) if !generator.closed.get() => vm.call(hook, &[value]).map(|_| ()),
        _ => vm.generator_close(generator).map(|_| ()),
    }
}

/// `coroutine 'f' was never awaited`, in the words of the `warnings` module, which knows where the coroutine was made.
fn warn_unawaited(vm: &Vm, coroutine: Value) -> PyResult<()> {
    let warnings = vm.modules.get_interned(vm.intern("warnings")).filter(|module| !module.is_none());
    if let Some(warnings) = warnings
        && let Some(hook) = vm.getattr_opt(warnings, vm.intern("_warn_unawaited_coroutine"))?
    {
        return vm.call(hook, &[coroutine]).map(|_| ());
    }
    let name = vm.getattr_text(coroutine, "__qualname__")?;
    vm.warn(vm.exceptions.RuntimeWarning, &format!("coroutine '{}' was never awaited", vm.str_text(name)))
}

pub(super) fn send(vm: &Vm, args: &[Option<Value>]) -> PyResult<Value> {
    vm.step_or_stop(vm.generator_send(this(vm, args.at(0)), args.at(1)))
}

pub(super) fn throw(vm: &Vm, args: &[Option<Value>]) -> PyResult<Value> {
    let exception = vm.exception_to_throw(&args[1..])?;
    vm.step_or_stop(vm.generator_throw(this(vm, args.at(0)), exception))
}

pub(super) fn close(vm: &Vm, args: &[Option<Value>]) -> PyResult<Value> {
    vm.generator_close(this(vm, args.at(0)))
}

pub(super) fn frame_of(vm: &Vm, generator: Value) -> PyResult<Value> {
    let generator = this(vm, generator);
    vm.unlink(generator);
    if generator.state.get() == GeneratorState::Finished { Ok(Value::NONE) } else { vm.frame_object(generator.frame()) }
}

pub(super) fn is_running(vm: &Vm, generator: Value) -> PyResult<Value> {
    Ok(Value::from_bool(this(vm, generator).is_executing()))
}

pub(super) fn is_suspended(vm: &Vm, generator: Value) -> PyResult<Value> {
    let generator = this(vm, generator);
    let is_waiting = matches!(generator.state.get(), GeneratorState::Suspended | GeneratorState::Delegating);
    Ok(Value::from_bool(is_waiting && !generator.is_executing()))
}

pub(super) fn delegate(vm: &Vm, generator: Value) -> PyResult<Value> {
    let generator = this(vm, generator);
    vm.unlink(generator);
    Ok(generator.delegate().unwrap_or(Value::NONE))
}

pub(super) fn code_of(vm: &Vm, generator: Value) -> PyResult<Value> {
    Ok(this(vm, generator).code.get().as_value())
}

pub(super) const NAME: GetSetDef = GetSetDef::new(
    "__name__",
    |vm, generator| {
        let generator = this(vm, generator);
        Ok(generator.name.get().unwrap_or_else(|| vm.intern(&generator.code.get().object().name)))
    },
    |vm, generator, new| set_text(vm, generator, new, "__name__", |g| &g.name),
)
.doc("name of the generator");

pub(super) const QUALNAME: GetSetDef = GetSetDef::new(
    "__qualname__",
    |vm, generator| {
        let generator = this(vm, generator);
        Ok(generator.qualname.get().unwrap_or_else(|| vm.intern(&generator.code.get().object().qualname)))
    },
    |vm, generator, new| set_text(vm, generator, new, "__qualname__", |g| &g.qualname),
)
.doc("qualified name of the generator");

fn set_text(
    vm: &Vm,
    value: Value,
    new: Option<Value>,
    name: &str,
    slot: fn(&PyGenerator) -> &Slot<Option<Value>>,
) -> PyResult<()> {
    match new {
        Some(new) if vm.is_str(new) => {
            let generator = this(vm, value);
            slot(&generator).set(&vm.heap, generator, Some(new));
            Ok(())
        }
        _ => Err(vm.type_error(format!("{name} must be set to a string object"))),
    }
}

pub static GENERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots {
        iter: Some(|_, generator| Ok(generator)),
        next: Some(next),
        repr: Some(repr),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &[
        crate::types::generic_alias::CLASS_GETITEM,
        NativeDef::method("send", "self, value, /", send)
            .doc("send(value) -> send 'value' into generator,\nreturn next yielded value or raise StopIteration."),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", throw)
            .doc("throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in generator, return next yielded value or raise\nStopIteration.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python."),
        NativeDef::method("close", "self, /", close)
            .doc("close() -> raise GeneratorExit inside generator."),
    ],
    getset: &[
        GetSetDef::read_only("gi_frame", frame_of),
        GetSetDef::read_only("gi_running", is_running),
        GetSetDef::read_only("gi_suspended", is_suspended),
        GetSetDef::read_only("gi_yieldfrom", delegate),
        GetSetDef::read_only("gi_code", code_of),
        NAME,
        QUALNAME,
    ],
    ..TypeDef::new("generator", <PyGenerator as Payload>::LAYOUT)
};
