//! Typed places: locals with two lives, slots, items; stores, loops over sequences.

use super::super::unit::BlockKind;
use super::super::{Lowerer, Reg};
use super::tables::primitive;
use super::{kind_of_prim, kind_of_repr};
use cinder_bytecode::{BinaryOp, CompareOp, FastKind, Opcode, RegisterKind};
use cinder_semantic::SymbolId;
use cinder_static::typed::{
    AugmentedPlan, Container, Convert, ExprFacts, ExprOp, FastContainer, FieldRef, LoopPlan, Repr,
};
use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;
use cinder_types::{Prim, Type};

pub(super) fn fast_kind(container: Container) -> FastKind {
    match container {
        Container::List => FastKind::List,
        Container::Tuple => FastKind::Tuple,
        Container::Dict => FastKind::Dict,
        Container::Set => FastKind::Set,
        Container::Str => FastKind::Str,
        Container::CheckedList => FastKind::CheckedList,
        Container::CheckedDict => FastKind::CheckedDict,
        Container::Array => FastKind::Array,
    }
}

/// The primitive item type of an array.
fn array_item(ty: &Type) -> Option<Prim> {
    match ty {
        Type::Generic(generic) => match generic.args.first() {
            Some(Type::Prim(prim)) => Some(*prim),
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Lowerer<'a> {
    fn symbol_key(&self, name: &str) -> Option<(cinder_semantic::ScopeId, SymbolId)> {
        let mangled = self.mangled(name);
        let scope = self.index.scope(self.naming);
        let id = scope.symbol_id(&mangled)?;
        match scope.symbol_by_id(id).resolution {
            cinder_semantic::Resolution::Free { owner } => Some((owner, self.index.scope(owner).symbol_id(&mangled)?)),
            _ => Some((self.naming, id)),
        }
    }

    /// The register of a name's raw life.
    fn raw_register(&self, name: &str, kind: RegisterKind) -> Option<Reg> {
        let register = *self.unit.tables.raw_names.get(&self.symbol_key(name)?)?;
        (self.kind_of(register) == kind).then_some(register)
    }

    pub(super) fn raw_name(&mut self, node: &'a ast::ExprName, kind: RegisterKind, dst: Option<Reg>) -> Reg {
        self.at(node);
        if let Some(register) = self.raw_register(&node.id, kind) {
            return match dst {
                Some(dst) => {
                    self.move_to(dst, register);
                    dst
                }
                None => register,
            };
        }
        // The name lives in a cell or namespace, where values are objects.
        let mark = self.top;
        let value = self.load_name(&node.id, None);
        let prim = if kind == RegisterKind::Double { Prim::Double } else { Prim::Int64 };
        self.convert(&Convert::Unbox(prim), value, Repr::Tagged, mark, dst)
    }

    /// The register a plain target is written to directly: only when nothing is converted on the way.
    pub(in super::super) fn typed_plain_target(&self, name: &ast::ExprName, facts: &ExprFacts) -> Option<Reg> {
        if facts.convert != Convert::None {
            return None;
        }
        match kind_of_repr(facts.repr()) {
            RegisterKind::Tagged => self.local_register(&name.id),
            kind => self.raw_register(&name.id, kind),
        }
    }

    pub(in super::super) fn typed_store(&mut self, target: &'a Expr, facts: &'a ExprFacts, value: Reg) {
        let mark = self.top;
        self.at(target);
        let from = match self.kind_of(value) {
            RegisterKind::Tagged => Repr::Tagged,
            RegisterKind::Int => Repr::Int(Prim::Int64),
            RegisterKind::Double => Repr::Double,
        };
        let value = self.convert(&facts.convert, value, from, mark, None);
        self.store_converted(target, facts, value);
    }

    fn store_converted(&mut self, target: &'a Expr, facts: &'a ExprFacts, value: Reg) {
        match (&facts.op, target) {
            (ExprOp::Field(field), Expr::Attribute(node)) => self.store_field(node, field, None, value),
            (ExprOp::FieldKeep(field, kept), Expr::Attribute(node)) => {
                self.store_field(node, field, Some(*kept), value)
            }
            (ExprOp::Sequence(fast), Expr::Subscript(node)) => self.store_sequence(node, *fast, value),
            (_, Expr::Name(node)) if self.kind_of(value) != RegisterKind::Tagged => self.store_raw_name(node, value),
            _ => self.plain_store(target, value),
        }
    }

    fn store_raw_name(&mut self, node: &'a ast::ExprName, value: Reg) {
        let kind = self.kind_of(value);
        self.at(node);
        if let Some(register) = self.raw_register(&node.id, kind) {
            return self.move_to(register, value);
        }
        let mark = self.top;
        let prim = if kind == RegisterKind::Double { Prim::Double } else { Prim::Int64 };
        let boxed = self.convert(&Convert::Box(prim), value, Repr::Int(prim), mark, None);
        self.store_name(&node.id, boxed);
    }

    pub(super) fn load_field(
        &mut self,
        node: &'a ast::ExprAttribute,
        field: &FieldRef,
        kept: Option<u32>,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let object = self.value(&node.value);
        let kind = kind_of_repr(Repr::of(&field.ty));
        let out = self.finish_kind(mark, dst, kind);
        let place = self.tables.field(field);
        self.at_attribute(node);
        self.emit_number(Opcode::LOAD_FIELD, out, object, 0, place);
        if let Some(kept) = kept {
            let register = self.refinement(kept);
            self.move_to(register, out);
        }
        out
    }

    fn store_field(&mut self, node: &'a ast::ExprAttribute, field: &FieldRef, kept: Option<u32>, value: Reg) {
        self.note_static_attribute(node);
        let object = self.value(&node.value);
        let place = self.tables.field(field);
        self.at_attribute(node);
        self.emit_number(Opcode::STORE_FIELD, object, value, 0, place);
        if let Some(kept) = kept {
            let register = self.refinement(kept);
            self.move_to(register, value);
        }
    }

    fn refinement(&self, kept: u32) -> Reg {
        self.unit.tables.first_refinement + kept
    }

    pub(super) fn refined(&mut self, kept: u32, dst: Option<Reg>) -> Reg {
        let register = self.refinement(kept);
        match dst {
            Some(dst) => {
                self.move_to(dst, register);
                dst
            }
            None => {
                // A later store may keep another value there.
                let copy = self.alloc();
                self.move_to(copy, register);
                copy
            }
        }
    }

    fn container_type(&self, expression: &Expr) -> Option<&'a Type> {
        let id = cinder_syntax::node_id(expression)?;
        self.unit.typed?.exprs.get(&id).map(|facts| &facts.ty)
    }

    /// A raw index: the checker leaves one, or converts an object to one.
    fn raw_index(&mut self, expression: &'a Expr) -> Reg {
        let value = self.operand(expression);
        if self.kind_of(value) == RegisterKind::Int {
            return value;
        }
        let mark = self.top;
        self.convert(&Convert::Unbox(Prim::Int64), value, Repr::Tagged, mark, None)
    }

    pub(super) fn load_sequence(
        &mut self,
        node: &'a ast::ExprSubscript,
        fast: FastContainer,
        facts: &ExprFacts,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let object = self.operand(&node.value);
        if !fast.exact {
            let key = self.tagged_value(&node.slice);
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit(Opcode::LOAD_SUBSCR, out, object, key);
            return out;
        }
        let index = self.raw_index(&node.slice);
        let kind = kind_of_repr(facts.repr());
        let out = self.finish_kind(mark, dst, kind);
        self.at(node);
        let item = self.container_type(&node.value).and_then(array_item);
        self.emit_sequence_get(out, object, index, fast.container, item);
        out
    }

    fn emit_sequence_get(&mut self, out: Reg, object: Reg, index: Reg, container: Container, item: Option<Prim>) {
        match item.filter(|_| container == Container::Array) {
            Some(Prim::Double) => self.emit(Opcode::ARRAY_GET_DOUBLE, out, object, index),
            Some(prim) => self.emit_number(Opcode::ARRAY_GET_INT, out, object, index, primitive(prim).number().into()),
            None => self.emit_number(Opcode::SEQUENCE_GET, out, object, index, fast_kind(container).number().into()),
        }
    }

    fn store_sequence(&mut self, node: &'a ast::ExprSubscript, fast: FastContainer, value: Reg) {
        let object = self.operand(&node.value);
        if !fast.exact {
            let key = self.tagged_value(&node.slice);
            self.at(node);
            return self.emit(Opcode::STORE_SUBSCR, object, key, value);
        }
        let index = self.raw_index(&node.slice);
        self.at(node);
        let item = self.container_type(&node.value).and_then(array_item);
        self.emit_sequence_set(object, index, value, fast.container, item);
    }

    fn emit_sequence_set(&mut self, object: Reg, index: Reg, value: Reg, container: Container, item: Option<Prim>) {
        match item.filter(|_| container == Container::Array) {
            Some(Prim::Double) => self.emit(Opcode::ARRAY_SET_DOUBLE, object, index, value),
            Some(prim) => {
                self.emit_number(Opcode::ARRAY_SET_INT, object, index, value, primitive(prim).number().into());
            }
            None => self.emit_number(Opcode::SEQUENCE_SET, object, index, value, fast_kind(container).number().into()),
        }
    }

    /// `target op= value` by its plan; false when it is ordinary.
    pub(in super::super) fn typed_augmented_assign(&mut self, node: &'a ast::StmtAugAssign, op: BinaryOp) -> bool {
        let Some(unit) = self.unit.typed else { return false };
        let target = &*node.target;
        let Some(facts) = self.facts_of(target) else { return false };
        let plan = cinder_syntax::node_id(target).and_then(|id| unit.augmented.get(&id));
        let place = self.typed_place(target, facts);
        let current = self.load_place_value(target, facts, &place);
        let result = match plan {
            Some(AugmentedPlan::Prim { op, prim }) => {
                let direct = self.direct_result(target, facts);
                self.prim_binary(*op, *prim, current, &node.value, node, direct)
            }
            _ => {
                let mark = self.top;
                let current = self.box_for_python(current, facts, mark);
                let mark = self.top;
                self.binary_right(op, current, &node.value, node, mark, None)
            }
        };
        self.at(target);
        let mark = self.top;
        let from = match self.kind_of(result) {
            RegisterKind::Tagged => Repr::Tagged,
            RegisterKind::Int => Repr::Int(Prim::Int64),
            RegisterKind::Double => Repr::Double,
        };
        let value = self.convert(&facts.convert, result, from, mark, None);
        self.store_place_value(target, facts, &place, value);
        true
    }

    /// A raw name without conversion takes the result at once.
    fn direct_result(&self, target: &Expr, facts: &ExprFacts) -> Option<Reg> {
        match target {
            Expr::Name(name) if facts.repr() != Repr::Tagged => self.typed_plain_target(name, facts),
            _ => None,
        }
    }

    fn box_for_python(&mut self, value: Reg, facts: &ExprFacts, mark: Reg) -> Reg {
        match (self.kind_of(value), &facts.ty) {
            (RegisterKind::Tagged, _) => value,
            (_, Type::Prim(prim)) => self.convert(&Convert::Box(*prim), value, facts.repr(), mark, None),
            _ => self.convert(&Convert::Box(Prim::Int64), value, facts.repr(), mark, None),
        }
    }

    /// Evaluates what names the place: object and key.
    fn typed_place(&mut self, target: &'a Expr, facts: &'a ExprFacts) -> (Reg, Reg) {
        match target {
            Expr::Attribute(node) => {
                self.note_static_attribute(node);
                (self.operand(&node.value), 0)
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value);
                let key = match &facts.op {
                    ExprOp::Sequence(fast) if fast.exact => self.raw_index(&node.slice),
                    _ => {
                        let key = self.tagged_value(&node.slice);
                        if self.walrus.contains(&key) {
                            let copy = self.alloc();
                            self.move_to(copy, key);
                            copy
                        } else {
                            key
                        }
                    }
                };
                (object, key)
            }
            _ => (0, 0),
        }
    }

    fn load_place_value(&mut self, target: &'a Expr, facts: &'a ExprFacts, place: &(Reg, Reg)) -> Reg {
        let (object, key) = *place;
        let kind = kind_of_repr(facts.repr());
        self.at(target);
        match (&facts.op, target) {
            (ExprOp::Field(field) | ExprOp::FieldKeep(field, _), Expr::Attribute(node)) => {
                let out = self.alloc_kind(kind_of_repr(Repr::of(&field.ty)));
                let place = self.tables.field(field);
                self.at_attribute(node);
                self.emit_number(Opcode::LOAD_FIELD, out, object, 0, place);
                out
            }
            (_, Expr::Attribute(node)) => {
                let out = self.alloc();
                let name = self.mangled(&node.attr.id);
                self.at_attribute(node);
                self.emit_name(Opcode::LOAD_ATTR, out, object, 0, &name);
                out
            }
            (ExprOp::Sequence(fast), Expr::Subscript(node)) if fast.exact => {
                let out = self.alloc_kind(kind);
                let item = self.container_type(&node.value).and_then(array_item);
                self.emit_sequence_get(out, object, key, fast.container, item);
                out
            }
            (_, Expr::Subscript(_)) => {
                let out = self.alloc();
                self.emit(Opcode::LOAD_SUBSCR, out, object, key);
                out
            }
            (_, Expr::Name(name)) if kind != RegisterKind::Tagged => {
                let value = self.raw_name(name, kind, None);
                if self.walrus.contains(&value) {
                    let copy = self.alloc_kind(kind);
                    self.move_to(copy, value);
                    copy
                } else {
                    value
                }
            }
            (_, Expr::Name(name)) => {
                let value = self.load_name(&name.id, None);
                if self.walrus.contains(&value) {
                    let copy = self.alloc();
                    self.move_to(copy, value);
                    copy
                } else {
                    value
                }
            }
            _ => {
                self.error("illegal expression for augmented assignment", target.range());
                self.alloc()
            }
        }
    }

    fn store_place_value(&mut self, target: &'a Expr, facts: &'a ExprFacts, place: &(Reg, Reg), value: Reg) {
        let (object, key) = *place;
        match (&facts.op, target) {
            (ExprOp::Field(field) | ExprOp::FieldKeep(field, _), Expr::Attribute(node)) => {
                let place = self.tables.field(field);
                self.at_attribute(node);
                self.emit_number(Opcode::STORE_FIELD, object, value, 0, place);
                if let ExprOp::FieldKeep(_, kept) = &facts.op {
                    let register = self.refinement(*kept);
                    self.move_to(register, value);
                }
            }
            (_, Expr::Attribute(node)) => {
                let name = self.mangled(&node.attr.id);
                self.at_attribute(node);
                self.emit_name(Opcode::STORE_ATTR, object, value, 0, &name);
            }
            (ExprOp::Sequence(fast), Expr::Subscript(node)) if fast.exact => {
                let item = self.container_type(&node.value).and_then(array_item);
                self.emit_sequence_set(object, key, value, fast.container, item);
            }
            (_, Expr::Subscript(_)) => self.emit(Opcode::STORE_SUBSCR, object, key, value),
            (_, Expr::Name(name)) if self.kind_of(value) != RegisterKind::Tagged => self.store_raw_name(name, value),
            (_, Expr::Name(name)) => self.store_name(&name.id, value),
            _ => {}
        }
    }

    /// A loop with a plan of its own; false when it is ordinary.
    pub(in super::super) fn typed_loop(&mut self, node: &'a ast::StmtFor) -> bool {
        let plan = self.unit.typed.and_then(|unit| {
            let id = cinder_syntax::node_id(&*node.iter)?;
            unit.loops.get(&id)
        });
        match plan {
            None | Some(LoopPlan::Python) => return false,
            Some(LoopPlan::CRange) => self.crange_loop(node),
            Some(LoopPlan::Sequence(container)) => self.sequence_loop(node, *container),
        }
        true
    }

    /// `for i in crange(start, stop)`: a counter of the loop's own, so that the body may assign the target.
    fn crange_loop(&mut self, node: &'a ast::StmtFor) {
        let Expr::Call(call) = &*node.iter else { return };
        let mark = self.top;
        self.at(&*node.iter);
        let counter = self.alloc_kind(RegisterKind::Int);
        let limit = self.alloc_kind(RegisterKind::Int);
        match &*call.arguments.args {
            [stop] => {
                self.value_to(stop, limit);
                self.emit_number(Opcode::PRIMITIVE_LOAD_INT, counter, 0, 0, 0);
            }
            [start, stop, ..] => {
                self.value_to(start, counter);
                self.value_to(stop, limit);
            }
            [] => return self.error("crange expected at least 1 argument", call.range()),
        }
        self.counted_loop(node, counter, |_| limit, |_, _| None);
        self.top = mark;
    }

    /// Items by index, the length read again each time.
    fn sequence_loop(&mut self, node: &'a ast::StmtFor, container: Container) {
        let mark = self.top;
        let sequence = self.temporary(&node.iter);
        let item = self.container_type(&node.iter).and_then(array_item).filter(|_| container == Container::Array);
        self.at(&*node.iter);
        let counter = self.alloc_kind(RegisterKind::Int);
        let length = self.alloc_kind(RegisterKind::Int);
        let kind = item.map_or(RegisterKind::Tagged, kind_of_prim);
        let value = self.alloc_kind(kind);
        self.emit_number(Opcode::PRIMITIVE_LOAD_INT, counter, 0, 0, 0);
        self.counted_loop(
            node,
            counter,
            |this| {
                this.emit(Opcode::FAST_LEN, length, sequence, fast_kind(container).number().into());
                length
            },
            |this, counter| {
                this.emit_sequence_get(value, sequence, counter, container, item);
                Some(value)
            },
        );
        self.top = mark;
    }

    /// Counts `counter` up while it is below `limit`; the target gets `item`, or the counter itself.
    fn counted_loop(
        &mut self,
        node: &'a ast::StmtFor,
        counter: Reg,
        limit: impl FnOnce(&mut Self) -> Reg,
        item: impl FnOnce(&mut Self, Reg) -> Option<Reg>,
    ) {
        let one = self.alloc_kind(RegisterKind::Int);
        let test = self.alloc_kind(RegisterKind::Int);
        self.emit_number(Opcode::PRIMITIVE_LOAD_INT, one, 0, 0, 1);
        let (otherwise, end) = (self.label(), self.label());
        let top = self.here();
        self.at(&*node.iter);
        let limit = limit(self);
        self.emit_number(Opcode::PRIMITIVE_COMPARE_INT, test, counter, limit, CompareOp::Lt.number().into());
        self.raw_jump(test, false, otherwise);
        let value = item(self, counter).unwrap_or(counter);
        self.store(&node.target, value);
        self.at(&*node.iter);
        self.emit(Opcode::PRIMITIVE_ADD_INT, counter, counter, one);
        self.enter_block(BlockKind::Loop { top, end });
        self.conditional_statements(&node.body);
        self.leave_block();
        self.at(&*node.iter);
        self.jump_back(top);
        self.place(otherwise);
        self.conditional_statements(&node.orelse);
        self.place(end);
    }
}
