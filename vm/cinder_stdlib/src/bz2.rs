//! `_bz2`. Source: Modules/_bz2module.c.

use std::cell::RefCell;

use bzip2::{Action, Compress, Compression, Decompress, Status};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::c_int;
use crate::compression::{Decoder, Step, make_room, new_decompressor};
use crate::payload::{construct, plain_payload};

pub(crate) static BZ2: ModuleDef = ModuleDef {
    setup: Some(|vm, dict| {
        vm.add_class(dict, &COMPRESSOR)?;
        vm.add_class(dict, &DECOMPRESSOR).map(|_| ())
    }),
    ..ModuleDef::new("_bz2")
};

fn failed(vm: &Vm, error: bzip2::Error) -> cinder_vm::Raised {
    match error {
        bzip2::Error::Sequence => vm.runtime_error("Internal error - Invalid sequence of commands sent to libbzip2"),
        bzip2::Error::Param => vm.value_error("Internal error - invalid parameters passed to libbzip2"),
        bzip2::Error::Data | bzip2::Error::DataMagic => vm.raise_text(vm.exceptions.OSError, "Invalid data stream"),
    }
}

struct Bz2Decoder(Decompress);

impl Decoder for Bz2Decoder {
    fn decode(&mut self, vm: &Vm, input: &[u8], output: &mut Vec<u8>) -> PyResult<Step> {
        let before = self.0.total_in();
        let status = self.0.decompress_vec(input, output).map_err(|error| failed(vm, error))?;
        let consumed = (self.0.total_in() - before) as usize;
        Ok(Step { consumed, is_end: status == Status::StreamEnd })
    }
}

static DECOMPRESSOR: TypeDef = TypeDef {
    doc: "Create a decompressor object for decompressing data incrementally.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("BZ2Decompressor", "cls, /", |vm, args| {
                let class = vm.as_class(args.at(0)).expect("bound to its class");
                new_decompressor(vm, class, Box::new(Bz2Decoder(Decompress::new(false))))
            });
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    ..crate::compression::class("_bz2.BZ2Decompressor")
};

/// Payload of a compressor; nothing is left after `flush`.
#[repr(C)]
struct PyBz2Compressor {
    header: Header,
    encoder: RefCell<Option<Compress>>,
}

plain_payload!(PyBz2Compressor, "_bz2.BZ2Compressor");

fn run(vm: &Vm, encoder: &mut Compress, mut input: &[u8], action: Action) -> PyResult<Vec<u8>> {
    let mut output = Vec::new();
    let is_finish = matches!(action, Action::Finish);
    loop {
        make_room(vm, &mut output, None)?;
        let before = encoder.total_in();
        let status = encoder.compress_vec(input, &mut output, action).map_err(|error| failed(vm, error))?;
        input = &input[(encoder.total_in() - before) as usize..];
        if status == Status::StreamEnd || (!is_finish && input.is_empty()) {
            return Ok(output);
        }
    }
}

fn compress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = vm.downcast::<PyBz2Compressor>(args.at(0)).expect("method of this class");
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let output = match own.encoder.borrow_mut().as_mut() {
        Some(_) if data.is_empty() => Vec::new(),
        Some(encoder) => run(vm, encoder, &data, Action::Run)?,
        None => return Err(vm.value_error("Compressor has been flushed")),
    };
    vm.new_bytes(&output)
}

fn flush(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = vm.downcast::<PyBz2Compressor>(args.at(0)).expect("method of this class");
    match own.encoder.take() {
        Some(mut encoder) => {
            let output = run(vm, &mut encoder, &[], Action::Finish)?;
            vm.new_bytes(&output)
        }
        None => Err(vm.value_error("Repeated call to flush()")),
    }
}

static COMPRESSOR: TypeDef = TypeDef {
    doc: "Create a compressor object for compressing data incrementally.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("BZ2Compressor", "cls, compresslevel=9, /", |vm, args| {
                let level = args.opt(1).map_or(Ok(9), |level| c_int(vm, level))?;
                if !(1..=9).contains(&level) {
                    return Err(vm.value_error("compresslevel must be between 1 and 9"));
                }
                let class = vm.as_class(args.at(0)).expect("bound to its class");
                let encoder = Compress::new(Compression::new(level.cast_unsigned()), 0);
                let made = vm.alloc_instance(class, 0, |header| PyBz2Compressor {
                    header,
                    encoder: RefCell::new(Some(encoder)),
                })?;
                Ok(made.as_value())
            });
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("compress", "self, data, /", compress), NativeDef::method("flush", "self, /", flush)],
    ..TypeDef::new("_bz2.BZ2Compressor", <PyBz2Compressor as Payload>::LAYOUT)
};
