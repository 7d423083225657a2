//! Builtin functions about numbers: `abs`, `divmod`, `pow`, `round`, `bin`, `oct`, `hex`.

use cinder_layout::Value;
use num_traits::Signed;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("abs", "number, /", |vm, args| vm.absolute(args.at(0))).doc("Return the absolute value of the argument."),
    NativeDef::function("divmod", "x, y, /", |vm, args| vm.divmod(args.at(0), args.at(1)))
        .doc("Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."),
    NativeDef::function("pow", "base, exp, mod=None", |vm, args| {
        vm.power(args.at(0), args.at(1), args.opt(2).unwrap_or(Value::NONE))
    })
    .doc("Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.\n\nSome types, such as ints, are able to use a more efficient algorithm when\ninvoked using the three argument form."),
    NativeDef::function("round", "number, ndigits=None", round)
        .doc("Round a number to a given precision in decimal digits.\n\nThe return value is an integer if ndigits is omitted or None.  Otherwise\nthe return value has the same type as the number.  ndigits may be negative."),
    NativeDef::function("bin", "number, /", |vm, args| in_base(vm, args.at(0), 2, "0b"))
        .doc("Return the binary representation of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'"),
    NativeDef::function("oct", "number, /", |vm, args| in_base(vm, args.at(0), 8, "0o"))
        .doc("Return the octal representation of an integer.\n\n   >>> oct(342391)\n   '0o1234567'"),
    NativeDef::function("hex", "number, /", |vm, args| in_base(vm, args.at(0), 16, "0x"))
        .doc("Return the hexadecimal representation of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'"),
];

fn round(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let digits = args.opt(1).filter(|digits| !digits.is_none());
    let result = match digits {
        None => vm.call_special(args.at(0), vm.names.__round__, &[])?,
        Some(digits) => vm.call_special(args.at(0), vm.names.__round__, &[digits])?,
    };
    match result {
        Some(result) => Ok(result),
        None => Err(vm.type_error(format!("type {} doesn't define __round__ method", vm.type_name(args.at(0))))),
    }
}

fn in_base(vm: &Vm, value: Value, base: u32, prefix: &str) -> PyResult<Value> {
    let number = vm.int_to_big(vm.index(value)?).expect("index gives ints");
    let sign = if number.is_negative() { "-" } else { "" };
    vm.new_str(&format!("{sign}{prefix}{}", number.abs().to_str_radix(base)))
}
