//! The encodings the VM itself knows: UTF-8, UTF-16, UTF-32, Latin-1, ASCII. Others go through the `codecs` module's registry.
//!
//! Source: Objects/unicodeobject.c. Errors are handled one bad range at a time, as PEP 293 says.

use cinder_layout::Value;

use crate::native::{PyResult, Raised};
use crate::vm::Vm;

/// An encoding done natively.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Latin1,
    Ascii,
    /// Byte order; `None` writes and reads a mark.
    Utf16(Option<Order>),
    Utf32(Option<Order>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Little,
    Big,
}

/// One undecodable or unencodable range.
struct BadRange {
    start: usize,
    end: usize,
    reason: &'static str,
}

impl Encoding {
    /// By any of the common spellings; `None` is left to the registry.
    pub fn by_name(name: &str) -> Option<Encoding> {
        // As nearly everybody writes them.
        match name {
            "utf-8" | "utf8" => return Some(Encoding::Utf8),
            "latin-1" | "latin1" => return Some(Encoding::Latin1),
            "ascii" => return Some(Encoding::Ascii),
            _ => {}
        }
        let plain: String =
            name.chars().map(|c| if c == '_' || c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect();
        Some(match plain.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Encoding::Utf8,
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => Encoding::Latin1,
            "ascii" | "us-ascii" | "646" => Encoding::Ascii,
            "utf-16" | "utf16" | "u16" => Encoding::Utf16(None),
            "utf-16-le" | "utf-16le" => Encoding::Utf16(Some(Order::Little)),
            "utf-16-be" | "utf-16be" => Encoding::Utf16(Some(Order::Big)),
            "utf-32" | "utf32" | "u32" => Encoding::Utf32(None),
            "utf-32-le" | "utf-32le" => Encoding::Utf32(Some(Order::Little)),
            "utf-32-be" | "utf-32be" => Encoding::Utf32(Some(Order::Big)),
            _ => return None,
        })
    }

    /// Name in error messages.
    fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Latin1 => "latin-1",
            Encoding::Ascii => "ascii",
            Encoding::Utf16(None) => "utf-16",
            Encoding::Utf16(Some(Order::Little)) => "utf-16-le",
            Encoding::Utf16(Some(Order::Big)) => "utf-16-be",
            Encoding::Utf32(None) => "utf-32",
            Encoding::Utf32(Some(Order::Little)) => "utf-32-le",
            Encoding::Utf32(Some(Order::Big)) => "utf-32-be",
        }
    }
}

impl Vm {
    /// Content of an object with the buffer protocol. The closure runs no Python code.
    ///
    /// Errors: TypeError `a bytes-like object is required, not 'X'`.
    pub fn with_bytes<R>(&self, value: Value, body: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
        if let Some(content) = self.as_bytes(value) {
            return Ok(body(content.as_slice()));
        }
        let Some(buffer) = self.type_of(value).slots().buffer else {
            let found = self.type_name(value);
            return Err(self.type_error(format!("a bytes-like object is required, not '{found}'")));
        };
        let view = buffer(self, value)?;
        let bytes = match view.len_bytes {
            0 => &[],
            // SAFETY: a view's bytes stay valid and in place until it is released.
            len => unsafe { std::slice::from_raw_parts(view.data, len) },
        };
        let result = body(bytes);
        if let Some(release) = view.release {
            release(view.owner);
        }
        Ok(result)
    }

    /// `text.encode(encoding, errors)`.
    pub fn encode_text(&self, text: Value, encoding: &str, errors: &str) -> PyResult<Value> {
        match Encoding::by_name(encoding) {
            Some(native) => {
                let bytes = self.encode_native(text, native, errors)?;
                self.new_bytes(&bytes)
            }
            None => {
                let codecs = self.import("codecs")?;
                self.check_text_codec(codecs, encoding, "encode")?;
                let encode = self.getattr_text(codecs, "encode")?;
                let (name, errors) = (self.new_str(encoding)?, self.new_str(errors)?);
                let result = self.call(encode, &[text, name, errors])?;
                if self.as_bytes(result).is_some() {
                    return Ok(result);
                }
                let found = self.type_name(result);
                Err(self.type_error(format!(
                    "'{encoding}' encoder returned '{found}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
                )))
            }
        }
    }

    /// `bytes.decode(encoding, errors)` of any bytes-like object.
    pub fn decode_bytes(&self, object: Value, encoding: &str, errors: &str) -> PyResult<Value> {
        match Encoding::by_name(encoding) {
            Some(native) => {
                let is_ascii_superset = matches!(native, Encoding::Utf8 | Encoding::Ascii | Encoding::Latin1);
                let known = self.with_bytes(object, |bytes| {
                    (is_ascii_superset && bytes.is_ascii()).then(|| self.new_str_latin1(bytes))
                })?;
                if let Some(text) = known {
                    return text;
                }
                let bytes = self.with_bytes(object, <[u8]>::to_vec)?;
                Ok(self.decode_native(&bytes, native, errors, true)?.0)
            }
            None => {
                let codecs = self.import("codecs")?;
                self.check_text_codec(codecs, encoding, "decode")?;
                let decode = self.getattr_text(codecs, "decode")?;
                let (name, errors) = (self.new_str(encoding)?, self.new_str(errors)?);
                let result = self.call(decode, &[object, name, errors])?;
                if self.is_str(result) {
                    return Ok(result);
                }
                let found = self.type_name(result);
                Err(self.type_error(format!(
                    "'{encoding}' decoder returned '{found}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
                )))
            }
        }
    }

    /// Refuses codecs between other things than text and bytes.
    fn check_text_codec(&self, codecs: Value, encoding: &str, verb: &str) -> PyResult<()> {
        let lookup = self.getattr_text(codecs, "lookup")?;
        let found = self.call(lookup, &[self.new_str(encoding)?])?;
        let is_text = self.getattr_opt(found, self.intern("_is_text_encoding"))?;
        if is_text.is_some_and(|is_text| is_text == Value::FALSE) {
            return Err(self.lookup_error(format!(
                "'{encoding}' is not a text encoding; use codecs.{verb}() to handle arbitrary codecs"
            )));
        }
        Ok(())
    }

    /// Encodes a str.
    pub fn encode_native(&self, text: Value, encoding: Encoding, errors: &str) -> PyResult<Vec<u8>> {
        let source = self.as_str(text).expect("caller checked that this is a str");
        if let Some(ascii) = source.as_ascii()
            && matches!(encoding, Encoding::Utf8 | Encoding::Ascii | Encoding::Latin1)
        {
            return Ok(ascii.as_bytes().to_vec());
        }
        let chars: Vec<u32> = source.iter().collect();
        let mut out = Vec::with_capacity(chars.len() * 2);
        match encoding {
            Encoding::Utf16(None) => out.extend([0xff, 0xfe]),
            Encoding::Utf32(None) => out.extend([0xff, 0xfe, 0, 0]),
            _ => {}
        }
        let mut at = 0;
        while at < chars.len() {
            if put(encoding, chars[at], &mut out) {
                at += 1;
                continue;
            }
            // UTF-16 and UTF-32 report each surrogate for itself.
            let most = if matches!(encoding, Encoding::Utf16(_) | Encoding::Utf32(_)) { 1 } else { usize::MAX };
            let end = at + chars[at..].iter().take(most).take_while(|c| !put(encoding, **c, &mut Vec::new())).count();
            let reason = match encoding {
                Encoding::Ascii => "ordinal not in range(128)",
                Encoding::Latin1 => "ordinal not in range(256)",
                _ => "surrogates not allowed",
            };
            at = self.encode_error(text, &chars, encoding, errors, &BadRange { start: at, end, reason }, &mut out)?;
        }
        Ok(out)
    }

    /// Handles an unencodable range; where to go on.
    fn encode_error(
        &self,
        text: Value,
        chars: &[u32],
        encoding: Encoding,
        errors: &str,
        bad: &BadRange,
        out: &mut Vec<u8>,
    ) -> PyResult<usize> {
        let put_text = |text: &str, out: &mut Vec<u8>| {
            text.chars().for_each(|c| {
                put(encoding, u32::from(c), out);
            })
        };
        match errors {
            "strict" => return Err(self.unicode_encode_error(text, encoding.name(), bad)),
            "ignore" => {}
            "replace" => (bad.start..bad.end).for_each(|_| put_text("?", out)),
            "backslashreplace" => {
                for c in &chars[bad.start..bad.end] {
                    put_text(&escape(*c), out);
                }
            }
            "xmlcharrefreplace" => {
                for c in &chars[bad.start..bad.end] {
                    put_text(&format!("&#{c};"), out);
                }
            }
            // A single byte is no unit of UTF-16 nor UTF-32.
            "surrogateescape" if matches!(encoding, Encoding::Utf16(_) | Encoding::Utf32(_)) => {
                return Err(self.unicode_encode_error(text, encoding.name(), bad));
            }
            "surrogateescape" => {
                let escaped = chars[bad.start..bad.end].iter().take_while(|c| (0xdc80..=0xdcff).contains(*c));
                let before = out.len();
                out.extend(escaped.map(|c| (c - 0xdc00) as u8));
                let start = bad.start + out.len() - before;
                if start < bad.end {
                    return Err(self.unicode_encode_error(text, encoding.name(), &BadRange { start, ..*bad }));
                }
            }
            "surrogatepass" if !matches!(encoding, Encoding::Ascii | Encoding::Latin1) => {
                for c in &chars[bad.start..bad.end] {
                    put_surrogate(encoding, *c, out);
                }
            }
            "surrogatepass" => return Err(self.unicode_encode_error(text, encoding.name(), bad)),
            other => {
                let raised = self.unicode_encode_error(text, encoding.name(), bad);
                let error = self.take_exception(raised);
                let (replacement, next) = self.call_error_handler(other, error, chars.len())?;
                if let Some(bytes) = self.as_bytes(replacement) {
                    out.extend_from_slice(bytes.as_slice());
                } else if let Some(text) = self.as_str(replacement) {
                    for c in text.iter() {
                        if !put(encoding, c, out) {
                            return Err(self.restore(error));
                        }
                    }
                }
                return Ok(next);
            }
        }
        Ok(bad.end)
    }

    fn unicode_encode_error(&self, text: Value, encoding: &str, bad: &BadRange) -> Raised {
        self.unicode_range_error(self.exceptions.UnicodeEncodeError, text, encoding, bad)
    }

    fn unicode_range_error(
        &self,
        class: cinder_heap::Gc<crate::types::type_::PyType>,
        object: Value,
        encoding: &str,
        bad: &BadRange,
    ) -> Raised {
        let made = (|| {
            let (encoding, reason) = (self.new_str(encoding)?, self.new_str(bad.reason)?);
            self.new_exception(class, &[encoding, object, self.new_uint(bad.start)?, self.new_uint(bad.end)?, reason])
        })();
        match made {
            Ok(error) => self.raise(error),
            Err(raised) => raised,
        }
    }

    /// Calls a registered error handler; its replacement and the place to go on.
    fn call_error_handler(&self, name: &str, error: Value, len: usize) -> PyResult<(Value, usize)> {
        let codecs = self.import("codecs")?;
        let lookup = self.getattr_text(codecs, "lookup_error")?;
        let handler = self.call(lookup, &[self.new_str(name)?])?;
        let result = self.call(handler, &[error])?;
        let bad = || self.type_error("decoding error handler must return (str, int) tuple");
        let pair = self.as_tuple(result).ok_or_else(bad)?;
        let &[replacement, position] = pair.items() else { return Err(bad()) };
        let position = self.index_i64(position)?;
        let position = if position < 0 { position + len as i64 } else { position };
        match usize::try_from(position) {
            Ok(position) if position <= len => Ok((replacement, position)),
            _ => Err(self.index_error(format!("position {position} from error handler out of bounds"))),
        }
    }

    /// Decodes bytes. With `last` an incomplete sequence at the end is an error; else it stays undecoded. The text and the bytes used.
    pub fn decode_native(
        &self,
        bytes: &[u8],
        encoding: Encoding,
        errors: &str,
        last: bool,
    ) -> PyResult<(Value, usize)> {
        match encoding {
            Encoding::Latin1 => return Ok((self.new_str_latin1(bytes)?, bytes.len())),
            Encoding::Utf8 | Encoding::Ascii if bytes.is_ascii() => {
                return Ok((self.new_str_latin1(bytes)?, bytes.len()));
            }
            Encoding::Utf8 => {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    return Ok((self.new_str(text)?, bytes.len()));
                }
            }
            _ => {}
        }
        let (encoding, mut at) = detect_order(encoding, bytes);
        let mut out: Vec<u32> = Vec::with_capacity(bytes.len());
        while at < bytes.len() {
            match take(encoding, bytes, at) {
                Taken::Char(c, len) => {
                    out.push(c);
                    at += len;
                }
                Taken::Incomplete(_) if !last => break,
                Taken::Incomplete(reason) => {
                    let bad = BadRange { start: at, end: bytes.len(), reason };
                    at = self.decode_error(bytes, encoding, errors, &bad, &mut out)?;
                }
                Taken::Bad(len, reason) => {
                    let bad = BadRange { start: at, end: at + len, reason };
                    at = self.decode_error(bytes, encoding, errors, &bad, &mut out)?;
                }
            }
        }
        Ok((self.new_str_points(&out)?, at))
    }

    fn decode_error(
        &self,
        bytes: &[u8],
        encoding: Encoding,
        errors: &str,
        bad: &BadRange,
        out: &mut Vec<u32>,
    ) -> PyResult<usize> {
        let fail = || {
            let object = self.new_bytes(bytes)?;
            Err(self.unicode_range_error(self.exceptions.UnicodeDecodeError, object, encoding.name(), bad))
        };
        let range = &bytes[bad.start..bad.end];
        match errors {
            "strict" => return fail(),
            "ignore" => {}
            "replace" => out.push(0xfffd),
            "backslashreplace" => {
                for byte in range {
                    out.extend(format!("\\x{byte:02x}").chars().map(u32::from));
                }
            }
            "surrogateescape" => {
                // Only bytes above 127 can be smuggled; one at a time, as CPython does.
                let count = range.iter().take_while(|b| **b >= 0x80).count();
                if count == 0 {
                    return fail();
                }
                out.extend(range[..count].iter().map(|b| 0xdc00 + u32::from(*b)));
                return Ok(bad.start + count);
            }
            "surrogatepass" => match surrogate_at(encoding, bytes, bad.start) {
                Some((c, len)) => {
                    out.push(c);
                    return Ok(bad.start + len);
                }
                None => return fail(),
            },
            other => {
                let object = self.new_bytes(bytes)?;
                let raised = self.unicode_range_error(self.exceptions.UnicodeDecodeError, object, encoding.name(), bad);
                let error = self.take_exception(raised);
                let (replacement, next) = self.call_error_handler(other, error, bytes.len())?;
                let Some(text) = self.as_str(replacement) else {
                    return Err(self.type_error("decoding error handler must return (str, int) tuple"));
                };
                out.extend(text.iter());
                return Ok(next);
            }
        }
        Ok(bad.end)
    }
}

fn escape(c: u32) -> String {
    match c {
        0..=0xff => format!("\\x{c:02x}"),
        0x100..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

/// Encodes one code point; `false` when the encoding cannot.
fn put(encoding: Encoding, c: u32, out: &mut Vec<u8>) -> bool {
    match encoding {
        Encoding::Ascii if c < 0x80 => out.push(c as u8),
        Encoding::Latin1 if c < 0x100 => out.push(c as u8),
        Encoding::Ascii | Encoding::Latin1 => return false,
        _ => match char::from_u32(c) {
            None => return false,
            Some(c) => match encoding {
                Encoding::Utf16(order) => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| put_16(order, *unit, out)),
                Encoding::Utf32(order) => put_32(order, u32::from(c), out),
                _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            },
        },
    }
    true
}

fn put_16(order: Option<Order>, unit: u16, out: &mut Vec<u8>) {
    out.extend(if order == Some(Order::Big) { unit.to_be_bytes() } else { unit.to_le_bytes() });
}

fn put_32(order: Option<Order>, unit: u32, out: &mut Vec<u8>) {
    out.extend(if order == Some(Order::Big) { unit.to_be_bytes() } else { unit.to_le_bytes() });
}

fn put_surrogate(encoding: Encoding, c: u32, out: &mut Vec<u8>) {
    match encoding {
        Encoding::Utf16(order) => put_16(order, c as u16, out),
        Encoding::Utf32(order) => put_32(order, c, out),
        _ => out.extend([0xe0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
    }
}

enum Taken {
    /// Code point and its bytes.
    Char(u32, usize),
    /// The input ends within a sequence.
    Incomplete(&'static str),
    /// Bad bytes and why.
    Bad(usize, &'static str),
}

fn take(encoding: Encoding, bytes: &[u8], at: usize) -> Taken {
    let rest = &bytes[at..];
    match encoding {
        Encoding::Ascii if rest[0] < 0x80 => Taken::Char(u32::from(rest[0]), 1),
        Encoding::Ascii => Taken::Bad(1, "ordinal not in range(128)"),
        Encoding::Latin1 => Taken::Char(u32::from(rest[0]), 1),
        Encoding::Utf8 => take_utf8(rest),
        Encoding::Utf16(order) => take_utf16(rest, order),
        Encoding::Utf32(order) => {
            let Some(unit) = rest.first_chunk::<4>() else { return Taken::Incomplete("truncated data") };
            let unit = if order == Some(Order::Big) { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
            match unit {
                0xd800..=0xdfff => Taken::Bad(4, "code point in surrogate code point range(0xd800, 0xe000)"),
                0..0x11_0000 => Taken::Char(unit, 4),
                _ => Taken::Bad(4, "code point not in range(0x110000)"),
            }
        }
    }
}

/// One UTF-8 sequence; the longest valid prefix of a bad one is one error (Unicode's recommendation).
fn take_utf8(rest: &[u8]) -> Taken {
    let first = rest[0];
    let (len, low, high) = match first {
        0..=0x7f => return Taken::Char(u32::from(first), 1),
        0xc2..=0xdf => (2, 0x80, 0xbf),
        0xe0 => (3, 0xa0, 0xbf),
        0xed => (3, 0x80, 0x9f),
        0xe1..=0xef => (3, 0x80, 0xbf),
        0xf0 => (4, 0x90, 0xbf),
        0xf1..=0xf3 => (4, 0x80, 0xbf),
        0xf4 => (4, 0x80, 0x8f),
        _ => return Taken::Bad(1, "invalid start byte"),
    };
    let mut point = u32::from(first) & (0x7f >> len);
    for index in 1..len {
        let (low, high) = if index == 1 { (low, high) } else { (0x80, 0xbf) };
        match rest.get(index) {
            None => return Taken::Incomplete("unexpected end of data"),
            Some(byte) if (low..=high).contains(byte) => point = point << 6 | u32::from(byte & 0x3f),
            Some(_) => return Taken::Bad(index, "invalid continuation byte"),
        }
    }
    Taken::Char(point, len)
}

fn unit_16(rest: &[u8], order: Option<Order>) -> Option<u32> {
    let unit = rest.first_chunk::<2>()?;
    Some(u32::from(if order == Some(Order::Big) { u16::from_be_bytes(*unit) } else { u16::from_le_bytes(*unit) }))
}

fn take_utf16(rest: &[u8], order: Option<Order>) -> Taken {
    let Some(unit) = unit_16(rest, order) else { return Taken::Incomplete("truncated data") };
    match unit {
        0xd800..=0xdbff => match rest.get(2..).and_then(|rest| unit_16(rest, order)) {
            None => Taken::Incomplete("unexpected end of data"),
            Some(low @ 0xdc00..=0xdfff) => Taken::Char(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 4),
            Some(_) => Taken::Bad(2, "illegal UTF-16 surrogate"),
        },
        0xdc00..=0xdfff => Taken::Bad(2, "illegal encoding"),
        _ => Taken::Char(unit, 2),
    }
}

fn surrogate_at(encoding: Encoding, bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = &bytes[at..];
    let (point, len) = match encoding {
        Encoding::Utf8 => {
            let [a, b, c] = *rest.first_chunk::<3>()?;
            if a != 0xed || b & 0xc0 != 0x80 || c & 0xc0 != 0x80 {
                return None;
            }
            (0xd000 | u32::from(b & 0x3f) << 6 | u32::from(c & 0x3f), 3)
        }
        Encoding::Utf16(order) => (unit_16(rest, order)?, 2),
        Encoding::Utf32(order) => {
            let unit = *rest.first_chunk::<4>()?;
            (if order == Some(Order::Big) { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }, 4)
        }
        Encoding::Ascii | Encoding::Latin1 => return None,
    };
    (0xd800..=0xdfff).contains(&point).then_some((point, len))
}

/// Reads the byte order mark of UTF-16 and UTF-32 without an order; the encoding and where the text begins.
fn detect_order(encoding: Encoding, bytes: &[u8]) -> (Encoding, usize) {
    match encoding {
        Encoding::Utf16(None) if bytes.starts_with(&[0xff, 0xfe]) => (Encoding::Utf16(Some(Order::Little)), 2),
        Encoding::Utf16(None) if bytes.starts_with(&[0xfe, 0xff]) => (Encoding::Utf16(Some(Order::Big)), 2),
        Encoding::Utf32(None) if bytes.starts_with(&[0xff, 0xfe, 0, 0]) => (Encoding::Utf32(Some(Order::Little)), 4),
        Encoding::Utf32(None) if bytes.starts_with(&[0, 0, 0xfe, 0xff]) => (Encoding::Utf32(Some(Order::Big)), 4),
        // Without a mark the machine's order is meant.
        Encoding::Utf16(None) => (Encoding::Utf16(Some(Order::Little)), 0),
        Encoding::Utf32(None) => (Encoding::Utf32(Some(Order::Little)), 0),
        other => (other, 0),
    }
}
