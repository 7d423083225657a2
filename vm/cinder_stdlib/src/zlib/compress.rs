//! `compress` and compression objects.

use std::cell::RefCell;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};
use libz_rs_sys as z;

use super::stream::Stream;
use super::{error, number};
use crate::args::given;
use crate::compression::make_room;
use crate::payload::plain_payload;

fn open(vm: &Vm, level: i32, method: i32, wbits: i32, mem_level: i32, strategy: i32) -> PyResult<Stream> {
    Stream::deflate(level, method, wbits, mem_level, strategy).map_err(|code| match code {
        z::Z_MEM_ERROR => vm.memory_error_text("Can't allocate memory for compression object"),
        z::Z_STREAM_ERROR => vm.value_error("Invalid initialization option"),
        code => error(vm, code, "while creating compression object", None),
    })
}

/// Feeds all of `input` and takes what comes out.
fn run(vm: &Vm, stream: &mut Stream, mut input: &[u8], flush: i32) -> PyResult<Vec<u8>> {
    let mut output = Vec::new();
    loop {
        make_room(vm, &mut output, None)?;
        let outcome = stream.step(input, &mut output, flush);
        input = &input[outcome.consumed..];
        match outcome.code {
            z::Z_STREAM_END => return Ok(output),
            z::Z_OK | z::Z_BUF_ERROR => {
                if input.is_empty() && output.len() < output.capacity() && flush != z::Z_FINISH {
                    return Ok(output);
                }
            }
            code => return Err(error(vm, code, "while compressing data", Some(stream))),
        }
    }
}

pub(super) fn compress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (level, wbits) = (number(vm, args.opt(1), -1)?, number(vm, args.opt(2), 15)?);
    let data = vm.with_bytes(args.at(0), <[u8]>::to_vec)?;
    let mut stream = Stream::deflate(level, z::Z_DEFLATED, wbits, 8, 0).map_err(|code| match code {
        z::Z_MEM_ERROR => vm.memory_error_text("Out of memory while compressing data"),
        z::Z_STREAM_ERROR => crate::args::raise_in(vm, super::error_class(vm), "Bad compression level"),
        code => error(vm, code, "while compressing data", None),
    })?;
    let output = run(vm, &mut stream, &data, z::Z_FINISH)?;
    vm.new_bytes(&output)
}

/// Payload of `zlib.Compress`; nothing is left after finishing.
#[repr(C)]
struct PyCompress {
    header: Header,
    stream: RefCell<Option<Stream>>,
}

plain_payload!(PyCompress, "zlib.Compress");

fn own(vm: &Vm, value: Value) -> Gc<PyCompress> {
    vm.downcast::<PyCompress>(value).expect("method of this class")
}

fn make(vm: &Vm, stream: Stream) -> PyResult<Value> {
    let class = vm.native_class(&COMPRESS)?;
    let made = vm.alloc_instance(class, 0, |header| PyCompress { header, stream: RefCell::new(Some(stream)) })?;
    Ok(made.as_value())
}

pub(super) fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let level = number(vm, args.opt(0), -1)?;
    let (method, wbits) = (number(vm, args.opt(1), z::Z_DEFLATED)?, number(vm, args.opt(2), 15)?);
    let (mem_level, strategy) = (number(vm, args.opt(3), 8)?, number(vm, args.opt(4), 0)?);
    let dictionary = given(args.opt(5)).map(|value| vm.with_bytes(value, <[u8]>::to_vec)).transpose()?;
    let mut stream = open(vm, level, method, wbits, mem_level, strategy)?;
    if let Some(dictionary) = dictionary {
        stream.set_dictionary(&dictionary).map_err(|code| match code {
            z::Z_STREAM_ERROR => vm.value_error("Invalid dictionary"),
            code => error(vm, code, "while setting zdict", None),
        })?;
    }
    make(vm, stream)
}

fn finished(vm: &Vm, doing: &str) -> cinder_vm::Raised {
    error(vm, z::Z_STREAM_ERROR, doing, None)
}

fn feed(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let output = match own.stream.borrow_mut().as_mut() {
        Some(stream) => run(vm, stream, &data, z::Z_NO_FLUSH)?,
        None => return Err(finished(vm, "while compressing data")),
    };
    vm.new_bytes(&output)
}

fn flush(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let mode = number(vm, args.opt(1), z::Z_FINISH)?;
    if mode == z::Z_NO_FLUSH {
        return vm.new_bytes(b"");
    }
    let mut stream = own.stream.borrow_mut();
    let output = match stream.as_mut() {
        Some(stream) => run(vm, stream, &[], mode)?,
        None => return Err(finished(vm, "while flushing")),
    };
    if mode == z::Z_FINISH {
        *stream = None;
    }
    vm.new_bytes(&output)
}

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let copied = match own(vm, args.at(0)).stream.borrow_mut().as_mut() {
        Some(stream) => stream.try_clone(),
        None => return Err(vm.value_error("Inconsistent stream state")),
    };
    match copied {
        Ok(stream) => make(vm, stream),
        Err(z::Z_STREAM_ERROR) => Err(vm.value_error("Inconsistent stream state")),
        Err(code) => Err(error(vm, code, "while copying compression object", None)),
    }
}

static COMPRESS: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("compress", "self, data, /", feed),
        NativeDef::method("flush", "self, mode=4, /", flush),
        NativeDef::method("copy", "self, /", copy),
        NativeDef::method("__copy__", "self, /", copy),
        NativeDef::method("__deepcopy__", "self, memo, /", copy),
    ],
    ..TypeDef::new("zlib.Compress", <PyCompress as Payload>::LAYOUT)
};
