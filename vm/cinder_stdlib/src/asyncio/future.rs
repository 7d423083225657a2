//! `Future`: a result that is not there yet, and what to call when it is.
//!
//! Holds: an exact future is known to the collector as one to finalize only while it holds an exception nobody has asked for.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::list::PyList;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Raised, Value, Vm};

use super::{Foreign, State, state};
use crate::args::given;

/// Where a future is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Pending,
    Cancelled,
    Finished,
}

/// Payload of futures, and the beginning of that of tasks.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub(super) struct PyFuture {
    header: Header,
    /// None until `__init__` has run.
    pub(super) event_loop: Slot<Option<Value>>,
    /// The first callback and its context: most futures have no other.
    callback: Slot<Option<Value>>,
    context: Slot<Option<Value>>,
    /// List of pairs of the further ones.
    callbacks: Slot<Option<Value>>,
    result: Slot<Option<Value>>,
    exception: Slot<Option<Value>>,
    /// Traceback of the exception when it was set.
    traceback: Slot<Option<Value>>,
    source_traceback: Slot<Option<Value>>,
    pub(super) cancel_message: Slot<Option<Value>>,
    /// The CancelledError that ended a task.
    pub(super) cancelled_error: Slot<Option<Value>>,
    /// Who awaits it: a future, or a set of them.
    awaited_by: Slot<Option<Value>>,
    #[trace(skip)]
    phase: Cell<Phase>,
    #[trace(skip)]
    pub(super) log_traceback: Cell<bool>,
    #[trace(skip)]
    pub(super) blocking: Cell<bool>,
    #[trace(skip)]
    awaited_by_is_set: Cell<bool>,
}

cinder_vm::layout!(PyFuture, "_asyncio.Future");

impl PyFuture {
    /// One that `__init__` has not seen.
    pub(super) fn empty(header: Header) -> PyFuture {
        PyFuture {
            header,
            event_loop: Slot::new(None),
            callback: Slot::new(None),
            context: Slot::new(None),
            callbacks: Slot::new(None),
            result: Slot::new(None),
            exception: Slot::new(None),
            traceback: Slot::new(None),
            source_traceback: Slot::new(None),
            cancel_message: Slot::new(None),
            cancelled_error: Slot::new(None),
            awaited_by: Slot::new(None),
            phase: Cell::new(Phase::Pending),
            log_traceback: Cell::new(false),
            blocking: Cell::new(false),
            awaited_by_is_set: Cell::new(false),
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.phase.get() == Phase::Pending
    }
}

/// The future's loop. Errors: RuntimeError before `__init__` has run.
#[inline]
pub(super) fn alive(vm: &Vm, future: Gc<PyFuture>) -> PyResult<Value> {
    future.event_loop.get().ok_or_else(|| vm.runtime_error("Future object is not initialized."))
}

fn own(vm: &Vm, value: Value) -> Gc<PyFuture> {
    vm.downcast::<PyFuture>(value).expect("slot of this class")
}

/// `Future.__init__` of a future or task.
pub(super) fn init(vm: &Vm, state: &State, future: Gc<PyFuture>, event_loop: Option<Value>) -> PyResult<()> {
    for slot in [
        &future.callback,
        &future.context,
        &future.callbacks,
        &future.result,
        &future.exception,
        &future.traceback,
        &future.source_traceback,
        &future.cancel_message,
        &future.cancelled_error,
        &future.awaited_by,
        &future.event_loop,
    ] {
        slot.init(None);
    }
    future.phase.set(Phase::Pending);
    future.log_traceback.set(false);
    future.blocking.set(false);
    future.awaited_by_is_set.set(false);
    let event_loop = match event_loop {
        Some(given) => given,
        None => super::event_loop(vm)?,
    };
    future.event_loop.set(&vm.heap, future, Some(event_loop));
    let debug = vm.call_method(event_loop, state.names.get_debug, &[])?;
    if vm.truthy(debug)? && !vm.is_finalizing() {
        let stack = vm.call(state.foreign(vm, Foreign::ExtractStack)?, &[])?;
        future.source_traceback.set(&vm.heap, future, Some(stack));
    }
    Ok(())
}

/// Nobody needs to be told at the future's end any more. Classes made in Python may want to know of it all the same.
pub(super) fn settle(vm: &Vm, state: &State, future: Gc<PyFuture>) {
    let class = vm.type_of(future.as_value());
    if class == state.future || class == state.task {
        vm.heap.withdraw_finalizer(future.header());
    }
}

/// Its exception has been asked for.
fn retrieved(vm: &Vm, state: &State, future: Gc<PyFuture>) {
    if future.log_traceback.replace(false) {
        settle(vm, state, future);
    }
}

fn schedule_callbacks(vm: &Vm, state: &State, future: Gc<PyFuture>) -> PyResult<()> {
    let first = future.callback.get();
    if first.is_none() && future.callbacks.get().is_none() {
        return Ok(());
    }
    let event_loop = alive(vm, future)?;
    if let Some(callback) = first {
        let context = future.context.get();
        future.callback.init(None);
        future.context.init(None);
        if let Err(raised) = state.call_soon(vm, event_loop, callback, Some(future.as_value()), context) {
            future.callbacks.init(None);
            return Err(raised);
        }
    }
    // What call_soon does to the list no longer matters.
    let Some(callbacks) = future.callbacks.get().and_then(|list| vm.downcast::<PyList>(list)) else { return Ok(()) };
    future.callbacks.init(None);
    let mut index = 0;
    while let Some(pair) = callbacks.items.get(index) {
        let &[callback, context] = vm.tuple_items(pair) else { unreachable!("pairs") };
        state.call_soon(vm, event_loop, callback, Some(future.as_value()), Some(context))?;
        index += 1;
    }
    Ok(())
}

/// Errors: InvalidStateError unless it is pending.
fn check_pending(vm: &Vm, state: &State, future: Gc<PyFuture>) -> PyResult<()> {
    if future.is_pending() { Ok(()) } else { Err(state.invalid_state(vm, "invalid state")) }
}

pub(super) fn set_result(vm: &Vm, state: &State, future: Gc<PyFuture>, result: Value) -> PyResult<()> {
    alive(vm, future)?;
    check_pending(vm, state, future)?;
    future.result.set(&vm.heap, future, Some(result));
    future.phase.set(Phase::Finished);
    schedule_callbacks(vm, state, future)
}

pub(super) fn set_exception(vm: &Vm, state: &State, future: Gc<PyFuture>, given: Value) -> PyResult<()> {
    alive(vm, future)?;
    check_pending(vm, state, future)?;
    let mut exception = given;
    if vm.as_class(given).is_some_and(|class| vm.is_subtype(class, vm.exceptions.BaseException)) {
        exception = vm.call(given, &[])?;
        check_pending(vm, state, future)?;
    }
    if vm.as_exception(exception).is_none() {
        return Err(vm.type_error("invalid exception object"));
    }
    if vm.is_instance(exception, vm.exceptions.StopIteration) {
        let text = vm.new_str("StopIteration interacts badly with generators and cannot be raised into a Future")?;
        let error = vm.new_exception(vm.exceptions.RuntimeError, &[text])?;
        let payload = vm.as_exception(error).expect("made as one");
        vm.set_cause(error, exception);
        payload.context.set(&vm.heap, payload, exception);
        exception = error;
    }
    let payload = vm.as_exception(exception).expect("checked");
    future.exception.set(&vm.heap, future, Some(exception));
    future.traceback.set(&vm.heap, future, Some(payload.traceback.get()));
    future.phase.set(Phase::Finished);
    schedule_callbacks(vm, state, future)?;
    future.log_traceback.set(true);
    vm.has_finalizers.set(true);
    if vm.type_of(future.as_value()) == state.future {
        vm.heap.register_finalizer(future.header());
    }
    Ok(())
}

pub(super) fn cancel(vm: &Vm, state: &State, future: Gc<PyFuture>, message: Option<Value>) -> PyResult<bool> {
    retrieved(vm, state, future);
    if !future.is_pending() {
        return Ok(false);
    }
    future.phase.set(Phase::Cancelled);
    future.cancel_message.set(&vm.heap, future, message);
    schedule_callbacks(vm, state, future)?;
    Ok(true)
}

/// The CancelledError of a cancelled future. One that a task ended with is given once.
pub(super) fn cancelled_error(vm: &Vm, state: &State, future: Gc<PyFuture>) -> PyResult<Value> {
    if let Some(kept) = future.cancelled_error.get() {
        future.cancelled_error.init(None);
        return Ok(kept);
    }
    let class = state.foreign(vm, Foreign::CancelledError)?;
    match given(future.cancel_message.get()) {
        Some(message) => vm.call(class, &[message]),
        None => vm.call(class, &[]),
    }
}

/// What a future that is done holds.
pub(super) enum Outcome {
    Value(Value),
    Exception(Value),
}

/// Errors: CancelledError, and InvalidStateError with `pending` while it is not done.
pub(super) fn outcome(vm: &Vm, state: &State, future: Gc<PyFuture>, pending: &str) -> PyResult<Outcome> {
    if future.event_loop.get().is_none() {
        return Err(state.invalid_state(vm, "Future object is not initialized."));
    }
    match future.phase.get() {
        Phase::Cancelled => {
            let error = cancelled_error(vm, state, future)?;
            Err(vm.raise(error))
        }
        Phase::Pending => Err(state.invalid_state(vm, pending)),
        Phase::Finished => {
            retrieved(vm, state, future);
            Ok(match future.exception.get() {
                Some(exception) => Outcome::Exception(exception),
                None => Outcome::Value(future.result.get().unwrap_or(Value::NONE)),
            })
        }
    }
}

/// The exception of an [`Outcome`], with the traceback it had when it was set.
pub(super) fn with_own_traceback(vm: &Vm, future: Gc<PyFuture>, exception: Value) -> Value {
    if let Some(payload) = vm.as_exception(exception) {
        payload.traceback.set(&vm.heap, payload, future.traceback.get().unwrap_or(Value::NONE));
        future.traceback.init(None);
    }
    exception
}

/// `Future.result()`.
pub(super) fn result(vm: &Vm, state: &State, future: Gc<PyFuture>) -> PyResult<Value> {
    match outcome(vm, state, future, "Result is not set.")? {
        Outcome::Value(value) => Ok(value),
        Outcome::Exception(exception) => Err(vm.raise(with_own_traceback(vm, future, exception))),
    }
}

pub(super) fn add_done_callback(
    vm: &Vm,
    state: &State,
    future: Gc<PyFuture>,
    callback: Value,
    context: Value,
) -> PyResult<()> {
    let Some(event_loop) = future.event_loop.get() else {
        return Err(vm.runtime_error("uninitialized Future object"));
    };
    if !future.is_pending() {
        return state.call_soon(vm, event_loop, callback, Some(future.as_value()), Some(context));
    }
    if future.callback.get().is_none() && future.callbacks.get().is_none() {
        future.callback.set(&vm.heap, future, Some(callback));
        future.context.set(&vm.heap, future, Some(context));
        return Ok(());
    }
    let pair = vm.new_tuple(&[callback, context])?;
    match future.callbacks.get() {
        Some(list) => vm.list_append(list, pair),
        None => {
            let list = vm.new_list(&[pair])?;
            future.callbacks.set(&vm.heap, future, Some(list));
            Ok(())
        }
    }
}

fn remove_done_callback(vm: &Vm, future: Gc<PyFuture>, function: Value) -> PyResult<usize> {
    alive(vm, future)?;
    let mut removed = 0;
    if let Some(callback) = future.callback.get()
        && vm.compare_bool(callback, function, cinder_bytecode::CompareOp::Eq)?
    {
        future.callback.init(None);
        future.context.init(None);
        removed += 1;
    }
    // A comparison may change the list.
    let list = || future.callbacks.get().and_then(|list| vm.downcast::<PyList>(list));
    let mut kept = ValueVec::<[Value; 8]>::new();
    let mut index = 0;
    while let Some(pair) = list().and_then(|list| list.items.get(index)) {
        if vm.compare_bool(vm.tuple_items(pair)[0], function, cinder_bytecode::CompareOp::Eq)? {
            removed += 1;
        } else {
            kept.push(pair);
        }
        index += 1;
    }
    if index > 0 {
        let left = if kept.is_empty() { None } else { Some(vm.new_list(&kept)?) };
        future.callbacks.set(&vm.heap, future, left.filter(|_| list().is_some()));
    }
    Ok(removed)
}

pub(super) fn add_awaited_by(vm: &Vm, state: &State, future: Value, waiter: Value) -> PyResult<()> {
    let (Some(future), Some(_)) = (state.as_future(vm, future), state.as_future(vm, waiter)) else { return Ok(()) };
    let Some(known) = future.awaited_by.get() else {
        future.awaited_by.set(&vm.heap, future, Some(waiter));
        return Ok(());
    };
    if future.awaited_by_is_set.get() {
        return vm.set_add(vm.downcast(known).expect("is a set"), waiter);
    }
    let both = vm.new_set(&[known, waiter])?;
    future.awaited_by.set(&vm.heap, future, Some(both));
    future.awaited_by_is_set.set(true);
    Ok(())
}

pub(super) fn discard_awaited_by(vm: &Vm, state: &State, future: Value, waiter: Value) -> PyResult<()> {
    let (Some(future), Some(_)) = (state.as_future(vm, future), state.as_future(vm, waiter)) else { return Ok(()) };
    match future.awaited_by.get() {
        Some(known) if known == waiter => {
            future.awaited_by.init(None);
            Ok(())
        }
        Some(known) if future.awaited_by_is_set.get() => {
            vm.set_discard(vm.downcast(known).expect("is a set"), waiter).map(|_| ())
        }
        _ => Ok(()),
    }
}

// ---- the class ----

fn new(vm: &Vm, class: Gc<PyType>, _: &[Value], _: Option<Value>) -> PyResult<Value> {
    let state = state(vm);
    if class == state.future {
        return Ok(vm.alloc_unwatched(class, 0, PyFuture::empty)?.as_value());
    }
    Ok(vm.alloc_instance(class, 0, PyFuture::empty)?.as_value())
}

static INIT: NativeDef = NativeDef::method("Future", "self, *, loop=None", |vm, args| {
    init(vm, state(vm), own(vm, args.at(0)), given(args.opt(1))).map(|()| Value::NONE)
});

fn init_slot(vm: &Vm, future: Value, args: &[Value], names: Option<Value>) -> PyResult<()> {
    let state = state(vm);
    match (args, names) {
        ([], None) => init(vm, state, own(vm, future), None),
        ([event_loop], Some(names)) if vm.tuple_items(names) == [state.names.r#loop] => {
            init(vm, state, own(vm, future), given(Some(*event_loop)))
        }
        _ => crate::payload::construct(vm, &INIT, future, args, names).map(|_| ()),
    }
}

/// Puts what every exception handler of a loop wants to know into a dictionary and calls it.
pub(super) fn tell_loop(vm: &Vm, future: Gc<PyFuture>, message: &str, details: &[(&str, Value)]) -> PyResult<()> {
    let context = vm.new_pydict()?;
    vm.set_item_text(context, "message", vm.new_str(message)?)?;
    for (name, value) in details {
        vm.set_item_text(context, name, *value)?;
    }
    if let Some(source) = future.source_traceback.get() {
        vm.set_item_text(context, "source_traceback", source)?;
    }
    let handler = vm.getattr(alive(vm, future)?, state(vm).names.call_exception_handler)?;
    match vm.call(handler, &[context.as_value()]) {
        Ok(_) => Ok(()),
        Err(raised) => {
            let shown = vm.repr_text(handler)?;
            crate::unraisable::report(vm, raised, &format!("Exception ignored in: {shown}"));
            Ok(())
        }
    }
}

/// Tells the loop of an exception that nobody has asked for.
pub(super) fn finalize(vm: &Vm, value: Value) -> PyResult<()> {
    let future = own(vm, value);
    if !future.log_traceback.replace(false) {
        return Ok(());
    }
    let message = format!("{} exception was never retrieved", vm.type_of(value).name());
    let exception = future.exception.get().unwrap_or(Value::NONE);
    tell_loop(vm, future, &message, &[("exception", exception), ("future", value)])
}

/// AttributeError for `del future.name`.
pub(super) fn cannot_delete(vm: &Vm, owner: &str, name: &str) -> Raised {
    vm.attribute_error_text(format!("attribute '{name}' of '{owner}' objects cannot be deleted"))
}

fn callbacks(vm: &Vm, value: Value) -> PyResult<Value> {
    let future = own(vm, value);
    alive(vm, future)?;
    let mut pairs = ValueVec::<[Value; 8]>::new();
    if let Some(callback) = future.callback.get() {
        pairs.push(vm.new_tuple(&[callback, future.context.get().unwrap_or(Value::NONE)])?);
    }
    if let Some(list) = future.callbacks.get().and_then(|list| vm.downcast::<PyList>(list)) {
        pairs.extend_from_slice(list.items.values());
    }
    if pairs.is_empty() { Ok(Value::NONE) } else { vm.new_list(&pairs) }
}

/// A field, None when it is empty. Errors: RuntimeError before `__init__` has run.
fn field(vm: &Vm, value: Value, slot: fn(&PyFuture) -> &Slot<Option<Value>>) -> PyResult<Value> {
    let future = own(vm, value);
    alive(vm, future)?;
    Ok(slot(&future).get().unwrap_or(Value::NONE))
}

const GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("_state", |vm, value| {
        let future = own(vm, value);
        alive(vm, future)?;
        Ok(vm.intern(match future.phase.get() {
            Phase::Pending => "PENDING",
            Phase::Cancelled => "CANCELLED",
            Phase::Finished => "FINISHED",
        }))
    }),
    GetSetDef::new(
        "_asyncio_future_blocking",
        |vm, value| {
            let future = own(vm, value);
            Ok(Value::from_bool(future.event_loop.get().is_some() && future.blocking.get()))
        },
        |vm, value, new| {
            let future = own(vm, value);
            let new = new.ok_or_else(|| cannot_delete(vm, "_asyncio.Future", "_asyncio_future_blocking"))?;
            alive(vm, future)?;
            future.blocking.set(vm.truthy(new)?);
            Ok(())
        },
    ),
    GetSetDef::read_only("_loop", |vm, value| Ok(own(vm, value).event_loop.get().unwrap_or(Value::NONE))),
    GetSetDef::read_only("_callbacks", callbacks),
    GetSetDef::read_only("_result", |vm, value| field(vm, value, |future| &future.result)),
    GetSetDef::read_only("_exception", |vm, value| field(vm, value, |future| &future.exception)),
    GetSetDef::new(
        "_log_traceback",
        |vm, value| {
            let future = own(vm, value);
            alive(vm, future)?;
            Ok(Value::from_bool(future.log_traceback.get()))
        },
        |vm, value, new| {
            let new = new.ok_or_else(|| cannot_delete(vm, "_asyncio.Future", "_log_traceback"))?;
            if vm.truthy(new)? {
                return Err(vm.value_error("_log_traceback can only be set to False"));
            }
            retrieved(vm, state(vm), own(vm, value));
            Ok(())
        },
    ),
    GetSetDef::read_only("_source_traceback", |vm, value| {
        Ok(own(vm, value).source_traceback.get().unwrap_or(Value::NONE))
    }),
    GetSetDef::new(
        "_cancel_message",
        |vm, value| Ok(own(vm, value).cancel_message.get().unwrap_or(Value::NONE)),
        |vm, value, new| {
            let future = own(vm, value);
            let new = new.ok_or_else(|| cannot_delete(vm, "_asyncio.Future", "_cancel_message"))?;
            future.cancel_message.set(&vm.heap, future, Some(new));
            Ok(())
        },
    ),
    GetSetDef::read_only("_asyncio_awaited_by", |vm, value| {
        let future = own(vm, value);
        match future.awaited_by.get() {
            None => Ok(Value::NONE),
            Some(known) if future.awaited_by_is_set.get() => {
                let mut all = ValueVec::<[Value; 8]>::new();
                vm.for_each(known, |waiter| {
                    all.push(waiter);
                    Ok(())
                })?;
                vm.new_frozenset(&all)
            }
            Some(known) => vm.new_frozenset(&[known]),
        }
    }),
];

const METHODS: &[NativeDef] = &[
    NativeDef::method("result", "self, /", |vm, args| result(vm, state(vm), own(vm, args.at(0)))).doc(
        "Return the result this future represents.\n\nRaises CancelledError when the future was cancelled, InvalidStateError when the result\nisn't available yet, and the exception when one was set.",
    ),
    NativeDef::method("exception", "self, /", |vm, args| {
        Ok(match outcome(vm, state(vm), own(vm, args.at(0)), "Exception is not set.")? {
            Outcome::Value(_) => Value::NONE,
            Outcome::Exception(exception) => exception,
        })
    })
    .doc(
        "Return the exception that was set on this future, or None.\n\nRaises CancelledError when the future was cancelled, InvalidStateError when it isn't done yet.",
    ),
    NativeDef::method("set_result", "self, result, /", |vm, args| {
        set_result(vm, state(vm), own(vm, args.at(0)), args.at(1)).map(|()| Value::NONE)
    })
    .doc("Mark the future done and set its result.\n\nRaises InvalidStateError when the future is already done."),
    NativeDef::method("set_exception", "self, exception, /", |vm, args| {
        set_exception(vm, state(vm), own(vm, args.at(0)), args.at(1)).map(|()| Value::NONE)
    })
    .doc("Mark the future done and set an exception.\n\nRaises InvalidStateError when the future is already done."),
    NativeDef::method("add_done_callback", "self, fn, /, *, context=<unrepresentable>", |vm, args| {
        let context = match args.opt(2) {
            Some(context) => context,
            None => crate::contextvars::copy_current(vm)?,
        };
        add_done_callback(vm, state(vm), own(vm, args.at(0)), args.at(1), context).map(|()| Value::NONE)
    })
    .doc(
        "Add a callback to be run when the future becomes done.\n\nThe callback is called with the future object. When the future is already done, the callback is\nscheduled with call_soon.",
    ),
    NativeDef::method("remove_done_callback", "self, fn, /", |vm, args| {
        vm.new_uint(remove_done_callback(vm, own(vm, args.at(0)), args.at(1))?)
    })
    .doc("Remove all instances of a callback from the \"call when done\" list.\n\nReturns the number of callbacks removed."),
    NativeDef::method("cancel", "self, /, msg=None", |vm, args| {
        let future = own(vm, args.at(0));
        alive(vm, future)?;
        cancel(vm, state(vm), future, args.opt(1)).map(Value::from_bool)
    })
    .doc(
        "Cancel the future and schedule callbacks.\n\nReturns False when the future is already done or cancelled, else True.",
    ),
    NativeDef::method("cancelled", "self, /", |vm, args| {
        let future = own(vm, args.at(0));
        Ok(Value::from_bool(future.event_loop.get().is_some() && future.phase.get() == Phase::Cancelled))
    })
    .doc("Return True if the future was cancelled."),
    NativeDef::method("done", "self, /", |vm, args| {
        let future = own(vm, args.at(0));
        Ok(Value::from_bool(future.event_loop.get().is_some() && !future.is_pending()))
    })
    .doc("Return True if the future is done: it has a result or an exception, or was cancelled."),
    NativeDef::method("get_loop", "self, /", |vm, args| alive(vm, own(vm, args.at(0))))
        .doc("Return the event loop the Future is bound to."),
    NativeDef::method("_make_cancelled_error", "self, /", |vm, args| {
        cancelled_error(vm, state(vm), own(vm, args.at(0)))
    })
    .doc("Create the CancelledError to raise if the Future is cancelled.\n\nTo be called once when a cancellation is handled: the saved exception is given away."),
    NativeDef::class_method("__class_getitem__", "type, object, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    })
    .doc("Futures are generic over the type of their results"),
];

pub(super) static FUTURE: TypeDef = TypeDef {
    doc: "A result that is not there yet.\n\nAlmost a concurrent.futures.Future, but:\n\n- result() and exception() do not wait: they raise when the future isn't done yet.\n- Callbacks are always called by the event loop's call_soon().\n- It does not work with wait() and as_completed() of concurrent.futures.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init_slot),
        repr: Some(|vm, value| {
            alive(vm, own(vm, value))?;
            vm.call(state(vm).foreign(vm, Foreign::FutureRepr)?, &[value])
        }),
        iter: Some(|vm, value| super::iterator::new(vm, own(vm, value))),
        r#await: Some(|vm, value| super::iterator::new(vm, own(vm, value))),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new("_asyncio.Future", <PyFuture as Payload>::LAYOUT)
};
