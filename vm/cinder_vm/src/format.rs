//! Format specifications (`format(x, spec)`, f-strings) and number formatting shared with `%`.
//!
//! Source: Python/formatter_unicode.c, PEP 3101, PEP 515.

mod number;
mod percent;
mod spec;

use cinder_layout::Value;

pub(crate) use number::decimals;
pub use number::{FloatStyle, float_text};
pub use spec::{Align, Grouping, Sign, Spec};

use crate::native::{PyResult, Raised};
use crate::vm::Vm;

/// Text with lone surrogates kept, as code points.
type Points = Vec<u32>;

fn points(text: &str) -> Points {
    text.chars().map(u32::from).collect()
}

impl Vm {
    /// The spec argument of `__format__`, parsed. `kind` names the class in messages.
    fn format_spec(&self, spec: Value, kind: &str, default_align: Align, default_code: Option<char>) -> PyResult<Spec> {
        let Some(text) = self.as_str(spec) else {
            let found = self.type_name(spec);
            return Err(self.type_error(format!("__format__() argument must be str, not {found}")));
        };
        let chars: Points = text.iter().collect();
        let spec = Spec::parse(&chars, default_align, default_code)
            .map_err(|message| self.value_error(message.replace("{kind}", kind)))?;
        self.check_format_points(spec.width, spec.precision)?;
        Ok(spec)
    }

    /// MemoryError unless so many characters can be laid out.
    pub(crate) fn check_format_points(&self, width: usize, precision: Option<usize>) -> PyResult<()> {
        // Each character takes four bytes, and there are two copies on the way to a string.
        self.check_native_bytes(width.saturating_add(precision.unwrap_or(0)).saturating_mul(8))
    }

    fn unknown_code(&self, code: char, kind: &str) -> Raised {
        let shown = if (' '..'\x7f').contains(&code) { code.to_string() } else { format!("\\x{:x}", u32::from(code)) };
        self.value_error(format!("Unknown format code '{shown}' for object of type '{kind}'"))
    }

    /// `str.__format__`.
    pub fn format_str(&self, value: Value, spec: Value) -> PyResult<Value> {
        let text = self.as_str(value).expect("method of str");
        if self.as_str(spec).is_some_and(|spec| spec.is_empty()) {
            return self.str(value);
        }
        let kind = self.type_name(value);
        let spec = self.format_spec(spec, &kind, Align::Left, Some('s'))?;
        if !matches!(spec.code, None | Some('s')) {
            return Err(self.unknown_code(spec.code.unwrap_or('s'), &kind));
        }
        let refuse = |message: &str| Err(self.value_error(message));
        if spec.sign != Sign::Default {
            return refuse(if spec.sign == Sign::Space {
                "Space not allowed in string format specifier"
            } else {
                "Sign not allowed in string format specifier"
            });
        }
        if spec.no_negative_zero {
            return refuse("Negative zero coercion (z) not allowed in string format specifier");
        }
        if spec.alternate {
            return refuse("Alternate form (#) not allowed in string format specifier");
        }
        if spec.align == Align::AfterSign {
            return refuse("'=' alignment not allowed in string format specifier");
        }
        let mut chars: Points = text.iter().collect();
        chars.truncate(spec.precision.unwrap_or(usize::MAX));
        self.new_str_points(&spec.pad(&[], &chars, Align::Left))
    }

    /// `int.__format__`.
    pub fn format_int(&self, value: Value, spec: Value) -> PyResult<Value> {
        if self.as_str(spec).is_some_and(|spec| spec.is_empty()) {
            return if value.is_int() { self.new_str(&self.int_text(value)?) } else { self.str(value) };
        }
        let kind = self.type_name(value);
        let parsed = self.format_spec(spec, &kind, Align::Right, Some('d'))?;
        match parsed.code {
            None | Some('d' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c') => {}
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
                let number = self.int_to_float(value)?;
                return self.format_number(number, &parsed);
            }
            Some(code) => return Err(self.unknown_code(code, &kind)),
        }
        if parsed.precision.is_some() {
            return Err(self.value_error("Precision not allowed in integer format specifier"));
        }
        if parsed.no_negative_zero {
            return Err(self.value_error("Negative zero coercion (z) not allowed in integer format specifier"));
        }
        if parsed.code == Some('c') {
            return self.format_char(value, &parsed);
        }
        let radix = match parsed.code {
            Some('b') => 2,
            Some('o') => 8,
            Some('x' | 'X') => 16,
            _ => 10,
        };
        let mut digits = self.int_radix(value, radix)?;
        let negative = digits.starts_with('-');
        if negative {
            digits.remove(0);
        }
        let mut prefix = parsed.sign.text(negative).to_owned();
        if parsed.alternate {
            prefix += match radix {
                2 => "0b",
                8 => "0o",
                16 => "0x",
                _ => "",
            };
        }
        if parsed.code == Some('X') {
            digits.make_ascii_uppercase();
            prefix.make_ascii_uppercase();
        }
        let every = if radix == 10 { 3 } else { 4 };
        self.new_str_points(&parsed.lay_out_number(&prefix, &digits, "", every))
    }

    fn format_char(&self, value: Value, spec: &Spec) -> PyResult<Value> {
        if spec.sign != Sign::Default {
            return Err(self.value_error("Sign not allowed with integer format specifier 'c'"));
        }
        if spec.alternate {
            return Err(self.value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
        }
        match self.int_to_i64(value) {
            Some(code @ 0..0x11_0000) => self.new_str_points(&spec.pad(&[], &[code as u32], Align::Right)),
            _ => Err(self.overflow_error("%c arg not in range(0x110000)")),
        }
    }

    /// `float.__format__`.
    pub fn format_float(&self, value: Value, spec: Value) -> PyResult<Value> {
        let number = self.float_value(value).expect("method of float");
        if self.as_str(spec).is_some_and(|spec| spec.is_empty()) {
            return self.str(value);
        }
        let kind = self.type_name(value);
        let parsed = self.format_spec(spec, &kind, Align::Right, None)?;
        if !matches!(parsed.code, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')) {
            return Err(self.unknown_code(parsed.code.unwrap_or('g'), &kind));
        }
        self.format_number(number, &parsed)
    }

    /// `complex.__format__`.
    pub fn format_complex(&self, value: Value, spec: Value) -> PyResult<Value> {
        let number = self.complex_value(value).expect("method of complex");
        if self.as_str(spec).is_some_and(|spec| spec.is_empty()) {
            return self.str(value);
        }
        let kind = self.type_name(value);
        let parsed = self.format_spec(spec, &kind, Align::Right, None)?;
        if !matches!(parsed.code, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) {
            return Err(self.unknown_code(parsed.code.unwrap_or('g'), &kind));
        }
        if parsed.fill == u32::from('0') {
            return Err(self.value_error("Zero padding is not allowed in complex format specifier"));
        }
        if parsed.align == Align::AfterSign {
            return Err(self.value_error("'=' alignment flag is not allowed in complex format specifier"));
        }
        let plain = parsed.code.is_none();
        let imag = self.complex_part(number.imag, &Spec { sign: Sign::Plus, ..parsed.clone() })?;
        let mut text = if plain && number.real == 0.0 && number.real.is_sign_positive() {
            let imag = self.complex_part(number.imag, &parsed)?;
            format!("{imag}j")
        } else {
            let real = self.complex_part(number.real, &parsed)?;
            format!("{real}{imag}j")
        };
        if plain && !(number.real == 0.0 && number.real.is_sign_positive()) {
            text = format!("({text})");
        }
        self.new_str_points(&parsed.pad(&[], &points(&text), Align::Right))
    }

    /// One part of a complex number: sign, grouped digits, no padding.
    fn complex_part(&self, number: f64, spec: &Spec) -> PyResult<String> {
        let code = spec.code.or(spec.precision.map(|_| 'g'));
        let spec = Spec { width: 0, code, ..spec.clone() };
        let mut text = number::formatted(number, &spec).map_err(|message| self.value_error(message))?;
        if spec.code.is_none() && !spec.alternate && text.ends_with(".0") {
            text.truncate(text.len() - 2);
        }
        let (prefix, whole, rest) = spec.number_parts(&text);
        Ok(spec.lay_out_number(prefix, whole, &rest, 3).into_iter().filter_map(char::from_u32).collect())
    }

    /// A float by a checked specification.
    fn format_number(&self, number: f64, spec: &Spec) -> PyResult<Value> {
        let text = number::formatted(number, spec).map_err(|message| self.value_error(message))?;
        let (prefix, whole, rest) = spec.number_parts(&text);
        if whole.is_empty() {
            // inf and nan: never grouped nor zero padded between digits.
            return self.new_str_points(&spec.lay_out_word(prefix, &rest));
        }
        self.new_str_points(&spec.lay_out_number(prefix, whole, &rest, 3))
    }
}
