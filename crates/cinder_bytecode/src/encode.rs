//! Code objects as bytes, for the cache on disk and the embedded standard library.
//!
//! Problem: start-up must not compile; reading must be fast and damage in a file must be an error, never a crash.
//! Idea: one forward pass over little-endian bytes; small numbers as LEB128, instruction words in one block that is copied. A code object
//! that occurs twice in the constants is written twice (it is rare). A nested one stands behind its length in four bytes, so that it can be
//! skipped (see [`crate::lazy`]).
//! Holds: equal code objects give equal bytes; `decode(encode(code)) == code`; decoding is linear in the input, checks each length against
//! the bytes left before it allocates, and nests at most [`NESTING_LIMIT`] deep. What decodes is not yet verified.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use num_bigint::{BigInt, Sign};

use crate::code::{
    CodeObject, Constant, ExceptionEntry, FieldDescr, FunctionDescr, LineEntry, Local, LocalKind, NESTING_LIMIT,
    RegisterKind, SlotDescr, StaticClass, StaticSignature, TypeDescr,
};
use crate::lazy::{CodeBytes, Head, LazyCode};
use crate::opcode::{OPCODES, Primitive};

/// Bumped when the format changes; the opcode table is covered by its own digest.
pub const FORMAT_VERSION: u32 = 3;

const MAGIC: [u8; 4] = *b"cbc\n";

/// FNV-1a over the opcode table, so that bytes of another table are refused.
#[must_use]
pub fn table_digest() -> u32 {
    static DIGEST: OnceLock<u32> = OnceLock::new();
    *DIGEST.get_or_init(|| {
        let mut digest: u32 = 0x811c_9dc5;
        let mut add = |byte: u8| digest = (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        for info in OPCODES {
            info.name.bytes().for_each(&mut add);
            for operand in info.operands {
                add(operand as u8);
            }
            for byte in [info.imm as u8, info.ext as u8, info.flow as u8, b'\n'] {
                add(byte);
            }
        }
        digest
    })
}

/// Why bytes are no code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// Byte where reading stopped.
    pub offset: usize,
    pub reason: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for DecodeError {}

/// The bytes of a code object and all it contains.
///
/// Nesting within [`NESTING_LIMIT`] is the caller's promise (a verified code object keeps it).
#[must_use]
pub fn encode(code: &CodeObject) -> Vec<u8> {
    let mut out = Writer { bytes: Vec::with_capacity(64 + code.instructions.len() * 10) };
    out.bytes.extend(MAGIC);
    out.bytes.extend(FORMAT_VERSION.to_le_bytes());
    out.bytes.extend(table_digest().to_le_bytes());
    out.code(code);
    out.bytes
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// Anything else: another version or table, cut or damaged bytes, bytes left over.
pub fn decode(bytes: &[u8]) -> Result<CodeObject, DecodeError> {
    let mut reader = Reader { bytes, at: 0, filenames: Vec::new(), lazy: None };
    reader.header()?;
    let code = reader.code(0)?;
    if reader.at == bytes.len() { Ok(code) } else { Err(reader.error("bytes left over")) }
}

/// Reads what [`encode`] wrote, nested code when it is first looked into; all of it gets the file name `filename`.
///
/// The bytes are unchanged, which the caller knows: nested code that cannot be read later is a panic, and nothing of it is verified.
///
/// # Errors
/// Another version or table, and what is damaged in the outer code object.
pub fn decode_trusted(bytes: &CodeBytes, filename: &str) -> Result<CodeObject, DecodeError> {
    let lazy = Lazy { bytes, filename: &filename.into() };
    let mut reader = Reader { bytes, at: 0, filenames: Vec::new(), lazy: Some(lazy) };
    reader.header()?;
    reader.code(0)
}

/// Reads the nested code object that lies at `place`.
pub(crate) fn decode_nested(bytes: &CodeBytes, place: Range<usize>, filename: &Arc<str>) -> Decoded<CodeObject> {
    let lazy = Lazy { bytes, filename };
    let mut reader = Reader { bytes: &bytes[..place.end], at: place.start, filenames: Vec::new(), lazy: Some(lazy) };
    reader.code(0)
}

/// Tags of constants.
mod tag {
    pub(super) const NONE: u8 = 0;
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const ELLIPSIS: u8 = 3;
    /// Fits 64 bits: zigzag.
    pub(super) const SMALL: u8 = 4;
    pub(super) const POSITIVE: u8 = 5;
    pub(super) const NEGATIVE: u8 = 6;
    pub(super) const FLOAT: u8 = 7;
    pub(super) const COMPLEX: u8 = 8;
    pub(super) const STR: u8 = 9;
    pub(super) const SURROGATES: u8 = 10;
    pub(super) const BYTES: u8 = 11;
    pub(super) const TUPLE: u8 = 12;
    pub(super) const FROZEN_SET: u8 = 13;
    pub(super) const SLICE: u8 = 14;
    pub(super) const CODE: u8 = 15;
}

/// Tags of types; a primitive is `PRIMITIVE` plus its number.
mod type_tag {
    pub(super) const DYNAMIC: u8 = 0;
    pub(super) const NONE: u8 = 1;
    pub(super) const CLASS: u8 = 2;
    pub(super) const EXACT: u8 = 3;
    pub(super) const OPTIONAL: u8 = 4;
    pub(super) const UNION: u8 = 5;
    pub(super) const LITERAL_INT: u8 = 6;
    pub(super) const LITERAL_BOOL: u8 = 7;
    pub(super) const AWAITABLE: u8 = 8;
    pub(super) const PRIMITIVE: u8 = 16;
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn small(&mut self, value: u32) {
        self.number(u64::from(value));
    }

    fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        for item in items {
            each(self, item);
        }
    }

    fn float(&mut self, value: f64) {
        self.bytes.extend(value.to_bits().to_le_bytes());
    }

    fn code(&mut self, code: &CodeObject) {
        for value in [code.flags, code.argument_count, code.keyword_only_count, code.register_count] {
            self.small(value);
        }
        self.text(&code.name);
        self.text(&code.qualname);
        self.text(&code.filename);
        for value in [code.first_line, code.positional_only_count, code.site_count] {
            self.small(value);
        }
        self.list(&code.locals, |out, local| {
            out.byte(local.kind as u8);
            out.text(&local.name);
        });
        self.list(&code.register_kinds, |out, kind| out.byte(*kind as u8));
        self.list(&code.names, |out, name| out.text(name));
        self.length(code.instructions.len());
        for word in &code.instructions {
            self.bytes.extend(word.to_le_bytes());
        }
        self.list(&code.exceptions, |out, entry| {
            for value in [entry.start, entry.end, entry.target] {
                out.small(value);
            }
        });
        self.lines(&code.lines);
        self.list(&code.types, Self::type_descr);
        self.list(&code.fields, |out, field| {
            out.small(field.class);
            out.text(&field.name);
            out.small(field.field_type);
        });
        self.list(&code.functions, |out, function| {
            out.text(&function.module);
            out.text(&function.qualname);
            out.optional(function.class.as_ref(), |out, class| out.small(*class));
            out.signature(&function.signature);
        });
        self.optional(code.static_signature.as_ref(), Self::signature);
        self.optional(code.static_class.as_ref(), |out, class| {
            out.byte(u8::from(class.is_final));
            out.list(&class.slots, |out, slot| {
                out.text(&slot.name);
                out.small(slot.slot_type);
                out.byte(u8::from(slot.is_final));
            });
            out.list(&class.final_methods, |out, name| out.text(name));
        });
        self.optional(code.docstring.as_ref(), |out, text| out.text(text));
        self.list(&code.constants, Self::constant);
    }

    /// Entries as differences: start and line from the entry before, end line from the line.
    fn lines(&mut self, lines: &[LineEntry]) {
        self.length(lines.len());
        let (mut start, mut line) = (0u32, 0u32);
        for entry in lines {
            self.small(entry.start.wrapping_sub(start));
            self.small(zigzag32(entry.line.wrapping_sub(line)));
            self.small(zigzag32(entry.end_line.wrapping_sub(entry.line)));
            self.small(entry.column);
            self.small(zigzag32(entry.end_column.wrapping_sub(entry.column)));
            (start, line) = (entry.start, entry.line);
        }
    }

    fn optional<T>(&mut self, value: Option<&T>, each: impl FnOnce(&mut Self, &T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            each(self, value);
        }
    }

    fn signature(&mut self, signature: &StaticSignature) {
        self.list(&signature.parameters, |out, index| out.small(*index));
        self.small(signature.result);
    }

    fn type_descr(&mut self, descr: &TypeDescr) {
        match descr {
            TypeDescr::Dynamic => self.byte(type_tag::DYNAMIC),
            TypeDescr::None => self.byte(type_tag::NONE),
            TypeDescr::Primitive(primitive) => self.byte(type_tag::PRIMITIVE + *primitive as u8),
            TypeDescr::Class { module, qualname, args, exact } => {
                self.byte(if *exact { type_tag::EXACT } else { type_tag::CLASS });
                self.text(module);
                self.text(qualname);
                self.list(args, Self::type_descr);
            }
            TypeDescr::Literal { value, is_bool } => {
                self.byte(if *is_bool { type_tag::LITERAL_BOOL } else { type_tag::LITERAL_INT });
                self.bytes.extend(value.to_le_bytes());
            }
            TypeDescr::Optional(inner) => {
                self.byte(type_tag::OPTIONAL);
                self.type_descr(inner);
            }
            TypeDescr::Union(items) => {
                self.byte(type_tag::UNION);
                self.list(items, Self::type_descr);
            }
            TypeDescr::Awaitable(inner) => {
                self.byte(type_tag::AWAITABLE);
                self.type_descr(inner);
            }
        }
    }

    fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::None => self.byte(tag::NONE),
            Constant::True => self.byte(tag::TRUE),
            Constant::False => self.byte(tag::FALSE),
            Constant::Ellipsis => self.byte(tag::ELLIPSIS),
            Constant::Int(value) => self.integer(value),
            Constant::Float(value) => {
                self.byte(tag::FLOAT);
                self.float(*value);
            }
            Constant::Complex(real, imaginary) => {
                self.byte(tag::COMPLEX);
                self.float(*real);
                self.float(*imaginary);
            }
            Constant::Str(text) => {
                self.byte(tag::STR);
                self.text(text);
            }
            Constant::Surrogates(points) => {
                self.byte(tag::SURROGATES);
                self.list(points, |out, point| out.small(*point));
            }
            Constant::Bytes(bytes) => {
                self.byte(tag::BYTES);
                self.length(bytes.len());
                self.bytes.extend(bytes.iter());
            }
            Constant::Tuple(items) => {
                self.byte(tag::TUPLE);
                self.list(items, Self::constant);
            }
            Constant::FrozenSet(items) => {
                self.byte(tag::FROZEN_SET);
                self.list(items, Self::constant);
            }
            Constant::Slice(items) => {
                self.byte(tag::SLICE);
                for item in items.iter() {
                    self.constant(item);
                }
            }
            Constant::Code(code) => {
                self.byte(tag::CODE);
                let length_at = self.bytes.len();
                self.bytes.extend([0; 4]);
                self.code(code);
                // A length that does not fit leaves bytes that no reader takes.
                let length = u32::try_from(self.bytes.len() - length_at - 4).unwrap_or(u32::MAX);
                self.bytes[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
            }
        }
    }

    fn integer(&mut self, value: &BigInt) {
        if let Ok(small) = i64::try_from(value) {
            self.byte(tag::SMALL);
            self.number((small << 1 ^ small >> 63) as u64);
            return;
        }
        let (sign, bytes) = value.to_bytes_le();
        self.byte(if sign == Sign::Minus { tag::NEGATIVE } else { tag::POSITIVE });
        self.length(bytes.len());
        self.bytes.extend(bytes);
    }
}

fn zigzag32(value: u32) -> u32 {
    let value = value as i32;
    (value << 1 ^ value >> 31) as u32
}

fn unzigzag32(value: u32) -> u32 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

/// How to leave nested code for later.
#[derive(Clone, Copy)]
struct Lazy<'bytes> {
    bytes: &'bytes CodeBytes,
    filename: &'bytes Arc<str>,
}

struct Reader<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
    /// `None`: all is read at once.
    lazy: Option<Lazy<'bytes>>,
    /// Nested code objects mostly name the same file, so its text is shared.
    filenames: Vec<Arc<str>>,
}

type Decoded<T> = Result<T, DecodeError>;

impl<'bytes> Reader<'bytes> {
    fn header(&mut self) -> Decoded<()> {
        if self.take(4)? != MAGIC {
            return Err(self.error("not a code object"));
        }
        if self.take(4)? != FORMAT_VERSION.to_le_bytes() {
            return Err(self.error("another format version"));
        }
        if self.take(4)? != table_digest().to_le_bytes() {
            return Err(self.error("another opcode table"));
        }
        Ok(())
    }

    fn error(&self, reason: &'static str) -> DecodeError {
        DecodeError { offset: self.at, reason }
    }

    fn take(&mut self, length: usize) -> Decoded<&'bytes [u8]> {
        let rest = &self.bytes[self.at..];
        if length > rest.len() {
            return Err(self.error("the bytes end early"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    fn byte(&mut self) -> Decoded<u8> {
        let byte = *self.bytes.get(self.at).ok_or(self.error("the bytes end early"))?;
        self.at += 1;
        Ok(byte)
    }

    fn flag(&mut self) -> Decoded<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.error("neither 0 nor 1")),
        }
    }

    fn number(&mut self) -> Decoded<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                // One spelling per number, so that equal code has equal bytes in both directions.
                if byte == 0 && shift > 0 {
                    return Err(self.error("a number is padded"));
                }
                return Ok(value);
            }
        }
        Err(self.error("a number has more than 64 bits"))
    }

    fn small(&mut self) -> Decoded<u32> {
        u32::try_from(self.number()?).map_err(|_| self.error("a number has more than 32 bits"))
    }

    /// A count of items of at least `size` bytes each.
    fn length(&mut self, size: usize) -> Decoded<usize> {
        let length = self.number()?;
        let most = ((self.bytes.len() - self.at) / size) as u64;
        if length > most { Err(self.error("a length exceeds the bytes left")) } else { Ok(length as usize) }
    }

    fn text(&mut self) -> Decoded<&'bytes str> {
        let length = self.length(1)?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.error("text is not UTF-8"))
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Decoded<T>) -> Decoded<Vec<T>> {
        let length = self.length(1)?;
        // An item may be much larger in memory than in bytes; growing keeps the memory of damaged input in step with what was read.
        let mut items = Vec::with_capacity(length.min(1024));
        for _ in 0..length {
            items.push(each(self)?);
        }
        Ok(items)
    }

    fn optional<T>(&mut self, each: impl FnOnce(&mut Self) -> Decoded<T>) -> Decoded<Option<T>> {
        if self.flag()? { each(self).map(Some) } else { Ok(None) }
    }

    fn float(&mut self) -> Decoded<f64> {
        let bytes = self.take(8)?;
        Ok(f64::from_bits(u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken"))))
    }

    fn filename(&mut self) -> Decoded<Arc<str>> {
        let text = self.text()?;
        if let Some(lazy) = self.lazy {
            return Ok(Arc::clone(lazy.filename));
        }
        if let Some(known) = self.filenames.iter().rev().take(4).find(|known| &***known == text) {
            return Ok(Arc::clone(known));
        }
        let filename: Arc<str> = text.into();
        self.filenames.push(Arc::clone(&filename));
        Ok(filename)
    }

    fn code(&mut self, depth: usize) -> Decoded<CodeObject> {
        if depth > NESTING_LIMIT {
            return Err(self.error("nested too deeply"));
        }
        let Head { flags, argument_count, keyword_only_count, register_count } = self.head()?;
        let name = self.text()?.into();
        let qualname = self.text()?.into();
        let filename = self.filename()?;
        let first_line = self.small()?;
        let positional_only_count = self.small()?;
        let site_count = self.small()?;
        Ok(CodeObject {
            name,
            qualname,
            filename,
            first_line,
            flags,
            argument_count,
            positional_only_count,
            keyword_only_count,
            register_count,
            site_count,
            locals: self.list(Self::local)?,
            register_kinds: self.list(Self::register_kind)?,
            names: self.list(|reader| reader.text().map(Into::into))?,
            instructions: self.words()?,
            exceptions: self.list(|reader| {
                Ok(ExceptionEntry { start: reader.small()?, end: reader.small()?, target: reader.small()? })
            })?,
            lines: self.lines()?,
            types: self.list(|reader| reader.type_descr(depth + 1))?,
            fields: self.list(|reader| {
                Ok(FieldDescr { class: reader.small()?, name: reader.text()?.into(), field_type: reader.small()? })
            })?,
            functions: self.list(|reader| {
                Ok(FunctionDescr {
                    module: reader.text()?.into(),
                    qualname: reader.text()?.into(),
                    class: reader.optional(Self::small)?,
                    signature: reader.signature()?,
                })
            })?,
            static_signature: self.optional(Self::signature)?,
            static_class: self.optional(Self::static_class)?,
            docstring: self.optional(|reader| reader.text().map(Into::into))?,
            constants: self.list(|reader| reader.constant(depth + 1))?,
        })
    }

    fn head(&mut self) -> Decoded<Head> {
        Ok(Head {
            flags: self.small()?,
            argument_count: self.small()?,
            keyword_only_count: self.small()?,
            register_count: self.small()?,
        })
    }

    /// A nested code object behind its length.
    fn nested(&mut self, depth: usize) -> Decoded<LazyCode> {
        let length = self.take(4)?;
        let length = u32::from_le_bytes(length.try_into().expect("four bytes were taken")) as usize;
        let start = self.at;
        let end = start + length;
        if end > self.bytes.len() {
            return Err(self.error("a length exceeds the bytes left"));
        }
        if let Some(lazy) = self.lazy {
            let head = self.head()?;
            self.at = end;
            return Ok(LazyCode::packed(lazy.bytes.clone(), start..end, Arc::clone(lazy.filename), head));
        }
        let code = self.code(depth)?;
        if self.at != end {
            return Err(self.error("a length is not that of the code"));
        }
        Ok(Arc::new(code).into())
    }

    fn local(&mut self) -> Decoded<Local> {
        let kind = match self.byte()? {
            0 => LocalKind::Local,
            1 => LocalKind::Cell,
            2 => LocalKind::Free,
            3 => LocalKind::Hidden,
            _ => return Err(self.error("unknown kind of local")),
        };
        Ok(Local { name: self.text()?.into(), kind })
    }

    fn register_kind(&mut self) -> Decoded<RegisterKind> {
        match self.byte()? {
            0 => Ok(RegisterKind::Tagged),
            1 => Ok(RegisterKind::Int),
            2 => Ok(RegisterKind::Double),
            _ => Err(self.error("unknown register kind")),
        }
    }

    fn words(&mut self) -> Decoded<Vec<u64>> {
        let length = self.length(8)?;
        let bytes = self.take(length * 8)?;
        let word = |chunk: &[u8]| u64::from_le_bytes(chunk.try_into().expect("chunks have eight bytes"));
        Ok(bytes.chunks_exact(8).map(word).collect())
    }

    fn lines(&mut self) -> Decoded<Vec<LineEntry>> {
        let (mut start, mut line) = (0u32, 0u32);
        self.list(|reader| {
            start = start.wrapping_add(reader.small()?);
            line = line.wrapping_add(unzigzag32(reader.small()?));
            let end_line = line.wrapping_add(unzigzag32(reader.small()?));
            let column = reader.small()?;
            let end_column = column.wrapping_add(unzigzag32(reader.small()?));
            Ok(LineEntry { start, line, end_line, column, end_column })
        })
    }

    fn signature(&mut self) -> Decoded<StaticSignature> {
        Ok(StaticSignature { parameters: self.list(Self::small)?.into(), result: self.small()? })
    }

    fn static_class(&mut self) -> Decoded<StaticClass> {
        let is_final = self.flag()?;
        let slots = self.list(|reader| {
            Ok(SlotDescr { name: reader.text()?.into(), slot_type: reader.small()?, is_final: reader.flag()? })
        })?;
        let final_methods = self.list(|reader| reader.text().map(Into::into))?;
        Ok(StaticClass { slots: slots.into(), is_final, final_methods: final_methods.into() })
    }

    fn type_descr(&mut self, depth: usize) -> Decoded<TypeDescr> {
        if depth > NESTING_LIMIT {
            return Err(self.error("nested too deeply"));
        }
        Ok(match self.byte()? {
            type_tag::DYNAMIC => TypeDescr::Dynamic,
            type_tag::NONE => TypeDescr::None,
            tag @ (type_tag::CLASS | type_tag::EXACT) => TypeDescr::Class {
                module: self.text()?.into(),
                qualname: self.text()?.into(),
                args: self.list(|reader| reader.type_descr(depth + 1))?.into(),
                exact: tag == type_tag::EXACT,
            },
            tag @ (type_tag::LITERAL_INT | type_tag::LITERAL_BOOL) => {
                let bytes = self.take(8)?.try_into().expect("eight bytes were taken");
                TypeDescr::Literal { value: i64::from_le_bytes(bytes), is_bool: tag == type_tag::LITERAL_BOOL }
            }
            type_tag::OPTIONAL => TypeDescr::Optional(Box::new(self.type_descr(depth + 1)?)),
            type_tag::UNION => TypeDescr::Union(self.list(|reader| reader.type_descr(depth + 1))?.into()),
            type_tag::AWAITABLE => TypeDescr::Awaitable(Box::new(self.type_descr(depth + 1)?)),
            other => {
                let primitive =
                    other.checked_sub(type_tag::PRIMITIVE).and_then(|number| Primitive::from_number(number.into()));
                TypeDescr::Primitive(primitive.ok_or(self.error("unknown type"))?)
            }
        })
    }

    fn constant(&mut self, depth: usize) -> Decoded<Constant> {
        if depth > NESTING_LIMIT {
            return Err(self.error("nested too deeply"));
        }
        Ok(match self.byte()? {
            tag::NONE => Constant::None,
            tag::TRUE => Constant::True,
            tag::FALSE => Constant::False,
            tag::ELLIPSIS => Constant::Ellipsis,
            tag::SMALL => {
                let bits = self.number()?;
                Constant::Int(BigInt::from((bits >> 1) as i64 ^ -((bits & 1) as i64)))
            }
            tag @ (tag::POSITIVE | tag::NEGATIVE) => {
                let length = self.length(1)?;
                let bytes = self.take(length)?;
                let sign = if tag == tag::NEGATIVE { Sign::Minus } else { Sign::Plus };
                let value = BigInt::from_bytes_le(sign, bytes);
                if bytes.last() == Some(&0) || i64::try_from(&value).is_ok() {
                    return Err(self.error("an integer is padded"));
                }
                Constant::Int(value)
            }
            tag::FLOAT => Constant::Float(self.float()?),
            tag::COMPLEX => Constant::Complex(self.float()?, self.float()?),
            tag::STR => Constant::Str(self.text()?.into()),
            tag::SURROGATES => Constant::Surrogates(self.list(Self::code_point)?.into()),
            tag::BYTES => {
                let length = self.length(1)?;
                Constant::Bytes(self.take(length)?.into())
            }
            tag::TUPLE => Constant::Tuple(self.list(|reader| reader.constant(depth + 1))?.into()),
            tag::FROZEN_SET => Constant::FrozenSet(self.list(|reader| reader.constant(depth + 1))?.into()),
            tag::SLICE => Constant::Slice(Box::new([
                self.constant(depth + 1)?,
                self.constant(depth + 1)?,
                self.constant(depth + 1)?,
            ])),
            tag::CODE => Constant::Code(self.nested(depth)?),
            _ => return Err(self.error("unknown constant")),
        })
    }

    fn code_point(&mut self) -> Decoded<u32> {
        let point = self.small()?;
        if point > 0x10_ffff { Err(self.error("no code point")) } else { Ok(point) }
    }
}
