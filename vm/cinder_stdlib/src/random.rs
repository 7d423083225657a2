//! `_random`: the Mersenne Twister MT19937 of Matsumoto and Nishimura. Source: Modules/_randommodule.c.

use std::cell::{Cell, RefCell};

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};
use num_bigint::{BigInt, Sign};

use crate::args::given;
use crate::payload::{construct, plain_payload};

pub(crate) static RANDOM: ModuleDef = ModuleDef {
    doc: "Module implements the Mersenne Twister random number generator.",
    setup: Some(|vm, dict| vm.add_class(dict, &CLASS).map(|_| ())),
    ..ModuleDef::new("_random")
};

/// Words of the state.
const LEN: usize = 624;
/// Distance of the word that a new one is mixed with.
const MIX: usize = 397;

/// Payload of a generator.
#[repr(C)]
struct PyRandom {
    header: Header,
    state: RefCell<[u32; LEN]>,
    index: Cell<usize>,
}

plain_payload!(PyRandom, "_random.Random");

impl PyRandom {
    fn twist(state: &mut [u32; LEN]) {
        for at in 0..LEN {
            let bits = (state[at] & 0x8000_0000) | (state[(at + 1) % LEN] & 0x7fff_ffff);
            let magic = if bits & 1 == 0 { 0 } else { 0x9908_b0df };
            state[at] = state[(at + MIX) % LEN] ^ (bits >> 1) ^ magic;
        }
    }

    fn next(&self) -> u32 {
        let mut state = self.state.borrow_mut();
        if self.index.get() >= LEN {
            Self::twist(&mut state);
            self.index.set(0);
        }
        let mut word = state[self.index.get()];
        self.index.set(self.index.get() + 1);
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn float(&self) -> f64 {
        let (high, low) = (self.next() >> 5, self.next() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) * (1.0 / 9_007_199_254_740_992.0)
    }

    fn seed(&self, key: &[u32]) {
        let mut state = self.state.borrow_mut();
        state[0] = 19_650_218;
        for at in 1..LEN {
            let before = state[at - 1];
            state[at] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(at as u32);
        }
        let (mut at, mut place) = (1, 0);
        let mix = |state: &[u32; LEN], at: usize, factor: u32| {
            let before = state[at - 1];
            state[at] ^ (before ^ (before >> 30)).wrapping_mul(factor)
        };
        for _ in 0..LEN.max(key.len()) {
            state[at] = mix(&state, at, 1_664_525).wrapping_add(key[place]).wrapping_add(place as u32);
            at += 1;
            place = (place + 1) % key.len();
            if at == LEN {
                state[0] = state[LEN - 1];
                at = 1;
            }
        }
        for _ in 1..LEN {
            state[at] = mix(&state, at, 1_566_083_941).wrapping_sub(at as u32);
            at += 1;
            if at == LEN {
                state[0] = state[LEN - 1];
                at = 1;
            }
        }
        state[0] = 0x8000_0000;
        self.index.set(LEN);
    }
}

fn own(vm: &Vm, value: Value) -> Gc<PyRandom> {
    vm.downcast::<PyRandom>(value).expect("method of this class")
}

/// The key that a seed stands for.
fn key(vm: &Vm, seed: Option<Value>) -> PyResult<Vec<u32>> {
    let Some(seed) = seed else {
        let mut bytes = [0; LEN * 4];
        crate::host::random_bytes(&mut bytes).map_err(|error| crate::args::os_error(vm, &error, None))?;
        return Ok(bytes
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
            .collect());
    };
    let number = if vm.is_int(seed) {
        let absolute = vm.absolute(seed)?;
        vm.int_to_big(absolute)
    } else {
        None
    };
    let number = match number {
        Some(number) => number,
        None => BigInt::from(vm.hash(seed)?.cast_unsigned()),
    };
    let (_, digits) = number.to_u32_digits();
    Ok(if digits.is_empty() { vec![0] } else { digits })
}

fn seed(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let key = key(vm, given(args.opt(1)))?;
    own(vm, args.at(0)).seed(&key);
    Ok(Value::NONE)
}

fn random_bits(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let count = vm.index(args.at(1))?;
    if vm.int_is_negative(count) {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let count = match vm.int_to_i64(count) {
        Some(count) => count as usize,
        None => return Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    };
    if count == 0 {
        return Ok(Value::ZERO);
    }
    if count <= 32 {
        return vm.new_int(i64::from(own.next() >> (32 - count)));
    }
    let words = count.div_ceil(32);
    vm.check_native_bytes(words.saturating_mul(8))?;
    let mut digits = Vec::new();
    digits.try_reserve_exact(words).map_err(|_| vm.memory_error_text(""))?;
    digits.extend((0..words).map(|index| {
        let spare = if index + 1 == words { words * 32 - count } else { 0 };
        own.next() >> spare
    }));
    vm.new_bigint(BigInt::from_slice(Sign::Plus, &digits))
}

fn get_state(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let mut items = cinder_vm::value_vec::ValueVec::<[Value; 8]>::with_capacity(LEN + 1);
    for word in *own.state.borrow() {
        items.push(vm.new_int(i64::from(word))?);
    }
    items.push(vm.new_uint(own.index.get())?);
    vm.new_tuple(&items)
}

fn set_state(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if vm.as_tuple(args.at(1)).is_none() {
        return Err(vm.type_error("state vector must be a tuple"));
    }
    let items = vm.tuple_items(args.at(1));
    if items.len() != LEN + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut state = [0; LEN];
    for (word, item) in state.iter_mut().zip(items) {
        let number = vm.index(*item)?;
        if vm.int_is_negative(number) {
            return Err(vm.overflow_error("can't convert negative value to unsigned int"));
        }
        *word = crate::args::u32_masked(vm, number)?;
    }
    let index = vm.index_i64(items[LEN])?;
    let index = usize::try_from(index).ok().filter(|index| *index <= LEN);
    let Some(index) = index else { return Err(vm.value_error("invalid state")) };
    let own = own(vm, args.at(0));
    *own.state.borrow_mut() = state;
    own.index.set(index);
    Ok(Value::NONE)
}

static CLASS: TypeDef = TypeDef {
    doc: "Random() -> create a random number generator with its own internal state.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let made = vm.alloc_instance(class, 0, |header| PyRandom {
                header,
                state: RefCell::new([0; LEN]),
                index: Cell::new(LEN),
            })?;
            Ok(made.as_value())
        }),
        init: Some(|vm, value, args, names| {
            static INIT: NativeDef = NativeDef::method("Random", "self, x=None, /", seed);
            construct(vm, &INIT, value, args, names).map(|_| ())
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("random", "self, /", |vm, args| vm.new_float(own(vm, args.at(0)).float())),
        NativeDef::method("seed", "self, n=None, /", seed),
        NativeDef::method("getrandbits", "self, k, /", random_bits),
        NativeDef::method("getstate", "self, /", get_state),
        NativeDef::method("setstate", "self, state, /", set_state),
    ],
    ..TypeDef::new("_random.Random", <PyRandom as Payload>::LAYOUT)
};
