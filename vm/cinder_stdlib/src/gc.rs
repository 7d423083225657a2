//! `gc`: the collector's controls.
//!
//! The collector is not CPython's: `disable` and the thresholds are remembered and have no effect, since without it no memory would be given back
//! at all; counts of collected objects are not known. Source: Modules/gcmodule.c.

use std::cell::Cell;
use std::ptr::NonNull;

use cinder_heap::Collection;
use cinder_layout::{Header, flag};
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

/// What `gc` remembers.
struct State {
    is_enabled: Cell<bool>,
    debug: Cell<i64>,
    thresholds: Cell<[i64; 3]>,
    frozen: Cell<usize>,
}

fn state(vm: &Vm) -> &'static State {
    vm.native_state(|| State {
        is_enabled: Cell::new(true),
        debug: Cell::new(0),
        thresholds: Cell::new([2000, 10, 0]),
        frozen: Cell::new(0),
    })
}

fn collect(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let generation = args.opt(0).map_or(Ok(2), |generation| vm.index_i64(generation))?;
    if !(0..=2).contains(&generation) {
        return Err(vm.value_error("invalid generation"));
    }
    vm.heap.mark_stack(|mark| {
        tell_callbacks(vm, "start", generation)?;
        vm.clear_dead_registers();
        let kind = if generation == 2 { Collection::Full } else { Collection::Minor };
        // SAFETY: below the mark only this function and what it called is left; it holds no value.
        unsafe { vm.heap.collect_above(kind, mark) };
        crate::weakref::run_pending(vm);
        tell_callbacks(vm, "stop", generation)
    })?;
    vm.new_int(0)
}

/// Calls the functions of `gc.callbacks`.
fn tell_callbacks(vm: &Vm, phase: &str, generation: i64) -> PyResult<()> {
    let Some(module) = vm.modules.get_interned(vm.intern("gc")) else { return Ok(()) };
    let Some(callbacks) = vm.getattr_opt(module, vm.intern("callbacks"))? else { return Ok(()) };
    if vm.len(callbacks)? == 0 {
        return Ok(());
    }
    let info = vm.new_pydict()?;
    for (name, number) in [("generation", generation), ("collected", 0), ("uncollectable", 0)] {
        vm.set_item_text(info, name, vm.new_int(number)?)?;
    }
    let phase = vm.intern(phase);
    vm.for_each(callbacks, |callback| {
        if let Err(raised) = vm.call(callback, &[phase, info.as_value()]) {
            crate::unraisable::report(vm, raised, "Exception ignored while calling GC callback");
        }
        Ok(())
    })
}

/// Whether values of the object's class can refer to others.
fn is_tracked(vm: &Vm, value: Value) -> bool {
    if !value.is_ptr() {
        return false;
    }
    let class = vm.type_of(value);
    let is_plain = class.def.is_some_and(|def| {
        matches!(
            def.name,
            "str"
                | "int"
                | "float"
                | "complex"
                | "bytes"
                | "bytearray"
                | "bool"
                | "NoneType"
                | "range"
                | "ellipsis"
                | "code"
        )
    });
    !is_plain
}

/// Objects that Python code could name, among those that the heap knows.
fn is_visible(vm: &Vm, object: NonNull<Header>) -> bool {
    vm.is_python_object(object)
}

/// The objects that `object` refers to, through buffers of the machine.
fn referents(vm: &Vm, object: NonNull<Header>, found: &mut Vec<NonNull<Header>>) {
    for next in vm.heap.referents(object) {
        if is_visible(vm, next) {
            found.push(next);
        } else if next != object {
            referents(vm, next, found);
        }
    }
}

fn get_objects(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.stop_recycling();
    if let Some(generation) = args.opt(0).filter(|generation| !generation.is_none()) {
        let number = vm.index_i64(generation)?;
        if number < 0 {
            return Err(vm.value_error("generation parameter cannot be negative"));
        }
        if number > 2 {
            return Err(
                vm.value_error("generation parameter must be less than the number of available generations (3)")
            );
        }
    }
    vm.heap.collect(Collection::Full);
    let mut kept = vm.heap.root_vec();
    kept.extend(vm.heap.objects().into_iter().filter(|object| is_visible(vm, *object)).map(Value::from_ptr));
    let list = vm.new_list(&[])?;
    for index in 0..kept.len() {
        if is_tracked(vm, kept[index]) {
            vm.list_append(list, kept[index])?;
        }
    }
    Ok(list)
}

fn get_referents(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.stop_recycling();
    let mut kept = vm.heap.root_vec();
    for object in vm.tuple_items(args.at(0)) {
        if let Some(header) = object.try_ptr::<Header>() {
            let mut found = Vec::new();
            referents(vm, header, &mut found);
            kept.extend(found.into_iter().map(Value::from_ptr));
        }
    }
    vm.new_list(&kept)
}

fn get_referrers(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.stop_recycling();
    let wanted: Vec<NonNull<Header>> =
        vm.tuple_items(args.at(0)).iter().filter_map(|object| object.try_ptr::<Header>()).collect();
    vm.heap.collect(Collection::Full);
    let own = args.at(0).try_ptr::<Header>();
    let mut kept = vm.heap.root_vec();
    for object in vm.heap.objects() {
        if !is_visible(vm, object) || Some(object) == own || !is_tracked(vm, Value::from_ptr(object)) {
            continue;
        }
        let mut found = Vec::new();
        referents(vm, object, &mut found);
        if found.iter().any(|referent| wanted.contains(referent)) {
            kept.push(Value::from_ptr(object));
        }
    }
    vm.new_list(&kept)
}

fn get_stats(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let stats = vm.heap.stats();
    let list = vm.new_list(&[])?;
    for collections in [stats.minor_collections, 0, stats.full_collections] {
        let dict = vm.new_pydict()?;
        vm.set_item_text(dict, "collections", vm.new_uint(collections as usize)?)?;
        vm.set_item_text(dict, "collected", Value::ZERO)?;
        vm.set_item_text(dict, "uncollectable", Value::ZERO)?;
        vm.list_append(list, dict.as_value())?;
    }
    Ok(list)
}

fn numbers(vm: &Vm, numbers: [i64; 3]) -> PyResult<Value> {
    let items = [vm.new_int(numbers[0])?, vm.new_int(numbers[1])?, vm.new_int(numbers[2])?];
    vm.new_tuple(&items)
}

pub(crate) static GC: ModuleDef = ModuleDef {
    doc: "This module provides access to the garbage collector for reference cycles.",
    functions: &[
        NativeDef::function("collect", "generation=2", collect),
        NativeDef::function("enable", "", |vm, _| {
            state(vm).is_enabled.set(true);
            Ok(Value::NONE)
        }),
        NativeDef::function("disable", "", |vm, _| {
            state(vm).is_enabled.set(false);
            Ok(Value::NONE)
        }),
        NativeDef::function("isenabled", "", |vm, _| Ok(Value::from_bool(state(vm).is_enabled.get()))),
        NativeDef::function("freeze", "", |vm, _| {
            crate::weakref::run_pending(vm);
            vm.heap.freeze();
            state(vm).frozen.set(vm.heap.stats().live_objects);
            Ok(Value::NONE)
        }),
        NativeDef::function("unfreeze", "", |vm, _| {
            // What is frozen stays so: only its count is forgotten.
            state(vm).frozen.set(0);
            Ok(Value::NONE)
        }),
        NativeDef::function("get_freeze_count", "", |vm, _| vm.new_uint(state(vm).frozen.get())),
        NativeDef::function("get_threshold", "", |vm, _| numbers(vm, state(vm).thresholds.get())),
        NativeDef::function("set_threshold", "threshold0, threshold1=10, threshold2=0, /", |vm, args| {
            let mut new = state(vm).thresholds.get();
            for (index, threshold) in new.iter_mut().enumerate() {
                if let Some(given) = args.opt(index) {
                    *threshold = i64::from(crate::args::c_int(vm, given)?);
                }
            }
            state(vm).thresholds.set(new);
            Ok(Value::NONE)
        }),
        NativeDef::function("get_count", "", |vm, _| numbers(vm, [0; 3])),
        NativeDef::function("get_debug", "", |vm, _| vm.new_int(state(vm).debug.get())),
        NativeDef::function("set_debug", "flags, /", |vm, args| {
            state(vm).debug.set(crate::args::c_int(vm, args.at(0))?.into());
            Ok(Value::NONE)
        }),
        NativeDef::function("is_tracked", "obj, /", |vm, args| Ok(Value::from_bool(is_tracked(vm, args.at(0))))),
        NativeDef::function("is_finalized", "obj, /", |_, args| {
            let header = args.at(0).try_ptr::<Header>();
            // SAFETY: the argument is alive.
            Ok(Value::from_bool(header.is_some_and(|header| unsafe { header.as_ref() }.has_flag(flag::DEL_DONE))))
        }),
        NativeDef::function("get_objects", "generation=None", get_objects),
        NativeDef::function("get_referrers", "*objs", get_referrers),
        NativeDef::function("get_referents", "*objs", get_referents),
        NativeDef::function("get_stats", "", get_stats),
    ],
    setup: Some(|vm, dict| {
        for name in ["callbacks", "garbage"] {
            let list = vm.new_list(&[])?;
            vm.set_item_text(dict, name, list)?;
        }
        for (name, number) in [
            ("DEBUG_STATS", 1),
            ("DEBUG_COLLECTABLE", 2),
            ("DEBUG_UNCOLLECTABLE", 4),
            ("DEBUG_SAVEALL", 32),
            ("DEBUG_LEAK", 38),
        ] {
            vm.set_item_text(dict, name, vm.new_int(number)?)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("gc")
};
