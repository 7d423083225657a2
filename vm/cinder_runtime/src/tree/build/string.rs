//! Strings, f-strings and t-strings.

use cinder_syntax::ast::{
    self, ConversionFlag, FStringPart, InterpolatedElement, InterpolatedStringElement, InterpolatedStringElements,
};
use cinder_syntax::literal;
use cinder_text::{Ranged, TextRange};
use cinder_vm::{PyResult, Value};

use super::Builder;

/// Text gathered between fields, with its place.
#[derive(Default)]
struct Text {
    points: Vec<u32>,
    range: Option<TextRange>,
}

impl Text {
    fn add(&mut self, points: impl Iterator<Item = u32>, range: TextRange) {
        let before = self.points.len();
        self.points.extend(points);
        if self.points.len() > before {
            self.range = Some(self.range.map_or(range, |known| known.cover(range)));
        }
    }
}

/// What [`Builder::elements`] makes of a field.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Format,
    Template,
}

impl Builder<'_> {
    pub(super) fn string(&self, node: &ast::ExprStringLiteral) -> PyResult<Value> {
        let text = if node.value.to_str().contains('\u{fffd}') {
            let mut points = Vec::new();
            for part in node.value.as_slice() {
                self.literal_points(part, &mut points);
            }
            self.vm.new_str_points(&points)?
        } else {
            self.vm.intern(node.value.to_str())
        };
        let kind = if node.value.is_unicode() { self.vm.intern("u") } else { Value::NONE };
        self.constant(node.range, text, kind)
    }

    fn literal_points(&self, part: &ast::StringLiteral, points: &mut Vec<u32>) {
        match literal::string_code_points(self.source, part) {
            Some(exact) => points.extend(exact),
            None => points.extend(part.value.chars().map(u32::from)),
        }
    }

    pub(super) fn f_string(&self, node: &ast::ExprFString) -> PyResult<Value> {
        let values = self.vm.new_pylist()?;
        let mut text = Text::default();
        for part in node.value.as_slice() {
            match part {
                FStringPart::Literal(part) => {
                    let mut points = Vec::new();
                    self.literal_points(part, &mut points);
                    text.add(points.into_iter(), part.range);
                }
                FStringPart::FString(part) => {
                    let is_raw = part.flags.prefix().is_raw();
                    self.elements(&part.elements, is_raw, Kind::Format, &mut text, values)?;
                }
            }
        }
        self.flush(&mut text, values)?;
        self.located("JoinedStr", node.range, &[("values", values.as_value())])
    }

    pub(super) fn t_string(&self, node: &ast::ExprTString) -> PyResult<Value> {
        let values = self.vm.new_pylist()?;
        let mut text = Text::default();
        for part in node.value.as_slice() {
            let is_raw = part.flags.prefix().is_raw();
            self.elements(&part.elements, is_raw, Kind::Template, &mut text, values)?;
        }
        self.flush(&mut text, values)?;
        self.located("TemplateStr", node.range, &[("values", values.as_value())])
    }

    fn flush(&self, text: &mut Text, values: cinder_heap::Gc<cinder_vm::types::list::PyList>) -> PyResult<()> {
        let Text { points, range } = std::mem::take(text);
        match range {
            Some(range) => {
                let constant = self.constant(range, self.vm.new_str_points(&points)?, Value::NONE)?;
                self.vm.list_push(values, constant)
            }
            None => Ok(()),
        }
    }

    fn elements(
        &self,
        elements: &InterpolatedStringElements,
        is_raw: bool,
        kind: Kind,
        text: &mut Text,
        values: cinder_heap::Gc<cinder_vm::types::list::PyList>,
    ) -> PyResult<()> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(part) => {
                    let points = literal::interpolated_code_points(self.source, part, is_raw);
                    let points = points.unwrap_or_else(|| part.value.chars().map(u32::from).collect());
                    text.add(points.into_iter(), part.range);
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(debug) = &field.debug_text {
                        let start = field.range.start();
                        let end = field.expression.end() + cinder_text::TextSize::of(debug.trailing());
                        text.add(debug.as_str().chars().map(u32::from), TextRange::new(start, end));
                    }
                    self.flush(text, values)?;
                    self.vm.list_push(values, self.field(field, is_raw, kind)?)?;
                }
            }
        }
        Ok(())
    }

    fn field(&self, field: &InterpolatedElement, is_raw: bool, kind: Kind) -> PyResult<Value> {
        self.vm.check_native_stack()?;
        let value = self.expression(&field.expression)?;
        let spec = match &field.format_spec {
            None => Value::NONE,
            Some(spec) => {
                let parts = self.vm.new_pylist()?;
                let mut text = Text::default();
                // Fields of a specification are formatted, in templates too.
                self.elements(&spec.elements, is_raw, Kind::Format, &mut text, parts)?;
                self.flush(&mut text, parts)?;
                let colon = cinder_text::TextSize::from(1);
                let range = TextRange::new(spec.range.start().checked_sub(colon).unwrap_or_default(), spec.range.end());
                self.located("JoinedStr", range, &[("values", parts.as_value())])?
            }
        };
        let conversion = match field.conversion {
            ConversionFlag::None if field.debug_text.is_some() && field.format_spec.is_none() => i64::from(b'r'),
            ConversionFlag::None => -1,
            ConversionFlag::Str => i64::from(b's'),
            ConversionFlag::Repr => i64::from(b'r'),
            ConversionFlag::Ascii => i64::from(b'a'),
        };
        let conversion = self.vm.new_int(conversion)?;
        if kind == Kind::Template {
            let fields = [
                ("value", value),
                ("str", self.vm.new_str(self.field_text(field))?),
                ("conversion", conversion),
                ("format_spec", spec),
            ];
            return self.located("Interpolation", field.range, &fields);
        }
        self.located(
            "FormattedValue",
            field.range,
            &[("value", value), ("conversion", conversion), ("format_spec", spec)],
        )
    }

    /// The source between `{` and what ends the expression, without space at the ends.
    fn field_text(&self, field: &InterpolatedElement) -> &str {
        let start = field.range.start().to_usize() + 1;
        let bytes = self.source.as_bytes();
        let mut end = field.expression.end().to_usize();
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'!' | b':' | b'=' | b'}' => break,
                _ => end += 1,
            }
        }
        self.source[start.min(end)..end].trim()
    }
}
