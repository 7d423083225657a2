//! f-strings and t-strings.

use super::{Lowerer, Reg, call::HEADER, grow};
use cinder_bytecode::{Constant, Opcode};
use cinder_syntax::ast::{self, ConversionFlag, Expr, FStringPart, InterpolatedElement, InterpolatedStringElement};
use cinder_text::{Ranged, TextRange};

/// Parts joined from registers; longer strings are joined from a list.
const JOIN_LIMIT: usize = 64;

/// One part of an f-string, literals merged.
enum Part<'a> {
    Text(String),
    Value(&'a InterpolatedElement),
}

/// Collects parts and merges neighbouring text.
#[derive(Default)]
struct Parts<'a>(Vec<Part<'a>>);

impl<'a> Parts<'a> {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part::Text(text.into())),
        }
    }

    fn elements(&mut self, elements: impl IntoIterator<Item = &'a InterpolatedStringElement>) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => self.text(&literal.value),
                InterpolatedStringElement::Interpolation(value) => {
                    if let Some(debug) = &value.debug_text {
                        self.text(&without_comments(debug.as_str()));
                    }
                    self.0.push(Part::Value(value));
                }
            }
        }
    }
}

impl<'a> Lowerer<'a> {
    pub(super) fn f_string(&mut self, node: &'a ast::ExprFString, dst: Option<Reg>) -> Reg {
        let mut parts = Parts::default();
        for part in node.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => parts.text(&literal.value),
                FStringPart::FString(string) => parts.elements(string.elements.iter()),
            }
        }
        self.join(parts, node.range, dst)
    }

    fn join(&mut self, parts: Parts<'a>, range: TextRange, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let parts = parts.0;
        match &parts[..] {
            [] => {
                self.range = Some(range);
                return self.constant_value(Constant::Str("".into()), dst);
            }
            [Part::Text(text)] => {
                self.range = Some(range);
                return self.constant_value(Constant::Str(text.as_str().into()), dst);
            }
            [Part::Value(value)] => {
                let register = self.formatted(value);
                return self.settle(mark, register, dst);
            }
            _ => {}
        }
        if parts.len() > JOIN_LIMIT {
            return self.join_list(&parts, range, dst);
        }
        for part in &parts {
            self.part(part, range);
        }
        let out = self.finish(mark, dst);
        self.range = Some(range);
        self.emit(Opcode::BUILD_STRING, out, mark, parts.len() as Reg);
        out
    }

    /// `"".join(parts)`.
    fn join_list(&mut self, parts: &[Part<'a>], range: TextRange, dst: Option<Reg>) -> Reg {
        let base = self.top;
        self.range = Some(range);
        let empty = self.constant_value(Constant::Str("".into()), None);
        self.emit_name(Opcode::LOAD_METHOD, base, empty, 0, "join");
        self.top = base + HEADER + 1;
        let list = self.alloc();
        self.emit(Opcode::BUILD_LIST, list, list, 0);
        for part in parts {
            let register = self.part(part, range);
            self.emit(Opcode::LIST_APPEND, list, register, 0);
            self.top = list + 1;
        }
        let out = self.finish(base, dst);
        self.range = Some(range);
        self.emit(Opcode::CALL_METHOD, out, base, 1);
        out
    }

    /// One part in a fresh temporary.
    fn part(&mut self, part: &Part<'a>, range: TextRange) -> Reg {
        match part {
            Part::Text(text) => {
                self.range = Some(range);
                self.constant_value(Constant::Str(text.as_str().into()), None)
            }
            Part::Value(value) => self.formatted(value),
        }
    }

    /// An interpolated value as a string in a fresh temporary.
    fn formatted(&mut self, element: &'a InterpolatedElement) -> Reg {
        let mark = self.top;
        let mut value = self.operand(&element.expression);
        self.at(element);
        let conversion = conversion(element, element.format_spec.is_none());
        if conversion != 0 {
            let out = self.finish(mark, None);
            self.emit(Opcode::CONVERT_VALUE, out, value, conversion);
            value = out;
        }
        match &element.format_spec {
            None => {
                let out = self.finish(mark, None);
                self.emit(Opcode::FORMAT_SIMPLE, out, value, 0);
                out
            }
            Some(spec) => {
                let spec = self.format_spec(spec);
                let out = self.finish(mark, None);
                self.at(element);
                self.emit(Opcode::FORMAT_WITH_SPEC, out, value, spec);
                out
            }
        }
    }

    fn format_spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec) -> Reg {
        let mut parts = Parts::default();
        parts.elements(spec.elements.iter());
        grow(|| self.join(parts, spec.range, None))
    }

    pub(super) fn t_string(&mut self, node: &'a ast::ExprTString, dst: Option<Reg>) -> Reg {
        let mut parts = Parts::default();
        for string in node.value.as_slice() {
            parts.elements(string.elements.iter());
        }
        // Between, before and after interpolations there is always a string, empty perhaps.
        let mut strings: Vec<Constant> = Vec::new();
        let mut values: Vec<&'a InterpolatedElement> = Vec::new();
        let mut text = String::new();
        for part in parts.0 {
            match part {
                Part::Text(more) => text.push_str(&more),
                Part::Value(value) => {
                    strings.push(Constant::Str(std::mem::take(&mut text).into()));
                    values.push(value);
                }
            }
        }
        strings.push(Constant::Str(text.into()));

        let mark = self.top;
        self.at(node);
        let strings = self.constant_value(Constant::Tuple(strings.into()), None);
        let list = self.alloc();
        self.emit(Opcode::BUILD_LIST, list, list, 0);
        for value in values {
            let register = self.interpolation(value);
            self.at(value);
            self.emit(Opcode::LIST_APPEND, list, register, 0);
            self.top = list + 1;
        }
        self.at(node);
        self.emit(Opcode::LIST_TO_TUPLE, list, list, 0);
        let out = self.finish(mark, dst);
        self.emit(Opcode::BUILD_TEMPLATE, out, strings, list);
        out
    }

    fn interpolation(&mut self, element: &'a InterpolatedElement) -> Reg {
        let first = self.temporary(&element.expression);
        self.at(element);
        let text = without_comments(self.expression_text(element));
        self.constant_value(Constant::Str(text.as_ref().into()), None);
        match &element.format_spec {
            None => {
                self.constant_value(Constant::Str("".into()), None);
            }
            Some(spec) => {
                self.format_spec(spec);
            }
        }
        self.at(element);
        self.emit(Opcode::BUILD_INTERPOLATION, first, first, conversion(element, element.format_spec.is_none()));
        self.top = first + 1;
        first
    }

    /// The source between `{` and what ends the expression, spaces included.
    fn expression_text(&self, element: &InterpolatedElement) -> &'a str {
        let start = element.range.start().to_usize() + 1;
        let bytes = self.source.as_bytes();
        let mut end = element.expression.end().to_usize();
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'!' | b':' | b'=' | b'}' => break,
                b'#' => end += bytes[end..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - end),
                _ => end += 1,
            }
        }
        &self.source[start.min(end)..end]
    }
}

/// The source of an expression as `{x=}` and templates show it: comments are left out, what looks like one in a literal stays.
///
/// Source: `set_ftstring_expr` in CPython's `Parser/lexer/lexer.c`.
fn without_comments(source: &str) -> std::borrow::Cow<'_, str> {
    if !source.contains('#') {
        return source.into();
    }
    let (mut text, mut quote) = (String::with_capacity(source.len()), None);
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_triple = |mark: char| rest.starts_with(if mark == '"' { "\"\"\"" } else { "\'\'\'" });
        let mut len = first.len_utf8();
        match (quote, first) {
            (None, '#') => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            (None, '"' | '\'') => {
                quote = Some((first, is_triple(first)));
                len = if is_triple(first) { 3 } else { 1 };
            }
            (Some(_), '\\') => len += rest[1..].chars().next().map_or(0, char::len_utf8),
            (Some((mark, triple)), _) if first == mark && (!triple || is_triple(mark)) => {
                quote = None;
                len = if triple { 3 } else { 1 };
            }
            _ => {}
        }
        text.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    text.into()
}

/// CONVERT_VALUE's number for an element; `{x=}` without a format means `!r`.
fn conversion(element: &InterpolatedElement, plain: bool) -> Reg {
    match element.conversion {
        ConversionFlag::None if element.debug_text.is_some() && plain => 2,
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

impl<'a> Lowerer<'a> {
    /// `"%s and %r" % (a, b)` with a literal format of simple fields: built like an f-string.
    pub(super) fn percent_format(&mut self, node: &'a ast::ExprBinOp, dst: Option<Reg>) -> Option<Reg> {
        let (Expr::StringLiteral(format), Expr::Tuple(values)) = (&*node.left, &*node.right) else { return None };
        if values.elts.iter().any(Expr::is_starred_expr) {
            return None;
        }
        let fields = simple_fields(format.value.to_str())?;
        if fields.iter().filter(|field| field.1 != 0).count() != values.elts.len() || fields.len() > JOIN_LIMIT {
            return None;
        }
        let mark = self.top;
        let mut values = values.elts.iter();
        for (text, conversion) in &fields {
            if *conversion == 0 {
                self.at(format);
                self.constant_value(Constant::Str(text.as_str().into()), None);
                continue;
            }
            let register = self.temporary(values.next().expect("the counts agree"));
            self.at(node);
            self.emit(Opcode::CONVERT_VALUE, register, register, *conversion);
            self.emit(Opcode::FORMAT_SIMPLE, register, register, 0);
        }
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit(Opcode::BUILD_STRING, out, mark, fields.len() as Reg);
        Some(out)
    }
}

/// Splits a format of text, `%s`, `%r`, `%a` and `%%`; `None` when it holds anything else. Fields have a conversion, texts have 0.
fn simple_fields(format: &str) -> Option<Vec<(String, Reg)>> {
    let mut fields: Vec<(String, Reg)> = Vec::new();
    let mut chars = format.chars();
    let push = |fields: &mut Vec<(String, Reg)>, char: char| match fields.last_mut() {
        Some((text, 0)) => text.push(char),
        _ => fields.push((char.into(), 0)),
    };
    while let Some(char) = chars.next() {
        if char != '%' {
            push(&mut fields, char);
            continue;
        }
        match chars.next()? {
            '%' => push(&mut fields, '%'),
            's' => fields.push((String::new(), 1)),
            'r' => fields.push((String::new(), 2)),
            'a' => fields.push((String::new(), 3)),
            _ => return None,
        }
    }
    (fields.iter().any(|field| field.1 != 0)).then_some(fields)
}
