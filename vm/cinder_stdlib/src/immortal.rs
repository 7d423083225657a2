//! `_cinder`: what this machine offers beyond Python; `cinder` and `cinderx` show it to programs.

use cinder_layout::Header;
use cinder_vm::{ArgsExt, ModuleDef, NativeDef, Value};

pub(crate) static CINDER: ModuleDef = ModuleDef {
    doc: "What this implementation offers beyond Python.",
    functions: &[
        NativeDef::function("immortalize_heap", "", |vm, _| {
            crate::weakref::run_pending(vm);
            vm.heap.freeze();
            vm.new_uint(vm.heap.stats().live_objects)
        })
        .doc(
            "Make everything that is alive immortal.\n\nNothing of it is collected, traced or written to any more, so the pages stay shared with forked processes\nuntil one of them changes an object. Returns the number of objects.",
        ),
        NativeDef::function("is_immortal", "object, /", |vm, args| {
            let header = args.at(0).try_ptr::<Header>();
            Ok(Value::from_bool(header.is_none_or(|header| vm.heap.is_immortal(header))))
        })
        .doc("Whether the object is never collected."),
        NativeDef::function("unfiled_source", "filename, /", |vm, args| {
            let name = crate::args::text(vm, args.at(0), "unfiled_source() argument")?;
            vm.new_str(vm.sources.unfiled(&name).as_deref().unwrap_or_default())
        })
        .doc("Text of a program that is in no file, by the file name of its code; empty when there is none."),
        #[cfg(debug_assertions)]
        crate::provoke::PANIC,
    ],
    #[cfg(debug_assertions)]
    setup: Some(|vm, dict| {
        vm.add_class(dict, &crate::provoke::PANICS)?;
        Ok(())
    }),
    ..ModuleDef::new("_cinder")
};
