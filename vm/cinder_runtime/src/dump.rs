//! Stages of the JIT for one function of a program.

use std::path::Path;

use cinder_layout::jit::DumpStage;
use cinder_vm::{Config, PyResult, Value, Vm};

use crate::compile::Compiler;

/// Native stack of the thread that imports the program.
const STACK_BYTES: usize = 64 << 20;

/// Imports the program as a module, so that its classes and functions exist, and answers the text of a stage for the function with this qualified name.
///
/// # Errors
/// What stands in the way, as text: the program's exception, a function that is not there or not compiled.
pub fn dump_jit(path: &Path, function: &str, stage: DumpStage<'_>) -> Result<String, String> {
    // A machine of its own wants a thread's whole stack, and the caller may run on another.
    std::thread::scope(|scope| {
        let work = || dump_here(path, function, stage);
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        thread.map_err(|error| error.to_string())?.join().unwrap_or_else(|_| Err("the machine failed".to_owned()))
    })
}

fn dump_here(path: &Path, function: &str, stage: DumpStage<'_>) -> Result<String, String> {
    let heap = cinder_heap::HeapConfig::from_env()?;
    let vm = Vm::new(Config::default(), &heap);
    let Some(compiler) = cinder_jit::Compiler::new() else { return Err("this machine has no compiler".to_owned()) };
    vm.use_jit(compiler, cinder_vm::jit::Policy::default(), None);
    let path = std::path::absolute(path).map_err(|error| error.to_string())?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Err("the file has no module name".to_owned());
    };
    vm.interp.compiler.set(Box::new(Compiler::new(vec![folder.clone()], Default::default())));
    let settings = cinder_stdlib::Settings {
        first_path: Some(folder.to_string_lossy().into_owned()),
        ..cinder_stdlib::Settings::default()
    };
    let found = cinder_stdlib::start(vm, &settings).and_then(|()| find(vm, name, function));
    let text = match found {
        Ok(found) => vm.dump_jit(found, stage).map_err(|error| error.to_string()),
        Err(raised) => {
            let exception = vm.take_exception(raised);
            vm.report_uncaught(exception);
            Err(format!("no function `{function}`"))
        }
    };
    cinder_stdlib::finish(vm);
    text
}

fn find(vm: &Vm, module: &str, function: &str) -> PyResult<Value> {
    let mut found = vm.import(module)?;
    for name in function.split('.') {
        found = vm.getattr_text(found, name)?;
    }
    Ok(found)
}
