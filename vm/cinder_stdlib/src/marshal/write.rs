//! Writing.

use cinder_vm::types::code::PyCode;
use cinder_vm::types::float::text::repr;
use cinder_vm::types::str_::PyStr;
use cinder_vm::{PyResult, Value, Vm};
use num_bigint::Sign;
use rustc_hash::FxHashMap;

use super::{MAX_DEPTH, REFERENCED};

/// One value being written.
struct Writer<'a> {
    vm: &'a Vm,
    out: Vec<u8>,
    version: i32,
    allow_code: bool,
    /// Numbers of objects written so far, by address.
    numbers: FxHashMap<u64, u32>,
    depth: usize,
}

pub(super) fn write(vm: &Vm, value: Value, version: i32, allow_code: bool) -> PyResult<Vec<u8>> {
    let mut writer = Writer { vm, out: Vec::new(), version, allow_code, numbers: FxHashMap::default(), depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

impl Writer<'_> {
    fn long(&mut self, number: usize) -> PyResult<()> {
        let number = i32::try_from(number).map_err(|_| self.unmarshallable())?;
        self.out.extend(number.to_le_bytes());
        Ok(())
    }

    fn unmarshallable(&self) -> cinder_vm::Raised {
        self.vm.value_error("unmarshallable object")
    }

    fn value(&mut self, value: Value) -> PyResult<()> {
        let vm = self.vm;
        let constant = match () {
            _ if value.is_none() => b'N',
            _ if value == Value::TRUE => b'T',
            _ if value == Value::FALSE => b'F',
            _ if value == Value::ELLIPSIS => b'.',
            _ if value == vm.exceptions.StopIteration.as_value() => b'S',
            _ => 0,
        };
        if constant != 0 {
            self.out.push(constant);
            return Ok(());
        }
        let mut reference = 0;
        if self.version >= 3 && value.is_ptr() {
            if let Some(number) = self.numbers.get(&value.bits()) {
                let number = *number;
                self.out.push(b'r');
                self.out.extend(number.to_le_bytes());
                return Ok(());
            }
            let number = self.numbers.len() as u32;
            self.numbers.insert(value.bits(), number);
            reference = REFERENCED;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        vm.check_native_stack()?;
        self.object(value, reference)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self, value: Value, reference: u8) -> PyResult<()> {
        let vm = self.vm;
        let class = vm.type_of(value);
        let types = &*vm.types;
        if class == types.int {
            return self.int(value, reference);
        }
        if class == types.float {
            let number = vm.float_value(value).unwrap_or_default();
            self.out.push(reference | if self.version > 1 { b'g' } else { b'f' });
            self.float(number);
            return Ok(());
        }
        if class == types.complex {
            let Some(number) = vm.complex_value(value) else { return Err(self.unmarshallable()) };
            self.out.push(reference | if self.version > 1 { b'y' } else { b'x' });
            self.float(number.real);
            self.float(number.imag);
            return Ok(());
        }
        if let Some(text) = vm.as_str(value).filter(|_| class == types.str_) {
            return self.text(&text, reference);
        }
        if class == types.tuple {
            let items = vm.tuple_items(value);
            if self.version >= 4 && items.len() < 256 {
                self.out.extend([reference | b')', items.len() as u8]);
            } else {
                self.out.push(reference | b'(');
                self.long(items.len())?;
            }
            return items.iter().try_for_each(|item| self.value(*item));
        }
        if let Some(list) = vm.as_list(value).filter(|_| class == types.list) {
            self.out.push(reference | b'[');
            self.long(list.len())?;
            for index in 0..list.len() {
                let item = list.get(index as i64).ok_or_else(|| self.unmarshallable())?;
                self.value(item)?;
            }
            return Ok(());
        }
        if let Some(dict) = vm.as_dict(value).filter(|_| class == types.dict) {
            self.out.push(reference | b'{');
            for number in 0..dict.entry_count() {
                if let Some((key, item)) = dict.entry(number) {
                    self.value(key)?;
                    self.value(item)?;
                }
            }
            self.out.push(b'0');
            return Ok(());
        }
        if class == types.set || class == types.frozen_set {
            return self.set(value, reference, class == types.set);
        }
        if let Some(code) = vm.downcast::<PyCode>(value) {
            if !self.allow_code {
                return Err(vm.value_error("marshalling code objects is disallowed"));
            }
            let bytes = cinder_bytecode::encode(code.object());
            self.out.push(reference | b'c');
            self.long(bytes.len())?;
            self.out.extend(bytes);
            return Ok(());
        }
        if class == types.slice {
            if self.version < 5 {
                return Err(self.unmarshallable());
            }
            self.out.push(reference | b':');
            for name in ["start", "stop", "step"] {
                let part = vm.getattr_text(value, name)?;
                self.value(part)?;
            }
            return Ok(());
        }
        if vm.type_of(value).slots().buffer.is_some() {
            let bytes = vm.with_bytes(value, <[u8]>::to_vec)?;
            self.out.push(reference | b's');
            self.long(bytes.len())?;
            self.out.extend(bytes);
            return Ok(());
        }
        Err(self.unmarshallable())
    }

    /// Items in the order of their own bytes, so that equal sets give equal data.
    fn set(&mut self, value: Value, reference: u8, is_mutable: bool) -> PyResult<()> {
        let vm = self.vm;
        let items = vm.list_from(value)?;
        let list = vm.as_list(items).expect("made above");
        let mut order = Vec::with_capacity(list.len());
        for index in 0..list.len() {
            let item = list.get(index as i64).unwrap_or(Value::NONE);
            // The bytes of a single item are not needed, and nests of such sets would write their insides again at each level.
            let bytes = if list.len() > 1 { write(vm, item, self.version, self.allow_code)? } else { Vec::new() };
            order.push((bytes, index));
        }
        order.sort();
        self.out.push(reference | if is_mutable { b'<' } else { b'>' });
        self.long(order.len())?;
        for (_, index) in order {
            self.value(list.get(index as i64).unwrap_or(Value::NONE))?;
        }
        Ok(())
    }

    fn int(&mut self, value: Value, reference: u8) -> PyResult<()> {
        let small = self.vm.int_to_i64(value).and_then(|number| i32::try_from(number).ok());
        if let Some(number) = small {
            self.out.push(reference | b'i');
            self.out.extend(number.to_le_bytes());
            return Ok(());
        }
        let number = self.vm.int_to_big(value).unwrap_or_default();
        let parts = fifteen_bit_digits(&number.magnitude().to_bytes_le());
        let count = i32::try_from(parts.len()).map_err(|_| self.unmarshallable())?;
        self.out.push(reference | b'l');
        self.out.extend((if number.sign() == Sign::Minus { -count } else { count }).to_le_bytes());
        parts.iter().for_each(|part| self.out.extend(part.to_le_bytes()));
        Ok(())
    }

    fn float(&mut self, number: f64) {
        if self.version > 1 {
            self.out.extend(number.to_le_bytes());
        } else {
            let text = repr(number);
            self.out.push(text.len() as u8);
            self.out.extend(text.as_bytes());
        }
    }

    fn text(&mut self, text: &PyStr, reference: u8) -> PyResult<()> {
        let interned = text.is_interned();
        if let Some(ascii) = text.as_ascii().filter(|_| self.version >= 4) {
            if ascii.len() < 256 {
                self.out.extend([reference | if interned { b'Z' } else { b'z' }, ascii.len() as u8]);
            } else {
                self.out.push(reference | if interned { b'A' } else { b'a' });
                self.long(ascii.len())?;
            }
            self.out.extend(ascii.as_bytes());
            return Ok(());
        }
        let bytes = utf8(text);
        self.out.push(reference | if interned && self.version >= 3 { b't' } else { b'u' });
        self.long(bytes.len())?;
        self.out.extend(bytes);
        Ok(())
    }
}

/// Digits of 15 bits, least significant first, of a little-endian number.
fn fifteen_bit_digits(bytes: &[u8]) -> Vec<u16> {
    let (mut digits, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in bytes {
        bits |= u32::from(*byte) << count;
        count += 8;
        if count >= 15 {
            digits.push((bits & 0x7fff) as u16);
            bits >>= 15;
            count -= 15;
        }
    }
    if bits != 0 {
        digits.push(bits as u16);
    }
    digits
}

/// UTF-8 in which lone surrogates stand as three bytes.
fn utf8(text: &PyStr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.iter() {
        match char::from_u32(c) {
            Some(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => bytes.extend([0xe0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
        }
    }
    bytes
}
