//! `Task`: drives a coroutine, one step for each time that what it waits for is done.
//!
//! Holds: an exact task is known to the collector as one to finalize while it is pending, or holds an exception nobody has asked for; `all_tasks`
//! relies on the former.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::generator::Step;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Raised, Value, Vm};

use super::future::{self, Outcome, PyFuture};
use super::{Foreign, State, state};
use crate::args::given;

/// Payload of tasks.
#[repr(C)]
pub(super) struct PyTask {
    future: PyFuture,
    coroutine: Slot<Option<Value>>,
    context: Slot<Option<Value>>,
    /// A str; the number of a task that nobody has named, until somebody asks.
    name: Slot<Option<Value>>,
    /// What it waits for.
    waits_for: Slot<Option<Value>>,
    cancel_requests: Cell<i64>,
    must_cancel: Cell<bool>,
    log_destroy_pending: Cell<bool>,
    /// `all_tasks` knows it.
    pub(super) is_registered: Cell<bool>,
    /// In its first step, before the loop has heard of it.
    pub(super) is_eager: Cell<bool>,
}

impl Trace for PyTask {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.future.trace(tracer);
        for slot in [&self.coroutine, &self.context, &self.name, &self.waits_for] {
            tracer.visit_option(slot.get());
        }
    }
}

// SAFETY: repr(C), and the first field of the first field is the header.
unsafe impl HeapObject for PyTask {}

cinder_vm::layout!(PyTask, "_asyncio.Task", base PyFuture);

impl PyTask {
    fn empty(header: Header) -> PyTask {
        PyTask {
            future: PyFuture::empty(header),
            coroutine: Slot::new(None),
            context: Slot::new(None),
            name: Slot::new(None),
            waits_for: Slot::new(None),
            cancel_requests: Cell::new(0),
            must_cancel: Cell::new(false),
            log_destroy_pending: Cell::new(false),
            is_registered: Cell::new(false),
            is_eager: Cell::new(false),
        }
    }
}

fn own(vm: &Vm, value: Value) -> Gc<PyTask> {
    vm.downcast::<PyTask>(value).expect("slot of this class")
}

/// The task as the future it is.
#[inline]
fn as_future(task: Gc<PyTask>) -> Gc<PyFuture> {
    // SAFETY: the payload begins with that of a future, and the layout says so.
    unsafe { Gc::from_value(task.as_value()) }
}

/// The tasks of native classes that `all_tasks` knows, done or not.
pub(super) fn registered(vm: &Vm, state: &State) -> ValueVec<[Value; 8]> {
    let is_task = |value: Value| {
        let class = vm.type_of(value);
        class == state.task || vm.is_subtype(class, state.task)
    };
    let found = vm.heap.find_finalizable(|object| {
        let value = Value::from_ptr(object);
        is_task(value) && {
            let task = own(vm, value);
            task.is_registered.get() || task.is_eager.get()
        }
    });
    found.into_iter().map(Value::from_ptr).collect()
}

// ---- making ----

/// Arguments of `Task(..)`.
struct Making {
    coroutine: Value,
    event_loop: Option<Value>,
    name: Option<Value>,
    context: Option<Value>,
    eager_start: bool,
}

static INIT: NativeDef =
    NativeDef::method("Task", "self, coro, *, loop=None, name=None, context=None, eager_start=False", |vm, args| {
        let making = Making {
            coroutine: args.at(1),
            event_loop: given(args.opt(2)),
            name: given(args.opt(3)),
            context: given(args.opt(4)),
            eager_start: args.opt(5).map_or(Ok(false), |eager| vm.truthy(eager))?,
        };
        init(vm, state(vm), own(vm, args.at(0)), making).map(|()| Value::NONE)
    });

fn init_slot(vm: &Vm, task: Value, args: &[Value], names: Option<Value>) -> PyResult<()> {
    let state = state(vm);
    if let Some(names) = names
        && let Some(making) = by_keywords(vm, state, args, vm.tuple_items(names))?
    {
        return init(vm, state, own(vm, task), making);
    }
    crate::payload::construct(vm, &INIT, task, args, names).map(|_| ())
}

/// The arguments of a call with a coroutine and interned keywords. `None`: the general way tells what is wrong, or takes it.
fn by_keywords(vm: &Vm, state: &State, args: &[Value], names: &[Value]) -> PyResult<Option<Making>> {
    let [coroutine, values @ ..] = args else { return Ok(None) };
    if values.len() != names.len() {
        return Ok(None);
    }
    let mut making = Making { coroutine: *coroutine, event_loop: None, name: None, context: None, eager_start: false };
    for (name, value) in names.iter().zip(values) {
        let of = &state.names;
        match *name {
            name if name == of.r#loop => making.event_loop = given(Some(*value)),
            name if name == of.name => making.name = given(Some(*value)),
            name if name == of.context => making.context = given(Some(*value)),
            name if name == of.eager_start => making.eager_start = vm.truthy(*value)?,
            _ => return Ok(None),
        }
    }
    Ok(Some(making))
}

fn init(vm: &Vm, state: &State, task: Gc<PyTask>, making: Making) -> PyResult<()> {
    let future = as_future(task);
    future::init(vm, state, future, making.event_loop)?;
    if !is_coroutine(vm, state, making.coroutine)? {
        task.log_destroy_pending.set(false);
        let shown = vm.repr_text(making.coroutine)?;
        return Err(vm.type_error(format!("a coroutine was expected, got {shown}")));
    }
    let context = match making.context {
        Some(context) => context,
        None => crate::contextvars::copy_current(vm)?,
    };
    task.context.set(&vm.heap, task, Some(context));
    task.waits_for.init(None);
    task.must_cancel.set(false);
    task.log_destroy_pending.set(true);
    task.cancel_requests.set(0);
    task.coroutine.set(&vm.heap, task, Some(making.coroutine));
    let name = match making.name {
        None => {
            state.task_number.set(state.task_number.get() + 1);
            vm.new_uint(state.task_number.get() as usize)?
        }
        Some(name) if vm.type_of(name) == vm.types.str_ => name,
        Some(name) => vm.str(name)?,
    };
    task.name.set(&vm.heap, task, Some(name));
    if making.eager_start {
        let event_loop = future::alive(vm, future)?;
        let running = vm.call_method(event_loop, state.names.is_running, &[])?;
        if running == Value::TRUE {
            return eager_start(vm, state, task);
        }
    }
    step_soon(vm, state, task, None)?;
    task.is_registered.set(true);
    Ok(())
}

fn is_coroutine(vm: &Vm, state: &State, value: Value) -> PyResult<bool> {
    if vm.as_generator(value).is_some_and(|generator| generator.is_coroutine()) {
        return Ok(true);
    }
    let answer = vm.call(state.foreign(vm, Foreign::IsCoroutine)?, &[value])?;
    vm.truthy(answer)
}

/// Runs the first step at once, within the caller's.
fn eager_start(vm: &Vm, state: &State, task: Gc<PyTask>) -> PyResult<()> {
    let event_loop = future::alive(vm, as_future(task))?;
    let before = super::swap_current_task(vm, event_loop, task.as_value())?;
    task.is_eager.set(true);
    let context = task.context.get().unwrap_or(Value::NONE);
    let stepped = crate::contextvars::within(vm, context, || step_inside(vm, state, task, None));
    let mut result = stepped.map(|_| ());
    let swapped = keeping(vm, &mut result, || super::swap_current_task(vm, event_loop, before).map(|_| ()));
    result = result.and(swapped);
    task.is_eager.set(false);
    if as_future(task).is_pending() {
        task.is_registered.set(true);
    } else {
        task.coroutine.init(None);
    }
    result
}

/// Runs `last` also while an exception is pending, which becomes the context of what `last` raises.
fn keeping(vm: &Vm, result: &mut PyResult<()>, last: impl FnOnce() -> PyResult<()>) -> PyResult<()> {
    let Err(raised) = *result else { return last() };
    let first = vm.take_exception(raised);
    match last() {
        Ok(()) => {
            *result = Err(vm.restore(first));
            Ok(())
        }
        Err(second) => {
            let exception = vm.take_exception(second);
            if let Some(payload) = vm.as_exception(exception).filter(|_| exception != first) {
                payload.context.set(&vm.heap, payload, first);
            }
            let raised = vm.restore(exception);
            *result = Err(raised);
            Err(raised)
        }
    }
}

// ---- steps ----

/// What the loop calls to run a step: `TaskStepMethWrapper`.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyStepCall {
    header: Header,
    task: Slot<Gc<PyTask>>,
    /// What to throw into the coroutine.
    exception: Slot<Option<Value>>,
}

cinder_vm::layout!(PyStepCall, "_asyncio.TaskStepMethWrapper");

fn step_call(vm: &Vm, value: Value) -> Gc<PyStepCall> {
    vm.downcast::<PyStepCall>(value).expect("slot of this class")
}

static STEP_CALL: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots {
        call: Some(|vm, value, args, names| {
            if names.is_some_and(|names| !vm.tuple_items(names).is_empty()) {
                return Err(vm.type_error("function takes no keyword arguments"));
            }
            if !args.is_empty() {
                return Err(vm.type_error("function takes no positional arguments"));
            }
            let call = step_call(vm, value);
            step(vm, state(vm), call.task.get(), call.exception.get())
        }),
        ..Slots::NONE
    },
    getset: &[GetSetDef::read_only("__self__", |vm, value| Ok(step_call(vm, value).task.get().as_value()))],
    ..TypeDef::new("_asyncio.TaskStepMethWrapper", <PyStepCall as Payload>::LAYOUT)
};

/// Has the loop run the next step, which begins with `exception`.
fn step_soon(vm: &Vm, state: &State, task: Gc<PyTask>, exception: Option<Value>) -> PyResult<()> {
    let event_loop = future::alive(vm, as_future(task))?;
    let class = vm.native_class(&STEP_CALL)?;
    let make = |header| PyStepCall { header, task: Slot::new(task), exception: Slot::new(exception) };
    let call = vm.alloc_instance(class, 0, make)?.as_value();
    state.call_soon(vm, event_loop, call, None, task.context.get())
}

/// Has the next step begin with `RuntimeError(text)`.
fn error_soon(vm: &Vm, state: &State, task: Gc<PyTask>, text: String) -> PyResult<()> {
    let text = vm.new_str(&text)?;
    let error = vm.new_exception(vm.exceptions.RuntimeError, &[text])?;
    step_soon(vm, state, task, Some(error))
}

/// Runs the coroutine until it waits again or ends.
fn step(vm: &Vm, state: &State, task: Gc<PyTask>, exception: Option<Value>) -> PyResult<Value> {
    let event_loop = as_future(task).event_loop.get().unwrap_or(Value::NONE);
    super::enter_task(vm, event_loop, task.as_value())?;
    let mut result = step_inside(vm, state, task, exception);
    if result.is_ok() && vm.running_loop() == Some(event_loop) && vm.running_task() == Some(task.as_value()) {
        vm.set_running_task(None);
    } else {
        let left = keeping(vm, &mut result, || super::leave_task(vm, event_loop, task.as_value()));
        result = result.and(left);
    }
    result.map(|()| Value::NONE)
}

/// A step without the bookkeeping around it.
fn step_inside(vm: &Vm, state: &State, task: Gc<PyTask>, exception: Option<Value>) -> PyResult<()> {
    let future = as_future(task);
    if !future.is_pending() {
        let (shown, given) = (vm.repr_text(task.as_value())?, vm.repr_text(exception.unwrap_or(Value::NONE))?);
        return Err(state.invalid_state(vm, &format!("__step(): already done: {shown} {given}")));
    }
    let mut exception = exception;
    if task.must_cancel.get() {
        let is_cancellation = match exception {
            Some(given) => is_cancelled_error(vm, state, given)?,
            None => false,
        };
        if !is_cancellation {
            exception = Some(future::cancelled_error(vm, state, future)?);
        }
        task.must_cancel.set(false);
    }
    task.waits_for.init(None);
    let Some(coroutine) = task.coroutine.get() else { return Err(vm.runtime_error("uninitialized Task object")) };
    let stepped = match exception {
        None => vm.iter_send(coroutine, Value::NONE),
        Some(exception) => throw(vm, state, coroutine, exception),
    };
    match stepped {
        Ok(Step::Yielded(yielded)) => wait_for(vm, state, task, yielded),
        Ok(Step::Returned(value)) => {
            future::settle(vm, state, future);
            if task.must_cancel.replace(false) {
                // Cancelled right before it ended.
                return future::cancel(vm, state, future, future.cancel_message.get()).map(|_| ());
            }
            future::set_result(vm, state, future, value)
        }
        Err(raised) => {
            let exception = vm.take_exception(raised);
            end_raising(vm, state, future, exception)
        }
    }
}

/// The coroutine ended with an exception.
#[cold]
fn end_raising(vm: &Vm, state: &State, future: Gc<PyFuture>, exception: Value) -> PyResult<()> {
    if is_cancelled_error(vm, state, exception)? {
        future::settle(vm, state, future);
        future.cancelled_error.set(&vm.heap, future, Some(exception));
        return future::cancel(vm, state, future, None).map(|_| ());
    }
    future::set_exception(vm, state, future, exception)?;
    let ends_program = [vm.exceptions.KeyboardInterrupt, vm.exceptions.SystemExit];
    if ends_program.iter().any(|class| vm.is_instance(exception, *class)) {
        return Err(vm.restore(exception));
    }
    Ok(())
}

fn is_cancelled_error(vm: &Vm, state: &State, exception: Value) -> PyResult<bool> {
    let class = state.foreign(vm, Foreign::CancelledError)?;
    Ok(vm.as_class(class).is_some_and(|class| vm.is_instance(exception, class)))
}

fn throw(vm: &Vm, state: &State, coroutine: Value, exception: Value) -> PyResult<Step> {
    if let Some(generator) = vm.as_generator(coroutine).filter(|generator| generator.is_coroutine()) {
        return vm.generator_throw(generator, exception);
    }
    match vm.call_method(coroutine, state.names.throw, &[exception]) {
        Ok(yielded) => Ok(Step::Yielded(yielded)),
        Err(raised) if vm.pending_matches(vm.exceptions.StopIteration) => {
            let stop = vm.take_exception(raised);
            Ok(Step::Returned(vm.stop_iteration_value(stop)))
        }
        Err(raised) => Err(raised),
    }
}

/// The coroutine gave `yielded` to the loop.
fn wait_for(vm: &Vm, state: &State, task: Gc<PyTask>, yielded: Value) -> PyResult<()> {
    if yielded.is_none() {
        // A bare yield gives the others one turn.
        return step_soon(vm, state, task, None);
    }
    if yielded == task.as_value() {
        let shown = vm.repr_text(yielded)?;
        return error_soon(vm, state, task, format!("Task cannot await on itself: {shown}"));
    }
    let Some(awaited) = state.as_plain_future(vm, yielded) else { return wait_for_other(vm, state, task, yielded) };
    if awaited.event_loop.get() != as_future(task).event_loop.get() {
        return other_loop(vm, state, task, yielded);
    }
    if !awaited.blocking.get() {
        return not_from(vm, state, task, yielded);
    }
    future::add_awaited_by(vm, state, yielded, task.as_value())?;
    awaited.blocking.set(false);
    let wakeup = vm.new_native_function(&WAKEUP, Some(task.as_value()), Value::NONE)?;
    let context = task.context.get().unwrap_or(Value::NONE);
    future::add_done_callback(vm, state, awaited, wakeup, context)?;
    now_waits(vm, state, task, yielded)
}

/// Notes what the task waits for, and passes on a cancellation that came before.
fn now_waits(vm: &Vm, state: &State, task: Gc<PyTask>, awaited: Value) -> PyResult<()> {
    task.waits_for.set(&vm.heap, task, Some(awaited));
    if task.must_cancel.get() && cancel_awaited(vm, state, task, awaited, as_future(task).cancel_message.get())? {
        task.must_cancel.set(false);
    }
    Ok(())
}

/// `awaited.cancel(msg=message)`.
fn cancel_awaited(vm: &Vm, state: &State, _: Gc<PyTask>, awaited: Value, message: Option<Value>) -> PyResult<bool> {
    let keyword = vm.new_tuple(&[state.names.msg])?;
    let args = [message.unwrap_or(Value::NONE)];
    let answer = vm.call_method_keywords(awaited, state.names.cancel, &args, Some(keyword))?;
    vm.truthy(answer)
}

/// The coroutine gave something that is no native future.
#[cold]
fn wait_for_other(vm: &Vm, state: &State, task: Gc<PyTask>, yielded: Value) -> PyResult<()> {
    let blocking = vm.getattr_opt(yielded, state.names._asyncio_future_blocking)?;
    let Some(blocking) = given(blocking) else {
        let shown = vm.repr_text(yielded)?;
        if vm.as_generator(yielded).is_some_and(|generator| !generator.is_coroutine()) {
            let own = vm.repr_text(task.as_value())?;
            let text = format!("yield was used instead of yield from for generator in task {own} with {shown}");
            return error_soon(vm, state, task, text);
        }
        return error_soon(vm, state, task, format!("Task got bad yield: {shown}"));
    };
    let is_blocking = vm.truthy(blocking)?;
    if Some(state.loop_of(vm, yielded)?) != as_future(task).event_loop.get() {
        return other_loop(vm, state, task, yielded);
    }
    if !is_blocking {
        return not_from(vm, state, task, yielded);
    }
    future::add_awaited_by(vm, state, yielded, task.as_value())?;
    vm.setattr(yielded, state.names._asyncio_future_blocking, Some(Value::FALSE))?;
    let wakeup = vm.new_native_function(&WAKEUP, Some(task.as_value()), Value::NONE)?;
    let args = [wakeup, task.context.get().unwrap_or(Value::NONE)];
    vm.call_method_keywords(yielded, state.names.add_done_callback, &args, Some(state.context_keyword))?;
    now_waits(vm, state, task, yielded)
}

#[cold]
fn other_loop(vm: &Vm, state: &State, task: Gc<PyTask>, yielded: Value) -> PyResult<()> {
    let (own, shown) = (vm.repr_text(task.as_value())?, vm.repr_text(yielded)?);
    error_soon(vm, state, task, format!("Task {own} got Future {shown} attached to a different loop"))
}

#[cold]
fn not_from(vm: &Vm, state: &State, task: Gc<PyTask>, yielded: Value) -> PyResult<()> {
    let (own, shown) = (vm.repr_text(task.as_value())?, vm.repr_text(yielded)?);
    error_soon(vm, state, task, format!("yield was used instead of yield from in task {own} with {shown}"))
}

/// What a future calls when it is done, bound to the task that waits for it.
static WAKEUP: NativeDef = NativeDef::method("task_wakeup", "self, future, /", |vm, args| {
    let (state, task, awaited) = (state(vm), own(vm, args.at(0)), args.at(1));
    future::discard_awaited_by(vm, state, awaited, task.as_value())?;
    let result = match state.as_plain_future(vm, awaited) {
        Some(plain) => match future::outcome(vm, state, plain, "Result is not set.") {
            Ok(Outcome::Value(_)) => Ok(()),
            Ok(Outcome::Exception(exception)) => {
                let exception = future::with_own_traceback(vm, plain, exception);
                return step(vm, state, task, Some(exception));
            }
            Err(raised) => Err(raised),
        },
        None => vm.call_method(awaited, state.names.result, &[]).map(|_| ()),
    };
    match result {
        Ok(()) => step(vm, state, task, None),
        Err(raised) => {
            let exception = vm.take_exception(raised);
            step(vm, state, task, Some(exception))
        }
    }
});

// ---- the class ----

fn new(vm: &Vm, class: Gc<PyType>, _: &[Value], _: Option<Value>) -> PyResult<Value> {
    // Registered for finalization.
    Ok(vm.alloc_instance(class, 0, PyTask::empty)?.as_value())
}

fn finalize(vm: &Vm, value: Value) -> PyResult<()> {
    let task = own(vm, value);
    let is_alive = as_future(task).event_loop.get().is_some();
    if is_alive && as_future(task).is_pending() && task.log_destroy_pending.get() {
        let message = "Task was destroyed but it is pending!";
        future::tell_loop(vm, as_future(task), message, &[("task", value)])?;
    }
    future::finalize(vm, value)
}

fn cancel(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (state, task) = (state(vm), own(vm, args.at(0)));
    let future = as_future(task);
    if !future.is_pending() {
        if future.log_traceback.replace(false) {
            future::settle(vm, state, future);
        }
        return Ok(Value::FALSE);
    }
    task.cancel_requests.set(task.cancel_requests.get() + 1);
    if let Some(awaited) = task.waits_for.get()
        && cancel_awaited(vm, state, task, awaited, args.opt(1))?
    {
        // It stays: a task may ignore the cancellation and be cancelled again.
        return Ok(Value::TRUE);
    }
    task.must_cancel.set(true);
    future.cancel_message.set(&vm.heap, future, args.opt(1));
    Ok(Value::TRUE)
}

fn name(vm: &Vm, task: Gc<PyTask>) -> PyResult<Value> {
    match task.name.get() {
        Some(number) if vm.is_int(number) => {
            let name = vm.new_str(&format!("Task-{}", vm.str_text(vm.str(number)?)))?;
            task.name.set(&vm.heap, task, Some(name));
            Ok(name)
        }
        name => Ok(name.unwrap_or(Value::NONE)),
    }
}

fn unsupported(vm: &Vm, method: &str) -> Raised {
    vm.runtime_error(format!("Task does not support {method} operation"))
}

const METHODS: &[NativeDef] = &[
    NativeDef::method("set_result", "self, result, /", |vm, _| Err(unsupported(vm, "set_result"))),
    NativeDef::method("set_exception", "self, exception, /", |vm, _| Err(unsupported(vm, "set_exception"))),
    NativeDef::method("cancel", "self, /, msg=None", cancel).doc(
        "Request that this task cancel itself.\n\nA CancelledError is thrown into the coroutine on the next cycle through the event loop. The\ncoroutine may clean up, or even ignore it: unlike with Future.cancel, the task need not end.\n\nReturns False when the task is done, and else counts the request.",
    ),
    NativeDef::method("cancelling", "self, /", |vm, args| {
        vm.new_uint(own(vm, args.at(0)).cancel_requests.get() as usize)
    })
    .doc("Return the count of the task's cancellation requests: calls of cancel() less calls of uncancel()."),
    NativeDef::method("uncancel", "self, /", |vm, args| {
        let task = own(vm, args.at(0));
        if task.cancel_requests.get() > 0 {
            task.cancel_requests.set(task.cancel_requests.get() - 1);
            if task.cancel_requests.get() == 0 {
                task.must_cancel.set(false);
            }
        }
        vm.new_uint(task.cancel_requests.get() as usize)
    })
    .doc("Take back one cancellation request.\n\nReturns the remaining number of them."),
    NativeDef::method("get_stack", "self, /, *, limit=None", |vm, args| {
        let limit = args.opt(1).unwrap_or(Value::NONE);
        vm.call(state(vm).foreign(vm, Foreign::TaskGetStack)?, &[args.at(0), limit])
    })
    .doc(
        "Return the list of stack frames for this task's coroutine, oldest first.\n\nFor one that waits the frame where it does, for one that raised the frames of the traceback, else\nnothing. At most limit frames are given.",
    ),
    NativeDef::method("print_stack", "self, /, *, limit=None, file=None", |vm, args| {
        let (limit, file) = (args.opt(1).unwrap_or(Value::NONE), args.opt(2).unwrap_or(Value::NONE));
        vm.call(state(vm).foreign(vm, Foreign::TaskPrintStack)?, &[args.at(0), limit, file])
    })
    .doc("Print the stack or traceback for this task's coroutine, see get_stack(), to file or sys.stderr."),
    NativeDef::method("get_name", "self, /", |vm, args| name(vm, own(vm, args.at(0)))),
    NativeDef::method("set_name", "self, value, /", |vm, args| {
        let (task, given) = (own(vm, args.at(0)), args.at(1));
        let name = if vm.type_of(given) == vm.types.str_ { given } else { vm.str(given)? };
        task.name.set(&vm.heap, task, Some(name));
        Ok(Value::NONE)
    }),
    NativeDef::method("get_coro", "self, /", |vm, args| {
        Ok(own(vm, args.at(0)).coroutine.get().unwrap_or(Value::NONE))
    }),
    NativeDef::method("get_context", "self, /", |vm, args| {
        Ok(own(vm, args.at(0)).context.get().unwrap_or(Value::NONE))
    }),
    NativeDef::class_method("__class_getitem__", "type, object, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    })
    .doc("Tasks are generic over the return type of their wrapped coroutines"),
];

pub(super) static TASK: TypeDef = TypeDef {
    doc: "A coroutine wrapped in a Future.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init_slot),
        repr: Some(|vm, value| {
            future::alive(vm, as_future(own(vm, value)))?;
            vm.call(state(vm).foreign(vm, Foreign::TaskRepr)?, &[value])
        }),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[
        GetSetDef::new(
            "_log_destroy_pending",
            |vm, value| Ok(Value::from_bool(own(vm, value).log_destroy_pending.get())),
            |vm, value, new| {
                let task = own(vm, value);
                let new = new.ok_or_else(|| future::cannot_delete(vm, "_asyncio.Task", "_log_destroy_pending"))?;
                task.log_destroy_pending.set(vm.truthy(new)?);
                Ok(())
            },
        ),
        GetSetDef::read_only("_must_cancel", |vm, value| Ok(Value::from_bool(own(vm, value).must_cancel.get()))),
        GetSetDef::read_only("_coro", |vm, value| Ok(own(vm, value).coroutine.get().unwrap_or(Value::NONE))),
        GetSetDef::read_only("_fut_waiter", |vm, value| Ok(own(vm, value).waits_for.get().unwrap_or(Value::NONE))),
    ],
    ..TypeDef::new("_asyncio.Task", <PyTask as Payload>::LAYOUT)
};
