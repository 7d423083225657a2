//! Conditions: jumps instead of truth values.

use super::{Label, Lowerer, grow};
use crate::constant::is_true;
use cinder_bytecode::Opcode;
use cinder_syntax::ast::{self, BoolOp, CmpOp, Expr, UnaryOp};

impl<'a> Lowerer<'a> {
    /// Jumps to `target` when the truth of `test` is `when`, else falls through. Leaves no temporaries.
    pub(super) fn condition(&mut self, test: &'a Expr, when: bool, target: Label) {
        let mark = self.top;
        grow(|| self.condition_node(test, when, target));
        self.top = mark;
    }

    fn condition_node(&mut self, test: &'a Expr, when: bool, target: Label) {
        if !self.is_raw(test)
            && let Some(constant) = self.constant(test)
        {
            if is_true(&constant) == when {
                self.at(test);
                self.jump(target);
            }
            return;
        }
        if let Some(facts) = self.facts_of(test)
            && self.typed_condition(test, facts, when, target)
        {
            return;
        }
        match test {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => self.condition(&node.operand, !when, target),
            Expr::BoolOp(node) => self.bool_condition(node, when, target),
            Expr::If(node) => {
                let (otherwise, end) = (self.label(), self.label());
                self.condition(&node.test, false, otherwise);
                self.condition(&node.body, when, target);
                self.range = None;
                self.jump(end);
                self.place(otherwise);
                self.condition(&node.orelse, when, target);
                self.place(end);
            }
            Expr::Compare(node) if node.ops.len() > 1 => self.chain_condition(node, when, target),
            Expr::Compare(node) if self.is_none_test(node) => {
                let value = self.value(&node.left);
                self.at(node);
                let jump_on_none = (node.ops[0] == CmpOp::Is) == when;
                let op = if jump_on_none { Opcode::JUMP_IF_NONE } else { Opcode::JUMP_IF_NOT_NONE };
                self.emit_jump(op, value, 0, 0, target);
            }
            _ => {
                let value = self.value(test);
                self.at(test);
                self.jump_if(value, when, target);
            }
        }
    }

    fn is_none_test(&self, node: &ast::ExprCompare) -> bool {
        matches!(&*node.ops, [CmpOp::Is | CmpOp::IsNot]) && node.comparators[0].is_none_literal_expr()
    }

    fn bool_condition(&mut self, node: &'a ast::ExprBoolOp, when: bool, target: Label) {
        // `and` is decided early by a false operand, `or` by a true one.
        let decisive = node.op == BoolOp::Or;
        let (last, others) = node.values.split_last().expect("a boolean operation has operands");
        if decisive == when {
            for value in others {
                self.condition(value, when, target);
            }
            return self.condition(last, when, target);
        }
        let skip = self.label();
        for value in others {
            self.condition(value, decisive, skip);
        }
        self.condition(last, when, target);
        self.place(skip);
    }

    fn chain_condition(&mut self, node: &'a ast::ExprCompare, when: bool, target: Label) {
        let skip = self.label();
        let mark = self.top;
        let mut left = self.operand(&node.left);
        let last = node.ops.len() - 1;
        for (position, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let right = self.operand(right);
            let result = self.alloc();
            self.at(node);
            self.emit_compare(*op, result, left, right);
            if position == last {
                self.jump_if(result, when, target);
            } else {
                self.jump_if(result, false, if when { skip } else { target });
                left = self.keep_operand(mark, right);
            }
        }
        self.place(skip);
    }
}
