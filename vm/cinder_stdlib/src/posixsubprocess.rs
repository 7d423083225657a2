//! `_posixsubprocess`: the child's half of `subprocess.Popen`.
//!
//! Problem: between `fork` and `exec` the child may do almost nothing, since other threads of the parent may have held any lock.
//! Idea: everything the child needs is made before the fork; the child makes system calls only, except when it is asked to run Python code
//! (`preexec_fn`), for which the machine is repaired first.
//! Holds: a child that cannot exec writes `Class:errno-in-hex:where` to the error pipe and ends with 255.
//! Source: Modules/_posixsubprocess.c.

use std::ffi::CString;
use std::io::Error;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, given, os_error};
use crate::os_path::path_bytes;
use crate::posix::process;

/// Where the child's standard streams come from; -1 leaves one alone.
struct Pipes {
    stdin_read: i32,
    stdin_write: i32,
    stdout_read: i32,
    stdout_write: i32,
    stderr_read: i32,
    stderr_write: i32,
    error_read: i32,
    error_write: i32,
}

struct Child<'v> {
    vm: &'v Vm,
    executables: Vec<CString>,
    argv: Vec<*const libc::c_char>,
    env: Option<Vec<*const libc::c_char>>,
    cwd: Option<CString>,
    kept: Vec<i32>,
    closes: bool,
    pipes: Pipes,
    restores_signals: bool,
    new_session: bool,
    process_group: libc::pid_t,
    user: Option<libc::uid_t>,
    group: Option<libc::gid_t>,
    more_groups: Option<Vec<libc::gid_t>>,
    umask: i32,
    before_exec: Option<Value>,
}

/// What went wrong in the child, and a word that says where.
type Failure = (i32, &'static str);

fn done(code: libc::c_int, place: &'static str) -> Result<(), Failure> {
    if code < 0 { Err((errno(), place)) } else { Ok(()) }
}

fn errno() -> i32 {
    Error::last_os_error().raw_os_error().unwrap_or(0)
}

impl Child<'_> {
    /// Becomes the new program. Returns only when that failed.
    fn exec(&mut self) -> Failure {
        match self.prepare() {
            Err(failure) => failure,
            Ok(()) => self.try_executables(),
        }
    }

    fn prepare(&mut self) -> Result<(), Failure> {
        // SAFETY (all blocks below): system calls on numbers and on strings that live until the process is replaced.
        for fd in self.kept.iter().filter(|fd| **fd != self.pipes.error_write) {
            // SAFETY: see above.
            done(unsafe { libc::fcntl(*fd, libc::F_SETFD, 0) }, "")?;
        }
        self.streams()?;
        if let Some(folder) = &self.cwd {
            // SAFETY: see above.
            done(unsafe { libc::chdir(folder.as_ptr()) }, "noexec:chdir")?;
        }
        if self.umask >= 0 {
            // SAFETY: see above.
            unsafe { libc::umask(self.umask.cast_unsigned()) };
        }
        if self.restores_signals {
            for number in [libc::SIGPIPE, libc::SIGXFSZ] {
                // SAFETY: see above.
                unsafe { libc::signal(number, libc::SIG_DFL) };
            }
        }
        if self.new_session {
            // SAFETY: see above.
            done(unsafe { libc::setsid() }, "")?;
        }
        if self.process_group >= 0 {
            // SAFETY: see above.
            done(unsafe { libc::setpgid(0, self.process_group) }, "noexec")?;
        }
        self.identity()?;
        if let Some(function) = self.before_exec {
            process::after_fork_in_child(self.vm);
            if let Err(raised) = self.vm.call(function, &[]) {
                self.vm.take_exception(raised);
                return Err((-1, ""));
            }
        }
        if self.closes {
            self.close_others();
        }
        Ok(())
    }

    fn streams(&mut self) -> Result<(), Failure> {
        let pipes = &mut self.pipes;
        for fd in [pipes.stdin_write, pipes.stdout_read, pipes.stderr_read, pipes.error_read] {
            if fd >= 0 {
                // SAFETY: the parent's ends.
                unsafe { libc::close(fd) };
            }
        }
        // A pipe end that has the number of a standard stream moves out of the way.
        for (fd, below) in [(&mut pipes.stdout_write, 0), (&mut pipes.stderr_write, 1)] {
            while (0..=below).contains(fd) {
                // SAFETY: numbers only.
                *fd = unsafe { libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 3) };
                done(*fd, "")?;
            }
        }
        for (fd, number) in [(pipes.stdin_read, 0), (pipes.stdout_write, 1), (pipes.stderr_write, 2)] {
            if fd == number {
                // SAFETY: numbers only.
                done(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }, "")?;
            } else if fd >= 0 {
                // SAFETY: numbers only.
                done(unsafe { libc::dup2(fd, number) }, "")?;
            }
        }
        Ok(())
    }

    fn identity(&self) -> Result<(), Failure> {
        if let Some(groups) = &self.more_groups {
            // SAFETY: pointer and length of a live list.
            done(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) }, "noexec")?;
        }
        if let Some(group) = self.group {
            // SAFETY: numbers only.
            done(unsafe { libc::setregid(group, group) }, "noexec")?;
        }
        if let Some(user) = self.user {
            // SAFETY: numbers only.
            done(unsafe { libc::setreuid(user, user) }, "noexec")?;
        }
        Ok(())
    }

    /// Closes everything from 3 on that is not kept.
    fn close_others(&self) {
        let mut from = 3u32;
        for kept in self.kept.iter().filter_map(|fd| u32::try_from(*fd).ok()).filter(|fd| *fd >= 3) {
            if kept > from {
                close_range(from, kept - 1);
            }
            from = from.max(kept + 1);
        }
        close_range(from, u32::MAX);
    }

    fn try_executables(&self) -> Failure {
        let mut saved = 0;
        for path in &self.executables {
            // SAFETY: terminated strings in terminated lists.
            unsafe {
                match &self.env {
                    Some(env) => libc::execve(path.as_ptr(), self.argv.as_ptr(), env.as_ptr()),
                    None => libc::execv(path.as_ptr(), self.argv.as_ptr()),
                };
            }
            let error = errno();
            if error != libc::ENOENT && error != libc::ENOTDIR && saved == 0 {
                saved = error;
            }
        }
        (if saved == 0 { errno() } else { saved }, "")
    }

    /// Tells the parent through the error pipe.
    fn report(&self, (number, place): Failure) {
        let mut room = [0u8; 64];
        let mut at = 0;
        let mut put = |text: &[u8]| {
            for byte in text {
                room[at] = *byte;
                at += 1;
            }
        };
        if number < 0 {
            put(b"SubprocessError:0:Exception occurred in preexec_fn.");
        } else {
            put(b"OSError:");
            let mut digits = [0u8; 8];
            let mut from = digits.len();
            let mut rest = number.cast_unsigned();
            while rest != 0 || from == digits.len() {
                from -= 1;
                digits[from] = b"0123456789ABCDEF"[(rest % 16) as usize];
                rest /= 16;
            }
            put(&digits[from..]);
            put(b":");
            put(place.as_bytes());
        }
        // SAFETY: bytes of a local.
        unsafe { libc::write(self.pipes.error_write, room.as_ptr().cast(), at) };
    }
}

/// Closes descriptors `first..=last`.
pub(crate) fn close_range(first: u32, last: u32) {
    // SAFETY: numbers only.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0u32) } == 0;
    if !done {
        // SAFETY: asks for a number.
        let most = unsafe { libc::sysconf(libc::_SC_OPEN_MAX) }.clamp(256, 1 << 20) as u32;
        for fd in first..last.min(most) {
            // SAFETY: numbers only.
            unsafe { libc::close(fd.cast_signed()) };
        }
    }
}

fn optional_id(vm: &Vm, value: Value) -> PyResult<Option<u32>> {
    if value.is_none() {
        return Ok(None);
    }
    let number = vm.index_i64(value)?;
    match u32::try_from(number) {
        Ok(id) => Ok(Some(id)),
        Err(_) => Err(vm.value_error("invalid user or group id")),
    }
}

fn kept_descriptors(vm: &Vm, list: Value) -> PyResult<Vec<i32>> {
    let invalid = || vm.value_error("bad value(s) in fds_to_keep");
    if vm.as_tuple(list).is_none() {
        return Err(vm.type_error("fork_exec() argument 4 must be tuple"));
    }
    let mut kept = Vec::new();
    for item in vm.tuple_items(list) {
        let Some(fd) = vm.int_to_i64(*item).filter(|_| vm.is_int(*item)).and_then(|fd| i32::try_from(fd).ok()) else {
            return Err(invalid());
        };
        if fd < 0 || kept.last().is_some_and(|last| *last >= fd) {
            return Err(invalid());
        }
        kept.push(fd);
    }
    Ok(kept)
}

fn fork_exec(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = |index: usize| c_int(vm, args.at(index));
    let closes = vm.truthy(args.at(2))?;
    let kept = kept_descriptors(vm, args.at(3))?;
    let pipes = Pipes {
        stdin_read: number(6)?,
        stdin_write: number(7)?,
        stdout_read: number(8)?,
        stdout_write: number(9)?,
        stderr_read: number(10)?,
        stderr_write: number(11)?,
        error_read: number(12)?,
        error_write: number(13)?,
    };
    if closes && pipes.error_write < 3 {
        return Err(vm.value_error("errpipe_write must be >= 3"));
    }
    let argv_texts = process::strings(vm, args.at(0))?;
    let executables = process::strings(vm, args.at(1))?;
    let env_texts = given(args.opt(5)).map(|env| process::strings(vm, env)).transpose()?;
    let cwd = given(args.opt(4)).map(|folder| path_bytes(vm, folder)).transpose()?;
    let more_groups = match given(args.opt(18)) {
        Some(groups) => {
            let mut ids = Vec::new();
            vm.for_each(groups, |group| {
                ids.push(optional_id(vm, group)?.unwrap_or(0));
                Ok(())
            })?;
            Some(ids)
        }
        None => None,
    };
    let before_exec = given(args.opt(21));
    let mut child = Child {
        vm,
        executables,
        argv: process::pointers(&argv_texts),
        env: env_texts.as_deref().map(process::pointers),
        cwd,
        kept,
        closes,
        pipes,
        restores_signals: vm.truthy(args.at(14))?,
        new_session: vm.truthy(args.at(15))?,
        process_group: number(16)?,
        group: optional_id(vm, args.at(17))?,
        more_groups,
        user: optional_id(vm, args.at(19))?,
        umask: number(20)?,
        before_exec,
    };
    crate::io::flush_files(vm);
    if before_exec.is_some() {
        process::before_fork(vm);
    }
    // SAFETY: the child only makes system calls until it execs or ends, except as `prepare` says.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let failure = child.exec();
        child.report(failure);
        // SAFETY: ends the child.
        unsafe { libc::_exit(255) }
    }
    let error = Error::last_os_error();
    if before_exec.is_some() {
        process::after_fork_in_parent(vm);
    }
    if pid < 0 { Err(os_error(vm, &error, None)) } else { vm.new_int(pid.into()) }
}

pub(crate) static POSIX_SUBPROCESS: ModuleDef = ModuleDef {
    doc: "A POSIX helper for the subprocess module.",
    functions: &[NativeDef::function(
        "fork_exec",
        "args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, \
         errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /",
        fork_exec,
    )],
    ..ModuleDef::new("_posixsubprocess")
};
