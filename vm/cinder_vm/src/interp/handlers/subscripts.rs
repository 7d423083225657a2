//! Items and slices.

use cinder_layout::Header;

use super::prelude::*;
use super::slots::{quicken_item, quicken_set_item};
use crate::interp::handlers::attributes::{has_shape, install};
use crate::interp::handlers::names::MAX_MISSES;
use crate::types::BuiltinType;
use crate::types::bytes::PyBytes;
use crate::types::dict::PyDict;
use crate::types::function::PyFunction;
use crate::types::list::{PyList, list_slice, set_list_slice};
use crate::types::slice::SliceBounds;
use crate::types::str_::PyStr;
use crate::types::tuple::PyTuple;
use crate::types::type_::type_flags;
use cinder_heap::Gc;

/// Whether the value is a heap object of exactly this builtin type.
#[inline(always)]
unsafe fn is_exact(value: Value, class: BuiltinType) -> bool {
    // SAFETY: pointer-tagged values point to live objects.
    value.is_ptr() && unsafe { (*value.as_ptr::<Header>()).shape() } == class as u32
}

unsafe fn quicken(ip: Ip, form: Option<Opcode>) {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    if let (Some(form), true) = (form, old.misses < MAX_MISSES) {
        cell.set(crate::cache::CacheRecord { misses: old.misses + 1, ..old });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, form) };
    }
}

/// The generic forms. A site that has given up looking for a quicker one takes items of lists and tuples at once.
macro_rules! generic_item {
    ($name:ident $new:ident; $fp:ident $k:ident $w:ident => $key:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (container, key) = (reg($fp, b($w)), $key);
            if rec(ip).misses < MAX_MISSES || !key.is_int() {
                return $new(ip, $fp, vm, $k, $w);
            }
            let found = if is_exact(container, BuiltinType::list) {
                item(Gc::<PyList>::from_value(container).items.values(), key)
            } else if is_exact(container, BuiltinType::tuple) {
                item(Gc::<PyTuple>::from_value(container).items(), key)
            } else {
                None
            };
            match found {
                Some(found) => {
                    set($fp, a($w), found);
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $new(ip, $fp, vm, $k, $w),
            }
        });
    };
}

generic_item!(LOAD_SUBSCR subscr_new; fp k w => reg(fp, c(w)));
generic_item!(LOAD_SUBSCR_K subscr_new_k; fp k w => constant(k, c(w)));

value_op!(subscr_new, 2, |vm, fp, w, k, ip| {
    let (container, key) = (reg(fp, b(w)), reg(fp, c(w)));
    let form = match key.is_int() {
        true if is_exact(container, BuiltinType::list) => Some(Opcode::LOAD_SUBSCR_LIST),
        true if is_exact(container, BuiltinType::tuple) => Some(Opcode::LOAD_SUBSCR_TUPLE),
        _ if is_exact(container, BuiltinType::dict) => Some(Opcode::LOAD_SUBSCR_DICT),
        _ => None,
    };
    quicken(ip, form);
    if form.is_none() && container.is_ptr() {
        quicken_getitem(vm, fp, ip, container);
        if *ip as u16 == Opcode::LOAD_SUBSCR as u16 {
            quicken_item(vm, fp, ip, container, Opcode::LOAD_SUBSCR_SLOT);
        }
    }
    vm.getitem(container, key)
});

/// A class with `def __getitem__(self, key)`.
unsafe fn quicken_getitem(vm: &Vm, fp: Fp, ip: Ip, container: Value) {
    let shape = vm.shape_of(container);
    // SAFETY: as of a handler.
    if !shape.class.has(type_flags::HEAP) || unsafe { rec(ip) }.misses >= MAX_MISSES {
        return;
    }
    let Some(function) = vm.type_lookup(shape.class, vm.names.__getitem__).and_then(|found| vm.as_function(found))
    else {
        return;
    };
    let code = function.code.get();
    if vm.prepare_code(code).is_err() || !code.is_simple || code.argument_count != 2 {
        return;
    }
    let value = function.as_value().bits();
    // SAFETY: as of a handler.
    unsafe {
        install(
            vm,
            fp,
            ip,
            shape.class,
            |record| (record.shape, record.value) = (shape.id, value),
            Opcode::LOAD_SUBSCR_GETITEM,
        )
    };
}

op!(LOAD_SUBSCR_GETITEM(ip, fp, vm, k, w) {
    if !has_shape(reg(fp, b(w)), rec(ip).shape) {
        rewrite(ip, Opcode::LOAD_SUBSCR);
        return LOAD_SUBSCR(ip, fp, vm, k, w);
    }
    getitem_call(ip, fp, vm, k, w)
});
call_op!(getitem_call, 2, |vm, fp, w, k, ip| {
    // SAFETY: the record holds a function.
    let function: Gc<PyFunction> = Gc::from_value(Value::from_bits(rec(ip).value).unwrap_unchecked());
    vm.call_from(fp, function, &[reg(fp, b(w)), reg(fp, c(w))], None, 0)
});

value_op!(subscr_new_k, 2, |vm, fp, w, k, ip| {
    let (container, key) = (reg(fp, b(w)), constant(k, c(w)));
    let form = match key.is_int() {
        true if is_exact(container, BuiltinType::list) => Some(Opcode::LOAD_SUBSCR_LIST_K),
        true if is_exact(container, BuiltinType::tuple) => Some(Opcode::LOAD_SUBSCR_TUPLE_K),
        _ if is_exact(container, BuiltinType::dict) => Some(Opcode::LOAD_SUBSCR_DICT_K),
        _ => None,
    };
    quicken(ip, form);
    if form.is_none() {
        quicken_item(vm, fp, ip, container, Opcode::LOAD_SUBSCR_SLOT_K);
    }
    vm.getitem(container, key)
});

/// Item of a list or tuple by a small int, negative ones from the end.
#[inline(always)]
fn item(items: &[Value], index: Value) -> Option<Value> {
    let index = index.as_int();
    let index = if index < 0 { index + items.len() as i64 } else { index };
    items.get(usize::try_from(index).ok()?).copied()
}

macro_rules! sequence_item {
    ($name:ident $generic:ident $class:ident $payload:ty, |$sequence:ident| $items:expr; $fp:ident $k:ident $w:ident => $key:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (container, key) = (reg($fp, b($w)), $key);
            if !key.is_int() || !is_exact(container, BuiltinType::$class) {
                rewrite(ip, Opcode::$generic);
                return $generic(ip, $fp, vm, $k, $w);
            }
            let $sequence: Gc<$payload> = Gc::from_value(container);
            match item($items, key) {
                Some(found) => {
                    set($fp, a($w), found);
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $generic(ip, $fp, vm, $k, $w),
            }
        });
    };
}

sequence_item!(LOAD_SUBSCR_LIST LOAD_SUBSCR list PyList, |list| list.items.values(); fp k w => reg(fp, c(w)));
sequence_item!(LOAD_SUBSCR_LIST_K LOAD_SUBSCR_K list PyList, |list| list.items.values(); fp k w => constant(k, c(w)));
sequence_item!(LOAD_SUBSCR_TUPLE LOAD_SUBSCR tuple PyTuple, |tuple| tuple.items(); fp k w => reg(fp, c(w)));
sequence_item!(LOAD_SUBSCR_TUPLE_K LOAD_SUBSCR_K tuple PyTuple, |tuple| tuple.items(); fp k w => constant(k, c(w)));

op!(LOAD_SUBSCR_DICT_K(ip, fp, vm, k, w) {
    if !is_exact(reg(fp, b(w)), BuiltinType::dict) {
        rewrite(ip, Opcode::LOAD_SUBSCR_K);
        return LOAD_SUBSCR_K(ip, fp, vm, k, w);
    }
    dict_constant(ip, fp, vm, k, w)
});
value_op!(dict_constant, 2, |vm, fp, w, k, ip| {
    let (dict, key): (Gc<PyDict>, Value) = (Gc::from_value(reg(fp, b(w))), constant(k, c(w)));
    match vm.dict_get(dict, key)? {
        Some(found) => Ok(found),
        None => Err(vm.key_error(key)),
    }
});

op!(LOAD_SUBSCR_DICT(ip, fp, vm, k, w) {
    if !is_exact(reg(fp, b(w)), BuiltinType::dict) {
        rewrite(ip, Opcode::LOAD_SUBSCR);
        return LOAD_SUBSCR(ip, fp, vm, k, w);
    }
    dict_item(ip, fp, vm, k, w)
});
value_op!(dict_item, 2, |vm, fp, w, k, ip| {
    let (dict, key): (Gc<PyDict>, Value) = (Gc::from_value(reg(fp, b(w))), reg(fp, c(w)));
    match vm.dict_get(dict, key)? {
        Some(found) => Ok(found),
        None => Err(vm.key_error(key)),
    }
});

unit_op!(STORE_SUBSCR, 2, |vm, fp, w, k, ip| {
    let (container, key, value) = (reg(fp, a(w)), reg(fp, b(w)), reg(fp, c(w)));
    let form = match key.is_int() {
        true if is_exact(container, BuiltinType::list) => Some(Opcode::STORE_SUBSCR_LIST),
        _ if is_exact(container, BuiltinType::dict) => Some(Opcode::STORE_SUBSCR_DICT),
        _ => None,
    };
    quicken(ip, form);
    if form.is_none() {
        quicken_set_item(vm, fp, ip, container);
    }
    vm.setitem(container, key, Some(value))
});

op!(STORE_SUBSCR_LIST(ip, fp, vm, k, w) {
    let (container, key) = (reg(fp, a(w)), reg(fp, b(w)));
    if !key.is_int() || !is_exact(container, BuiltinType::list) {
        rewrite(ip, Opcode::STORE_SUBSCR);
        return STORE_SUBSCR(ip, fp, vm, k, w);
    }
    let list: Gc<PyList> = Gc::from_value(container);
    let (index, len) = (key.as_int(), list.items.len());
    let index = if index < 0 { index + len as i64 } else { index };
    if index as u64 >= len as u64 {
        return STORE_SUBSCR(ip, fp, vm, k, w);
    }
    if !list.items.set_quickly(index as usize, reg(fp, c(w))) {
        return store_logged(ip, fp, vm, k, w);
    }
    go(ip.add(2), fp, vm, k)
});
// The list's storage must be noted as written to first. Apart, since a call in the instruction would cost it its registers.
op!(store_logged(ip, fp, vm, k, w) {
    let (list, index): (Gc<PyList>, i64) = (Gc::from_value(reg(fp, a(w))), reg(fp, b(w)).as_int());
    let index = if index < 0 { index + list.items.len() as i64 } else { index };
    list.items.set(&vm.heap, index as usize, reg(fp, c(w)));
    go(ip.add(2), fp, vm, k)
});

op!(STORE_SUBSCR_DICT(ip, fp, vm, k, w) {
    if !is_exact(reg(fp, a(w)), BuiltinType::dict) {
        rewrite(ip, Opcode::STORE_SUBSCR);
        return STORE_SUBSCR(ip, fp, vm, k, w);
    }
    set_dict_item(ip, fp, vm, k, w)
});
unit_op!(set_dict_item, 2, |vm, fp, w, k, ip| {
    let dict: Gc<PyDict> = Gc::from_value(reg(fp, a(w)));
    vm.dict_insert(dict, reg(fp, b(w)), reg(fp, c(w)))
});

unit_op!(DELETE_SUBSCR, 1, |vm, fp, w, k, ip| vm.setitem(reg(fp, a(w)), reg(fp, b(w)), None));

value_op!(LOAD_SLICE, 1, |vm, fp, w, k, ip| {
    let container = reg(fp, b(w));
    if is_exact(container, BuiltinType::list)
        && let Some(bounds) = SliceBounds::simple(reg(fp, c(w)), reg(fp, c(w) + 1), 1)
    {
        return list_slice(vm, Gc::from_value(container), bounds);
    }
    if let Some(bounds) = SliceBounds::simple(reg(fp, c(w)), reg(fp, c(w) + 1), 1) {
        if let Some(text) = vm.downcast_exact::<PyStr>(container) {
            let (start, count) = bounds.stretch(text.len());
            return if count == 0 { Ok(vm.names.empty) } else { vm.str_slice(text, start, start + count) };
        }
        if let Some(tuple) = vm.downcast_exact::<PyTuple>(container) {
            let (start, count) = bounds.stretch(tuple.len());
            return if count == tuple.len() {
                Ok(container)
            } else {
                vm.new_tuple(&tuple.items()[start..start + count])
            };
        }
        if let Some(bytes) = vm.downcast_exact::<PyBytes>(container) {
            let (start, count) = bounds.stretch(bytes.as_slice().len());
            return if count == bytes.as_slice().len() {
                Ok(container)
            } else {
                vm.new_bytes(&bytes.as_slice()[start..start + count])
            };
        }
    }
    let slice = vm.new_slice(reg(fp, c(w)), reg(fp, c(w) + 1), Value::NONE)?;
    vm.getitem(reg(fp, b(w)), slice)
});

unit_op!(STORE_SLICE, 1, |vm, fp, w, k, ip| {
    let container = reg(fp, a(w));
    if is_exact(container, BuiltinType::list)
        && let Some(bounds) = SliceBounds::simple(reg(fp, b(w)), reg(fp, b(w) + 1), 1)
    {
        return set_list_slice(vm, Gc::from_value(container), bounds, reg(fp, c(w)));
    }
    let slice = vm.new_slice(reg(fp, b(w)), reg(fp, b(w) + 1), Value::NONE)?;
    vm.setitem(reg(fp, a(w)), slice, Some(reg(fp, c(w))))
});

value_op!(BUILD_SLICE, 1, |vm, fp, w, k, ip| vm.new_slice(reg(fp, b(w)), reg(fp, b(w) + 1), reg(fp, b(w) + 2)));

bool_op!(CONTAINS_OP, 2, |vm, fp, w, k, ip| is_in(vm, reg(fp, c(w)), reg(fp, b(w))));
bool_op!(NOT_CONTAINS_OP, 2, |vm, fp, w, k, ip| is_in(vm, reg(fp, c(w)), reg(fp, b(w))).map(|found| !found));

/// Whether `item` is among the items; `None` when a comparison of other things than small ints and strings comes before the answer.
fn find_plainly(vm: &Vm, items: &[Value], item: Value) -> Option<bool> {
    let text = vm.downcast_exact::<PyStr>(item);
    for found in items {
        if *found == item {
            return Some(true);
        }
        match (&text, vm.downcast_exact::<PyStr>(*found)) {
            (Some(text), Some(found)) if text.same(&found) => return Some(true),
            (Some(_), Some(_)) => {}
            _ if Value::both_ints(*found, item) => {}
            _ => return None,
        }
    }
    Some(false)
}

/// `item in container`, dicts and sets first.
unsafe fn is_in(vm: &Vm, container: Value, item: Value) -> PyResult<bool> {
    // SAFETY: the shapes say what the objects are.
    unsafe {
        match container.try_ptr::<Header>().map(|header| header.as_ref().shape()) {
            Some(shape) if shape == BuiltinType::dict as u32 => {
                Ok(vm.dict_get(Gc::from_value(container), item)?.is_some())
            }
            Some(shape) if shape == BuiltinType::set as u32 || shape == BuiltinType::frozen_set as u32 => {
                vm.set_contains(Gc::from_value(container), item)
            }
            Some(shape) if shape == BuiltinType::list as u32 => {
                let list: Gc<PyList> = Gc::from_value(container);
                find_plainly(vm, list.items.values(), item).map_or_else(|| vm.contains(container, item), Ok)
            }
            Some(shape) if shape == BuiltinType::tuple as u32 => {
                let tuple: Gc<PyTuple> = Gc::from_value(container);
                find_plainly(vm, tuple.items(), item).map_or_else(|| vm.contains(container, item), Ok)
            }
            _ => vm.contains(container, item),
        }
    }
}
value_op!(GET_LEN, 1, |vm, fp, w, k, ip| vm.new_uint(vm.len(reg(fp, b(w)))?));

impl Vm {
    /// Calls an attribute of the builtins module.
    pub fn call_builtin(&self, name: &str, args: &[Value]) -> PyResult<Value> {
        match self.builtins.get_interned(self.intern(name)) {
            Some(callable) => self.call(callable, args),
            None => Err(self.system_error(format!("builtins has no '{name}'"))),
        }
    }
}
