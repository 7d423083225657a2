//! Construction and methods of `float`.

use cinder_heap::Gc;
use cinder_layout::Value;
use num_bigint::BigInt;
use num_traits::FromPrimitive;

use super::{PyFloat, arith, text};
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::types::type_::PyType;
use crate::vm::Vm;

static NEW: NativeDef = NativeDef::function("float", "x=0, /", |vm, args| match args.opt(0) {
    Some(value) => vm.new_float(vm.to_float(value)?),
    None => vm.new_float(0.0),
});

pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let (args, keyword_names) = vm.constructor_args(class, vm.types.float, args, keyword_names);
    let number = NEW.call(vm, args, keyword_names)?;
    if class == vm.types.float {
        return Ok(number);
    }
    let value = arith::own(vm, number);
    Ok(vm.alloc_instance(class, 0, |header| PyFloat { header, value })?.as_value())
}

impl Vm {
    /// `float(value)`.
    pub fn to_float(&self, value: Value) -> PyResult<f64> {
        if let Some(text) = self.as_str(value) {
            return self.parse_float(&text.to_text(), || self.repr_text(value));
        }
        if let Some(number) = self.real_number(value)? {
            return Ok(number);
        }
        if self.type_of(value).slots().buffer.is_some() {
            let text: String = self.with_bytes(value, |bytes| bytes.iter().map(|b| char::from(*b)).collect())?;
            return self.parse_float(&text, || self.repr_text(value));
        }
        let found = self.type_name(value);
        Err(self.type_error(format!("float() argument must be a string or a real number, not '{found}'")))
    }

    /// A real number as float: float, `__float__`, `__index__`; `None` for other objects.
    pub fn real_number(&self, value: Value) -> PyResult<Option<f64>> {
        if let Some(number) = self.float_value(value) {
            return Ok(Some(number));
        }
        if self.is_int(value) {
            return self.int_to_float(value).map(Some);
        }
        let class = self.type_of(value);
        let slots = class.slots();
        if let Some(float) = slots.float {
            let result = float(self, value)?;
            return match self.float_value(result) {
                Some(number) => Ok(Some(number)),
                None => {
                    let (class, found) = (self.type_name(value), self.type_name(result));
                    Err(self.type_error(format!("{class}.__float__ returned non-float (type {found})")))
                }
            };
        }
        match slots.index {
            Some(_) => {
                let number = self.index(value)?;
                self.int_to_float(number).map(Some)
            }
            None => Ok(None),
        }
    }

    /// A real number argument. Errors: TypeError `must be real number, not X`.
    pub fn float_argument(&self, value: Value) -> PyResult<f64> {
        match self.real_number(value)? {
            Some(number) => Ok(number),
            None => {
                let found = self.type_name(value);
                Err(self.type_error(format!("must be real number, not {found}")))
            }
        }
    }
}

fn own(vm: &Vm, args: &[Arg]) -> f64 {
    arith::own(vm, args.at(0))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("is_integer", "self, /", |vm, args| {
        let number = own(vm, args);
        Ok(Value::from_bool(number.is_finite() && number.fract() == 0.0))
    }),
    NativeDef::method("conjugate", "self, /", |vm, args| vm.new_float(own(vm, args))),
    NativeDef::method("hex", "self, /", |vm, args| vm.new_str(&text::hex(own(vm, args)))),
    NativeDef::class_method("fromhex", "cls, string, /", from_hex),
    NativeDef::class_method("from_number", "cls, number, /", |vm, args| {
        if vm.is_str(args.at(1)) || vm.real_number(args.at(1))?.is_none() {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("must be real number, not {found}")));
        }
        vm.call(args.at(0), &[args.at(1)])
    }),
    NativeDef::class_method("__getformat__", "cls, typestr, /", |vm, args| {
        match vm.as_str(args.at(1)).map(|kind| kind.to_text().into_owned()).as_deref() {
            Some("double" | "float") => vm.new_str("IEEE, little-endian"),
            Some(_) => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
            None => {
                let found = vm.type_name(args.at(1));
                Err(vm.type_error(format!("__getformat__() argument must be str, not {found}")))
            }
        }
    }),
    NativeDef::method("as_integer_ratio", "self, /", as_integer_ratio),
    NativeDef::method("__trunc__", "self, /", |vm, args| vm.float_to_int(own(vm, args))),
    NativeDef::method("__floor__", "self, /", |vm, args| vm.float_to_int(own(vm, args).floor())),
    NativeDef::method("__ceil__", "self, /", |vm, args| vm.float_to_int(own(vm, args).ceil())),
    NativeDef::method("__round__", "self, ndigits=None, /", round),
    NativeDef::method("__divmod__", "self, value, /", |vm, args| arith::divmod(vm, args.at(0), args.at(1))),
    NativeDef::method("__rdivmod__", "self, value, /", |vm, args| arith::divmod(vm, args.at(1), args.at(0))),
    NativeDef::method("__getnewargs__", "self, /", |vm, args| vm.new_tuple(&[vm.new_float(own(vm, args))?])),
    NativeDef::method("__format__", "self, format_spec, /", |vm, args| vm.format_float(args.at(0), args.at(1))),
];

pub(super) static GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("real", |vm, value| vm.new_float(arith::own(vm, value))),
    GetSetDef::read_only("imag", |vm, _| vm.new_float(0.0)),
];

fn from_hex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(source) = vm.as_str(args.at(1)) else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    let number = match text::from_hex(&source.to_text()) {
        Ok(number) => vm.new_float(number)?,
        Err(true) => return Err(vm.overflow_error("hexadecimal value too large to represent as a float")),
        Err(false) => return Err(vm.value_error("invalid hexadecimal floating-point string")),
    };
    if args.at(0) == vm.types.float.as_value() { Ok(number) } else { vm.call(args.at(0), &[number]) }
}

fn as_integer_ratio(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = own(vm, args);
    if number.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if number.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let (mut mantissa, mut exponent) = arith::frexp(number);
    while mantissa != mantissa.floor() {
        mantissa *= 2.0;
        exponent -= 1;
    }
    let mut numerator = BigInt::from_f64(mantissa).expect("a finite number");
    let mut denominator = BigInt::from(1);
    if exponent > 0 {
        numerator <<= exponent
    } else {
        denominator <<= -exponent
    }
    let numerator = vm.new_bigint(numerator)?;
    vm.new_tuple(&[numerator, vm.new_bigint(denominator)?])
}

fn round(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = own(vm, args);
    let Some(digits) = args.opt(1).filter(|digits| !digits.is_none()) else {
        return vm.float_to_int(number.round_ties_even());
    };
    let digits = vm.index_clamped(digits)?;
    if !number.is_finite() || digits > 323 || number == 0.0 {
        return vm.new_float(number);
    }
    if digits < -308 {
        return vm.new_float(0f64.copysign(number));
    }
    let rounded = round_decimal(number, digits as i32);
    if rounded.is_infinite() {
        return Err(vm.overflow_error("rounded value too large to represent"));
    }
    vm.new_float(rounded)
}

/// Correctly rounded to `digits` decimals: through the exact decimal expansion, as CPython's dtoa mode 3.
fn round_decimal(number: f64, digits: i32) -> f64 {
    if digits >= 0 {
        return crate::format::decimals(number, digits as usize).parse().expect("a decimal number");
    }
    // The exact value is known when written without decimals.
    let exact = format!("{:.0}", number.abs().trunc());
    let cut = (-digits) as usize;
    let has_fraction = number.fract() != 0.0;
    let (kept, rest) = if exact.len() > cut { exact.split_at(exact.len() - cut) } else { ("0", exact.as_str()) };
    let rest = "0".repeat(cut.saturating_sub(rest.len())) + rest;
    let half = format!("5{}", "0".repeat(cut - 1));
    let odd = kept.bytes().last().is_some_and(|b| (b - b'0') % 2 == 1);
    let up = rest > half || (rest == half && (has_fraction || odd));
    let whole: BigInt = kept.parse().expect("decimal digits");
    let text = format!("{}e{cut}", whole + BigInt::from(u8::from(up)));
    let magnitude: f64 = text.parse().expect("a decimal number");
    magnitude.copysign(number)
}
