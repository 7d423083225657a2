//! `_blake2`: BLAKE2b and BLAKE2s with key, salt, personalisation and tree parameters (RFC 7693).

use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use super::{State, class, start};
use crate::args::flag;
use crate::payload::construct;

#[derive(Clone)]
struct Big(blake2b_simd::State, usize);

#[derive(Clone)]
struct Small(blake2s_simd::State, usize);

macro_rules! blake_state {
    ($state:ty, $name:literal, $block:literal) => {
        impl State for $state {
            fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }

            fn digest(&self, _: usize) -> Vec<u8> {
                self.0.finalize().as_bytes().to_vec()
            }

            fn boxed_clone(&self) -> Box<dyn State> {
                Box::new(self.clone())
            }

            fn name(&self) -> &'static str {
                $name
            }

            fn block_bytes(&self) -> usize {
                $block
            }

            fn digest_bytes(&self) -> usize {
                self.1
            }
        }
    };
}

blake_state!(Big, "blake2b", 128);
blake_state!(Small, "blake2s", 64);

/// The state without parameters.
pub(super) fn unkeyed(is_big: bool) -> Box<dyn State> {
    if is_big {
        Box::new(Big(blake2b_simd::State::new(), BIG.max_digest))
    } else {
        Box::new(Small(blake2s_simd::State::new(), SMALL.max_digest))
    }
}

/// Limits of one of the two functions, in bytes.
struct Limits {
    name: &'static str,
    /// As error messages spell it.
    title: &'static str,
    max_digest: usize,
    max_key: usize,
    salt: usize,
    person: usize,
    max_node_offset: u64,
}

static BIG: Limits = Limits {
    name: "blake2b",
    title: "Blake2b",
    max_digest: 64,
    max_key: 64,
    salt: 16,
    person: 16,
    max_node_offset: u64::MAX,
};
static SMALL: Limits = Limits {
    name: "blake2s",
    title: "Blake2s",
    max_digest: 32,
    max_key: 32,
    salt: 8,
    person: 8,
    max_node_offset: (1 << 48) - 1,
};

/// What a constructor is given.
struct Parameters {
    digest: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf_size: u32,
    node_offset: u64,
    node_depth: u8,
    inner_size: usize,
    is_last_node: bool,
}

fn bytes(vm: &Vm, value: Option<Value>, limit: usize, what: &str) -> PyResult<Vec<u8>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let bytes = vm.with_bytes(value, <[u8]>::to_vec)?;
    if bytes.len() > limit {
        return Err(vm.value_error(format!("maximum {what} length is {limit} bytes")));
    }
    Ok(bytes)
}

fn small(vm: &Vm, value: Option<Value>, default: u8, low: i32, what: &str) -> PyResult<u8> {
    let Some(value) = value else { return Ok(default) };
    let number = crate::args::c_int(vm, value)?;
    match u8::try_from(number) {
        Ok(number) if i32::from(number) >= low => Ok(number),
        _ => Err(vm.value_error(format!("{what} must be between {low} and 255"))),
    }
}

fn wide(vm: &Vm, value: Option<Value>, limit: u64, what: &str) -> PyResult<u64> {
    let Some(value) = value else { return Ok(0) };
    let number = vm.index(value)?;
    if vm.int_is_negative(number) {
        return Err(vm.value_error("value must be positive"));
    }
    let number = vm.int_to_big(number).expect("index gives an int");
    match u64::try_from(number) {
        Ok(number) if number <= limit => Ok(number),
        Ok(_) => Err(vm.overflow_error(format!("{what} is too large"))),
        Err(_) => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

/// Reads slots 2 to 12 of a constructor.
fn parameters(vm: &Vm, args: &[Arg], limits: &Limits) -> PyResult<Parameters> {
    let digest = args.opt(2).map_or(Ok(limits.max_digest as i32), |size| crate::args::c_int(vm, size))?;
    let digest =
        usize::try_from(digest).ok().filter(|size| (1..=limits.max_digest).contains(size)).ok_or_else(|| {
            let max = limits.max_digest;
            vm.value_error(format!(
                "digest_size for {} must be between 1 and {max} bytes, here it is {digest}",
                limits.title
            ))
        })?;
    let salt = bytes(vm, args.opt(4), limits.salt, "salt")?;
    let person = bytes(vm, args.opt(5), limits.person, "person")?;
    let fanout = small(vm, args.opt(6), 1, 0, "fanout")?;
    let depth = small(vm, args.opt(7), 1, 1, "depth")?;
    let leaf_size = wide(vm, args.opt(8), u64::from(u32::MAX), "leaf_size")? as u32;
    let node_offset = wide(vm, args.opt(9), limits.max_node_offset, "node_offset")?;
    let node_depth = small(vm, args.opt(10), 0, 0, "node_depth")?;
    let inner_size = args.opt(11).map_or(Ok(0), |size| crate::args::c_int(vm, size))?;
    let inner_size = usize::try_from(inner_size)
        .ok()
        .filter(|size| *size <= limits.max_digest)
        .ok_or_else(|| vm.value_error(format!("inner_size must be between 0 and is {}", limits.max_digest)))?;
    let is_last_node = flag(vm, args.opt(12), false)?;
    let key = bytes(vm, args.opt(3), limits.max_key, "key")?;
    Ok(Parameters {
        digest,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner_size,
        is_last_node,
    })
}

macro_rules! keyed_state {
    ($function:ident, $crate_name:ident, $state:ident) => {
        fn $function(given: &Parameters) -> Box<dyn State> {
            let state = $crate_name::Params::new()
                .hash_length(given.digest)
                .key(&given.key)
                .salt(&given.salt)
                .personal(&given.person)
                .fanout(given.fanout)
                .max_depth(given.depth)
                .max_leaf_length(given.leaf_size)
                .node_offset(given.node_offset)
                .node_depth(given.node_depth)
                .inner_hash_length(given.inner_size)
                .last_node(given.is_last_node)
                .to_state();
            Box::new($state(state, given.digest))
        }
    };
}

keyed_state!(big, blake2b_simd, Big);
keyed_state!(small_state, blake2s_simd, Small);

const SIGNATURE: &str = "cls, data=b'', *, digest_size=None, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None";

fn new(vm: &Vm, args: &[Arg], limits: &Limits, state: fn(&Parameters) -> Box<dyn State>) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let parameters = parameters(vm, args, limits)?;
    start(vm, class, state(&parameters), args.opt(1), args.opt(14))
}

static BLAKE2B: TypeDef = TypeDef {
    doc: "Return a new BLAKE2b hash object.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("blake2b", SIGNATURE, |vm, args| new(vm, args, &BIG, big));
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    ..class("_blake2.blake2b", type_flags::BASE)
};

static BLAKE2S: TypeDef = TypeDef {
    doc: "Return a new BLAKE2s hash object.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef =
                NativeDef::class_method("blake2s", SIGNATURE, |vm, args| new(vm, args, &SMALL, small_state));
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    ..class("_blake2.blake2s", type_flags::BASE)
};

fn add(vm: &Vm, dict: Gc<PyDict>, def: &'static TypeDef, limits: &Limits) -> PyResult<()> {
    let class = vm.add_class(dict, def)?;
    let constants = [
        ("SALT_SIZE", limits.salt),
        ("PERSON_SIZE", limits.person),
        ("MAX_KEY_SIZE", limits.max_key),
        ("MAX_DIGEST_SIZE", limits.max_digest),
    ];
    for (name, number) in constants {
        let number = vm.new_uint(number)?;
        vm.set_item_text(class.dict.get(), name, number)?;
        vm.set_item_text(dict, &format!("{}_{name}", limits.name.to_uppercase()), number)?;
    }
    Ok(())
}

pub(crate) static BLAKE2: ModuleDef = ModuleDef {
    setup: Some(|vm, dict| {
        add(vm, dict, &BLAKE2B, &BIG)?;
        add(vm, dict, &BLAKE2S, &SMALL)?;
        vm.set_item_text(dict, "_GIL_MINSIZE", vm.new_int(2048)?)
    }),
    ..ModuleDef::new("_blake2")
};
