//! Globals, namespaces and builtins.

use cinder_heap::Gc;

use super::prelude::*;
use crate::cache::{CacheRecord, SiteUse};
use crate::native::Raised;
use crate::types::dict::PyDict;

/// Name of the two-word instruction at `ip`.
#[inline(always)]
unsafe fn name_at(fp: Fp, ip: Ip) -> Value {
    // SAFETY: as of a handler.
    frame(fp).code().name(unsafe { rec(ip) }.imm())
}

fn not_defined(vm: &Vm, name: Value) -> Raised {
    vm.name_error(name, &format!("name '{}' is not defined", vm.str_text(name)))
}

/// The global or builtin `name` of the frame's function.
fn global(vm: &Vm, fp: Fp, name: Value) -> PyResult<Value> {
    let function = frame(fp).function();
    let globals = function.globals.get();
    // A subclass of dict may answer for names it does not hold.
    let found =
        if is_exact(vm, globals) { globals.get_interned(name) } else { vm.mapping_get(globals.as_value(), name)? };
    if let Some(found) = found {
        return Ok(found);
    }
    vm.builtin_for(function, name)?.ok_or_else(|| not_defined(vm, name))
}

fn is_exact(vm: &Vm, dict: Gc<PyDict>) -> bool {
    vm.downcast_exact::<PyDict>(dict.as_value()).is_some()
}

/// How often a site may be quickened before it stays generic.
pub(crate) const MAX_MISSES: u32 = 32;

/// How often a site is given facts about one shape or function before it takes a form for many.
pub(crate) const MANY_MISSES: u32 = 4;

/// Quickens a load of a global: entry number guarded by the version of the dict's keys, twice for a builtin.
unsafe fn quicken_global(vm: &Vm, fp: Fp, ip: Ip, name: Value, in_globals: Opcode, in_builtins: Opcode) {
    let function = frame(fp).function();
    let (globals, builtins) = (function.globals.get(), function.builtins.get());
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    if old.misses >= MAX_MISSES || !is_exact(vm, globals) || !is_exact(vm, builtins) {
        return;
    }
    let found = match (globals.find_interned(name), builtins.find_interned(name)) {
        (Some(number), _) => Some((number, 0, in_globals)),
        (None, Some(number)) => Some((number, builtins.version(vm), in_builtins)),
        (None, None) => None,
    };
    if let Some((number, version, op)) = found {
        let misses = old.misses + 1;
        cell.set(CacheRecord { shape: globals.version(vm), slot: number as u32, shape2: version, misses, ..old });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, op) };
    }
}

op!(LOAD_GLOBAL(ip, fp, vm, k, w) {
    if rec(ip).misses < MAX_MISSES {
        return global_new(ip, fp, vm, k, w);
    }
    // A site that has given up asks the table of all sites.
    let function = frame(fp).function();
    let globals = function.globals.get();
    let name = name_at(fp, ip).bits();
    let held = match vm.sites.find(SiteUse::Global, globals.known_version(), name, vm.lookups.generation()) {
        Some(site) if site.op == Opcode::LOAD_GLOBAL_MODULE => globals.value_at(site.data as u32),
        Some(site) if function.builtins.get().has_version((site.data >> 32) as u32) => {
            function.builtins.get().value_at(site.data as u32)
        }
        _ => return global_many(ip, fp, vm, k, w),
    };
    set(fp, a(w), held);
    go(ip.add(2), fp, vm, k)
});
value_op!(global_new, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    quicken_global(vm, fp, ip, name, Opcode::LOAD_GLOBAL_MODULE, Opcode::LOAD_GLOBAL_BUILTIN);
    global(vm, fp, name)
});
value_op!(global_many, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    remember_global(vm, fp, name);
    global(vm, fp, name)
});

/// Leaves what is known of a global for all sites.
fn remember_global(vm: &Vm, fp: Fp, name: Value) {
    let function = frame(fp).function();
    let (globals, builtins) = (function.globals.get(), function.builtins.get());
    if !is_exact(vm, globals) || !is_exact(vm, builtins) {
        return;
    }
    let (form, data) = match (globals.find_interned(name), builtins.find_interned(name)) {
        (Some(number), _) => (Opcode::LOAD_GLOBAL_MODULE, number as u64),
        (None, Some(number)) => (Opcode::LOAD_GLOBAL_BUILTIN, number as u64 | u64::from(builtins.version(vm)) << 32),
        (None, None) => return,
    };
    vm.sites.remember(SiteUse::Global, globals.version(vm), name.bits(), vm.lookups.generation(), form, data);
}

op!(LOAD_GLOBAL_MODULE(ip, fp, vm, k, w) {
    let globals = frame(fp).function().globals.get();
    let rec = rec(ip);
    if !globals.has_version(rec.shape) {
        rewrite(ip, Opcode::LOAD_GLOBAL);
        return LOAD_GLOBAL(ip, fp, vm, k, w);
    }
    set(fp, a(w), globals.value_at(rec.slot));
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_GLOBAL_BUILTIN(ip, fp, vm, k, w) {
    let function = frame(fp).function();
    let rec = rec(ip);
    let builtins = function.builtins.get();
    if !function.globals.get().has_version(rec.shape) || !builtins.has_version(rec.shape2) {
        rewrite(ip, Opcode::LOAD_GLOBAL);
        return LOAD_GLOBAL(ip, fp, vm, k, w);
    }
    set(fp, a(w), builtins.value_at(rec.slot));
    go(ip.add(2), fp, vm, k)
});

unit_op!(STORE_GLOBAL, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    vm.dict_set_interned(frame(fp).function().globals.get(), name, reg(fp, a(w)))?;
    quicken_store(vm, fp, ip, name, Opcode::STORE_GLOBAL_KNOWN);
    Ok(())
});

unsafe fn quicken_store(vm: &Vm, fp: Fp, ip: Ip, name: Value, op: Opcode) {
    let globals = frame(fp).function().globals.get();
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    if let (Some(number), true) = (globals.find_interned(name), old.misses < MAX_MISSES && is_exact(vm, globals)) {
        cell.set(CacheRecord { shape: globals.version(vm), slot: number as u32, misses: old.misses + 1, ..old });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, op) };
    }
}

op!(STORE_GLOBAL_KNOWN(ip, fp, vm, k, w) {
    let globals = frame(fp).function().globals.get();
    let rec = rec(ip);
    if !globals.has_version(rec.shape) {
        rewrite(ip, Opcode::STORE_GLOBAL);
        return STORE_GLOBAL(ip, fp, vm, k, w);
    }
    if !globals.store_quickly(rec.slot as usize, reg(fp, a(w))) {
        return store_known_global(ip, fp, vm, k, w);
    }
    go(ip.add(2), fp, vm, k)
});
// The dict must be noted as written to. Apart, since a call in the instruction would cost it its registers.
unit_op!(store_known_global, 2, |vm, fp, w, k, ip| {
    vm.dict_store(frame(fp).function().globals.get(), rec(ip).slot as usize, reg(fp, a(w)));
    Ok(())
});

unit_op!(DELETE_GLOBAL, 1, |vm, fp, w, k, ip| {
    let name = frame(fp).code().name(imm(w));
    match vm.dict_remove(frame(fp).function().globals.get(), name)? {
        Some(_) => Ok(()),
        None => Err(not_defined(vm, name)),
    }
});

/// The frame's namespace, when it is another mapping than its globals.
fn own_namespace(fp: Fp) -> Option<Value> {
    let frame = frame(fp);
    frame.namespace().filter(|namespace| *namespace != frame.function().globals.get().as_value())
}

value_op!(LOAD_NAME, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    match own_namespace(fp) {
        Some(namespace) => {
            if let Some(found) = vm.mapping_get(namespace, name)? {
                return Ok(found);
            }
        }
        None => quicken_global(vm, fp, ip, name, Opcode::LOAD_NAME_GLOBAL, Opcode::LOAD_NAME_BUILTIN),
    }
    global(vm, fp, name)
});

op!(LOAD_NAME_GLOBAL(ip, fp, vm, k, w) {
    let globals = frame(fp).function().globals.get();
    let rec = rec(ip);
    if !globals.has_version(rec.shape) || frame(fp).namespace() != Some(globals.as_value()) {
        rewrite(ip, Opcode::LOAD_NAME);
        return LOAD_NAME(ip, fp, vm, k, w);
    }
    set(fp, a(w), globals.value_at(rec.slot));
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_NAME_BUILTIN(ip, fp, vm, k, w) {
    let function = frame(fp).function();
    let rec = rec(ip);
    let (globals, builtins) = (function.globals.get(), function.builtins.get());
    if !globals.has_version(rec.shape) || !builtins.has_version(rec.shape2) || frame(fp).namespace() != Some(globals.as_value()) {
        rewrite(ip, Opcode::LOAD_NAME);
        return LOAD_NAME(ip, fp, vm, k, w);
    }
    set(fp, a(w), builtins.value_at(rec.slot));
    go(ip.add(2), fp, vm, k)
});

unit_op!(STORE_NAME, 2, |vm, fp, w, k, ip| {
    let (name, value) = (name_at(fp, ip), reg(fp, a(w)));
    match own_namespace(fp) {
        Some(namespace) => match vm.downcast_exact::<crate::types::dict::PyDict>(namespace) {
            Some(dict) => vm.dict_set_interned(dict, name, value),
            None => vm.setitem(namespace, name, Some(value)),
        },
        None if !is_exact(vm, frame(fp).function().globals.get()) => {
            vm.setitem(frame(fp).function().globals.get().as_value(), name, Some(value))
        }
        None => {
            vm.dict_set_interned(frame(fp).function().globals.get(), name, value)?;
            quicken_store(vm, fp, ip, name, Opcode::STORE_NAME_GLOBAL);
            Ok(())
        }
    }
});

op!(STORE_NAME_GLOBAL(ip, fp, vm, k, w) {
    let globals = frame(fp).function().globals.get();
    let rec = rec(ip);
    if !globals.has_version(rec.shape) || frame(fp).namespace() != Some(globals.as_value()) {
        rewrite(ip, Opcode::STORE_NAME);
        return STORE_NAME(ip, fp, vm, k, w);
    }
    if !globals.store_quickly(rec.slot as usize, reg(fp, a(w))) {
        return store_known_global(ip, fp, vm, k, w);
    }
    go(ip.add(2), fp, vm, k)
});

unit_op!(DELETE_NAME, 1, |vm, fp, w, k, ip| {
    let name = frame(fp).code().name(imm(w));
    let namespace = frame(fp).namespace().unwrap_or(frame(fp).function().globals.get().as_value());
    match vm.catch(vm.setitem(namespace, name, None), vm.exceptions.KeyError)? {
        Some(()) => Ok(()),
        None => Err(not_defined(vm, name)),
    }
});

value_op!(LOAD_FROM_DICT_OR_GLOBALS, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    match vm.mapping_get(reg(fp, b(w)), name)? {
        Some(found) => Ok(found),
        None => global(vm, fp, name),
    }
});

value_op!(LOAD_LOCALS, 1, |vm, fp, w, k, ip| vm.frame_locals(frame(fp)));

value_op!(LOAD_BUILD_CLASS, 1, |vm, fp, w, k, ip| {
    match vm.builtin_for(frame(fp).function(), vm.names.__build_class__)? {
        Some(found) => Ok(found),
        None => Err(vm.name_error(vm.names.__build_class__, "__build_class__ not found")),
    }
});

value_op!(LOAD_COMMON_CONSTANT, 1, |vm, fp, w, k, ip| {
    use cinder_bytecode::CommonConstant as C;
    let builtin = |name: &str| {
        vm.builtins.get_interned(vm.intern(name)).ok_or_else(|| vm.system_error(format!("builtins has no '{name}'")))
    };
    match C::from_number(imm(w)).expect("the verifier knows the constant") {
        C::AssertionError => Ok(vm.exceptions.AssertionError.as_value()),
        C::NotImplementedError => Ok(vm.exceptions.NotImplementedError.as_value()),
        C::BuiltinTuple => Ok(vm.types.tuple.as_value()),
        C::BuiltinList => Ok(vm.types.list.as_value()),
        C::BuiltinSet => builtin("set"),
        C::BuiltinAll => builtin("all"),
        C::BuiltinAny => builtin("any"),
    }
});
