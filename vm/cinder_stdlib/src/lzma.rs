//! `_lzma`. Source: Modules/_lzmamodule.c; the algorithm is liblzma.

mod filter;

use std::cell::{Cell, RefCell};

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};
use liblzma::stream::{Action, Check, Error, LzmaOptions, Status, Stream};

use crate::args::{c_int, given, raise_in, u32_masked};
use crate::compression::{Decoder, Step, make_room, new_decompressor};
use crate::payload::{construct, plain_payload};

pub(crate) static LZMA: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("is_check_supported", "check_id, /", |vm, args| {
            let number = c_int(vm, args.at(0))?;
            Ok(Value::from_bool(check(number).is_some_and(|check| check.is_supported())))
        }),
        NativeDef::function("_encode_filter_properties", "filter, /", filter::encode_properties),
        NativeDef::function("_decode_filter_properties", "filter_id, encoded_props, /", filter::decode_properties),
    ],
    setup: Some(|vm, dict| {
        for (name, number) in CONSTANTS {
            vm.set_item_text(dict, name, vm.new_int(*number)?)?;
        }
        for (name, number) in filter::CONSTANTS {
            vm.set_item_text(dict, name, vm.new_int(*number)?)?;
        }
        vm.set_item_text(dict, "LZMAError", error_class(vm)?.as_value())?;
        vm.add_class(dict, &COMPRESSOR)?;
        vm.add_class(dict, &DECOMPRESSOR).map(|_| ())
    }),
    ..ModuleDef::new("_lzma")
};

const FORMAT_AUTO: i32 = 0;
const FORMAT_XZ: i32 = 1;
const FORMAT_ALONE: i32 = 2;
const FORMAT_RAW: i32 = 3;
const CHECK_UNKNOWN: i64 = 16;

const CONSTANTS: &[(&str, i64)] = &[
    ("FORMAT_AUTO", FORMAT_AUTO as i64),
    ("FORMAT_XZ", FORMAT_XZ as i64),
    ("FORMAT_ALONE", FORMAT_ALONE as i64),
    ("FORMAT_RAW", FORMAT_RAW as i64),
    ("CHECK_NONE", 0),
    ("CHECK_CRC32", 1),
    ("CHECK_CRC64", 4),
    ("CHECK_SHA256", 10),
    ("CHECK_ID_MAX", 15),
    ("CHECK_UNKNOWN", CHECK_UNKNOWN),
    ("PRESET_DEFAULT", 6),
    ("PRESET_EXTREME", 1 << 31),
];

fn error_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("_lzma", "LZMAError", vm.exceptions.Exception)
}

fn error(vm: &Vm, message: &str) -> Raised {
    raise_in(vm, error_class(vm), message)
}

fn failed(vm: &Vm, failure: Error) -> Raised {
    let text = match failure {
        Error::Mem => return vm.memory_error_text(""),
        Error::Data => "Corrupt input data",
        Error::Options => "Invalid or unsupported options",
        Error::Format => "Input format not supported by decoder",
        Error::MemLimit => "Memory usage limit exceeded",
        Error::UnsupportedCheck | Error::NoCheck => "Unsupported integrity check",
        Error::Program => "Internal error",
    };
    error(vm, text)
}

fn check(number: i32) -> Option<Check> {
    Some(match number {
        0 => Check::None,
        1 => Check::Crc32,
        4 => Check::Crc64,
        10 => Check::Sha256,
        _ => return None,
    })
}

/// Decoder of all formats. The kind of check stands in the header of the xz format.
struct LzmaDecoder {
    stream: Stream,
    header: Vec<u8>,
    check: Cell<i64>,
}

impl LzmaDecoder {
    fn note_check(&mut self, input: &[u8]) {
        const MAGIC: &[u8] = b"\xfd7zXZ\0";
        if self.check.get() != CHECK_UNKNOWN || self.header.len() >= 8 {
            return;
        }
        self.header.extend(input.iter().take(8 - self.header.len()));
        if self.header.len() == 8 {
            self.check.set(if self.header.starts_with(MAGIC) { i64::from(self.header[7] & 15) } else { 0 });
        }
    }
}

impl Decoder for LzmaDecoder {
    fn decode(&mut self, vm: &Vm, input: &[u8], output: &mut Vec<u8>) -> PyResult<Step> {
        let before = self.stream.total_in();
        let status = self.stream.process_vec(input, output, Action::Run).map_err(|failure| failed(vm, failure))?;
        let consumed = (self.stream.total_in() - before) as usize;
        self.note_check(&input[..consumed]);
        Ok(Step { consumed, is_end: status == Status::StreamEnd })
    }

    fn check(&self) -> i64 {
        self.check.get()
    }
}

fn new_decoder(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let format = args.opt(1).map_or(Ok(FORMAT_AUTO), |format| c_int(vm, format))?;
    let limit = given(args.opt(2)).map(|limit| vm.index_i64(limit)).transpose()?;
    let filters = given(args.opt(3));
    if limit.is_some() && format == FORMAT_RAW {
        return Err(vm.value_error("Cannot specify memory limit with FORMAT_RAW"));
    }
    if format == FORMAT_RAW && filters.is_none() {
        return Err(vm.value_error("Must specify filters for FORMAT_RAW"));
    }
    if format != FORMAT_RAW && filters.is_some() {
        return Err(vm.value_error("Cannot specify filters except with FORMAT_RAW"));
    }
    let limit = limit.map_or(u64::MAX, |limit| limit.max(0).cast_unsigned());
    let stream = match (format, filters) {
        (FORMAT_AUTO, _) => Stream::new_auto_decoder(limit, 0),
        (FORMAT_XZ, _) => Stream::new_stream_decoder(limit, 0),
        (FORMAT_ALONE, _) => Stream::new_lzma_decoder(limit),
        (FORMAT_RAW, Some(filters)) => Stream::new_raw_decoder(&filter::chain(vm, filters)?),
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    let stream = stream.map_err(|failure| failed(vm, failure))?;
    let check = if matches!(format, FORMAT_AUTO | FORMAT_XZ) { CHECK_UNKNOWN } else { 0 };
    new_decompressor(vm, class, Box::new(LzmaDecoder { stream, header: Vec::new(), check: Cell::new(check) }))
}

static DECOMPRESSOR: TypeDef = TypeDef {
    doc: "Create a decompressor object for decompressing data incrementally.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "LZMADecompressor",
                "cls, format=FORMAT_AUTO, memlimit=None, filters=None",
                new_decoder,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    getset: crate::compression::GETSET_CHECKED,
    ..crate::compression::class("_lzma.LZMADecompressor")
};

/// Payload of a compressor; nothing is left after `flush`.
#[repr(C)]
struct PyLzmaCompressor {
    header: Header,
    stream: RefCell<Option<Stream>>,
}

plain_payload!(PyLzmaCompressor, "_lzma.LZMACompressor");

fn new_encoder(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let format = args.opt(1).map_or(Ok(FORMAT_XZ), |format| c_int(vm, format))?;
    let check_number = args.opt(2).map_or(Ok(-1), |check| c_int(vm, check))?;
    let (preset, filters) = (given(args.opt(3)), given(args.opt(4)));
    if preset.is_some() && filters.is_some() {
        return Err(vm.value_error("Cannot specify both preset and filter chain"));
    }
    let preset = preset.map_or(Ok(6), |preset| u32_masked(vm, preset))?;
    if format != FORMAT_XZ && check_number != -1 && check_number != 0 {
        return Err(vm.value_error("Integrity checks are only supported by FORMAT_XZ"));
    }
    let options =
        || LzmaOptions::new_preset(preset).map_err(|_| error(vm, &format!("Invalid compression preset: {preset}")));
    let stream = match format {
        FORMAT_XZ => {
            let number = if check_number == -1 { 4 } else { check_number };
            let Some(check) = check(number) else { return Err(error(vm, "Unsupported integrity check")) };
            match filters {
                Some(filters) => Stream::new_stream_encoder(&filter::chain(vm, filters)?, check),
                None => {
                    options()?;
                    Stream::new_easy_encoder(preset, check)
                }
            }
        }
        FORMAT_ALONE => match filters {
            Some(filters) => Stream::new_lzma_encoder(&filter::single_lzma1(vm, filters)?),
            None => Stream::new_lzma_encoder(&options()?),
        },
        FORMAT_RAW => match filters {
            Some(filters) => Stream::new_raw_encoder(&filter::chain(vm, filters)?),
            None => return Err(vm.value_error("Must specify filters for FORMAT_RAW")),
        },
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    let stream = stream.map_err(|failure| failed(vm, failure))?;
    let made = vm.alloc_instance(class, 0, |header| PyLzmaCompressor { header, stream: RefCell::new(Some(stream)) })?;
    Ok(made.as_value())
}

fn run(vm: &Vm, stream: &mut Stream, mut input: &[u8], action: Action) -> PyResult<Vec<u8>> {
    let mut output = Vec::new();
    let is_finish = matches!(action, Action::Finish);
    loop {
        make_room(vm, &mut output, None)?;
        let before = stream.total_in();
        let status = stream.process_vec(input, &mut output, action).map_err(|failure| failed(vm, failure))?;
        input = &input[(stream.total_in() - before) as usize..];
        let is_drained = output.len() < output.capacity();
        if status == Status::StreamEnd || (!is_finish && input.is_empty() && is_drained) {
            return Ok(output);
        }
    }
}

fn compress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = vm.downcast::<PyLzmaCompressor>(args.at(0)).expect("method of this class");
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let output = match own.stream.borrow_mut().as_mut() {
        Some(stream) => run(vm, stream, &data, Action::Run)?,
        None => return Err(vm.value_error("Compressor has been flushed")),
    };
    vm.new_bytes(&output)
}

fn flush(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = vm.downcast::<PyLzmaCompressor>(args.at(0)).expect("method of this class");
    match own.stream.take() {
        Some(mut stream) => {
            let output = run(vm, &mut stream, &[], Action::Finish)?;
            vm.new_bytes(&output)
        }
        None => Err(vm.value_error("Repeated call to flush()")),
    }
}

static COMPRESSOR: TypeDef = TypeDef {
    doc: "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n\nCreate a compressor object for compressing data incrementally.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "LZMACompressor",
                "cls, format=FORMAT_XZ, check=-1, preset=None, filters=None",
                new_encoder,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("compress", "self, data, /", compress), NativeDef::method("flush", "self, /", flush)],
    ..TypeDef::new("_lzma.LZMACompressor", <PyLzmaCompressor as Payload>::LAYOUT)
};
