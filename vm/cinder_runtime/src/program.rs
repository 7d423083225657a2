//! Running a program from start to end.

use std::io::IsTerminal;
use std::path::Path;

use cinder_vm::interp::{CompileMode, CompileRequest};
use cinder_vm::{Config, Value, Vm};

use crate::compile::Compiler;

/// What to run.
#[derive(Clone, Debug)]
pub enum Program {
    /// Source text with the name that tracebacks show.
    Source { text: ProgramText, filename: String },
    /// A module run as `__main__`.
    Module(String),
    /// A folder or a zip file with a `__main__` module.
    Container(String),
    /// What a person types.
    Prompt,
}

/// The text of a program.
#[derive(Clone, Debug)]
pub enum ProgramText {
    Text(String),
    /// What a file holds; its first lines may name the encoding.
    Bytes(Vec<u8>),
}

/// How to run it.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// What the standard library wants to know; `first_path` and `program_folder` are filled in here.
    pub settings: cinder_stdlib::Settings,
    /// `--no-jit`: interpret only.
    pub is_without_jit: bool,
    /// Print how often inline caches answered, after the program. Only without JIT.
    pub counts_caches: bool,
    /// Which modules are static without a flag, and what another checker says of types.
    pub statics: cinder_project::StaticSettings,
}

/// Runs a program in a new machine; the exit code.
pub fn run(program: &Program, options: &RunOptions) -> u8 {
    let config = Config {
        hash_seed: options.settings.hash_seed,
        optimize: options.settings.optimize,
        warns_of_bytes: options.settings.bytes_warning > 0,
        warns_of_encoding: options.settings.warns_default_encoding,
        has_no_columns: options.settings.has_no_columns,
        asks_for_colors: ["PYTHON_COLORS", "FORCE_COLOR"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())),
        cpu_count: options.settings.cpu_count,
        verbose: options.settings.verbose,
        is_without_caches: std::env::var_os("CINDER_CACHES").is_some_and(|value| value == "off"),
        ..Config::default()
    };
    let heap = match cinder_heap::HeapConfig::from_env() {
        Ok(heap) => heap,
        Err(message) => {
            eprintln!("cinder: {message}");
            return 2;
        }
    };
    let vm = Vm::new(config, &heap);
    plug_jit(vm, options);
    let folder = match program {
        Program::Source { filename, .. } => {
            let path = Path::new(filename);
            // Static code names its own module as importers would.
            if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
                vm.statics.main_name.set(Some(vm.intern(stem)));
            }
            path.parent().filter(|_| path.is_absolute()).map(Path::to_owned)
        }
        Program::Container(path) => Some(path.into()),
        Program::Module(_) | Program::Prompt => std::env::current_dir().ok(),
    };
    vm.interp.compiler.set(Box::new(Compiler::new(folder.into_iter().collect(), options.statics.clone())));
    let result = match cinder_stdlib::start(vm, &settings(program, options)) {
        Ok(()) => {
            if options.counts_caches {
                vm.start_cache_census();
            }
            run_main(vm, program, options)
        }
        Err(raised) => Err(raised),
    };
    let census = vm.cache_census();
    let (mut code, mut is_interrupt) = outcome(vm, result);
    // The variable asks for a prompt where there is somebody to use it; the program may set it.
    let inspects = options.settings.inspects
        || !options.settings.ignores_environment
            && std::env::var_os("PYTHONINSPECT").is_some_and(|value| !value.is_empty())
            && std::io::stdin().is_terminal();
    if inspects || matches!(program, Program::Prompt) {
        let is_quiet = options.settings.is_quiet || !matches!(program, Program::Prompt);
        (code, is_interrupt) = outcome(vm, run_prompt(vm, is_quiet));
    }
    let is_flushed = cinder_stdlib::finish(vm);
    if is_interrupt {
        cinder_stdlib::die_of_interrupt();
    }
    if let Some(census) = census {
        print!("{census}");
    }
    // CPython's exit code when the standard streams cannot be flushed.
    if is_flushed || code != 0 { code } else { 120 }
}

/// The exit code of a result, and whether KeyboardInterrupt ended the program.
#[inline(never)]
fn outcome(vm: &Vm, result: cinder_vm::PyResult<Value>) -> (u8, bool) {
    match result {
        Ok(_) => (0, false),
        Err(raised) => {
            let exception = vm.take_exception(raised);
            let is_interrupt = vm.is_instance(exception, vm.exceptions.KeyboardInterrupt);
            (vm.report_uncaught(exception), is_interrupt)
        }
    }
}

/// Gives the machine its compiler, unless it is to interpret only.
fn plug_jit(vm: &'static Vm, options: &RunOptions) {
    let policy = cinder_vm::jit::Policy::from_env();
    if options.is_without_jit || policy.is_off {
        return;
    }
    if let Some(compiler) = cinder_jit::Compiler::new() {
        vm.use_jit(compiler, policy, Some(release_memory));
    }
}

/// Returns what the calling thread has freed to the system. The command allocates with mimalloc; under another allocator this does nothing.
fn release_memory() {
    // SAFETY: may be called at any time from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) };
}

fn settings(program: &Program, options: &RunOptions) -> cinder_stdlib::Settings {
    let mut settings = options.settings.clone();
    let is_safe = settings.is_isolated || settings.is_path_safe;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    match program {
        Program::Source { filename, .. } if !filename.starts_with('<') => {
            // The program's own folder, as CPython finds it: links are followed.
            let path = std::fs::canonicalize(filename).unwrap_or_else(|_| filename.into());
            settings.first_path = (!is_safe).then(|| path.parent().map(text).unwrap_or_default());
            settings.program_folder = Path::new(filename).parent().map(Path::to_owned);
        }
        Program::Source { .. } | Program::Prompt => settings.first_path = (!is_safe).then(String::new),
        Program::Module(_) => {
            settings.first_path =
                (!is_safe).then(|| std::env::current_dir().map(|path| text(&path)).unwrap_or_default());
        }
        // The program is in there: it is searched in any case.
        Program::Container(path) => {
            settings.first_path = Some(path.clone());
            settings.program_folder = Some(path.into());
        }
    }
    settings
}

// Its frame is gone when the program's values are finalized: words of an inlined one would keep them.
#[inline(never)]
fn run_main(vm: &'static Vm, program: &Program, options: &RunOptions) -> cinder_vm::PyResult<Value> {
    let main = vm.new_module("__main__", None)?;
    let dict = vm.module_dict(main).expect("new_module makes modules");
    vm.dict_set_interned(*vm.modules, vm.intern("__main__"), main)?;
    let (text, filename) = match program {
        Program::Source { text, filename } => (text, filename),
        Program::Module(name) => return run_module(vm, &[vm.new_str(name)?]),
        Program::Container(_) => return run_module(vm, &[vm.new_str("__main__")?, Value::FALSE]),
        Program::Prompt => return Ok(Value::NONE),
    };
    let text = match text {
        ProgramText::Text(text) => std::borrow::Cow::Borrowed(text.as_str()),
        ProgramText::Bytes(bytes) => vm.decode_source(bytes, filename)?,
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text };
    // As in CPython, tracebacks do not quote a program that came through a pipe.
    if filename != "<stdin>" {
        vm.sources.add(filename, &text);
    }
    if !filename.starts_with('<') {
        vm.dict_set_interned(dict, vm.names.__file__, vm.new_str(filename)?)?;
    }
    let request = CompileRequest {
        source: &text,
        filename,
        mode: CompileMode::Exec,
        future_flags: 0,
        optimize: options.settings.optimize,
        patches_static: false,
    };
    let code = vm.compile(&request)?;
    vm.exec_code(code, dict, None)
}

fn run_module(vm: &Vm, arguments: &[Value]) -> cinder_vm::PyResult<Value> {
    let runpy = vm.import("runpy")?;
    let run = vm.getattr_text(runpy, "_run_module_as_main")?;
    vm.call(run, arguments)
}

/// Reads and runs what a person types, in the namespace of `__main__`.
#[inline(never)]
fn run_prompt(vm: &Vm, is_quiet: bool) -> cinder_vm::PyResult<Value> {
    let prompt = vm.import("_cinder_prompt")?;
    let run = vm.getattr_text(prompt, "run")?;
    vm.call(run, &[Value::from_bool(is_quiet)])
}
