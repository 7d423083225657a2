//! `float`: most are immediates; zeros, infinities, NaN and numbers of extreme size are heap objects.

pub mod arith;
mod methods;
pub mod text;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a float that is no immediate, or of an instance of a float subclass.
#[repr(C)]
pub struct PyFloat {
    header: Header,
    value: f64,
}

impl Trace for PyFloat {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, no values.
unsafe impl HeapObject for PyFloat {
    const LEAF: bool = true;
}

crate::layout!(PyFloat, "float", exact float);

impl PyFloat {
    pub const VALUE_OFFSET: usize = std::mem::offset_of!(PyFloat, value);

    #[inline]
    pub fn value(&self) -> f64 {
        self.value
    }
}

pub static FLOAT: TypeDef = TypeDef {
    doc: "Convert a string or number to a floating-point number, if possible.",
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    slots: Slots {
        repr: Some(|vm, value| vm.new_str(&text::repr(arith::own(vm, value)))),
        hash: Some(|vm, value| Ok(arith::hash(vm, value))),
        compare: Some(arith::compare),
        bool: Some(|vm, value| Ok(arith::own(vm, value) != 0.0)),
        int: Some(|vm, value| vm.float_to_int(arith::own(vm, value))),
        float: Some(|vm, value| vm.new_float(arith::own(vm, value))),
        negative: Some(|vm, value| vm.new_float(-arith::own(vm, value))),
        positive: Some(|vm, value| vm.new_float(arith::own(vm, value))),
        absolute: Some(|vm, value| vm.new_float(arith::own(vm, value).abs())),
        binary: [
            Some(arith::add),
            Some(arith::subtract),
            Some(arith::multiply),
            Some(arith::true_divide),
            Some(arith::floor_divide),
            Some(arith::remainder),
            Some(arith::power),
            None,
            None,
            None,
            None,
            None,
            None,
        ],
        power: Some(|vm, a, b, modulus| {
            if !modulus.is_none() {
                return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
            }
            arith::power(vm, a, b)
        }),
        new: Some(methods::new),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::new("float", <PyFloat as crate::object::Payload>::LAYOUT)
};

impl Vm {
    /// `float` of a number.
    #[inline]
    pub fn new_float(&self, number: f64) -> PyResult<Value> {
        match Value::try_flonum(number) {
            Some(value) => Ok(value),
            None if number == 0.0 => self.zero_float(number.is_sign_negative()),
            None => self.new_heap_float(BuiltinType::float as u32, number),
        }
    }

    /// 0.0 or -0.0, which are no immediates but are so frequent that each is made once.
    fn zero_float(&self, is_negative: bool) -> PyResult<Value> {
        let cell = &self.zero_floats[usize::from(is_negative)];
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        let zero = if is_negative { -0.0 } else { 0.0 };
        let made = self.alloc(PyFloat { header: object_header(BuiltinType::float as u32), value: zero })?;
        self.heap.make_immortal(made.header());
        cell.set(Some(made.as_value()));
        Ok(made.as_value())
    }

    /// Heap float; exact floats that are no immediates and instances of subclasses.
    pub fn new_heap_float(&self, shape: u32, value: f64) -> PyResult<Value> {
        Ok(self.alloc(PyFloat { header: object_header(shape), value })?.as_value())
    }

    /// Number of a float (subclasses included); `None` for others, ints too.
    #[inline]
    pub fn float_value(&self, value: Value) -> Option<f64> {
        if value.is_flonum() { Some(value.flonum_to_f64()) } else { self.as_heap_float(value).map(|float| float.value) }
    }

    pub fn as_heap_float(&self, value: Value) -> Option<Gc<PyFloat>> {
        self.downcast::<PyFloat>(value)
    }

    /// Cold half of [`Vm::is`]: exact heap floats or exact heap ints with equal payload.
    pub(crate) fn is_same_number(&self, a: Value, b: Value) -> bool {
        use crate::types::int::PyInt;
        if let (Some(x), Some(y)) = (self.downcast_exact::<PyFloat>(a), self.downcast_exact::<PyFloat>(b)) {
            // A NaN is itself only as the same object: containers tell two of them apart.
            return x.value.to_bits() == y.value.to_bits() && !x.value.is_nan();
        }
        match (self.downcast_exact::<PyInt>(a), self.downcast_exact::<PyInt>(b)) {
            (Some(x), Some(y)) => x.value() == y.value(),
            _ => false,
        }
    }
}
