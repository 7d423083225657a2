//! Pickling: arrays as bytes of a machine format, which another machine can read.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};
use num_bigint::BigInt;

use super::kind::Kind;
use super::{CLASS, methods, own, receiver};

/// A machine format: item size, whether signed, whether big-endian, whether floating, whether text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Machine {
    Int { size: usize, is_signed: bool, is_big: bool },
    Float { size: usize, is_big: bool },
    Utf16 { is_big: bool },
    Utf32 { is_big: bool },
}

impl Machine {
    fn by_number(number: i64) -> Option<Machine> {
        let int = |size, is_signed, is_big| Machine::Int { size, is_signed, is_big };
        Some(match number {
            0 => int(1, false, false),
            1 => int(1, true, false),
            2..=13 => {
                let at = number - 2;
                int(2 << (at / 4), at % 4 >= 2, at % 2 == 1)
            }
            14..=17 => Machine::Float { size: if number < 16 { 4 } else { 8 }, is_big: number % 2 == 1 },
            18 | 19 => Machine::Utf16 { is_big: number == 19 },
            20 | 21 => Machine::Utf32 { is_big: number == 21 },
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Machine::Int { size, .. } | Machine::Float { size, .. } => size,
            Machine::Utf16 { .. } => 2,
            Machine::Utf32 { .. } => 4,
        }
    }
}

/// The number of this machine's format for a kind.
fn native_number(kind: Kind) -> i64 {
    match kind {
        Kind::UInt8 => 0,
        Kind::Int8 => 1,
        Kind::UInt16 => 2,
        Kind::Int16 => 4,
        Kind::UInt32 => 6,
        Kind::Int32 => 8,
        Kind::ULong | Kind::UInt64 => 10,
        Kind::Long | Kind::Int64 => 12,
        Kind::Float => 14,
        Kind::Double => 16,
        Kind::WideChar | Kind::CodePoint => 20,
    }
}

pub(super) fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let array = receiver(vm, args);
    let protocol = vm.index_i64(args.at(1))?;
    let dict = vm.getattr_opt(args.at(0), vm.names.__dict__)?.unwrap_or(Value::NONE);
    let class = vm.type_of(args.at(0)).as_value();
    let code = vm.str_of_char(u32::from(array.kind.code()))?;
    if protocol < 3 {
        let arguments = vm.new_tuple(&[code, methods::to_list(vm, array)?])?;
        return vm.new_tuple(&[class, arguments, dict]);
    }
    let module = vm.import("array")?;
    let maker = vm.getattr_text(module, "_array_reconstructor")?;
    let bytes = array.bytes.borrow().clone();
    let bytes = vm.new_bytes(&bytes)?;
    let arguments = vm.new_tuple(&[class, code, vm.new_int(native_number(array.kind))?, bytes])?;
    vm.new_tuple(&[maker, arguments, dict])
}

/// Item from the bytes of a machine format.
fn item(vm: &Vm, machine: Machine, bytes: &[u8]) -> PyResult<Value> {
    let mut little = bytes.to_vec();
    if matches!(machine, Machine::Int { is_big: true, .. } | Machine::Float { is_big: true, .. }) {
        little.reverse();
    }
    match machine {
        Machine::Int { is_signed: true, .. } => vm.new_bigint(BigInt::from_signed_bytes_le(&little)),
        Machine::Int { .. } => vm.new_bigint(BigInt::from_bytes_le(num_bigint::Sign::Plus, &little)),
        Machine::Float { size: 4, .. } => {
            vm.new_float(f64::from(f32::from_le_bytes(little.try_into().expect("four bytes"))))
        }
        _ => vm.new_float(f64::from_le_bytes(little.try_into().expect("eight bytes"))),
    }
}

/// The kind for integers of a machine format.
fn best_fit(machine: Machine) -> Option<Kind> {
    let Machine::Int { size, is_signed, .. } = machine else { return None };
    Some(match (size, is_signed) {
        (1, true) => Kind::Int8,
        (1, false) => Kind::UInt8,
        (2, true) => Kind::Int16,
        (2, false) => Kind::UInt16,
        (4, true) => Kind::Int32,
        (4, false) => Kind::UInt32,
        (_, true) => Kind::Int64,
        (_, false) => Kind::UInt64,
    })
}

pub(super) fn reconstruct(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(class) = vm.as_class(args.at(0)) else {
        let found = vm.type_name(args.at(0));
        return Err(vm.type_error(format!("first argument must be a type object, not {found}")));
    };
    if !vm.is_subtype(class, vm.native_class(&CLASS)?) {
        let name = class.name();
        return Err(vm.type_error(format!("{name} is not a subtype of array.array")));
    }
    let kind = match vm.as_str(args.at(1)) {
        Some(code) if code.len() == 1 => Kind::by_code(code.char_at(0)),
        _ => return Err(vm.type_error("_array_reconstructor() argument 2 must be a unicode character")),
    };
    let Some(kind) = kind else { return Err(vm.value_error("second argument must be a valid type code")) };
    let Some(machine) = Machine::by_number(vm.index_i64(args.at(2))?) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    if vm.as_bytes(args.at(3)).is_none() {
        let found = vm.type_name(args.at(3));
        return Err(vm.type_error(format!("fourth argument should be bytes, not {found}")));
    }
    let bytes = vm.with_bytes(args.at(3), <[u8]>::to_vec)?;
    let kind = best_fit(machine).unwrap_or(kind);
    let code = vm.str_of_char(u32::from(kind.code()))?;
    let made = vm.call(class.as_value(), &[code])?;
    if Machine::by_number(native_number(kind)) == Some(machine) {
        methods::from_bytes(vm, own(vm, made), args.at(3))?;
        return Ok(made);
    }
    if bytes.len() % machine.size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    match machine {
        Machine::Utf16 { is_big } | Machine::Utf32 { is_big } => {
            let wide = matches!(machine, Machine::Utf32 { .. });
            let encoding = match (wide, is_big) {
                (false, false) => "utf-16-le",
                (false, true) => "utf-16-be",
                (true, false) => "utf-32-le",
                (true, true) => "utf-32-be",
            };
            let text = vm.decode_bytes(args.at(3), encoding, "strict")?;
            own(vm, made).extend(vm, text)?;
        }
        _ => {
            for bytes in bytes.chunks_exact(machine.size()) {
                own(vm, made).push(vm, item(vm, machine, bytes)?)?;
            }
        }
    }
    Ok(made)
}
