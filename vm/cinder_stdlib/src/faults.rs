//! `_faults`: what `faulthandler.enable()` does about signals that end the process.
//!
//! Problem: the process dies at any machine instruction, and its last words should say which Python code ran.
//! Idea: the handler writes the frames of the thread that runs, puts back the action that was there before, and raises the signal again.
//! Holds: the handler allocates nothing and calls no Python code. A second fault within it meets the earlier action.
//! Source: Modules/faulthandler.c.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::c_int;

/// Signals, with what the first line says.
const FATAL: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];
/// Frames that are listed.
const MAX_FRAMES: usize = 100;

/// Characters of a name that are shown.
const MAX_TEXT: usize = 500;

/// Where to write; negative while the handlers are not installed.
static OUTPUT: AtomicI32 = AtomicI32::new(-1);
static MACHINE: AtomicPtr<Vm> = AtomicPtr::new(std::ptr::null_mut());
/// The actions before, by place in [`FATAL`]: leaked boxes, as a handler may be reading them.
static EARLIER: [AtomicPtr<libc::sigaction>; FATAL.len()] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; FATAL.len()];

pub(crate) static FAULTS: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("enable", "fd, /", |vm, args| {
            install(vm, c_int(vm, args.at(0))?);
            Ok(Value::NONE)
        }),
        NativeDef::function("disable", "", |_, _| Ok(Value::from_bool(remove()))),
        NativeDef::function("is_enabled", "", |_, _| Ok(Value::from_bool(OUTPUT.load(Ordering::SeqCst) >= 0))),
        NativeDef::function("fatal_error", "message, /", fatal_error),
    ],
    ..ModuleDef::new("_faults")
};

/// Handles fatal signals from now on, writing to the descriptor `fd`.
pub(crate) fn install(vm: &Vm, fd: i32) {
    MACHINE.store(std::ptr::from_ref(vm).cast_mut(), Ordering::SeqCst);
    if OUTPUT.swap(fd, Ordering::SeqCst) >= 0 {
        return;
    }
    for ((number, _), earlier) in FATAL.iter().zip(&EARLIER) {
        // SAFETY: a zeroed `sigaction` is valid; both calls get complete ones.
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = fault as *const () as libc::sighandler_t;
            libc::sigemptyset(&raw mut action.sa_mask);
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            if libc::sigaction(*number, &raw const action, &raw mut before) == 0 {
                earlier.store(Box::into_raw(Box::new(before)), Ordering::SeqCst);
            }
        }
    }
}

/// Puts the earlier actions back; whether there was something to do.
fn remove() -> bool {
    if OUTPUT.swap(-1, Ordering::SeqCst) < 0 {
        return false;
    }
    (0..FATAL.len()).for_each(put_back);
    true
}

fn put_back(place: usize) {
    let earlier = EARLIER[place].swap(std::ptr::null_mut(), Ordering::SeqCst);
    if !earlier.is_null() {
        // SAFETY: a complete action that `install` made and leaked.
        unsafe { libc::sigaction(FATAL[place].0, earlier, std::ptr::null_mut()) };
    }
}

/// What the system calls.
extern "C" fn fault(number: libc::c_int) {
    // SAFETY: errno is the interrupted thread's own word; it is put back before returning.
    let errno = unsafe { *libc::__errno_location() };
    let Some(place) = FATAL.iter().position(|(fatal, _)| *fatal == number) else { return };
    put_back(place);
    dump(OUTPUT.load(Ordering::SeqCst), FATAL[place].1);
    // SAFETY: errno as above. The signal meets the earlier action now.
    unsafe {
        *libc::__errno_location() = errno;
        libc::raise(number);
    }
}

/// A descriptor written to without buffers of our own.
struct Descriptor(i32);

impl Write for Descriptor {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // SAFETY: the bytes are readable.
        let count = unsafe { libc::write(self.0, bytes.as_ptr().cast(), bytes.len()) };
        usize::try_from(count).map_err(|_| std::io::Error::from_raw_os_error(libc::EIO))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A text of which only the beginning is shown.
struct Cut<'a>(&'a str);

impl std::fmt::Display for Cut<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => write!(out, "{}...", &self.0[..end]),
            None => out.write_str(self.0),
        }
    }
}

fn dump(fd: i32, reason: &str) {
    let mut out = Descriptor(fd);
    // What cannot be written has nobody to be told.
    let _ = write!(out, "Fatal Python error: {reason}\n\n");
    // SAFETY: the machine lives as long as the process.
    let Some(vm) = (unsafe { MACHINE.load(Ordering::SeqCst).as_ref() }) else { return };
    // SAFETY: no arguments.
    let thread = unsafe { libc::pthread_self() };
    let _ = writeln!(out, "Current thread 0x{thread:016x} (most recent call first):");
    let mut count = 0;
    vm.visit_frames(&mut |frame| {
        if count == MAX_FRAMES {
            let _ = writeln!(out, "  ...");
            return ControlFlow::Break(());
        }
        count += 1;
        let (file, name) = (vm.str_text(frame.filename), frame.name);
        let _ = writeln!(out, "  File \"{}\", line {} in {}", Cut(&file), frame.line, Cut(name));
        ControlFlow::Continue(())
    });
    if count == 0 {
        let _ = writeln!(out, "  <no Python frame>");
    }
}

/// Ends the process as CPython does after `Py_FatalError`.
fn fatal_error(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let message = crate::args::text(vm, args.at(0), "fatal_error() argument")?;
    MACHINE.store(std::ptr::from_ref(vm).cast_mut(), Ordering::SeqCst);
    remove();
    dump(2, &message);
    std::process::abort()
}
