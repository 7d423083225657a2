//! `_sre`: regular expressions. Patterns are compiled by the library's `re`.
//!
//! Idea: the code is translated into a program ([`program`]) that a machine of our own runs on the text in its own width ([`machine`]). What is not translated is
//! left to `rustpython-sre_engine`: there a text of Latin-1 characters is matched as bytes without copying; a wider one is turned into UTF-8 once per call.

mod filter;
mod machine;
mod matching;
mod pattern;
mod program;
mod start;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static SRE: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("compile", "pattern, flags, code, groups, groupindex, indexgroup", pattern::compile),
        NativeDef::function("template", "pattern, template, /", |_, args| Ok(args.at(1))),
        NativeDef::function("getcodesize", "", |vm, _| vm.new_int(4)),
        NativeDef::function("ascii_iscased", "character, /", |vm, args| {
            let c = character(vm, args)?;
            Ok(Value::from_bool(char::from_u32(c).is_some_and(|c| c.is_ascii_alphabetic())))
        }),
        NativeDef::function("unicode_iscased", "character, /", |vm, args| {
            let c = character(vm, args)?;
            Ok(Value::from_bool(to_lower(c) != c || to_upper(c) != c))
        }),
        NativeDef::function("ascii_tolower", "character, /", |vm, args| {
            let c = character(vm, args)?;
            vm.new_int(i64::from(if c < 128 { u32::from((c as u8).to_ascii_lowercase()) } else { c }))
        }),
        NativeDef::function("unicode_tolower", "character, /", |vm, args| {
            let c = character(vm, args)?;
            vm.new_int(to_lower(c).into())
        }),
    ],
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "MAGIC", vm.new_uint(rustpython_sre_engine::SRE_MAGIC)?)?;
        vm.set_item_text(dict, "CODESIZE", vm.new_int(4)?)?;
        vm.set_item_text(dict, "MAXREPEAT", vm.new_uint(u32::MAX as usize)?)?;
        vm.set_item_text(dict, "MAXGROUPS", vm.new_uint(u32::MAX as usize / 4 / 2)?)?;
        vm.add_class(dict, &pattern::PATTERN)?;
        vm.add_class(dict, &matching::MATCH)?;
        Ok(())
    }),
    ..ModuleDef::new("_sre")
};

fn character(vm: &Vm, args: &[Arg]) -> PyResult<u32> {
    Ok(vm.index_i64(args.at(0))? as u32)
}

/// Lower case when it is one character, as the engine has it.
fn to_lower(c: u32) -> u32 {
    rustpython_sre_engine::string::lower_unicode(c)
}

fn to_upper(c: u32) -> u32 {
    rustpython_sre_engine::string::upper_unicode(c)
}
