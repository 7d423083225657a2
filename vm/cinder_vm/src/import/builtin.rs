//! `__import__`: what the import statement calls. Source: `PyImport_ImportModuleLevelObject` in Python/import.c.

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::dict::PyDict;
use crate::vm::Vm;

pub(super) static IMPORT: NativeDef = NativeDef::function("__import__", "name, globals=None, locals=None, fromlist=(), level=0", import)
    .doc("Import a module.\n\nBecause this function is meant for use by the Python\ninterpreter and not for general use, it is better to use\nimportlib.import_module() to programmatically import a module.");

fn import(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = args.at(0);
    let level = match args.opt(4) {
        Some(level) => vm.index_i64(level)?,
        None => 0,
    };
    if !vm.is_str(name) {
        return Err(vm.type_error("module name must be a string"));
    }
    let text = vm.str_text(name);
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let full = if level > 0 {
        let globals = args.opt(1).and_then(|globals| vm.as_dict(globals));
        vm.intern(&resolve_relative(vm, &text, globals, level)?)
    } else {
        if text.is_empty() {
            return Err(vm.value_error("Empty module name"));
        }
        vm.intern_any(name)?
    };
    let module = vm.import_absolute(full)?;
    let from_list = args.opt(3).filter(|list| !list.is_none());
    let has_from_list = from_list.map_or(Ok(false), |list| vm.truthy(list))?;
    if has_from_list {
        if vm.getattr_opt(module, vm.names.__path__)?.is_some() {
            handle_from_list(vm, module, from_list.expect("it is true"), false)?;
        }
        return Ok(module);
    }
    let Some(dot) = text.find('.') else { return Ok(module) };
    if level == 0 {
        return vm.import_absolute(vm.intern(&text[..dot]));
    }
    let full_text = vm.str_text(full);
    let wanted = vm.intern(&full_text[..full_text.len() - (text.len() - dot)]);
    match vm.dict_get(*vm.modules, wanted)? {
        Some(module) => Ok(module),
        None => {
            let message = format!("{} not in sys.modules as expected", vm.repr_text(wanted)?);
            Err(vm.raise_text(vm.exceptions.KeyError, &message))
        }
    }
}

/// Full name of a relative import.
fn resolve_relative(vm: &Vm, name: &str, globals: Option<Gc<PyDict>>, level: i64) -> PyResult<String> {
    let package = current_package(vm, globals)?;
    if package.is_empty() {
        return Err(vm.import_error_text("attempted relative import with no known parent package"));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rfind('.') {
            Some(dot) => base = &base[..dot],
            None => return Err(vm.import_error_text("attempted relative import beyond top-level package")),
        }
    }
    Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
}

/// The package that code with these globals belongs to.
fn current_package(vm: &Vm, globals: Option<Gc<PyDict>>) -> PyResult<String> {
    let Some(globals) = globals else { return Err(vm.raise_text(vm.exceptions.KeyError, "'__name__' not in globals")) };
    let given = |name| globals.get_interned(name).filter(|value: &Value| !value.is_none());
    if let Some(package) = given(vm.names.__package__) {
        if !vm.is_str(package) {
            return Err(vm.type_error("package must be a string"));
        }
        if let Some(spec) = given(vm.names.__spec__) {
            let parent = vm.getattr_text(spec, "parent")?;
            if !vm.eq(package, parent)? {
                vm.warn(vm.exceptions.DeprecationWarning, "__package__ != __spec__.parent")?;
            }
        }
        return Ok(vm.str_text(package).into_owned());
    }
    if let Some(spec) = given(vm.names.__spec__) {
        let parent = vm.getattr_text(spec, "parent")?;
        if !vm.is_str(parent) {
            return Err(vm.type_error("__spec__.parent must be a string"));
        }
        return Ok(vm.str_text(parent).into_owned());
    }
    let text = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
    vm.warn(vm.exceptions.ImportWarning, text)?;
    let Some(name) = globals.get_interned(vm.names.__name__) else {
        return Err(vm.raise_text(vm.exceptions.KeyError, "'__name__' not in globals"));
    };
    if !vm.is_str(name) {
        return Err(vm.type_error("__name__ must be a string"));
    }
    let name = vm.str_text(name);
    if globals.get_interned(vm.names.__path__).is_some() {
        return Ok(name.into_owned());
    }
    Ok(super::split_name(&name).0.unwrap_or("").to_owned())
}

/// Imports the submodules among the names of `from package import ..`.
fn handle_from_list(vm: &Vm, module: Value, from_list: Value, from_all: bool) -> PyResult<()> {
    vm.check_native_stack()?;
    vm.for_each(from_list, |item| {
        if !vm.is_str(item) {
            let place = if from_all {
                let name = vm.getattr(module, vm.names.__name__)?;
                format!("{}.__all__", vm.str_text(name))
            } else {
                "``from list''".to_owned()
            };
            return Err(vm.type_error(format!("Item in {place} must be str, not {}", vm.type_name(item))));
        }
        let text = vm.str_text(item);
        if text == "*" {
            if !from_all && let Some(all) = vm.getattr_opt(module, vm.names.__all__)? {
                handle_from_list(vm, module, all, true)?;
            }
            return Ok(());
        }
        if vm.getattr_opt(module, item)?.is_some() {
            return Ok(());
        }
        let package = vm.getattr(module, vm.names.__name__)?;
        let full = vm.intern(&format!("{}.{text}", vm.str_text(package)));
        match vm.import_absolute(full) {
            Ok(_) => Ok(()),
            Err(raised) if vm.pending_matches(vm.exceptions.ModuleNotFoundError) => {
                // A submodule that does not exist is no error here; the statement reports the missing name.
                let exception = vm.take_exception(raised);
                let name = vm.getattr_opt(exception, vm.names.name)?;
                let is_this = name.is_some_and(|name| vm.is_str(name) && vm.str_text(name) == vm.str_text(full));
                let is_blocked = vm.dict_get(*vm.modules, full)?.is_some_and(|found| found.is_none());
                if is_this && !is_blocked { Ok(()) } else { Err(vm.restore(exception)) }
            }
            Err(raised) => Err(raised),
        }
    })
}
