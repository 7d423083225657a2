//! Start and end of a program: `sys`, the standard streams, what runs at exit.

use cinder_heap::StackMark;
use std::ffi::OsString;

use cinder_vm::{PyResult, Value, Vm};

use crate::host::Host;

/// What the command line decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `sys.argv`.
    pub arguments: Vec<OsString>,
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
    /// `-R`: whatever `PYTHONHASHSEED` says.
    pub has_random_hashes: bool,
    /// Folder of the file that is run, for finding its virtual environment.
    pub program_folder: Option<std::path::PathBuf>,
    /// `sys.orig_argv`.
    pub original_arguments: Vec<OsString>,
    /// `-s`
    pub is_without_user_site: bool,
    /// `-P`
    pub is_path_safe: bool,
    /// `-i`
    pub inspects: bool,
    /// `PYTHONINSPECT`: `sys.flags.inspect`; there is a prompt only at a terminal.
    pub asks_to_inspect: bool,
    /// A person types the program.
    pub is_interactive: bool,
    /// `-q`
    pub is_quiet: bool,
    /// `-B`
    pub writes_no_bytecode: bool,
    /// `-X pycache_prefix`, `PYTHONPYCACHEPREFIX`: folder for the files that `__pycache__` would hold.
    pub cache_prefix: Option<String>,
    /// `-d`, `-v`, `-b`: how often they were given.
    pub debug: u8,
    pub verbose: u8,
    pub bytes_warning: u8,
    /// `-X dev`
    pub is_dev_mode: bool,
    /// `-X no_debug_ranges`
    pub has_no_columns: bool,
    /// `-X cpu_count`
    pub cpu_count: Option<u32>,
    /// `-X faulthandler`
    pub traces_faults: bool,
    /// `-X warn_default_encoding`
    pub warns_default_encoding: bool,
    /// `-X int_max_str_digits`
    pub max_str_digits: Option<usize>,
    /// `PYTHONIOENCODING`: encoding and error handler.
    pub io_encoding: (Option<String>, Option<String>),
    /// `sys.warnoptions`.
    pub warnings: Vec<String>,
    /// `-X name` and `-X name=value`.
    pub extras: Vec<String>,
}

/// Makes `sys`, the import system and the standard streams. Nothing of the embedded library is loaded unless the environment asks for it.
///
/// Runs Python: what installed packages want to run at start. Call once, before anything else runs.
pub fn start(vm: &Vm, settings: &Settings) -> PyResult<()> {
    let prefix = crate::sys::prefix();
    let places = crate::site::find_places(settings, settings.program_folder.as_deref());
    vm.install_imports(Box::new(Host::new(&prefix)))?;
    crate::sys::make(vm, settings, &places)?;
    crate::io::make_streams(vm, settings)?;
    vm.interp.interrupt_hook.set(Some(attend));
    crate::signal::install(vm, true)?;
    if settings.traces_faults {
        crate::faults::install(vm, libc::STDERR_FILENO);
    }
    if let Some(digits) = settings.max_str_digits {
        vm.max_str_digits.set(digits);
    }
    if !settings.warnings.is_empty() {
        vm.import("warnings")?;
    }
    if settings.is_without_site { Ok(()) } else { crate::site::run(vm, settings, &places) }
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
    vm.heap.mark_stack(|mark| finish_above(vm, mark))
}

/// The frames above the mark are as old as the machine: no word of the program's was left in them.
fn finish_above(vm: &Vm, mark: StackMark) -> bool {
    let mut is_fine = true;
    if let Err(raised) = crate::thread::shutdown(vm) {
        crate::unraisable::report(vm, raised, "Exception ignored on threading shutdown");
    }
    run_exit_functions(vm);
    vm.begin_finalization();
    if vm.has_finalizers.get() {
        finalize_modules(vm, mark);
    }
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

/// Lets go of the modules, so that `__del__` of what they hold runs while their namespaces are still whole.
fn finalize_modules(vm: &Vm, mark: StackMark) {
    const KEPT: [&str; 6] = ["sys", "builtins", "_io", "io", "warnings", "_warnings"];
    let mut names = vm.heap.root_vec();
    for number in 0..vm.modules.entry_count() {
        if let Some((name, _)) = vm.modules.entry(number)
            && vm.is_str(name)
            && !KEPT.contains(&&*vm.str_text(name))
        {
            names.push(name);
        }
    }
    for name in names.iter() {
        if let Err(raised) = vm.dict_remove(*vm.modules, *name) {
            vm.take_exception(raised);
        }
    }
    drop(names);
    // What a finalizer brings to light has its own finalizer run too, a few times over.
    for _ in 0..4 {
        // SAFETY: this function and its callers up to the mark hold no values.
        unsafe { vm.heap.collect_above(cinder_heap::Collection::Full, mark) };
        if !vm.heap.has_pending() {
            break;
        }
        crate::weakref::run_pending(vm);
    }
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
