//! `gc`: the collector's controls.

use cinder_heap::Collection;
use cinder_vm::{ArgsExt, ModuleDef, NativeDef, Value};

pub(crate) static GC: ModuleDef = ModuleDef {
    doc: "This module provides access to the garbage collector.",
    functions: &[
        NativeDef::function("collect", "generation=2", |vm, args| {
            if let Some(generation) = args.opt(0) {
                let number = vm.index_i64(generation)?;
                if !(0..=2).contains(&number) {
                    return Err(vm.value_error("invalid generation"));
                }
            }
            vm.heap.collect(Collection::Full);
            crate::weakref::run_pending(vm);
            vm.new_int(0)
        }),
        NativeDef::function("enable", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("disable", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("isenabled", "", |_, _| Ok(Value::TRUE)),
        NativeDef::function("freeze", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("unfreeze", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("get_freeze_count", "", |vm, _| vm.new_int(0)),
        NativeDef::function("get_threshold", "", |vm, _| {
            let numbers = [vm.new_int(2000)?, vm.new_int(10)?, vm.new_int(0)?];
            vm.new_tuple(&numbers)
        }),
        NativeDef::function("set_threshold", "threshold0, threshold1=10, threshold2=10, /", |_, _| Ok(Value::NONE)),
        NativeDef::function("get_count", "", |vm, _| vm.new_tuple(&[Value::ZERO; 3])),
        NativeDef::function("get_debug", "", |vm, _| vm.new_int(0)),
        NativeDef::function("set_debug", "flags, /", |_, _| Ok(Value::NONE)),
        NativeDef::function("is_tracked", "obj, /", |_, args| Ok(Value::from_bool(args.at(0).is_ptr()))),
        NativeDef::function("is_finalized", "obj, /", |_, _| Ok(Value::FALSE)),
        NativeDef::function("get_objects", "generation=None", |vm, _| vm.new_list(&[])),
        NativeDef::function("get_referrers", "*objs", |vm, _| vm.new_list(&[])),
        NativeDef::function("get_referents", "*objs", |vm, _| vm.new_list(&[])),
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
