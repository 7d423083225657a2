//! Starting threads and waiting for their end.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, RootVec, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::semaphore::Semaphore;
use super::{ident, stack_size};
use crate::args::given;

/// Where a thread is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    NotStarted,
    Running,
    Done,
}

/// `_ThreadHandle`.
#[repr(C)]
struct PyHandle {
    header: Header,
    ident: Cell<u64>,
    phase: Cell<Phase>,
    is_daemon: Cell<bool>,
    /// Counts 1 when the thread has ended; whoever passes puts it back.
    ended: Semaphore,
}

impl Trace for PyHandle {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyHandle {}

cinder_vm::layout!(PyHandle, "_thread._ThreadHandle");

/// Handles of the threads that run.
struct Running(RefCell<RootVec>);

fn running(vm: &Vm) -> &'static RefCell<RootVec> {
    &vm.native_state(|| Running(RefCell::new(vm.heap.root_vec()))).0
}

fn handle(vm: &Vm, value: Value) -> Gc<PyHandle> {
    vm.downcast::<PyHandle>(value).expect("method of this class")
}

fn alloc(vm: &Vm) -> PyResult<Gc<PyHandle>> {
    let class = vm.native_class(&HANDLE)?;
    vm.alloc_instance(class, 0, |header| PyHandle {
        header,
        ident: Cell::new(0),
        phase: Cell::new(Phase::NotStarted),
        is_daemon: Cell::new(true),
        ended: Semaphore::new(0),
    })
}

impl PyHandle {
    fn finish(&self) {
        if self.phase.replace(Phase::Done) != Phase::Done {
            self.ended.post();
        }
    }
}

/// Whether the end came within the time; `None` waits for ever.
fn wait(vm: &Vm, handle: Gc<PyHandle>, timeout: Option<std::time::Duration>) -> PyResult<bool> {
    if handle.phase.get() == Phase::Done {
        return Ok(true);
    }
    let ended = handle.ended.wait(vm, timeout)?;
    if ended {
        handle.ended.post();
    }
    Ok(ended)
}

fn join(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let handle = handle(vm, args.at(0));
    let timeout = match given(args.opt(1)) {
        Some(seconds) => {
            let seconds = vm.float_argument(seconds)?;
            if seconds < 0.0 { None } else { Some(crate::blocking::duration(vm, seconds)?) }
        }
        None => None,
    };
    match handle.phase.get() {
        Phase::NotStarted => return Err(vm.runtime_error("thread not started")),
        Phase::Running if handle.ident.get() == ident() => {
            return Err(vm.runtime_error("Cannot join current thread"));
        }
        // No other thread gets the lock any more, so this one never ends.
        Phase::Running if vm.is_finalizing() => {
            let class = vm.exceptions.PythonFinalizationError;
            return Err(vm.raise_text(class, "cannot join thread at interpreter shutdown"));
        }
        _ => {}
    }
    wait(vm, handle, timeout)?;
    Ok(Value::NONE)
}

/// A handle for a thread that runs already.
pub(super) fn make(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let ident = vm.index_i64(args.at(0))?;
    let made = alloc(vm)?;
    made.ident.set(ident.cast_unsigned());
    made.phase.set(Phase::Running);
    Ok(made.as_value())
}

/// Starts a thread and files its handle.
fn start(vm: &Vm, handle: Gc<PyHandle>, function: Value, args: Value, kwargs: Option<Value>) -> PyResult<()> {
    if vm.is_finalizing() {
        let class = vm.exceptions.PythonFinalizationError;
        return Err(vm.raise_text(class, "can't create new thread at interpreter shutdown"));
    }
    let root = |value: Value| vm.heap.root(value);
    let (held, function, args, kwargs) = (root(handle.as_value()), root(function), root(args), kwargs.map(root));
    let body = move |vm: &Vm| {
        let result = call_with_dict(vm, function.get(), args.get(), kwargs.as_ref().map(cinder_heap::Root::get));
        if let Err(raised) = result {
            if vm.pending_matches(vm.exceptions.SystemExit) {
                vm.take_exception(raised);
            } else {
                let pending = vm.pending.take();
                let shown = vm.repr_text(function.get()).unwrap_or_else(|raised| {
                    vm.take_exception(raised);
                    "<object repr() failed>".to_owned()
                });
                vm.pending.set(pending);
                crate::unraisable::report(vm, raised, &format!("Exception ignored in thread started by {shown}"));
            }
        }
        let mut all = running(vm).borrow_mut();
        if let Some(at) = all.iter().position(|known| *known == held.get()) {
            all.values_mut().swap_remove(at);
        }
        drop(all);
        self::handle(vm, held.get()).finish();
    };
    handle.phase.set(Phase::Running);
    running(vm).borrow_mut().push(handle.as_value());
    match vm.start_thread(stack_size(vm).get(), body) {
        Ok(ident) => {
            handle.ident.set(ident);
            Ok(())
        }
        Err(_) => {
            running(vm).borrow_mut().pop();
            handle.phase.set(Phase::NotStarted);
            Err(vm.runtime_error("can't start new thread"))
        }
    }
}

fn call_with_dict(vm: &Vm, function: Value, args: Value, kwargs: Option<Value>) -> PyResult<Value> {
    let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    all.extend_from_slice(vm.tuple_items(args));
    let mut names = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    if let Some(kwargs) = kwargs.and_then(|kwargs| vm.as_dict(kwargs)) {
        for number in 0..kwargs.entry_count() {
            if let Some((name, value)) = kwargs.entry(number) {
                names.push(name);
                all.push(value);
            }
        }
    }
    let names = if names.is_empty() { None } else { Some(vm.new_tuple(&names)?) };
    vm.call_keywords(function, &all, names)
}

pub(super) fn start_new_thread(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (function, arguments, keywords) = (args.at(0), args.at(1), args.opt(2));
    if !vm.is_callable(function) {
        return Err(vm.type_error("first arg must be callable"));
    }
    if vm.as_tuple(arguments).is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    if keywords.is_some_and(|keywords| vm.as_dict(keywords).is_none()) {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    let handle = alloc(vm)?;
    start(vm, handle, function, arguments, keywords)?;
    vm.new_uint(handle.ident.get() as usize)
}

pub(super) fn start_joinable(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let function = args.at(0);
    if !vm.is_callable(function) {
        return Err(vm.type_error("thread function must be callable"));
    }
    let handle = match given(args.opt(1)) {
        None => alloc(vm)?,
        Some(handle) => match vm.downcast::<PyHandle>(handle) {
            Some(handle) => handle,
            None => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        },
    };
    if handle.phase.get() != Phase::NotStarted {
        return Err(vm.runtime_error("thread already started"));
    }
    handle.is_daemon.set(args.opt(2).map_or(Ok(true), |flag| vm.truthy(flag))?);
    start(vm, handle, function, *vm.empty_tuple, None)?;
    Ok(handle.as_value())
}

/// Waits for every thread that is no daemon.
pub(super) fn wait_for_all(vm: &Vm) -> PyResult<()> {
    loop {
        let own = ident();
        let next = running(vm).borrow().iter().copied().find(|known| {
            let handle = handle(vm, *known);
            !handle.is_daemon.get() && handle.ident.get() != own
        });
        match next {
            Some(next) => {
                wait(vm, handle(vm, next), None)?;
            }
            None => return Ok(()),
        }
    }
}

/// What the end of the main program does first: `threading._shutdown()`, which waits for threads.
pub(crate) fn shutdown(vm: &Vm) -> PyResult<()> {
    match vm.modules.get_interned(vm.intern("threading")) {
        Some(threading) if !threading.is_none() => {
            let shutdown = vm.getattr_text(threading, "_shutdown")?;
            vm.call(shutdown, &[]).map(|_| ())
        }
        _ => wait_for_all(vm),
    }
}

/// In a forked child: the other threads are gone.
pub(crate) fn after_fork_in_child(vm: &Vm) {
    let own = ident();
    let mut all = running(vm).borrow_mut();
    for known in all.iter().filter(|known| handle(vm, **known).ident.get() != own) {
        let handle = handle(vm, *known);
        handle.ended.reset(0);
        handle.finish();
    }
    all.values_mut().retain(|known| handle(vm, *known).ident.get() == own);
}

pub(super) static HANDLE: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, _, _, _| Ok(alloc(vm)?.as_value())),
        repr: Some(|vm, value| vm.new_str(&format!("<_ThreadHandle object: ident={}>", handle(vm, value).ident.get()))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("join", "self, timeout=None, /", join),
        NativeDef::method("is_done", "self, /", |vm, args| {
            Ok(Value::from_bool(handle(vm, args.at(0)).phase.get() == Phase::Done))
        }),
        NativeDef::method("_set_done", "self, /", |vm, args| {
            let handle = handle(vm, args.at(0));
            if handle.phase.get() == Phase::NotStarted {
                return Err(vm.runtime_error("thread not started"));
            }
            handle.finish();
            Ok(Value::NONE)
        }),
    ],
    getset: &[GetSetDef::read_only("ident", |vm, value| vm.new_uint(handle(vm, value).ident.get() as usize))],
    ..TypeDef::new("_thread._ThreadHandle", <PyHandle as Payload>::LAYOUT)
};
