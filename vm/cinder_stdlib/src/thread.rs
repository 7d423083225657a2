//! `_thread`: starting threads, and the locks between them.
//!
//! The machine's side is [`cinder_vm::thread`]. Source: Modules/_threadmodule.c.

pub(crate) mod handle;
mod local;
mod lock;
mod rlock;
pub(crate) mod semaphore;

use std::cell::Cell;
use std::time::Duration;

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::struct_sequence::{self, struct_sequence};

pub(crate) use handle::shutdown;

struct_sequence!(
    EXCEPT_HOOK_ARGS, "_thread._ExceptHookArgs",
    0 exc_type, 1 exc_value, 2 exc_traceback, 3 thread,
);

/// Longest time that a lock can be waited for, in seconds.
const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// Size of the native stacks of new threads, 0 for the usual one.
struct StackSize(Cell<usize>);

fn stack_size(vm: &Vm) -> &'static Cell<usize> {
    &vm.native_state(|| StackSize(Cell::new(0))).0
}

/// The system's handle of the calling thread.
pub(crate) fn ident() -> u64 {
    // SAFETY: asks for the caller's own handle.
    unsafe { libc::pthread_self() as u64 }
}

/// How long `acquire` waits: `Some(ZERO)` not at all, `None` for ever.
fn wait_time(vm: &Vm, blocking: Option<Value>, timeout: Option<Value>) -> PyResult<Option<Duration>> {
    let blocking = blocking.map_or(Ok(true), |flag| vm.truthy(flag))?;
    let timeout = timeout.map_or(Ok(-1.0), |seconds| vm.float_argument(seconds))?;
    #[allow(clippy::float_cmp, reason = "-1 is the marker for no timeout, compared exactly as CPython does")]
    let is_given = timeout != -1.0;
    if !blocking && is_given {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if !blocking {
        return Ok(Some(Duration::ZERO));
    }
    if !is_given {
        return Ok(None);
    }
    if timeout < 0.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if timeout > TIMEOUT_MAX {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    Ok(Some(crate::blocking::duration(vm, timeout)?))
}

fn set_stack_size(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    const SMALLEST: i64 = 32 << 10;
    let size = args.opt(0).map_or(Ok(0), |size| vm.index_i64(size))?;
    if size < 0 {
        return Err(vm.value_error("size must be 0 or a positive value"));
    }
    if size != 0 && size < SMALLEST {
        return Err(vm.value_error(format!("size not valid: {size} bytes")));
    }
    let old = stack_size(vm).get();
    if args.opt(0).is_some() {
        stack_size(vm).set(usize::try_from(size).unwrap_or(0));
    }
    vm.new_uint(old)
}

fn interrupt_main(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = args.opt(0).map_or(Ok(libc::SIGINT), |number| crate::args::c_int(vm, number))?;
    crate::signal::simulate(vm, number)?;
    Ok(Value::NONE)
}

/// Prints what ended a thread.
fn excepthook(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.native_class_with_base(&EXCEPT_HOOK_ARGS, vm.types.tuple)?;
    if !vm.is_instance(args.at(0), class) {
        return Err(vm.type_error("_thread.excepthook argument type must be ExceptHookArgs"));
    }
    let [kind, exception, _, thread] = *vm.tuple_items(args.at(0)) else {
        return Err(vm.type_error("_thread.excepthook argument must have four items"));
    };
    if kind == vm.exceptions.SystemExit.as_value() {
        return Ok(Value::NONE);
    }
    let name = if thread.is_none() { None } else { vm.getattr_opt(thread, vm.intern("name"))? };
    let name = match name {
        Some(name) => vm.str_text(vm.str(name)?).into_owned(),
        None => ident().to_string(),
    };
    vm.write_stderr(&format!("Exception in thread {name}:\n"));
    if vm.as_exception(exception).is_some() {
        vm.print_exception(exception);
    }
    Ok(Value::NONE)
}

fn set_name(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = crate::args::text(vm, args.at(0), "set_name() argument 'name'")?;
    let mut end = name.len().min(15);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    if let Ok(name) = std::ffi::CString::new(&name[..end]) {
        // SAFETY: a NUL-terminated name of at most 15 bytes for the calling thread.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
    }
    Ok(Value::NONE)
}

const EXIT: fn(&Vm, &[Arg]) -> PyResult<Value> = |vm, _| {
    let exception = vm.new_exception(vm.exceptions.SystemExit, &[])?;
    Err(vm.raise(exception))
};

const ALLOCATE: fn(&Vm, &[Arg]) -> PyResult<Value> = |vm, _| lock::new(vm);

pub(crate) static THREAD: ModuleDef = ModuleDef {
    doc: "This module provides primitive operations to write multi-threaded programs.\nThe 'threading' module provides a more convenient interface.",
    functions: &[
        NativeDef::function("start_new_thread", "function, args, kwargs={}, /", handle::start_new_thread),
        NativeDef::function("start_new", "function, args, kwargs={}, /", handle::start_new_thread),
        NativeDef::function("start_joinable_thread", "function, handle=None, daemon=True", handle::start_joinable),
        NativeDef::function("daemon_threads_allowed", "", |_, _| Ok(Value::TRUE)),
        NativeDef::function("allocate_lock", "", ALLOCATE),
        NativeDef::function("allocate", "", ALLOCATE),
        NativeDef::function("exit", "", EXIT),
        NativeDef::function("exit_thread", "", EXIT),
        NativeDef::function("interrupt_main", "signum=signal.SIGINT, /", interrupt_main),
        NativeDef::function("get_ident", "", |vm, _| vm.new_uint(ident() as usize)),
        NativeDef::function("get_native_id", "", |vm, _| {
            // SAFETY: asks for the caller's own number.
            vm.new_int(unsafe { libc::syscall(libc::SYS_gettid) })
        }),
        NativeDef::function("_count", "", |vm, _| vm.new_uint(vm.other_threads())),
        NativeDef::function("stack_size", "size=0, /", set_stack_size),
        NativeDef::function("_excepthook", "args, /", excepthook),
        NativeDef::function("_is_main_interpreter", "", |_, _| Ok(Value::TRUE)),
        NativeDef::function("_shutdown", "", |vm, _| {
            handle::wait_for_all(vm)?;
            Ok(Value::NONE)
        }),
        NativeDef::function("_make_thread_handle", "ident, /", handle::make),
        NativeDef::function("_get_main_thread_ident", "", |vm, _| vm.new_uint(vm.main_thread_ident() as usize)),
        NativeDef::function("set_name", "name", set_name),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_thread")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    vm.set_item_text(dict, "TIMEOUT_MAX", vm.new_float(TIMEOUT_MAX)?)?;
    vm.set_item_text(dict, "error", vm.exceptions.RuntimeError.as_value())?;
    let lock = vm.add_class(dict, &lock::LOCK)?;
    vm.set_item_text(dict, "LockType", lock.as_value())?;
    vm.add_class(dict, &rlock::RLOCK)?;
    vm.add_class(dict, &local::LOCAL)?;
    vm.add_class(dict, &handle::HANDLE)?;
    let arguments = struct_sequence::class(vm, &EXCEPT_HOOK_ARGS)?;
    vm.set_item_text(dict, "_ExceptHookArgs", arguments.as_value())
}
