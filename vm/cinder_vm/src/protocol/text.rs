//! `repr`, `str`, `ascii`, `format`.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// `repr(value)`: an exact or derived str.
    pub fn repr(&self, value: Value) -> PyResult<Value> {
        if let Some(number) = value.try_int() {
            return self.small_int_text(number);
        }
        self.check_native_stack()?;
        let repr = self.type_of(value).slots().repr.expect("every class has repr: object defines it");
        let text = repr(self, value)?;
        if !self.is_str(text) {
            return Err(self.type_error(format!("__repr__ returned non-string (type {})", self.type_name(text))));
        }
        Ok(text)
    }

    /// `str(value)`.
    pub fn str(&self, value: Value) -> PyResult<Value> {
        if self.is_exact_str(value) {
            return Ok(value);
        }
        self.check_native_stack()?;
        if let Some(number) = value.try_int() {
            return self.small_int_text(number);
        }
        let Some(str) = self.type_of(value).slots().str else { return self.repr(value) };
        let text = str(self, value)?;
        if !self.is_str(text) {
            return Err(self.type_error(format!("__str__ returned non-string (type {})", self.type_name(text))));
        }
        Ok(text)
    }

    fn small_int_text(&self, number: i64) -> PyResult<Value> {
        match u8::try_from(number) {
            Ok(digit @ 0..10) => self.str_of_char(u32::from(b'0' + digit)),
            _ => self.new_str_latin1(crate::types::int::text::small(number, &mut [0; 20]).as_bytes()),
        }
    }

    /// `repr(value)` as Rust text, for messages. Lone surrogates become replacement characters.
    pub fn repr_text(&self, value: Value) -> PyResult<String> {
        Ok(self.str_text(self.repr(value)?).into_owned())
    }

    /// `format(value, spec)`; the empty spec of common types takes short ways.
    pub fn format(&self, value: Value, spec: Value) -> PyResult<Value> {
        let result = match self.call_special(value, self.names.__format__, &[spec])? {
            Some(result) => result,
            None => {
                let name = self.type_name(value);
                return Err(self.type_error(format!("Type {name} doesn't define __format__")));
            }
        };
        if !self.is_str(result) {
            let name = self.type_name(result);
            return Err(self.type_error(format!("__format__ must return a str, not {name}")));
        }
        Ok(result)
    }
}
