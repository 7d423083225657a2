//! Operators.
//!
//! Follows: the language specification, sections 4.5 to 4.7 and 6.

use cinder_syntax::ast::{self, CmpOp, Expr, Operator, UnaryOp};
use cinder_text::Ranged;
use cinder_types::{ConstValue, KnownClass, Prim, PrimBinaryOp, PrimCompareOp, PrimUnaryOp, Type};

use super::Checker;
use super::narrow::Effect;
use crate::rules::Rule;
use crate::typed::{Convert, ExprOp};

impl Checker<'_> {
    // ---- binary ------------------------------------------------------------------------------------

    pub(super) fn binary(&mut self, expr: &Expr, binary: &ast::ExprBinOp, expected: Option<&Type>) -> Type {
        let wanted = expected.and_then(Type::prim).filter(|_| binary.op != Operator::Pow);
        let (left, right) = self.operands(&binary.left, &binary.right, wanted);
        if !left.is_prim() && !right.is_prim() {
            let ty = self.object_binary(expr, &left, binary.op, &right);
            self.clobber();
            return self.set(expr, ty, ExprOp::Python);
        }
        if left == Type::Unknown || right == Type::Unknown {
            let ty = wanted.map_or(Type::Unknown, Type::Prim);
            return self.set(expr, ty, ExprOp::Python);
        }
        if binary.op == Operator::Mult
            && let Some(sequence) = repeated_sequence(&left, &right)
        {
            let count = if left.is_prim() { &binary.left } else { &binary.right };
            let count_ty = if left.is_prim() { left } else { right };
            if let Type::Prim(prim) = count_ty {
                self.set_convert(count, Convert::Box(prim));
            }
            self.clobber();
            return self.set(expr, sequence, ExprOp::Python);
        }
        self.prim_binary(expr, binary, &left, &right, wanted)
    }

    /// Visits both operands; a constant beside a primitive takes the primitive's kind.
    fn operands(&mut self, left: &Expr, right: &Expr, wanted: Option<Prim>) -> (Type, Type) {
        let expected = wanted.map(Type::Prim);
        if let Some(value) = self.folded(left)
            && self.folded(right).is_none()
        {
            let right_ty = self.expr(right, expected.as_ref());
            let left_ty = self.constant_beside(left, value, &right_ty, wanted, false);
            return (left_ty, right_ty);
        }
        let left_ty = self.expr(left, expected.as_ref());
        if let Some(value) = self.folded(right) {
            let right_ty = self.constant_beside(right, value, &left_ty, wanted, true);
            return (left_ty, right_ty);
        }
        let right_ty = self.expr(right, expected.as_ref());
        (left_ty, right_ty)
    }

    /// Visits a constant operand. Without an expected type a literal on the right is an `int64`, one on the left takes the kind of the right.
    fn constant_beside(
        &mut self,
        expr: &Expr,
        value: ConstValue,
        other: &Type,
        wanted: Option<Prim>,
        on_right: bool,
    ) -> Type {
        let kind = match (other, &value) {
            (Type::Prim(_), _) if wanted.is_some() => wanted,
            (Type::Prim(Prim::Double), _) => Some(Prim::Double),
            (Type::Prim(Prim::Bool), ConstValue::Bool(_)) => Some(Prim::Bool),
            (Type::Prim(_), ConstValue::Int(_)) if on_right => Some(Prim::Int64),
            (Type::Prim(prim), ConstValue::Int(_)) => Some(*prim),
            _ => None,
        };
        self.literal(expr, value, kind.map(Type::Prim).as_ref())
    }

    fn prim_binary(
        &mut self,
        expr: &Expr,
        binary: &ast::ExprBinOp,
        left: &Type,
        right: &Type,
        wanted: Option<Prim>,
    ) -> Type {
        let word = op_word(binary.op);
        let refuse = |this: &mut Self| {
            let ty = this.fail(Rule::PrimitiveOperands, expr.range(), format!("cannot {word} {left} and {right}"));
            this.set(expr, wanted.map_or(ty, Type::Prim), ExprOp::Python)
        };
        if let (Type::Prim(_) | Type::PrimLiteral(_), other) | (other, Type::Prim(_) | Type::PrimLiteral(_)) =
            (left, right)
            && !other.is_prim()
        {
            return refuse(self);
        }
        if *left == Type::Prim(Prim::Bool) || (*right == Type::Prim(Prim::Bool) && wanted.is_none()) {
            let message = format!("cbool is not a valid operand type for {word}");
            let ty = self.fail(Rule::PrimitiveOperands, expr.range(), message);
            return self.set(expr, ty, ExprOp::Python);
        }
        let common = match wanted {
            Some(want) => {
                let want_ty = Type::Prim(want);
                if !self.assignable(&want_ty, left) {
                    let message = self.mismatch(&want_ty, left);
                    self.report(Rule::InvalidAssignment, binary.left.range(), message);
                    return self.set(expr, want_ty, ExprOp::Python);
                }
                if !self.assignable(&want_ty, right) {
                    return refuse(self);
                }
                Some(want)
            }
            None => match (left.prim(), right.prim()) {
                (Some(left), Some(right)) => Prim::common(left, right),
                _ => None,
            },
        };
        let Some(common) = common else { return refuse(self) };
        // A literal exponent has no signedness of its own.
        let right_kind = if self.folded(&binary.right).is_some() { left.prim() } else { right.prim() };
        let (op, result) = match prim_op(binary.op, common, left.prim(), right_kind) {
            Some(found) => found,
            None => return refuse(self),
        };
        self.convert_to(&binary.left, left, &Type::Prim(common));
        self.convert_to(&binary.right, right, &Type::Prim(common));
        self.set(expr, Type::Prim(result), ExprOp::PrimBinary { op, prim: common })
    }

    fn object_binary(&mut self, expr: &Expr, left: &Type, op: Operator, right: &Type) -> Type {
        if op == Operator::BitOr && (matches!(left, Type::Class(_)) || matches!(right, Type::Class(_))) {
            let is_type = |ty: &Type| matches!(ty, Type::Class(_) | Type::None | Type::Special(_)) || ty.is_dynamic();
            if !(is_type(left) && is_type(right)) {
                let message = format!("unsupported operand type(s) for |: {left} and {right}");
                return self.fail(Rule::TypeUnionOperands, expr.range(), message);
            }
            return Type::Dynamic;
        }
        let exact_int = |ty: &Type| matches!(ty, Type::IntLiteral(_)) || *ty == Type::exact(KnownClass::Int);
        if exact_int(left) && exact_int(right) {
            return match op {
                Operator::Div => Type::exact(KnownClass::Float),
                // A negative exponent gives a float.
                Operator::Pow | Operator::MatMult => Type::Dynamic,
                _ => Type::exact(KnownClass::Int),
            };
        }
        if op == Operator::Mult {
            for (sequence, count) in [(left, right), (right, left)] {
                let known =
                    matches!(sequence.known_class(), Some(KnownClass::List | KnownClass::Tuple)) && sequence.is_exact();
                if known && count.is_instance_of_known(KnownClass::Int) {
                    return sequence.clone();
                }
            }
        }
        Type::Dynamic
    }

    // ---- unary -------------------------------------------------------------------------------------

    pub(super) fn unary(&mut self, expr: &Expr, unary: &ast::ExprUnaryOp, expected: Option<&Type>) -> (Type, Effect) {
        if unary.op == UnaryOp::Not {
            let (operand, effect) = self.test(&unary.operand);
            let ty = match operand.prim() {
                Some(prim) => self.set(expr, Type::Prim(Prim::Bool), ExprOp::PrimUnary { op: PrimUnaryOp::Not, prim }),
                None => self.set(expr, Type::bool(), ExprOp::Python),
            };
            if operand == Type::Prim(Prim::Double) {
                let ty = self.fail(Rule::PrimitiveOperands, expr.range(), "Cannot invert/not a double");
                return (ty, Effect::default());
            }
            return (ty, effect.reversed());
        }
        let operand = self.expr(&unary.operand, expected);
        let ty = self.unary_of(expr, unary.op, &operand);
        (ty, Effect::default())
    }

    fn unary_of(&mut self, expr: &Expr, op: UnaryOp, operand: &Type) -> Type {
        match operand {
            Type::Prim(Prim::Double) => {
                if op == UnaryOp::Invert {
                    let ty = self.fail(Rule::PrimitiveOperands, expr.range(), "Cannot invert/not a double");
                    return self.set(expr, ty, ExprOp::Python);
                }
                self.prim_unary(expr, op, Prim::Double)
            }
            Type::Prim(prim) => self.prim_unary(expr, op, *prim),
            Type::None => {
                let message = format!("bad operand type for unary {}: 'NoneType'", op.as_str());
                let ty = self.fail(Rule::NoneOperation, expr.range(), message);
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Union(_) if operand.is_optional() => {
                let message = format!("{operand}: bad operand type for unary {}: 'NoneType'", op.as_str());
                let ty = self.fail(Rule::NoneOperation, expr.range(), message);
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Special(cinder_types::Special::Optional | cinder_types::Special::Union) => {
                let ty = self.fail(Rule::UnboundUnion, expr.range(), "cannot unary op unbound Union");
                self.set(expr, ty, ExprOp::Python)
            }
            _ => {
                self.clobber();
                let numeric = |ty: &Type| {
                    matches!(ty.known_class(), Some(KnownClass::Int | KnownClass::Complex | KnownClass::Float))
                };
                let members: Vec<Type> = operand.members().iter().map(Type::without_literal).collect();
                if members.iter().all(numeric) {
                    let ty = self.union(expr.range(), members);
                    return if ty.is_exact() { self.set(expr, ty, ExprOp::Python) } else { self.trusted(expr, ty) };
                }
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
        }
    }

    fn prim_unary(&mut self, expr: &Expr, op: UnaryOp, prim: Prim) -> Type {
        let number = match op {
            UnaryOp::USub if prim == Prim::Double => PrimUnaryOp::DoubleNeg,
            UnaryOp::USub => PrimUnaryOp::Neg,
            UnaryOp::Invert => PrimUnaryOp::Invert,
            UnaryOp::Not => PrimUnaryOp::Not,
            // `+x` is the value itself; codegen sees a forward of the operand.
            UnaryOp::UAdd => return self.set(expr, Type::Prim(prim), ExprOp::Forward(0)),
        };
        self.set(expr, Type::Prim(prim), ExprOp::PrimUnary { op: number, prim })
    }

    // ---- comparison --------------------------------------------------------------------------------

    pub(super) fn compare(&mut self, expr: &Expr, compare: &ast::ExprCompare) -> (Type, Effect) {
        let operands: Vec<&Expr> = std::iter::once(&*compare.left).chain(&compare.comparators).collect();
        let types = self.compared(&operands, &compare.ops);
        let effect = self.none_test(compare, &types);
        let mut prims = Vec::new();
        let mut result: Option<Type> = None;
        for (index, op) in compare.ops.iter().enumerate() {
            let (left, right) = (&types[index], &types[index + 1]);
            let ty = if left.is_prim() || right.is_prim() {
                match self.prim_compare(expr, operands[index], *op, operands[index + 1], left, right) {
                    Ok(found) => {
                        prims.push(found);
                        Type::Prim(Prim::Bool)
                    }
                    Err(ty) => ty,
                }
            } else {
                self.object_compare(expr, left, *op, right)
            };
            result = Some(match result {
                None => ty,
                Some(before) if before == ty => ty,
                Some(Type::Unknown) => Type::Unknown,
                Some(before) => self.union(expr.range(), [before, ty]),
            });
        }
        let ty = result.unwrap_or(Type::Dynamic);
        let op = if prims.len() == compare.ops.len() { ExprOp::PrimCompare(prims.into()) } else { ExprOp::Python };
        if !compare.ops.iter().all(|op| matches!(op, CmpOp::Is | CmpOp::IsNot)) && !ty.is_prim() {
            self.clobber();
        }
        (self.set(expr, ty, op), effect)
    }

    /// Visits the operands of a comparison: constants beside primitives take their kind.
    fn compared(&mut self, operands: &[&Expr], ops: &[CmpOp]) -> Vec<Type> {
        let mut types: Vec<Option<Type>> = operands
            .iter()
            .map(|operand| if self.folded(operand).is_none() { Some(self.expr(operand, None)) } else { None })
            .collect();
        for index in 0..operands.len() {
            if types[index].is_some() {
                continue;
            }
            let Some(value) = self.folded(operands[index]) else { continue };
            let contained = index > 0 && matches!(ops[index - 1], CmpOp::In | CmpOp::NotIn);
            let beside = [index.checked_sub(1), Some(index + 1)]
                .into_iter()
                .flatten()
                .find_map(|near| types.get(near)?.as_ref()?.prim())
                .filter(|_| !contained);
            let kind = match (beside, &value) {
                (Some(Prim::Double), ConstValue::Float(_)) => Some(Prim::Double),
                (Some(Prim::Bool), ConstValue::Bool(_)) => Some(Prim::Bool),
                (Some(prim), ConstValue::Int(_)) if prim.is_int() => Some(prim),
                _ => None,
            };
            types[index] = Some(self.literal(operands[index], value, kind.map(Type::Prim).as_ref()));
        }
        types.into_iter().map(|ty| ty.unwrap_or(Type::Dynamic)).collect()
    }

    fn prim_compare(
        &mut self,
        expr: &Expr,
        left_expr: &Expr,
        op: CmpOp,
        right_expr: &Expr,
        left: &Type,
        right: &Type,
    ) -> Result<(PrimCompareOp, Prim), Type> {
        if *left == Type::Unknown || *right == Type::Unknown {
            return Err(Type::Prim(Prim::Bool));
        }
        if matches!(op, CmpOp::In | CmpOp::NotIn) && !right.is_prim() {
            if let Type::Prim(prim) = left {
                self.set_convert(left_expr, Convert::Box(*prim));
            }
            return Err(Type::bool());
        }
        if let (Type::PrimLiteral(_), Type::Prim(prim)) | (Type::Prim(prim), Type::PrimLiteral(_)) = (left, right) {
            let (at, literal) =
                if matches!(left, Type::PrimLiteral(_)) { (left_expr, left) } else { (right_expr, right) };
            let message = self.mismatch(&Type::Prim(*prim), literal);
            self.report(Rule::InvalidAssignment, at.range(), message);
            return Err(Type::Prim(Prim::Bool));
        }
        if let (other, Type::Prim(_)) = (left, right)
            && !other.is_prim()
        {
            if *right == Type::Prim(Prim::Double) {
                self.report(Rule::PrimitiveComparison, expr.range(), format!("can't compare {right} to {left}"));
            } else {
                let message = self.mismatch(right, left);
                self.report(Rule::InvalidAssignment, left_expr.range(), message);
            }
            return Err(Type::Prim(Prim::Bool));
        }
        let common = match (left.prim(), right.prim()) {
            (Some(left), Some(right)) => Prim::common(left, right),
            _ => None,
        };
        let number = common.and_then(|common| compare_op(op, common));
        match (number, common) {
            (Some(number), Some(common)) => Ok((number, common)),
            _ => {
                self.report(Rule::PrimitiveComparison, expr.range(), format!("can't compare {left} to {right}"));
                Err(Type::Prim(Prim::Bool))
            }
        }
    }

    fn object_compare(&mut self, expr: &Expr, left: &Type, op: CmpOp, right: &Type) -> Type {
        match op {
            CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => Type::bool(),
            CmpOp::Eq | CmpOp::NotEq => Type::Dynamic,
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
                let none = |ty: &Type| *ty == Type::None || ty.is_optional();
                if none(left) || none(right) {
                    let text = format!("'{}' not supported between '{left}' and '{right}'", op.as_str());
                    let message = if left.is_union() { format!("{left}: {text}") } else { text };
                    return self.fail(Rule::NoneOperation, expr.range(), message);
                }
                Type::Dynamic
            }
        }
    }

    // ---- conditional -------------------------------------------------------------------------------

    pub(super) fn conditional(&mut self, expr: &Expr, conditional: &ast::ExprIf, expected: Option<&Type>) -> Type {
        let (test, effect) = self.test(&conditional.test);
        let _ = test;
        let before = self.flow.clone();
        self.apply(&effect.then);
        let body = self.expr(&conditional.body, expected);
        let after_body = std::mem::replace(&mut self.flow, before);
        self.apply(&effect.otherwise);
        let orelse = self.expr(&conditional.orelse, expected);
        let mut merged = after_body;
        std::mem::swap(&mut merged, &mut self.flow);
        self.merge(&merged, expr.range());
        let ty = match (&body, &orelse) {
            (Type::Prim(left), Type::Prim(right)) if left != right => match expected.and_then(Type::prim) {
                Some(want) if want.accepts(*left) && want.accepts(*right) => {
                    self.convert_to(&conditional.body, &body, &Type::Prim(want));
                    self.convert_to(&conditional.orelse, &orelse, &Type::Prim(want));
                    Type::Prim(want)
                }
                _ => self.union(expr.range(), [body, orelse]),
            },
            _ => self.union(expr.range(), [body, orelse]),
        };
        self.set(expr, ty, ExprOp::Python)
    }
}

/// The sequence of `list * prim` in either order.
fn repeated_sequence(left: &Type, right: &Type) -> Option<Type> {
    let sequence = |ty: &Type| matches!(ty.known_class(), Some(KnownClass::List | KnownClass::Tuple)) && ty.is_exact();
    match (left, right) {
        (Type::Prim(prim), other) | (other, Type::Prim(prim)) if prim.is_signed() && sequence(other) => {
            Some(other.clone())
        }
        _ => None,
    }
}

/// How messages name an operator.
pub(super) fn op_word(op: Operator) -> &'static str {
    match op {
        Operator::Add => "add",
        Operator::Sub => "subtract",
        Operator::Mult => "multiply",
        Operator::MatMult => "matrix multiply",
        Operator::Div | Operator::FloorDiv => "divide",
        Operator::Mod => "modulus",
        Operator::Pow => "pow",
        Operator::LShift => "left shift",
        Operator::RShift => "right shift",
        Operator::BitOr => "bitwise or",
        Operator::BitXor => "xor",
        Operator::BitAnd => "bitwise and",
    }
}

/// The machine operation in kind `prim` and the kind of its result.
pub(super) fn prim_op(
    op: Operator,
    prim: Prim,
    left: Option<Prim>,
    right: Option<Prim>,
) -> Option<(PrimBinaryOp, Prim)> {
    if prim == Prim::Double {
        let op = match op {
            Operator::Add => PrimBinaryOp::DoubleAdd,
            Operator::Sub => PrimBinaryOp::DoubleSub,
            Operator::Mult => PrimBinaryOp::DoubleMul,
            Operator::Div => PrimBinaryOp::DoubleDiv,
            Operator::Mod => PrimBinaryOp::DoubleMod,
            Operator::Pow => PrimBinaryOp::DoublePow,
            _ => return None,
        };
        return Some((op, Prim::Double));
    }
    let signed = prim.is_signed();
    let choose = |on_signed, on_unsigned| if signed { on_signed } else { on_unsigned };
    let op = match op {
        Operator::Add => PrimBinaryOp::Add,
        Operator::Sub => PrimBinaryOp::Sub,
        Operator::Mult => PrimBinaryOp::Mul,
        Operator::Div | Operator::FloorDiv => choose(PrimBinaryOp::Div, PrimBinaryOp::DivUnsigned),
        Operator::Mod => choose(PrimBinaryOp::Mod, PrimBinaryOp::ModUnsigned),
        Operator::Pow => {
            if left.map(Prim::is_signed) != right.map(Prim::is_signed) {
                return None;
            }
            return Some((choose(PrimBinaryOp::Pow, PrimBinaryOp::PowUnsigned), Prim::Double));
        }
        Operator::LShift => PrimBinaryOp::LShift,
        Operator::RShift => choose(PrimBinaryOp::RShift, PrimBinaryOp::RShiftUnsigned),
        Operator::BitXor => PrimBinaryOp::Xor,
        Operator::BitOr => PrimBinaryOp::Or,
        Operator::BitAnd => PrimBinaryOp::And,
        Operator::MatMult => return None,
    };
    Some((op, prim))
}

fn compare_op(op: CmpOp, prim: Prim) -> Option<PrimCompareOp> {
    use PrimCompareOp as Op;
    let (double, signed) = (prim == Prim::Double, prim.is_signed());
    let choose = |on_signed, on_unsigned, on_double| {
        if double {
            on_double
        } else if signed {
            on_signed
        } else {
            on_unsigned
        }
    };
    Some(match op {
        CmpOp::Eq => choose(Op::Eq, Op::Eq, Op::DoubleEq),
        CmpOp::NotEq => choose(Op::NotEq, Op::NotEq, Op::DoubleNotEq),
        CmpOp::Lt => choose(Op::Lt, Op::LtUnsigned, Op::DoubleLt),
        CmpOp::LtE => choose(Op::LtE, Op::LtEUnsigned, Op::DoubleLtE),
        CmpOp::Gt => choose(Op::Gt, Op::GtUnsigned, Op::DoubleGt),
        CmpOp::GtE => choose(Op::GtE, Op::GtEUnsigned, Op::DoubleGtE),
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => return None,
    })
}
