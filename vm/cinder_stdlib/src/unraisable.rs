//! Exceptions that nobody can catch: in finalizers, callbacks and functions called at exit.
//!
//! Source: Python/errors.c, `PyErr_FormatUnraisable`.

use cinder_vm::{PyResult, Raised, Value, Vm};

use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// What the hook is given.
    HOOK_ARGS, "UnraisableHookArgs",
    0 exc_type, 1 exc_value, 2 exc_traceback, 3 err_msg, 4 object,
);

/// Hands a pending exception to `sys.unraisablehook`. `message` is the whole first line without its colon.
pub(crate) fn report(vm: &Vm, raised: Raised, message: &str) {
    let exception = vm.take_exception(raised);
    if let Err(second) = call_hook(vm, exception, message) {
        let second = vm.take_exception(second);
        let text = vm.format_exception(second);
        vm.write_stderr(&format!("Exception ignored in sys.unraisablehook:\n{text}"));
    }
}

fn call_hook(vm: &Vm, exception: Value, message: &str) -> PyResult<()> {
    let Some(hook) = vm.sys_attribute("unraisablehook").filter(|hook| !hook.is_none()) else {
        let text = vm.format_exception(exception);
        vm.write_stderr(&format!("{message}:\n{text}"));
        return Ok(());
    };
    let traceback = vm.getattr(exception, vm.names.__traceback__)?;
    let message = vm.new_str(message)?;
    let items = [vm.type_of(exception).as_value(), exception, traceback, message, Value::NONE];
    let arguments = struct_sequence::new(vm, &HOOK_ARGS, &items)?;
    vm.call(hook, &[arguments]).map(|_| ())
}

/// The hook that `sys` has at start.
pub(crate) fn default_hook(vm: &Vm, arguments: Value) -> PyResult<()> {
    let field = |name: &str| vm.getattr_text(arguments, name);
    let (exception, message, object) = (field("exc_value")?, field("err_msg")?, field("object")?);
    let message = if message.is_none() { None } else { Some(vm.str_text(vm.str(message)?).into_owned()) };
    let shown = if object.is_none() {
        None
    } else {
        Some(vm.repr_text(object).unwrap_or_else(|raised| {
            vm.take_exception(raised);
            "<object repr() failed>".to_owned()
        }))
    };
    let head = match (message, shown) {
        (Some(message), Some(shown)) => format!("{message}: {shown}\n"),
        (Some(message), None) => format!("{message}:\n"),
        (None, Some(shown)) => format!("Exception ignored in: {shown}\n"),
        (None, None) => String::new(),
    };
    let text = if vm.as_exception(exception).is_some() { vm.format_exception(exception) } else { String::new() };
    vm.write_stderr(&(head + &text));
    Ok(())
}
