//! `_asyncio`: futures and tasks, what each event loop runs, and which tasks there are.
//!
//! Problem: a step of a task is a few field accesses around one resume of a coroutine; as Python code it is twenty calls.
//! Idea: [`future::PyFuture`] and [`task::PyTask`] are plain structs; a step resumes the coroutine itself, and what wakes a task is a native
//! callback. Which loop runs and which task it steps belongs to the thread ([`Vm::running_loop`]). A pending task is one of the objects the
//! collector will finalize (its end may have to be told), so `all_tasks` looks through those and needs no weak set.
//! Holds: as CPython's own, the module calls the loop by its Python methods only (`call_soon`, `get_debug`, `call_exception_handler`).
//! Source: Modules/_asynciomodule.c.

use std::cell::{Cell, OnceCell};

use cinder_heap::Root;
use cinder_vm::types::type_::PyType;
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

mod future;
mod iterator;
mod task;

use future::PyFuture;
use task::PyTask;

/// What the module keeps.
pub(super) struct State {
    future: Gc<PyType>,
    task: Gc<PyType>,
    /// Number of the last task without a name of its own.
    task_number: Cell<u64>,
    names: Names,
    /// The tuple of one name that calls with a context have.
    context_keyword: Value,
    /// Keeps all of these.
    _kept: Root<Value>,
    /// Tasks of other classes.
    other_tasks: OnceCell<Root<Value>>,
    /// Those in their first step.
    other_eager_tasks: OnceCell<Root<Value>>,
    /// Things of Python modules, by their place in [`FOREIGN`].
    foreign: [OnceCell<Root<Value>>; FOREIGN.len()],
}

macro_rules! names {
    ($($name:ident)*) => {
        /// Interned names.
        #[derive(Clone, Copy)]
        pub(super) struct Names { $($name: Value,)* r#loop: Value }

        impl Names {
            fn new(vm: &Vm) -> (Names, ValueVec<[Value; 32]>) {
                $(let $name = vm.intern(stringify!($name));)*
                let r#loop = vm.intern("loop");
                (Names { $($name,)* r#loop }, [$($name,)* r#loop].into_iter().collect())
            }
        }
    };
}

names! {
    _asyncio_future_blocking _loop add add_done_callback call_exception_handler call_soon cancel context discard done eager_start get_debug get_loop
    is_running msg name result throw
}

/// Attributes of Python modules that are used by place.
const FOREIGN: [(&str, &str); 8] = [
    ("asyncio.exceptions", "CancelledError"),
    ("asyncio.exceptions", "InvalidStateError"),
    ("asyncio.base_futures", "_future_repr"),
    ("asyncio.base_tasks", "_task_repr"),
    ("asyncio.base_tasks", "_task_get_stack"),
    ("asyncio.base_tasks", "_task_print_stack"),
    ("asyncio.coroutines", "iscoroutine"),
    ("traceback", "extract_stack"),
];

/// Places in [`FOREIGN`].
#[derive(Clone, Copy)]
pub(super) enum Foreign {
    CancelledError,
    InvalidStateError,
    FutureRepr,
    TaskRepr,
    TaskGetStack,
    TaskPrintStack,
    IsCoroutine,
    ExtractStack,
}

fn new_state(vm: &Vm) -> PyResult<State> {
    let future = vm.native_class(&future::FUTURE)?;
    let task = vm.native_class_with_base(&task::TASK, future)?;
    let (names, mut all) = Names::new(vm);
    let context_keyword = vm.new_tuple(&[names.context])?;
    all.push(context_keyword);
    let kept = vm.new_tuple(&all)?;
    Ok(State {
        future,
        task,
        task_number: Cell::new(0),
        names,
        context_keyword,
        _kept: vm.heap.root(kept),
        other_tasks: OnceCell::new(),
        other_eager_tasks: OnceCell::new(),
        foreign: Default::default(),
    })
}

/// The module's state; there is no object of its classes before it is made.
pub(super) fn state(vm: &Vm) -> &'static State {
    vm.native_state::<OnceCell<State>>(OnceCell::new).get().expect("made with the module")
}

impl State {
    /// Something of a Python module, looked up once.
    fn foreign(&self, vm: &Vm, which: Foreign) -> PyResult<Value> {
        let place = &self.foreign[which as usize];
        if let Some(known) = place.get() {
            return Ok(known.get());
        }
        let (module, name) = FOREIGN[which as usize];
        let found = vm.getattr_text(vm.import(module)?, name)?;
        Ok(place.get_or_init(|| vm.heap.root(found)).get())
    }

    /// Raises `InvalidStateError(message)`.
    #[cold]
    fn invalid_state(&self, vm: &Vm, message: &str) -> Raised {
        let made = self
            .foreign(vm, Foreign::InvalidStateError)
            .and_then(|class| Ok((class, vm.new_str(message)?)))
            .and_then(|(class, text)| vm.call(class, &[text]));
        made.map_or_else(|raised| raised, |error| vm.raise(error))
    }

    /// A future or task, of a derived class, too.
    fn as_future(&self, vm: &Vm, value: Value) -> Option<Gc<PyFuture>> {
        vm.downcast::<PyFuture>(value)
    }

    /// A future or task of exactly the native classes.
    fn as_plain_future(&self, vm: &Vm, value: Value) -> Option<Gc<PyFuture>> {
        let future = vm.downcast::<PyFuture>(value)?;
        let class = vm.type_of(value);
        (class == self.future || class == self.task).then_some(future)
    }

    /// The loop of anything like a future.
    fn loop_of(&self, vm: &Vm, value: Value) -> PyResult<Value> {
        if let Some(future) = self.as_plain_future(vm, value) {
            return future::alive(vm, future);
        }
        match vm.getattr_opt(value, self.names.get_loop)? {
            Some(get_loop) => vm.call(get_loop, &[]),
            None => vm.getattr(value, self.names._loop),
        }
    }

    /// `event_loop.call_soon(callback[, argument], context=context)`.
    fn call_soon(
        &self,
        vm: &Vm,
        event_loop: Value,
        callback: Value,
        argument: Option<Value>,
        context: Option<Value>,
    ) -> PyResult<()> {
        let mut args = ValueVec::<[Value; 4]>::new();
        args.push(callback);
        args.extend(argument);
        args.extend(context);
        let keywords = context.map(|_| self.context_keyword);
        vm.call_method_keywords(event_loop, self.names.call_soon, &args, keywords).map(|_| ())
    }

    fn other_tasks(&self, vm: &Vm) -> PyResult<Value> {
        if let Some(known) = self.other_tasks.get() {
            return Ok(known.get());
        }
        let made = vm.call(vm.getattr_text(vm.import("weakref")?, "WeakSet")?, &[])?;
        Ok(self.other_tasks.get_or_init(|| vm.heap.root(made)).get())
    }

    fn other_eager_tasks(&self, vm: &Vm) -> PyResult<Value> {
        if let Some(known) = self.other_eager_tasks.get() {
            return Ok(known.get());
        }
        let made = vm.new_set(&[])?;
        Ok(self.other_eager_tasks.get_or_init(|| vm.heap.root(made)).get())
    }
}

// ---- the loop and the task that run ----

fn running_loop(vm: &Vm) -> PyResult<Value> {
    vm.running_loop().ok_or_else(|| vm.runtime_error("no running event loop"))
}

/// The loop that runs, or the one that the policy gives.
fn event_loop(vm: &Vm) -> PyResult<Value> {
    if let Some(running) = vm.running_loop() {
        return Ok(running);
    }
    let policy = vm.call_method(vm.import("asyncio.events")?, vm.intern("_get_event_loop_policy"), &[])?;
    vm.call_method(policy, vm.intern("get_event_loop"), &[])
}

/// Errors: RuntimeError unless this is the loop that runs.
#[inline]
fn check_runs(vm: &Vm, event_loop: Value) -> PyResult<()> {
    if vm.running_loop() == Some(event_loop) {
        return Ok(());
    }
    let shown = vm.repr_text(event_loop)?;
    Err(vm.runtime_error(format!("loop {shown} is not the running loop")))
}

fn enter_task(vm: &Vm, event_loop: Value, task: Value) -> PyResult<()> {
    check_runs(vm, event_loop)?;
    if let Some(running) = vm.running_task() {
        let (task, running) = (vm.repr_text(task)?, vm.repr_text(running)?);
        let text = format!("Cannot enter into task {task} while another task {running} is being executed.");
        return Err(vm.runtime_error(text));
    }
    vm.set_running_task(Some(task));
    Ok(())
}

fn leave_task(vm: &Vm, event_loop: Value, task: Value) -> PyResult<()> {
    check_runs(vm, event_loop)?;
    let running = vm.running_task();
    if running != Some(task) {
        let (task, running) = (vm.repr_text(task)?, vm.repr_text(running.unwrap_or(Value::NONE))?);
        let text = format!("Invalid attempt to leave task {task} while task {running} is entered.");
        return Err(vm.runtime_error(text));
    }
    vm.set_running_task(None);
    Ok(())
}

fn swap_current_task(vm: &Vm, event_loop: Value, task: Value) -> PyResult<Value> {
    check_runs(vm, event_loop)?;
    let before = vm.running_task();
    vm.set_running_task(Some(task).filter(|task| !task.is_none()));
    Ok(before.unwrap_or(Value::NONE))
}

fn current_task(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let event_loop = match crate::args::given(args.opt(0)) {
        Some(given) => given,
        None => running_loop(vm)?,
    };
    if vm.running_loop() == Some(event_loop) {
        return Ok(vm.running_task().unwrap_or(Value::NONE));
    }
    Ok(vm.running_task_of(event_loop).unwrap_or(Value::NONE))
}

// ---- all tasks ----

fn all_tasks(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let state = state(vm);
    let event_loop = match crate::args::given(args.opt(0)) {
        Some(given) => given,
        None => running_loop(vm)?,
    };
    let mut candidates = ValueVec::<[Value; 8]>::new();
    candidates.extend_from_slice(&task::registered(vm, state));
    for others in [state.other_eager_tasks.get(), state.other_tasks.get()].into_iter().flatten() {
        vm.for_each(others.get(), |task| {
            candidates.push(task);
            Ok(())
        })?;
    }
    let found = vm.set_from(vm.new_list(&[])?)?;
    for &task in &*candidates {
        let is_done = match state.as_plain_future(vm, task) {
            Some(future) => !future.is_pending(),
            None => {
                let done = vm.call_method(task, state.names.done, &[])?;
                vm.truthy(done)?
            }
        };
        if !is_done && state.loop_of(vm, task)? == event_loop {
            vm.set_add(found, task)?;
        }
    }
    Ok(found.as_value())
}

fn register(vm: &Vm, task: Value, is_known: bool) -> PyResult<Value> {
    let state = state(vm);
    if let Some(task) = vm.downcast::<PyTask>(task) {
        task.is_registered.set(is_known);
    } else if is_known {
        vm.call_method(state.other_tasks(vm)?, state.names.add, &[task])?;
    } else if let Some(others) = state.other_tasks.get() {
        vm.call_method(others.get(), state.names.discard, &[task])?;
    } else {
        // As a weak set would have it.
        crate::weakref::reference(vm, task)?;
    }
    Ok(Value::NONE)
}

fn register_eager(vm: &Vm, task: Value, is_known: bool) -> PyResult<Value> {
    let state = state(vm);
    if let Some(task) = vm.downcast::<PyTask>(task) {
        task.is_eager.set(is_known);
        return Ok(Value::NONE);
    }
    let name = if is_known { state.names.add } else { state.names.discard };
    vm.call_method(state.other_eager_tasks(vm)?, name, &[task])?;
    Ok(Value::NONE)
}

pub(crate) static ASYNCIO: ModuleDef = ModuleDef {
    doc: "Accelerator module for asyncio",
    functions: &[
        NativeDef::function("get_event_loop", "", |vm, _| event_loop(vm)).doc(
            "Return an asyncio event loop: the running one inside of coroutines and callbacks, else the one of the policy.",
        ),
        NativeDef::function("get_running_loop", "", |vm, _| running_loop(vm))
            .doc("Return the running event loop of this thread.  Raise a RuntimeError if there is none."),
        NativeDef::function("_get_running_loop", "", |vm, _| Ok(vm.running_loop().unwrap_or(Value::NONE)))
            .doc("Return the running event loop of this thread or None.\n\nFor event loops."),
        NativeDef::function("_set_running_loop", "loop, /", |vm, args| {
            vm.set_running_loop(crate::args::given(args.opt(0)));
            Ok(Value::NONE)
        })
        .doc("Set the running event loop of this thread.\n\nFor event loops."),
        NativeDef::function("_register_task", "task", |vm, args| register(vm, args.at(0), true))
            .doc("Register a new task in asyncio as executed by loop.\n\nReturns None."),
        NativeDef::function("_unregister_task", "task", |vm, args| register(vm, args.at(0), false))
            .doc("Unregister a task.\n\nReturns None."),
        NativeDef::function("_register_eager_task", "task", |vm, args| register_eager(vm, args.at(0), true))
            .doc("Register a new task in asyncio as executed by loop.\n\nReturns None."),
        NativeDef::function("_unregister_eager_task", "task", |vm, args| register_eager(vm, args.at(0), false))
            .doc("Unregister a task.\n\nReturns None."),
        NativeDef::function("_enter_task", "loop, task", |vm, args| {
            enter_task(vm, args.at(0), args.at(1)).map(|()| Value::NONE)
        })
        .doc("Enter into task execution or resume suspended task.\n\nTask belongs to loop.\n\nReturns None."),
        NativeDef::function("_leave_task", "loop, task", |vm, args| {
            leave_task(vm, args.at(0), args.at(1)).map(|()| Value::NONE)
        })
        .doc("Leave task execution or suspend a task.\n\nTask belongs to loop.\n\nReturns None."),
        NativeDef::function("_swap_current_task", "loop, task", |vm, args| {
            swap_current_task(vm, args.at(0), args.at(1))
        })
        .doc("Make a task the current one and return the one before (or None).\n\nFor the eager start of coroutines."),
        NativeDef::function("current_task", "loop=None", current_task).doc("Return a currently executed task."),
        NativeDef::function("all_tasks", "loop=None", all_tasks).doc("Return a set of all tasks for the loop."),
        NativeDef::function("future_add_to_awaited_by", "fut, waiter, /", |vm, args| {
            future::add_awaited_by(vm, state(vm), args.at(0), args.at(1)).map(|()| Value::NONE)
        })
        .doc("Record that `fut` is awaited on by `waiter`."),
        NativeDef::function("future_discard_from_awaited_by", "fut, waiter, /", |vm, args| {
            future::discard_awaited_by(vm, state(vm), args.at(0), args.at(1)).map(|()| Value::NONE)
        }),
    ],
    setup: Some(|vm, dict| {
        let place = vm.native_state::<OnceCell<State>>(OnceCell::new);
        if place.get().is_none() {
            let made = new_state(vm)?;
            place.get_or_init(|| made);
        }
        let state = state(vm);
        vm.set_item_text(dict, "Future", state.future.as_value())?;
        vm.set_item_text(dict, "Task", state.task.as_value())
    }),
    ..ModuleDef::new("_asyncio")
};
