//! `_cinder_decimal`: the numbers of `_decimal`, whose other parts are the library's Python version.
//!
//! Problem: decimal arithmetic in Python is a hundred times slower than the arithmetic itself, but contexts, signals and the rarer functions need not be
//! fast, and the library has them.
//! Idea: [`number::PyNumber`] is the base class of `Decimal`. It holds sign, integer coefficient and exponent, and shows them under the names that the
//! Python version gives its fields, so that every Python method works on it. Addition, multiplication, division, comparison, `quantize`, construction and text are
//! native, and so are the methods of contexts for them; whatever they do not handle (special values, traps, subnormal results) they give to the Python method of the same purpose.
//! `lib/_decimal_native.txt` makes the class; the build puts it into the text of `_pydecimal.py`.
//! Holds: results and flags are those of the Python version. Source: Lib/_pydecimal.py; General Decimal Arithmetic 1.70.

mod arithmetic;
mod context;
mod digits;
mod number;
mod small;
mod text;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static DECIMAL: ModuleDef = ModuleDef {
    doc: "Numbers of the decimal module.",
    functions: &[
        NativeDef::function("from_parts", "class_, sign, digits, exponent, is_special, /", from_parts),
        NativeDef::function("extend_context", "class_, decimal, /", context::extend),
    ],
    setup: Some(|vm, dict| vm.add_class(dict, &number::NUMBER).map(|_| ())),
    ..ModuleDef::new("_cinder_decimal")
};

/// A number from the fields of the Python version: sign, digits as text, exponent or the letter of a special value.
fn from_parts(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(class) = vm.as_class(args.at(0)) else { return Err(vm.type_error("a class is wanted")) };
    let sign = vm.truthy(args.at(1))?;
    let Some(digits) = vm.as_str(args.at(2)).and_then(|text| digits::Digits::parse(text.as_ascii()?)) else {
        return Err(vm.value_error("digits are wanted"));
    };
    let (kind, exponent) = match vm.as_str(args.at(3)) {
        Some(letter) => match letter.as_ascii() {
            Some("F") => (number::Kind::Infinity, 0),
            Some("n") => (number::Kind::Quiet, 0),
            _ => (number::Kind::Signaling, 0),
        },
        None => match vm.int_to_i64(args.at(3)) {
            Some(exponent) => (number::Kind::Finite, exponent),
            None => return Err(vm.overflow_error("exponent out of range")),
        },
    };
    number::make(vm, class, number::Decimal { sign, kind, digits, exponent })
}
