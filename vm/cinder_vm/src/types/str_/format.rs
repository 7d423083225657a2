//! `str.format`: replacement fields. Source: Objects/stringlib/unicode_format.h.

use cinder_heap::Gc;
use cinder_layout::Value;
use smallvec::SmallVec;

use super::PyStr;
use crate::native::PyResult;
use crate::types::text_builder::TextBuilder;
use crate::vm::Vm;

/// One piece of a format string.
pub(crate) struct Field<'a> {
    pub(crate) literal: &'a [u32],
    /// Name, conversion and format spec; `None` behind an escaped brace and at the end.
    pub(crate) replacement: Option<Replacement<'a>>,
}

pub(crate) struct Replacement<'a> {
    pub(crate) name: &'a [u32],
    pub(crate) conversion: Option<u32>,
    pub(crate) spec: &'a [u32],
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
const COLON: u32 = b':' as u32;
const BANG: u32 = b'!' as u32;
const OPEN_BRACKET: u32 = b'[' as u32;
const CLOSE_BRACKET: u32 = b']' as u32;
const DOT: u32 = b'.' as u32;

/// The pieces of a format string in order. Errors: text of the ValueError.
pub(crate) struct Pieces<'a> {
    text: &'a [u32],
    at: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(text: &'a [u32]) -> Self {
        Pieces { text, at: 0 }
    }

    /// The piece from here on; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, &'static str> {
        let (text, start) = (self.text, self.at);
        if start >= text.len() {
            return Ok(None);
        }
        let Some(brace) = text[start..].iter().position(|c| matches!(*c, OPEN | CLOSE)).map(|at| at + start) else {
            self.at = text.len();
            return Ok(Some(Field { literal: &text[start..], replacement: None }));
        };
        let c = text[brace];
        if text.get(brace + 1) == Some(&c) {
            self.at = brace + 2;
            return Ok(Some(Field { literal: &text[start..=brace], replacement: None }));
        }
        if c == CLOSE {
            return Err("Single '}' encountered in format string");
        }
        if brace + 1 == text.len() {
            return Err("Single '{' encountered in format string");
        }
        self.at = brace + 1;
        let replacement = self.field()?;
        Ok(Some(Field { literal: &text[start..brace], replacement: Some(replacement) }))
    }

    fn take(&mut self) -> Option<u32> {
        let c = self.text.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    /// A field behind its opening brace, the closing one included.
    fn field(&mut self) -> Result<Replacement<'a>, &'static str> {
        let start = self.at;
        let end = loop {
            match self.take() {
                None => return Err("expected '}' before end of string"),
                Some(OPEN) => return Err("unexpected '{' in field name"),
                Some(OPEN_BRACKET) => {
                    while self.at < self.text.len() && self.text[self.at] != CLOSE_BRACKET {
                        self.at += 1;
                    }
                }
                Some(end @ (CLOSE | COLON | BANG)) => break end,
                Some(_) => {}
            }
        };
        let mut replacement = Replacement { name: &self.text[start..self.at - 1], conversion: None, spec: &[] };
        if end == CLOSE {
            return Ok(replacement);
        }
        if end == BANG {
            replacement.conversion = self.take();
            if replacement.conversion.is_none() {
                return Err("end of string while looking for conversion specifier");
            }
            match self.take() {
                Some(CLOSE) => return Ok(replacement),
                Some(COLON) | None => {}
                Some(_) => return Err("expected ':' after conversion specifier"),
            }
        }
        let (start, mut depth) = (self.at, 1);
        loop {
            match self.take() {
                None => return Err("unmatched '{' in format spec"),
                Some(OPEN) => depth += 1,
                Some(CLOSE) => depth -= 1,
                Some(_) => {}
            }
            if depth == 0 {
                replacement.spec = &self.text[start..self.at - 1];
                return Ok(replacement);
            }
        }
    }
}

/// One access behind the first part of a field name.
pub(crate) enum Access<'a> {
    Attribute(&'a [u32]),
    Item(&'a [u32]),
}

/// The first part of a field name and the accesses behind it.
pub(crate) fn split_name(text: &[u32]) -> (&[u32], &[u32]) {
    text.split_at(text.iter().position(|c| matches!(*c, DOT | OPEN_BRACKET)).unwrap_or(text.len()))
}

/// Takes one access off `rest`; `None` at its end. Errors: text of the ValueError.
pub(crate) fn next_access<'a>(rest: &mut &'a [u32]) -> Result<Option<Access<'a>>, &'static str> {
    let Some((&kind, after)) = rest.split_first() else { return Ok(None) };
    let access = match kind {
        DOT => {
            let (name, after) = split_name(after);
            *rest = after;
            Access::Attribute(name)
        }
        OPEN_BRACKET => {
            let Some(end) = after.iter().position(|c| *c == CLOSE_BRACKET) else {
                return Err("Missing ']' in format string");
            };
            *rest = &after[end + 1..];
            Access::Item(&after[..end])
        }
        _ => return Err("Only '.' or '[' may follow ']' in format field specifier"),
    };
    match access {
        Access::Attribute([]) | Access::Item([]) => Err("Empty attribute in format string"),
        access => Ok(Some(access)),
    }
}

/// A decimal index, when the text is one. Errors: text of the ValueError.
pub(crate) fn index_of(text: &[u32]) -> Result<Option<usize>, &'static str> {
    let mut value: i64 = 0;
    for c in text {
        let Some(digit) = super::decimal_digit(*c) else { return Ok(None) };
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit)))
            .ok_or("Too many decimal digits in format string")?;
    }
    Ok(if text.is_empty() { None } else { Some(value as usize) })
}

impl Vm {
    /// `text.format(*args, **keywords)`; `keywords` is any mapping.
    pub fn str_format(&self, text: Gc<PyStr>, args: &[Value], keywords: Option<Value>) -> PyResult<Value> {
        let chars: SmallVec<[u32; 64]> = text.iter().collect();
        let mut numbering = Numbering::Unknown;
        self.format_pieces(&chars, Some(args), keywords, &mut numbering, 2)?.finish(self)
    }

    /// `text.format_map(mapping)`.
    pub fn str_format_map(&self, text: Gc<PyStr>, mapping: Value) -> PyResult<Value> {
        let chars: SmallVec<[u32; 64]> = text.iter().collect();
        self.format_pieces(&chars, None, Some(mapping), &mut Numbering::Unknown, 2)?.finish(self)
    }

    fn format_pieces(
        &self,
        text: &[u32],
        args: Option<&[Value]>,
        keywords: Option<Value>,
        numbering: &mut Numbering,
        depth: usize,
    ) -> PyResult<TextBuilder> {
        if depth == 0 {
            return Err(self.value_error("Max string recursion exceeded"));
        }
        let mut out = TextBuilder::new();
        let mut pieces = Pieces::new(text);
        while let Some(field) = pieces.next().map_err(|message| self.value_error(message))? {
            out.push_points(field.literal);
            let Some(replacement) = field.replacement else { continue };
            let value = self.field_value(replacement.name, args, keywords, numbering)?;
            let value = match replacement.conversion {
                None => value,
                Some(conversion) => self.convert_field(value, conversion)?,
            };
            if replacement.spec.is_empty() {
                out.push_plain(self, value)?;
                continue;
            }
            let spec = if replacement.spec.contains(&OPEN) {
                self.format_pieces(replacement.spec, args, keywords, numbering, depth - 1)?.finish(self)?
            } else {
                self.new_str_points(replacement.spec)?
            };
            out.push_value(self, self.format(value, spec)?);
        }
        Ok(out)
    }

    fn convert_field(&self, value: Value, conversion: u32) -> PyResult<Value> {
        match char::from_u32(conversion) {
            Some('r') => self.repr(value),
            Some('s') => self.str(value),
            Some('a') => self.ascii(value),
            other => {
                let shown =
                    other.filter(|c| (' '..'\x7f').contains(c)).map_or(format!("\\x{conversion:x}"), String::from);
                Err(self.value_error(format!("Unknown conversion specifier {shown}")))
            }
        }
    }

    fn field_value(
        &self,
        name: &[u32],
        args: Option<&[Value]>,
        keywords: Option<Value>,
        numbering: &mut Numbering,
    ) -> PyResult<Value> {
        let (first, mut rest) = split_name(name);
        let explicit = index_of(first).map_err(|message| self.value_error(message))?;
        let index = if first.is_empty() {
            let next = match *numbering {
                Numbering::Manual => {
                    return Err(
                        self.value_error("cannot switch from manual field specification to automatic field numbering")
                    );
                }
                Numbering::Unknown => 0,
                Numbering::Automatic(next) => next,
            };
            *numbering = Numbering::Automatic(next + 1);
            Some(next)
        } else {
            if explicit.is_some() {
                if matches!(numbering, Numbering::Automatic(_)) {
                    return Err(
                        self.value_error("cannot switch from automatic field numbering to manual field specification")
                    );
                }
                *numbering = Numbering::Manual;
            }
            explicit
        };
        let mut value = match index {
            Some(index) => match args.map(|args| args.get(index)) {
                Some(Some(value)) => *value,
                None => return Err(self.value_error("Format string contains positional fields")),
                Some(None) => {
                    return Err(
                        self.index_error(format!("Replacement index {index} out of range for positional args tuple"))
                    );
                }
            },
            None => {
                let key = self.new_str_points(first)?;
                match keywords {
                    Some(keywords) => self.getitem(keywords, key)?,
                    None => return Err(self.key_error(key)),
                }
            }
        };
        while let Some(access) = next_access(&mut rest).map_err(|message| self.value_error(message))? {
            value = match access {
                Access::Attribute(name) => {
                    let name = self.intern_value(self.new_str_points(name)?);
                    self.getattr(value, name)?
                }
                Access::Item(text) => {
                    let key = match index_of(text).map_err(|message| self.value_error(message))? {
                        Some(index) => self.new_uint(index)?,
                        None => self.new_str_points(text)?,
                    };
                    self.getitem(value, key)?
                }
            };
        }
        Ok(value)
    }
}
