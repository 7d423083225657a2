//! Expressions.

use std::sync::Arc;

use cinder_semantic::ScopeKind;
use cinder_syntax::ast::{self, Expr, InterpolatedStringElement};
use cinder_text::{Ranged, TextRange};
use num_bigint::BigInt;

use super::Lowerer;
use crate::code::{CodeKind, Name, Op, Params};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn constant(&mut self, value: Value) {
        self.emit(Op::Const(value));
    }

    /// Leaves the value of `node` on the stack.
    pub(super) fn expression(&mut self, node: &'a Expr) {
        let outer = self.at(node.range());
        match node {
            Expr::Name(name) => self.load(&name.id),
            Expr::NoneLiteral(_) => self.constant(Value::None),
            Expr::BooleanLiteral(literal) => self.constant(Value::Bool(literal.value)),
            Expr::EllipsisLiteral(_) => self.constant(Value::Ellipsis),
            Expr::NumberLiteral(literal) => {
                let value = number(&literal.value);
                self.constant(value);
            }
            Expr::StringLiteral(literal) => self.constant(Value::Str(literal.value.to_str().into())),
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().collect();
                self.constant(Value::Bytes(bytes.into()));
            }
            Expr::Attribute(attribute) => {
                self.expression(&attribute.value);
                let name = self.mangled(&attribute.attr);
                self.emit(Op::LoadAttr(name));
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value);
                self.expression(&subscript.slice);
                self.emit(Op::LoadItem);
            }
            Expr::Slice(slice) => self.slice(slice),
            Expr::Call(call) => self.call(call),
            Expr::BinOp(binary) => self.binary(binary),
            Expr::UnaryOp(unary) => {
                self.expression(&unary.operand);
                self.emit(Op::Unary(unary.op));
            }
            Expr::BoolOp(node) => self.bool_op(node),
            Expr::Compare(compare) => self.compare(compare),
            Expr::If(branch) => self.conditional(branch),
            Expr::Named(named) => {
                self.expression(&named.value);
                self.emit(Op::Dup);
                self.assign_to(&named.target);
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::List(list) => self.sequence(&list.elts, Op::List),
            Expr::Set(set) => self.set(&set.elts),
            Expr::Tuple(tuple) => {
                if tuple.elts.iter().any(Expr::is_starred_expr) {
                    self.sequence(&tuple.elts, Op::List);
                    self.emit(Op::ListToTuple);
                } else {
                    self.sequence(&tuple.elts, Op::Tuple);
                }
            }
            Expr::Dict(dict) => self.dict(dict),
            Expr::ListComp(node) => {
                self.emit(Op::List(0));
                self.comprehension(ScopeKind::ListComp, node.range, &node.generators, Element::List(&node.elt));
            }
            Expr::SetComp(node) => {
                self.emit(Op::Set(0));
                self.comprehension(ScopeKind::SetComp, node.range, &node.generators, Element::Set(&node.elt));
            }
            Expr::DictComp(node) => {
                self.emit(Op::Dict(0));
                let element = Element::Dict(node.key.as_deref(), &node.value);
                self.comprehension(ScopeKind::DictComp, node.range, &node.generators, element);
            }
            Expr::Generator(node) => self.generator(node),
            Expr::Await(node) => {
                self.expression(&node.value);
                self.emit(Op::Await);
            }
            Expr::Yield(node) => {
                match &node.value {
                    Some(value) => self.expression(value),
                    None => self.constant(Value::None),
                }
                self.emit(Op::Yield);
            }
            Expr::YieldFrom(node) => {
                self.expression(&node.value);
                self.emit(Op::GetIter);
                self.constant(Value::None);
                self.emit(Op::YieldFrom);
            }
            Expr::FString(node) => self.f_string(node),
            Expr::TString(node) => self.t_string(node),
            Expr::Starred(node) => self.expression(&node.value),
            Expr::IpyEscapeCommand(_) => {
                self.emit(Op::Unsupported("shell command"));
                self.constant(Value::None);
            }
        }
        self.at(outer);
    }

    fn binary(&mut self, node: &'a ast::ExprBinOp) {
        self.expression(&node.left);
        self.expression(&node.right);
        self.emit(Op::Binary(node.op));
    }

    fn slice(&mut self, slice: &'a ast::ExprSlice) {
        for part in [&slice.lower, &slice.upper, &slice.step] {
            match part {
                Some(part) => self.expression(part),
                None => self.constant(Value::None),
            }
        }
        self.emit(Op::Slice(3));
    }

    fn call(&mut self, call: &'a ast::ExprCall) {
        let arguments = &call.arguments;
        let is_plain = !arguments.args.iter().any(Expr::is_starred_expr)
            && arguments.keywords.iter().all(|keyword| keyword.arg.is_some());
        let method = call.func.as_attribute_expr().filter(|_| is_plain);
        match method {
            Some(method) => {
                let outer = self.at(method.range());
                self.expression(&method.value);
                let name = self.mangled(&method.attr);
                self.emit(Op::LoadMethod(name));
                self.at(outer);
            }
            None => self.expression(&call.func),
        }
        if is_plain {
            arguments.args.iter().for_each(|argument| self.expression(argument));
            let names: Vec<Name> = arguments
                .keywords
                .iter()
                .filter_map(|keyword| {
                    self.expression(&keyword.value);
                    keyword.arg.as_ref().map(|name| name.as_str().into())
                })
                .collect();
            let count = (arguments.args.len() + names.len()) as u32;
            let names = if names.is_empty() { None } else { Some(names.into()) };
            self.emit(if method.is_some() { Op::CallMethod { count, names } } else { Op::Call { count, names } });
            return;
        }
        self.sequence(&arguments.args, Op::List);
        self.keyword_dictionary(&arguments.keywords);
        self.emit(Op::CallSpread);
    }

    pub(super) fn keyword_dictionary(&mut self, keywords: &'a [ast::Keyword]) {
        self.emit(Op::Dict(0));
        for keyword in keywords {
            match &keyword.arg {
                Some(name) => {
                    self.constant(Value::Str(name.as_str().into()));
                    self.expression(&keyword.value);
                    self.emit(Op::Dict(1));
                }
                None => self.expression(&keyword.value),
            }
            self.emit(Op::KeywordMerge(1));
        }
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp) {
        let on = node.op == ast::BoolOp::Or;
        let mut jumps = Vec::new();
        for (index, value) in node.values.iter().enumerate() {
            self.expression(value);
            if index + 1 < node.values.len() {
                jumps.push(self.emit(Op::JumpIfOrPop { on, target: 0 }));
            }
        }
        jumps.into_iter().for_each(|at| self.land(at));
    }

    fn compare(&mut self, node: &'a ast::ExprCompare) {
        self.expression(&node.left);
        let last = node.ops.len().saturating_sub(1);
        let mut ends = Vec::new();
        for (index, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            self.expression(right);
            if index == last {
                self.emit(Op::Compare(*op));
            } else {
                self.emit(Op::Dup);
                self.emit(Op::Sink3);
                self.emit(Op::Compare(*op));
                ends.push(self.emit(Op::JumpIfOrPop { on: false, target: 0 }));
            }
        }
        if !ends.is_empty() {
            let over = self.emit(Op::Jump(0));
            ends.into_iter().for_each(|at| self.land(at));
            // The operand of the next link is still there.
            self.emit(Op::Swap);
            self.emit(Op::Pop);
            self.land(over);
        }
    }

    fn conditional(&mut self, node: &'a ast::ExprIf) {
        self.expression(&node.test);
        let test = self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 });
        self.expression(&node.body);
        let over = self.emit(Op::Jump(0));
        self.land(test);
        self.expression(&node.orelse);
        let other = self.emit(Op::Jump(0));
        let here = self.here();
        self.aim_unknown(test, here);
        self.constant(Value::unknown("<conditional expression>"));
        self.land(over);
        self.land(other);
    }

    fn sequence(&mut self, elements: &'a [Expr], make: fn(u32) -> Op) {
        if !elements.iter().any(Expr::is_starred_expr) {
            // Long displays are built in pieces, so that the stack stays small.
            if elements.len() > 256 && make(0) == Op::List(0) {
                self.emit(Op::List(0));
                for element in elements {
                    self.expression(element);
                    self.emit(Op::ListAppend(1));
                }
                return;
            }
            elements.iter().for_each(|element| self.expression(element));
            self.emit(make(elements.len() as u32));
            return;
        }
        self.emit(Op::List(0));
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    self.expression(&starred.value);
                    self.emit(Op::ListExtend(1));
                }
                element => {
                    self.expression(element);
                    self.emit(Op::ListAppend(1));
                }
            }
        }
    }

    fn set(&mut self, elements: &'a [Expr]) {
        self.emit(Op::Set(0));
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    self.expression(&starred.value);
                    self.emit(Op::SetUpdate(1));
                }
                element => {
                    self.expression(element);
                    self.emit(Op::SetAdd(1));
                }
            }
        }
    }

    fn dict(&mut self, dict: &'a ast::ExprDict) {
        self.emit(Op::Dict(0));
        for item in &dict.items {
            match &item.key {
                Some(key) => {
                    self.expression(key);
                    self.expression(&item.value);
                    self.emit(Op::DictPut(2));
                }
                None => {
                    self.expression(&item.value);
                    self.emit(Op::DictMerge(1));
                }
            }
        }
    }

    /// Fills the container on top of the stack.
    fn comprehension(
        &mut self,
        kind: ScopeKind,
        range: TextRange,
        generators: &'a [ast::Comprehension],
        element: Element<'a>,
    ) {
        let outer = self.unit().naming;
        let Some((first, _)) = generators.split_first() else { return };
        self.expression(&first.iter);
        let scope = self.index.scope_of(kind, range).unwrap_or(outer);
        self.unit().naming = scope;
        self.fresh_cells(scope);
        self.rounds(generators, element, 0);
        self.unit().naming = outer;
    }

    /// Variables of an inlined scope that closures capture are new each time.
    fn fresh_cells(&mut self, scope: cinder_semantic::ScopeId) {
        let names: Vec<Name> = self
            .index
            .scope(scope)
            .symbols
            .iter()
            .filter(|symbol| symbol.resolution == cinder_semantic::Resolution::Cell)
            .map(|symbol| symbol.name.as_str().into())
            .collect();
        for name in names {
            let cell = self.own_cell(scope, &name);
            self.emit(Op::FreshCell(cell));
        }
    }

    fn rounds(&mut self, generators: &'a [ast::Comprehension], element: Element<'a>, depth: u16) {
        let Some((generator, rest)) = generators.split_first() else {
            self.element(element, depth);
            return;
        };
        if depth > 0 {
            self.expression(&generator.iter);
        }
        if generator.is_async {
            self.emit(Op::Await);
        }
        // A generator expression is handed an iterator.
        if depth > 0 || !matches!(element, Element::Yield(_)) {
            self.emit(Op::GetIter);
        }
        let start = self.here();
        let next = self.emit(Op::ForIter(0));
        self.assign_to(&generator.target);
        for condition in &generator.ifs {
            self.expression(condition);
            let depth = if matches!(element, Element::Yield(_)) { 0 } else { depth + 2 };
            self.emit(Op::Filter { target: start, depth });
        }
        self.rounds(rest, element, depth + 1);
        self.emit(Op::Jump(start));
        self.land(next);
    }

    fn element(&mut self, element: Element<'a>, depth: u16) {
        match element {
            Element::List(value) => {
                self.expression(value);
                self.emit(Op::ListAppend(depth + 1));
            }
            Element::Set(value) => {
                self.expression(value);
                self.emit(Op::SetAdd(depth + 1));
            }
            Element::Dict(key, value) => match key {
                Some(key) => {
                    self.expression(key);
                    self.expression(value);
                    self.emit(Op::DictPut(depth + 2));
                }
                None => {
                    self.expression(value);
                    self.emit(Op::DictMerge(depth + 1));
                }
            },
            Element::Yield(value) => {
                self.expression(value);
                self.emit(Op::Yield);
                self.emit(Op::Pop);
            }
        }
    }

    fn generator(&mut self, node: &'a ast::ExprGenerator) {
        let Some(first) = node.generators.first() else { return };
        let scope = self.index.scope_of(ScopeKind::Generator, node.range).unwrap_or(self.unit().naming);
        let qualname = self.qualified("<genexpr>");
        let params = Params { positional: vec![".0".into()], ..Params::default() };
        self.enter(scope, CodeKind::Function, "<genexpr>", &qualname, params);
        self.at(node.range);
        self.unit().is_generator = true;
        self.emit(Op::LoadFast(0));
        self.rounds(&node.generators, Element::Yield(&node.elt), 0);
        let (code, wanted) = self.finish_unit();
        let spec = self.spec(code, &wanted);
        self.emit(Op::Function(Arc::new(spec)));
        self.expression(&first.iter);
        self.emit(Op::GetIter);
        self.emit(Op::Call { count: 1, names: None });
    }

    fn f_string(&mut self, node: &'a ast::ExprFString) {
        let mut parts = 0;
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(literal) => {
                    self.constant(Value::Str((&*literal.value).into()));
                    parts += 1;
                }
                ast::FStringPart::FString(string) => {
                    for element in &string.elements {
                        parts += self.interpolated(element);
                    }
                }
            }
        }
        self.emit(Op::Join(parts));
    }

    /// How many strings it leaves.
    fn interpolated(&mut self, element: &'a InterpolatedStringElement) -> u32 {
        match element {
            InterpolatedStringElement::Literal(literal) => {
                self.constant(Value::Str((&*literal.value).into()));
                1
            }
            InterpolatedStringElement::Interpolation(field) => {
                let mut parts = 1;
                if let Some(text) = &field.debug_text {
                    let text = format!("{}{}{}", text.leading(), self.text(field.expression.range()), text.trailing());
                    self.constant(Value::Str(text.into()));
                    parts += 1;
                }
                self.expression(&field.expression);
                let has_spec = field.format_spec.is_some();
                if let Some(spec) = &field.format_spec {
                    let count = spec.elements.iter().map(|element| self.interpolated(element)).sum();
                    self.emit(Op::Join(count));
                }
                let mut conversion = field.conversion as i8 as u8;
                if conversion == u8::MAX {
                    conversion = if field.debug_text.is_some() && !has_spec { b'r' } else { 0 };
                }
                self.emit(Op::Format { conversion, has_spec });
                parts
            }
        }
    }

    fn text(&self, range: TextRange) -> &'a str {
        cinder_text::slice(self.source.text, range)
    }

    fn t_string(&mut self, node: &'a ast::ExprTString) {
        let mut parts = 0;
        for string in node.value.iter() {
            for element in &string.elements {
                match element {
                    InterpolatedStringElement::Literal(literal) => {
                        self.constant(Value::Str((&*literal.value).into()));
                    }
                    InterpolatedStringElement::Interpolation(field) => self.expression(&field.expression),
                }
                parts += 1;
            }
        }
        self.emit(Op::Template(parts));
    }
}

#[derive(Clone, Copy)]
enum Element<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(Option<&'a Expr>, &'a Expr),
    Yield(&'a Expr),
}

fn number(value: &ast::Number) -> Value {
    match value {
        ast::Number::Int(value) => match value.as_i64() {
            Some(value) => Value::Int(value),
            None => {
                let text = value.to_string().replace('_', "");
                let lower = text.to_ascii_lowercase();
                let (digits, radix) = match lower.get(..2) {
                    Some("0x") => (&lower[2..], 16),
                    Some("0o") => (&lower[2..], 8),
                    Some("0b") => (&lower[2..], 2),
                    _ => (&lower[..], 10),
                };
                BigInt::parse_bytes(digits.as_bytes(), radix).map_or(Value::Int(0), Value::big)
            }
        },
        ast::Number::Float(value) => Value::Float(*value),
        ast::Number::Complex { real, imag } => Value::Complex(*real, *imag),
    }
}
