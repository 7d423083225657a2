//! ResourceWarning for what nobody closed.

use cinder_vm::types::type_::PyType;
use cinder_vm::{Gc, PyResult, Value, Vm};

/// Warns that `source` was left open: `unclosed file <...>` with `kind` "file". `place` says where an exception that a filter makes of it was ignored.
pub(crate) fn unclosed(vm: &Vm, kind: &str, source: Value, place: &str) {
    // The warning is ignored unless somebody asked for it, so nothing is imported for it.
    let Some(warnings) = vm.modules.get_interned(vm.intern("warnings")) else { return };
    let warned = (|| {
        if is_ignored(vm, warnings, vm.exceptions.ResourceWarning)? {
            return Ok(());
        }
        let shown = vm.repr_text(source)?;
        let message = vm.new_str(&format!("unclosed {kind}{shown}"))?;
        let function = vm.getattr_text(warnings, "warn")?;
        let category = vm.exceptions.ResourceWarning.as_value();
        vm.call_with(function, &[message, category, Value::ONE], &[("source", source)]).map(|_| ())
    })();
    if let Err(raised) = warned {
        crate::unraisable::report(vm, raised, place);
    }
}

/// Whether the first filter for the category ignores it whatever it says and wherever it comes from.
fn is_ignored(vm: &Vm, warnings: Value, category: Gc<PyType>) -> PyResult<bool> {
    let Some(filters) = vm.getattr_opt(warnings, vm.intern("filters"))? else { return Ok(false) };
    let mut answer = None;
    vm.for_each(filters, |filter| {
        if answer.is_some() || vm.as_tuple(filter).is_none() {
            return Ok(());
        }
        if let [action, message, kind, module, line] = *vm.tuple_items(filter)
            && let Some(kind) = vm.as_class(kind)
            && vm.is_subtype(category, kind)
        {
            let is_general = message.is_none() && module.is_none() && vm.int_to_i64(line) == Some(0);
            answer = Some(is_general && vm.is_str(action) && vm.str_text(action) == "ignore");
        }
        Ok(())
    })?;
    Ok(answer.unwrap_or(false))
}
