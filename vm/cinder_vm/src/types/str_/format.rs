//! `str.format`: replacement fields. Source: Objects/stringlib/unicode_format.h.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::PyStr;
use crate::native::PyResult;
use crate::vm::Vm;

/// One piece of a format string.
pub(crate) struct Field {
    pub(crate) literal: Vec<u32>,
    /// Name, conversion and format spec; `None` for the literal at the end.
    pub(crate) replacement: Option<Replacement>,
}

pub(crate) struct Replacement {
    pub(crate) name: Vec<u32>,
    pub(crate) conversion: Option<u32>,
    pub(crate) spec: Vec<u32>,
}

/// Automatic numbering of `{}`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

const OPEN: u32 = b'{' as u32;
const CLOSE: u32 = b'}' as u32;

/// Splits a format string. Errors: text of the ValueError.
pub(crate) fn parse(text: &[u32]) -> Result<Vec<Field>, &'static str> {
    let mut fields = Vec::new();
    let mut literal = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        if c != OPEN && c != CLOSE {
            literal.push(c);
            at += 1;
            continue;
        }
        if text.get(at + 1) == Some(&c) {
            literal.push(c);
            at += 2;
            continue;
        }
        if c == CLOSE {
            return Err("Single '}' encountered in format string");
        }
        let end = field_end(text, at + 1)?;
        fields.push(Field { literal: std::mem::take(&mut literal), replacement: Some(parse_field(&text[at + 1..end])?) });
        at = end + 1;
    }
    if !literal.is_empty() {
        fields.push(Field { literal, replacement: None });
    }
    Ok(fields)
}

/// Place of the brace that closes the field; nested braces belong to its spec. Errors: text of the ValueError.
fn field_end(text: &[u32], start: usize) -> Result<usize, &'static str> {
    let mut depth = 1;
    let mut in_brackets = false;
    let mut in_spec = false;
    for (at, &c) in text.iter().enumerate().skip(start) {
        match c {
            _ if in_brackets => in_brackets = c != u32::from(']'),
            c if c == u32::from('[') && !in_spec => in_brackets = true,
            c if c == u32::from(':') => in_spec = true,
            OPEN => depth += 1,
            CLOSE => {
                depth -= 1;
                if depth == 0 {
                    return Ok(at);
                }
            }
            _ => {}
        }
    }
    Err(match () {
        () if start == text.len() => "Single '{' encountered in format string",
        () if in_spec && depth > 1 => "unmatched '{' in format spec",
        () => "expected '}' before end of string",
    })
}

fn parse_field(text: &[u32]) -> Result<Replacement, &'static str> {
    let mut in_brackets = false;
    let end = text
        .iter()
        .position(|&c| {
            if in_brackets {
                in_brackets = c != u32::from(']');
                return false;
            }
            in_brackets = c == u32::from('[');
            c == u32::from(':') || c == u32::from('!')
        })
        .unwrap_or(text.len());
    let name = &text[..end];
    if name.contains(&OPEN) {
        return Err("unexpected '{' in field name");
    }
    let mut rest = &text[end..];
    let mut conversion = None;
    if rest.first() == Some(&u32::from('!')) {
        match rest.len() {
            1 => return Err("end of string while looking for conversion specifier"),
            2 => {}
            _ if rest[2] != u32::from(':') => return Err("expected ':' after conversion specifier"),
            _ => {}
        }
        conversion = Some(rest[1]);
        rest = &rest[2..];
    }
    let spec = rest.strip_prefix(&[u32::from(':')]).unwrap_or(rest);
    Ok(Replacement { name: name.to_vec(), conversion, spec: spec.to_vec() })
}

/// First part of a field name and the accesses after it.
pub(crate) enum Access {
    Attribute(Vec<u32>),
    Item(Vec<u32>),
}

/// Splits `name.attr[item]`. Errors: text of the ValueError.
pub(crate) fn parse_name(text: &[u32]) -> Result<(Vec<u32>, Vec<Access>), &'static str> {
    let is_access = |c: &u32| *c == u32::from('.') || *c == u32::from('[');
    let end = text.iter().position(is_access).unwrap_or(text.len());
    let (first, mut rest) = text.split_at(end);
    let mut accesses = Vec::new();
    while let Some((&kind, after)) = rest.split_first() {
        if kind == u32::from('.') {
            let end = after.iter().position(is_access).unwrap_or(after.len());
            if end == 0 {
                return Err("Empty attribute in format string");
            }
            accesses.push(Access::Attribute(after[..end].to_vec()));
            rest = &after[end..];
        } else if kind == u32::from('[') {
            let Some(end) = after.iter().position(|c| *c == u32::from(']')) else {
                return Err("Missing ']' in format string");
            };
            if end == 0 {
                return Err("Empty attribute in format string");
            }
            accesses.push(Access::Item(after[..end].to_vec()));
            rest = &after[end + 1..];
        } else {
            return Err("Only '.' or '[' may follow ']' in format field specifier");
        }
    }
    Ok((first.to_vec(), accesses))
}

/// A decimal index, when the text is one.
pub(crate) fn index_of(text: &[u32]) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0usize, |value, c| {
        let digit = super::decimal_digit(*c)? as usize;
        value.checked_mul(10)?.checked_add(digit)
    })
}

impl Vm {
    /// `text.format(*args, **keywords)`; `keywords` is any mapping.
    pub fn str_format(&self, text: Gc<PyStr>, args: Value, keywords: Option<Value>) -> PyResult<Value> {
        let chars: Vec<u32> = text.iter().collect();
        let mut numbering = Numbering::Unknown;
        let out = self.format_pieces(&chars, args, keywords, &mut numbering, 2)?;
        self.new_str_points(&out)
    }

    fn format_pieces(
        &self,
        text: &[u32],
        args: Value,
        keywords: Option<Value>,
        numbering: &mut Numbering,
        depth: usize,
    ) -> PyResult<Vec<u32>> {
        if depth == 0 {
            return Err(self.value_error("Max string recursion exceeded"));
        }
        let mut out = Vec::new();
        for field in parse(text).map_err(|message| self.value_error(message))? {
            out.extend_from_slice(&field.literal);
            let Some(replacement) = field.replacement else { continue };
            let value = self.field_value(&replacement.name, args, keywords, numbering)?;
            let value = match replacement.conversion {
                None => value,
                Some(conversion) => self.convert_field(value, conversion)?,
            };
            let spec = if replacement.spec.contains(&OPEN) {
                self.format_pieces(&replacement.spec, args, keywords, numbering, depth - 1)?
            } else {
                replacement.spec
            };
            let spec = self.new_str_points(&spec)?;
            let shown = self.format(value, spec)?;
            out.extend(self.as_str(shown).expect("format gives a str").iter());
        }
        Ok(out)
    }

    fn convert_field(&self, value: Value, conversion: u32) -> PyResult<Value> {
        match char::from_u32(conversion) {
            Some('r') => self.repr(value),
            Some('s') => self.str(value),
            Some('a') => self.ascii(value),
            other => {
                let shown = other.filter(|c| (' '..'\x7f').contains(c)).map_or(format!("\\x{conversion:x}"), String::from);
                Err(self.value_error(format!("Unknown conversion specifier {shown}")))
            }
        }
    }

    fn field_value(&self, name: &[u32], args: Value, keywords: Option<Value>, numbering: &mut Numbering) -> PyResult<Value> {
        let (first, accesses) = parse_name(name).map_err(|message| self.value_error(message))?;
        let explicit = index_of(&first);
        let index = if first.is_empty() {
            let next = match *numbering {
                Numbering::Manual => {
                    return Err(self.value_error("cannot switch from manual field specification to automatic field numbering"));
                }
                Numbering::Unknown => 0,
                Numbering::Automatic(next) => next,
            };
            *numbering = Numbering::Automatic(next + 1);
            Some(next)
        } else {
            if explicit.is_some() {
                if matches!(numbering, Numbering::Automatic(_)) {
                    return Err(self.value_error("cannot switch from automatic field numbering to manual field specification"));
                }
                *numbering = Numbering::Manual;
            }
            explicit
        };
        let mut value = match index {
            Some(index) => match self.tuple_items(args).get(index) {
                Some(value) => *value,
                None => {
                    return Err(self.index_error(format!("Replacement index {index} out of range for positional args tuple")));
                }
            },
            None => {
                let key = self.new_str_points(&first)?;
                match keywords {
                    Some(keywords) => self.getitem(keywords, key)?,
                    None => return Err(self.key_error(key)),
                }
            }
        };
        for access in accesses {
            value = match access {
                Access::Attribute(name) => {
                    let name = self.intern_value(self.new_str_points(&name)?);
                    self.getattr(value, name)?
                }
                Access::Item(text) => {
                    let key = match index_of(&text) {
                        Some(index) => self.new_uint(index)?,
                        None => self.new_str_points(&text)?,
                    };
                    self.getitem(value, key)?
                }
            };
        }
        Ok(value)
    }
}
