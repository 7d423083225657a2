//! The number object, how one is made from other values, and the fields that Python methods read.

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};
use num_traits::Signed;

use super::arithmetic;
use super::context::Module;
use super::digits::Digits;
use super::small::Small;
use super::text;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Finite,
    Infinity,
    /// The digits of both kinds of NaN are their payload.
    Quiet,
    Signaling,
}

/// What a number is.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    /// Negative; zero has a sign too.
    pub(super) sign: bool,
    pub(super) kind: Kind,
    pub(super) digits: Digits,
    /// Power of ten of the last digit.
    pub(super) exponent: i64,
}

impl Decimal {
    pub(super) fn finite(sign: bool, digits: Digits, exponent: i64) -> Decimal {
        Decimal { sign, kind: Kind::Finite, digits, exponent }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.kind == Kind::Finite
    }

    pub(super) fn is_zero(&self) -> bool {
        self.is_finite() && self.digits.is_zero()
    }

    /// Exponent of the first digit.
    pub(super) fn adjusted(&self) -> i64 {
        self.exponent + self.digits.count() - 1
    }
}

/// Payload of a number. It owns nothing outside the heap: the dead ones cost nothing.
#[repr(C)]
pub(super) struct PyNumber {
    header: Header,
    pub(super) sign: bool,
    pub(super) kind: Kind,
    pub(super) exponent: i64,
    /// Coefficient, low half first.
    small: [u64; 2],
    /// An int: the coefficient when it is larger.
    big: Slot<Option<Value>>,
}

impl Trace for PyNumber {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.big.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyNumber {}

cinder_vm::layout!(PyNumber, "_cinder_decimal.Number");

impl PyNumber {
    /// The coefficient when it is small.
    #[inline]
    pub(super) fn small_digits(&self) -> Option<u128> {
        self.big.get().is_none().then(|| u128::from(self.small[0]) | u128::from(self.small[1]) << 64)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.kind == Kind::Finite && self.small_digits() == Some(0)
    }

    pub(super) fn value(&self, vm: &Vm) -> Decimal {
        let digits = match self.big.get().and_then(|big| vm.int_to_big(big)) {
            None => Digits::Small(self.small_digits().unwrap_or(0)),
            Some(big) => Digits::from_big(big.into_parts().1),
        };
        Decimal { sign: self.sign, kind: self.kind, digits, exponent: self.exponent }
    }
}

#[inline]
pub(super) fn as_number(vm: &Vm, value: Value) -> Option<Gc<PyNumber>> {
    vm.downcast::<PyNumber>(value)
}

pub(super) fn own(vm: &Vm, value: Value) -> Gc<PyNumber> {
    as_number(vm, value).expect("slot of this class")
}

/// A number of `class`, which derives from `Number`.
pub(super) fn make(vm: &Vm, class: Gc<PyType>, value: Decimal) -> PyResult<Value> {
    if !std::ptr::eq(class.layout, <PyNumber as Payload>::LAYOUT) {
        return Err(vm.type_error("a class of decimal numbers is wanted"));
    }
    let Decimal { sign, kind, digits, exponent } = value;
    let (small, big) = match digits {
        Digits::Small(number) => ([number as u64, (number >> 64) as u64], None),
        Digits::Big(number) => ([0, 0], Some(vm.new_bigint(number.into())?)),
    };
    let number =
        vm.alloc_instance(class, 0, |header| PyNumber { header, sign, kind, exponent, small, big: Slot::new(big) })?;
    Ok(number.as_value())
}

/// A number of the module's class `Decimal`, which its numbers have anyway.
pub(super) fn make_small(vm: &Vm, module: &Module, number: Small) -> PyResult<Value> {
    let Small { sign, exponent, digits } = number;
    let small = [digits as u64, (digits >> 64) as u64];
    let class = vm.as_class(module.class).expect("the module's own class");
    let made = vm.alloc_instance(class, 0, |header| PyNumber {
        header,
        sign,
        kind: Kind::Finite,
        exponent,
        small,
        big: Slot::new(None),
    })?;
    Ok(made.as_value())
}

/// A number of the module's class `Decimal`.
pub(super) fn make_plain(vm: &Vm, module: &Module, value: Decimal) -> PyResult<Value> {
    make(vm, vm.as_class(module.class).expect("the module's own class"), value)
}

/// The number that an int is; `None` for what is no int.
pub(super) fn of_int(vm: &Vm, value: Value) -> Option<Decimal> {
    if let Some(small) = value.try_int() {
        return Some(Decimal::finite(small < 0, Digits::Small(small.unsigned_abs().into()), 0));
    }
    if !vm.is_int(value) {
        return None;
    }
    let number = vm.int_to_big(value)?;
    Some(Decimal::finite(number.is_negative(), Digits::from_big(number.into_parts().1), 0))
}

/// An operand: a number, or an int.
pub(super) fn operand(vm: &Vm, value: Value) -> Option<Decimal> {
    match as_number(vm, value) {
        Some(number) => Some(number.value(vm)),
        None => of_int(vm, value),
    }
}

/// `Decimal(value="0", context=None)`.
static NEW: NativeDef = NativeDef::method("Decimal", "cls, /, value='0', context=None", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    let context = args.opt(2).unwrap_or(Value::NONE);
    let Some(value) = args.opt(1) else { return make(vm, class, Decimal::finite(false, Digits::Small(0), 0)) };
    let known = match vm.as_str(value) {
        Some(text) => text.as_ascii().and_then(text::parse),
        None => operand(vm, value),
    };
    if let Some(known) = known {
        return make(vm, class, known);
    }
    match Module::of(vm, class) {
        Some(module) => vm.call(module.new_slowly, &[args.at(0), value, context]),
        None => Err(vm.type_error("Number is made by its subclasses")),
    }
});

fn exponent(vm: &Vm, value: Value) -> PyResult<Value> {
    let number = own(vm, value);
    match number.kind {
        Kind::Finite => vm.new_int(number.exponent),
        Kind::Infinity => Ok(vm.intern("F")),
        Kind::Quiet => Ok(vm.intern("n")),
        Kind::Signaling => Ok(vm.intern("N")),
    }
}

fn digits(vm: &Vm, value: Value) -> PyResult<Value> {
    let number = own(vm, value).value(vm);
    if matches!(number.kind, Kind::Quiet | Kind::Signaling) && number.digits.is_zero() {
        return Ok(vm.names.empty);
    }
    vm.new_str(&number.digits.text())
}

pub(super) static NUMBER: TypeDef = TypeDef {
    doc: "Base class of Decimal.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| crate::payload::construct(vm, &NEW, class.as_value(), args, names)),
        str: Some(text::str),
        bool: Some(|vm, value| Ok(!own(vm, value).is_zero())),
        compare: Some(arithmetic::compare),
        negative: Some(arithmetic::negative),
        positive: Some(arithmetic::positive),
        absolute: Some(arithmetic::absolute),
        binary: arithmetic::BINARY,
        ..Slots::NONE
    },
    methods: &[NativeDef::method("quantize", "self, /, exp, rounding=None, context=None", arithmetic::quantize)],
    getset: &[
        GetSetDef::read_only("_sign", |vm, value| vm.new_int(own(vm, value).sign.into())),
        GetSetDef::read_only("_int", digits),
        GetSetDef::read_only("_exp", exponent),
        GetSetDef::read_only("_is_special", |vm, value| Ok(Value::from_bool(own(vm, value).kind != Kind::Finite))),
    ],
    ..TypeDef::new("_cinder_decimal.Number", <PyNumber as Payload>::LAYOUT)
};
