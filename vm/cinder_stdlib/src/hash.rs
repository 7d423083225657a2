//! The hash functions: `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2` and `_hashlib`.
//!
//! Idea: every algorithm is a [`State`] behind one payload; the classes differ by name and by how an object is made.
//! Source: Modules/md5module.c and its siblings, Modules/_hashopenssl.c. The algorithms are those of the RustCrypto project and of `blake2_simd`.

mod algorithm;
mod blake2;
mod derive;
mod hmac;
mod openssl;
mod plain;

use std::cell::RefCell;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use crate::payload::plain_payload;

pub(crate) use blake2::BLAKE2;
pub(crate) use openssl::{HASHLIB, compare_digest};
pub(crate) use plain::{MD5, SHA1, SHA2, SHA3};

/// A hash that is being computed.
pub(crate) trait State {
    fn update(&mut self, data: &[u8]);
    /// The digest of what came so far; `len` matters to functions of extendable output only.
    fn digest(&self, len: usize) -> Vec<u8>;
    fn boxed_clone(&self) -> Box<dyn State>;
    fn name(&self) -> &'static str;
    fn block_bytes(&self) -> usize;
    /// 0 for functions of extendable output.
    fn digest_bytes(&self) -> usize;
}

/// Payload of every hash object.
#[repr(C)]
pub(crate) struct PyHash {
    header: Header,
    state: RefCell<Box<dyn State>>,
}

plain_payload!(PyHash, "hash");

fn own(vm: &Vm, value: Value) -> Gc<PyHash> {
    vm.downcast::<PyHash>(value).expect("method of this class")
}

fn make(vm: &Vm, class: Gc<PyType>, state: Box<dyn State>) -> PyResult<Value> {
    let made = vm.alloc_instance(class, 0, |header| PyHash { header, state: RefCell::new(state) })?;
    Ok(made.as_value())
}

/// Bytes of data to be hashed.
fn data(vm: &Vm, value: Value) -> PyResult<Vec<u8>> {
    if vm.is_str(value) {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    if vm.type_of(value).slots().buffer.is_none() {
        return Err(vm.type_error("object supporting the buffer API required"));
    }
    vm.with_bytes(value, <[u8]>::to_vec)
}

/// The first data of a constructor: `data` or the old name `string`.
fn first_data(vm: &Vm, data_argument: Option<Value>, string: Option<Value>) -> PyResult<Option<Vec<u8>>> {
    match (data_argument, crate::args::given(string)) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version.",
        )),
        (Some(value), None) | (None, Some(value)) => data(vm, value).map(Some),
        (None, None) => Ok(None),
    }
}

/// A new object of `class`, fed with the first data.
fn start(
    vm: &Vm,
    class: Gc<PyType>,
    mut state: Box<dyn State>,
    data: Option<Value>,
    string: Option<Value>,
) -> PyResult<Value> {
    if let Some(data) = first_data(vm, data, string)? {
        state.update(&data);
    }
    make(vm, class, state)
}

fn digest_of(vm: &Vm, args: &[Arg]) -> PyResult<Vec<u8>> {
    let state = own(vm, args.at(0)).state.borrow().boxed_clone();
    if state.digest_bytes() != 0 {
        return Ok(state.digest(0));
    }
    let len = args.get(1).copied().flatten().expect("functions of extendable output have a length");
    let len = vm.index_ssize(len)?;
    let len = usize::try_from(len).map_err(|_| vm.value_error("length must be non-negative"))?;
    if len >= 1 << 29 {
        return Err(vm.value_error("digest length is too large"));
    }
    Ok(state.digest(len))
}

fn digest(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let digest = digest_of(vm, args)?;
    vm.new_bytes(&digest)
}

fn hex_digest(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = crate::binascii::hex_text(&digest_of(vm, args)?);
    vm.new_str_latin1(&text)
}

fn update(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let data = data(vm, args.at(1))?;
    own(vm, args.at(0)).state.borrow_mut().update(&data);
    Ok(Value::NONE)
}

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let state = own(vm, args.at(0)).state.borrow().boxed_clone();
    make(vm, vm.type_of(args.at(0)), state)
}

static METHODS: &[NativeDef] = &[
    NativeDef::method("copy", "self, /", copy),
    NativeDef::method("digest", "self, /", digest),
    NativeDef::method("hexdigest", "self, /", hex_digest),
    NativeDef::method("update", "self, obj, /", update),
];

/// Methods of functions of extendable output.
static XOF_METHODS: &[NativeDef] = &[
    NativeDef::method("copy", "self, /", copy),
    NativeDef::method("digest", "self, length", digest),
    NativeDef::method("hexdigest", "self, length", hex_digest),
    NativeDef::method("update", "self, obj, /", update),
];

fn block_size(vm: &Vm, value: Value) -> PyResult<Value> {
    vm.new_uint(own(vm, value).state.borrow().block_bytes())
}

fn digest_size(vm: &Vm, value: Value) -> PyResult<Value> {
    vm.new_uint(own(vm, value).state.borrow().digest_bytes())
}

fn name(vm: &Vm, value: Value) -> PyResult<Value> {
    vm.new_str(own(vm, value).state.borrow().name())
}

static GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("block_size", block_size),
    GetSetDef::read_only("digest_size", digest_size),
    GetSetDef::read_only("name", name),
];

/// Rate of a sponge function, in bits.
fn rate_bits(vm: &Vm, value: Value) -> usize {
    own(vm, value).state.borrow().block_bytes() * 8
}

/// [`GETSET`] and what sponge functions tell of themselves.
static SPONGE_GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("block_size", block_size),
    GetSetDef::read_only("digest_size", digest_size),
    GetSetDef::read_only("name", name),
    GetSetDef::read_only("_capacity_bits", |vm, value| vm.new_uint(1600 - rate_bits(vm, value))),
    GetSetDef::read_only("_rate_bits", |vm, value| vm.new_uint(rate_bits(vm, value))),
    GetSetDef::read_only("_suffix", |vm, value| {
        let is_xof = own(vm, value).state.borrow().digest_bytes() == 0;
        vm.new_bytes(if is_xof { b"\x1f" } else { b"\x06" })
    }),
];

/// A class of hash objects, to be extended.
const fn class(name: &'static str, flags: u32) -> TypeDef {
    TypeDef { flags, methods: METHODS, getset: GETSET, ..TypeDef::new(name, <PyHash as Payload>::LAYOUT) }
}

const NO_NEW: u32 = type_flags::NO_NEW;
