//! Construction and methods of `int` and `bool`.

use cinder_heap::Gc;
use cinder_layout::Value;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::PyInt;
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::types::str_::PyStr;
use crate::types::type_::PyType;
use crate::vm::Vm;

static NEW: NativeDef = NativeDef::function("int", "x=0, /, base=10", |vm, args| int_of(vm, args.opt(0), args.opt(1)));

pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    if args.len() > 2 && keyword_names.is_none() {
        return Err(vm.type_error(format!("int expected at most 2 arguments, got {}", args.len())));
    }
    let number = NEW.call(vm, args, keyword_names)?;
    if class == vm.types.int {
        return Ok(number);
    }
    if class == vm.types.bool_ {
        return Err(vm.type_error("int.__new__(bool) is not safe, use bool.__new__()"));
    }
    let value = vm.int_to_big(number).expect("int() makes ints");
    Ok(vm.alloc_instance(class, 0, |header| PyInt { header, value })?.as_value())
}

pub(super) fn new_bool(vm: &Vm, _class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    if keyword_names.is_some() {
        return Err(vm.type_error("bool() takes no keyword arguments"));
    }
    match args {
        [] => Ok(Value::FALSE),
        [value] => vm.truthy(*value).map(Value::from_bool),
        _ => Err(vm.type_error(format!("bool expected at most 1 argument, got {}", args.len()))),
    }
}

fn int_of(vm: &Vm, x: Option<Value>, base: Option<Value>) -> PyResult<Value> {
    let Some(x) = x else {
        return match base {
            Some(_) => Err(vm.type_error("int() missing string argument")),
            None => Ok(Value::ZERO),
        };
    };
    let Some(base) = base else { return vm.to_int(x) };
    let radix = vm.index_clamped(base)?;
    if radix != 0 && !(2..=36).contains(&radix) {
        return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    match text_of(vm, x)? {
        Some(text) => vm.parse_int(&text, radix as u32, || vm.repr_text(x)),
        None => Err(vm.type_error("int() can't convert non-string with explicit base")),
    }
}

/// Text of a str or of a bytes-like object.
fn text_of(vm: &Vm, x: Value) -> PyResult<Option<String>> {
    if let Some(text) = vm.as_str(x) {
        return Ok(Some(text.to_text().into_owned()));
    }
    match vm.type_of(x).slots().buffer {
        Some(_) if !vm.is_int(x) => vm.with_bytes(x, |bytes| bytes.iter().map(|b| char::from(*b)).collect()).map(Some),
        _ => Ok(None),
    }
}

/// The number that a sign and up to 18 digits write; `None` for every other text.
fn short_number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0;
    for byte in digits {
        number = number * 10 + i64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    Some(if negative { -number } else { number })
}

impl Vm {
    /// `int(value)` with one argument.
    pub fn to_int(&self, value: Value) -> PyResult<Value> {
        if value.is_int() {
            return Ok(value);
        }
        if self.downcast_exact::<super::PyInt>(value).is_some() || value.is_bool() {
            return super::arith::positive(self, value);
        }
        if let Some(number) = self.downcast_exact::<PyStr>(value).and_then(|text| short_number(text.as_ascii()?)) {
            return self.new_int(number);
        }
        let class = self.type_of(value);
        let slots = class.slots();
        for (slot, method) in [(slots.int, "__int__"), (slots.index, "__index__")] {
            let Some(slot) = slot else { continue };
            let result = slot(self, value)?;
            if !result.is_int() {
                self.check_int_result(method, result)?;
            }
            return super::arith::positive(self, result);
        }
        match text_of(self, value)? {
            // What only has a buffer is shown by its bytes.
            Some(text) if !self.is_str(value) => self.parse_int(&text, 10, || {
                let bytes = self.with_bytes(value, <[u8]>::to_vec)?;
                self.repr_text(self.new_bytes(&bytes)?)
            }),
            Some(text) => self.parse_int(&text, 10, || self.repr_text(value)),
            None => {
                let found = self.type_name(value);
                Err(self.type_error(format!(
                    "int() argument must be a string, a bytes-like object or a real number, not '{found}'"
                )))
            }
        }
    }
}

fn big(vm: &Vm, args: &[Arg]) -> BigInt {
    vm.int_to_big(args.at(0)).expect("method of int")
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("bit_length", "self, /", |vm, args| vm.new_uint(big(vm, args).bits() as usize)),
    NativeDef::method("bit_count", "self, /", |vm, args| {
        vm.new_uint(big(vm, args).magnitude().iter_u64_digits().map(|digit| digit.count_ones() as usize).sum())
    }),
    NativeDef::method("conjugate", "self, /", |vm, args| super::arith::positive(vm, args.at(0))),
    NativeDef::method("__trunc__", "self, /", |vm, args| super::arith::positive(vm, args.at(0))),
    NativeDef::method("__floor__", "self, /", |vm, args| super::arith::positive(vm, args.at(0))),
    NativeDef::method("__ceil__", "self, /", |vm, args| super::arith::positive(vm, args.at(0))),
    NativeDef::method("__round__", "self, ndigits=None, /", round),
    NativeDef::method("__divmod__", "self, value, /", |vm, args| super::arith::divmod(vm, args.at(0), args.at(1))),
    NativeDef::method("__rdivmod__", "self, value, /", |vm, args| super::arith::divmod(vm, args.at(1), args.at(0))),
    NativeDef::method("__getnewargs__", "self, /", |vm, args| vm.new_tuple(&[super::arith::positive(vm, args.at(0))?])),
    NativeDef::method("__format__", "self, format_spec, /", |vm, args| {
        let is_plain = args.at(0).is_int() || vm.as_str(args.at(1)).is_none_or(|spec| !spec.is_empty());
        // Without a spec a subclass shows itself as `str` does.
        if is_plain { vm.format_int(args.at(0), args.at(1)) } else { vm.str(args.at(0)) }
    }),
    NativeDef::method("is_integer", "self, /", |_, _| Ok(Value::TRUE)),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        // As CPython's layout has it: digits of 30 bits behind 24 bytes.
        vm.new_uint(24 + 4 * (big(vm, args).bits() as usize).div_ceil(30).max(1))
    }),
    NativeDef::method("as_integer_ratio", "self, /", |vm, args| {
        vm.new_tuple(&[super::arith::positive(vm, args.at(0))?, Value::ONE])
    }),
    NativeDef::method("to_bytes", "self, /, length=1, byteorder='big', *, signed=False", to_bytes),
    NativeDef::class_method("from_bytes", "cls, /, bytes, byteorder='big', *, signed=False", from_bytes),
];

pub(super) static GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("real", super::arith::positive),
    GetSetDef::read_only("imag", |_, _| Ok(Value::ZERO)),
    GetSetDef::read_only("numerator", super::arith::positive),
    GetSetDef::read_only("denominator", |_, _| Ok(Value::ONE)),
];

/// Rounds to a multiple of a power of ten, half to even.
fn round(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let Some(digits) = args.opt(1).filter(|digits| !digits.is_none()) else { return super::arith::positive(vm, value) };
    let digits = vm.index_clamped(digits)?;
    if digits >= 0 {
        return super::arith::positive(vm, value);
    }
    let number = big(vm, args);
    if digits.unsigned_abs() > number.bits() + 1 {
        return Ok(Value::ZERO);
    }
    let unit = BigInt::from(10).pow(digits.unsigned_abs() as u32);
    let (quotient, rest) = number.div_mod_floor(&unit);
    let twice = &rest * 2;
    let up = twice > unit || (twice == unit && quotient.is_odd());
    vm.new_bigint((quotient + BigInt::from(u8::from(up))) * unit)
}

fn byte_order(vm: &Vm, order: Option<Value>) -> PyResult<bool> {
    let Some(order) = order else { return Ok(false) };
    match vm.as_str(order).and_then(|order| order.as_ascii().map(str::to_owned)).as_deref() {
        Some("little") => Ok(true),
        Some("big") => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let length = args.opt(1).map_or(Ok(1), |length| vm.index_i64(length))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    let little = byte_order(vm, args.opt(2))?;
    let signed = args.opt(3).map_or(Ok(false), |signed| vm.truthy(signed))?;
    let number = big(vm, args);
    if number.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    let mut bytes = if signed { number.to_signed_bytes_le() } else { number.magnitude().to_bytes_le() };
    if number.is_zero() {
        bytes.clear();
    }
    let filler = if number.is_negative() { 0xff } else { 0 };
    if bytes.len() > length {
        return Err(vm.overflow_error("int too big to convert"));
    }
    vm.check_native_bytes(length)?;
    bytes.resize(length, filler);
    if !little {
        bytes.reverse();
    }
    vm.new_bytes(&bytes)
}

fn from_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let little = byte_order(vm, args.opt(2))?;
    let signed = args.opt(3).map_or(Ok(false), |signed| vm.truthy(signed))?;
    let bytes = vm.object_bytes(args.at(1))?;
    let number = match (little, signed) {
        (true, true) => BigInt::from_signed_bytes_le(&bytes),
        (false, true) => BigInt::from_signed_bytes_be(&bytes),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, &bytes),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, &bytes),
    };
    let number = vm.new_bigint(number)?;
    let class = args.at(0);
    if class == vm.types.int.as_value() { Ok(number) } else { vm.call(class, &[number]) }
}
