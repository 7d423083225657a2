//! Reading. Holds: whatever the data says, reading ends in a value or an exception; code objects run only after they were verified.

use std::sync::Arc;

use cinder_vm::value_vec::ValueVec;
use cinder_vm::{PyResult, Raised, Value, Vm};
use num_bigint::{BigInt, Sign};

use super::{MAX_DEPTH, REFERENCED};

/// Where the data comes from.
pub(super) enum Source {
    Bytes {
        bytes: Vec<u8>,
        at: usize,
    },
    /// The `read` method of a file.
    File {
        read: Value,
    },
}

struct Reader<'a> {
    vm: &'a Vm,
    source: Source,
    allow_code: bool,
    /// Objects that references may mean; None stands for one that is not finished.
    known: ValueVec<[Value; 8]>,
    depth: usize,
}

pub(super) fn read(vm: &Vm, source: Source, allow_code: bool) -> PyResult<Value> {
    let mut reader = Reader { vm, source, allow_code, known: ValueVec::new(), depth: 0 };
    match reader.value()? {
        Some(value) => Ok(value),
        None => Err(vm.type_error("NULL object in marshal data for object")),
    }
}

impl Reader<'_> {
    fn bad(&self, what: &str) -> Raised {
        self.vm.value_error(format!("bad marshal data ({what})"))
    }

    fn take(&mut self, len: usize) -> PyResult<Vec<u8>> {
        let vm = self.vm;
        let too_short = || vm.eof_error("marshal data too short");
        match &mut self.source {
            Source::Bytes { bytes, at } => {
                let end = at.checked_add(len).filter(|end| *end <= bytes.len()).ok_or_else(too_short)?;
                let piece = bytes[*at..end].to_vec();
                *at = end;
                Ok(piece)
            }
            Source::File { read } => {
                let piece = vm.call(*read, &[vm.new_uint(len)?])?;
                let bytes = vm.with_bytes(piece, <[u8]>::to_vec)?;
                if bytes.len() > len {
                    let found = bytes.len();
                    return Err(vm.value_error(format!(
                        "read() returned too much data: {len} bytes requested, {found} returned"
                    )));
                }
                if bytes.len() < len { Err(vm.eof_error("EOF read where not expected")) } else { Ok(bytes) }
            }
        }
    }

    fn byte(&mut self) -> PyResult<u8> {
        Ok(self.take(1)?[0])
    }

    fn long(&mut self) -> PyResult<i32> {
        let bytes = self.take(4)?;
        Ok(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn size(&mut self, what: &str) -> PyResult<usize> {
        let size = self.long()?;
        usize::try_from(size).map_err(|_| self.bad(&format!("{what} size out of range")))
    }

    fn float(&mut self) -> PyResult<f64> {
        let bytes = self.take(8)?;
        Ok(f64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    fn float_text(&mut self) -> PyResult<f64> {
        let len = self.byte()?;
        let text = self.take(usize::from(len))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        self.vm.parse_float(&text, || Ok(format!("'{text}'")))
    }

    fn required(&mut self, what: &str) -> PyResult<Value> {
        match self.value()? {
            Some(value) => Ok(value),
            None => Err(self.vm.type_error(format!("NULL object in marshal data for {what}"))),
        }
    }

    fn items(&mut self, count: usize, what: &str) -> PyResult<ValueVec<[Value; 8]>> {
        let mut items = ValueVec::new();
        for _ in 0..count {
            let item = self.required(what)?;
            items.push(item);
        }
        Ok(items)
    }

    /// The next value; `None` is the end mark of a dict.
    fn value(&mut self) -> PyResult<Option<Value>> {
        let vm = self.vm;
        let code = match self.byte() {
            Err(raised) if vm.pending_matches(vm.exceptions.EOFError) && self.depth == 0 => {
                vm.take_exception(raised);
                return Err(vm.eof_error("EOF read where object expected"));
            }
            code => code?,
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(vm.value_error("recursion limit exceeded"));
        }
        vm.check_native_stack()?;
        // The number of an object counts from where it begins.
        let place = (code & REFERENCED != 0).then(|| {
            self.known.push(Value::NONE);
            self.known.len() - 1
        });
        let value = self.object(code & !REFERENCED, place)?;
        if let (Some(place), Some(value)) = (place, value) {
            self.known[place] = value;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self, code: u8, place: Option<usize>) -> PyResult<Option<Value>> {
        let vm = self.vm;
        let value = match code {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => vm.exceptions.StopIteration.as_value(),
            b'i' => vm.new_int(self.long()?.into())?,
            b'I' => {
                let bytes = self.take(8)?;
                vm.new_int(i64::from_le_bytes(bytes.try_into().expect("eight bytes")))?
            }
            b'l' => self.big_int()?,
            b'g' => vm.new_float(self.float()?)?,
            b'f' => vm.new_float(self.float_text()?)?,
            b'y' | b'x' => {
                let binary = code == b'y';
                let real = if binary { self.float()? } else { self.float_text()? };
                let imag = if binary { self.float()? } else { self.float_text()? };
                vm.new_complex(cinder_vm::types::complex::Complex { real, imag })?
            }
            b's' => {
                let len = self.size("bytes object")?;
                let bytes = self.take(len)?;
                vm.new_bytes(&bytes)?
            }
            b'z' | b'Z' | b'a' | b'A' => {
                let len =
                    if code.eq_ignore_ascii_case(&b'z') { usize::from(self.byte()?) } else { self.size("string")? };
                let bytes = self.take(len)?;
                let text = vm.new_str_latin1(&bytes)?;
                if code.is_ascii_uppercase() { vm.intern_value(text) } else { text }
            }
            b'u' | b't' => {
                let len = self.size("string")?;
                let bytes = self.take(len)?;
                let bytes = vm.new_bytes(&bytes)?;
                let text = vm.decode_bytes(bytes, "utf-8", "surrogatepass")?;
                if code == b't' { vm.intern_value(text) } else { text }
            }
            b'(' | b')' => {
                let len = if code == b')' { usize::from(self.byte()?) } else { self.size("tuple")? };
                let items = self.items(len, "tuple")?;
                vm.new_tuple(&items)?
            }
            b'[' => {
                let len = self.size("list")?;
                let list = vm.new_pylist()?;
                self.finish_early(place, list.as_value());
                for _ in 0..len {
                    let item = self.required("list")?;
                    vm.list_push(list, item)?;
                }
                list.as_value()
            }
            b'{' => {
                let dict = vm.new_pydict()?;
                self.finish_early(place, dict.as_value());
                while let Some(key) = self.value()? {
                    let Some(item) = self.value()? else { break };
                    vm.dict_insert(dict, key, item)?;
                }
                dict.as_value()
            }
            b'<' | b'>' => {
                let len = self.size("set")?;
                let items = self.items(len, "set")?;
                if code == b'<' { vm.new_set(&items)? } else { vm.new_frozenset(&items)? }
            }
            b':' => {
                let parts = self.items(3, "slice")?;
                vm.new_slice(parts[0], parts[1], parts[2])?
            }
            b'c' => self.code()?,
            b'r' => {
                let number = self.long()?;
                let known = usize::try_from(number).ok().and_then(|number| self.known.get(number).copied());
                match known {
                    Some(value) if !value.is_none() => value,
                    _ => return Err(self.bad("invalid reference")),
                }
            }
            _ => return Err(self.bad("unknown type code")),
        };
        Ok(Some(value))
    }

    /// A container may be meant by references within itself.
    fn finish_early(&mut self, place: Option<usize>, value: Value) {
        if let Some(place) = place {
            self.known[place] = value;
        }
    }

    fn big_int(&mut self) -> PyResult<Value> {
        let count = self.long()?;
        let mut number = BigInt::ZERO;
        let digits = self.take(count.unsigned_abs() as usize * 2)?;
        let mut bits: Vec<u8> = Vec::with_capacity(digits.len());
        let (mut pending, mut pending_bits) = (0u32, 0);
        for digit in digits.chunks_exact(2) {
            let digit = u16::from_le_bytes([digit[0], digit[1]]);
            if digit > 0x7fff {
                return Err(self.bad("digit out of range in long"));
            }
            pending |= u32::from(digit) << pending_bits;
            pending_bits += 15;
            while pending_bits >= 8 {
                bits.push(pending as u8);
                pending >>= 8;
                pending_bits -= 8;
            }
        }
        bits.push(pending as u8);
        if digits.ends_with(&[0, 0]) {
            return Err(self.bad("unnormalized long data"));
        }
        number += BigInt::from_bytes_le(if count < 0 { Sign::Minus } else { Sign::Plus }, &bits);
        self.vm.new_bigint(number)
    }

    fn code(&mut self) -> PyResult<Value> {
        if !self.allow_code {
            return Err(self.vm.value_error("unmarshalling code objects is disallowed"));
        }
        let len = self.size("code")?;
        let bytes = self.take(len)?;
        let code = cinder_bytecode::decode(&bytes).map_err(|damage| self.bad(&damage.to_string()))?;
        cinder_bytecode::verify(&code).map_err(|damage| self.bad(&damage.to_string()))?;
        Ok(self.vm.new_code(Arc::new(code))?.as_value())
    }
}
