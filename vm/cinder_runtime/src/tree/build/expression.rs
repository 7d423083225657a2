//! Expressions.

use cinder_syntax::ast::{self, CmpOp, Expr, ExprContext, Number, UnaryOp};
use cinder_text::{Ranged, TextRange};
use cinder_vm::{PyResult, Value};

use super::{Builder, operator_name};

impl Builder<'_> {
    fn context(&self, context: ExprContext) -> PyResult<Value> {
        self.singleton(match context {
            ExprContext::Store => "Store",
            ExprContext::Del => "Del",
            ExprContext::Load | ExprContext::Invalid => "Load",
        })
    }

    pub(super) fn constant(&self, range: TextRange, value: Value, kind: Value) -> PyResult<Value> {
        self.located("Constant", range, &[("value", value), ("kind", kind)])
    }

    pub(super) fn expression(&self, expression: &Expr) -> PyResult<Value> {
        self.vm.check_native_stack()?;
        let range = expression.range();
        match expression {
            Expr::BoolOp(node) => {
                let op = self.singleton(if node.op == ast::BoolOp::And { "And" } else { "Or" })?;
                self.located("BoolOp", range, &[("op", op), ("values", self.expressions(&node.values)?)])
            }
            Expr::Named(node) => {
                let (target, value) = (self.expression(&node.target)?, self.expression(&node.value)?);
                self.located("NamedExpr", range, &[("target", target), ("value", value)])
            }
            Expr::BinOp(node) => {
                let (left, right) = (self.expression(&node.left)?, self.expression(&node.right)?);
                let op = self.singleton(operator_name(node.op))?;
                self.located("BinOp", range, &[("left", left), ("op", op), ("right", right)])
            }
            Expr::UnaryOp(node) => {
                let op = self.singleton(match node.op {
                    UnaryOp::Invert => "Invert",
                    UnaryOp::Not => "Not",
                    UnaryOp::UAdd => "UAdd",
                    UnaryOp::USub => "USub",
                })?;
                self.located("UnaryOp", range, &[("op", op), ("operand", self.expression(&node.operand)?)])
            }
            Expr::Lambda(node) => {
                let (args, body) = (self.parameters(node.parameters.as_deref())?, self.expression(&node.body)?);
                self.located("Lambda", range, &[("args", args), ("body", body)])
            }
            Expr::If(node) => {
                let fields = [
                    ("test", self.expression(&node.test)?),
                    ("body", self.expression(&node.body)?),
                    ("orelse", self.expression(&node.orelse)?),
                ];
                self.located("IfExp", range, &fields)
            }
            Expr::Dict(node) => {
                let keys = self.list(&node.items, |item| self.optional(item.key.as_ref()))?;
                let values = self.list(&node.items, |item| self.expression(&item.value))?;
                self.located("Dict", range, &[("keys", keys), ("values", values)])
            }
            Expr::Set(node) => self.located("Set", range, &[("elts", self.expressions(&node.elts)?)]),
            Expr::ListComp(node) => self.comprehension("ListComp", range, &node.elt, &node.generators),
            Expr::SetComp(node) => self.comprehension("SetComp", range, &node.elt, &node.generators),
            Expr::DictComp(node) => {
                let fields = [
                    ("key", self.optional(node.key.as_deref())?),
                    ("value", self.expression(&node.value)?),
                    ("generators", self.generators(&node.generators)?),
                ];
                self.located("DictComp", range, &fields)
            }
            Expr::Generator(node) => {
                let range = if node.parenthesized { range } else { self.with_parentheses(range) };
                self.comprehension("GeneratorExp", range, &node.elt, &node.generators)
            }
            Expr::Await(node) => self.located("Await", range, &[("value", self.expression(&node.value)?)]),
            Expr::Yield(node) => self.located("Yield", range, &[("value", self.optional(node.value.as_deref())?)]),
            Expr::YieldFrom(node) => self.located("YieldFrom", range, &[("value", self.expression(&node.value)?)]),
            Expr::Compare(node) => {
                let fields = [
                    ("left", self.expression(&node.left)?),
                    ("ops", self.list(&node.ops, |op| self.singleton(comparison_name(*op)))?),
                    ("comparators", self.expressions(&node.comparators)?),
                ];
                self.located("Compare", range, &fields)
            }
            Expr::Call(node) => {
                let fields = [
                    ("func", self.expression(&node.func)?),
                    ("args", self.expressions(&node.arguments.args)?),
                    ("keywords", self.keywords(&node.arguments.keywords)?),
                ];
                self.located("Call", range, &fields)
            }
            Expr::FString(node) => self.f_string(node),
            Expr::TString(node) => self.t_string(node),
            Expr::StringLiteral(node) => self.string(node),
            Expr::BytesLiteral(node) => {
                let content: Vec<u8> = node.value.bytes().collect();
                self.constant(range, self.vm.new_bytes(&content)?, Value::NONE)
            }
            Expr::NumberLiteral(node) => self.constant(range, self.number(&node.value)?, Value::NONE),
            Expr::BooleanLiteral(node) => self.constant(range, Value::from_bool(node.value), Value::NONE),
            Expr::NoneLiteral(_) => self.constant(range, Value::NONE, Value::NONE),
            Expr::EllipsisLiteral(_) => self.constant(range, Value::ELLIPSIS, Value::NONE),
            Expr::Attribute(node) => {
                let fields = [
                    ("value", self.expression(&node.value)?),
                    ("attr", self.name(node.attr.as_str())),
                    ("ctx", self.context(node.ctx)?),
                ];
                self.located("Attribute", range, &fields)
            }
            Expr::Subscript(node) => {
                let (value, slice) = (self.expression(&node.value)?, self.expression(&node.slice)?);
                self.located(
                    "Subscript",
                    range,
                    &[("value", value), ("slice", slice), ("ctx", self.context(node.ctx)?)],
                )
            }
            Expr::Starred(node) => {
                let fields = [("value", self.expression(&node.value)?), ("ctx", self.context(node.ctx)?)];
                self.located("Starred", range, &fields)
            }
            Expr::Name(node) => {
                self.located("Name", range, &[("id", self.name(node.id.as_str())), ("ctx", self.context(node.ctx)?)])
            }
            Expr::List(node) => {
                let elts = self.expressions(&node.elts)?;
                self.located("List", range, &[("elts", elts), ("ctx", self.context(node.ctx)?)])
            }
            Expr::Tuple(node) => {
                let elts = self.expressions(&node.elts)?;
                self.located("Tuple", range, &[("elts", elts), ("ctx", self.context(node.ctx)?)])
            }
            Expr::Slice(node) => {
                let fields = [
                    ("lower", self.optional(node.lower.as_deref())?),
                    ("upper", self.optional(node.upper.as_deref())?),
                    ("step", self.optional(node.step.as_deref())?),
                ];
                self.located("Slice", range, &fields)
            }
            Expr::IpyEscapeCommand(_) => Err(self.vm.system_error("IPython commands are no Python")),
        }
    }

    /// A call's only argument that is a generator expression borrows the call's parentheses.
    fn with_parentheses(&self, range: TextRange) -> TextRange {
        let open = self.source[..range.start().to_usize()].rfind('(');
        let close = self.source[range.end().to_usize()..].find(')');
        match (open, close) {
            (Some(open), Some(close)) => {
                TextRange::new((open as u32).into(), range.end() + cinder_text::TextSize::from(close as u32 + 1))
            }
            _ => range,
        }
    }

    fn comprehension(
        &self,
        class: &str,
        range: TextRange,
        elt: &Expr,
        generators: &[ast::Comprehension],
    ) -> PyResult<Value> {
        let elt = self.expression(elt)?;
        self.located(class, range, &[("elt", elt), ("generators", self.generators(generators)?)])
    }

    fn generators(&self, generators: &[ast::Comprehension]) -> PyResult<Value> {
        self.list(generators, |clause| {
            let fields = [
                ("target", self.expression(&clause.target)?),
                ("iter", self.expression(&clause.iter)?),
                ("ifs", self.expressions(&clause.ifs)?),
                ("is_async", self.vm.new_int(clause.is_async.into())?),
            ];
            self.node("comprehension", &fields)
        })
    }

    fn number(&self, number: &Number) -> PyResult<Value> {
        match number {
            Number::Int(int) => match int.as_i64() {
                Some(int) => self.vm.new_int(int),
                // The tree keeps large numbers as they are written.
                None => self.vm.call_builtin("int", &[self.vm.new_str(&int.to_string())?, Value::ZERO]),
            },
            Number::Float(float) => self.vm.new_float(*float),
            Number::Complex { real, imag } => {
                self.vm.call_builtin("complex", &[self.vm.new_float(*real)?, self.vm.new_float(*imag)?])
            }
        }
    }
}

fn comparison_name(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    }
}
