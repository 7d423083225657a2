//! `sys`. Source: Python/sysmodule.c.

mod functions;
mod info;
mod monitoring;

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Gc, ModuleDef, PyResult, Value, Vm};

use crate::host;
use crate::start::Settings;

/// The release of Python whose language and library this is.
pub(crate) const VERSION: (i64, i64, i64) = (3, 14, 0);

pub(crate) static SYS: ModuleDef = ModuleDef {
    doc: "This module provides access to some objects used or maintained by the\ninterpreter and to functions that interact strongly with the interpreter.",
    functions: functions::FUNCTIONS,
    setup: Some(setup),
    ..ModuleDef::new("sys")
};

/// `sys._jit`: CPython's own experimental compiler, which this is not.
static JIT: ModuleDef = ModuleDef {
    functions: &[
        cinder_vm::NativeDef::function("is_available", "", |_, _| Ok(Value::FALSE)),
        cinder_vm::NativeDef::function("is_enabled", "", |_, _| Ok(Value::FALSE)),
        cinder_vm::NativeDef::function("is_active", "", |_, _| Ok(Value::FALSE)),
    ],
    ..ModuleDef::new("sys._jit")
};

/// `sys.prefix`: the folder above the one of the program.
pub(crate) fn prefix() -> String {
    let executable = host::executable();
    let mut folders = std::path::Path::new(&executable).ancestors().skip(1);
    let (own, above) = (folders.next(), folders.next());
    let chosen = match (own, above) {
        (Some(own), Some(above)) if own.ends_with("bin") => above,
        (Some(own), _) => own,
        _ => std::path::Path::new("/"),
    };
    chosen.to_string_lossy().into_owned()
}

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    info::add(vm, dict)?;
    let class = crate::struct_sequence::class(vm, &crate::unraisable::HOOK_ARGS)?;
    vm.set_item_text(dict, "UnraisableHookArgs", class.as_value())?;
    let hooks = ["displayhook", "excepthook", "unraisablehook", "breakpointhook"];
    vm.set_item_text(dict, "_jit", vm.make_module(&JIT)?)?;
    monitoring::add(vm, dict)?;
    for name in hooks {
        if let Some(hook) = dict.get_interned(vm.intern(name)) {
            vm.set_item_text(dict, &format!("__{name}__"), hook)?;
        }
    }
    Ok(())
}

/// Makes the module, with what depends on the command line.
pub(crate) fn make(vm: &Vm, settings: &Settings, places: &crate::site::Places) -> PyResult<()> {
    let module = vm.make_module(&SYS)?;
    vm.dict_insert(*vm.modules, vm.names.sys, module)?;
    let dict = vm.module_dict(module).expect("make_module makes modules");
    vm.set_item_text(dict, "modules", vm.modules.as_value())?;
    let arguments = system_strings(vm, &settings.arguments)?;
    vm.set_item_text(dict, "argv", arguments)?;
    let original = system_strings(vm, &settings.original_arguments)?;
    vm.set_item_text(dict, "orig_argv", original)?;
    let library = host::library_path(&prefix());
    let paths = settings.first_path.iter().chain(&settings.more_paths).map(String::as_str).chain([library.as_str()]);
    let path = strings(vm, paths)?;
    vm.set_item_text(dict, "path", path)?;
    let finders = vm.standard_finders()?;
    let finders = vm.new_list(&finders.map(Gc::as_value))?;
    vm.set_item_text(dict, "meta_path", finders)?;
    let hook = vm.new_native_function(&cinder_vm::import::PATH_HOOK, None, vm.intern("_frozen_importlib_external"))?;
    vm.set_item_text(dict, "path_hooks", vm.new_list(&[hook])?)?;
    vm.set_item_text(dict, "path_importer_cache", vm.new_dict()?)?;
    let warnings = strings(vm, settings.warnings.iter().map(String::as_str))?;
    vm.set_item_text(dict, "warnoptions", warnings)?;
    let extras = vm.new_pydict()?;
    for option in &settings.extras {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, vm.new_str(value)?),
            None => (option.as_str(), Value::TRUE),
        };
        vm.set_item_text(extras, name, value)?;
    }
    vm.set_item_text(dict, "_xoptions", extras.as_value())?;
    if let Some(level) = import_times(settings) {
        vm.imports.times.set(Some(cinder_vm::import::ImportTimes::default()));
        vm.imports.tells_known.set(level == "2");
    }
    for (name, text) in [
        ("executable", &places.executable),
        ("prefix", &places.prefix),
        ("exec_prefix", &places.prefix),
        ("base_prefix", &places.base_prefix),
        ("base_exec_prefix", &places.base_prefix),
    ] {
        vm.set_item_text(dict, name, vm.new_str(text)?)?;
    }
    vm.set_item_text(dict, "dont_write_bytecode", Value::from_bool(settings.writes_no_bytecode))?;
    let cache_prefix = match &settings.cache_prefix {
        Some(folder) => vm.new_str(folder)?,
        None => Value::NONE,
    };
    vm.set_item_text(dict, "pycache_prefix", cache_prefix)?;
    info::add_flags(vm, dict, settings)?;
    Ok(())
}

/// A list of str of what the system gave.
fn system_strings(vm: &Vm, texts: &[std::ffi::OsString]) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for text in texts {
        let text = crate::os_path::decode(vm, text.as_encoded_bytes())?;
        vm.list_append(list, text)?;
    }
    Ok(list)
}

/// A list of str.
pub(crate) fn strings<'a>(vm: &Vm, texts: impl Iterator<Item = &'a str>) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for text in texts {
        let text = vm.new_str(text)?;
        vm.list_append(list, text)?;
    }
    Ok(list)
}

/// The value of `-X importtime`, or of the variable for it; `None`: nobody asked.
fn import_times(settings: &Settings) -> Option<String> {
    let option = settings.extras.iter().rev().find_map(|extra| match extra.split_once('=') {
        Some(("importtime", level)) => Some(level.to_owned()),
        _ => (extra == "importtime").then(String::new),
    });
    let by_environment = || {
        let level = host::variable("PYTHONPROFILEIMPORTTIME").filter(|level| !level.is_empty())?;
        (!settings.ignores_environment).then(|| level.to_string_lossy().into_owned())
    };
    option.or_else(by_environment).filter(|level| level != "0")
}
