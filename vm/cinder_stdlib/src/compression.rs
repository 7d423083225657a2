//! What the decompressors of `zlib`, `bz2` and `lzma` have in common.
//!
//! Idea: a [`Decoder`] turns input into output piece by piece; the class around it keeps input that a limited call left over, notices the end of
//! the stream and hands out what follows it. Source: the three Modules/*module.c, whose classes behave alike.

use std::cell::{Cell, RefCell};

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::payload::plain_payload;

/// What a step of decoding did.
pub(crate) struct Step {
    /// Bytes of the input that are used up.
    pub(crate) consumed: usize,
    pub(crate) is_end: bool,
}

/// One way of decompressing. `decode` appends to `output` within its capacity.
pub(crate) trait Decoder {
    fn decode(&mut self, vm: &Vm, input: &[u8], output: &mut Vec<u8>) -> PyResult<Step>;

    /// A number that the class shows (`LZMADecompressor.check`).
    fn check(&self) -> i64 {
        0
    }
}

/// Payload of a decompressor.
#[repr(C)]
pub(crate) struct PyDecompressor {
    header: Header,
    state: RefCell<State>,
    is_end: Cell<bool>,
}

struct State {
    decoder: Box<dyn Decoder>,
    /// Input of earlier calls that was not used.
    input: Vec<u8>,
    unused: Vec<u8>,
    needs_input: bool,
}

plain_payload!(PyDecompressor, "decompressor");

/// A decompressor object.
pub(crate) fn new_decompressor(vm: &Vm, class: Gc<PyType>, decoder: Box<dyn Decoder>) -> PyResult<Value> {
    let state = State { decoder, input: Vec::new(), unused: Vec::new(), needs_input: true };
    let made = vm.alloc_instance(class, 0, |header| PyDecompressor {
        header,
        state: RefCell::new(state),
        is_end: Cell::new(false),
    })?;
    Ok(made.as_value())
}

fn own(vm: &Vm, value: Value) -> Gc<PyDecompressor> {
    vm.downcast::<PyDecompressor>(value).expect("method of this class")
}

/// Grows `output` for the next step; `false` when `limit` is reached.
pub(crate) fn make_room(vm: &Vm, output: &mut Vec<u8>, limit: Option<usize>) -> PyResult<bool> {
    if output.len() < output.capacity() {
        return Ok(true);
    }
    let wanted = (output.capacity() * 2).max(16 * 1024);
    let room = match limit {
        Some(limit) if output.len() >= limit => return Ok(false),
        Some(limit) => wanted.min(limit),
        None => wanted,
    } - output.len();
    match output.try_reserve_exact(room) {
        Ok(()) => Ok(true),
        Err(_) => Err(vm.memory_error_text("")),
    }
}

/// The error of using a finished decompressor.
pub(crate) fn finished(vm: &Vm) -> Raised {
    vm.eof_error("End of stream already reached")
}

fn decompress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let limit = args.opt(2).map_or(Ok(-1), |limit| vm.index_i64(limit))?;
    let mut data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    if own.is_end.get() {
        return Err(finished(vm));
    }
    let Ok(mut state) = own.state.try_borrow_mut() else { return Err(vm.runtime_error("decompressor is in use")) };
    let state = &mut *state;
    if !state.input.is_empty() {
        state.input.append(&mut data);
        data = std::mem::take(&mut state.input);
    }
    let limit = usize::try_from(limit).ok();
    let (mut output, mut used) = (Vec::new(), 0);
    loop {
        if !make_room(vm, &mut output, limit)? {
            break;
        }
        let before = output.len();
        let step = state.decoder.decode(vm, &data[used..], &mut output)?;
        used += step.consumed;
        if step.is_end {
            own.is_end.set(true);
            break;
        }
        if step.consumed == 0 && output.len() == before {
            break;
        }
        if used == data.len() && output.len() < output.capacity() {
            break;
        }
    }
    if let Some(limit) = limit {
        output.truncate(limit);
    }
    data.drain(..used);
    if own.is_end.get() {
        state.unused = data;
        state.needs_input = false;
    } else {
        // A call that filled its limit may have more to give without further input.
        state.needs_input = data.is_empty() && limit.is_none_or(|limit| output.len() < limit);
        state.input = data;
    }
    vm.new_bytes(&output)
}

pub(crate) static METHODS: &[NativeDef] = &[NativeDef::method("decompress", "self, data, max_length=-1", decompress)];

pub(crate) static GETSET: &[GetSetDef] = &[
    GetSetDef::member("eof", |vm, value| Ok(Value::from_bool(own(vm, value).is_end.get()))),
    GetSetDef::member("needs_input", |vm, value| Ok(Value::from_bool(own(vm, value).state.borrow().needs_input))),
    GetSetDef::member("unused_data", |vm, value| vm.new_bytes(&own(vm, value).state.borrow().unused)),
];

/// As [`GETSET`], with `check`.
pub(crate) static GETSET_CHECKED: &[GetSetDef] = &[
    GetSetDef::member("eof", |vm, value| Ok(Value::from_bool(own(vm, value).is_end.get()))),
    GetSetDef::member("needs_input", |vm, value| Ok(Value::from_bool(own(vm, value).state.borrow().needs_input))),
    GetSetDef::member("unused_data", |vm, value| vm.new_bytes(&own(vm, value).state.borrow().unused)),
    GetSetDef::member("check", |vm, value| vm.new_int(own(vm, value).state.borrow().decoder.check())),
];

/// Declaration to extend: a class of this payload.
pub(crate) const fn class(name: &'static str) -> TypeDef {
    TypeDef { methods: METHODS, getset: GETSET, ..TypeDef::new(name, <PyDecompressor as Payload>::LAYOUT) }
}
