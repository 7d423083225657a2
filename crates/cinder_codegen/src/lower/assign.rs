//! Assignment in all its forms, and `del`.

use super::expression::binary_op;
use super::{Lowerer, Reg};
use cinder_bytecode::{BinaryOp, Opcode};
use cinder_semantic::ScopeKind;
use cinder_syntax::ast::{self, Expr};

/// The longest tuple that is unpacked from registers without being made.
const SWAP_LIMIT: usize = 16;

impl<'a> Lowerer<'a> {
    pub(super) fn assign(&mut self, node: &'a ast::StmtAssign) {
        if let [target] = &node.targets[..] {
            return self.assign_one(target, &node.value);
        }
        let value = self.value(&node.value);
        let value = if self.is_named(value)
            && self.kind_of(value) == cinder_bytecode::RegisterKind::Tagged
            && !node.targets.iter().all(Expr::is_name_expr)
        {
            let copy = self.alloc();
            self.move_to(copy, value);
            copy
        } else {
            value
        };
        for target in &node.targets {
            let mark = self.top;
            self.store(target, value);
            self.top = mark;
        }
    }

    fn assign_one(&mut self, target: &'a Expr, value: &'a Expr) {
        if let Some(register) = self.plain_target(target) {
            return self.value_to(value, register);
        }
        if let (Some(targets), Expr::Tuple(values)) = (sequence_items(target), value)
            && targets.len() == values.elts.len()
            && targets.len() <= SWAP_LIMIT
            && self.constant(value).is_none()
            && !targets.iter().chain(&values.elts).any(Expr::is_starred_expr)
        {
            return self.assign_pairwise(targets, &values.elts);
        }
        let register = self.value(value);
        self.store(target, register);
    }

    /// `a, b = b, a`: all values first, then all targets.
    fn assign_pairwise(&mut self, targets: &'a [Expr], values: &'a [Expr]) {
        let first = self.top;
        for value in values {
            self.temporary(value);
        }
        for (position, target) in targets.iter().enumerate() {
            self.store(target, first + position as Reg);
        }
    }

    /// The register of a target that is a plain local.
    pub(super) fn plain_target(&self, target: &Expr) -> Option<Reg> {
        match target {
            Expr::Name(name) => match self.facts_of(target) {
                Some(facts) => self.typed_plain_target(name, facts),
                None => self.local_register(&name.id),
            },
            _ => None,
        }
    }

    /// Stores the value in register `value` into a target. Leaves no temporaries.
    pub(super) fn store(&mut self, target: &'a Expr, value: Reg) {
        let mark = self.top;
        super::grow(|| self.store_node(target, value));
        self.top = mark;
    }

    fn store_node(&mut self, target: &'a Expr, value: Reg) {
        if let Some(facts) = self.facts_of(target) {
            return self.typed_store(target, facts, value);
        }
        self.plain_store(target, value);
    }

    pub(super) fn plain_store(&mut self, target: &'a Expr, value: Reg) {
        match target {
            Expr::Name(node) => {
                self.at(node);
                self.store_name(&node.id, value);
            }
            Expr::Attribute(node) => {
                self.note_static_attribute(node);
                let value = self.protected(value);
                let object = self.value(&node.value);
                let name = self.mangled(&node.attr.id);
                self.at_attribute(node);
                self.emit_name(Opcode::STORE_ATTR, object, value, 0, &name);
            }
            Expr::Subscript(node) => {
                let value = self.protected(value);
                self.store_subscript(node, value);
            }
            Expr::Tuple(node) => self.unpack(&node.elts, node, value),
            Expr::List(node) => self.unpack(&node.elts, node, value),
            Expr::Starred(node) => self.error("starred assignment target must be in a list or tuple", node.range),
            _ => self.error("cannot assign to expression", cinder_text::Ranged::range(target)),
        }
    }

    /// A register that evaluating the target cannot change.
    fn protected(&mut self, value: Reg) -> Reg {
        if !self.walrus.contains(&value) {
            return value;
        }
        let copy = self.alloc_like(value);
        self.move_to(copy, value);
        copy
    }

    fn store_subscript(&mut self, node: &'a ast::ExprSubscript, value: Reg) {
        let object = self.operand(&node.value);
        if let Expr::Slice(slice) = &*node.slice
            && slice.step.is_none()
            && self.constant(&node.slice).is_none()
        {
            let bounds = self.slice_bounds(slice);
            self.at(node);
            return self.emit(Opcode::STORE_SLICE, object, bounds, value);
        }
        let key = self.value(&node.slice);
        self.at(node);
        self.emit(Opcode::STORE_SUBSCR, object, key, value);
    }

    fn unpack(&mut self, targets: &'a [Expr], node: &impl cinder_text::Ranged, value: Reg) {
        let star = targets.iter().position(Expr::is_starred_expr);
        if let Some(star) = star
            && targets[star + 1..].iter().any(Expr::is_starred_expr)
        {
            return self.error("multiple starred expressions in assignment", node.range());
        }
        if star.is_none()
            && let Some(first) = self.consecutive_locals(targets)
        {
            self.at(node);
            return self.emit(Opcode::UNPACK_SEQUENCE, first, value, targets.len() as Reg);
        }
        let first = self.alloc_run(targets.len() as u32);
        self.at(node);
        match star {
            None => self.emit(Opcode::UNPACK_SEQUENCE, first, value, targets.len() as Reg),
            Some(star) => {
                let after = (targets.len() - star - 1) as u32;
                self.emit_number(Opcode::UNPACK_EX, first, value, star as Reg, after);
            }
        }
        for (position, target) in targets.iter().enumerate() {
            let target = match target {
                Expr::Starred(starred) => &*starred.value,
                other => other,
            };
            self.store(target, first + position as Reg);
        }
    }

    /// The first register, when the targets are locals whose registers follow one another.
    fn consecutive_locals(&self, targets: &'a [Expr]) -> Option<Reg> {
        let first = self.plain_target(targets.first()?)?;
        let in_a_row = targets
            .iter()
            .enumerate()
            .all(|(position, target)| self.plain_target(target) == Some(first + position as Reg));
        in_a_row.then_some(first)
    }

    /// Methods that write `self.name` tell their class about it (`__static_attributes__`).
    pub(super) fn note_static_attribute(&mut self, node: &ast::ExprAttribute) {
        let Expr::Name(object) = &*node.value else { return };
        if object.id.as_str() != "self" {
            return;
        }
        if let Some(class) = self.outer.iter_mut().rev().find(|unit| unit.kind == ScopeKind::Class) {
            class.static_attributes.insert(node.attr.id.as_str().into());
        }
    }

    pub(super) fn augmented_assign(&mut self, node: &'a ast::StmtAugAssign) {
        let op = BinaryOp::from_number(u32::from(binary_op(node.op).number() + BinaryOp::PLAIN))
            .expect("every operator has an in-place form");
        if self.typed_augmented_assign(node, op) {
            return;
        }
        match &*node.target {
            Expr::Name(name) => {
                let mark = self.top;
                self.at(name);
                let mut left = self.load_name(&name.id, None);
                if self.walrus.contains(&left) {
                    let copy = self.alloc();
                    self.move_to(copy, left);
                    left = copy;
                }
                let dst = self.local_register(&name.id);
                let result = self.binary_right(op, left, &node.value, node, mark, dst);
                if dst.is_none() {
                    self.at(name);
                    self.store_name(&name.id, result);
                }
            }
            Expr::Attribute(target) => {
                self.note_static_attribute(target);
                let object = self.operand(&target.value);
                let name = self.mangled(&target.attr.id);
                let mark = self.top;
                let current = self.alloc();
                self.at_attribute(target);
                self.emit_name(Opcode::LOAD_ATTR, current, object, 0, &name);
                let result = self.binary_right(op, current, &node.value, node, mark, None);
                self.at_attribute(target);
                self.emit_name(Opcode::STORE_ATTR, object, result, 0, &name);
            }
            Expr::Subscript(target) => self.augmented_subscript(op, target, node),
            other => self.error("illegal expression for augmented assignment", cinder_text::Ranged::range(other)),
        }
    }

    fn augmented_subscript(&mut self, op: BinaryOp, target: &'a ast::ExprSubscript, node: &'a ast::StmtAugAssign) {
        let object = self.operand(&target.value);
        if let Expr::Slice(slice) = &*target.slice
            && slice.step.is_none()
            && self.constant(&target.slice).is_none()
        {
            let bounds = self.slice_bounds(slice);
            let mark = self.top;
            let current = self.alloc();
            self.at(target);
            self.emit(Opcode::LOAD_SLICE, current, object, bounds);
            let result = self.binary_right(op, current, &node.value, node, mark, None);
            self.at(target);
            return self.emit(Opcode::STORE_SLICE, object, bounds, result);
        }
        let key = self.operand(&target.slice);
        let mark = self.top;
        let current = self.alloc();
        self.at(target);
        self.emit(Opcode::LOAD_SUBSCR, current, object, key);
        let result = self.binary_right(op, current, &node.value, node, mark, None);
        self.at(target);
        self.emit(Opcode::STORE_SUBSCR, object, key, result);
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        let mark = self.top;
        match target {
            Expr::Name(node) => {
                self.at(node);
                self.delete_name(&node.id);
            }
            Expr::Attribute(node) => {
                let object = self.value(&node.value);
                let name = self.mangled(&node.attr.id);
                self.at_attribute(node);
                self.emit_name(Opcode::DELETE_ATTR, object, 0, 0, &name);
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value);
                let key = self.tagged_value(&node.slice);
                self.at(node);
                self.emit(Opcode::DELETE_SUBSCR, object, key, 0);
            }
            Expr::Tuple(node) => node.elts.iter().for_each(|item| self.delete(item)),
            Expr::List(node) => node.elts.iter().for_each(|item| self.delete(item)),
            other => self.error("cannot delete expression", cinder_text::Ranged::range(other)),
        }
        self.top = mark;
    }
}

fn sequence_items(target: &Expr) -> Option<&[Expr]> {
    match target {
        Expr::Tuple(node) => Some(&node.elts),
        Expr::List(node) => Some(&node.elts),
        _ => None,
    }
}
