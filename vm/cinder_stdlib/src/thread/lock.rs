//! `_thread.lock`.

use std::cell::Cell;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::semaphore::Semaphore;
use super::wait_time;

#[repr(C)]
struct PyLock {
    header: Header,
    is_held: Cell<bool>,
    /// Counts 1 while the lock is free.
    free: Semaphore,
}

impl Trace for PyLock {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyLock {}

cinder_vm::layout!(PyLock, "_thread.lock");

fn lock(vm: &Vm, value: Value) -> Gc<PyLock> {
    vm.downcast::<PyLock>(value).expect("method of this class")
}

fn make(vm: &Vm, class: Gc<cinder_vm::types::type_::PyType>) -> PyResult<Value> {
    let make = |header| PyLock { header, is_held: Cell::new(false), free: Semaphore::new(1) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
}

/// A new lock.
pub(super) fn new(vm: &Vm) -> PyResult<Value> {
    make(vm, vm.native_class(&LOCK)?)
}

fn acquire(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    let timeout = wait_time(vm, args.opt(1), args.opt(2))?;
    let got = lock.free.wait(vm, timeout)?;
    if got {
        lock.is_held.set(true);
    }
    Ok(Value::from_bool(got))
}

fn release(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    if !lock.is_held.replace(false) {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    lock.free.post();
    Ok(Value::NONE)
}

fn locked(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    Ok(Value::from_bool(lock(vm, args.at(0)).is_held.get()))
}

pub(super) static LOCK: TypeDef = TypeDef {
    doc: "A lock object is a synchronization primitive.  To create a lock,\ncall threading.Lock().",
    flags: type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            if !args.is_empty() || names.is_some() {
                return Err(vm.type_error("lock expected 0 arguments"));
            }
            make(vm, class)
        }),
        repr: Some(|vm, value| {
            let state = if lock(vm, value).is_held.get() { "locked" } else { "unlocked" };
            vm.new_str(&format!("<{state} {} object at {:#x}>", vm.type_name(value), vm.id(value)))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("acquire", "self, /, blocking=True, timeout=-1", acquire),
        NativeDef::method("acquire_lock", "self, /, blocking=True, timeout=-1", acquire),
        NativeDef::method("release", "self, /", release),
        NativeDef::method("release_lock", "self, /", release),
        NativeDef::method("locked", "self, /", locked),
        NativeDef::method("locked_lock", "self, /", locked),
        NativeDef::method("__enter__", "self, /", |vm, args| acquire(vm, &[args.opt(0), None, None])),
        NativeDef::method("__exit__", "self, /, *exc_info", release),
        NativeDef::method("_at_fork_reinit", "self, /", |vm, args| {
            let lock = lock(vm, args.at(0));
            lock.is_held.set(false);
            lock.free.reset(1);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("_thread.lock", <PyLock as Payload>::LAYOUT)
};
