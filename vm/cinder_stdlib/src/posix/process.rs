//! Processes: starting, waiting, ending. Source: Modules/posixmodule.c.

use std::cell::RefCell;
use std::ffi::CString;

use cinder_heap::RootVec;
use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, check_int, check_none, given, os_error};
use crate::os_path::path_bytes;
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// What `waitid` gives.
    WAITID_RESULT, "posix.waitid_result",
    0 si_pid, 1 si_uid, 2 si_signo, 3 si_status, 4 si_code,
);

// ---- fork ----

/// Functions registered with `os.register_at_fork`.
struct Hooks {
    before: RefCell<RootVec>,
    in_parent: RefCell<RootVec>,
    in_child: RefCell<RootVec>,
}

fn hooks(vm: &Vm) -> &'static Hooks {
    vm.native_state(|| {
        let list = || RefCell::new(vm.heap.root_vec());
        Hooks { before: list(), in_parent: list(), in_child: list() }
    })
}

fn run_hooks(vm: &Vm, list: &RefCell<RootVec>, newest_first: bool) {
    let count = list.borrow().len();
    for step in 0..count {
        let at = if newest_first { count - 1 - step } else { step };
        let hook = list.borrow()[at];
        if let Err(raised) = vm.call(hook, &[]) {
            let pending = vm.pending.take();
            let shown = vm.repr_text(hook).unwrap_or_else(|raised| {
                vm.take_exception(raised);
                "<object repr() failed>".to_owned()
            });
            vm.pending.set(pending);
            crate::unraisable::report(vm, raised, &format!("Exception ignored while calling at-fork hook {shown}"));
        }
    }
}

/// What is collected for files goes out first: a file that the program forgot would be written by both processes.
pub(crate) fn before_fork(vm: &Vm) {
    run_hooks(vm, &hooks(vm).before, true);
    crate::io::flush_files(vm);
}

pub(crate) fn after_fork_in_parent(vm: &Vm) {
    run_hooks(vm, &hooks(vm).in_parent, false);
}

/// The machine of a forked child becomes one of its own. Runs Python: the hooks.
pub(crate) fn after_fork_in_child(vm: &Vm) {
    vm.after_fork_in_child();
    crate::signal::after_fork_in_child();
    crate::thread::handle::after_fork_in_child(vm);
    run_hooks(vm, &hooks(vm).in_child, false);
}

fn fork(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    if vm.is_finalizing() {
        let class = vm.exceptions.PythonFinalizationError;
        return Err(vm.raise_text(class, "can't fork at interpreter shutdown"));
    }
    before_fork(vm);
    // SAFETY: the child goes on with the calling thread alone; the machine is told below.
    let pid = unsafe { libc::fork() };
    let error = std::io::Error::last_os_error();
    if pid == 0 {
        after_fork_in_child(vm);
        return Ok(Value::ZERO);
    }
    after_fork_in_parent(vm);
    if pid < 0 { Err(os_error(vm, &error, None)) } else { vm.new_int(pid.into()) }
}

fn register_at_fork(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let all = hooks(vm);
    let lists = [(&all.before, "before"), (&all.in_child, "after_in_child"), (&all.in_parent, "after_in_parent")];
    if args.iter().all(|arg| given(*arg).is_none()) {
        return Err(vm.type_error("At least one argument is required."));
    }
    for (index, (_, name)) in lists.iter().enumerate() {
        if let Some(hook) = given(args.opt(index))
            && !vm.is_callable(hook)
        {
            let found = vm.type_name(hook);
            return Err(vm.type_error(format!("'{name}' must be callable, not {found}")));
        }
    }
    for (index, (list, _)) in lists.iter().enumerate() {
        if let Some(hook) = given(args.opt(index)) {
            list.borrow_mut().push(hook);
        }
    }
    Ok(Value::NONE)
}

fn forkpty(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    before_fork(vm);
    let mut master = -1;
    // SAFETY: as in `fork`; the descriptor is a local.
    let pid = unsafe { libc::forkpty(&raw mut master, std::ptr::null_mut(), std::ptr::null(), std::ptr::null()) };
    let error = std::io::Error::last_os_error();
    if pid == 0 {
        after_fork_in_child(vm);
    } else {
        after_fork_in_parent(vm);
    }
    if pid < 0 {
        return Err(os_error(vm, &error, None));
    }
    let pair = [vm.new_int(pid.into())?, vm.new_int(master.into())?];
    vm.new_tuple(&pair)
}

// ---- wait ----

fn wait_result(vm: &Vm, pid: i64, status: i32) -> PyResult<Value> {
    let pair = [vm.new_int(pid)?, vm.new_int(status.into())?];
    vm.new_tuple(&pair)
}

fn waitpid(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (pid, options) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let mut status = 0;
    // SAFETY: the status is a local.
    let call = || unsafe { libc::waitpid(pid, &raw mut status, options) as isize };
    let found = crate::blocking::call_or_raise(vm, call)?;
    wait_result(vm, found as i64, status)
}

fn wait_any(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let mut status = 0;
    // SAFETY: the status is a local.
    let found = crate::blocking::call_or_raise(vm, || unsafe { libc::wait(&raw mut status) as isize })?;
    wait_result(vm, found as i64, status)
}

fn wait_usage(vm: &Vm, pid: i32, options: i32) -> PyResult<Value> {
    let mut status = 0;
    // SAFETY: a zeroed `rusage` is valid and is filled by the call.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both are locals.
    let call = || unsafe { libc::wait4(pid, &raw mut status, options, &raw mut usage) as isize };
    let found = crate::blocking::call_or_raise(vm, call)?;
    let items = [vm.new_int(found as i64)?, vm.new_int(status.into())?, crate::resource::usage_value(vm, &usage)?];
    vm.new_tuple(&items)
}

fn waitid(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (kind, id, options) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?, c_int(vm, args.at(2))?);
    // SAFETY: a zeroed `siginfo_t` is valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let kind = kind.cast_unsigned() as libc::idtype_t;
    // SAFETY: the info is a local.
    let call = || unsafe { libc::waitid(kind, id as libc::id_t, &raw mut info, options) as isize };
    crate::blocking::call_or_raise(vm, call)?;
    // SAFETY: filled by the call for a child that changed its state; zero otherwise.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    if pid == 0 {
        return Ok(Value::NONE);
    }
    let items = [
        vm.new_int(pid.into())?,
        vm.new_int(uid.into())?,
        vm.new_int(info.si_signo.into())?,
        vm.new_int(status.into())?,
        vm.new_int(info.si_code.into())?,
    ];
    struct_sequence::new(vm, &WAITID_RESULT, &items)
}

fn waitstatus_to_exitcode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let status = c_int(vm, args.at(0))?;
    if libc::WIFEXITED(status) {
        return vm.new_int(libc::WEXITSTATUS(status).into());
    }
    if libc::WIFSIGNALED(status) {
        return vm.new_int((-libc::WTERMSIG(status)).into());
    }
    if libc::WIFSTOPPED(status) {
        let number = libc::WSTOPSIG(status);
        return Err(vm.value_error(format!("process stopped by delivery of signal {number}")));
    }
    Err(vm.value_error(format!("invalid wait status: {status}")))
}

macro_rules! of_status {
    ($name:literal, $function:path, bool) => {
        NativeDef::function($name, "status", |vm, args| Ok(Value::from_bool($function(c_int(vm, args.at(0))?))))
    };
    ($name:literal, $function:path, int) => {
        NativeDef::function($name, "status", |vm, args| vm.new_int($function(c_int(vm, args.at(0))?).into()))
    };
}

// ---- exec ----

/// A sequence of file names as C strings.
pub(crate) fn strings(vm: &Vm, list: Value) -> PyResult<Vec<CString>> {
    let mut found = Vec::new();
    vm.for_each(list, |item| {
        found.push(path_bytes(vm, item)?);
        Ok(())
    })?;
    Ok(found)
}

/// The pointers of C strings and a null behind them.
pub(crate) fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}

/// `NAME=value` of a mapping.
pub(crate) fn environment(vm: &Vm, mapping: Value) -> PyResult<Vec<CString>> {
    let items = vm.call_method(mapping, vm.intern("items"), &[])?;
    let mut found = Vec::new();
    vm.for_each(items, |pair| {
        let mut parts = Vec::new();
        vm.for_each(pair, |part| {
            parts.push(path_bytes(vm, part)?.into_bytes());
            Ok(())
        })?;
        let [name, value] = parts.as_slice() else { return Err(vm.type_error("env.items() must give pairs")) };
        if name.is_empty() || name[1..].contains(&b'=') {
            return Err(vm.value_error("illegal environment variable name"));
        }
        let text = [name.as_slice(), b"=", value].concat();
        found.push(CString::new(text).map_err(|_| vm.value_error("embedded null byte"))?);
        Ok(())
    })?;
    Ok(found)
}

fn exec_arguments(vm: &Vm, name: &str, argv: Value) -> PyResult<Vec<CString>> {
    let is_list = vm.is_instance(argv, vm.types.list);
    if !is_list && vm.as_tuple(argv).is_none() {
        return Err(vm.type_error(format!("{name}() arg 2 must be a tuple or list")));
    }
    let found = strings(vm, argv)?;
    if found.is_empty() {
        return Err(vm.value_error(format!("{name}() arg 2 must not be empty")));
    }
    if found[0].as_bytes().is_empty() {
        return Err(vm.value_error(format!("{name}() arg 2 first element cannot be empty")));
    }
    Ok(found)
}

fn execv(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path_bytes(vm, args.at(0))?;
    let argv = exec_arguments(vm, "execv", args.at(1))?;
    crate::io::flush_files(vm);
    // SAFETY: terminated strings in a terminated list.
    unsafe { libc::execv(path.as_ptr(), pointers(&argv).as_ptr()) };
    Err(os_error(vm, &std::io::Error::last_os_error(), None))
}

fn execve(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let argv = exec_arguments(vm, "execve", args.at(1))?;
    let env = environment(vm, args.at(2))?;
    crate::io::flush_files(vm);
    if vm.is_int(args.at(0)) {
        let fd = c_int(vm, args.at(0))?;
        // SAFETY: terminated strings in terminated lists.
        unsafe { libc::fexecve(fd, pointers(&argv).as_ptr(), pointers(&env).as_ptr()) };
    } else {
        let path = path_bytes(vm, args.at(0))?;
        // SAFETY: as above.
        unsafe { libc::execve(path.as_ptr(), pointers(&argv).as_ptr(), pointers(&env).as_ptr()) };
    }
    let error = std::io::Error::last_os_error();
    Err(os_error(vm, &error, (!vm.is_int(args.at(0))).then(|| args.at(0))))
}

fn system(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let command = path_bytes(vm, args.at(0))?;
    crate::io::flush_files(vm);
    // SAFETY: a terminated string.
    let status = vm.allow_threads(|| unsafe { libc::system(command.as_ptr()) });
    vm.check_interrupts()?;
    vm.new_int(status.into())
}

fn times(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    // SAFETY: a zeroed `tms` is valid and is filled by the call; the other asks for a number.
    let (ticks, found, per_second) = unsafe {
        let mut found: libc::tms = std::mem::zeroed();
        let ticks = libc::times(&raw mut found);
        (ticks, found, libc::sysconf(libc::_SC_CLK_TCK) as f64)
    };
    let mut items = [Value::NONE; 5];
    let all = [found.tms_utime, found.tms_stime, found.tms_cutime, found.tms_cstime, ticks];
    for (item, ticks) in items.iter_mut().zip(all) {
        *item = vm.new_float(ticks as f64 / per_second)?;
    }
    struct_sequence::new(vm, &super::TIMES_RESULT, &items)
}

pub(crate) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("fork", "", fork),
    NativeDef::function("forkpty", "", forkpty),
    NativeDef::function(
        "register_at_fork",
        "*, before=None, after_in_child=None, after_in_parent=None",
        register_at_fork,
    ),
    NativeDef::function("wait", "", wait_any),
    NativeDef::function("waitpid", "pid, options, /", waitpid),
    NativeDef::function("wait3", "options", |vm, args| wait_usage(vm, -1, c_int(vm, args.at(0))?)),
    NativeDef::function("wait4", "pid, options", |vm, args| {
        wait_usage(vm, c_int(vm, args.at(0))?, c_int(vm, args.at(1))?)
    }),
    NativeDef::function("waitid", "idtype, id, options, /", waitid),
    NativeDef::function("waitstatus_to_exitcode", "status", waitstatus_to_exitcode),
    of_status!("WIFEXITED", libc::WIFEXITED, bool),
    of_status!("WIFSIGNALED", libc::WIFSIGNALED, bool),
    of_status!("WIFSTOPPED", libc::WIFSTOPPED, bool),
    of_status!("WIFCONTINUED", libc::WIFCONTINUED, bool),
    of_status!("WCOREDUMP", libc::WCOREDUMP, bool),
    of_status!("WEXITSTATUS", libc::WEXITSTATUS, int),
    of_status!("WTERMSIG", libc::WTERMSIG, int),
    of_status!("WSTOPSIG", libc::WSTOPSIG, int),
    NativeDef::function("execv", "path, argv, /", execv),
    NativeDef::function("execve", "path, argv, env", execve),
    NativeDef::function("system", "command", system),
    NativeDef::function("times", "", times),
    NativeDef::function("abort", "", |_, _| std::process::abort()),
    NativeDef::function("kill", "pid, signal, /", |vm, args| {
        let (pid, number) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: plain numbers.
        let done = check_none(vm, unsafe { libc::kill(pid, number) });
        // A signal to this process may have arrived already.
        vm.check_interrupts()?;
        done
    }),
    NativeDef::function("killpg", "pgid, signal, /", |vm, args| {
        let (group, number) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: plain numbers.
        let done = check_none(vm, unsafe { libc::killpg(group, number) });
        vm.check_interrupts()?;
        done
    }),
    NativeDef::function("nice", "increment, /", |vm, args| {
        let step = c_int(vm, args.at(0))?;
        // SAFETY: the error number is cleared because -1 is a valid result.
        unsafe {
            *libc::__errno_location() = 0;
            let value = libc::nice(step);
            if value == -1 && *libc::__errno_location() != 0 {
                return Err(os_error(vm, &std::io::Error::last_os_error(), None));
            }
            vm.new_int(value.into())
        }
    }),
    NativeDef::function("getpriority", "which, who", |vm, args| {
        let (which, who) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: as in `nice`.
        unsafe {
            *libc::__errno_location() = 0;
            let value = libc::getpriority(which as _, who.cast_unsigned());
            if value == -1 && *libc::__errno_location() != 0 {
                return Err(os_error(vm, &std::io::Error::last_os_error(), None));
            }
            vm.new_int(value.into())
        }
    }),
    NativeDef::function("setpriority", "which, who, priority", |vm, args| {
        let (which, who) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        let priority = c_int(vm, args.at(2))?;
        // SAFETY: plain numbers.
        check_none(vm, unsafe { libc::setpriority(which as _, who.cast_unsigned(), priority) })
    }),
    NativeDef::function("pidfd_open", "pid, flags=0", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        let flags = args.opt(1).map_or(Ok(0), |flags| c_int(vm, flags))?;
        // SAFETY: plain numbers.
        check_int(vm, unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })
    }),
    NativeDef::function("getloadavg", "", |vm, _| {
        let mut found = [0f64; 3];
        // SAFETY: room for three numbers.
        if unsafe { libc::getloadavg(found.as_mut_ptr(), 3) } != 3 {
            return Err(vm.raise_text(vm.exceptions.OSError, "Load averages are unobtainable"));
        }
        let items = [vm.new_float(found[0])?, vm.new_float(found[1])?, vm.new_float(found[2])?];
        vm.new_tuple(&items)
    }),
];
