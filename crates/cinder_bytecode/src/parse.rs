//! Reads the disassembler's text back.
//!
//! Problem: golden tests and hand-written cases state bytecode as text.
//! Idea: a token reader per line; sections may come in any order before `body`. Code objects refer to later ones only, so they are built from
//! the last to the first.
//! Holds: `parse(disassemble(code)) == code`. Indentation, column widths and comments carry no meaning.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use num_bigint::BigInt;
use num_bigint::Sign;

use crate::code::{
    CodeObject, Constant, ExceptionEntry, FieldDescr, FunctionDescr, LineEntry, Local, LocalKind, NESTING_LIMIT,
    RegisterKind, SlotDescr, StaticClass, StaticSignature, TypeDescr,
};
use crate::disassemble::{FLAG_NAMES, Names, literal_from_text, natural_sites};
use crate::instruction::Instruction;
use crate::opcode::{Imm, Opcode, Operand, Primitive};
use crate::shape::{self, Literal};

/// Text that is no code object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Line in the text, from 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// The code object `#0` of a text.
///
/// # Errors
/// The first line that does not read.
pub fn parse(text: &str) -> Result<CodeObject, ParseError> {
    let mut blocks: Vec<Vec<(usize, &str)>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if line.starts_with("code #") {
            blocks.push(Vec::new());
        }
        let Some(block) = blocks.last_mut() else {
            return Err(ParseError { line: number, message: "text before the first `code`".to_owned() });
        };
        block.push((number, line));
    }
    let mut built: HashMap<usize, Arc<CodeObject>> = HashMap::new();
    while let Some(block) = blocks.pop() {
        let number = blocks.len();
        let code = ObjectParser { inner: &built, code: CodeObject::default(), sites: None }.object(number, &block)?;
        if number == 0 {
            return Ok(code);
        }
        built.insert(number, Arc::new(code));
    }
    Err(ParseError { line: 1, message: "no code object".to_owned() })
}

type Parsed<T> = Result<T, String>;

/// Tokens of one line.
struct Line<'text> {
    rest: &'text str,
}

impl<'text> Line<'text> {
    fn new(rest: &'text str) -> Self {
        let mut line = Line { rest };
        line.skip();
        line
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(';') {
            self.rest = "";
        }
    }

    fn done(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                self.skip();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` at `{}`", self.rest)) }
    }

    /// Up to white space, or a delimiter of lists.
    fn word(&mut self) -> &'text str {
        let end = self
            .rest
            .find(|letter: char| letter.is_whitespace() || "()[],:;\"=".contains(letter))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.skip();
        word
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let word = self.word();
        word.parse().map_err(|_| format!("`{word}` is no number"))
    }

    /// A number behind `prefix`, such as `t3`.
    fn index(&mut self, prefix: &str) -> Parsed<u32> {
        self.expect(prefix)?;
        self.number()
    }

    fn atom(&mut self) -> Parsed<String> {
        if self.rest.starts_with('"') {
            return self.string();
        }
        let word = self.word();
        if word.is_empty() { Err(format!("expected a name at `{}`", self.rest)) } else { Ok(word.to_owned()) }
    }

    fn string(&mut self) -> Parsed<String> {
        let mut out = String::new();
        let mut letters = self.rest.char_indices();
        if letters.next().is_none_or(|(_, letter)| letter != '"') {
            return Err(format!("expected a string at `{}`", self.rest));
        }
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    self.skip();
                    return Ok(out);
                }
                '\\' => match letters.next().map(|(_, letter)| letter) {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some('u') => {
                        let digits: String = letters
                            .by_ref()
                            .map(|(_, letter)| letter)
                            .skip_while(|letter| *letter == '{')
                            .take_while(|letter| *letter != '}')
                            .collect();
                        let point = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        out.push(point.ok_or_else(|| format!("no character {digits}"))?);
                    }
                    Some(other @ ('"' | '\\')) => out.push(other),
                    other => return Err(format!("unknown escape {other:?}")),
                },
                letter => out.push(letter),
            }
        }
        Err("the string has no end".to_owned())
    }

    fn bytes(&mut self) -> Parsed<Vec<u8>> {
        let mut out = Vec::new();
        let mut letters = self.rest.bytes().enumerate().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                b'"' => {
                    self.rest = &self.rest[at + 1..];
                    self.skip();
                    return Ok(out);
                }
                b'\\' => match letters.next().map(|(_, letter)| letter) {
                    Some(b'n') => out.push(b'\n'),
                    Some(b'r') => out.push(b'\r'),
                    Some(b't') => out.push(b'\t'),
                    Some(b'x') => {
                        let mut digit = || letters.next().and_then(|(_, letter)| char::from(letter).to_digit(16));
                        let (Some(high), Some(low)) = (digit(), digit()) else { return Err("bad \\x".to_owned()) };
                        out.push((high * 16 + low) as u8);
                    }
                    Some(other @ (b'"' | b'\\' | b'\'')) => out.push(other),
                    other => return Err(format!("unknown escape {other:?}")),
                },
                letter if letter.is_ascii() => out.push(letter),
                _ => return Err("bytes are written in ASCII".to_owned()),
            }
        }
        Err("the bytes have no end".to_owned())
    }

    /// Items up to `close`, which is eaten.
    fn list<T>(&mut self, close: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }
}

struct ObjectParser<'parse> {
    inner: &'parse HashMap<usize, Arc<CodeObject>>,
    code: CodeObject,
    /// Given when it differs from what the words hold.
    sites: Option<u32>,
}

impl ObjectParser<'_> {
    fn object(mut self, number: usize, lines: &[(usize, &str)]) -> Result<CodeObject, ParseError> {
        let mut section = "";
        let mut body = Vec::new();
        let mut extra_lines = Vec::new();
        for &(line_number, text) in lines {
            let fail = |message| ParseError { line: line_number, message };
            let mut line = Line::new(text);
            if section == "body" && text.starts_with(|letter: char| letter.is_ascii_digit()) {
                body.push((line_number, text));
                continue;
            }
            if section == "lines" {
                extra_lines.push(lines_entry(&mut line).map_err(fail)?);
                continue;
            }
            match self.header(&mut line, number).map_err(fail)? {
                Some(opened) => section = opened,
                None if section.is_empty() || !line.rest.is_empty() => {
                    self.entry(section, &mut line).map_err(fail)?;
                }
                None => {}
            }
        }
        self.body(&body)?;
        if section == "lines" {
            self.code.lines = extra_lines;
        }
        self.code.site_count = self.sites.unwrap_or_else(|| natural_sites(&self.code.instructions));
        Ok(self.code)
    }

    /// A line with a keyword; answers the section it opens. `None` leaves the line to the open section.
    fn header(&mut self, line: &mut Line<'_>, number: usize) -> Parsed<Option<&'static str>> {
        const SECTIONS: &[&str] = &[
            "locals",
            "constants",
            "names",
            "types",
            "fields",
            "functions",
            "slots",
            "final_methods",
            "exceptions",
            "body",
            "lines",
        ];
        if let Some(section) = SECTIONS.iter().find(|section| **section == line.rest) {
            line.rest = "";
            return Ok(Some(section));
        }
        let before = line.rest;
        let keyword = line.word();
        let code = &mut self.code;
        match keyword {
            "code" if line.rest.starts_with('#') => {
                let found = line.index("#")?;
                if found as usize != number {
                    return Err(format!("code objects are numbered in order, expected #{number}"));
                }
                code.name = line.atom()?.into();
                code.qualname = code.name.clone();
            }
            "qualname" => code.qualname = line.atom()?.into(),
            "filename" => code.filename = line.string()?.into(),
            "first_line" => code.first_line = line.number()?,
            "docstring" => code.docstring = Some(line.string()?.into()),
            "registers" => code.register_count = line.number()?,
            "sites" => self.sites = Some(line.number()?),
            "flags" => {
                while !line.done() {
                    code.flags |= flag(line.word())?;
                }
            }
            "parameters" => {
                code.argument_count = line.number()?;
                while !line.done() {
                    let target = match line.word() {
                        "positional_only" => &mut code.positional_only_count,
                        "keyword_only" => &mut code.keyword_only_count,
                        other => return Err(format!("unknown count `{other}`")),
                    };
                    line.expect("=")?;
                    *target = line.number()?;
                }
            }
            "kinds" => {
                while !line.done() {
                    let (kind, count) = kind_run(line.word())?;
                    if code.register_kinds.len() + count > 1 << 16 {
                        return Err("too many kinds".to_owned());
                    }
                    code.register_kinds.extend(std::iter::repeat_n(kind, count));
                }
            }
            "signature" => code.static_signature = Some(signature(line)?),
            "static_class" => {
                code.static_class = Some(StaticClass { is_final: line.eat("final"), ..StaticClass::default() });
            }
            _ => {
                line.rest = before;
                return Ok(None);
            }
        }
        if line.done() { Ok(Some("")) } else { Err(format!("unexpected `{}`", line.rest)) }
    }

    fn entry(&mut self, section: &str, line: &mut Line<'_>) -> Parsed<()> {
        let code = &mut self.code;
        let in_order = |prefix: &str, line: &mut Line<'_>, count: usize| {
            let index = line.index(prefix)?;
            if index as usize == count { Ok(()) } else { Err(format!("expected {prefix}{count}")) }
        };
        match section {
            "locals" => {
                in_order("r", line, code.locals.len())?;
                let name = line.atom()?.into();
                let kind = match line.word() {
                    "" => LocalKind::Local,
                    "cell" => LocalKind::Cell,
                    "free" => LocalKind::Free,
                    "hidden" => LocalKind::Hidden,
                    other => return Err(format!("unknown kind `{other}`")),
                };
                code.locals.push(Local { name, kind });
            }
            "constants" => {
                in_order("k", line, code.constants.len())?;
                let constant = self.constant(line, 0)?;
                self.code.constants.push(constant);
            }
            "names" => {
                in_order("n", line, code.names.len())?;
                code.names.push(line.atom()?.into());
            }
            "types" => {
                in_order("t", line, code.types.len())?;
                code.types.push(type_descr(line, 0)?);
            }
            "fields" => {
                in_order("d", line, code.fields.len())?;
                let name = line.atom()?.into();
                line.expect("class=")?;
                let class = line.index("t")?;
                line.expect("type=")?;
                code.fields.push(FieldDescr { class, name, field_type: line.index("t")? });
            }
            "functions" => {
                in_order("x", line, code.functions.len())?;
                let module = line.atom()?.into();
                line.expect(":")?;
                let qualname = line.atom()?.into();
                let signature = signature(line)?;
                let class = if line.eat("class=") { Some(line.index("t")?) } else { None };
                code.functions.push(FunctionDescr { module, qualname, class, signature });
            }
            "slots" => {
                let class = code.static_class.as_mut().ok_or("slots before `static_class`")?;
                in_order("s", line, class.slots.len())?;
                let name = line.atom()?.into();
                line.expect("type=")?;
                let slot = SlotDescr { name, slot_type: line.index("t")?, is_final: line.eat("final") };
                class.slots = class.slots.iter().cloned().chain([slot]).collect();
            }
            "final_methods" => {
                let class = code.static_class.as_mut().ok_or("methods before `static_class`")?;
                in_order("m", line, class.final_methods.len())?;
                let name = line.atom()?.into();
                class.final_methods = class.final_methods.iter().cloned().chain([name]).collect();
            }
            "exceptions" => {
                let (start, end) = range(line.word())?;
                line.expect("->")?;
                code.exceptions.push(ExceptionEntry { start, end, target: line.number()? });
            }
            _ => return Err(format!("unexpected `{}`", line.rest)),
        }
        if line.done() { Ok(()) } else { Err(format!("unexpected `{}`", line.rest)) }
    }

    fn constant(&self, line: &mut Line<'_>, depth: usize) -> Parsed<Constant> {
        if depth > NESTING_LIMIT {
            return Err("constants nest too deeply".to_owned());
        }
        if line.rest.starts_with('"') {
            return Ok(Constant::Str(line.string()?.into()));
        }
        if line.rest.starts_with("b\"") {
            line.rest = &line.rest[1..];
            return Ok(Constant::Bytes(line.bytes()?.into()));
        }
        let word = line.word();
        let items = |line: &mut Line<'_>| {
            line.expect("(")?;
            line.list(")", |line| self.constant(line, depth + 1))
        };
        Ok(match word {
            "None" => Constant::None,
            "True" => Constant::True,
            "False" => Constant::False,
            "..." => Constant::Ellipsis,
            "tuple" => Constant::Tuple(items(line)?.into()),
            "frozenset" => Constant::FrozenSet(items(line)?.into()),
            "slice" => {
                let items: [Constant; 3] = items(line)?.try_into().map_err(|_| "a slice has three parts".to_owned())?;
                Constant::Slice(Box::new(items))
            }
            "complex" => {
                line.expect("(")?;
                let parts = line.list(")", |line| {
                    let word = line.word();
                    float(word, line)
                })?;
                let [real, imaginary] = parts[..] else { return Err("a complex has two parts".to_owned()) };
                Constant::Complex(real, imaginary)
            }
            "surrogates" => {
                line.expect("(")?;
                Constant::Surrogates(line.list(")", |line| hexadecimal(line.word()))?.into())
            }
            "code" => {
                let number: usize = line.index("#")? as usize;
                let inner = self.inner.get(&number).ok_or_else(|| format!("no code #{number} after this one"))?;
                Constant::Code(Arc::clone(inner).into())
            }
            word => match integer(word) {
                Some(value) => Constant::Int(value),
                None => Constant::Float(float(word, line)?),
            },
        })
    }

    fn body(&mut self, rows: &[(usize, &str)]) -> Result<(), ParseError> {
        let mut words = Vec::new();
        let mut places = Vec::new();
        {
            let names = Names::new(&self.code);
            let lookup = names.lookup();
            let mut site = 0;
            for &(line_number, text) in rows {
                let fail = |message| ParseError { line: line_number, message };
                let mut line = Line::new(text);
                let word: usize = line.number().map_err(fail)?;
                if word != words.len() {
                    return Err(fail(format!("this is word {}", words.len())));
                }
                let first = line.rest.split_whitespace().next().unwrap_or_default();
                if first.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit()) {
                    places.push(place(first, words.len() as u32).map_err(fail)?);
                    line.rest = line.rest[first.len()..].trim_start();
                }
                row(&mut line, &lookup, &mut site, &mut words).map_err(fail)?;
            }
        }
        self.code.instructions = words;
        self.code.lines = places;
        Ok(())
    }
}

/// One body line behind its place.
fn row(line: &mut Line<'_>, lookup: &HashMap<&str, u16>, site: &mut u32, words: &mut Vec<u64>) -> Parsed<()> {
    if line.eat(".word") {
        let text = line.word().trim_start_matches("0x");
        words.push(u64::from_str_radix(text, 16).map_err(|_| format!("`{text}` is no word"))?);
        return Ok(());
    }
    let name = line.word();
    let op = Opcode::all().find(|op| op.name() == name).ok_or_else(|| format!("unknown opcode `{name}`"))?;
    let info = op.info();
    let mut instruction = Instruction::new(op, 0, 0, 0);
    let mut first = true;
    // Operators may hold delimiters, so operands are cut at commas here.
    let mut operand = |line: &mut Line<'_>| -> Parsed<String> {
        if !std::mem::take(&mut first) {
            line.expect(",")?;
        }
        let end = line.rest.find([',', ' ', ';']).unwrap_or(line.rest.len());
        let (text, rest) = line.rest.split_at(end);
        line.rest = rest;
        line.skip();
        if text.is_empty() { Err("an operand is missing".to_owned()) } else { Ok(text.to_owned()) }
    };
    let mut fields = [0u16; 3];
    for (at, kind) in info.operands.into_iter().enumerate() {
        if at > 0 && info.imm != Imm::None {
            break;
        }
        if kind == Operand::N || (kind == Operand::LIT && shape::literal(op) == Literal::Zero) {
            continue;
        }
        let text = operand(line)?;
        let value = match kind {
            Operand::CNT => text.parse().ok(),
            Operand::K => text.strip_prefix('k').and_then(|text| text.parse().ok()),
            Operand::NM => text.strip_prefix('n').and_then(|text| text.parse().ok()),
            Operand::LIT => literal_from_text(op, &text).and_then(|value| u16::try_from(value).ok()),
            _ => register(&text, lookup),
        };
        fields[at] = value.ok_or_else(|| format!("`{text}` does not fit operand {at} of {name}"))?;
    }
    [instruction.a, instruction.b, instruction.c] = fields;
    for (meaning, is_ext) in [(info.imm, false), (info.ext, true)] {
        let prefix = match meaning {
            Imm::None => continue,
            Imm::Lit if shape::literal(op) == Literal::Zero => continue,
            Imm::Lit => "",
            Imm::Const => "k",
            Imm::Name => "n",
            Imm::Type => "t",
            Imm::Field => "d",
            Imm::Func => "x",
            Imm::Jump => "@",
        };
        let text = operand(line)?;
        let value = match meaning {
            Imm::Lit => literal_from_text(op, &text),
            _ => text.strip_prefix(prefix).and_then(|text| text.parse().ok()),
        };
        let value = value.ok_or_else(|| format!("`{text}` does not fit {name}"))?;
        if is_ext {
            instruction.ext = value;
        } else {
            instruction.set_imm(value);
        }
    }
    if op.words() == 2 {
        if line.eat("site=") {
            *site = line.number()?;
        }
        instruction.site = *site;
        *site = site.wrapping_add(1);
    }
    instruction.encode(words);
    if line.done() { Ok(()) } else { Err(format!("unexpected `{}`", line.rest)) }
}

fn register(text: &str, lookup: &HashMap<&str, u16>) -> Option<u16> {
    lookup.get(text).copied().or_else(|| text.strip_prefix('r')?.parse().ok())
}

fn lines_entry(line: &mut Line<'_>) -> Parsed<LineEntry> {
    let start = line.number()?;
    place(line.rest, start)
}

/// Reads a place; see the disassembler's `place_text`.
fn place(text: &str, start: u32) -> Parsed<LineEntry> {
    if text == "-" {
        return Ok(LineEntry { start, line: 0, end_line: 0, column: 0, end_column: 0 });
    }
    let read = || {
        let (from, to) = text.split_once('-')?;
        let (line, column) = from.split_once(':')?;
        let (end_line, end_column) = to.split_once(':').unwrap_or((line, to));
        Some(LineEntry {
            start,
            line: line.parse().ok()?,
            end_line: end_line.parse().ok()?,
            column: column.parse().ok()?,
            end_column: end_column.parse().ok()?,
        })
    };
    read().ok_or_else(|| format!("`{text}` is no place"))
}

fn flag(word: &str) -> Parsed<u32> {
    match FLAG_NAMES.iter().find(|(name, _)| *name == word) {
        Some((_, bit)) => Ok(*bit),
        None => hexadecimal(word),
    }
}

fn kind_run(word: &str) -> Parsed<(RegisterKind, usize)> {
    let (name, count) = word.split_once('*').unwrap_or((word, "1"));
    let kind = match name {
        "tagged" => RegisterKind::Tagged,
        "int" => RegisterKind::Int,
        "double" => RegisterKind::Double,
        _ => return Err(format!("unknown kind `{name}`")),
    };
    let count = count.parse().map_err(|_| format!("`{count}` is no count"))?;
    if count > 1 << 16 { Err("too many kinds".to_owned()) } else { Ok((kind, count)) }
}

fn range(word: &str) -> Parsed<(u32, u32)> {
    let read = || {
        let (start, end) = word.split_once("..")?;
        Some((start.parse().ok()?, end.parse().ok()?))
    };
    read().ok_or_else(|| format!("`{word}` is no range"))
}

fn hexadecimal(word: &str) -> Parsed<u32> {
    let digits = word.strip_prefix("0x").ok_or_else(|| format!("expected a hexadecimal number, found `{word}`"))?;
    u32::from_str_radix(digits, 16).map_err(|_| format!("`{word}` is no 32-bit number"))
}

fn integer(word: &str) -> Option<BigInt> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(rest) => (Sign::Minus, rest),
        None => (Sign::Plus, word),
    };
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(rest) => (16, rest),
        None => (10, digits),
    };
    if digits.is_empty() || digits.starts_with(['+', '-', '_']) {
        return None;
    }
    let magnitude = num_bigint::BigUint::parse_bytes(digits.as_bytes(), radix)?;
    Some(BigInt::from_biguint(sign, magnitude))
}

fn float(word: &str, line: &mut Line<'_>) -> Parsed<f64> {
    if word == "nan" {
        line.expect("(")?;
        let text = line.word();
        line.expect(")")?;
        let bits = text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        return bits.map(f64::from_bits).ok_or_else(|| format!("`{text}` is no bit pattern"));
    }
    word.parse().map_err(|_| format!("`{word}` is no constant"))
}

fn signature(line: &mut Line<'_>) -> Parsed<StaticSignature> {
    line.expect("(")?;
    let parameters = line.list(")", |line| line.index("t"))?.into();
    line.expect("->")?;
    Ok(StaticSignature { parameters, result: line.index("t")? })
}

fn type_descr(line: &mut Line<'_>, depth: usize) -> Parsed<TypeDescr> {
    if depth > NESTING_LIMIT {
        return Err("types nest too deeply".to_owned());
    }
    let exact = line.eat("exact ");
    let name = line.atom()?;
    if line.eat(":") {
        let qualname = line.atom()?.into();
        let args = if line.eat("[") { line.list("]", |line| type_descr(line, depth + 1))? } else { Vec::new() };
        return Ok(TypeDescr::Class { module: name.into(), qualname, args: args.into(), exact });
    }
    Ok(match name.as_str() {
        "dynamic" => TypeDescr::Dynamic,
        "None" => TypeDescr::None,
        literal @ ("LiteralInt" | "LiteralBool") => {
            line.expect("[")?;
            let value = line.number()?;
            line.expect("]")?;
            TypeDescr::Literal { value, is_bool: literal == "LiteralBool" }
        }
        wrapper @ ("Optional" | "Awaitable") => {
            line.expect("[")?;
            let inner = Box::new(type_descr(line, depth + 1)?);
            line.expect("]")?;
            if wrapper == "Optional" { TypeDescr::Optional(inner) } else { TypeDescr::Awaitable(inner) }
        }
        "Union" => {
            line.expect("[")?;
            TypeDescr::Union(line.list("]", |line| type_descr(line, depth + 1))?.into())
        }
        name => TypeDescr::Primitive(Primitive::from_text(name).ok_or_else(|| format!("unknown type `{name}`"))?),
    })
}
