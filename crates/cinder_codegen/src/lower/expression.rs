//! Expressions.

use super::{Label, Lowerer, Reg, grow};
use cinder_bytecode::{BinaryOp, CompareOp, Constant, Opcode};
use cinder_semantic::ScopeKind;
use cinder_syntax::ast::{self, BoolOp, CmpOp, Expr, Operator, UnaryOp};
use cinder_text::{Ranged, TextRange};

pub(super) fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Subtract,
        Operator::Mult => BinaryOp::Multiply,
        Operator::MatMult => BinaryOp::MatrixMultiply,
        Operator::Div => BinaryOp::TrueDivide,
        Operator::Mod => BinaryOp::Remainder,
        Operator::Pow => BinaryOp::Power,
        Operator::LShift => BinaryOp::LeftShift,
        Operator::RShift => BinaryOp::RightShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDivide,
    }
}

impl<'a> Lowerer<'a> {
    /// The register that holds the value: a named local, or a temporary at the mark.
    ///
    /// A named local may change before it is read, when what follows can assign it; see [`Lowerer::operand`].
    pub(super) fn value(&mut self, expression: &'a Expr) -> Reg {
        self.lower(expression, None)
    }

    /// Like `value`, safe to read after any further expression.
    pub(super) fn operand(&mut self, expression: &'a Expr) -> Reg {
        let register = self.value(expression);
        if self.walrus.contains(&register) {
            let copy = self.alloc_like(register);
            self.move_to(copy, register);
            return copy;
        }
        register
    }

    pub(super) fn value_to(&mut self, expression: &'a Expr, dst: Reg) {
        let mark = self.top;
        let register = self.lower(expression, Some(dst));
        debug_assert_eq!(register, dst);
        self.top = mark;
    }

    /// The value in a fresh temporary: the register at the mark.
    pub(super) fn temporary(&mut self, expression: &'a Expr) -> Reg {
        let mark = self.top;
        let register = self.lower(expression, None);
        if register != mark {
            if self.kind_of(register) != cinder_bytecode::RegisterKind::Tagged {
                self.error("a primitive value stands where an object is expected", expression.range());
            }
            self.top = mark;
            let copy = self.alloc();
            self.move_to(copy, register);
            debug_assert_eq!(copy, mark);
            return copy;
        }
        debug_assert_eq!(register, mark);
        register
    }

    /// Evaluates for effect.
    pub(super) fn discard(&mut self, expression: &'a Expr) {
        let mark = self.top;
        self.value(expression);
        self.top = mark;
    }

    /// `dst` for steps that write their result before they are done with reading: a named local would be seen half-done.
    pub(super) fn accumulator(&mut self, dst: Option<Reg>) -> Reg {
        match dst {
            Some(register) if !self.is_named(register) => register,
            _ => self.alloc(),
        }
    }

    /// Brings the value of an accumulator to where it is wanted.
    pub(super) fn settle(&mut self, mark: Reg, accumulator: Reg, dst: Option<Reg>) -> Reg {
        let out = self.finish(mark, dst);
        self.move_to(out, accumulator);
        out
    }

    fn lower(&mut self, expression: &'a Expr, dst: Option<Reg>) -> Reg {
        grow(|| self.lower_node(expression, dst))
    }

    fn lower_node(&mut self, expression: &'a Expr, dst: Option<Reg>) -> Reg {
        match self.facts_of(expression) {
            Some(facts) => self.typed_value(expression, facts, dst),
            None => self.plain_value(expression, dst),
        }
    }

    /// The value as ordinary Python makes it.
    pub(super) fn plain_value(&mut self, expression: &'a Expr, dst: Option<Reg>) -> Reg {
        if let Some(constant) = self.constant(expression) {
            self.at(expression);
            return self.constant_value(constant, dst);
        }
        match expression {
            Expr::Name(node) => {
                self.at(node);
                self.load_name(&node.id, dst)
            }
            Expr::BoolOp(node) => self.bool_op(node, dst),
            Expr::Named(node) => self.named_expression(node, dst),
            Expr::BinOp(node) => self.binary(node, dst),
            Expr::UnaryOp(node) => self.unary(node, dst),
            Expr::Lambda(node) => self.lambda(node, dst),
            Expr::If(node) => self.conditional_expression(node, dst),
            Expr::Dict(node) => self.dict(node, dst),
            Expr::Set(node) => self.set(node, dst),
            Expr::List(node) => self.list(&node.elts, node, dst),
            Expr::Tuple(node) => self.tuple(&node.elts, node, dst),
            Expr::ListComp(node) => self.list_comprehension(node, dst),
            Expr::SetComp(node) => self.set_comprehension(node, dst),
            Expr::DictComp(node) => self.dict_comprehension(node, dst),
            Expr::Generator(node) => self.generator_expression(node, dst),
            Expr::Await(node) => self.await_expression(node, dst),
            Expr::Yield(node) => self.yield_expression(node, dst),
            Expr::YieldFrom(node) => self.yield_from(node, dst),
            Expr::Compare(node) => self.compare(node, dst),
            Expr::Call(node) => self.call(node, dst),
            Expr::FString(node) => self.f_string(node, dst),
            Expr::TString(node) => self.t_string(node, dst),
            Expr::Attribute(node) => self.attribute(node, dst),
            Expr::Subscript(node) => self.subscript(node, dst),
            Expr::Slice(node) => self.slice_object(node, dst),
            Expr::Starred(node) => {
                self.error("can't use starred expression here", node.range);
                self.constant_value(Constant::None, dst)
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => unreachable!("literals are constants"),
            Expr::IpyEscapeCommand(node) => {
                self.error("invalid syntax", node.range);
                self.constant_value(Constant::None, dst)
            }
        }
    }

    fn named_expression(&mut self, node: &'a ast::ExprNamed, dst: Option<Reg>) -> Reg {
        let Expr::Name(target) = &*node.target else {
            self.error("cannot use assignment expressions here", node.range);
            return self.constant_value(Constant::None, dst);
        };
        if let Some(register) = self.local_register(&target.id) {
            self.value_to(&node.value, register);
            self.at(node);
            if let Some(dst) = dst {
                self.move_to(dst, register);
            }
            return dst.unwrap_or(register);
        }
        let mark = self.top;
        let value = self.value(&node.value);
        self.at(target);
        self.store_name(&target.id, value);
        match dst {
            Some(dst) => self.settle(mark, value, Some(dst)),
            None => value,
        }
    }

    fn binary(&mut self, node: &'a ast::ExprBinOp, dst: Option<Reg>) -> Reg {
        if node.op == Operator::Mod
            && let Some(register) = self.percent_format(node, dst)
        {
            return register;
        }
        let mark = self.top;
        let left = self.operand(&node.left);
        let op = binary_op(node.op);
        self.binary_right(op, left, &node.right, node, mark, dst)
    }

    /// `left op right`, with the right side evaluated here.
    pub(super) fn binary_right(
        &mut self,
        op: BinaryOp,
        left: Reg,
        right: &'a Expr,
        node: &impl Ranged,
        mark: Reg,
        dst: Option<Reg>,
    ) -> Reg {
        if let Some(constant) = self.small_constant(right) {
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit_number(Opcode::BINARY_OP_K, out, left, constant, op.number().into());
            return out;
        }
        let right = self.value(right);
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit_number(Opcode::BINARY_OP, out, left, right, op.number().into());
        out
    }

    /// Index of a constant operand that fits the `_K` forms.
    pub(super) fn small_constant(&mut self, expression: &'a Expr) -> Option<u32> {
        let constant = self.constant(expression)?;
        let place = self.constants.place(constant);
        (place <= u32::from(u16::MAX)).then_some(place)
    }

    fn unary(&mut self, node: &'a ast::ExprUnaryOp, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        if node.op == UnaryOp::Not
            && let Expr::Compare(compare) = &*node.operand
            && let [op @ (CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn)] = &*compare.ops
        {
            let inverse = match op {
                CmpOp::Is => CmpOp::IsNot,
                CmpOp::IsNot => CmpOp::Is,
                CmpOp::In => CmpOp::NotIn,
                _ => CmpOp::In,
            };
            return self.single_compare(compare, inverse, dst);
        }
        let operand = self.value(&node.operand);
        let out = self.finish(mark, dst);
        self.at(node);
        let op = match node.op {
            UnaryOp::Invert => Opcode::UNARY_INVERT,
            UnaryOp::Not => Opcode::UNARY_NOT,
            UnaryOp::UAdd => Opcode::UNARY_POSITIVE,
            UnaryOp::USub => Opcode::UNARY_NEGATIVE,
        };
        self.emit(op, out, operand, 0);
        out
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let result = self.accumulator(dst);
        let end = self.label();
        let (last, others) = node.values.split_last().expect("a boolean operation has operands");
        for value in others {
            self.bool_operand(value, result, node.op == BoolOp::Or, end, node.range);
        }
        self.value_to(last, result);
        self.place(end);
        self.settle(mark, result, dst)
    }

    /// Jumps to `target` when the truth of `operand` is `when`, with its value in `result`; else falls through. Each truth is asked once.
    fn bool_operand(&mut self, operand: &'a Expr, result: Reg, when: bool, target: Label, range: TextRange) {
        match operand {
            Expr::BoolOp(inner) if self.facts_of(operand).is_none() && self.constant(operand).is_none() => grow(|| {
                let (last, others) = inner.values.split_last().expect("a boolean operation has operands");
                let decisive = inner.op == BoolOp::Or;
                let next = self.label();
                for value in others {
                    let goal = if decisive == when { target } else { next };
                    self.bool_operand(value, result, decisive, goal, inner.range);
                }
                self.bool_operand(last, result, when, target, range);
                self.place(next);
            }),
            _ => {
                self.value_to(operand, result);
                self.range = Some(range);
                self.jump_if(result, when, target);
            }
        }
    }

    fn conditional_expression(&mut self, node: &'a ast::ExprIf, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let (otherwise, end) = (self.label(), self.label());
        self.condition(&node.test, false, otherwise);
        self.top = mark;
        let out = self.finish(mark, dst);
        self.value_to(&node.body, out);
        self.range = None;
        self.jump(end);
        self.place(otherwise);
        self.value_to(&node.orelse, out);
        self.place(end);
        out
    }

    fn compare(&mut self, node: &'a ast::ExprCompare, dst: Option<Reg>) -> Reg {
        if let [op] = &*node.ops {
            return self.single_compare(node, *op, dst);
        }
        let mark = self.top;
        let result = self.accumulator(dst);
        let end = self.label();
        let inner = self.top;
        let mut left = self.operand(&node.left);
        let last = node.ops.len() - 1;
        for (position, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let right = self.operand(right);
            self.at(node);
            self.emit_compare(*op, result, left, right);
            if position < last {
                self.jump_if(result, false, end);
                left = self.keep_operand(inner, right);
            }
        }
        self.place(end);
        self.settle(mark, result, dst)
    }

    /// Drops all temporaries above `mark` but keeps the value in `register`, which may be one of them.
    pub(super) fn keep_operand(&mut self, mark: Reg, register: Reg) -> Reg {
        if self.is_named(register) || register <= mark {
            return register;
        }
        self.top = mark;
        let kept = self.alloc();
        self.move_to(kept, register);
        kept
    }

    fn single_compare(&mut self, node: &'a ast::ExprCompare, op: CmpOp, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let left = self.operand(&node.left);
        let right = &node.comparators[0];
        if let Some(number) = ordering(op)
            && let Some(constant) = self.small_constant(right)
        {
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit_number(Opcode::COMPARE_OP_K, out, left, constant, number.number().into());
            return out;
        }
        let right = self.container(right, op);
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit_compare(op, out, left, right);
        out
    }

    /// The right side of a comparison; the list or set of an `in` test is made once when its items are constants.
    pub(super) fn container(&mut self, right: &'a Expr, op: CmpOp) -> Reg {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(constant) = self.constant_container(right)
        {
            self.at(right);
            return self.constant_value(constant, None);
        }
        self.operand(right)
    }

    /// A list display of constants as a tuple, a set display as a frozenset.
    pub(super) fn constant_container(&mut self, expression: &'a Expr) -> Option<Constant> {
        match expression {
            Expr::List(list) => self.constants(&list.elts).map(|items| Constant::Tuple(items.into())),
            Expr::Set(set) => self.constants(&set.elts).map(|items| Constant::FrozenSet(items.into())),
            _ => None,
        }
    }

    pub(super) fn emit_compare(&mut self, op: CmpOp, out: Reg, left: Reg, right: Reg) {
        if let Some(number) = ordering(op) {
            return self.emit_number(Opcode::COMPARE_OP, out, left, right, number.number().into());
        }
        let op = match op {
            CmpOp::Is => Opcode::IS_OP,
            CmpOp::IsNot => Opcode::IS_NOT_OP,
            CmpOp::In => Opcode::CONTAINS_OP,
            _ => Opcode::NOT_CONTAINS_OP,
        };
        self.emit(op, out, left, right);
    }

    fn attribute(&mut self, node: &'a ast::ExprAttribute, dst: Option<Reg>) -> Reg {
        if let Some(register) = self.super_attribute(node, dst) {
            return register;
        }
        let mark = self.top;
        let object = self.value(&node.value);
        let out = self.finish(mark, dst);
        let name = self.mangled(&node.attr.id);
        self.at_attribute(node);
        self.emit_name(Opcode::LOAD_ATTR, out, object, 0, &name);
        out
    }

    /// The place of an attribute access: the whole expression, from the attribute's own line on when they differ.
    pub(super) fn at_attribute(&mut self, node: &ast::ExprAttribute) {
        let range = node.range;
        let name = node.attr.range;
        self.range =
            if self.line_number(range.start()) == self.line_number(name.start()) { Some(range) } else { Some(name) };
    }

    fn subscript(&mut self, node: &'a ast::ExprSubscript, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let object = self.operand(&node.value);
        if let Some(constant) = self.small_constant(&node.slice) {
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit(Opcode::LOAD_SUBSCR_K, out, object, constant);
            return out;
        }
        if let Expr::Slice(slice) = &*node.slice
            && slice.step.is_none()
        {
            let bounds = self.slice_bounds(slice);
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit(Opcode::LOAD_SLICE, out, object, bounds);
            return out;
        }
        let key = self.value(&node.slice);
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit(Opcode::LOAD_SUBSCR, out, object, key);
        out
    }

    /// Lower and upper bound in two registers in a row.
    pub(super) fn slice_bounds(&mut self, slice: &'a ast::ExprSlice) -> Reg {
        let first = self.top;
        for bound in [&slice.lower, &slice.upper] {
            self.slice_bound(bound.as_deref(), slice);
        }
        first
    }

    fn slice_bound(&mut self, bound: Option<&'a Expr>, slice: &ast::ExprSlice) {
        match bound {
            Some(bound) => {
                self.temporary(bound);
            }
            None => {
                self.at(slice);
                let register = self.alloc();
                self.load_none(register);
            }
        }
    }

    fn slice_object(&mut self, node: &'a ast::ExprSlice, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let first = self.slice_bounds(node);
        self.slice_bound(node.step.as_deref(), node);
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit(Opcode::BUILD_SLICE, out, first, 0);
        out
    }

    fn lambda(&mut self, node: &'a ast::ExprLambda, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let places = self.function_places(node.parameters.as_deref());
        let scope = self.scope_at(ScopeKind::Lambda, node.range);
        let line = self.line_number(node.range.start());
        self.enter(scope, "<lambda>", line, node.parameters.as_deref());
        let value = self.value(&node.body);
        self.at(&*node.body);
        self.emit_return(value);
        let code = self.leave();
        self.at(node);
        self.make_function(code, scope, places, None, mark, dst)
    }
}

/// The rich comparison of an operator; `None` for `is` and `in`.
pub(super) fn ordering(op: CmpOp) -> Option<CompareOp> {
    Some(match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::Ne,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::Le,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::Ge,
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => return None,
    })
}
