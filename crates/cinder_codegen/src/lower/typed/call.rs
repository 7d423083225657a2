//! Direct and virtual calls, construction, intrinsics that are calls in the source.

use super::super::call::HEADER;
use super::super::{Lowerer, Reg};
use super::tables::{is_plain, type_descr};
use super::{kind_of_repr, place};
use cinder_bytecode::{FastKind, Opcode, RegisterKind, StaticSignature, TypeDescr};
use cinder_static::typed::{ArgSource, CallPlan, CallTarget, FastContainer, Repr};
use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;
use cinder_types::{ClassId, FunctionId, Type, TypeDescriptor};

/// A value for a parameter: where it is, or how to make it in place.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Register(Reg),
    /// Nothing after it can run code, so it is evaluated right into the window.
    Late(&'a Expr),
    Source(&'a ArgSource),
}

impl<'a> Lowerer<'a> {
    /// The value of one argument of a call that does nothing else.
    pub(super) fn forwarded(&mut self, call: &'a ast::ExprCall, argument: u32, dst: Option<Reg>) -> Reg {
        match Self::call_argument(call, argument) {
            Some(argument) => match dst {
                Some(dst) => {
                    self.value_to(argument, dst);
                    dst
                }
                None => self.value(argument),
            },
            // `super()` whose method is known stands for the receiver.
            None => self.first_parameter(call, dst),
        }
    }

    fn first_parameter(&mut self, call: &'a ast::ExprCall, dst: Option<Reg>) -> Reg {
        let Some(name) = self.locals.first().map(|local| local.name.clone()).filter(|_| self.argument_count > 0) else {
            self.error("internal: a forwarded argument is missing", call.range());
            return self.alloc();
        };
        self.at(call);
        self.load_name(&name, dst)
    }

    pub(super) fn planned_call(&mut self, call: &'a ast::ExprCall, plan: &'a CallPlan, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let raw = self.raw.mark();
        let receiver = self.receiver(call, plan);
        let (mut values, elements) = self.arguments_in_order(call, plan);
        let mut elements = elements.into_iter();
        let signature = self.tables.signature(&plan.signature);
        let sources =
            plan.args.iter().zip(plan.signature.params.iter().filter(|param| is_plain(param)).skip(hidden(plan)));
        let mut given: Vec<(Given<'a>, RegisterKind)> = Vec::new();
        for (source, param) in sources {
            let kind = kind_of_repr(Repr::of(&param.ty));
            let value = match source {
                ArgSource::Receiver => Given::Register(receiver.expect("a plan with a receiver has one in its source")),
                ArgSource::Argument(number) => values[*number as usize].take().expect("an argument has one place"),
                ArgSource::Element { .. } => Given::Register(elements.next().expect("every element was handed out")),
                other => Given::Source(other),
            };
            given.push((value, kind));
        }
        let result = kind_of_repr(result_repr(plan));
        let out = match &plan.target {
            CallTarget::Direct(id) => match self.expandable(id, plan) {
                Some(body) => self.expand(&body, &given, call, mark, dst, result),
                None => {
                    let id = &self.named_here(call, id);
                    let function = self.tables.function(id, None, signature);
                    self.invoke(Opcode::INVOKE_FUNCTION, function, &given, call, mark, dst, result)
                }
            },
            CallTarget::Virtual { id, class } => {
                let function = self.tables.function(id, Some(class), signature);
                self.invoke(Opcode::INVOKE_METHOD, function, &given, call, mark, dst, result)
            }
            CallTarget::Construct { class, init } => {
                self.construct(class, init.as_ref(), signature, &given, call, mark, dst)
            }
        };
        self.release_raw_unless(out, raw);
        out
    }

    /// A function called by a name of this module is found under that name, so that whoever replaces the name is heard.
    fn named_here(&self, call: &ast::ExprCall, id: &FunctionId) -> FunctionId {
        match (&*call.func, self.facts) {
            (Expr::Name(name), Some(facts)) if self.local_register(&name.id).is_none() && !id.name.contains('.') => {
                FunctionId::new(cinder_types::QualName::new(&facts.typed.name, &name.id))
            }
            _ => id.clone(),
        }
    }

    /// Raw temporaries of a call's arguments are free again, unless the result is among them.
    fn release_raw_unless(&mut self, out: Reg, mark: super::raw::RawMark) {
        if self.kind_of(out) == RegisterKind::Tagged {
            self.raw.release(mark);
        }
    }

    fn receiver(&mut self, call: &'a ast::ExprCall, plan: &CallPlan) -> Option<Reg> {
        let wanted = plan.args.contains(&ArgSource::Receiver);
        let Expr::Attribute(attribute) = &*call.func else { return None };
        if wanted {
            return Some(self.operand(&attribute.value));
        }
        if plan.drop_receiver {
            self.discard(&attribute.value);
        }
        None
    }

    /// Evaluates the arguments in source order. Those after the last that can run code wait until they have a place.
    /// Second: the values out of a starred argument.
    fn arguments_in_order(
        &mut self,
        call: &'a ast::ExprCall,
        plan: &'a CallPlan,
    ) -> (Vec<Option<Given<'a>>>, Vec<Reg>) {
        let arguments: Vec<&'a Expr> =
            call.arguments.args.iter().chain(call.arguments.keywords.iter().map(|keyword| &keyword.value)).collect();
        let starred = plan.args.iter().find_map(|source| match source {
            ArgSource::Element { argument, .. } => Some(*argument as usize),
            _ => None,
        });
        let runs_code = |(number, argument): (usize, &&Expr)| starred == Some(number) || !self.is_quiet(argument);
        let early = arguments.iter().enumerate().rev().find(|at| runs_code(*at)).map_or(0, |(last, _)| last + 1);
        let used = |number: usize| plan.args.iter().any(|source| *source == ArgSource::Argument(number as u32));
        let (mut values, mut elements) = (Vec::new(), Vec::new());
        for (number, argument) in arguments.into_iter().enumerate() {
            if starred == Some(number) {
                elements = self.spread(argument, number >= call.arguments.args.len(), call, plan);
                values.push(None);
            } else if !used(number) {
                self.discard(argument);
                values.push(None);
            } else if number < early {
                values.push(Some(Given::Register(self.operand(argument))));
            } else {
                values.push(Some(Given::Late(argument)));
            }
        }
        (values, elements)
    }

    /// Whether evaluating the expression can neither run other code nor use a window.
    fn is_quiet(&self, expression: &Expr) -> bool {
        use cinder_static::typed::{Convert, ExprOp};
        let facts = self.facts_of(expression);
        let converts_quietly =
            facts.is_none_or(|facts| matches!(facts.convert, Convert::None | Convert::Prim { .. } | Convert::Box(_)));
        if !converts_quietly {
            return false;
        }
        match (facts.map(|facts| &facts.op), expression) {
            (Some(ExprOp::Const(_)), _) => true,
            (Some(ExprOp::PrimBinary { .. }), Expr::BinOp(node)) => {
                super::super::grow(|| self.is_quiet(&node.left) && self.is_quiet(&node.right))
            }
            (Some(ExprOp::PrimUnary { .. }), Expr::UnaryOp(node)) => self.is_quiet(&node.operand),
            (Some(ExprOp::Python) | None, Expr::Name(_)) => {
                matches!(expression, Expr::Name(name) if self.local_register(&name.id).is_some() || self.is_raw(expression))
            }
            (None, _) => expression.is_literal_expr(),
            _ => false,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call, each of its own kind")]
    fn invoke(
        &mut self,
        op: Opcode,
        function: u32,
        given: &[(Given<'a>, RegisterKind)],
        node: &impl Ranged,
        mark: Reg,
        dst: Option<Reg>,
        result: RegisterKind,
    ) -> Reg {
        let kinds: Vec<RegisterKind> = given.iter().map(|(_, kind)| *kind).collect();
        let base = self.window(&kinds);
        for (position, (value, _)) in given.iter().enumerate() {
            self.fill(*value, base + HEADER + position as Reg, node);
        }
        let out = self.finish_kind(mark, dst, result);
        self.at(node);
        self.emit_number(op, out, base, given.len() as Reg, function);
        out
    }

    /// A window at the top, or among the windows with raw arguments.
    fn window(&mut self, kinds: &[RegisterKind]) -> Reg {
        if kinds.iter().any(|kind| *kind != RegisterKind::Tagged) {
            return self.raw.window(kinds);
        }
        let base = self.top;
        let end = base + HEADER + kinds.len() as Reg;
        self.top = end;
        self.reserve(end);
        base
    }

    pub(super) fn fill(&mut self, value: Given<'a>, place: Reg, node: &impl Ranged) {
        self.at(node);
        match value {
            Given::Register(register) => self.move_to(place, register),
            Given::Late(expression) => self.value_to(expression, place),
            Given::Source(ArgSource::Class(class)) => {
                let class = self.tables.class(class);
                self.emit_number(Opcode::LOAD_TYPE, place, 0, 0, class);
            }
            Given::Source(ArgSource::Default { value, prim }) => {
                let repr = prim.map_or(Repr::Tagged, |prim| Repr::of(&Type::Prim(prim)));
                self.load_typed_constant(value, repr, place);
            }
            Given::Source(ArgSource::Receiver | ArgSource::Argument(_) | ArgSource::Element { .. }) => {
                unreachable!("receivers and arguments were evaluated")
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a call, each of its own kind")]
    fn construct(
        &mut self,
        class: &ClassId,
        init: Option<&FunctionId>,
        signature: StaticSignature,
        given: &[(Given<'a>, RegisterKind)],
        node: &impl Ranged,
        mark: Reg,
        dst: Option<Reg>,
    ) -> Reg {
        let class_place = self.tables.class(class);
        let object = self.alloc();
        let Some(init) = init else {
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit_number(Opcode::TP_ALLOC, out, 0, 0, class_place);
            return out;
        };
        let function = self.tables.function(init, None, signature);
        let mut all = vec![(Given::Register(object), RegisterKind::Tagged)];
        all.extend_from_slice(given);
        let kinds: Vec<RegisterKind> = all.iter().map(|(_, kind)| *kind).collect();
        let base = self.window(&kinds);
        // Arguments that are not yet evaluated come before the object exists.
        for (position, (value, _)) in all.iter().enumerate().skip(1) {
            self.fill(*value, base + HEADER + position as Reg, node);
        }
        self.at(node);
        self.emit_number(Opcode::TP_ALLOC, object, 0, 0, class_place);
        self.emit(Opcode::MOVE, base + HEADER, object, 0);
        let result = self.alloc();
        self.emit_number(Opcode::INVOKE_FUNCTION, result, base, all.len() as Reg, function);
        let out = self.finish(mark, dst);
        self.move_to(out, object);
        out
    }

    /// Calls a property's getter.
    pub(super) fn getter(
        &mut self,
        node: &'a ast::ExprAttribute,
        id: &FunctionId,
        class: &ClassId,
        direct: bool,
        ty: &Type,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let receiver = self.value(&node.value);
        let parameter = self.tables.class(class);
        let signature = StaticSignature { parameters: [parameter].into(), result: self.tables.type_of(ty) };
        let (op, owner) = if direct { (Opcode::INVOKE_FUNCTION, None) } else { (Opcode::INVOKE_METHOD, Some(class)) };
        // The class loader finds the getter behind the property's name.
        let id = FunctionId::new(cinder_types::QualName::new(&id.module, format!("{}.fget", id.name)));
        let function = self.tables.function(&id, owner, signature);
        let given = [(Given::Register(receiver), RegisterKind::Tagged)];
        self.invoke(op, function, &given, node, mark, dst, kind_of_repr(Repr::of(ty)))
    }

    pub(super) fn fast_len(&mut self, call: &'a ast::ExprCall, fast: FastContainer, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let Some(argument) = Self::call_argument(call, 0) else {
            self.error("internal: a length without an argument", call.range());
            return self.alloc_kind(RegisterKind::Int);
        };
        let object = self.value(argument);
        let kind = if fast.exact { place::fast_kind(fast.container) } else { FastKind::Any };
        let out = self.finish_kind(mark, dst, RegisterKind::Int);
        self.at(call);
        self.emit(Opcode::FAST_LEN, out, object, kind.number().into());
        out
    }

    /// `isinstance(x, C)`; when it holds, `x` is cast to what it then counts as.
    pub(super) fn isinstance(
        &mut self,
        expression: &'a Expr,
        call: &'a ast::ExprCall,
        tested: &Type,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let answer = self.plain_value(expression, None);
        // The place of the result may be that of the subject.
        let out = self.finish(mark, None);
        self.at(expression);
        let truth = self.tables.type_of(&Type::bool());
        self.emit_number(Opcode::CAST, out, answer, 0, truth);
        let after = self.top;
        let subject = Self::call_argument(call, 0).and_then(|subject| self.tested_register(subject));
        if let (Some(subject), Some(descr)) = (subject, tested_descr(tested)) {
            let end = self.label();
            self.jump_if(out, false, end);
            let descr = self.tables.descr(descr);
            self.emit_number(Opcode::CAST, subject, subject, 0, descr);
            self.place(end);
        }
        self.top = after;
        match dst {
            Some(dst) => {
                self.top = mark;
                self.move_to(dst, out);
                dst
            }
            None => out,
        }
    }

    /// Where the value lies that a test narrows: a local variable, or a field that was kept.
    fn tested_register(&mut self, subject: &Expr) -> Option<Reg> {
        use cinder_static::typed::ExprOp;
        match subject {
            Expr::Name(name) => self.local_register(&name.id),
            Expr::Named(named) => self.tested_register(&named.target),
            _ => match &self.facts_of(subject)?.op {
                ExprOp::FieldKeep(_, kept) | ExprOp::Refined(kept) => Some(self.refined(*kept, None)),
                _ => None,
            },
        }
    }

    /// `x.append(item)` of an exact list.
    pub(super) fn append_to_list(&mut self, call: &'a ast::ExprCall, fast: FastContainer, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let list = self.method_receiver(call);
        let Some(argument) = Self::call_argument(call, 0) else {
            self.error("internal: an append without an argument", call.range());
            return self.alloc();
        };
        let item = self.tagged_value(argument);
        self.at(call);
        self.emit(Opcode::SEQUENCE_APPEND, list, item, place::fast_kind(fast.container).number().into());
        let out = self.finish(mark, dst);
        self.load_none(out);
        out
    }

    /// `x.pop()` of an exact list.
    pub(super) fn pop_of_list(&mut self, call: &'a ast::ExprCall, fast: FastContainer, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let list = self.method_receiver(call);
        let out = self.finish(mark, dst);
        self.at(call);
        self.emit(Opcode::SEQUENCE_POP, out, list, place::fast_kind(fast.container).number().into());
        out
    }

    fn method_receiver(&mut self, call: &'a ast::ExprCall) -> Reg {
        match &*call.func {
            Expr::Attribute(attribute) => self.operand(&attribute.value),
            _ => {
                self.error("internal: a method call without a receiver", call.range());
                self.alloc()
            }
        }
    }

    /// A display or comprehension whose result is a checked container.
    pub(super) fn checked_container(
        &mut self,
        expression: &'a Expr,
        descriptor: &TypeDescriptor,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let descr = self.tables.descriptor(descriptor);
        match expression {
            Expr::List(node) if node.elts.len() <= 32 && !node.elts.iter().any(Expr::is_starred_expr) => {
                for item in &node.elts {
                    self.temporary(item);
                }
                let out = self.finish(mark, dst);
                self.at(node);
                self.emit_number(Opcode::BUILD_CHECKED_LIST, out, mark, node.elts.len() as Reg, descr);
                out
            }
            Expr::Dict(node) if node.items.len() <= 16 && node.items.iter().all(|item| item.key.is_some()) => {
                for item in &node.items {
                    self.temporary(item.key.as_ref().expect("the guard looked"));
                    self.temporary(&item.value);
                }
                let out = self.finish(mark, dst);
                self.at(node);
                self.emit_number(Opcode::BUILD_CHECKED_MAP, out, mark, node.items.len() as Reg, descr);
                out
            }
            _ => {
                // Built as an ordinary container first, then copied with checks.
                self.begin_type_call(descr, expression);
                let argument = self.top;
                let plain = self.plain_value(expression, None);
                debug_assert_eq!(plain, argument);
                self.finish_type_call(mark, 1, expression, dst)
            }
        }
    }

    /// `CheckedDict[K, V](...)` and its kin.
    pub(super) fn new_checked(
        &mut self,
        call: &'a ast::ExprCall,
        descriptor: &TypeDescriptor,
        dst: Option<Reg>,
    ) -> Reg {
        let mark = self.top;
        let descr = self.tables.descriptor(descriptor);
        if !call.arguments.keywords.is_empty() || call.arguments.args.iter().any(Expr::is_starred_expr) {
            return self.plain_value_of_call(call, dst);
        }
        self.begin_type_call(descr, call);
        for argument in &call.arguments.args {
            let place = self.top;
            let value = self.tagged_value(argument);
            if value != place {
                self.top = place;
                let copy = self.alloc();
                self.move_to(copy, value);
            }
        }
        let count = call.arguments.args.len() as u32;
        self.finish_type_call(mark, count, call, dst)
    }

    fn plain_value_of_call(&mut self, call: &'a ast::ExprCall, dst: Option<Reg>) -> Reg {
        self.call(call, dst)
    }

    fn begin_type_call(&mut self, descr: u32, node: &impl Ranged) {
        let base = self.alloc();
        self.at(node);
        self.emit_number(Opcode::LOAD_TYPE, base, 0, 0, descr);
        self.top = base + HEADER;
        self.reserve(base + HEADER);
    }

    fn finish_type_call(&mut self, base: Reg, count: u32, node: &impl Ranged, dst: Option<Reg>) -> Reg {
        let out = self.finish(base, dst);
        self.at(node);
        self.emit(Opcode::CALL, out, base, count);
        out
    }
}

/// What a test for a type, or one of several, asks of a value; `None` when that cannot be asked.
fn tested_descr(tested: &Type) -> Option<TypeDescr> {
    let descr = match tested {
        Type::Union(members) => TypeDescr::Union(members.iter().map(tested_descr).collect::<Option<_>>()?),
        // Instances are of classes with arguments.
        Type::Generic(generic) if generic.args.is_empty() => return None,
        single => type_descr(single),
    };
    (descr != TypeDescr::Dynamic).then_some(descr)
}

/// Parameters that the plan does not list: the new object of a construction.
fn hidden(plan: &CallPlan) -> usize {
    let plain = plan.signature.params.iter().filter(|param| is_plain(param)).count();
    plain.saturating_sub(plan.args.len())
}

/// What the call instruction delivers.
fn result_repr(plan: &CallPlan) -> Repr {
    if plan.signature.flags.is_async || plan.signature.flags.is_generator {
        return Repr::Tagged;
    }
    Repr::of(&plan.signature.returns)
}
