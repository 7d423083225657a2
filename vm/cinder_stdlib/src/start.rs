//! Start and end of a program: `sys`, the standard streams, what runs at exit.

use cinder_vm::{PyResult, Value, Vm};

use crate::host::Host;

/// What the command line decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `sys.argv`.
    pub arguments: Vec<String>,
    /// `sys.path[0]`: the program's folder, or the empty text for the current one; `None` to leave it out (`-I`).
    pub first_path: Option<String>,
    /// More entries of `sys.path` (`PYTHONPATH`), before the library.
    pub more_paths: Vec<String>,
    pub is_isolated: bool,
    pub is_without_site: bool,
    pub ignores_environment: bool,
    pub is_unbuffered: bool,
    pub optimize: u8,
    pub hash_seed: Option<u32>,
}

/// Makes `sys`, the import system and the standard streams. Nothing of the embedded library is loaded.
///
/// Runs Python: no. Call once, before anything runs.
pub fn start(vm: &Vm, settings: &Settings) -> PyResult<()> {
    let prefix = crate::sys::prefix();
    vm.install_imports(Box::new(Host::new(&prefix)))?;
    crate::sys::make(vm, settings)?;
    crate::io::make_streams(vm, settings.is_unbuffered)?;
    vm.interp.interrupt_hook.set(Some(attend));
    crate::signal::install(vm, true)
}

/// What the machine does when something wants attention.
fn attend(vm: &Vm) -> PyResult<()> {
    if vm.is_main_thread() {
        crate::signal::run_handlers(vm)?;
    }
    crate::weakref::run_pending(vm);
    Ok(())
}

/// Ends the process as the signal SIGINT does, after KeyboardInterrupt left the program and [`finish`] was called.
pub fn die_of_interrupt() {
    crate::signal::die_of_interrupt();
}

/// What happens after the program's last line: functions registered with `atexit`, then flushing of the standard streams.
///
/// `false`: output could not be written; CPython exits with 120 then.
pub fn finish(vm: &Vm) -> bool {
    let mut is_fine = true;
    if let Err(raised) = crate::thread::shutdown(vm) {
        crate::unraisable::report(vm, raised, "Exception ignored on threading shutdown");
    }
    run_exit_functions(vm);
    vm.begin_finalization();
    crate::io::flush_everything(vm);
    for name in ["stdout", "stderr"] {
        let Some(stream) = vm.sys_attribute(name).filter(|stream| !stream.is_none()) else { continue };
        if let Err(raised) = flush(vm, stream) {
            vm.take_exception(raised);
            is_fine &= name != "stdout";
        }
    }
    is_fine
}

/// Calls what was registered with `atexit`, when that module was imported.
fn run_exit_functions(vm: &Vm) {
    let Some(module) = vm.modules.get_interned(vm.intern("atexit")) else { return };
    let ran = vm.getattr_text(module, "_run_exitfuncs").and_then(|run| vm.call(run, &[]));
    if let Err(raised) = ran {
        let exception = vm.take_exception(raised);
        vm.report_uncaught(exception);
    }
}

fn flush(vm: &Vm, stream: Value) -> PyResult<()> {
    if let Some(closed) = vm.getattr_opt(stream, vm.names.closed)?
        && vm.truthy(closed)?
    {
        return Ok(());
    }
    vm.call_method(stream, vm.names.flush, &[]).map(|_| ())
}
