//! The iterator that `await future` drives: it gives the future once, and ends with its result.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::future::PyFuture;

#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyFutureIter {
    header: Header,
    /// None when it was closed.
    future: Slot<Option<Gc<PyFuture>>>,
}

cinder_vm::layout!(PyFutureIter, "_asyncio.FutureIter");

pub(super) fn new(vm: &Vm, future: Gc<PyFuture>) -> PyResult<Value> {
    super::future::alive(vm, future)?;
    let class = vm.native_class(&FUTURE_ITER)?;
    Ok(vm.alloc_instance(class, 0, |header| PyFutureIter { header, future: Slot::new(Some(future)) })?.as_value())
}

fn own(vm: &Vm, value: Value) -> Gc<PyFutureIter> {
    vm.downcast::<PyFutureIter>(value).expect("slot of this class")
}

fn next(vm: &Vm, iterator: Value) -> PyResult<Option<Value>> {
    let own = own(vm, iterator);
    let Some(future) = own.future.get() else { return Ok(None) };
    if future.is_pending() {
        if future.blocking.replace(true) {
            return Err(vm.runtime_error("await wasn't used with future"));
        }
        return Ok(Some(future.as_value()));
    }
    let result = super::future::result(vm, super::state(vm), future)?;
    vm.end_with(result);
    Ok(None)
}

/// The exception that `throw(type[, value[, traceback]])` means.
fn thrown(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if args.opt(2).is_some() || args.opt(3).is_some() {
        vm.warn(
            vm.exceptions.DeprecationWarning,
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
        )?;
    }
    let kind = args.at(1);
    let value = crate::args::given(args.opt(2));
    let traceback = crate::args::given(args.opt(3));
    if traceback.is_some_and(|traceback| vm.type_of(traceback) != vm.types.traceback) {
        return Err(vm.type_error("throw() third argument must be a traceback"));
    }
    let class = vm.as_class(kind).filter(|class| vm.is_subtype(*class, vm.exceptions.BaseException));
    let exception = match (class, value) {
        (Some(class), Some(value)) if vm.is_instance(value, class) => value,
        (Some(class), Some(value)) if vm.type_of(value) == vm.types.tuple => {
            vm.call(class.as_value(), vm.tuple_items(value))?
        }
        (Some(class), Some(value)) => vm.call(class.as_value(), &[value])?,
        (Some(class), None) => vm.call(class.as_value(), &[])?,
        (None, _) if !vm.is_instance(kind, vm.exceptions.BaseException) => {
            let text = "exceptions must be classes deriving BaseException or instances of such a class";
            return Err(vm.type_error(text));
        }
        (None, Some(_)) => return Err(vm.type_error("instance exception may not have a separate value")),
        (None, None) => kind,
    };
    if let (Some(traceback), Some(payload)) = (traceback, vm.as_exception(exception)) {
        payload.traceback.set(&vm.heap, payload, traceback);
    }
    Ok(exception)
}

static FUTURE_ITER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots { iter: Some(|_, iterator| Ok(iterator)), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("send", "self, object, /", |vm, args| match next(vm, args.at(0))? {
            Some(item) => Ok(item),
            None => Err(vm.stop_iteration(vm.take_stop_value())),
        }),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", |vm, args| {
            let exception = thrown(vm, args)?;
            own(vm, args.at(0)).future.init(None);
            Err(vm.restore(exception))
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            own(vm, args.at(0)).future.init(None);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("_asyncio.FutureIter", <PyFutureIter as Payload>::LAYOUT)
};
