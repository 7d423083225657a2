//! Running a program from start to end.

use std::path::Path;

use cinder_vm::interp::{CompileMode, CompileRequest};
use cinder_vm::{Config, Value, Vm};

use crate::compile::Compiler;

/// What to run.
#[derive(Clone, Debug)]
pub enum Program {
    /// Source text with the name that tracebacks show.
    Source { text: String, filename: String },
    /// A module run as `__main__`.
    Module(String),
}

/// How to run it.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// `sys.argv`.
    pub arguments: Vec<String>,
    pub optimize: u8,
    pub hash_seed: Option<u32>,
    /// Folders of `PYTHONPATH`.
    pub search_paths: Vec<String>,
    /// `-I`: the program's folder is not searched for modules.
    pub is_isolated: bool,
    pub is_without_site: bool,
    pub ignores_environment: bool,
    pub is_unbuffered: bool,
    /// `--no-jit`: interpret only.
    pub is_without_jit: bool,
}

/// Runs a program in a new machine; the exit code.
pub fn run(program: &Program, options: &RunOptions) -> u8 {
    let config = Config { hash_seed: options.hash_seed, optimize: options.optimize, ..Config::default() };
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
        Program::Module(_) => std::env::current_dir().ok(),
    };
    vm.interp.compiler.set(Box::new(Compiler::new(folder.into_iter().collect())));
    let result = match cinder_stdlib::start(vm, &settings(program, options)) {
        Ok(()) => run_main(vm, program, options),
        Err(raised) => Err(raised),
    };
    let mut is_interrupt = false;
    let code = match result {
        Ok(_) => 0,
        Err(raised) => {
            let exception = vm.take_exception(raised);
            is_interrupt = vm.is_instance(exception, vm.exceptions.KeyboardInterrupt);
            vm.report_uncaught(exception)
        }
    };
    let is_flushed = cinder_stdlib::finish(vm);
    if is_interrupt {
        cinder_stdlib::die_of_interrupt();
    }
    // CPython's exit code when the standard streams cannot be flushed.
    if is_flushed || code != 0 { code } else { 120 }
}

/// Gives the machine its compiler, unless it is to interpret only.
fn plug_jit(vm: &'static Vm, options: &RunOptions) {
    let policy = cinder_vm::jit::Policy::from_env();
    if options.is_without_jit || policy.is_off {
        return;
    }
    if let Some(compiler) = cinder_jit::Compiler::new() {
        vm.use_jit(compiler, policy);
    }
}

fn settings(program: &Program, options: &RunOptions) -> cinder_stdlib::Settings {
    let folder = match program {
        Program::Source { filename, .. } if !filename.starts_with('<') => {
            // The program's own folder, as CPython finds it: links are followed.
            let path = std::fs::canonicalize(filename).unwrap_or_else(|_| filename.into());
            path.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
        }
        Program::Source { .. } => String::new(),
        Program::Module(_) => {
            std::env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
        }
    };
    cinder_stdlib::Settings {
        arguments: options.arguments.clone(),
        first_path: (!options.is_isolated).then_some(folder),
        more_paths: options.search_paths.clone(),
        is_isolated: options.is_isolated,
        is_without_site: options.is_without_site,
        ignores_environment: options.ignores_environment,
        is_unbuffered: options.is_unbuffered,
        optimize: options.optimize,
        hash_seed: options.hash_seed,
    }
}

fn run_main(vm: &'static Vm, program: &Program, options: &RunOptions) -> cinder_vm::PyResult<Value> {
    let main = vm.new_module("__main__", None)?;
    let dict = vm.module_dict(main).expect("new_module makes modules");
    vm.dict_set_interned(*vm.modules, vm.intern("__main__"), main)?;
    let (text, filename) = match program {
        Program::Source { text, filename } => (text, filename),
        Program::Module(name) => {
            let runpy = vm.import("runpy")?;
            let run = vm.getattr_text(runpy, "_run_module_as_main")?;
            return vm.call(run, &[vm.new_str(name)?]);
        }
    };
    vm.sources.add(filename, text);
    if !filename.starts_with('<') {
        vm.dict_set_interned(dict, vm.names.__file__, vm.new_str(filename)?)?;
    }
    let request =
        CompileRequest { source: text, filename, mode: CompileMode::Exec, future_flags: 0, optimize: options.optimize };
    let code = vm.compile(&request)?;
    vm.exec_code(code, dict, None)
}
