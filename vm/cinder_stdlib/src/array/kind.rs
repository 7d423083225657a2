//! The machine types of items.

use cinder_vm::{PyResult, Value, Vm};
use num_traits::ToPrimitive;

/// Type of an array's items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Int8,
    UInt8,
    /// `wchar_t`, typecode `u`.
    WideChar,
    /// A code point, typecode `w`.
    CodePoint,
    Int16,
    UInt16,
    Int32,
    UInt32,
    /// C `long`.
    Long,
    ULong,
    /// C `long long`.
    Int64,
    UInt64,
    Float,
    Double,
}

use Kind::*;

const KINDS: [(Kind, char, usize, &str); 14] = [
    (Int8, 'b', 1, "b"),
    (UInt8, 'B', 1, "B"),
    (WideChar, 'u', 4, "w"),
    (CodePoint, 'w', 4, "w"),
    (Int16, 'h', 2, "h"),
    (UInt16, 'H', 2, "H"),
    (Int32, 'i', 4, "i"),
    (UInt32, 'I', 4, "I"),
    (Long, 'l', 8, "l"),
    (ULong, 'L', 8, "L"),
    (Int64, 'q', 8, "q"),
    (UInt64, 'Q', 8, "Q"),
    (Float, 'f', 4, "f"),
    (Double, 'd', 8, "d"),
];

impl Kind {
    pub(super) fn by_code(code: u32) -> Option<Kind> {
        KINDS.iter().find(|row| u32::from(row.1) == code).map(|row| row.0)
    }

    fn row(self) -> &'static (Kind, char, usize, &'static str) {
        KINDS.iter().find(|row| row.0 == self).expect("every kind has a row")
    }

    pub(super) fn code(self) -> char {
        self.row().1
    }

    /// Bytes of an item.
    pub(super) fn size(self) -> usize {
        match self {
            Int8 | UInt8 => 1,
            Int16 | UInt16 => 2,
            Int32 | UInt32 | WideChar | CodePoint | Float => 4,
            Long | ULong | Int64 | UInt64 | Double => 8,
        }
    }

    /// `struct` format of an item, as views show it.
    pub(super) fn format(self) -> &'static str {
        self.row().3
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, WideChar | CodePoint)
    }

    /// Item from its bytes.
    #[inline]
    pub(super) fn read(self, vm: &Vm, bytes: &[u8]) -> PyResult<Value> {
        if let (Double, &[a, b, c, d, e, f, g, h]) = (self, bytes) {
            return vm.new_float(f64::from_le_bytes([a, b, c, d, e, f, g, h]));
        }
        let bits = match *bytes {
            [a] => u64::from(a),
            [a, b] => u64::from(u16::from_le_bytes([a, b])),
            [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            _ => unreachable!("items have 1, 2, 4 or 8 bytes"),
        };
        match self {
            Int8 => vm.new_int(i64::from(bits as i8)),
            Int16 => vm.new_int(i64::from(bits as i16)),
            Int32 => vm.new_int(i64::from(bits as i32)),
            Long | Int64 => vm.new_int(bits.cast_signed()),
            UInt8 | UInt16 | UInt32 => vm.new_int(bits as i64),
            ULong | UInt64 => vm.new_uint(bits as usize),
            Float => vm.new_float(f64::from(f32::from_bits(bits as u32))),
            Double => vm.new_float(f64::from_bits(bits)),
            WideChar | CodePoint if bits > 0x10_ffff => {
                Err(vm.value_error(format!("character U+{bits:x} is not in range [U+0000; U+10ffff]")))
            }
            WideChar | CodePoint => vm.str_of_char(bits as u32),
        }
    }

    /// Bytes of an item, the first `size` of eight.
    pub(super) fn write(self, vm: &Vm, value: Value) -> PyResult<[u8; 8]> {
        if self == Double && value.is_flonum() {
            return Ok(value.flonum_to_f64().to_le_bytes());
        }
        let bits = match self {
            Float => {
                let number = vm.float_argument(value)?;
                u64::from((number as f32).to_bits())
            }
            Double => vm.float_argument(value)?.to_bits(),
            WideChar | CodePoint => u64::from(character(vm, value)?),
            Int8 => ranged(
                vm,
                value,
                ("signed short integer", i16::MIN.into(), i16::MAX.into()),
                ("signed char", i8::MIN.into(), i8::MAX.into()),
            )?,
            UInt8 => ranged(
                vm,
                value,
                ("unsigned byte integer", 0, u8::MAX.into()),
                ("unsigned byte integer", 0, u8::MAX.into()),
            )?,
            Int16 => {
                let limits = ("signed short integer", i16::MIN.into(), i16::MAX.into());
                ranged(vm, value, limits, limits)?
            }
            UInt16 => ranged(
                vm,
                value,
                ("signed integer", i32::MIN.into(), i32::MAX.into()),
                ("unsigned short", 0, u16::MAX.into()),
            )?,
            Int32 => {
                let limits = ("signed integer", i32::MIN.into(), i32::MAX.into());
                ranged(vm, value, limits, limits)?
            }
            Long => c_long(vm, value)?.cast_unsigned(),
            UInt32 | ULong => unsigned(vm, value, self == UInt32)?,
            Int64 => {
                let number = vm.index(value)?;
                vm.int_to_i64(number).ok_or_else(|| vm.overflow_error("int too big to convert"))?.cast_unsigned()
            }
            UInt64 => {
                let number = vm.index(value)?;
                if vm.int_is_negative(number) {
                    return Err(vm.overflow_error("can't convert negative int to unsigned"));
                }
                let number = vm.int_to_big(number).and_then(|number| number.to_u64());
                number.ok_or_else(|| vm.overflow_error("int too big to convert"))?
            }
        };
        Ok(bits.to_le_bytes())
    }
}

fn c_long(vm: &Vm, value: Value) -> PyResult<i64> {
    let number = vm.index(value)?;
    vm.int_to_i64(number).ok_or_else(|| vm.overflow_error("Python int too large to convert to C long"))
}

/// Checks a number against the C type that it is read as, then against the item's own range.
fn ranged(vm: &Vm, value: Value, read_as: (&str, i64, i64), item: (&str, i64, i64)) -> PyResult<u64> {
    let number = c_long(vm, value)?;
    for (name, low, high) in [read_as, item] {
        if number < low {
            return Err(vm.overflow_error(format!("{name} is less than minimum")));
        }
        if number > high {
            return Err(vm.overflow_error(format!("{name} is greater than maximum")));
        }
    }
    Ok(number.cast_unsigned())
}

fn unsigned(vm: &Vm, value: Value, is_int: bool) -> PyResult<u64> {
    let number = vm.index(value)?;
    if vm.int_is_negative(number) {
        return Err(vm.overflow_error("can't convert negative value to unsigned int"));
    }
    let number = vm.int_to_big(number).and_then(|number| number.to_u64());
    let number = number.ok_or_else(|| vm.overflow_error("Python int too large to convert to C unsigned long"))?;
    if is_int && number > u64::from(u32::MAX) {
        return Err(vm.overflow_error("unsigned int is greater than maximum"));
    }
    Ok(number)
}

fn character(vm: &Vm, value: Value) -> PyResult<u32> {
    match vm.as_str(value) {
        Some(text) if text.len() == 1 => Ok(text.char_at(0)),
        Some(text) => {
            let len = text.len();
            Err(vm.type_error(format!("array item must be a unicode character, not a string of length {len}")))
        }
        None => {
            let found = vm.type_name(value);
            Err(vm.type_error(format!("array item must be a unicode character, not {found}")))
        }
    }
}
