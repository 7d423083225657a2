//! The constant and name tables of a code object.
//!
//! Idea: equal constants share a place. Equality is of type and bits, so that `1`, `1.0` and `True` stay apart and so do `0.0` and `-0.0`.

use cinder_bytecode::Constant;
use num_bigint::BigInt;
use rustc_hash::FxHashMap;

/// A constant as a hash key.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Simple(u8),
    Int(BigInt),
    Float(u64),
    Complex(u64, u64),
    Str(Box<str>),
    Surrogates(Box<[u32]>),
    Bytes(Box<[u8]>),
    Tuple(Box<[Key]>),
    FrozenSet(Box<[Key]>),
    Slice(Box<[Key]>),
}

/// `None` for what is never shared (code).
fn key(constant: &Constant) -> Option<Key> {
    let keys = |items: &[Constant]| items.iter().map(key).collect::<Option<Box<[Key]>>>();
    Some(match constant {
        Constant::None => Key::Simple(0),
        Constant::True => Key::Simple(1),
        Constant::False => Key::Simple(2),
        Constant::Ellipsis => Key::Simple(3),
        Constant::Int(value) => Key::Int(value.clone()),
        Constant::Float(value) => Key::Float(value.to_bits()),
        Constant::Complex(real, imag) => Key::Complex(real.to_bits(), imag.to_bits()),
        Constant::Str(value) => Key::Str(value.clone()),
        Constant::Surrogates(value) => Key::Surrogates(value.clone()),
        Constant::Bytes(value) => Key::Bytes(value.clone()),
        Constant::Tuple(items) => Key::Tuple(keys(items)?),
        Constant::FrozenSet(items) => Key::FrozenSet(keys(items)?),
        Constant::Slice(items) => Key::Slice(keys(&items[..])?),
        Constant::Code(_) => return None,
    })
}

/// The constants of one code object.
#[derive(Default)]
pub(crate) struct ConstantTable {
    pub(crate) items: Vec<Constant>,
    places: FxHashMap<Key, u32>,
}

impl ConstantTable {
    pub(crate) fn place(&mut self, constant: Constant) -> u32 {
        let next = self.items.len() as u32;
        let place = match key(&constant) {
            Some(key) => *self.places.entry(key).or_insert(next),
            None => next,
        };
        if place == next {
            self.items.push(constant);
        }
        place
    }

    /// A place to be filled with [`ConstantTable::fill`].
    pub(crate) fn reserve(&mut self) -> u32 {
        self.items.push(Constant::None);
        self.items.len() as u32 - 1
    }

    pub(crate) fn fill(&mut self, place: u32, constant: Constant) {
        self.items[place as usize] = constant;
    }
}

/// The names of one code object.
#[derive(Default)]
pub(crate) struct NameTable {
    pub(crate) items: Vec<Box<str>>,
    places: FxHashMap<Box<str>, u32>,
}

impl NameTable {
    pub(crate) fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.items.len() as u32;
        self.items.push(name.into());
        self.places.insert(name.into(), place);
        place
    }
}

/// Truth of a constant, as `bool()` says.
pub(crate) fn is_true(constant: &Constant) -> bool {
    match constant {
        Constant::None | Constant::False => false,
        Constant::Int(value) => *value != BigInt::ZERO,
        Constant::Float(value) => *value != 0.0,
        Constant::Complex(real, imag) => *real != 0.0 || *imag != 0.0,
        Constant::Str(value) => !value.is_empty(),
        Constant::Surrogates(value) => !value.is_empty(),
        Constant::Bytes(value) => !value.is_empty(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
        Constant::True | Constant::Ellipsis | Constant::Slice(_) | Constant::Code(_) => true,
    }
}
