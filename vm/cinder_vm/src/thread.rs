//! Threads: each is a thread of the operating system, and one of them runs Python at a time.
//!
//! Problem: the machine's state (current frame, VM stack, pending exception ...) belongs to whoever runs; machine code finds it at fixed places.
//! Idea: the places stay where they are. A thread that gives up the lock moves their contents into its own record and the next one puts its
//! contents there ([`Saved`]). Whoever waits for anything gives up the lock meanwhile ([`Vm::allow_threads`]); a thread that wants the lock for
//! longer than the switch interval asks for attention ([`crate::interrupt`]), and the holder yields at its next loop turn or call.
//! Holds: only the thread that holds the lock touches the machine or the heap. A thread without it has told the heap where its native stack is
//! ([`cinder_heap::Heap::park`]) and its record says where its VM stack is, so the collector sees all threads.
//! Source: Python/ceval_gil.c, Python/pystate.c.

mod lock;

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cinder_heap::{Gc, Root, Tracer};
use cinder_layout::Value;

use crate::interp::dispatch::{Fp, Ip};
use crate::interp::stack::{self, Stack};
use crate::types::dict::PyDict;
use crate::vm::Vm;
use lock::Lock;

/// Addresses reserved for the VM stack of a thread that a program starts; the first thread has more.
const VM_STACK_BYTES: usize = 64 << 20;
/// Native stack of a thread when the program does not say how much it wants.
const NATIVE_STACK_BYTES: usize = 16 << 20;

/// The machine's state that belongs to a thread, while another thread runs.
struct Saved {
    frame: Fp,
    stack: (Fp, Fp),
    machine_stack_limit: *mut u64,
    native_limit: usize,
    stack_limit: usize,
    pending: Option<Value>,
    next: (Ip, Fp),
    stop_value: Option<Value>,
    async_generator_hooks: (Option<Value>, Option<Value>),
    coroutine_origin_depth: u32,
    repr_running: Vec<usize>,
    spilled: Vec<(usize, usize)>,
    left_raising: bool,
    watchers: crate::trace::Watchers,
}

/// A thread that runs Python code.
pub struct Thread {
    /// What `threading.get_ident()` gives: the system's handle.
    pub ident: Cell<u64>,
    /// Never given twice, unlike `ident`.
    pub serial: u64,
    /// Attributes of `_thread._local` objects in this thread, by the object's number.
    locals: Cell<Option<Gc<PyDict>>>,
    /// The current `contextvars.Context`.
    context: Cell<Option<Value>>,
    /// The `asyncio` event loop that runs, and the task that it steps.
    event_loop: Cell<Option<Value>>,
    task: Cell<Option<Value>>,
    saved: RefCell<Option<Saved>>,
}

/// The machine's threads.
pub struct State {
    lock: RefCell<&'static Lock>,
    /// Those that exist, the main one first. Changed by the holder of the lock only.
    threads: RefCell<Vec<&'static Thread>>,
    /// The holder of the lock.
    current: Cell<&'static Thread>,
    last_serial: Cell<u64>,
    /// Nanoseconds; read without the lock.
    interval: AtomicU64,
    is_finalizing: Cell<bool>,
}

/// Threads are never freed: 64 bytes each, and others may still hold the reference.
fn new_thread(serial: u64, ident: u64) -> &'static Thread {
    Box::leak(Box::new(Thread {
        ident: Cell::new(ident),
        serial,
        locals: Cell::new(None),
        context: Cell::new(None),
        event_loop: Cell::new(None),
        task: Cell::new(None),
        saved: RefCell::new(None),
    }))
}

/// The system's handle of the calling thread.
fn own_ident() -> u64 {
    // SAFETY: asks for the caller's own handle.
    unsafe { libc::pthread_self() as u64 }
}

impl State {
    pub(crate) fn new() -> State {
        let main = new_thread(1, own_ident());
        PLACE.set(Place::Inside);
        State {
            lock: RefCell::new(Lock::new_held()),
            threads: RefCell::new(vec![main]),
            current: Cell::new(main),
            last_serial: Cell::new(1),
            interval: AtomicU64::new(5_000_000),
            is_finalizing: Cell::new(false),
        }
    }

    fn lock(&self) -> &'static Lock {
        *self.lock.borrow()
    }
}

impl Thread {
    /// For a thread that has ended.
    fn drop_values(&self) {
        self.locals.set(None);
        for value in [&self.context, &self.event_loop, &self.task] {
            value.set(None);
        }
    }
}

/// What a new thread is handed; it is used under the lock only.
struct Start {
    vm: &'static Vm,
    lock: &'static Lock,
    thread: &'static Thread,
    body: Box<dyn FnOnce(&Vm)>,
}

// SAFETY: the fields are plain addresses of things that live for ever, and `body` is called and dropped while the lock is held.
unsafe impl Send for Start {}

/// What the calling native thread is to the machine.
#[derive(Clone, Copy)]
enum Place {
    /// The machine does not know it.
    Outside,
    /// One of the machine's threads, running under its lock or about to wait by [`Vm::allow_threads`].
    Inside,
    /// One of the machine's threads that has given up the lock for a foreign function.
    Away(&'static Lock, &'static Thread),
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Outside) };
}

/// Serial numbers of native threads that the machine has not started. Its own stay below.
static LAST_FOREIGN_SERIAL: AtomicU64 = AtomicU64::new(1 << 48);

impl Vm {
    /// The same reference for as long as the process lives.
    fn forever(&self) -> &'static Vm {
        // SAFETY: `Vm::new` leaks every machine.
        unsafe { &*std::ptr::from_ref(self) }
    }

    /// Runs `wait`, which may take long, without the lock: other threads run Python meanwhile.
    ///
    /// `wait` touches neither the machine nor any object, and holds no value.
    pub fn allow_threads<R>(&self, wait: impl FnOnce() -> R) -> R {
        if !self.has_other_threads() {
            return wait();
        }
        let lock = self.threads.lock();
        let thread = self.threads.current.get();
        self.heap.park(|| {
            self.save(thread);
            lock.release();
            let result = wait();
            // In a forked child the lock is another one.
            self.take_lock(lock, thread);
            result
        })
    }

    /// As [`Vm::allow_threads`] for foreign code, which may call back by [`Vm::with_lock`], on this thread or on others.
    pub fn without_lock<R>(&self, foreign: impl FnOnce() -> R) -> R {
        let lock = self.threads.lock();
        let thread = self.threads.current.get();
        self.heap.park(|| {
            self.leave(lock, thread);
            let result = foreign();
            self.take_lock(lock, thread);
            PLACE.set(Place::Inside);
            result
        })
    }

    fn leave(&self, lock: &'static Lock, thread: &'static Thread) {
        self.save(thread);
        PLACE.set(Place::Away(lock, thread));
        lock.release();
    }

    /// Runs `body` with the lock, for foreign code that calls back. The native thread may be any: one that is in [`Vm::without_lock`], one that
    /// holds the lock, or one that the machine has not started.
    pub fn with_lock<R>(&self, body: impl FnOnce(&Vm) -> R) -> R {
        match PLACE.get() {
            Place::Inside => body(self),
            Place::Away(lock, thread) => {
                // The part of the stack below `without_lock` is still parked; a collection meanwhile sees it twice.
                self.take_lock(lock, thread);
                PLACE.set(Place::Inside);
                let result = body(self);
                self.leave(lock, thread);
                result
            }
            Place::Outside => self.as_guest(body),
        }
    }

    /// Makes the calling native thread one of the machine's for the time of `body`.
    fn as_guest<R>(&self, body: impl FnOnce(&Vm) -> R) -> R {
        // SAFETY: only a forked child sets another lock, before it has any thread that could come here.
        let lock = unsafe { *self.threads.lock.as_ptr() };
        let thread = new_thread(LAST_FOREIGN_SERIAL.fetch_add(1, Ordering::Relaxed), own_ident());
        let stack = Stack::new(VM_STACK_BYTES);
        let state = self.fresh_state(&stack);
        lock.acquire(self.switch_interval(), self.attention(), thread.serial);
        self.threads.threads.borrow_mut().push(thread);
        *thread.saved.borrow_mut() = Some(state);
        self.threads.current.set(thread);
        self.restore_thread(thread);
        PLACE.set(Place::Inside);
        let result = body(self);
        PLACE.set(Place::Outside);
        self.forget_thread(thread);
        lock.release();
        stack.unmap();
        result
    }

    /// Waits for the lock and puts the thread's state in place.
    fn take_lock(&self, lock: &'static Lock, thread: &'static Thread) {
        lock.acquire(self.switch_interval(), self.attention(), thread.serial);
        self.threads.current.set(thread);
        self.restore_thread(thread);
        if thread.serial == 1 {
            // Signals that arrived while other threads ran are the main thread's to handle.
            self.attention().request();
        }
    }

    /// Gives the lock to a thread that waits for it.
    pub(crate) fn yield_if_wanted(&self) {
        if self.threads.lock().is_wanted() {
            self.allow_threads(|| ());
        }
    }

    /// Whether other threads run Python code.
    #[inline]
    pub fn has_other_threads(&self) -> bool {
        self.threads.threads.borrow().len() > 1
    }

    /// Number of threads besides the main one.
    pub fn other_threads(&self) -> usize {
        self.threads.threads.borrow().len() - 1
    }

    /// The calling thread.
    pub fn current_thread(&self) -> &'static Thread {
        self.threads.current.get()
    }

    /// Whether the calling thread is the one that made the machine, or the one that survived a fork.
    pub fn is_main_thread(&self) -> bool {
        self.current_thread().serial == 1
    }

    /// `threading.main_thread().ident`.
    pub fn main_thread_ident(&self) -> u64 {
        self.threads.threads.borrow()[0].ident.get()
    }

    /// `sys.getswitchinterval()`.
    pub fn switch_interval(&self) -> Duration {
        Duration::from_nanos(self.threads.interval.load(Ordering::Relaxed))
    }

    /// `sys.setswitchinterval(..)`.
    pub fn set_switch_interval(&self, interval: Duration) {
        let nanos = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        self.threads.interval.store(nanos, Ordering::Relaxed);
    }

    /// Whether the program has ended: threads that wait for the lock never get it any more.
    pub fn is_finalizing(&self) -> bool {
        self.threads.is_finalizing.get()
    }

    /// From now on the calling thread keeps the lock.
    pub fn begin_finalization(&self) {
        self.threads.is_finalizing.set(true);
        self.threads.lock().close(self.current_thread().serial);
    }

    /// Starts a thread that calls `body`, and gives its ident. `stack_bytes` of 0 stands for the usual size.
    ///
    /// What `body` holds must be rooted ([`Root`]). Errors: the system's.
    pub fn start_thread(&self, stack_bytes: usize, body: impl FnOnce(&Vm) + 'static) -> std::io::Result<u64> {
        use std::os::unix::thread::JoinHandleExt;
        let serial = self.threads.last_serial.get() + 1;
        self.threads.last_serial.set(serial);
        let thread = new_thread(serial, 0);
        let start = Start { vm: self.forever(), lock: self.threads.lock(), thread, body: Box::new(body) };
        let size = if stack_bytes == 0 { NATIVE_STACK_BYTES } else { stack_bytes };
        self.threads.threads.borrow_mut().push(thread);
        match std::thread::Builder::new().stack_size(size).spawn(move || run_thread(start)) {
            Ok(handle) => {
                let ident = handle.as_pthread_t();
                thread.ident.set(ident);
                Ok(ident)
            }
            Err(error) => {
                self.forget_thread(thread);
                Err(error)
            }
        }
    }

    fn forget_thread(&self, thread: &'static Thread) {
        self.threads.threads.borrow_mut().retain(|known| !std::ptr::eq(*known, thread));
        thread.drop_values();
    }

    /// Attribute dictionaries of `_thread._local` objects in the calling thread, by the object's number.
    pub fn thread_locals(&self) -> crate::native::PyResult<Gc<PyDict>> {
        let thread = self.current_thread();
        match thread.locals.get() {
            Some(known) => Ok(known),
            None => {
                let made = self.new_pydict()?;
                thread.locals.set(Some(made));
                Ok(made)
            }
        }
    }

    /// Drops what all threads keep for a `_thread._local` object that is gone.
    pub fn forget_thread_local(&self, key: Value) -> crate::native::PyResult<()> {
        let threads: Vec<&'static Thread> = self.threads.threads.borrow().clone();
        for locals in threads.iter().filter_map(|thread| thread.locals.get()) {
            self.dict_remove(locals, key)?;
        }
        Ok(())
    }

    /// The context of the calling thread, see [`Vm::set_thread_context`].
    pub fn thread_context(&self) -> Option<Value> {
        self.current_thread().context.get()
    }

    /// Makes `context` the current `contextvars.Context` of the calling thread.
    pub fn set_thread_context(&self, context: Option<Value>) {
        self.current_thread().context.set(context);
    }

    /// The `asyncio` event loop that runs in the calling thread.
    #[inline]
    pub fn running_loop(&self) -> Option<Value> {
        self.current_thread().event_loop.get()
    }

    pub fn set_running_loop(&self, event_loop: Option<Value>) {
        self.current_thread().event_loop.set(event_loop);
    }

    /// The task that the calling thread's event loop steps.
    #[inline]
    pub fn running_task(&self) -> Option<Value> {
        self.current_thread().task.get()
    }

    pub fn set_running_task(&self, task: Option<Value>) {
        self.current_thread().task.set(task);
    }

    /// The task that `event_loop` steps, in whichever thread it runs.
    pub fn running_task_of(&self, event_loop: Value) -> Option<Value> {
        let threads = self.threads.threads.borrow();
        threads.iter().find(|thread| thread.event_loop.get() == Some(event_loop))?.task.get()
    }

    /// The topmost frame of every thread, by ident.
    pub fn frames_of_threads(&self) -> crate::native::PyResult<Vec<(u64, Root<Value>)>> {
        let threads: Vec<&'static Thread> = self.threads.threads.borrow().clone();
        let mut found = Vec::new();
        for thread in threads {
            let frame = match &*thread.saved.borrow() {
                Some(saved) => saved.frame,
                None => self.frame_pointer(),
            };
            if !frame.is_null() {
                let object = self.frame_object(stack::Frame(frame))?;
                found.push((thread.ident.get(), self.heap.root(object)));
            }
        }
        Ok(found)
    }

    /// The exception that each thread handles, by ident; None where there is none.
    pub fn exceptions_of_threads(&self) -> Vec<(u64, Root<Value>)> {
        let mut found = Vec::new();
        for thread in self.threads.threads.borrow().iter() {
            let innermost = match &*thread.saved.borrow() {
                Some(saved) => saved.frame,
                None => self.frame_pointer(),
            };
            let innermost = (!innermost.is_null()).then_some(stack::Frame(innermost));
            let handled = std::iter::successors(innermost, |frame| frame.caller()).find_map(stack::Frame::handled);
            found.push((thread.ident.get(), self.heap.root(handled.unwrap_or(Value::NONE))));
        }
        found
    }

    /// In a forked child: only the calling thread is left, and it is the main thread.
    pub fn after_fork_in_child(&self) {
        let thread = self.current_thread();
        // The old lock may be in any state: another thread may have been at work on it.
        self.threads.lock.replace(Lock::new_held());
        for other in self.threads.threads.borrow().iter().filter(|other| !std::ptr::eq(**other, thread)) {
            other.drop_values();
        }
        let main = new_thread(1, own_ident());
        main.locals.set(thread.locals.take());
        main.context.set(thread.context.take());
        *self.threads.threads.borrow_mut() = vec![main];
        self.threads.current.set(main);
        self.heap.after_fork_in_child();
        self.jit.compiles_apart.set(true);
    }

    // ---- moving state ----

    fn save(&self, thread: &Thread) {
        // SAFETY: plain fields; the calling thread holds the lock.
        let machine = unsafe { &mut *self.machine.get() };
        *thread.saved.borrow_mut() = Some(Saved {
            frame: machine.frame,
            stack: (self.interp.stack.base.get(), self.interp.stack.end.get()),
            machine_stack_limit: machine.stack_limit,
            native_limit: machine.native_limit,
            stack_limit: self.stack_limit.get(),
            pending: self.pending.take(),
            next: (self.interp.next_ip.get(), self.interp.next_fp.get()),
            stop_value: self.interp.stop_value.take(),
            async_generator_hooks: self.interp.async_generator_hooks.take(),
            coroutine_origin_depth: self.interp.coroutine_origin_depth.take(),
            repr_running: self.repr_running.take(),
            spilled: crate::value_vec::take_spilled(),
            left_raising: self.jit.left_raising.get(),
            watchers: self.tracing.own.take(),
        });
    }

    fn restore_thread(&self, thread: &Thread) {
        let saved = thread.saved.borrow_mut().take().expect("a thread that waited has saved its state");
        // SAFETY: plain fields; the calling thread holds the lock.
        let machine = unsafe { &mut *self.machine.get() };
        machine.frame = saved.frame;
        machine.stack_limit = saved.machine_stack_limit;
        machine.native_limit = saved.native_limit;
        self.interp.stack.base.set(saved.stack.0);
        self.interp.stack.end.set(saved.stack.1);
        self.stack_limit.set(saved.stack_limit);
        self.pending.set(saved.pending);
        self.interp.next_ip.set(saved.next.0);
        self.interp.next_fp.set(saved.next.1);
        self.interp.stop_value.set(saved.stop_value);
        self.interp.async_generator_hooks.set(saved.async_generator_hooks);
        self.interp.coroutine_origin_depth.set(saved.coroutine_origin_depth);
        self.repr_running.replace(saved.repr_running);
        crate::value_vec::put_spilled(saved.spilled);
        self.jit.left_raising.set(saved.left_raising);
        self.tracing.own.set(saved.watchers);
    }

    /// Calls `change` with the watchers of every thread that waits.
    pub(crate) fn for_other_watchers(&self, mut change: impl FnMut(&mut crate::trace::Watchers)) {
        for thread in self.threads.threads.borrow().iter() {
            if let Some(saved) = &mut *thread.saved.borrow_mut() {
                change(&mut saved.watchers);
            }
        }
    }

    /// The state of a thread that begins on this native stack.
    fn fresh_state(&self, stack: &Stack) -> Saved {
        let stack_limit = crate::boot::native_stack_limit();
        let (base, end) = (stack.base.get(), stack.end.get());
        Saved {
            frame: std::ptr::null_mut(),
            stack: (base, end),
            machine_stack_limit: crate::jit::machine_stack_limit(end),
            native_limit: crate::jit::native_limit(stack_limit),
            stack_limit,
            pending: None,
            next: (std::ptr::null(), std::ptr::null_mut()),
            stop_value: None,
            async_generator_hooks: (None, None),
            coroutine_origin_depth: 0,
            repr_running: Vec::new(),
            spilled: Vec::new(),
            left_raising: false,
            watchers: crate::trace::Watchers::default(),
        }
    }

    /// Visits what the threads that do not run hold.
    pub(crate) fn trace_threads(&self, tracer: &mut Tracer<'_>) {
        for thread in self.threads.threads.borrow().iter() {
            if let Some(locals) = thread.locals.get() {
                tracer.visit_object(locals.header());
            }
            for value in [&thread.context, &thread.event_loop, &thread.task] {
                tracer.visit_option(value.get());
            }
            if let Some(saved) = &*thread.saved.borrow() {
                saved.trace(tracer);
            }
        }
    }
}

impl Saved {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        stack::trace_stack(self.stack.0, self.frame, tracer);
        crate::value_vec::trace_buffers(&self.spilled, tracer);
        tracer.visit_option(self.pending);
        tracer.visit_option(self.stop_value);
        tracer.visit_option(self.async_generator_hooks.0);
        tracer.visit_option(self.async_generator_hooks.1);
        self.watchers.visit(tracer);
    }
}

/// A new thread from its first instruction to its last.
fn run_thread(start: Start) {
    let Start { vm, lock, thread, body } = start;
    let stack = Stack::new(VM_STACK_BYTES);
    let state = vm.fresh_state(&stack);
    lock.acquire(vm.switch_interval(), vm.attention(), thread.serial);
    // From here on the machine is this thread's.
    PLACE.set(Place::Inside);
    *thread.saved.borrow_mut() = Some(state);
    vm.threads.current.set(thread);
    vm.restore_thread(thread);
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(vm))).is_err() {
        // The lock would never be free again.
        std::process::exit(101);
    }
    vm.forget_thread(thread);
    lock.release();
    stack.unmap();
}
