//! `_signal`: handlers written in Python.
//!
//! Problem: a signal arrives between any two machine instructions; Python code can run at few places.
//! Idea: the handler known to the system notes the number, writes it to the wakeup descriptor and asks the machine for attention
//! ([`cinder_vm::interrupt`]); the main thread calls the Python handlers at its next loop turn, call, or interrupted system call.
//! Holds: the system's handler touches atomics and descriptors only.
//! Source: Modules/signalmodule.c.

mod tables;
mod wait;

use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use cinder_heap::RootVec;
use cinder_vm::interrupt::Attention;
use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, os_error, os_error_number};

/// One more than the highest signal number.
pub(crate) const COUNT: usize = 65;
const DEFAULT: i64 = 0;
const IGNORE: i64 = 1;

static ARRIVED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static ANY: AtomicBool = AtomicBool::new(false);
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);
static WARNS_WHEN_FULL: AtomicBool = AtomicBool::new(true);
/// `errno` of a write to the wakeup descriptor that failed, 0 for none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
static ATTENTION: OnceLock<Attention> = OnceLock::new();

/// What the machine keeps about signals.
struct State {
    /// By number: `SIG_DFL`, `SIG_IGN`, a callable, or None for handlers that were not installed from Python.
    handlers: RefCell<RootVec>,
    int_handler: Cell<Option<usize>>,
}

fn state(vm: &Vm) -> &'static State {
    vm.native_state(|| {
        let mut handlers = vm.heap.root_vec();
        (0..COUNT).for_each(|_| handlers.push(Value::NONE));
        State { handlers: RefCell::new(handlers), int_handler: Cell::new(None) }
    })
}

/// What the system calls.
extern "C" fn arrived(number: libc::c_int) {
    // SAFETY: errno is the interrupted thread's own word; it is put back before returning.
    let errno = unsafe { *libc::__errno_location() };
    note(number);
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

/// Notes that a signal arrived. Safe in signal handlers.
pub(crate) fn note(number: libc::c_int) {
    let Some(flag) = usize::try_from(number).ok().and_then(|number| ARRIVED.get(number)) else { return };
    flag.store(true, Ordering::SeqCst);
    ANY.store(true, Ordering::SeqCst);
    if let Some(attention) = ATTENTION.get() {
        attention.request();
    }
    let fd = WAKEUP_FD.load(Ordering::SeqCst);
    if fd >= 0 {
        let byte = number as u8;
        // SAFETY: one byte of a local; a pipe or a socket.
        let put = unsafe {
            let sent = libc::send(fd, (&raw const byte).cast(), 1, libc::MSG_NOSIGNAL);
            if sent < 0 && *libc::__errno_location() == libc::ENOTSOCK {
                libc::write(fd, (&raw const byte).cast(), 1)
            } else {
                sent
            }
        };
        if put < 0 {
            let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
            if WARNS_WHEN_FULL.load(Ordering::SeqCst) || error != libc::EAGAIN {
                WAKEUP_ERROR.store(error, Ordering::SeqCst);
            }
        }
    }
}

/// Calls the handlers of the signals that arrived. Only on the main thread.
pub(crate) fn run_handlers(vm: &Vm) -> PyResult<()> {
    if !ANY.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    report_wakeup_error(vm);
    for (number, arrived) in ARRIVED.iter().enumerate().skip(1) {
        if !arrived.swap(false, Ordering::SeqCst) {
            continue;
        }
        let handler = state(vm).handlers.borrow()[number];
        if handler.is_none() || handler.is_int() {
            // Changed since the signal arrived.
            continue;
        }
        let frame = vm.frame_at(0)?.unwrap_or(Value::NONE);
        let result = vm.call(handler, &[vm.new_uint(number)?, frame]);
        if let Err(raised) = result {
            if (number..COUNT).any(|later| ARRIVED[later].load(Ordering::SeqCst)) {
                ANY.store(true, Ordering::SeqCst);
                vm.attention().request();
            }
            return Err(raised);
        }
    }
    Ok(())
}

fn report_wakeup_error(vm: &Vm) {
    let error = WAKEUP_ERROR.swap(0, Ordering::SeqCst);
    if error != 0 {
        let text = crate::args::error_text(error);
        vm.write_stderr(&format!(
            "Exception ignored when trying to write to the signal wakeup fd:\nOSError: [Errno {error}] {text}\n"
        ));
    }
}

/// The disposition that the process has for a signal, or `None` for a number the system does not know.
fn disposition(number: usize) -> Option<libc::sighandler_t> {
    // SAFETY: a zeroed `sigaction` is valid; the call only reads the current one into it.
    unsafe {
        let mut found: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(number as i32, std::ptr::null(), &raw mut found) == 0).then_some(found.sa_sigaction)
    }
}

fn set_disposition(number: i32, handler: libc::sighandler_t) -> std::io::Result<()> {
    // SAFETY: a complete `sigaction`; the handler is one of the system's constants or `arrived`.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        libc::sigemptyset(&raw mut action.sa_mask);
        action.sa_flags = libc::SA_ONSTACK;
        if libc::sigaction(number, &raw const action, std::ptr::null_mut()) < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Takes over SIGINT as Python does, and ignores what would end the process silently.
///
/// `handles_int`: whether SIGINT becomes KeyboardInterrupt, unless the parent made the process ignore it.
pub(crate) fn install(vm: &Vm, handles_int: bool) -> PyResult<()> {
    let _ = ATTENTION.set(vm.attention());
    if !handles_int {
        return Ok(());
    }
    for number in [libc::SIGPIPE, libc::SIGXFSZ] {
        let _ = set_disposition(number, libc::SIG_IGN);
    }
    // The Rust runtime's own handlers swallow one such signal that another process sends.
    for number in [libc::SIGSEGV, libc::SIGBUS] {
        let _ = set_disposition(number, libc::SIG_DFL);
    }
    read_dispositions(vm);
    if disposition(libc::SIGINT as usize) == Some(libc::SIG_DFL) {
        let handler = default_int_handler(vm)?;
        state(vm).handlers.borrow_mut().values_mut()[libc::SIGINT as usize] = handler;
        let _ = set_disposition(libc::SIGINT, arrived as *const () as libc::sighandler_t);
    }
    Ok(())
}

fn read_dispositions(vm: &Vm) {
    let mut handlers = state(vm).handlers.borrow_mut();
    for (number, handler) in handlers.values_mut().iter_mut().enumerate().skip(1) {
        *handler = match disposition(number) {
            Some(libc::SIG_DFL) => Value::ZERO,
            Some(libc::SIG_IGN) => Value::ONE,
            _ => Value::NONE,
        };
    }
}

/// The function object `_signal.default_int_handler`: one, so that `is` works.
fn default_int_handler(vm: &Vm) -> PyResult<Value> {
    let state = state(vm);
    let mut handlers = state.handlers.borrow_mut();
    if let Some(at) = state.int_handler.get() {
        return Ok(handlers[at]);
    }
    let made = vm.new_native_function(&DEFAULT_INT_HANDLER, None, vm.intern("_signal"))?;
    state.int_handler.set(Some(handlers.len()));
    handlers.push(made);
    Ok(made)
}

static DEFAULT_INT_HANDLER: NativeDef = NativeDef::function("default_int_handler", "signalnum, frame, /", |vm, _| {
    let exception = vm.new_exception(vm.exceptions.KeyboardInterrupt, &[])?;
    Err(vm.raise(exception))
})
.doc("The default handler for SIGINT installed by Python.\n\nIt raises KeyboardInterrupt.");

/// Ends the process as SIGINT would have: what `python` does when KeyboardInterrupt leaves the program.
pub(crate) fn die_of_interrupt() {
    let _ = set_disposition(libc::SIGINT, libc::SIG_DFL);
    // SAFETY: a signal to this process.
    unsafe { libc::kill(libc::getpid(), libc::SIGINT) };
}

/// In a forked child: what arrived was the parent's.
pub(crate) fn after_fork_in_child() {
    ANY.store(false, Ordering::SeqCst);
    ARRIVED.iter().for_each(|flag| flag.store(false, Ordering::SeqCst));
}

/// The handler that Python code set for a signal would be called: [`crate::thread`] uses it for `interrupt_main`.
pub(crate) fn simulate(vm: &Vm, number: i32) -> PyResult<()> {
    let number = check_number(vm, number)?;
    let handler = state(vm).handlers.borrow()[number];
    if !handler.is_int() && !handler.is_none() {
        note(number as i32);
    }
    Ok(())
}

/// A signal number in range. Errors: ValueError.
fn check_number(vm: &Vm, number: i32) -> PyResult<usize> {
    match usize::try_from(number) {
        Ok(number) if (1..COUNT).contains(&number) => Ok(number),
        _ => Err(vm.value_error("signal number out of range")),
    }
}

fn number_argument(vm: &Vm, value: Value) -> PyResult<usize> {
    let number = c_int(vm, value)?;
    check_number(vm, number)
}

fn set_handler(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (number, handler) = (c_int(vm, args.at(0))?, args.at(1));
    if !vm.is_main_thread() {
        return Err(vm.value_error("signal only works in main thread of the main interpreter"));
    }
    let number = check_number(vm, number)?;
    let is_plain = vm.is_int(handler);
    let action = match vm.int_to_i64(handler).filter(|_| is_plain) {
        Some(DEFAULT) => libc::SIG_DFL,
        Some(IGNORE) => libc::SIG_IGN,
        _ if vm.is_callable(handler) => arrived as *const () as libc::sighandler_t,
        _ => {
            return Err(vm.type_error("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"));
        }
    };
    run_handlers(vm)?;
    set_disposition(number as i32, action).map_err(|error| os_error(vm, &error, None))?;
    let handler = if is_plain { vm.new_int(vm.int_to_i64(handler).unwrap_or(DEFAULT))? } else { handler };
    let mut handlers = state(vm).handlers.borrow_mut();
    Ok(std::mem::replace(&mut handlers.values_mut()[number], handler))
}

fn set_wakeup_fd(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = c_int(vm, args.at(0))?;
    let warns = args.opt(1).map_or(Ok(true), |flag| vm.truthy(flag))?;
    if !vm.is_main_thread() {
        return Err(vm.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if fd >= 0 {
        // SAFETY: asks about a descriptor.
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
        if flags < 0 {
            return Err(os_error(vm, &std::io::Error::last_os_error(), None));
        }
        if flags & libc::O_NONBLOCK == 0 {
            return Err(vm.value_error(format!("the fd {fd} must be in non-blocking mode")));
        }
    }
    let old = WAKEUP_FD.swap(fd.max(-1), Ordering::SeqCst);
    WARNS_WHEN_FULL.store(warns, Ordering::SeqCst);
    vm.new_int(old.into())
}

fn raise_signal(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = c_int(vm, args.at(0))?;
    // SAFETY: a signal to the calling thread; the system refuses numbers that it does not know.
    let failed = vm.allow_threads(|| unsafe { libc::raise(number) != 0 });
    if failed {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    // The handler runs before the call returns when it can run here.
    vm.check_interrupts()?;
    Ok(Value::NONE)
}

fn siginterrupt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = number_argument(vm, args.at(0))?;
    let interrupts = vm.truthy(args.at(1))?;
    // SAFETY: the current action is read, one flag changed, and the action put back.
    let failed = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let got = libc::sigaction(number as i32, std::ptr::null(), &raw mut action);
        if interrupts {
            action.sa_flags &= !libc::SA_RESTART;
        } else {
            action.sa_flags |= libc::SA_RESTART;
        }
        got < 0 || libc::sigaction(number as i32, &raw const action, std::ptr::null_mut()) < 0
    };
    if failed { Err(os_error(vm, &std::io::Error::last_os_error(), None)) } else { Ok(Value::NONE) }
}

fn strsignal(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = number_argument(vm, args.at(0))?;
    // SAFETY: the text belongs to the C library and is copied at once.
    let text = unsafe {
        let text = libc::strsignal(number as i32);
        if text.is_null() {
            return Ok(Value::NONE);
        }
        std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
    };
    if text.starts_with("Unknown signal") { Ok(Value::NONE) } else { vm.new_str(&text) }
}

fn pidfd_send_signal(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (pidfd, number) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
    if args.opt(2).is_some_and(|info| !info.is_none()) {
        return Err(vm.type_error("siginfo must be None"));
    }
    // SAFETY: plain numbers and a null pointer.
    let code = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd, number, std::ptr::null::<libc::siginfo_t>(), flags)
    };
    if code < 0 { Err(os_error(vm, &std::io::Error::last_os_error(), None)) } else { Ok(Value::NONE) }
}

pub(crate) static SIGNAL: ModuleDef = ModuleDef {
    doc: "This module provides mechanisms to use signal handlers in Python.",
    functions: &[
        NativeDef::function("signal", "signalnum, handler, /", set_handler),
        NativeDef::function("getsignal", "signalnum, /", |vm, args| {
            let number = number_argument(vm, args.at(0))?;
            Ok(state(vm).handlers.borrow()[number])
        }),
        NativeDef::function("set_wakeup_fd", "fd, /, *, warn_on_full_buffer=True", set_wakeup_fd),
        NativeDef::function("raise_signal", "signalnum, /", raise_signal),
        NativeDef::function("siginterrupt", "signalnum, flag, /", siginterrupt),
        NativeDef::function("strsignal", "signalnum, /", strsignal),
        NativeDef::function("alarm", "seconds, /", |vm, args| {
            let seconds = c_int(vm, args.at(0))?;
            // SAFETY: plain numbers.
            vm.new_int(unsafe { libc::alarm(seconds.cast_unsigned()) }.into())
        }),
        NativeDef::function("pause", "", |vm, _| {
            // SAFETY: waits for a signal.
            vm.allow_threads(|| unsafe { libc::pause() });
            vm.check_interrupts()?;
            Ok(Value::NONE)
        }),
        NativeDef::function("setitimer", "which, seconds, interval=0.0, /", wait::setitimer),
        NativeDef::function("getitimer", "which, /", wait::getitimer),
        NativeDef::function("pthread_kill", "thread_id, signalnum, /", wait::pthread_kill),
        NativeDef::function("pthread_sigmask", "how, mask, /", wait::pthread_sigmask),
        NativeDef::function("sigpending", "", wait::sigpending),
        NativeDef::function("sigwait", "sigset, /", wait::sigwait),
        NativeDef::function("sigwaitinfo", "sigset, /", wait::sigwaitinfo),
        NativeDef::function("sigtimedwait", "sigset, timeout, /", wait::sigtimedwait),
        NativeDef::function("valid_signals", "", wait::valid_signals),
        NativeDef::function("pidfd_send_signal", "pidfd, signalnum, siginfo=None, flags=0, /", pidfd_send_signal),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_signal")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    vm.set_item_text(dict, "default_int_handler", default_int_handler(vm)?)?;
    let error = vm.new_exception_class("signal", "itimer_error", vm.exceptions.OSError)?;
    vm.set_item_text(dict, "ItimerError", error.as_value())?;
    let info = crate::struct_sequence::class(vm, &wait::SIGINFO)?;
    vm.set_item_text(dict, "struct_siginfo", info.as_value())?;
    vm.set_item_text(dict, "SIG_DFL", Value::ZERO)?;
    vm.set_item_text(dict, "SIG_IGN", Value::ONE)?;
    vm.set_item_text(dict, "NSIG", vm.new_uint(COUNT)?)?;
    for (name, number) in tables::SIGNALS.iter().chain(tables::OTHERS) {
        vm.set_item_text(dict, name, vm.new_int((*number).into())?)?;
    }
    vm.set_item_text(dict, "SIGRTMIN", vm.new_int(libc::SIGRTMIN().into())?)?;
    vm.set_item_text(dict, "SIGRTMAX", vm.new_int(libc::SIGRTMAX().into())?)
}

/// OSError of a call that gives its error as a number.
fn raise_code(vm: &Vm, code: i32) -> PyResult<()> {
    if code == 0 { Ok(()) } else { Err(os_error_number(vm, code, None)) }
}
