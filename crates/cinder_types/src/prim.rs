//! Unboxed values: which kinds exist, their ranges, how they mix.
//!
//! Problem: primitives have C semantics, so the checker, the code generator and the JIT must agree to the bit on sizes, signs,
//! promotion and which implicit conversions exist.
//! Idea: one small enum with tables; nobody else computes a common type or a range.
//! Holds: `code` values are part of the bytecode contract (bit 0 signed, bits 1 and 2 log2 of the byte size).
//!
//! Follows: the language specification, section 4.

use std::fmt;

/// A primitive kind. `size_t` and `ssize_t` are spellings of [`Prim::UInt64`] and [`Prim::Int64`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Prim {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Char,
    Bool,
    Double,
}

impl Prim {
    pub const ALL: [Self; 11] = [
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::UInt8,
        Self::UInt16,
        Self::UInt32,
        Self::UInt64,
        Self::Char,
        Self::Bool,
        Self::Double,
    ];

    /// The name users write; also how the type prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Char => "char",
            Self::Bool => "cbool",
            Self::Double => "double",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "size_t" => Some(Self::UInt64),
            "ssize_t" => Some(Self::Int64),
            _ => Self::ALL.into_iter().find(|prim| prim.name() == name),
        }
    }

    /// The type code of the typed bytecode.
    pub fn code(self) -> u8 {
        match self {
            Self::UInt8 => 0,
            Self::Int8 => 1,
            Self::UInt16 => 2,
            Self::Int16 => 3,
            Self::UInt32 => 4,
            Self::Int32 => 5,
            Self::UInt64 => 6,
            Self::Int64 => 7,
            Self::Double => 9,
            Self::Char => 11,
            Self::Bool => 12,
        }
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|prim| prim.code() == code)
    }

    /// Size in bytes when stored in a field.
    pub fn size_bytes(self) -> u32 {
        match self {
            Self::Int8 | Self::UInt8 | Self::Char | Self::Bool => 1,
            Self::Int16 | Self::UInt16 => 2,
            Self::Int32 | Self::UInt32 => 4,
            Self::Int64 | Self::UInt64 | Self::Double => 8,
        }
    }

    pub fn bits(self) -> u32 {
        self.size_bytes() * 8
    }

    /// Whether arithmetic on this kind is signed integer arithmetic.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64 | Self::Char)
    }

    /// Integers proper and `char`; neither `cbool` nor `double`.
    pub fn is_int(self) -> bool {
        !matches!(self, Self::Bool | Self::Double)
    }

    /// Smallest and largest value, both inclusive. `cbool` takes what an unsigned 32-bit literal takes.
    pub fn range(self) -> Option<(i128, i128)> {
        match self {
            Self::Double => None,
            Self::Bool => Some((0, i128::from(u32::MAX))),
            _ if self.is_signed() => Some((-(1i128 << (self.bits() - 1)), (1i128 << (self.bits() - 1)) - 1)),
            _ => Some((0, (1i128 << self.bits()) - 1)),
        }
    }

    pub fn holds(self, value: i128) -> bool {
        self.range().is_some_and(|(low, high)| low <= value && value <= high)
    }

    fn signed_of_bits(bits: u32) -> Option<Self> {
        match bits {
            8 => Some(Self::Int8),
            16 => Some(Self::Int16),
            32 => Some(Self::Int32),
            64 => Some(Self::Int64),
            _ => None,
        }
    }

    /// Bits as conversions count them: by its code `cbool` is an unsigned type of 32 bits.
    fn conversion_bits(self) -> u32 {
        if self == Self::Bool { 32 } else { self.bits() }
    }

    /// Whether a `src` may be stored in a `self` without an explicit conversion (section 4.3).
    pub fn accepts(self, src: Self) -> bool {
        if self == src {
            return true;
        }
        if self == Self::Double || src == Self::Double {
            return false;
        }
        if self == Self::Bool {
            return matches!(src, Self::UInt8 | Self::UInt16 | Self::UInt32);
        }
        let (to, from) = (self.conversion_bits(), src.conversion_bits());
        if self.is_signed() == src.is_signed() { from <= to } else { self.is_signed() && from < to }
    }

    /// The type in which `left` and `right` are computed, if there is one (section 4.5).
    ///
    /// `cbool` has none; callers decide what a mixed `cbool` means for their operator.
    pub fn common(left: Self, right: Self) -> Option<Self> {
        if left == right {
            return Some(left);
        }
        if !left.is_int() || !right.is_int() {
            return None;
        }
        if left.is_signed() == right.is_signed() {
            return Some(if left.bits() >= right.bits() { left } else { right });
        }
        let (signed, unsigned) = if left.is_signed() { (left, right) } else { (right, left) };
        Self::signed_of_bits(signed.bits().max(unsigned.bits() * 2))
    }
}

impl fmt::Display for Prim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Operators on primitive integers and doubles; the numbers are those of the typed bytecode (section 15.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PrimBinaryOp {
    Add = 0,
    Sub = 1,
    Mul = 2,
    Div = 3,
    DivUnsigned = 4,
    Mod = 5,
    ModUnsigned = 6,
    Pow = 7,
    LShift = 8,
    RShift = 9,
    RShiftUnsigned = 10,
    Xor = 11,
    Or = 12,
    And = 13,
    DoubleAdd = 14,
    DoubleSub = 15,
    DoubleMul = 16,
    DoubleDiv = 17,
    DoubleMod = 18,
    DoublePow = 19,
    PowUnsigned = 20,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PrimCompareOp {
    Eq = 0,
    NotEq = 1,
    Lt = 2,
    LtE = 3,
    Gt = 4,
    GtE = 5,
    LtUnsigned = 6,
    LtEUnsigned = 7,
    GtUnsigned = 8,
    GtEUnsigned = 9,
    DoubleEq = 10,
    DoubleNotEq = 11,
    DoubleLt = 12,
    DoubleLtE = 13,
    DoubleGt = 14,
    DoubleGtE = 15,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PrimUnaryOp {
    Neg = 0,
    Invert = 1,
    DoubleNeg = 2,
    Not = 3,
}

#[cfg(test)]
mod tests {
    use super::Prim::{self, *};

    #[test]
    fn mixed_signs_promote_to_the_next_signed_size() {
        for (left, right, common) in [
            (Int8, UInt8, Some(Int16)),
            (UInt8, Int8, Some(Int16)),
            (Int64, UInt32, Some(Int64)),
            (UInt64, Int8, None),
            (Int8, Int32, Some(Int32)),
            (UInt16, UInt64, Some(UInt64)),
            (Double, Int64, None),
        ] {
            assert_eq!(Prim::common(left, right), common, "{left} with {right}");
        }
    }

    #[test]
    fn implicit_conversions_lose_nothing() {
        for (dest, src, ok) in [
            (Int64, Int8, true),
            (Int8, Int64, false),
            (Int16, UInt8, true),
            (UInt16, Int8, false),
            (UInt64, Int64, false),
            (UInt32, Bool, true),
            (Int32, Bool, false),
            (Int64, Bool, true),
            (Bool, UInt32, true),
            (Bool, UInt64, false),
            (Char, Int8, true),
            (Int8, Char, true),
            (Double, Int8, false),
        ] {
            assert_eq!(dest.accepts(src), ok, "{dest} <- {src}");
        }
    }

    #[test]
    fn codes_are_unique() {
        for prim in Prim::ALL {
            assert_eq!(Prim::from_code(prim.code()), Some(prim));
        }
    }
}
