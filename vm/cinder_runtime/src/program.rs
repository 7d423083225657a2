//! Running a program from start to end.

use cinder_vm::{Config, Value, Vm};
use cinder_vm::interp::{CompileMode, CompileRequest};

use crate::compile::Compiler;

/// What to run.
#[derive(Clone, Debug)]
pub enum Program {
    /// Source text with the name that tracebacks show.
    Source { text: String, filename: String },
}

/// How to run it.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// `sys.argv`.
    pub arguments: Vec<String>,
    pub optimize: u8,
    pub hash_seed: Option<u32>,
}

/// Runs a program in a new machine; the exit code.
pub fn run(program: &Program, options: &RunOptions) -> u8 {
    let config = Config { hash_seed: options.hash_seed, ..Config::default() };
    let heap = match cinder_heap::HeapConfig::from_env() {
        Ok(heap) => heap,
        Err(message) => {
            eprintln!("cinder: {message}");
            return 2;
        }
    };
    let vm = Vm::new(config, &heap);
    vm.interp.compiler.set(Box::new(Compiler));
    let Program::Source { text, filename } = program;
    vm.sources.add(filename, text);
    match run_main(vm, text, filename, options) {
        Ok(_) => 0,
        Err(raised) => {
            let exception = vm.take_exception(raised);
            vm.report_uncaught(exception)
        }
    }
}

fn run_main(vm: &'static Vm, text: &str, filename: &str, options: &RunOptions) -> cinder_vm::PyResult<Value> {
    let main = vm.new_module("__main__", None)?;
    let dict = vm.module_dict(main).expect("new_module makes modules");
    vm.dict_set_interned(*vm.modules, vm.intern("__main__"), main)?;
    let request =
        CompileRequest { source: text, filename, mode: CompileMode::Exec, future_flags: 0, optimize: options.optimize };
    let code = vm.compile(&request)?;
    vm.exec_code(code, dict, None)
}
