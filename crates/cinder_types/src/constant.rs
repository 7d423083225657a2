//! Values known at compile time: folded constants, default values, inlined finals.

use std::sync::Arc;

use crate::{KnownClass, Type};

/// A constant of the source. Floats are kept as bits so that equality is that of the source, NaN included.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ConstValue {
    None,
    Ellipsis,
    Bool(bool),
    Int(i128),
    /// Too large for `Int`; decimal digits.
    BigInt(Arc<str>),
    Float(u64),
    Complex(u64, u64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Self]>),
}

impl ConstValue {
    pub fn float(value: f64) -> Self {
        Self::Float(value.to_bits())
    }

    /// The type of the constant as an object (section 3.6).
    pub fn ty(&self) -> Type {
        match self {
            Self::None => Type::None,
            Self::Ellipsis => Type::instance(KnownClass::Ellipsis),
            Self::Bool(value) => Type::BoolLiteral(*value),
            Self::Int(value) => Type::IntLiteral(*value),
            Self::BigInt(_) => Type::exact(KnownClass::Int),
            Self::Float(_) => Type::exact(KnownClass::Float),
            Self::Complex(..) => Type::exact(KnownClass::Complex),
            Self::Str(_) => Type::exact(KnownClass::Str),
            Self::Bytes(_) => Type::instance(KnownClass::Bytes),
            Self::Tuple(_) => Type::exact(KnownClass::Tuple),
        }
    }

    /// Truth of the constant, as `bool()` gives it.
    pub fn truth(&self) -> bool {
        match self {
            Self::None => false,
            Self::Ellipsis | Self::BigInt(_) => true,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(bits) => f64::from_bits(*bits) != 0.0,
            Self::Complex(re, im) => f64::from_bits(*re) != 0.0 || f64::from_bits(*im) != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Tuple(items) => !items.is_empty(),
        }
    }
}
