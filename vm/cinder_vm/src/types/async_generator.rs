//! `async_generator` and the awaitables of its methods.
//!
//! The body yields to its consumer through `AsyncGenWrap`ped values; anything else it yields belongs to an `await` inside it and goes to the event
//! loop. `asend`, `athrow` and `aclose` give awaitables that drive the body and tell the two apart. Source: Objects/genobject.c.
//!
//! A SEND to the awaitable of `__anext__` or `asend` resumes the body without a native call between ([`Vm::resume_step`], [`flag::ASYNC_STEP`]);
//! a value for the consumer is then not even wrapped.

use std::cell::Cell;

use cinder_bytecode::Opcode;
use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use super::generator::{self, GeneratorState, PyGenerator, Step};
use crate::interp::dispatch::{Fp, Ip, b, reg};
use crate::interp::stack::{Frame, flag};
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult, Raised};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// A value on its way from the body to the consumer.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyWrapped {
    header: Header,
    pub(crate) value: Slot<Value>,
}

crate::layout!(PyWrapped, "async_generator_wrapped_value", exact async_generator_wrapped);

pub static WRAPPED: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    ..TypeDef::new("async_generator_wrapped_value", <PyWrapped as Payload>::LAYOUT)
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Init,
    Iterating,
    Closed,
}

/// Awaitable of `__anext__` and `asend`.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyStep {
    header: Header,
    pub(crate) generator: Slot<Gc<PyGenerator>>,
    sent: Slot<Value>,
    #[trace(skip)]
    pub(crate) phase: Cell<Phase>,
}

crate::layout!(PyStep, "async_generator_asend", exact async_generator_step);

/// Awaitable of `athrow` and `aclose` (whose exception is `None`).
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyThrow {
    header: Header,
    generator: Slot<Gc<PyGenerator>>,
    exception: Slot<Option<Value>>,
    #[trace(skip)]
    phase: Cell<Phase>,
}

crate::layout!(PyThrow, "async_generator_athrow", exact async_generator_throw);

impl Vm {
    /// Marks a value yielded by an async generator.
    pub(crate) fn wrap_async_value(&self, value: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::async_generator_wrapped as u32);
        Ok(self.alloc(PyWrapped { header, value: Slot::new(value) })?.as_value())
    }

    /// Calls the first-iteration hook and remembers the finalizer (`sys.set_asyncgen_hooks`).
    fn init_async_hooks(&self, generator: Gc<PyGenerator>) -> PyResult<()> {
        if generator.hooks_inited.replace(true) {
            return Ok(());
        }
        let (first_iteration, finalizer) = self.interp.async_generator_hooks.get();
        if let Some(finalizer) = finalizer {
            generator.origin.set(&self.heap, generator, Some(finalizer));
        }
        match first_iteration {
            Some(hook) => self.call(hook, &[generator.as_value()]).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(crate) fn async_step(&self, generator: Value, sent: Value) -> PyResult<Value> {
        let generator = generator::this(self, generator);
        if !generator.hooks_inited.get() {
            self.init_async_hooks(generator)?;
        }
        let header = object_header(BuiltinType::async_generator_step as u32);
        let step =
            PyStep { header, generator: Slot::new(generator), sent: Slot::new(sent), phase: Cell::new(Phase::Init) };
        Ok(self.alloc(step)?.as_value())
    }

    /// Resumes the body of an awaitable of `__anext__` or `asend` for the SEND of the frame `caller`: where to go on, and the frame there. `None`:
    /// something is out of the ordinary.
    #[inline]
    pub(crate) fn resume_step(&self, step: Gc<PyStep>, sent: Value, caller: Fp) -> Option<(Ip, Fp)> {
        let generator = step.generator.get();
        let sent = match step.phase.get() {
            Phase::Init if generator.running_async.get() => return None,
            Phase::Init if sent.is_none() => step.sent.get(),
            Phase::Init | Phase::Iterating => sent,
            Phase::Closed => return None,
        };
        if !generator.is_resumable(sent) {
            return None;
        }
        let start = self.resume_suspended(generator, sent, caller, flag::ASYNC_STEP)?;
        step.phase.set(Phase::Iterating);
        generator.running_async.set(true);
        Some(start)
    }

    /// The awaitable through which `caller` has resumed the body `generator` is done: the body gave a value or ended. The SEND is returned.
    #[inline]
    pub(crate) fn end_step(&self, generator: Gc<PyGenerator>, caller: Frame) -> Ip {
        let at = caller.ip();
        // SAFETY: the saved position of a frame that resumed with ASYNC_STEP is a SEND, whose register b holds the awaitable.
        let step: Gc<PyStep> = unsafe { Gc::from_value(reg(caller.0, b(*at))) };
        step.phase.set(Phase::Closed);
        generator.running_async.set(false);
        at
    }

    /// The body that `caller` has resumed through an awaitable raised the pending exception.
    pub(crate) fn fail_step(&self, generator: Gc<PyGenerator>, caller: Frame) {
        self.end_step(generator, caller);
        let ends = [self.exceptions.StopAsyncIteration, self.exceptions.GeneratorExit];
        if ends.iter().any(|class| self.pending_matches(*class)) {
            generator.closed.set(true);
        }
    }

    /// The body that `caller` has resumed through an awaitable returned. Where an `async for` goes on behind its loop; else
    /// StopAsyncIteration is pending.
    pub(crate) fn return_step(&self, generator: Gc<PyGenerator>, caller: Frame) -> Option<Ip> {
        let at = self.end_step(generator, caller);
        generator.closed.set(true);
        let code = caller.code();
        let handler = code.object().handler(code.index_of(at)).map(|target| code.address_of(target));
        // The handler of an `async for`, which would drop the exception.
        const DROPS: [Opcode; 3] = [Opcode::PUSH_EXC, Opcode::POP_EXC, Opcode::END_ASYNC_FOR];
        let drops = handler.filter(|handler| {
            // SAFETY: a handler's instructions, compared up to the first that differs; none of these is the last of a code.
            (0..).zip(DROPS).all(|(word, opcode)| unsafe { *handler.add(word) } as u16 == opcode as u16)
        });
        if let Some(handler) = drops {
            return Some(handler.wrapping_add(DROPS.len()));
        }
        let _ = self.raise_class(self.exceptions.StopAsyncIteration);
        None
    }

    /// Has the collector warn when nobody awaits what a method gave. What `async for` makes is awaited at once, and not watched.
    fn watch_for_await(&self, awaitable: Value) {
        if let Some(header) = awaitable.try_ptr::<Header>() {
            self.heap.register_finalizer(header);
        }
    }

    fn async_throw(&self, generator: Value, exception: Option<Value>) -> PyResult<Value> {
        let generator = generator::this(self, generator);
        self.init_async_hooks(generator)?;
        let header = object_header(BuiltinType::async_generator_throw as u32);
        let throw = PyThrow {
            header,
            generator: Slot::new(generator),
            exception: Slot::new(exception),
            phase: Cell::new(Phase::Init),
        };
        Ok(self.alloc(throw)?.as_value())
    }

    /// Tells what a step of the body means: a value for the consumer ends the awaitable with StopIteration, a return is StopAsyncIteration.
    fn unwrap_async(&self, generator: Gc<PyGenerator>, step: PyResult<Step>) -> PyResult<Value> {
        match self.async_outcome(generator, step)? {
            Step::Yielded(value) => Ok(value),
            Step::Returned(value) => Err(self.stop_iteration(Some(value))),
        }
    }

    /// As [`Vm::unwrap_async`]; a value for the consumer is what the awaitable returns.
    fn async_outcome(&self, generator: Gc<PyGenerator>, step: PyResult<Step>) -> PyResult<Step> {
        match step {
            Ok(Step::Yielded(value)) => match self.downcast_exact::<PyWrapped>(value) {
                Some(wrapped) => {
                    generator.running_async.set(false);
                    Ok(Step::Returned(wrapped.value.get()))
                }
                None => Ok(Step::Yielded(value)),
            },
            Ok(Step::Returned(_)) => {
                generator.running_async.set(false);
                generator.closed.set(true);
                Err(self.raise_class(self.exceptions.StopAsyncIteration))
            }
            Err(raised) => {
                generator.running_async.set(false);
                let ends = [self.exceptions.StopAsyncIteration, self.exceptions.GeneratorExit];
                if ends.iter().any(|class| self.pending_matches(*class)) {
                    generator.closed.set(true);
                }
                Err(raised)
            }
        }
    }

    fn raise_class(&self, class: Gc<crate::types::type_::PyType>) -> Raised {
        match self.new_exception(class, &[]) {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }
}

fn step_of(vm: &Vm, value: Value) -> Gc<PyStep> {
    vm.downcast::<PyStep>(value).expect("attribute of this class")
}

fn throw_of(vm: &Vm, value: Value) -> Gc<PyThrow> {
    vm.downcast::<PyThrow>(value).expect("attribute of this class")
}

fn step_send(vm: &Vm, step: Gc<PyStep>, sent: Value) -> PyResult<Value> {
    match step_outcome(vm, step, sent)? {
        Step::Yielded(value) => Ok(value),
        Step::Returned(value) => Err(vm.stop_iteration(Some(value))),
    }
}

fn step_outcome(vm: &Vm, step: Gc<PyStep>, sent: Value) -> PyResult<Step> {
    let generator = step.generator.get();
    let mut sent = sent;
    match step.phase.get() {
        Phase::Closed => return Err(vm.runtime_error("cannot reuse already awaited __anext__()/asend()")),
        Phase::Init => {
            if generator.running_async.get() {
                step.phase.set(Phase::Closed);
                return Err(vm.runtime_error("anext(): asynchronous generator is already running"));
            }
            if sent.is_none() {
                sent = step.sent.get();
            }
            step.phase.set(Phase::Iterating);
        }
        Phase::Iterating => {}
    }
    generator.running_async.set(true);
    let result = vm.generator_send(generator, sent);
    let result = vm.async_outcome(generator, result);
    if !matches!(result, Ok(Step::Yielded(_))) {
        step.phase.set(Phase::Closed);
    }
    result
}

fn step_throw(vm: &Vm, step: Gc<PyStep>, exception: Value) -> PyResult<Value> {
    let generator = step.generator.get();
    match step.phase.get() {
        Phase::Closed => return Err(vm.runtime_error("cannot reuse already awaited __anext__()/asend()")),
        Phase::Init => {
            if generator.running_async.get() {
                step.phase.set(Phase::Closed);
                return Err(vm.runtime_error("anext(): asynchronous generator is already running"));
            }
            step.phase.set(Phase::Iterating);
            generator.running_async.set(true);
        }
        Phase::Iterating => {}
    }
    let result = vm.generator_throw(generator, exception);
    let result = vm.unwrap_async(generator, result);
    if result.is_err() {
        step.phase.set(Phase::Closed);
    }
    result
}

/// The body yielded a value although it was told to end.
fn ignored_exit(vm: &Vm, throw: Gc<PyThrow>) -> Raised {
    throw.generator.get().running_async.set(false);
    throw.phase.set(Phase::Closed);
    vm.runtime_error("async generator ignored GeneratorExit")
}

/// What a step of the body means for `athrow` or `aclose`.
fn throw_result(vm: &Vm, throw: Gc<PyThrow>, step: PyResult<Step>) -> PyResult<Value> {
    let generator = throw.generator.get();
    if throw.exception.get().is_some() {
        let result = vm.unwrap_async(generator, step);
        if result.is_err() {
            throw.phase.set(Phase::Closed);
        }
        return result;
    }
    match step {
        Ok(Step::Yielded(value)) if vm.downcast_exact::<PyWrapped>(value).is_some() => Err(ignored_exit(vm, throw)),
        Ok(Step::Yielded(value)) => Ok(value),
        Ok(Step::Returned(_)) => {
            generator.running_async.set(false);
            throw.phase.set(Phase::Closed);
            Err(vm.stop_iteration(None))
        }
        Err(raised) => {
            generator.running_async.set(false);
            throw.phase.set(Phase::Closed);
            if vm.pending_matches(vm.exceptions.StopAsyncIteration) || vm.pending_matches(vm.exceptions.GeneratorExit) {
                vm.take_exception(raised);
                return Err(vm.stop_iteration(None));
            }
            Err(raised)
        }
    }
}

fn throw_send(vm: &Vm, throw: Gc<PyThrow>, sent: Value) -> PyResult<Value> {
    let generator = throw.generator.get();
    let is_finished = generator.state.get() == GeneratorState::Finished;
    if throw.phase.get() == Phase::Closed {
        return Err(vm.runtime_error("cannot reuse already awaited aclose()/athrow()"));
    }
    if is_finished && throw.phase.get() != Phase::Init {
        throw.phase.set(Phase::Closed);
        return Err(vm.stop_iteration(None));
    }
    if throw.phase.get() == Phase::Init {
        if generator.running_async.get() {
            throw.phase.set(Phase::Closed);
            let method = if throw.exception.get().is_some() { "athrow" } else { "aclose" };
            return Err(vm.runtime_error(format!("{method}(): asynchronous generator is already running")));
        }
        if generator.closed.get() || is_finished {
            throw.phase.set(Phase::Closed);
            return Err(match throw.exception.get() {
                Some(_) => vm.raise_class(vm.exceptions.StopAsyncIteration),
                None => vm.stop_iteration(None),
            });
        }
        if !sent.is_none() {
            return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
        }
        throw.phase.set(Phase::Iterating);
        generator.running_async.set(true);
        let exception = match throw.exception.get() {
            Some(details) => {
                let details = vm.tuple_items(details);
                let details = [0, 1, 2].map(|index| details.get(index).copied());
                match vm.thrown_instance(&details) {
                    Ok(exception) => exception,
                    Err(raised) => {
                        generator.running_async.set(false);
                        throw.phase.set(Phase::Closed);
                        return Err(raised);
                    }
                }
            }
            None => {
                generator.closed.set(true);
                vm.new_exception(vm.exceptions.GeneratorExit, &[])?
            }
        };
        let step = vm.generator_throw(generator, exception);
        return throw_result(vm, throw, step);
    }
    let step = vm.generator_send(generator, sent);
    throw_result(vm, throw, step)
}

fn throw_throw(vm: &Vm, throw: Gc<PyThrow>, exception: Value) -> PyResult<Value> {
    let generator = throw.generator.get();
    match throw.phase.get() {
        Phase::Closed => return Err(vm.runtime_error("cannot reuse already awaited aclose()/athrow()")),
        Phase::Init => {
            if generator.running_async.get() {
                throw.phase.set(Phase::Closed);
                let method = if throw.exception.get().is_some() { "athrow" } else { "aclose" };
                return Err(vm.runtime_error(format!("{method}(): asynchronous generator is already running")));
            }
            throw.phase.set(Phase::Iterating);
            generator.running_async.set(true);
        }
        Phase::Iterating => {}
    }
    let step = vm.generator_throw(generator, exception);
    throw_result(vm, throw, step)
}

/// `close()` of either awaitable: GeneratorExit is thrown in.
fn close_awaitable(vm: &Vm, is_closed: bool, throw: impl FnOnce(Value) -> PyResult<Value>) -> PyResult<Value> {
    if is_closed {
        return Ok(Value::NONE);
    }
    let exit = vm.new_exception(vm.exceptions.GeneratorExit, &[])?;
    match throw(exit) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(raised) => {
            let quiet = [vm.exceptions.StopIteration, vm.exceptions.StopAsyncIteration, vm.exceptions.GeneratorExit];
            if quiet.iter().any(|class| vm.pending_matches(*class)) {
                vm.take_exception(raised);
                return Ok(Value::NONE);
            }
            Err(raised)
        }
    }
}

/// `next` slot: the StopIteration that ends the awaitable goes the way of its value.
fn next_of(vm: &Vm, result: PyResult<Value>) -> PyResult<Option<Value>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(raised) if vm.pending_matches(vm.exceptions.StopIteration) => {
            let stop = vm.take_exception(raised);
            vm.interp.stop_value.set(Some(vm.stop_iteration_value(stop)));
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// An awaitable that a method of an async generator gave was never awaited.
fn warn_unawaited(vm: &Vm, method: &str, generator: Gc<PyGenerator>) -> PyResult<()> {
    let name = vm.getattr_text(generator.as_value(), "__qualname__")?;
    let text = format!("coroutine method '{method}' of '{}' was never awaited", vm.str_text(name));
    vm.warn(vm.exceptions.RuntimeWarning, &text)
}

pub static STEP: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, step| Ok(step)),
        r#await: Some(|_, step| Ok(step)),
        finalize: Some(|vm, step| {
            let step = step_of(vm, step);
            match step.phase.get() {
                Phase::Init => warn_unawaited(vm, "asend", step.generator.get()),
                _ => Ok(()),
            }
        }),
        next: Some(|vm, step| match step_outcome(vm, step_of(vm, step), Value::NONE)? {
            Step::Yielded(value) => Ok(Some(value)),
            Step::Returned(value) => {
                vm.interp.stop_value.set(Some(value));
                Ok(None)
            }
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "self, value, /", |vm, args| step_send(vm, step_of(vm, args.at(0)), args.at(1))),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", |vm, args| {
            let exception = vm.exception_to_throw(&args[1..])?;
            step_throw(vm, step_of(vm, args.at(0)), exception)
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            let step = step_of(vm, args.at(0));
            close_awaitable(vm, step.phase.get() == Phase::Closed, |exit| step_throw(vm, step, exit))
        }),
    ],
    ..TypeDef::new("async_generator_asend", <PyStep as Payload>::LAYOUT)
};

pub static THROW: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, throw| Ok(throw)),
        r#await: Some(|_, throw| Ok(throw)),
        finalize: Some(|vm, throw| {
            let throw = throw_of(vm, throw);
            let method = if throw.exception.get().is_some() { "athrow" } else { "aclose" };
            match throw.phase.get() {
                Phase::Init => warn_unawaited(vm, method, throw.generator.get()),
                _ => Ok(()),
            }
        }),
        next: Some(|vm, throw| next_of(vm, throw_send(vm, throw_of(vm, throw), Value::NONE))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "self, value, /", |vm, args| throw_send(vm, throw_of(vm, args.at(0)), args.at(1))),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", |vm, args| {
            let exception = vm.exception_to_throw(&args[1..])?;
            throw_throw(vm, throw_of(vm, args.at(0)), exception)
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            let throw = throw_of(vm, args.at(0));
            close_awaitable(vm, throw.phase.get() == Phase::Closed, |exit| throw_throw(vm, throw, exit))
        }),
    ],
    ..TypeDef::new("async_generator_athrow", <PyThrow as Payload>::LAYOUT)
};

pub static ASYNC_GENERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(generator::repr),
        finalize: Some(generator::finalize),
        aiter: Some(|_, generator| Ok(generator)),
        anext: Some(|vm, generator| vm.async_step(generator, Value::NONE)),
        ..Slots::NONE
    },
    methods: &[
        crate::types::generic_alias::CLASS_GETITEM,
        NativeDef::method("asend", "self, value, /", |vm, args| {
            vm.async_step(args.at(0), args.at(1)).inspect(|step| vm.watch_for_await(*step))
        }),
        NativeDef::method("athrow", "self, type, value=None, traceback=None, /", |vm, args| {
            vm.warn_old_throw(&args[1..])?;
            // What they mean is asked when the body is to see it.
            let details: crate::value_vec::ValueVec<[Value; 3]> = args[1..].iter().map_while(|item| *item).collect();
            let details = vm.new_tuple(&details)?;
            vm.async_throw(args.at(0), Some(details)).inspect(|throw| vm.watch_for_await(*throw))
        }),
        NativeDef::method("aclose", "self, /", |vm, args| {
            vm.async_throw(args.at(0), None).inspect(|throw| vm.watch_for_await(*throw))
        }),
    ],
    getset: &[
        GetSetDef::read_only("ag_frame", generator::frame_of),
        GetSetDef::read_only("ag_running", |vm, value| {
            Ok(Value::from_bool(generator::this(vm, value).running_async.get()))
        }),
        GetSetDef::read_only("ag_suspended", generator::is_suspended),
        GetSetDef::read_only("ag_await", generator::delegate),
        GetSetDef::read_only("ag_code", generator::code_of),
        generator::NAME,
        generator::QUALNAME,
    ],
    ..TypeDef::new("async_generator", <PyGenerator as Payload>::LAYOUT)
};

/// Awaitable of `anext(iterator, default)`.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyAnextDefault {
    header: Header,
    awaitable: Slot<Value>,
    default: Slot<Value>,
}

crate::layout!(PyAnextDefault, "anext_awaitable", exact anext_awaitable);

impl Vm {
    /// An awaitable like `awaitable` whose StopAsyncIteration becomes `default`.
    pub(crate) fn new_anext_default(&self, awaitable: Value, default: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::anext_awaitable as u32);
        let made = PyAnextDefault { header, awaitable: Slot::new(awaitable), default: Slot::new(default) };
        Ok(self.alloc(made)?.as_value())
    }
}

/// Calls a method of the inner iterator; at its end the default is the result.
fn through_default(vm: &Vm, value: Value, step: impl FnOnce(Value) -> PyResult<Value>) -> PyResult<Value> {
    let own = vm.downcast::<PyAnextDefault>(value).expect("attribute of this class");
    let Some(iterator) = vm.awaitable_iterator(own.awaitable.get())? else {
        let name = vm.type_name(own.awaitable.get());
        return Err(vm.type_error(format!("'{name}' object can't be awaited")));
    };
    match step(iterator) {
        Err(raised) if vm.pending_matches(vm.exceptions.StopAsyncIteration) => {
            vm.take_exception(raised);
            Err(vm.stop_iteration(Some(own.default.get())))
        }
        result => result,
    }
}

fn next_through(vm: &Vm, iterator: Value) -> PyResult<Value> {
    // A coroutine is no iterator, but is driven like one.
    if let Some(coroutine) = vm.as_generator(iterator).filter(|coroutine| coroutine.is_coroutine()) {
        return match vm.generator_send(coroutine, Value::NONE)? {
            Step::Yielded(value) => Ok(value),
            Step::Returned(value) => Err(vm.stop_iteration(Some(value))),
        };
    }
    match vm.next(iterator)? {
        Some(value) => Ok(value),
        None => Err(vm.stop_iteration(vm.take_stop_value())),
    }
}

pub static ANEXT_AWAITABLE: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, value| Ok(value)),
        r#await: Some(|_, value| Ok(value)),
        next: Some(|vm, value| next_of(vm, through_default(vm, value, |iterator| next_through(vm, iterator)))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "self, value, /", |vm, args| {
            through_default(vm, args.at(0), |iterator| match args.at(1) {
                sent if sent.is_none() => next_through(vm, iterator),
                sent => vm.call_method(iterator, vm.names.send, &[sent]),
            })
        }),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", |vm, args| {
            let exception = vm.exception_to_throw(&args[1..])?;
            through_default(vm, args.at(0), |iterator| vm.call_method(iterator, vm.names.throw, &[exception]))
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            through_default(vm, args.at(0), |iterator| vm.call_method(iterator, vm.names.close, &[]))
        }),
    ],
    ..TypeDef::new("anext_awaitable", <PyAnextDefault as Payload>::LAYOUT)
};
