//! Items of a view: the native single-character formats of `struct`.

use cinder_layout::Value;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::native::{PyResult, Raised};
use crate::vm::Vm;

/// Format of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    text: &'static str,
    item_bytes: usize,
}

/// Formats a view can be cast to, with and without the mark of native order.
const NATIVE: [(&str, &str, usize); 18] = [
    ("c", "@c", 1),
    ("b", "@b", 1),
    ("B", "@B", 1),
    ("?", "@?", 1),
    ("h", "@h", 2),
    ("H", "@H", 2),
    ("i", "@i", 4),
    ("I", "@I", 4),
    ("l", "@l", 8),
    ("L", "@L", 8),
    ("q", "@q", 8),
    ("Q", "@Q", 8),
    ("n", "@n", 8),
    ("N", "@N", 8),
    ("e", "@e", 2),
    ("f", "@f", 4),
    ("d", "@d", 8),
    ("P", "@P", 8),
];

impl Format {
    pub(super) const fn new(text: &'static str, item_bytes: usize) -> Format {
        Format { text, item_bytes }
    }

    /// A native format by its text.
    pub(super) fn native(text: &str) -> Option<Format> {
        NATIVE.iter().find_map(|(plain, marked, item_bytes)| {
            let text = [plain, marked].into_iter().find(|known| **known == text)?;
            Some(Format { text, item_bytes: *item_bytes })
        })
    }

    pub(super) fn text(self) -> &'static str {
        self.text
    }

    pub(super) fn item_bytes(self) -> usize {
        self.item_bytes
    }

    /// The format's character, when it is a native one.
    pub(super) fn code(self) -> Option<char> {
        Format::native(self.text)?.text.chars().last()
    }

    /// Items that are bytes: `B`, `b` and `c`.
    pub(super) fn is_byte(self) -> bool {
        matches!(self.code(), Some('B' | 'b' | 'c'))
    }

    fn unsupported(self, vm: &Vm) -> Raised {
        vm.not_implemented_error(format!("memoryview: format {} not supported", self.text))
    }

    /// The item as an object. `bytes` has the item's size.
    pub(super) fn unpack(self, vm: &Vm, bytes: &[u8]) -> PyResult<Value> {
        let Some(code) = self.code() else { return Err(self.unsupported(vm)) };
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let unsigned = u64::from_le_bytes(word);
        let unused = 64 - 8 * bytes.len() as u32;
        match code {
            'c' => vm.new_bytes(bytes),
            '?' => Ok(Value::from_bool(unsigned != 0)),
            'b' | 'h' | 'i' | 'l' | 'q' | 'n' => vm.new_int(((unsigned << unused) as i64) >> unused),
            'e' => vm.new_float(half_to_f64(unsigned as u16)),
            'f' => vm.new_float(f64::from(f32::from_bits(unsigned as u32))),
            'd' => vm.new_float(f64::from_bits(unsigned)),
            _ => match i64::try_from(unsigned) {
                Ok(number) => vm.new_int(number),
                Err(_) => vm.new_bigint(BigInt::from(unsigned)),
            },
        }
    }

    /// Bytes of an object as item.
    ///
    /// Runs Python: `__index__`, `__float__`. Errors: TypeError and ValueError as CPython's.
    pub(super) fn pack(self, vm: &Vm, value: Value) -> PyResult<Vec<u8>> {
        let Some(code) = self.code() else { return Err(self.unsupported(vm)) };
        let bad_type = || vm.type_error(format!("memoryview: invalid type for format '{}'", self.text));
        let bad_value = || vm.value_error(format!("memoryview: invalid value for format '{}'", self.text));
        match code {
            'c' => match vm.as_bytes(value) {
                None => Err(bad_type()),
                Some(bytes) if bytes.as_slice().len() == 1 => Ok(bytes.as_slice().to_vec()),
                Some(_) => Err(bad_value()),
            },
            '?' => Ok(vec![u8::from(vm.truthy(value)?)]),
            'e' | 'f' | 'd' => {
                let Some(number) = vm.real_number(value)? else { return Err(bad_type()) };
                Ok(match code {
                    'd' => number.to_le_bytes().to_vec(),
                    'f' => {
                        let narrow = number as f32;
                        if narrow.is_infinite() && number.is_finite() {
                            return Err(vm.overflow_error("float too large to pack with f format"));
                        }
                        narrow.to_le_bytes().to_vec()
                    }
                    _ => match f64_to_half(number) {
                        Some(half) => half.to_le_bytes().to_vec(),
                        None => return Err(vm.overflow_error("float too large to pack with e format")),
                    },
                })
            }
            _ => {
                if vm.type_of(value).slots().index.is_none() {
                    return Err(bad_type());
                }
                let number = vm.int_to_big(vm.index(value)?).expect("index gives ints");
                let bits = 8 * self.item_bytes as u32;
                let bytes = if matches!(code, 'b' | 'h' | 'i' | 'l' | 'q' | 'n') {
                    number
                        .to_i64()
                        .filter(|n| bits == 64 || (-(1i64 << (bits - 1))..1i64 << (bits - 1)).contains(n))
                        .map(i64::to_le_bytes)
                } else {
                    number.to_u64().filter(|n| bits == 64 || n >> bits == 0).map(u64::to_le_bytes)
                };
                bytes.map(|bytes| bytes[..self.item_bytes].to_vec()).ok_or_else(bad_value)
            }
        }
    }
}

/// IEEE 754 half precision.
pub(crate) fn half_to_f64(half: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(half >> 10 & 0x1f), f64::from(half & 0x3ff));
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        0x1f if mantissa == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    };
    if half & 0x8000 != 0 { -magnitude } else { magnitude }
}

/// Nearest half, ties to even; `None` when the number is too large.
pub(crate) fn f64_to_half(number: f64) -> Option<u16> {
    let sign = u16::from(number.is_sign_negative()) << 15;
    if number.is_nan() {
        return Some(sign | 0x7e00);
    }
    let magnitude = number.abs();
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Below the smallest normal half the unit is 2^-24, above it 2^-10 of the power of two.
    let exponent = (crate::types::float::arith::frexp(magnitude).1 - 1).max(-14);
    let units = (magnitude / 2f64.powi(exponent - 10)).round_ties_even() as u32;
    let bits = units as i64 + i64::from(exponent + 14) * 1024;
    u16::try_from(bits).ok().filter(|bits| *bits < 0x7c00).map(|bits| sign | bits)
}
