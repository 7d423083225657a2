//! `complex`: two floats.

pub mod arith;
mod methods;
mod text;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

pub use arith::Complex;

/// Payload of a complex number.
#[repr(C)]
pub struct PyComplex {
    header: Header,
    pub number: Complex,
}

impl Trace for PyComplex {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, holds no values.
unsafe impl HeapObject for PyComplex {
    const LEAF: bool = true;
}

crate::layout!(PyComplex, "complex", exact complex);

pub static COMPLEX: TypeDef = TypeDef {
    doc: "Create a complex number from a string or numbers.\n\nIf a string is given, parse it as a complex number.\nIf a single number is given, convert it to a complex number.\nIf the 'real' or 'imag' arguments are given, create a complex number\nwith the specified real and imaginary components.",
    flags: type_flags::BASE,
    slots: Slots {
        repr: Some(|vm, value| vm.new_str(&text::repr(own(vm, value)))),
        hash: Some(arith::hash),
        compare: Some(arith::compare),
        bool: Some(|vm, value| {
            let number = own(vm, value);
            Ok(number.real != 0.0 || number.imag != 0.0)
        }),
        negative: Some(|vm, value| vm.new_complex(-own(vm, value))),
        positive: Some(|vm, value| vm.new_complex(own(vm, value))),
        absolute: Some(|vm, value| {
            let number = own(vm, value);
            let size = number.real.hypot(number.imag);
            if size.is_infinite() && number.real.is_finite() && number.imag.is_finite() {
                return Err(vm.overflow_error("absolute value too large"));
            }
            vm.new_float(size)
        }),
        binary: {
            let mut binary = Slots::NONE.binary;
            binary[0] = Some(arith::add);
            binary[1] = Some(arith::subtract);
            binary[2] = Some(arith::multiply);
            binary[3] = Some(arith::divide);
            binary[6] = Some(arith::power);
            binary
        },
        power: Some(|vm, a, b, modulus| {
            if !modulus.is_none() {
                return Err(vm.value_error("complex modulo"));
            }
            arith::power(vm, a, b)
        }),
        new: Some(methods::new),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::new("complex", <PyComplex as Payload>::LAYOUT)
};

/// Number of a value known to be complex.
fn own(vm: &Vm, value: Value) -> Complex {
    vm.complex_value(value).expect("slot of complex")
}

impl Vm {
    /// New exact complex number.
    pub fn new_complex(&self, number: Complex) -> PyResult<Value> {
        let header = object_header(BuiltinType::complex as u32);
        Ok(self.alloc(PyComplex { header, number })?.as_value())
    }

    /// Number of a complex object (subclasses included); `None` for others, floats too.
    pub fn complex_value(&self, value: Value) -> Option<Complex> {
        self.downcast::<PyComplex>(value).map(|complex: Gc<PyComplex>| complex.number)
    }

    /// A negative number to a fractional power.
    pub fn complex_power(&self, base: f64, exponent: f64) -> PyResult<Value> {
        arith::power_of(self, Complex { real: base, imag: 0.0 }, Complex { real: exponent, imag: 0.0 })
    }
}
