//! Code objects as text that says everything and reads back ([`crate::parse`]).
//!
//! Problem: people and golden tests read bytecode; what they read must be all there is.
//! Idea: sections for the tables, then one instruction a line: word index, source place where one begins, name, operands by register or local
//! name, and after `;` what indices stand for. Comments are ignored when read.
//! Holds: `parse(disassemble(code)) == code` for every code object, damaged ones included: what has no readable form is printed as `.word`.
//!
//! ```text
//! code #0 add
//!   filename "sum.py"
//!   first_line 1
//!   flags OPTIMIZED NEWLOCALS
//!   parameters 2
//!   registers 3
//!   locals
//!     r0 a
//!     r1 b
//!   body
//!      0  2:11-16  BINARY_OP r2, a, b, +
//!      2  2:4-16   RETURN_VALUE r2
//! ```

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::code::{CodeObject, Constant, LineEntry, LocalKind, RegisterKind, TypeDescr, flags};
use crate::instruction::Instruction;
use crate::opcode::{
    BinaryOp, CommonConstant, CompareOp, FastKind, Imm, Intrinsic, Opcode, Operand, Primitive, SpecialMethod,
};
use crate::shape::{self, Literal};

/// Flag names in bit order, shared with the parser.
pub(crate) const FLAG_NAMES: &[(&str, u32)] = &[
    ("OPTIMIZED", flags::OPTIMIZED),
    ("NEWLOCALS", flags::NEWLOCALS),
    ("VARARGS", flags::VARARGS),
    ("VARKEYWORDS", flags::VARKEYWORDS),
    ("NESTED", flags::NESTED),
    ("GENERATOR", flags::GENERATOR),
    ("COROUTINE", flags::COROUTINE),
    ("ITERABLE_COROUTINE", flags::ITERABLE_COROUTINE),
    ("ASYNC_GENERATOR", flags::ASYNC_GENERATOR),
    ("FUTURE_ANNOTATIONS", flags::FUTURE_ANNOTATIONS),
    ("HAS_DOCSTRING", flags::HAS_DOCSTRING),
    ("METHOD", flags::METHOD),
    ("STATIC", flags::STATIC),
    ("STATIC_MODULE", flags::STATIC_MODULE),
    ("OPEN_MODULE", flags::OPEN_MODULE),
];

/// The code object and, after it, the code objects of its constants in order of appearance.
#[must_use]
pub fn disassemble(code: &CodeObject) -> String {
    let mut printer = Printer { queue: Vec::new(), numbers: HashMap::new() };
    let mut text = String::new();
    printer.object(&mut text, 0, code);
    let mut next = 0;
    while let Some(inner) = printer.queue.get(next).cloned() {
        next += 1;
        text.push('\n');
        printer.object(&mut text, next, &inner);
    }
    text
}

/// One instruction as it stands in a body, without its place; for error messages and traces.
#[must_use]
pub fn disassemble_instruction(code: &CodeObject, instruction: &Instruction) -> String {
    instruction_text(&Names::new(code), instruction)
}

struct Printer {
    /// Nested code objects; entry `i` is printed as `code #i+1`.
    queue: Vec<Arc<CodeObject>>,
    numbers: HashMap<*const CodeObject, usize>,
}

/// Formatting into a `String` cannot fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {
        write!($out, $($arg)*).expect("a String takes all text")
    };
}

impl Printer {
    fn object(&mut self, out: &mut String, number: usize, code: &CodeObject) {
        put!(out, "code #{number} {}\n", atom(&code.name));
        if code.qualname != code.name {
            put!(out, "  qualname {}\n", atom(&code.qualname));
        }
        put!(out, "  filename {}\n  first_line {}\n", quoted(&code.filename), code.first_line);
        if code.flags != 0 {
            put!(out, "  flags{}\n", flag_text(code.flags));
        }
        put!(out, "  parameters {}", code.argument_count);
        for (name, count) in
            [("positional_only", code.positional_only_count), ("keyword_only", code.keyword_only_count)]
        {
            if count != 0 {
                put!(out, " {name}={count}");
            }
        }
        put!(out, "\n  registers {}\n", code.register_count);
        if !code.register_kinds.is_empty() {
            put!(out, "  kinds{}\n", kinds_text(&code.register_kinds));
        }
        if let Some(docstring) = &code.docstring {
            put!(out, "  docstring {}\n", quoted(docstring));
        }
        self.tables(out, code);
        self.body(out, code);
    }

    fn tables(&mut self, out: &mut String, code: &CodeObject) {
        section(out, "locals", &code.locals, |out, at, local| {
            let kind = match local.kind {
                LocalKind::Local => "",
                LocalKind::Cell => " cell",
                LocalKind::Free => " free",
                LocalKind::Hidden => " hidden",
            };
            put!(out, "r{at} {}{kind}", atom(&local.name));
        });
        section(out, "constants", &code.constants, |out, at, constant| {
            put!(out, "k{at} ");
            self.constant(out, constant);
        });
        section(out, "names", &code.names, |out, at, name| put!(out, "n{at} {}", atom(name)));
        section(out, "types", &code.types, |out, at, descr| {
            put!(out, "t{at} ");
            type_text(out, descr);
        });
        section(out, "fields", &code.fields, |out, at, field| {
            put!(out, "d{at} {} class=t{} type=t{}", atom(&field.name), field.class, field.field_type);
        });
        section(out, "functions", &code.functions, |out, at, function| {
            put!(out, "x{at} {}:{} ", atom(&function.module), atom(&function.qualname));
            signature_text(out, &function.signature);
            if let Some(class) = function.class {
                put!(out, " class=t{class}");
            }
        });
        if let Some(signature) = &code.static_signature {
            out.push_str("  signature ");
            signature_text(out, signature);
            out.push('\n');
        }
        if let Some(class) = &code.static_class {
            put!(out, "  static_class{}\n", if class.is_final { " final" } else { "" });
            section(out, "slots", &class.slots, |out, at, slot| {
                put!(
                    out,
                    "s{at} {} type=t{}{}",
                    atom(&slot.name),
                    slot.slot_type,
                    if slot.is_final { " final" } else { "" }
                );
            });
            section(out, "final_methods", &class.final_methods, |out, at, name| put!(out, "m{at} {}", atom(name)));
        }
        section(out, "exceptions", &code.exceptions, |out, _, entry| {
            put!(out, "{}..{} -> {}", entry.start, entry.end, entry.target);
        });
        if code.site_count != natural_sites(&code.instructions) {
            put!(out, "  sites {}\n", code.site_count);
        }
    }

    fn constant(&mut self, out: &mut String, constant: &Constant) {
        match constant {
            Constant::None => out.push_str("None"),
            Constant::True => out.push_str("True"),
            Constant::False => out.push_str("False"),
            Constant::Ellipsis => out.push_str("..."),
            // Hexadecimal is linear in the digits; decimal is not.
            Constant::Int(value) if value.bits() > 128 => put!(out, "{value:#x}"),
            Constant::Int(value) => put!(out, "{value}"),
            Constant::Float(value) => out.push_str(&float_text(*value)),
            Constant::Complex(real, imaginary) => {
                put!(out, "complex({}, {})", float_text(*real), float_text(*imaginary))
            }
            Constant::Str(text) => out.push_str(&quoted(text)),
            Constant::Surrogates(points) => {
                out.push_str("surrogates(");
                list(out, points.iter(), |out, point| put!(out, "{point:#x}"));
                out.push(')');
            }
            Constant::Bytes(bytes) => {
                out.push_str("b\"");
                for byte in bytes {
                    put!(out, "{}", byte.escape_ascii());
                }
                out.push('"');
            }
            Constant::Tuple(items) => {
                out.push_str("tuple(");
                list(out, items.iter(), |out, item| self.constant(out, item));
                out.push(')');
            }
            Constant::FrozenSet(items) => {
                out.push_str("frozenset(");
                list(out, items.iter(), |out, item| self.constant(out, item));
                out.push(')');
            }
            Constant::Slice(items) => {
                out.push_str("slice(");
                list(out, items.iter(), |out, item| self.constant(out, item));
                out.push(')');
            }
            Constant::Code(inner) => {
                let number = *self.numbers.entry(Arc::as_ptr(inner)).or_insert_with(|| {
                    self.queue.push(Arc::clone(inner));
                    self.queue.len()
                });
                put!(out, "code #{number}");
            }
        }
    }

    fn body(&self, out: &mut String, code: &CodeObject) {
        out.push_str("  body\n");
        let names = Names::new(code);
        let mut rows = Vec::new();
        let mut lines = code.lines.iter().peekable();
        let mut stray = Vec::new();
        let mut word = 0;
        let mut site = 0;
        while word < code.instructions.len() {
            let mut place = String::new();
            // Entries that do not start here (or not in order) have no column to stand in.
            while let Some(entry) = lines.next_if(|entry| entry.start as usize <= word) {
                if entry.start as usize == word && place.is_empty() {
                    place = place_text(entry);
                } else {
                    stray.push(*entry);
                }
            }
            let (text, length) = word_text(&names, &code.instructions, word, &mut site);
            rows.push((word, place, text));
            word += length;
        }
        stray.extend(lines);
        let places = rows.iter().map(|(_, place, _)| place.len()).max().unwrap_or(0);
        for (word, place, text) in rows {
            put!(out, "  {word:>5}  {place:<places$}  {text}\n");
        }
        if !stray.is_empty() {
            // Out of order: the whole table is given and the column above is only for the eye.
            out.push_str("  lines\n");
            for entry in &code.lines {
                put!(out, "    {} {}\n", entry.start, place_text(entry));
            }
        }
    }
}

fn section<T>(out: &mut String, name: &str, items: &[T], mut each: impl FnMut(&mut String, usize, &T)) {
    if items.is_empty() {
        return;
    }
    put!(out, "  {name}\n");
    for (at, item) in items.iter().enumerate() {
        out.push_str("    ");
        each(out, at, item);
        out.push('\n');
    }
}

fn list<T>(out: &mut String, items: impl Iterator<Item = T>, mut each: impl FnMut(&mut String, T)) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        each(out, item);
    }
}

/// Number of cache sites the words hold.
pub(crate) fn natural_sites(words: &[u64]) -> u32 {
    crate::instructions(words).filter(|(_, instruction)| instruction.words() == 2).count() as u32
}

/// Bare when it reads back as one token, else quoted.
fn atom(text: &str) -> String {
    let bare = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '<' | '>');
    if !text.is_empty() && text.chars().all(bare) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                put!(out, "\\u{{{:x}}}", letter as u32);
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Shortest digits that read back; NaN with its bits.
fn float_text(value: f64) -> String {
    if value.is_nan() { format!("nan({:#x})", value.to_bits()) } else { format!("{value:?}") }
}

fn flag_text(flags: u32) -> String {
    let mut out = String::new();
    let mut rest = flags;
    for (name, bit) in FLAG_NAMES {
        if rest & bit != 0 {
            put!(out, " {name}");
            rest &= !bit;
        }
    }
    if rest != 0 {
        put!(out, " {rest:#x}");
    }
    out
}

/// Runs of equal kinds, `tagged*3 int double*2`.
fn kinds_text(kinds: &[RegisterKind]) -> String {
    let mut out = String::new();
    for run in kinds.chunk_by(|a, b| a == b) {
        let name = match run[0] {
            RegisterKind::Tagged => "tagged",
            RegisterKind::Int => "int",
            RegisterKind::Double => "double",
        };
        put!(out, " {name}");
        if run.len() > 1 {
            put!(out, "*{}", run.len());
        }
    }
    out
}

fn type_text(out: &mut String, descr: &TypeDescr) {
    match descr {
        TypeDescr::Dynamic => out.push_str("dynamic"),
        TypeDescr::None => out.push_str("None"),
        TypeDescr::Primitive(primitive) => out.push_str(primitive.text()),
        TypeDescr::Class { module, qualname, args, exact } => {
            if *exact {
                out.push_str("exact ");
            }
            put!(out, "{}:{}", atom(module), atom(qualname));
            if !args.is_empty() {
                out.push('[');
                list(out, args.iter(), type_text);
                out.push(']');
            }
        }
        TypeDescr::Literal { value, is_bool } => {
            put!(out, "{}[{value}]", if *is_bool { "LiteralBool" } else { "LiteralInt" });
        }
        TypeDescr::Optional(inner) => {
            out.push_str("Optional[");
            type_text(out, inner);
            out.push(']');
        }
        TypeDescr::Union(items) => {
            out.push_str("Union[");
            list(out, items.iter(), type_text);
            out.push(']');
        }
        TypeDescr::Awaitable(inner) => {
            out.push_str("Awaitable[");
            type_text(out, inner);
            out.push(']');
        }
    }
}

fn signature_text(out: &mut String, signature: &crate::StaticSignature) {
    out.push('(');
    list(out, signature.parameters.iter(), |out, index| put!(out, "t{index}"));
    put!(out, ") -> t{}", signature.result);
}

/// `line:column-end_column`, `line:column-end_line:end_column`, or `-` for no place.
fn place_text(entry: &LineEntry) -> String {
    let LineEntry { line, end_line, column, end_column, .. } = *entry;
    if (line, end_line, column, end_column) == (0, 0, 0, 0) {
        "-".to_owned()
    } else if line == end_line {
        format!("{line}:{column}-{end_column}")
    } else {
        format!("{line}:{column}-{end_line}:{end_column}")
    }
}

/// How registers are called in a body; the parser builds the same.
pub(crate) struct Names<'code> {
    pub(crate) code: &'code CodeObject,
    /// Per local: its name, when that names no other register.
    shown: Vec<Option<&'code str>>,
}

impl<'code> Names<'code> {
    pub(crate) fn new(code: &'code CodeObject) -> Self {
        let mut count: HashMap<&str, usize> = HashMap::new();
        for local in &code.locals {
            *count.entry(&local.name).or_default() += 1;
        }
        let usable = |name: &str| {
            let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
            let index_like = name.strip_prefix(['r', 'k', 'n', 't', 'd', 'x']).is_some_and(digits);
            let plain = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
            let number_like = name.starts_with(|letter: char| letter.is_numeric());
            plain && !name.is_empty() && !index_like && !number_like
        };
        let shown =
            code.locals.iter().map(|local| (count[&*local.name] == 1 && usable(&local.name)).then_some(&*local.name));
        Names { code, shown: shown.collect() }
    }

    pub(crate) fn register(&self, register: u16) -> String {
        match self.shown.get(usize::from(register)) {
            Some(Some(name)) => (*name).to_owned(),
            _ => format!("r{register}"),
        }
    }

    /// Register per shown name.
    pub(crate) fn lookup(&self) -> HashMap<&'code str, u16> {
        (0..=u16::MAX).zip(&self.shown).filter_map(|(register, name)| Some(((*name)?, register))).collect()
    }
}

/// Text and length of what stands at `word`.
fn word_text(names: &Names<'_>, words: &[u64], word: usize, site: &mut u32) -> (String, usize) {
    let raw = || (format!(".word {:#x}", words[word]), 1);
    let Some(instruction) = Instruction::decode(words, word) else { return raw() };
    if !printable(&instruction) {
        return raw();
    }
    let mut text = instruction_text(names, &instruction);
    if instruction.words() == 2 {
        if instruction.site != *site {
            // Before the comment, so that it is read.
            let at = text.find("  ;").unwrap_or(text.len());
            text.insert_str(at, &format!(" site={}", instruction.site));
        }
        *site = instruction.site.wrapping_add(1);
    }
    (text, instruction.words())
}

/// Whether all bits show: unused operands are zero.
fn printable(instruction: &Instruction) -> bool {
    let info = instruction.op.info();
    let hidden_zero = shape::literal(instruction.op) != Literal::Zero || shape::literal_value(instruction) == 0;
    let fields = [instruction.a, instruction.b, instruction.c];
    let operands_zero = fields.iter().zip(info.operands).enumerate().all(|(at, (field, operand))| {
        let replaced = at > 0 && info.imm != Imm::None;
        replaced || operand != Operand::N || *field == 0
    });
    hidden_zero && operands_zero
}

fn instruction_text(names: &Names<'_>, instruction: &Instruction) -> String {
    let info = instruction.op.info();
    let mut operands: Vec<String> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    let fields = [instruction.a, instruction.b, instruction.c];
    for (at, (field, operand)) in fields.into_iter().zip(info.operands).enumerate() {
        if at > 0 && info.imm != Imm::None {
            break;
        }
        match operand {
            Operand::N => {}
            Operand::CNT => operands.push(field.to_string()),
            Operand::K => index(names, Imm::Const, u32::from(field), &mut operands, &mut comments),
            Operand::NM => index(names, Imm::Name, u32::from(field), &mut operands, &mut comments),
            Operand::LIT => operands.extend(literal_text(instruction.op, u32::from(field))),
            _ => operands.push(names.register(field)),
        }
    }
    for (meaning, number) in [(info.imm, instruction.imm()), (info.ext, instruction.ext)] {
        match meaning {
            Imm::None => {}
            Imm::Lit => operands.extend(literal_text(instruction.op, number)),
            _ => index(names, meaning, number, &mut operands, &mut comments),
        }
    }
    let mut text = instruction.op.name().to_owned();
    if !operands.is_empty() {
        put!(text, " {}", operands.join(", "));
    }
    if !comments.is_empty() {
        put!(text, "  ; {}", comments.join("; "));
    }
    text
}

fn index(names: &Names<'_>, meaning: Imm, number: u32, operands: &mut Vec<String>, comments: &mut Vec<String>) {
    let code = names.code;
    let at = number as usize;
    let (prefix, comment) = match meaning {
        Imm::Const => ('k', code.constants.get(at).map(constant_comment)),
        Imm::Name => ('n', code.names.get(at).map(|name| name.to_string())),
        Imm::Type => ('t', code.types.get(at).map(type_comment)),
        Imm::Field => ('d', code.fields.get(at).map(|field| field.name.to_string())),
        Imm::Func => ('x', code.functions.get(at).map(|function| function.qualname.to_string())),
        Imm::Jump | Imm::None | Imm::Lit => ('@', None),
    };
    operands.push(format!("{prefix}{number}"));
    comments.extend(comment.map(|text| text.chars().filter(|letter| !letter.is_control()).collect()));
}

fn type_comment(descr: &TypeDescr) -> String {
    let mut out = String::new();
    type_text(&mut out, descr);
    out
}

/// A short form of a constant for the margin.
fn constant_comment(constant: &Constant) -> String {
    let full = match constant {
        Constant::Code(inner) => format!("code {}", inner.name),
        Constant::Tuple(items) => {
            format!("({})", items.iter().take(8).map(constant_comment).collect::<Vec<_>>().join(", "))
        }
        Constant::FrozenSet(items) => format!("frozenset of {}", items.len()),
        Constant::Slice(_) => "slice".to_owned(),
        Constant::Surrogates(_) => "str with surrogates".to_owned(),
        Constant::Str(text) => quoted(&text.chars().take(40).collect::<String>()),
        Constant::Bytes(bytes) => format!("b\"{}\"", bytes[..bytes.len().min(40)].escape_ascii()),
        Constant::Int(value) if value.bits() > 128 => format!("int of {} bits", value.bits()),
        leaf => {
            let mut out = String::new();
            Printer { queue: Vec::new(), numbers: HashMap::new() }.constant(&mut out, leaf);
            out
        }
    };
    full.chars().take(60).collect()
}

/// Spelling of a literal; `None` when it is always zero.
fn literal_text(op: Opcode, value: u32) -> Option<String> {
    let named = match shape::literal(op) {
        Literal::Zero | Literal::None => return None,
        Literal::Signed => return Some((value as i32).to_string()),
        Literal::BinaryOp => BinaryOp::from_number(value).map(BinaryOp::text),
        Literal::CompareOp => CompareOp::from_number(value).map(CompareOp::text),
        Literal::CommonConstant => CommonConstant::from_number(value).map(CommonConstant::text),
        Literal::SpecialMethod => SpecialMethod::from_number(value).map(SpecialMethod::text),
        Literal::Intrinsic => Intrinsic::from_number(value).map(Intrinsic::text),
        Literal::Primitive | Literal::IntPrimitive => Primitive::from_number(value).map(Primitive::text),
        Literal::FastKind => FastKind::from_number(value).map(FastKind::text),
        Literal::Count | Literal::Range(..) | Literal::FunctionFlags | Literal::Delegate => None,
    };
    Some(named.map_or_else(|| value.to_string(), str::to_owned))
}

/// Reads what [`literal_text`] writes.
pub(crate) fn literal_from_text(op: Opcode, text: &str) -> Option<u32> {
    let named = match shape::literal(op) {
        Literal::Signed => return text.parse::<i32>().ok().map(|value| value as u32),
        Literal::BinaryOp => BinaryOp::from_text(text).map(BinaryOp::number),
        Literal::CompareOp => CompareOp::from_text(text).map(CompareOp::number),
        Literal::CommonConstant => CommonConstant::from_text(text).map(CommonConstant::number),
        Literal::SpecialMethod => SpecialMethod::from_text(text).map(SpecialMethod::number),
        Literal::Intrinsic => Intrinsic::from_text(text).map(Intrinsic::number),
        Literal::Primitive | Literal::IntPrimitive => Primitive::from_text(text).map(Primitive::number),
        Literal::FastKind => FastKind::from_text(text).map(FastKind::number),
        _ => None,
    };
    named.map(u32::from).or_else(|| text.parse().ok())
}
