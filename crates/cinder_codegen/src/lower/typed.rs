//! Static Python: code from what the checker found.
//!
//! Problem: a static function's values have two representations, and casts, boxes, slots and direct calls stand where the checker says, not where
//! syntax does.
//! Idea: before an expression is lowered as ordinary Python its facts are looked up; facts name the operation and the conversion after it. Everything
//! without facts stays ordinary, so typed and untyped code meet in the same methods.
//! Holds: a method that gives a register of an expression's value gives it after the conversion, in the representation the facts promise
//! (`ExprFacts::final_repr`); codegen decides nothing about types.

mod call;
mod convert;
mod declare;
mod expand;
mod operator;
mod place;
mod raw;
mod spread;
mod tables;

pub(crate) use expand::Expansions;
pub(crate) use raw::{Pool, RawRegisters, pool_of};
pub(crate) use tables::Tables;

use super::{Label, Lowerer, Reg};
use cinder_bytecode::{CompareOp, Opcode, RegisterKind};
use cinder_static::typed::{Convert, ExprFacts, ExprOp, Repr, Truth};
use cinder_syntax::ast::{self, Expr, UnaryOp};
use cinder_types::Prim;

/// Whether facts ask for anything beyond ordinary Python.
fn is_ordinary(facts: &ExprFacts) -> bool {
    facts.op == ExprOp::Python && facts.convert == Convert::None && facts.repr() == Repr::Tagged
}

pub(super) fn kind_of_repr(repr: Repr) -> RegisterKind {
    match repr {
        Repr::Tagged => RegisterKind::Tagged,
        Repr::Int(_) => RegisterKind::Int,
        Repr::Double => RegisterKind::Double,
    }
}

pub(super) fn kind_of_prim(prim: Prim) -> RegisterKind {
    if prim == Prim::Double { RegisterKind::Double } else { RegisterKind::Int }
}

impl<'a> Lowerer<'a> {
    /// The facts of an expression, when they matter.
    pub(super) fn facts_of(&self, expression: &Expr) -> Option<&'a ExprFacts> {
        let unit = self.unit.typed?;
        let id = cinder_syntax::node_id(expression)?;
        unit.exprs.get(&id).filter(|facts| !is_ordinary(facts))
    }

    /// Whether the expression's value arrives unboxed.
    pub(super) fn is_raw(&self, expression: &Expr) -> bool {
        self.facts_of(expression).is_some_and(|facts| facts.final_repr() != Repr::Tagged)
    }

    pub(super) fn kind_of(&self, register: Reg) -> RegisterKind {
        match pool_of(register) {
            Some((Pool::Int, _)) => RegisterKind::Int,
            Some((Pool::Double, _)) => RegisterKind::Double,
            Some((Pool::Window, index)) => self.raw.window_kinds()[index as usize].unwrap_or_default(),
            None => self.kinds.get(register as usize).copied().unwrap_or_default(),
        }
    }

    /// A fresh temporary of the given kind.
    pub(super) fn alloc_kind(&mut self, kind: RegisterKind) -> Reg {
        match kind {
            RegisterKind::Tagged => self.alloc(),
            RegisterKind::Int => self.raw.alloc(Pool::Int),
            RegisterKind::Double => self.raw.alloc(Pool::Double),
        }
    }

    pub(super) fn alloc_like(&mut self, register: Reg) -> Reg {
        let kind = self.kind_of(register);
        self.alloc_kind(kind)
    }

    /// Drops tagged temporaries and gives the register of a result of `kind`.
    pub(super) fn finish_kind(&mut self, mark: Reg, dst: Option<Reg>, kind: RegisterKind) -> Reg {
        self.top = mark;
        dst.unwrap_or_else(|| self.alloc_kind(kind))
    }

    /// The value after its conversion.
    pub(super) fn typed_value(&mut self, expression: &'a Expr, facts: &'a ExprFacts, dst: Option<Reg>) -> Reg {
        if facts.convert == Convert::None {
            return self.operation(expression, facts, dst);
        }
        let mark = self.top;
        let value = self.operation(expression, facts, None);
        self.at(expression);
        self.convert(&facts.convert, value, facts.repr(), mark, dst)
    }

    /// The value before its conversion.
    fn operation(&mut self, expression: &'a Expr, facts: &'a ExprFacts, dst: Option<Reg>) -> Reg {
        match (&facts.op, expression) {
            (ExprOp::Python, _) => self.python_operation(expression, facts, dst),
            (ExprOp::PythonThen(convert), _) => {
                let mark = self.top;
                let value = self.plain_value(expression, None);
                self.at(expression);
                self.convert(convert, value, Repr::Tagged, mark, dst)
            }
            (ExprOp::IsInstance(tested), Expr::Call(call)) => self.isinstance(expression, call, tested, dst),
            (ExprOp::Const(value), _) => {
                self.at(expression);
                self.typed_constant(value, facts.repr(), dst)
            }
            (ExprOp::Forward(argument), Expr::Call(call)) => self.forwarded(call, *argument, dst),
            (ExprOp::Forward(_), Expr::UnaryOp(node)) => match dst {
                Some(dst) => {
                    self.value_to(&node.operand, dst);
                    dst
                }
                None => self.value(&node.operand),
            },
            (ExprOp::Call(plan), Expr::Call(call)) => self.planned_call(call, plan, dst),
            (ExprOp::Field(field), Expr::Attribute(node)) => self.load_field(node, field, None, dst),
            (ExprOp::FieldKeep(field, kept), Expr::Attribute(node)) => self.load_field(node, field, Some(*kept), dst),
            (ExprOp::Refined(kept), _) => self.refined(*kept, dst),
            (ExprOp::Getter { id, class, direct }, Expr::Attribute(node)) => {
                self.getter(node, id, class, *direct, &facts.ty, dst)
            }
            (ExprOp::PrimBinary { op, prim }, Expr::BinOp(node)) => self.prim_binary_node(node, *op, *prim, dst),
            (ExprOp::PrimCompare(entries), Expr::Compare(node)) => self.prim_compare(node, entries, dst),
            (ExprOp::PrimUnary { op, prim }, Expr::UnaryOp(node)) => self.prim_unary(node, *op, *prim, dst),
            (ExprOp::PrimBool, Expr::BoolOp(node)) => self.prim_bool(node, facts, dst),
            (ExprOp::Sequence(fast), Expr::Subscript(node)) => self.load_sequence(node, *fast, facts, dst),
            (ExprOp::FastLen(fast), Expr::Call(call)) => self.fast_len(call, *fast, dst),
            (ExprOp::Append(fast), Expr::Call(call)) => self.append_to_list(call, *fast, dst),
            (ExprOp::Pop(fast), Expr::Call(call)) => self.pop_of_list(call, *fast, dst),
            (ExprOp::Checked(descriptor), _) => self.checked_container(expression, descriptor, dst),
            (ExprOp::NewChecked(descriptor), Expr::Call(call)) => self.new_checked(call, descriptor, dst),
            (op, _) => {
                let message = format!("internal: {op:?} does not fit this expression");
                self.error(message, cinder_text::Ranged::range(expression));
                self.plain_value(expression, dst)
            }
        }
    }

    /// Ordinary syntax, perhaps over raw values.
    fn python_operation(&mut self, expression: &'a Expr, facts: &'a ExprFacts, dst: Option<Reg>) -> Reg {
        let kind = kind_of_repr(facts.repr());
        if kind == RegisterKind::Tagged {
            return self.plain_value(expression, dst);
        }
        match expression {
            Expr::Name(name) => self.raw_name(name, kind, dst),
            Expr::If(node) => {
                let mark = self.top;
                let out = dst.unwrap_or_else(|| self.alloc_kind(kind));
                let (otherwise, end) = (self.label(), self.label());
                self.condition(&node.test, false, otherwise);
                self.value_to(&node.body, out);
                self.jump(end);
                self.place(otherwise);
                self.value_to(&node.orelse, out);
                self.place(end);
                self.top = mark;
                out
            }
            Expr::Named(node) => {
                let value = self.value(&node.value);
                self.store(&node.target, value);
                self.settle_raw(value, dst)
            }
            _ => {
                let message = format!("internal: an ordinary operation gives a {kind:?} value");
                self.error(message, cinder_text::Ranged::range(expression));
                self.alloc_kind(kind)
            }
        }
    }

    /// A register for a raw result that is written before reading ends: never a named one.
    fn raw_result(&mut self, dst: Option<Reg>, kind: RegisterKind) -> Reg {
        match dst {
            Some(register) if !self.is_named(register) => register,
            _ => self.alloc_kind(kind),
        }
    }

    fn settle_raw(&mut self, value: Reg, dst: Option<Reg>) -> Reg {
        match dst {
            Some(dst) => {
                self.move_to(dst, value);
                dst
            }
            None => value,
        }
    }

    /// An expression for a consumer that only takes objects.
    pub(super) fn tagged_value(&mut self, expression: &'a Expr) -> Reg {
        let mark = self.top;
        let value = self.value(expression);
        match self.facts_of(expression).map(|facts| (facts, facts.final_repr())) {
            Some((facts, Repr::Int(_) | Repr::Double)) => {
                let prim = convert::final_prim(facts).expect("a raw value has a primitive type");
                self.convert(&Convert::Box(prim), value, facts.final_repr(), mark, None)
            }
            _ => value,
        }
    }

    /// Tests a condition by its facts; false when the ordinary test will do.
    pub(super) fn typed_condition(&mut self, test: &'a Expr, facts: &'a ExprFacts, when: bool, target: Label) -> bool {
        let truth = facts.truth();
        if truth == Truth::Object {
            return false;
        }
        // `not`, `and` and `or` are jumps over their operands' own tests.
        if truth == Truth::Raw && facts.convert == Convert::None {
            match test {
                Expr::UnaryOp(node) if node.op == UnaryOp::Not && self.facts_of(&node.operand).is_some() => {
                    return false;
                }
                Expr::BoolOp(_) if facts.op == ExprOp::PrimBool => return false,
                _ => {}
            }
        }
        let value = self.value(test);
        self.at(test);
        match truth {
            Truth::Object => unreachable!("handled above"),
            Truth::Raw => self.raw_jump(value, when, target),
            Truth::Double => {
                let zero = self.alloc_kind(RegisterKind::Double);
                let result = self.alloc_kind(RegisterKind::Int);
                let constant = self.constants.place(cinder_bytecode::Constant::Float(0.0));
                self.emit_number(Opcode::PRIMITIVE_LOAD_CONST, zero, 0, 0, constant);
                self.emit_number(Opcode::PRIMITIVE_COMPARE_DOUBLE, result, value, zero, CompareOp::Ne.number().into());
                self.raw_jump(result, when, target);
            }
            Truth::Length(container) => {
                let length = self.alloc_kind(RegisterKind::Int);
                self.emit(Opcode::FAST_LEN, length, value, place::fast_kind(container).number().into());
                self.raw_jump(length, when, target);
            }
        }
        true
    }

    pub(super) fn raw_jump(&mut self, register: Reg, when: bool, target: Label) {
        let op = if when { Opcode::PRIMITIVE_JUMP_IF_TRUE } else { Opcode::PRIMITIVE_JUMP_IF_FALSE };
        self.emit_jump(op, register, 0, 0, target);
    }

    /// The call's argument with this number, positional ones first.
    fn call_argument(call: &'a ast::ExprCall, number: u32) -> Option<&'a Expr> {
        let positional = &call.arguments.args;
        let number = number as usize;
        match number.checked_sub(positional.len()) {
            None => Some(&positional[number]),
            Some(keyword) => call.arguments.keywords.get(keyword).map(|keyword| &keyword.value),
        }
    }
}
