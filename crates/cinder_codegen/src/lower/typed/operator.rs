//! Operators on raw values.

use super::super::{Lowerer, Reg};
use super::tables::primitive;
use super::{kind_of_prim, kind_of_repr};
use cinder_bytecode::{CompareOp, Opcode, RegisterKind};
use cinder_static::typed::ExprFacts;
use cinder_syntax::ast::{self, BoolOp, Expr};
use cinder_text::Ranged;
use cinder_types::{Prim, PrimBinaryOp, PrimCompareOp, PrimUnaryOp};

/// The instruction of an operator, and the kind of its result.
fn binary_opcode(op: PrimBinaryOp) -> (Opcode, RegisterKind) {
    use RegisterKind::{Double, Int};
    match op {
        PrimBinaryOp::Add => (Opcode::PRIMITIVE_ADD_INT, Int),
        PrimBinaryOp::Sub => (Opcode::PRIMITIVE_SUB_INT, Int),
        PrimBinaryOp::Mul => (Opcode::PRIMITIVE_MUL_INT, Int),
        PrimBinaryOp::Div => (Opcode::PRIMITIVE_DIV_INT, Int),
        PrimBinaryOp::DivUnsigned => (Opcode::PRIMITIVE_DIV_UINT, Int),
        PrimBinaryOp::Mod => (Opcode::PRIMITIVE_MOD_INT, Int),
        PrimBinaryOp::ModUnsigned => (Opcode::PRIMITIVE_MOD_UINT, Int),
        PrimBinaryOp::Pow | PrimBinaryOp::PowUnsigned => (Opcode::PRIMITIVE_POW_INT, Double),
        PrimBinaryOp::LShift => (Opcode::PRIMITIVE_LSHIFT_INT, Int),
        PrimBinaryOp::RShift => (Opcode::PRIMITIVE_RSHIFT_INT, Int),
        PrimBinaryOp::RShiftUnsigned => (Opcode::PRIMITIVE_RSHIFT_UINT, Int),
        PrimBinaryOp::Xor => (Opcode::PRIMITIVE_XOR_INT, Int),
        PrimBinaryOp::Or => (Opcode::PRIMITIVE_OR_INT, Int),
        PrimBinaryOp::And => (Opcode::PRIMITIVE_AND_INT, Int),
        PrimBinaryOp::DoubleAdd => (Opcode::PRIMITIVE_ADD_DOUBLE, Double),
        PrimBinaryOp::DoubleSub => (Opcode::PRIMITIVE_SUB_DOUBLE, Double),
        PrimBinaryOp::DoubleMul => (Opcode::PRIMITIVE_MUL_DOUBLE, Double),
        PrimBinaryOp::DoubleDiv => (Opcode::PRIMITIVE_DIV_DOUBLE, Double),
        PrimBinaryOp::DoubleMod => (Opcode::PRIMITIVE_MOD_DOUBLE, Double),
        PrimBinaryOp::DoublePow => (Opcode::PRIMITIVE_POW_DOUBLE, Double),
    }
}

fn compare_opcode(op: PrimCompareOp) -> (Opcode, CompareOp) {
    use PrimCompareOp as P;
    let compare = match op {
        P::Eq | P::DoubleEq => CompareOp::Eq,
        P::NotEq | P::DoubleNotEq => CompareOp::Ne,
        P::Lt | P::LtUnsigned | P::DoubleLt => CompareOp::Lt,
        P::LtE | P::LtEUnsigned | P::DoubleLtE => CompareOp::Le,
        P::Gt | P::GtUnsigned | P::DoubleGt => CompareOp::Gt,
        P::GtE | P::GtEUnsigned | P::DoubleGtE => CompareOp::Ge,
    };
    let opcode = match op {
        P::Eq | P::NotEq | P::Lt | P::LtE | P::Gt | P::GtE => Opcode::PRIMITIVE_COMPARE_INT,
        P::LtUnsigned | P::LtEUnsigned | P::GtUnsigned | P::GtEUnsigned => Opcode::PRIMITIVE_COMPARE_UINT,
        _ => Opcode::PRIMITIVE_COMPARE_DOUBLE,
    };
    (opcode, compare)
}

impl<'a> Lowerer<'a> {
    pub(super) fn prim_binary_node(
        &mut self,
        node: &'a ast::ExprBinOp,
        op: PrimBinaryOp,
        prim: Prim,
        dst: Option<Reg>,
    ) -> Reg {
        let left = self.operand(&node.left);
        self.prim_binary(op, prim, left, &node.right, node, dst)
    }

    /// `left op right`, with the right side evaluated here.
    pub(super) fn prim_binary(
        &mut self,
        op: PrimBinaryOp,
        prim: Prim,
        left: Reg,
        right: &'a Expr,
        node: &impl Ranged,
        dst: Option<Reg>,
    ) -> Reg {
        let right = self.value(right);
        let (opcode, kind) = binary_opcode(op);
        if op == PrimBinaryOp::PowUnsigned {
            return self.unsigned_power(left, right, node, dst);
        }
        let out = match dst {
            Some(dst) if self.kind_of(dst) == kind => dst,
            _ => self.alloc_kind(kind),
        };
        self.at(node);
        self.emit(opcode, out, left, right);
        self.wrap(prim, kind, out);
        match dst {
            Some(dst) if dst != out => {
                self.move_to(dst, out);
                dst
            }
            _ => out,
        }
    }

    /// Powers are taken of doubles; the plain instruction reads its operands as signed.
    fn unsigned_power(&mut self, left: Reg, right: Reg, node: &impl Ranged, dst: Option<Reg>) -> Reg {
        let (base, exponent) = (self.alloc_kind(RegisterKind::Double), self.alloc_kind(RegisterKind::Double));
        let out = match dst {
            Some(dst) if self.kind_of(dst) == RegisterKind::Double => dst,
            _ => self.alloc_kind(RegisterKind::Double),
        };
        self.at(node);
        self.emit(Opcode::CONVERT_INT_DOUBLE, base, left, 1);
        self.emit(Opcode::CONVERT_INT_DOUBLE, exponent, right, 1);
        self.emit(Opcode::PRIMITIVE_POW_DOUBLE, out, base, exponent);
        out
    }

    /// Narrow kinds keep their registers extended from their own size.
    fn wrap(&mut self, prim: Prim, kind: RegisterKind, register: Reg) {
        if kind == RegisterKind::Int && prim.bits() < 64 && prim != Prim::Bool {
            self.emit(Opcode::CONVERT_INT, register, register, primitive(prim).number().into());
        }
    }

    pub(super) fn prim_compare(
        &mut self,
        node: &'a ast::ExprCompare,
        entries: &[(PrimCompareOp, Prim)],
        dst: Option<Reg>,
    ) -> Reg {
        let mut left = self.operand(&node.left);
        if let ([(op, _)], [right]) = (entries, &*node.comparators) {
            let right = self.value(right);
            let out = dst.unwrap_or_else(|| self.alloc_kind(RegisterKind::Int));
            self.at(node);
            self.emit_prim_compare(*op, out, left, right);
            return out;
        }
        let result = self.raw_result(dst, RegisterKind::Int);
        let end = self.label();
        for (position, ((op, _), right)) in entries.iter().zip(&node.comparators).enumerate() {
            let right = self.operand(right);
            self.at(node);
            self.emit_prim_compare(*op, result, left, right);
            if position + 1 < entries.len() {
                self.raw_jump(result, false, end);
            }
            left = right;
        }
        self.place(end);
        self.settle_raw(result, dst)
    }

    fn emit_prim_compare(&mut self, op: PrimCompareOp, out: Reg, left: Reg, right: Reg) {
        let (opcode, compare) = compare_opcode(op);
        self.emit_number(opcode, out, left, right, compare.number().into());
    }

    pub(super) fn prim_unary(
        &mut self,
        node: &'a ast::ExprUnaryOp,
        op: PrimUnaryOp,
        prim: Prim,
        dst: Option<Reg>,
    ) -> Reg {
        let operand = self.value(&node.operand);
        let opcode = match op {
            PrimUnaryOp::Neg => Opcode::PRIMITIVE_NEG_INT,
            PrimUnaryOp::Invert => Opcode::PRIMITIVE_INVERT_INT,
            PrimUnaryOp::DoubleNeg => Opcode::PRIMITIVE_NEG_DOUBLE,
            PrimUnaryOp::Not => Opcode::PRIMITIVE_NOT_INT,
        };
        let kind = if op == PrimUnaryOp::Not { RegisterKind::Int } else { kind_of_prim(prim) };
        let out = dst.unwrap_or_else(|| self.alloc_kind(kind));
        self.at(node);
        self.emit(opcode, out, operand, 0);
        if op != PrimUnaryOp::Not {
            self.wrap(prim, kind, out);
        }
        out
    }

    pub(super) fn prim_bool(&mut self, node: &'a ast::ExprBoolOp, facts: &ExprFacts, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let result = self.raw_result(dst, kind_of_repr(facts.repr()));
        let end = self.label();
        let (last, others) = node.values.split_last().expect("a boolean operation has operands");
        for value in others {
            self.value_to(value, result);
            self.at(node);
            self.raw_jump(result, node.op == BoolOp::Or, end);
        }
        self.value_to(last, result);
        self.place(end);
        self.top = mark;
        self.settle_raw(result, dst)
    }
}
