//! `%` formatting of str and bytes. Source: Objects/unicodeobject.c `PyUnicode_Format`, Objects/bytesobject.c.

use cinder_layout::Value;

use super::{FloatStyle, float_text};
use crate::native::PyResult;
use crate::types::text_builder::TextBuilder;
use crate::vm::Vm;

#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// Where the values come from.
struct Arguments<'a> {
    positional: &'a [Value],
    next: usize,
    mapping: Option<Value>,
}

impl Vm {
    /// `template % values`, both of one kind; `bytes` chooses the conversions of bytes.
    pub fn percent_format(&self, template: &[u32], values: Value, bytes: bool) -> PyResult<TextBuilder> {
        let single = [values];
        let tuple = self.as_tuple(values);
        let positional: &[Value] = match &tuple {
            Some(tuple) => tuple.items(),
            None => &single,
        };
        let is_mapping = tuple.is_none()
            && !self.is_str(values)
            && self.as_bytes(values).is_none()
            && self.type_of(values).slots().getitem.is_some();
        let mut arguments = Arguments { positional, next: 0, mapping: is_mapping.then_some(values) };
        let mut out = TextBuilder::new();
        let mut used_mapping = false;
        let mut at = 0;
        while at < template.len() {
            let literal = &template[at..];
            let literal = &literal[..literal.iter().position(|c| *c == u32::from('%')).unwrap_or(literal.len())];
            out.push_points(literal);
            at += literal.len();
            if at == template.len() {
                break;
            }
            at += 1;
            used_mapping |= self.one_conversion(template, &mut at, &mut arguments, bytes, &mut out)?;
        }
        if !used_mapping && arguments.next < arguments.positional.len() && arguments.mapping.is_none() {
            let kind = if bytes { "bytes" } else { "string" };
            return Err(self.type_error(format!("not all arguments converted during {kind} formatting")));
        }
        Ok(out)
    }

    /// Formats what stands at `at`; whether it took its value by key.
    fn one_conversion(
        &self,
        template: &[u32],
        at: &mut usize,
        arguments: &mut Arguments<'_>,
        bytes: bool,
        out: &mut TextBuilder,
    ) -> PyResult<bool> {
        let start = *at;
        let incomplete = || self.value_error("incomplete format");
        let mut keyed = None;
        let peek = |at: usize| template.get(at).and_then(|c| char::from_u32(*c));
        if peek(*at) == Some('(') {
            let Some(mapping) = arguments.mapping else { return Err(self.type_error("format requires a mapping")) };
            let mut depth = 1;
            let key_start = *at + 1;
            let mut end = key_start;
            while depth > 0 {
                match peek(end) {
                    None => return Err(self.value_error("incomplete format key")),
                    Some('(') => depth += 1,
                    Some(')') => depth -= 1,
                    _ => {}
                }
                end += 1;
            }
            let key = &template[key_start..end - 1];
            let key = if bytes {
                self.new_bytes(&key.iter().map(|c| *c as u8).collect::<Vec<_>>())?
            } else {
                self.new_str_points(key)?
            };
            keyed = Some(self.getitem(mapping, key)?);
            *at = end;
        }
        let mut conversion = Conversion::default();
        loop {
            match peek(*at) {
                Some('-') => conversion.left = true,
                Some('+') => conversion.plus = true,
                Some(' ') => conversion.space = true,
                Some('#') => conversion.alternate = true,
                Some('0') => conversion.zero = true,
                _ => break,
            }
            *at += 1;
        }
        if let Some(width) = self.percent_number(template, at, arguments, "width too big", "ssize_t")? {
            conversion.left |= width < 0;
            conversion.width = width.unsigned_abs() as usize;
        }
        if peek(*at) == Some('.') {
            *at += 1;
            let precision = self.percent_number(template, at, arguments, "precision too big", "int")?.unwrap_or(0);
            conversion.precision = Some(precision.max(0) as usize);
        }
        self.check_format_points(conversion.width, conversion.precision)?;
        while matches!(peek(*at), Some('h' | 'l' | 'L')) {
            *at += 1;
        }
        let Some(code) = template.get(*at).copied() else { return Err(incomplete()) };
        *at += 1;
        if code == u32::from('%') && *at == start + 1 {
            out.push("%");
            return Ok(false);
        }
        let value = match keyed {
            Some(value) => value,
            None => self.next_argument(arguments)?,
        };
        let place = *at - 1;
        if !bytes && self.plain_value(code, value, &conversion, out)? {
            return Ok(keyed.is_some());
        }
        let text = self.percent_value(code, place, value, &conversion, bytes)?;
        let missing = conversion.width.saturating_sub(text.len());
        if conversion.left {
            out.push_points(&text);
        }
        out.push_repeated(b' ', missing);
        if !conversion.left {
            out.push_points(&text);
        }
        Ok(keyed.is_some())
    }

    /// The conversions that most templates have: `s` and `r` without options, and machine ints in decimal. Whether it was one.
    fn plain_value(&self, code: u32, value: Value, conversion: &Conversion, out: &mut TextBuilder) -> PyResult<bool> {
        let is_bare = conversion.width == 0 && conversion.precision.is_none();
        match char::from_u32(code) {
            Some('s') if is_bare => {
                let shown = if self.is_exact_str(value) { value } else { self.str(value)? };
                out.push_value(self, shown);
            }
            Some('r') if is_bare => out.push_value(self, self.repr(value)?),
            Some('d' | 'i') if value.is_int() && conversion.precision.is_none() => {
                let mut digits = [0; 20];
                let text = crate::types::int::text::small(value.as_int(), &mut digits);
                let (negative, digits) = (value.as_int() < 0, text.trim_start_matches('-'));
                let sign = conversion.sign(negative);
                let missing = conversion.width.saturating_sub(sign.len() + digits.len());
                let zeros = if conversion.zero && !conversion.left { missing } else { 0 };
                if !conversion.left {
                    out.push_repeated(b' ', missing - zeros);
                }
                out.push(sign);
                out.push_repeated(b'0', zeros);
                out.push(digits);
                if conversion.left {
                    out.push_repeated(b' ', missing);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn next_argument(&self, arguments: &mut Arguments<'_>) -> PyResult<Value> {
        let Some(value) = arguments.positional.get(arguments.next) else {
            return Err(self.type_error("not enough arguments for format string"));
        };
        arguments.next += 1;
        Ok(*value)
    }

    /// A literal number or `*`.
    fn percent_number(
        &self,
        template: &[u32],
        at: &mut usize,
        arguments: &mut Arguments<'_>,
        big: &str,
        c_type: &str,
    ) -> PyResult<Option<i64>> {
        if template.get(*at) == Some(&u32::from('*')) {
            *at += 1;
            let value = self.next_argument(arguments)?;
            if !self.is_int(value) {
                return Err(self.type_error("* wants int"));
            }
            return match self.int_to_i64(value).filter(|number| c_type == "ssize_t" || i32::try_from(*number).is_ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(self.overflow_error(format!("Python int too large to convert to C {c_type}"))),
            };
        }
        let mut number: Option<i64> = None;
        while let Some(digit) = template.get(*at).and_then(|c| char::from_u32(*c)).and_then(|c| c.to_digit(10)) {
            let next = number.unwrap_or(0) * 10 + i64::from(digit);
            if next > i64::from(i32::MAX) {
                return Err(self.value_error(big));
            }
            number = Some(next);
            *at += 1;
        }
        Ok(number)
    }

    fn percent_value(
        &self,
        code: u32,
        place: usize,
        value: Value,
        conversion: &Conversion,
        bytes: bool,
    ) -> PyResult<Vec<u32>> {
        let cut = |text: Vec<u32>| match conversion.precision {
            Some(precision) if precision < text.len() => text[..precision].to_vec(),
            _ => text,
        };
        let text_of = |value: PyResult<Value>| -> PyResult<Vec<u32>> {
            Ok(self.as_str(value?).expect("str, repr and ascii give a str").iter().collect())
        };
        match char::from_u32(code) {
            Some('s' | 'b') if bytes => self.percent_bytes(value).map(cut),
            Some('s') => text_of(self.str(value)).map(cut),
            Some('r') if bytes => text_of(self.ascii(value)).map(cut),
            Some('r') => text_of(self.repr(value)).map(cut),
            Some('a') => text_of(self.ascii(value)).map(cut),
            Some('c') => self.percent_char(value, bytes),
            Some(c @ ('d' | 'i' | 'u' | 'o' | 'x' | 'X')) => self.percent_int(c, value, conversion),
            Some(c @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')) => self.percent_float(c, value, conversion, bytes),
            // The message itself cannot show it.
            _ if bytes && code >= 0x80 => Err(self.overflow_error("character argument not in range(0x110000)")),
            _ => {
                let shown = char::from_u32(code).filter(|c| (' '..'\x7f').contains(c)).unwrap_or('?');
                Err(self.value_error(format!("unsupported format character '{shown}' ({code:#x}) at index {place}")))
            }
        }
    }

    fn percent_bytes(&self, value: Value) -> PyResult<Vec<u32>> {
        if self.type_of(value).slots().buffer.is_some() {
            return self.with_bytes(value, |bytes| bytes.iter().map(|b| u32::from(*b)).collect());
        }
        if let Some(made) = self.call_special(value, self.names.__bytes__, &[])?
            && let Some(content) = self.as_bytes(made)
        {
            return Ok(content.as_slice().iter().map(|b| u32::from(*b)).collect());
        }
        let found = self.type_name(value);
        Err(self.type_error(format!(
            "%b requires a bytes-like object, or an object that implements __bytes__, not '{found}'"
        )))
    }

    fn percent_char(&self, value: Value, bytes: bool) -> PyResult<Vec<u32>> {
        if bytes {
            if let Some(content) = self.as_bytes(value).filter(|content| content.as_slice().len() == 1) {
                return Ok(vec![u32::from(content.as_slice()[0])]);
            }
            return match self.int_to_i64(value) {
                Some(code @ 0..256) => Ok(vec![code as u32]),
                Some(_) => Err(self.overflow_error("%c arg not in range(256)")),
                None if self.is_int(value) => Err(self.overflow_error("%c arg not in range(256)")),
                None => {
                    let found = match self.as_bytes(value) {
                        Some(content) => format!("a bytes object of length {}", content.as_slice().len()),
                        None => self.type_name(value),
                    };
                    Err(self.type_error(format!("%c requires an integer in range(256) or a single byte, not {found}")))
                }
            };
        }
        if let Some(text) = self.as_str(value) {
            if text.len() == 1 {
                return Ok(vec![text.char_at(0)]);
            }
            let len = text.len();
            return Err(
                self.type_error(format!("%c requires an int or a unicode character, not a string of length {len}"))
            );
        }
        if self.type_of(value).slots().index.is_none() {
            let found = self.type_name(value);
            return Err(self.type_error(format!("%c requires an int or a unicode character, not {found}")));
        }
        let index = self.index(value)?;
        match self.int_to_i64(index) {
            Some(code @ 0..0x11_0000) => Ok(vec![code as u32]),
            _ => Err(self.overflow_error("%c arg not in range(0x110000)")),
        }
    }

    fn percent_int(&self, code: char, value: Value, conversion: &Conversion) -> PyResult<Vec<u32>> {
        let decimal = matches!(code, 'd' | 'i' | 'u');
        let number = if self.is_int(value) {
            value
        } else if decimal && (self.float_value(value).is_some() || self.type_of(value).slots().int.is_some()) {
            self.to_int(value)?
        } else if self.type_of(value).slots().index.is_some() {
            self.index(value)?
        } else {
            let found = self.type_name(value);
            return Err(self.type_error(if decimal {
                format!("%{code} format: a real number is required, not {found}")
            } else {
                format!("%{code} format: an integer is required, not {found}")
            }));
        };
        let radix = match code {
            'o' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        let mut digits = self.int_radix(number, radix)?;
        let negative = digits.starts_with('-');
        if negative {
            digits.remove(0);
        }
        if let Some(precision) = conversion.precision {
            digits = "0".repeat(precision.saturating_sub(digits.len())) + &digits;
        }
        let mut prefix = conversion.sign(negative).to_owned();
        if conversion.alternate {
            prefix += match code {
                'o' => "0o",
                'x' => "0x",
                'X' => "0X",
                _ => "",
            };
        }
        if code == 'X' {
            digits.make_ascii_uppercase();
        }
        Ok(conversion.zero_padded(&prefix, &digits, true))
    }

    fn percent_float(&self, code: char, value: Value, conversion: &Conversion, bytes: bool) -> PyResult<Vec<u32>> {
        let number = match self.real_number(value)? {
            Some(number) => number,
            None => {
                let found = self.type_name(value);
                let what = if bytes { "float argument required" } else { "must be real number" };
                return Err(self.type_error(format!("{what}, not {found}")));
            }
        };
        let style = match code.to_ascii_lowercase() {
            'e' => FloatStyle::Exponent,
            'f' => FloatStyle::Fixed,
            _ => FloatStyle::General,
        };
        let precision = conversion.precision.unwrap_or(6);
        let text = float_text(number, style, Some(precision), conversion.alternate, code.is_ascii_uppercase());
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, text.as_str()),
        };
        Ok(conversion.zero_padded(conversion.sign(negative), magnitude, number.is_finite()))
    }
}

impl Conversion {
    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn zero_padded(&self, prefix: &str, digits: &str, allowed: bool) -> Vec<u32> {
        let len = prefix.len() + digits.len();
        let zeros = if self.zero && !self.left && allowed { self.width.saturating_sub(len) } else { 0 };
        format!("{prefix}{}{digits}", "0".repeat(zeros)).chars().map(u32::from).collect()
    }
}
