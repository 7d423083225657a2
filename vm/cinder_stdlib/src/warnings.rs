//! `_warnings`: whether a warning is shown, raised or dropped.
//!
//! The lists live in the module and are shared with `warnings`, which may replace them: its attributes are asked first.
//! Source: Python/_warnings.c.

use std::cell::Cell;
use std::ops::ControlFlow;

use cinder_bytecode::CompareOp;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::PyType;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static WARNINGS: ModuleDef = ModuleDef {
    doc: "_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.",
    functions: &[
        NativeDef::function(
            "warn",
            "message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()",
            warn,
        ),
        NativeDef::function(
            "warn_explicit",
            "message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None",
            warn_explicit,
        ),
        NativeDef::function("_filters_mutated_lock_held", "", |vm, _| {
            let version = &state(vm).version;
            version.set(version.get() + 1);
            Ok(Value::NONE)
        }),
        // One thread at a time runs Python code.
        NativeDef::function("_acquire_lock", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("_release_lock", "", |_, _| Ok(Value::NONE)),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_warnings")
};

/// What the machine keeps about warnings.
#[derive(Default)]
struct State {
    /// Counts changes of the filters: a registry of another version is out of date.
    version: Cell<i64>,
}

fn state(vm: &Vm) -> &'static State {
    vm.native_state(State::default)
}

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let filters = vm.new_list(&[])?;
    let classes = &vm.exceptions;
    for (action, category, module) in [
        ("default", classes.DeprecationWarning, vm.intern("__main__")),
        ("ignore", classes.DeprecationWarning, Value::NONE),
        ("ignore", classes.PendingDeprecationWarning, Value::NONE),
        ("ignore", classes.ImportWarning, Value::NONE),
        ("ignore", classes.ResourceWarning, Value::NONE),
    ] {
        let filter = vm.new_tuple(&[vm.intern(action), Value::NONE, category.as_value(), module, Value::ZERO])?;
        vm.list_append(filters, filter)?;
    }
    vm.set_item_text(dict, "filters", filters)?;
    vm.set_item_text(dict, "_defaultaction", vm.intern("default"))?;
    vm.set_item_text(dict, "_onceregistry", vm.new_dict()?)?;
    let context = vm.getattr_text(vm.import("_contextvars")?, "ContextVar")?;
    vm.set_item_text(dict, "_warnings_context", vm.call(context, &[vm.new_str("warnings_context")?])?)
}

/// An attribute of `warnings`, if that module was imported, or else what it was last, which is kept here under another name.
fn shared(vm: &Vm, name: &str, own_name: &str) -> PyResult<Option<Value>> {
    let (own, own_name) = (vm.import("_warnings")?, vm.intern(own_name));
    if let Some(module) = vm.modules.get_interned(vm.intern("warnings")).filter(|module| !module.is_none())
        && let Some(found) = vm.getattr_opt(module, vm.intern(name))?
    {
        vm.setattr(own, own_name, Some(found))?;
        return Ok(Some(found));
    }
    vm.getattr_opt(own, own_name)
}

/// A warning on its way.
struct Warning {
    category: Gc<PyType>,
    /// An instance of the category.
    message: Value,
    /// `str(message)`.
    text: Value,
    filename: Value,
    line: i64,
    /// The module's name.
    module: Value,
    /// `__warningregistry__` of the module: a dict, or None.
    registry: Value,
    /// The line's text, or None to look it up.
    source_line: Value,
    /// The object that was lost, or None.
    source: Value,
}

fn warn(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let category = category(vm, args.at(0), args.opt(1))?;
    let mut level = args.opt(2).map_or(Ok(1), |level| vm.index_i64(level))?;
    if let Some(prefixes) = args.opt(4) {
        let Some(prefixes) = vm.as_tuple(prefixes) else {
            let found = vm.type_name(prefixes);
            return Err(vm.type_error(format!("warn() argument 'skip_file_prefixes' must be tuple, not {found}")));
        };
        for prefix in vm.tuple_items(prefixes.as_value()) {
            if !vm.is_str(*prefix) {
                let found = vm.type_name(*prefix);
                return Err(vm.type_error(format!("Found non-str '{found}' in skip_file_prefixes.")));
            }
        }
    }
    let prefixes = args.opt(4).filter(|prefixes| !vm.tuple_items(*prefixes).is_empty());
    if prefixes.is_some() {
        level = level.max(2);
    }
    let (filename, line, globals) = match place(vm, level, prefixes) {
        Some(found) => found,
        None => {
            let sys = vm.modules.get_interned(vm.names.sys).and_then(|sys| vm.module_dict(sys));
            (vm.intern("<sys>"), 0, sys.expect("sys was made"))
        }
    };
    let module = globals.get_interned(vm.names.__name__).filter(|name| vm.is_str(*name) || name.is_none());
    let name = vm.intern("__warningregistry__");
    let registry = match globals.get_interned(name) {
        Some(registry) => registry,
        None => {
            let registry = vm.new_dict()?;
            vm.dict_set_interned(globals, name, registry)?;
            registry
        }
    };
    let (message, text, category) = message(vm, args.at(0), category)?;
    decide(
        vm,
        &Warning {
            category,
            message,
            text,
            filename,
            line,
            module: module.unwrap_or_else(|| vm.intern("<string>")),
            registry,
            source_line: Value::NONE,
            source: args.opt(3).unwrap_or(Value::NONE),
        },
    )
}

fn warn_explicit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let filename = args.at(2);
    crate::args::text(vm, filename, "warn_explicit() argument 'filename'")?;
    let line = crate::args::c_int(vm, args.at(3))?.into();
    let given = |at| args.opt(at).filter(|value: &Value| !value.is_none());
    let mut source_line = Value::NONE;
    if let Some(globals) = given(6) {
        let Some(globals) = vm.as_dict(globals) else {
            let found = vm.type_name(globals);
            return Err(vm.type_error(format!("module_globals must be a dict, not '{found}'")));
        };
        source_line = line_of(vm, globals, line)?.unwrap_or(Value::NONE);
    }
    let category = match vm.as_class(args.at(1)) {
        Some(category) => category,
        None if vm.is_instance(args.at(0), vm.exceptions.Warning) => vm.exceptions.Warning,
        None => return Err(vm.type_error(not_a_category(vm, args.at(1)))),
    };
    let (message, text, category) = message(vm, args.at(0), category)?;
    let module = match given(4) {
        Some(module) => module,
        None => module_of(vm, filename)?,
    };
    let registry = args.opt(5).unwrap_or(Value::NONE);
    let source = args.opt(7).unwrap_or(Value::NONE);
    decide(vm, &Warning { category, message, text, filename, line, module, registry, source_line, source })
}

fn not_a_category(vm: &Vm, found: Value) -> String {
    format!("category must be a Warning subclass, not '{}'", vm.type_name(found))
}

fn category(vm: &Vm, message: Value, given: Option<Value>) -> PyResult<Gc<PyType>> {
    if vm.is_instance(message, vm.exceptions.Warning) {
        return Ok(vm.type_of(message));
    }
    let Some(given) = given.filter(|given| !given.is_none()) else { return Ok(vm.exceptions.UserWarning) };
    match vm.as_class(given).filter(|class| vm.is_subtype(*class, vm.exceptions.Warning)) {
        Some(category) => Ok(category),
        None => Err(vm.type_error(not_a_category(vm, given))),
    }
}

/// The instance, its text and its class.
fn message(vm: &Vm, message: Value, category: Gc<PyType>) -> PyResult<(Value, Value, Gc<PyType>)> {
    if vm.is_instance(message, vm.exceptions.Warning) {
        return Ok((message, vm.str(message)?, vm.type_of(message)));
    }
    Ok((vm.call(category.as_value(), &[message])?, message, category))
}

/// The name that a file's module would have.
fn module_of(vm: &Vm, filename: Value) -> PyResult<Value> {
    let text = vm.str_text(filename);
    match &*text {
        "" => vm.new_str("<unknown>"),
        text => vm.new_str(text.strip_suffix(".py").unwrap_or(text)),
    }
}

/// Where the `level`-th frame is: file, line, globals. Frames of the import system do not count, nor do files with one of the prefixes.
fn place(vm: &Vm, mut level: i64, prefixes: Option<Value>) -> Option<(Value, i64, Gc<PyDict>)> {
    let is_internal = |filename: Value| {
        let text = vm.str_text(filename);
        text.contains("importlib") && text.contains("_bootstrap")
    };
    let is_skipped = |filename: Value| {
        let text = vm.str_text(filename);
        prefixes.is_some_and(|prefixes| {
            vm.tuple_items(prefixes).iter().any(|prefix| text.starts_with(&*vm.str_text(*prefix)))
        })
    };
    let mut found = None;
    let mut counts_all = level <= 0;
    let mut is_first = true;
    vm.visit_frames(&mut |frame| {
        if is_first {
            is_first = false;
            counts_all |= is_internal(frame.filename);
        } else if !counts_all && (is_internal(frame.filename) || is_skipped(frame.filename)) {
            return ControlFlow::Continue(());
        }
        level -= 1;
        if level > 0 {
            return ControlFlow::Continue(());
        }
        found = Some((frame.filename, i64::from(frame.line), frame.globals));
        ControlFlow::Break(())
    });
    found
}

/// Line `line` of a module's source, from its loader.
fn line_of(vm: &Vm, globals: Gc<PyDict>, line: i64) -> PyResult<Option<Value>> {
    // A program has no loader that says so.
    let spec = globals.get_interned(vm.names.__spec__).filter(|spec| !spec.is_none());
    let name = globals.get_interned(vm.names.__name__);
    if spec.is_none() && name.is_some_and(|name| vm.is_str(name) && vm.str_text(name) == "__main__") {
        return Ok(None);
    }
    let find_loader = vm.getattr_text(vm.import("importlib._bootstrap_external")?, "_bless_my_loader")?;
    let loader = vm.call(find_loader, &[globals.as_value()])?;
    let Some(name) = name.filter(|_| !loader.is_none()) else { return Ok(None) };
    let Some(get) = vm.getattr_opt(loader, vm.intern("get_source"))? else { return Ok(None) };
    let source = vm.call(get, &[name])?;
    if source.is_none() {
        return Ok(None);
    }
    // A subclass of str may split lines in its own way.
    let split = vm.getattr_text(vm.types.str_.as_value(), "splitlines")?;
    let lines = vm.call(split, &[source])?;
    let index = usize::try_from(line - 1).ok().filter(|index| vm.len(lines).is_ok_and(|count| *index < count));
    index.map(|index| vm.getitem(lines, vm.new_uint(index)?)).transpose()
}

/// Does what the first filter that matches says.
fn decide(vm: &Vm, warning: &Warning) -> PyResult<Value> {
    let registry = match vm.as_dict(warning.registry) {
        _ if warning.registry.is_none() => None,
        Some(registry) => Some(registry),
        None => return Err(vm.type_error("'registry' must be a dict or None")),
    };
    let line = vm.new_int(warning.line)?;
    let key = vm.new_tuple(&[warning.text, warning.category.as_value(), line])?;
    if let Some(registry) = registry
        && was_told(vm, registry, key, false)?
    {
        return Ok(Value::NONE);
    }
    let (action, filter) = action(vm, warning)?;
    let action_text = vm.str_text(action).into_owned();
    if action_text == "error" {
        return Err(vm.raise(warning.message));
    }
    if action_text == "ignore" {
        return Ok(Value::NONE);
    }
    let mut is_known = false;
    if action_text != "always" && action_text != "all" {
        if let Some(registry) = registry {
            vm.dict_set(registry.as_value(), key, Value::TRUE)?;
        }
        is_known = match action_text.as_str() {
            "default" => false,
            "module" => match registry {
                Some(registry) => {
                    let key = vm.new_tuple(&[warning.text, warning.category.as_value()])?;
                    was_told(vm, registry, key, true)?
                }
                None => false,
            },
            "once" => {
                let told = match registry {
                    Some(registry) => registry,
                    None => once_registry(vm)?,
                };
                let key = vm.new_tuple(&[warning.text, warning.category.as_value()])?;
                was_told(vm, told, key, true)?
            }
            _ => {
                let (action, filter) = (vm.repr_text(action)?, vm.repr_text(filter)?);
                let message = format!("Unrecognized action ({action}) in warnings.filters:\n {filter}");
                return Err(vm.runtime_error(message));
            }
        };
    }
    if !is_known {
        show(vm, warning)?;
    }
    Ok(Value::NONE)
}

fn once_registry(vm: &Vm) -> PyResult<Gc<PyDict>> {
    match shared(vm, "onceregistry", "_onceregistry")?.map(|found| vm.as_dict(found)) {
        Some(Some(registry)) => Ok(registry),
        _ => Err(vm.type_error("_warnings.onceregistry must be a dict")),
    }
}

/// Whether the registry holds the key; a registry made before the filters changed is emptied. `notes`: it does from now on.
fn was_told(vm: &Vm, registry: Gc<PyDict>, key: Value, notes: bool) -> PyResult<bool> {
    let (version, name) = (state(vm).version.get(), vm.intern("version"));
    let found = registry.get_interned(name).filter(|found| vm.is_int(*found));
    if found.and_then(|found| vm.int_to_i64(found)) == Some(version) {
        if let Some(found) = vm.dict_get(registry, key)?
            && vm.truthy(found)?
        {
            return Ok(true);
        }
    } else {
        vm.call_method(registry.as_value(), vm.intern("clear"), &[])?;
        vm.dict_set_interned(registry, name, vm.new_int(version)?)?;
    }
    if notes {
        vm.dict_set(registry.as_value(), key, Value::TRUE)?;
    }
    Ok(false)
}

/// What to do, and the filter that says so; None for the default.
fn action(vm: &Vm, warning: &Warning) -> PyResult<(Value, Value)> {
    let filters = match shared(vm, "filters", "filters")? {
        Some(filters) if vm.is_instance(filters, vm.types.list) => filters,
        _ => return Err(vm.value_error("_warnings.filters must be a list")),
    };
    // Matching runs Python, which may change the list.
    let mut at = 0;
    while at < vm.len(filters)? {
        let filter = vm.getitem(filters, vm.new_uint(at)?)?;
        let fields = vm.as_tuple(filter).map(|_| vm.tuple_items(filter));
        let Some(&[action, message, category, module, line]) = fields else {
            return Err(vm.value_error(format!("warnings.filters item {at} isn't a 5-tuple")));
        };
        if !vm.is_str(action) {
            let found = vm.type_name(action);
            return Err(vm.type_error(format!("action must be a string, not '{found}'")));
        }
        at += 1;
        let is_class = vm.issubclass(warning.category.as_value(), category)?;
        let line = vm.index_i64(line)?;
        if is_class
            && (line == 0 || line == warning.line)
            && matches(vm, message, warning.text)?
            && matches(vm, module, warning.module)?
        {
            return Ok((action, filter));
        }
    }
    match shared(vm, "defaultaction", "_defaultaction")? {
        Some(action) if vm.is_str(action) => Ok((action, Value::NONE)),
        Some(action) => {
            let found = vm.type_name(action);
            Err(vm.type_error(format!("_warnings.defaultaction must be a string, not '{found}'")))
        }
        None => Err(vm.value_error("_warnings.defaultaction not found")),
    }
}

/// Whether a field of a filter lets a text pass: None all, a str its own, a pattern what it matches.
fn matches(vm: &Vm, field: Value, text: Value) -> PyResult<bool> {
    if field.is_none() {
        return Ok(true);
    }
    if vm.type_of(field) == vm.types.str_ {
        return vm.compare_bool(field, text, CompareOp::Eq);
    }
    let found = vm.call_method(field, vm.intern("match"), &[text])?;
    vm.truthy(found)
}

/// Prints the warning: by `warnings._showwarnmsg`, or plainly when `warnings` was not imported.
fn show(vm: &Vm, warning: &Warning) -> PyResult<()> {
    let module = vm.modules.get_interned(vm.intern("warnings")).filter(|module| !module.is_none());
    let module = match module {
        None if !warning.source.is_none() => Some(vm.import("warnings")?),
        module => module,
    };
    let show = match module {
        Some(module) => vm.getattr_opt(module, vm.intern("_showwarnmsg"))?,
        None => None,
    };
    let (Some(module), Some(show)) = (module, show) else { return show_plainly(vm, warning) };
    if !vm.is_callable(show) {
        return Err(vm.type_error("warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(class) = vm.getattr_opt(module, vm.intern("WarningMessage"))? else {
        return Err(vm.runtime_error("unable to get warnings.WarningMessage"));
    };
    let category = warning.category.as_value();
    let line = vm.new_int(warning.line)?;
    let fields = [warning.message, category, warning.filename, line, Value::NONE, warning.source_line, warning.source];
    let message = vm.call(class, &fields)?;
    vm.call(show, &[message]).map(|_| ())
}

fn show_plainly(vm: &Vm, warning: &Warning) -> PyResult<()> {
    let (file, text) = (vm.str_text(warning.filename).into_owned(), vm.str_text(vm.str(warning.text)?).into_owned());
    let name = vm.str_text(vm.getattr(warning.category.as_value(), vm.names.__name__)?).into_owned();
    vm.write_stderr(&format!("{file}:{}: {name}: {text}\n", warning.line));
    let line = match warning.source_line {
        line if vm.is_str(line) => Some(vm.str_text(line).into_owned()),
        _ => u32::try_from(warning.line).ok().and_then(|line| vm.sources.line_on_disk(&file, line)),
    };
    if let Some(line) = line.as_deref().map(str::trim).filter(|line| !line.is_empty()) {
        vm.write_stderr(&format!("  {line}\n"));
    }
    Ok(())
}
