//! Displays, formatting and template strings.

use super::prelude::*;
use crate::types::dict::PyDict;
use crate::types::set::PySet;
use cinder_heap::Gc;

op!(BUILD_TUPLE(ip, fp, vm, k, w) {
    if c(w) != 0
        && let Some(tuple) = vm.new_tuple_quickly(fp.add(b(w)).cast(), c(w))
    {
        set(fp, a(w), tuple);
        return go(ip.add(1), fp, vm, k);
    }
    build_tuple(ip, fp, vm, k, w)
});
value_op!(build_tuple, 1, |vm, fp, w, k, ip| vm.new_tuple(regs(fp, b(w), c(w))));
op!(BUILD_LIST(ip, fp, vm, k, w) {
    match vm.new_list_quickly(regs(fp, b(w), c(w))) {
        Some(list) => {
            set(fp, a(w), list);
            go(ip.add(1), fp, vm, k)
        }
        None => build_list(ip, fp, vm, k, w),
    }
});
value_op!(build_list, 1, |vm, fp, w, k, ip| vm.new_list(regs(fp, b(w), c(w))));
value_op!(BUILD_SET, 1, |vm, fp, w, k, ip| vm.new_set(regs(fp, b(w), c(w))));
value_op!(BUILD_MAP, 1, |vm, fp, w, k, ip| {
    let dict = vm.new_pydict()?;
    for pair in regs(fp, b(w), 2 * c(w)).chunks_exact(2) {
        vm.dict_insert(dict, pair[0], pair[1])?;
    }
    Ok(dict.as_value())
});

value_op!(BUILD_STRING, 1, |vm, fp, w, k, ip| vm.concat_strings(regs(fp, b(w), c(w))));

impl Vm {
    /// Concatenation of exact strings.
    pub(crate) fn concat_strings(&self, parts: &[Value]) -> PyResult<Value> {
        self.str_join_values(parts, None)
    }
}

op!(LIST_APPEND(ip, fp, vm, k, w) {
    let list: Gc<crate::types::list::PyList> = Gc::from_value(reg(fp, a(w)));
    if list.items.push_quickly(reg(fp, b(w))) {
        return go(ip.add(1), fp, vm, k);
    }
    append_slowly(ip, fp, vm, k, w)
});
unit_op!(append_slowly, 1, |vm, fp, w, k, ip| vm.list_append(reg(fp, a(w)), reg(fp, b(w))));

unit_op!(LIST_EXTEND, 1, |vm, fp, w, k, ip| {
    let (list, iterable): (Gc<crate::types::list::PyList>, Value) = (Gc::from_value(reg(fp, a(w))), reg(fp, b(w)));
    let class = vm.type_of(iterable);
    if class.slots().iter.is_none() && class.slots().getitem.is_none() {
        return Err(vm.type_error(format!("Value after * must be an iterable, not {}", class.declared_name())));
    }
    vm.list_extend(list, iterable)
});

value_op!(LIST_TO_TUPLE, 1, |vm, fp, w, k, ip| {
    let list: Gc<crate::types::list::PyList> = Gc::from_value(reg(fp, b(w)));
    let items = list.items.values().to_vec();
    vm.new_tuple(&items)
});

unit_op!(SET_ADD, 1, |vm, fp, w, k, ip| {
    let set: Gc<PySet> = Gc::from_value(reg(fp, a(w)));
    vm.set_add(set, reg(fp, b(w)))
});

unit_op!(SET_UPDATE, 1, |vm, fp, w, k, ip| {
    let set: Gc<PySet> = Gc::from_value(reg(fp, a(w)));
    vm.set_update(set, reg(fp, b(w)))
});

unit_op!(MAP_ADD, 1, |vm, fp, w, k, ip| {
    let dict: Gc<PyDict> = Gc::from_value(reg(fp, a(w)));
    vm.dict_insert(dict, reg(fp, b(w)), reg(fp, c(w)))
});

/// Runs `each` on the items of a mapping; `None` when it has no `keys`.
fn for_each_pair(vm: &Vm, mapping: Value, mut each: impl FnMut(Value, Value) -> PyResult<()>) -> PyResult<Option<()>> {
    if let Some(dict) = vm.downcast_exact::<PyDict>(mapping) {
        let mut number = 0;
        while number < dict.entry_count() {
            if let Some((key, value)) = dict.entry(number) {
                each(key, value)?;
            }
            number += 1;
        }
        return Ok(Some(()));
    }
    let Some(keys) = vm.getattr_opt(mapping, vm.names.keys)? else { return Ok(None) };
    let keys = vm.call(keys, &[])?;
    vm.for_each(keys, |key| each(key, vm.getitem(mapping, key)?))?;
    Ok(Some(()))
}

unit_op!(DICT_UPDATE, 1, |vm, fp, w, k, ip| {
    let (dict, mapping): (Gc<PyDict>, Value) = (Gc::from_value(reg(fp, a(w))), reg(fp, b(w)));
    match for_each_pair(vm, mapping, |key, value| vm.dict_insert(dict, key, value))? {
        Some(()) => Ok(()),
        None => Err(vm.type_error(format!("'{}' object is not a mapping", vm.type_name(mapping)))),
    }
});

unit_op!(DICT_MERGE, 1, |vm, fp, w, k, ip| {
    let (dict, mapping, callable): (Gc<PyDict>, Value, Value) =
        (Gc::from_value(reg(fp, a(w))), reg(fp, b(w)), reg(fp, c(w)));
    let merged = for_each_pair(vm, mapping, |key, value| {
        if !vm.is_str(key) {
            return Err(vm.type_error("keywords must be strings"));
        }
        if vm.dict_get(dict, key)?.is_some() {
            let (function, key) = (vm.callable_text(callable), vm.str_text(key));
            return Err(vm.type_error(format!("{function} got multiple values for keyword argument '{key}'")));
        }
        vm.dict_insert(dict, key, value)
    })?;
    match merged {
        Some(()) => Ok(()),
        None => {
            let (function, name) = (vm.callable_text(callable), vm.type_name(mapping));
            Err(vm.type_error(format!("{function} argument after ** must be a mapping, not {name}")))
        }
    }
});

value_op!(FORMAT_SIMPLE, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    match value {
        _ if vm.is_exact_str(value) => Ok(value),
        _ if value.is_int() || value.is_flonum() => vm.str(value),
        _ => vm.format(value, vm.names.empty),
    }
});
value_op!(FORMAT_WITH_SPEC, 1, |vm, fp, w, k, ip| vm.format(reg(fp, b(w)), reg(fp, c(w))));

value_op!(CONVERT_VALUE, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    match c(w) {
        1 => vm.str(value),
        2 => vm.repr(value),
        _ => vm.call_builtin("ascii", &[value]),
    }
});

/// A class of `string.templatelib`.
fn template_class(vm: &Vm, name: &str) -> PyResult<Value> {
    let import =
        vm.builtins.get_interned(vm.names.__import__).ok_or_else(|| vm.import_error_text("__import__ not found"))?;
    let from_list = vm.new_tuple(&[vm.intern(name)])?;
    let module =
        vm.call(import, &[vm.intern("string.templatelib"), Value::NONE, Value::NONE, from_list, Value::ZERO])?;
    vm.getattr(module, vm.intern(name))
}

value_op!(BUILD_INTERPOLATION, 1, |vm, fp, w, k, ip| {
    let class = template_class(vm, "Interpolation")?;
    let conversion = match c(w) {
        0 => Value::NONE,
        1 => vm.intern("s"),
        2 => vm.intern("r"),
        _ => vm.intern("a"),
    };
    vm.call(class, &[reg(fp, b(w)), reg(fp, b(w) + 1), conversion, reg(fp, b(w) + 2)])
});

value_op!(BUILD_TEMPLATE, 1, |vm, fp, w, k, ip| {
    let class = template_class(vm, "Template")?;
    let (strings, interpolations) = (vm.tuple_items(reg(fp, b(w))), vm.tuple_items(reg(fp, c(w))));
    let mut parts = crate::value_vec::ValueVec::<[Value; 16]>::new();
    for (index, text) in strings.iter().enumerate() {
        parts.push(*text);
        parts.extend(interpolations.get(index).copied());
    }
    vm.call(class, &parts)
});
