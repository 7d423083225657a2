//! `int` and `bool`: small ints are immediates, the rest are heap objects with a big integer.

pub mod arith;
mod methods;
pub mod text;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use crate::native::PyResult;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of an int outside 63 bits, or of an instance of an int subclass with any value.
#[repr(C)]
pub struct PyInt {
    header: Header,
    value: BigInt,
}

impl Trace for PyInt {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, no values.
unsafe impl HeapObject for PyInt {
    const LEAF: bool = true;
}

crate::layout!(PyInt, "int", exact int);

impl PyInt {
    pub fn value(&self) -> &BigInt {
        &self.value
    }
}

/// Entries that `int` and `bool` share.
const SLOTS: Slots = Slots {
    repr: Some(|vm, value| match value.try_int() {
        Some(number) => vm.new_str(text::small(number, &mut [0; 20])),
        None => vm.new_str(&vm.int_text(value)?),
    }),
    hash: Some(arith::hash),
    compare: Some(arith::compare),
    bool: Some(|vm, value| Ok(vm.int_to_i64(value) != Some(0))),
    index: Some(arith::positive),
    int: Some(arith::positive),
    float: Some(|vm, value| vm.new_float(vm.int_to_float(value)?)),
    negative: Some(arith::negative),
    positive: Some(arith::positive),
    invert: Some(arith::invert),
    absolute: Some(arith::absolute),
    binary: [
        Some(arith::add),
        Some(arith::subtract),
        Some(arith::multiply),
        Some(arith::true_divide),
        Some(arith::floor_divide),
        Some(arith::remainder),
        Some(arith::power),
        Some(arith::left_shift),
        Some(arith::right_shift),
        Some(arith::and),
        Some(arith::or),
        Some(arith::xor),
        None,
    ],
    power: Some(arith::power_modulo),
    new: Some(methods::new),
    ..Slots::NONE
};

pub static INT: TypeDef = TypeDef {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.",
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    slots: SLOTS,
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::new("int", <PyInt as crate::object::Payload>::LAYOUT)
};

pub static BOOL: TypeDef = TypeDef {
    doc: "Returns True when the argument is true, False otherwise.",
    flags: type_flags::MATCH_SELF,
    slots: Slots {
        repr: Some(|vm, value| vm.new_str(if value == Value::TRUE { "True" } else { "False" })),
        new: Some(methods::new_bool),
        ..Slots::NONE
    },
    ..TypeDef::new("bool", <PyInt as crate::object::Payload>::LAYOUT)
};

impl Vm {
    /// `int` of a machine number.
    #[inline]
    pub fn new_int(&self, number: i64) -> PyResult<Value> {
        match Value::from_small_int(number) {
            Some(value) => Ok(value),
            None => self.new_heap_int(BuiltinType::int as u32, BigInt::from(number)),
        }
    }

    /// `int` of a length or other unsigned number.
    #[inline]
    pub fn new_uint(&self, number: usize) -> PyResult<Value> {
        match i64::try_from(number) {
            Ok(number) => self.new_int(number),
            Err(_) => self.new_heap_int(BuiltinType::int as u32, BigInt::from(number)),
        }
    }

    /// `int` of a big integer, in canonical form.
    pub fn new_bigint(&self, number: BigInt) -> PyResult<Value> {
        if number.bits() <= 63
            && let Some(small) = number.to_i64().and_then(Value::from_small_int)
        {
            return Ok(small);
        }
        self.new_heap_int(BuiltinType::int as u32, number)
    }

    /// Heap int of any value; exact ints outside 63 bits and instances of subclasses.
    pub fn new_heap_int(&self, shape: u32, value: BigInt) -> PyResult<Value> {
        Ok(self.alloc(PyInt { header: object_header(shape), value })?.as_value())
    }

    /// Whether the value is an int (bools and subclasses included).
    #[inline]
    pub fn is_int(&self, value: Value) -> bool {
        value.is_int() || value.is_bool() || self.downcast::<PyInt>(value).is_some()
    }

    /// Payload of a heap int.
    #[inline]
    pub fn as_heap_int(&self, value: Value) -> Option<Gc<PyInt>> {
        self.downcast::<PyInt>(value)
    }

    /// Number of an int (bool, subclass) that fits; `None` for others.
    #[inline]
    pub fn int_to_i64(&self, value: Value) -> Option<i64> {
        if value.is_int() {
            return Some(value.as_int());
        }
        match value.as_bool() {
            Some(truth) => Some(i64::from(truth)),
            None => self.as_heap_int(value)?.value.to_i64(),
        }
    }

    /// Big integer of an int (bool, subclass); `None` for others.
    pub fn int_to_big(&self, value: Value) -> Option<BigInt> {
        match (value.try_int(), value.as_bool()) {
            (Some(number), _) => Some(BigInt::from(number)),
            (None, Some(truth)) => Some(BigInt::from(u8::from(truth))),
            (None, None) => Some(self.as_heap_int(value)?.value.clone()),
        }
    }

    /// Sign of an int.
    pub fn int_is_negative(&self, value: Value) -> bool {
        match value.try_int() {
            Some(number) => number < 0,
            None => self.as_heap_int(value).is_some_and(|int| int.value.is_negative()),
        }
    }
}
