//! `_thread.RLock`: a lock that its owner may take again.

use std::cell::Cell;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::semaphore::Semaphore;
use super::{ident, wait_time};

#[repr(C)]
struct PyRLock {
    header: Header,
    /// Ident of the owner, meaningful while `count` is not 0.
    owner: Cell<u64>,
    count: Cell<usize>,
    free: Semaphore,
}

impl Trace for PyRLock {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyRLock {}

cinder_vm::layout!(PyRLock, "_thread.RLock");

fn lock(vm: &Vm, value: Value) -> Gc<PyRLock> {
    vm.downcast::<PyRLock>(value).expect("method of this class")
}

impl PyRLock {
    fn is_owned(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == ident()
    }

    fn take(&self, count: usize) {
        self.owner.set(ident());
        self.count.set(count);
    }

    fn give_back(&self) {
        self.count.set(0);
        self.owner.set(0);
        self.free.post();
    }
}

fn acquire(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    let timeout = wait_time(vm, args.opt(1), args.opt(2))?;
    if lock.is_owned() {
        lock.count.set(lock.count.get() + 1);
        return Ok(Value::TRUE);
    }
    let got = lock.free.wait(vm, timeout)?;
    if got {
        lock.take(1);
    }
    Ok(Value::from_bool(got))
}

fn release(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    if !lock.is_owned() {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    match lock.count.get() {
        1 => lock.give_back(),
        count => lock.count.set(count - 1),
    }
    Ok(Value::NONE)
}

/// Takes the lock with the count that `_release_save` gave.
fn acquire_restore(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    let state = args.at(1);
    if vm.as_tuple(state).is_none() || vm.tuple_items(state).len() != 2 {
        return Err(vm.type_error("_acquire_restore() argument 1 must be a pair"));
    }
    let count = usize::try_from(vm.index_i64(vm.tuple_items(state)[0])?).unwrap_or(1);
    lock.free.wait(vm, None)?;
    lock.take(count);
    Ok(Value::NONE)
}

fn release_save(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = lock(vm, args.at(0));
    if !lock.is_owned() {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    let state = [vm.new_uint(lock.count.get())?, vm.new_uint(lock.owner.get() as usize)?];
    let state = vm.new_tuple(&state)?;
    lock.give_back();
    Ok(state)
}

pub(super) static RLOCK: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let make = |header| PyRLock { header, owner: Cell::new(0), count: Cell::new(0), free: Semaphore::new(1) };
            Ok(vm.alloc_instance(class, 0, make)?.as_value())
        }),
        repr: Some(|vm, value| {
            let this = lock(vm, value);
            let (count, owner) = (this.count.get(), this.owner.get());
            let state = if count > 0 { "locked" } else { "unlocked" };
            let (name, at) = (vm.type_name(value), vm.id(value));
            vm.new_str(&format!("<{state} {name} object owner={owner} count={count} at {at:#x}>"))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("acquire", "self, /, blocking=True, timeout=-1", acquire),
        NativeDef::method("release", "self, /", release),
        NativeDef::method("locked", "self, /", |vm, args| Ok(Value::from_bool(lock(vm, args.at(0)).count.get() > 0))),
        NativeDef::method("__enter__", "self, /", |vm, args| acquire(vm, &[args.opt(0), None, None])),
        NativeDef::method("__exit__", "self, /, *exc_info", release),
        NativeDef::method("_is_owned", "self, /", |vm, args| Ok(Value::from_bool(lock(vm, args.at(0)).is_owned()))),
        NativeDef::method("_recursion_count", "self, /", |vm, args| {
            let lock = lock(vm, args.at(0));
            vm.new_uint(if lock.is_owned() { lock.count.get() } else { 0 })
        }),
        NativeDef::method("_acquire_restore", "self, state, /", acquire_restore),
        NativeDef::method("_release_save", "self, /", release_save),
        NativeDef::method("_at_fork_reinit", "self, /", |vm, args| {
            let lock = lock(vm, args.at(0));
            lock.count.set(0);
            lock.owner.set(0);
            lock.free.reset(1);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("_thread.RLock", <PyRLock as Payload>::LAYOUT)
};
