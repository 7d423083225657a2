//! `decompress`, decompression objects and `_ZlibDecompressor`.

use std::cell::RefCell;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};
use libz_rs_sys as z;

use super::stream::Stream;
use super::{error, number};
use crate::compression::{Decoder, Step, make_room, new_decompressor};
use crate::payload::{construct, plain_payload};

fn open(vm: &Vm, wbits: i32) -> PyResult<Stream> {
    Stream::inflate(wbits).map_err(|code| match code {
        z::Z_STREAM_ERROR => vm.value_error("Invalid initialization option"),
        z::Z_MEM_ERROR => vm.memory_error_text("Can't allocate memory for decompression object"),
        code => error(vm, code, "while creating decompression object", None),
    })
}

pub(super) fn decompress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (wbits, room) = (number(vm, args.opt(1), 15)?, args.opt(2));
    let room = room.map_or(Ok(16384), |room| vm.index_ssize(room))?;
    let room = match usize::try_from(room) {
        Ok(0) | Err(_) => return Err(vm.value_error("bufsize must be non-zero")),
        Ok(room) => room,
    };
    let data = vm.with_bytes(args.at(0), <[u8]>::to_vec)?;
    let mut stream = Stream::inflate(wbits).map_err(|code| match code {
        z::Z_MEM_ERROR => vm.memory_error_text("Out of memory while decompressing data"),
        code => error(vm, code, "while preparing to decompress data", None),
    })?;
    let mut input = &data[..];
    let mut output = Vec::new();
    output.try_reserve_exact(room).map_err(|_| vm.memory_error_text(""))?;
    loop {
        make_room(vm, &mut output, None)?;
        let outcome = stream.step(input, &mut output, z::Z_SYNC_FLUSH);
        input = &input[outcome.consumed..];
        match outcome.code {
            z::Z_STREAM_END => return vm.new_bytes(&output),
            z::Z_OK | z::Z_BUF_ERROR => {
                if input.is_empty() && output.len() < output.capacity() {
                    return Err(error(vm, z::Z_BUF_ERROR, "while decompressing data", None));
                }
            }
            z::Z_MEM_ERROR => return Err(vm.memory_error_text("Out of memory while decompressing data")),
            code => return Err(error(vm, code, "while decompressing data", Some(&stream))),
        }
    }
}

/// Payload of `zlib.Decompress`.
#[repr(C)]
struct PyDecompress {
    header: Header,
    state: RefCell<State>,
}

struct State {
    stream: Stream,
    dictionary: Option<Vec<u8>>,
    /// What followed the end of the stream.
    unused: Vec<u8>,
    /// What a limited call left over.
    tail: Vec<u8>,
    is_end: bool,
}

plain_payload!(PyDecompress, "zlib.Decompress");

fn own(vm: &Vm, value: Value) -> Gc<PyDecompress> {
    vm.downcast::<PyDecompress>(value).expect("method of this class")
}

fn make(vm: &Vm, state: State) -> PyResult<Value> {
    let class = vm.native_class(&DECOMPRESS)?;
    let made = vm.alloc_instance(class, 0, |header| PyDecompress { header, state: RefCell::new(state) })?;
    Ok(made.as_value())
}

/// The preset dictionary of a call. A raw stream takes it at once.
fn dictionary(vm: &Vm, value: Option<Value>, wbits: i32, stream: &mut Stream) -> PyResult<Option<Vec<u8>>> {
    let Some(value) = value else { return Ok(None) };
    if vm.type_of(value).slots().buffer.is_none() {
        return Err(vm.type_error("zdict argument must support the buffer protocol"));
    }
    let dictionary = vm.with_bytes(value, <[u8]>::to_vec)?;
    if wbits < 0 {
        stream.set_dictionary(&dictionary).map_err(|code| error(vm, code, "while setting zdict", None))?;
    }
    Ok(Some(dictionary))
}

pub(super) fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let wbits = number(vm, args.opt(0), 15)?;
    let mut stream = open(vm, wbits)?;
    let dictionary = dictionary(vm, args.opt(1), wbits, &mut stream)?;
    make(vm, State { stream, dictionary, unused: Vec::new(), tail: Vec::new(), is_end: false })
}

/// One call of the library, with the preset dictionary given when the stream asks for it.
fn step(
    vm: &Vm,
    stream: &mut Stream,
    dictionary: Option<&[u8]>,
    input: &[u8],
    output: &mut Vec<u8>,
    flush: i32,
) -> PyResult<(i32, usize)> {
    let first = stream.step(input, output, flush);
    match (first.code, dictionary) {
        (z::Z_NEED_DICT, Some(dictionary)) => {
            stream.set_dictionary(dictionary).map_err(|code| error(vm, code, "while setting zdict", Some(stream)))?;
            let second = stream.step(&input[first.consumed..], output, flush);
            Ok((second.code, first.consumed + second.consumed))
        }
        _ => Ok((first.code, first.consumed)),
    }
}

/// Inflates `input` up to `limit` bytes; what is left of the input goes to `tail` or `unused`.
fn run(vm: &Vm, state: &mut State, input: &[u8], limit: Option<usize>, flush: i32) -> PyResult<Vec<u8>> {
    let (mut output, mut used) = (Vec::new(), 0);
    let failure = loop {
        if state.is_end || !make_room(vm, &mut output, limit)? {
            break None;
        }
        let (code, consumed) =
            step(vm, &mut state.stream, state.dictionary.as_deref(), &input[used..], &mut output, flush)?;
        used += consumed;
        match code {
            z::Z_STREAM_END => state.is_end = true,
            z::Z_OK if used < input.len() || output.len() == output.capacity() => {}
            z::Z_OK | z::Z_BUF_ERROR => break None,
            code => break Some(code),
        }
    };
    let rest = &input[used..];
    if state.is_end {
        state.unused.extend_from_slice(rest);
        state.tail.clear();
    } else {
        state.tail = rest.to_vec();
    }
    match failure {
        None => Ok(output),
        Some(code) => Err(error(vm, code, "while decompressing data", Some(&state.stream))),
    }
}

fn feed(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let limit = args.opt(2).map_or(Ok(0), |limit| vm.index_ssize(limit))?;
    let limit = usize::try_from(limit).map_err(|_| vm.value_error("max_length must be non-negative"))?;
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let limit = if limit == 0 { None } else { Some(limit) };
    let output = run(vm, &mut own.state.borrow_mut(), &data, limit, z::Z_SYNC_FLUSH)?;
    vm.new_bytes(&output)
}

fn flush(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let length = args.opt(1).map_or(Ok(16384), |length| vm.index_ssize(length))?;
    if length <= 0 {
        return Err(vm.value_error("length must be greater than zero"));
    }
    let mut state = own.state.borrow_mut();
    let tail = std::mem::take(&mut state.tail);
    let output = run(vm, &mut state, &tail, None, z::Z_SYNC_FLUSH)?;
    vm.new_bytes(&output)
}

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let copied = {
        let own = own(vm, args.at(0));
        let mut state = own.state.borrow_mut();
        match state.stream.try_clone() {
            Ok(stream) => Ok(State {
                stream,
                dictionary: state.dictionary.clone(),
                unused: state.unused.clone(),
                tail: state.tail.clone(),
                is_end: state.is_end,
            }),
            Err(code) => Err(code),
        }
    };
    match copied {
        Ok(state) => make(vm, state),
        Err(z::Z_STREAM_ERROR) => Err(vm.value_error("Inconsistent stream state")),
        Err(code) => Err(error(vm, code, "while copying decompression object", None)),
    }
}

static DECOMPRESS: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("decompress", "self, data, /, max_length=0", feed),
        NativeDef::method("flush", "self, length=16384, /", flush),
        NativeDef::method("copy", "self, /", copy),
        NativeDef::method("__copy__", "self, /", copy),
        NativeDef::method("__deepcopy__", "self, memo, /", copy),
    ],
    getset: &[
        GetSetDef::member("unused_data", |vm, value| vm.new_bytes(&own(vm, value).state.borrow().unused)),
        GetSetDef::member("unconsumed_tail", |vm, value| vm.new_bytes(&own(vm, value).state.borrow().tail)),
        GetSetDef::member("eof", |vm, value| Ok(Value::from_bool(own(vm, value).state.borrow().is_end))),
    ],
    ..TypeDef::new("zlib.Decompress", <PyDecompress as Payload>::LAYOUT)
};

/// The decoder of `_ZlibDecompressor`, which `gzip` reads with.
struct ZlibDecoder {
    stream: Stream,
    dictionary: Option<Vec<u8>>,
}

impl Decoder for ZlibDecoder {
    fn decode(&mut self, vm: &Vm, input: &[u8], output: &mut Vec<u8>) -> PyResult<Step> {
        let (code, consumed) = step(vm, &mut self.stream, self.dictionary.as_deref(), input, output, z::Z_SYNC_FLUSH)?;
        match code {
            z::Z_OK | z::Z_BUF_ERROR | z::Z_STREAM_END => Ok(Step { consumed, is_end: code == z::Z_STREAM_END }),
            code => Err(error(vm, code, "while decompressing data", Some(&self.stream))),
        }
    }
}

pub(super) static DECOMPRESSOR: TypeDef = TypeDef {
    doc: "Create a decompressor object for decompressing data incrementally.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef =
                NativeDef::class_method("_ZlibDecompressor", "cls, wbits=15, zdict=b''", |vm, args| {
                    let wbits = number(vm, args.opt(1), 15)?;
                    let mut stream = open(vm, wbits)?;
                    let dictionary = dictionary(vm, args.opt(2), wbits, &mut stream)?;
                    let class = vm.as_class(args.at(0)).expect("bound to its class");
                    new_decompressor(vm, class, Box::new(ZlibDecoder { stream, dictionary }))
                });
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    ..crate::compression::class("zlib._ZlibDecompressor")
};
