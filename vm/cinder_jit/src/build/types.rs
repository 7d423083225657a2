//! Kinds from what is known: value bits and static types.

use cinder_bytecode::{Constant, TypeDescr};
use cinder_layout::encoding;

use crate::hir::Kinds;

/// Kinds of a constant. A pointer may be a heap number.
pub(crate) fn kinds_of_bits(bits: u64) -> Kinds {
    match bits {
        0 => Kinds::UNBOUND,
        encoding::NONE => Kinds::NONE,
        encoding::TRUE | encoding::FALSE => Kinds::BOOL,
        _ if bits & encoding::INT_TAG != 0 => Kinds::INT,
        _ if bits & encoding::FLONUM_MASK == encoding::FLONUM_TAG => Kinds::FLONUM,
        _ if bits & encoding::POINTER_MASK == 0 => Kinds::OBJECT.union(Kinds::FLOAT).union(Kinds::BIG),
        _ => Kinds::OBJECT,
    }
}

/// Kinds of a constant whose description is at hand: a heap number is known as such.
pub(crate) fn kinds_of_constant(constant: &Constant, bits: u64) -> Kinds {
    match (constant, kinds_of_bits(bits)) {
        (Constant::Float(_), Kinds::FLONUM) => Kinds::FLONUM,
        (Constant::Float(_), _) => Kinds::FLOAT,
        (Constant::Int(_), Kinds::INT) => Kinds::INT,
        (Constant::Int(_), _) => Kinds::BIG,
        (_, kinds) if kinds.may_be(Kinds::OBJECT) => Kinds::OBJECT,
        (_, kinds) => kinds,
    }
}

/// Kinds of the values of a static type; the checker promises that there are no others.
pub(crate) fn kinds_of_type(descr: &TypeDescr) -> Kinds {
    let int = Kinds::INT.union(Kinds::BIG).union(Kinds::BOOL).union(Kinds::OBJECT);
    match descr {
        TypeDescr::None => Kinds::NONE,
        TypeDescr::Dynamic | TypeDescr::Primitive(_) | TypeDescr::Awaitable(_) => Kinds::BOUND,
        TypeDescr::Literal { is_bool: true, .. } => Kinds::BOOL,
        TypeDescr::Literal { is_bool: false, .. } => Kinds::INT.union(Kinds::BIG),
        TypeDescr::Optional(inner) => kinds_of_type(inner).union(Kinds::NONE),
        TypeDescr::Union(items) => items.iter().map(kinds_of_type).fold(Kinds::NO, Kinds::union),
        TypeDescr::Class { module, qualname, .. } => match (&**module, &**qualname) {
            ("builtins", "bool") => Kinds::BOOL,
            ("builtins", "int") => int,
            // Where float is declared an int may stand.
            ("builtins", "float") => int.union(Kinds::FLONUM).union(Kinds::FLOAT),
            ("builtins", "str" | "bytes" | "list" | "dict" | "set" | "frozenset" | "tuple" | "bytearray") => {
                Kinds::OBJECT
            }
            ("__static__", "CheckedList" | "CheckedDict" | "Array" | "chklist" | "chkdict") => Kinds::OBJECT,
            // Names of these modules may stand for protocols that numbers and None satisfy.
            ("builtins" | "typing" | "types" | "abc" | "__static__" | "numbers" | "collections.abc", _) => Kinds::BOUND,
            _ => Kinds::OBJECT,
        },
    }
}
