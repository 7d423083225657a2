//! Constants.

use std::fmt::Write;

use cinder_vm::types::bytes::PyBytes;
use cinder_vm::{PyResult, Value};

use super::Emitter;

impl Emitter<'_> {
    /// Errors: TypeError for a value that is no constant.
    pub(super) fn constant(&mut self, value: Value) -> PyResult<()> {
        self.vm.check_native_stack()?;
        let vm = self.vm;
        if value.is_none() || value.as_bool().is_some() || vm.is(value, Value::ELLIPSIS) {
            let shown = vm.repr_text(value)?;
            self.push(if shown == "Ellipsis" { "..." } else { &shown });
        } else if vm.is_exact_str(value) {
            self.push("'");
            self.characters(value);
            self.push("'");
        } else if let Some(bytes) = vm.downcast_exact::<PyBytes>(value) {
            let content = bytes.as_slice().to_vec();
            self.push("b'");
            for byte in content {
                write!(self.text, "\\x{byte:02x}").expect("writing to a String");
            }
            self.push("'");
        } else if let Some(number) = exact_int(self, value) {
            let is_negative = number.sign() == num_bigint::Sign::Minus;
            let digits = number.magnitude().to_str_radix(16);
            self.push(&if is_negative { format!("(-0x{digits})") } else { format!("0x{digits}") });
        } else if let Some(float) = exact_float(self, value) {
            self.float(float, "");
        } else if let Some(complex) = vm.complex_value(value) {
            if complex.real.to_bits() == 0 {
                self.float(complex.imag, "j");
            } else {
                self.push("(");
                self.float(complex.real, "");
                self.push("+");
                self.float(complex.imag, "j");
                self.push(")");
            }
        } else if vm.as_tuple(value).is_some() && vm.type_name(value) == "tuple" {
            self.push("(");
            for item in vm.tuple_items(value) {
                self.constant(*item)?;
                self.push(", ");
            }
            self.push(")");
        } else if vm.type_name(value) == "frozenset" {
            return Err(vm.not_implemented_error("a frozenset as a constant of a syntax tree is not supported"));
        } else {
            let name = vm.type_name(value);
            return Err(vm.type_error(format!("got an invalid type in Constant: {name}")));
        }
        Ok(())
    }

    fn float(&mut self, number: f64, suffix: &str) {
        let text = if number.is_nan() {
            format!("(1e999{suffix}-1e999{suffix})")
        } else if number.is_infinite() {
            format!("{}1e999{suffix}", if number < 0.0 { "-" } else { "" })
        } else {
            format!("{number:?}{suffix}")
        };
        self.push(&if number.is_sign_negative() { format!("({text})") } else { text });
    }

    /// The characters of a str as escapes where they are not plain.
    fn characters(&mut self, text: Value) {
        let Some(text) = self.vm.as_str(text) else { return };
        let points: Vec<u32> = text.iter().collect();
        for point in points {
            self.character(point);
        }
    }

    fn character(&mut self, point: u32) {
        match char::from_u32(point) {
            Some('\\') => self.push("\\\\"),
            Some('\'') => self.push("\\'"),
            Some(plain @ ' '..='~') => self.text.push(plain),
            _ if point < 0x100 => write!(self.text, "\\x{point:02x}").expect("writing to a String"),
            _ if point < 0x10000 => write!(self.text, "\\u{point:04x}").expect("writing to a String"),
            _ => write!(self.text, "\\U{point:08x}").expect("writing to a String"),
        }
    }

    /// As [`Emitter::characters`], between the fields of an f-string or in a specification.
    pub(super) fn interpolated_text(&mut self, text: Value, in_spec: bool) {
        let Some(text) = self.vm.as_str(text) else { return };
        let points: Vec<u32> = text.iter().collect();
        for point in points {
            match char::from_u32(point) {
                // A specification has no doubled braces.
                Some('{') if in_spec => self.push("{'{'}"),
                Some('}') if in_spec => self.push("{'}'}"),
                Some('{') => self.push("{{"),
                Some('}') => self.push("}}"),
                _ => self.character(point),
            }
        }
    }
}

fn exact_int(emitter: &Emitter<'_>, value: Value) -> Option<num_bigint::BigInt> {
    (emitter.vm.type_name(value) == "int").then(|| emitter.vm.int_to_big(value)).flatten()
}

fn exact_float(emitter: &Emitter<'_>, value: Value) -> Option<f64> {
    (emitter.vm.type_name(value) == "float").then(|| emitter.vm.float_value(value)).flatten()
}
