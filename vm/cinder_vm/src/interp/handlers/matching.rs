//! Pattern matching.

use cinder_heap::Gc;

use super::prelude::*;
use crate::types::type_::{PyType, type_flags};

value_op!(MATCH_MAPPING, 1, |vm, fp, w, k, ip| Ok(Value::from_bool(
    vm.type_of(reg(fp, b(w))).has(type_flags::MAPPING)
)));
value_op!(MATCH_SEQUENCE, 1, |vm, fp, w, k, ip| Ok(Value::from_bool(
    vm.type_of(reg(fp, b(w))).has(type_flags::SEQUENCE)
)));

value_op!(MATCH_KEYS, 1, |vm, fp, w, k, ip| {
    let (mapping, keys) = (reg(fp, b(w)), vm.tuple_items(reg(fp, c(w))));
    let mut seen = crate::value_vec::ValueVec::<[Value; 8]>::new();
    let mut values = crate::value_vec::ValueVec::<[Value; 8]>::new();
    let missing = vm.new_plain_instance(vm.types.object)?;
    // `get` with a sentinel, so that `__missing__` adds nothing.
    let get = if vm.downcast_exact::<crate::types::dict::PyDict>(mapping).is_some() {
        None
    } else {
        Some(vm.getattr(mapping, vm.intern("get"))?)
    };
    for key in keys {
        for other in seen.iter() {
            if vm.eq(*other, *key)? {
                let key = vm.repr_text(*key)?;
                return Err(vm.value_error(format!("mapping pattern checks duplicate key ({key})")));
            }
        }
        seen.push(*key);
        let found = match get {
            None => vm.dict_get(vm.as_dict(mapping).expect("an exact dict"), *key)?,
            Some(get) => Some(vm.call(get, &[*key, missing])?).filter(|found| *found != missing),
        };
        match found {
            Some(value) => values.push(value),
            None => return Ok(Value::NONE),
        }
    }
    vm.new_tuple(&values)
});

value_op!(MATCH_CLASS, 1, |vm, fp, w, k, ip| {
    let (subject, class, names) = (reg(fp, b(w)), reg(fp, b(w) + 1), vm.tuple_items(reg(fp, b(w) + 2)));
    match_class(vm, subject, class, names, c(w)).map(|found| found.unwrap_or(Value::NONE))
});

fn match_class(vm: &Vm, subject: Value, pattern: Value, names: &[Value], positional: usize) -> PyResult<Option<Value>> {
    let Some(class) = vm.as_class(pattern) else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.isinstance(subject, pattern)? {
        return Ok(None);
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut values = crate::value_vec::ValueVec::<[Value; 8]>::new();
    if positional > 0 {
        let match_args = vm.getattr_opt(pattern, vm.names.__match_args__)?;
        let (allowed, is_self) = match match_args {
            Some(args) => {
                let Some(tuple) = vm.as_tuple(args) else {
                    let (class, found) = (class.declared_name(), vm.type_name(args));
                    return Err(vm.type_error(format!("{class}.__match_args__ must be a tuple (got {found})")));
                };
                let _ = tuple;
                (vm.tuple_items(args), false)
            }
            None if class.has(type_flags::MATCH_SELF) => (&[][..], true),
            None => (&[][..], false),
        };
        let most = if is_self { 1 } else { allowed.len() };
        if positional > most {
            let (class, plural) = (class.declared_name(), if most == 1 { "" } else { "s" });
            return Err(
                vm.type_error(format!("{class}() accepts {most} positional sub-pattern{plural} ({positional} given)"))
            );
        }
        if is_self {
            values.push(subject);
        }
        for name in allowed.iter().take(positional).filter(|_| !is_self) {
            if !vm.is_str(*name) {
                let found = vm.type_name(*name);
                return Err(vm.type_error(format!("__match_args__ elements must be strings (got {found})")));
            }
            match match_attribute(vm, class, subject, *name, &mut seen)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
    }
    for name in names {
        match match_attribute(vm, class, subject, *name, &mut seen)? {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    vm.new_tuple(&values).map(Some)
}

fn match_attribute(
    vm: &Vm,
    class: Gc<PyType>,
    subject: Value,
    name: Value,
    seen: &mut Vec<Value>,
) -> PyResult<Option<Value>> {
    // Names are interned (or held by the class), so the plain vector keeps nothing alive that is not alive anyway.
    let name = vm.intern_any(name)?;
    if seen.contains(&name) {
        let (class, name) = (class.declared_name(), vm.repr_text(name)?);
        return Err(vm.type_error(format!("{class}() got multiple sub-patterns for attribute {name}")));
    }
    seen.push(name);
    vm.getattr_opt(subject, name)
}
