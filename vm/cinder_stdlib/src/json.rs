//! `_json`: the scanner and the encoder behind `json`. Source: Modules/_json.c.

mod encode;
mod escape;
mod scan;

use cinder_vm::{ArgsExt, ModuleDef, NativeDef};

/// The encoder knows the first two.
static FUNCTIONS: [NativeDef; 3] = [
    NativeDef::function("encode_basestring_ascii", "string, /", |vm, args| escape::encode(vm, args.at(0), true)),
    NativeDef::function("encode_basestring", "string, /", |vm, args| escape::encode(vm, args.at(0), false)),
    NativeDef::function("scanstring", "string, end, strict=True, /", scan::scan_string_function),
];

pub(crate) static JSON: ModuleDef = ModuleDef {
    doc: "json speedups\n",
    functions: &FUNCTIONS,
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "make_scanner", vm.native_class(&scan::SCANNER)?.as_value())?;
        vm.set_item_text(dict, "make_encoder", vm.native_class(&encode::ENCODER)?.as_value())
    }),
    ..ModuleDef::new("_json")
};
