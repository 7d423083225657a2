//! Statements: order of evaluation, joins, loops, termination.
//!
//! Follows: the language specification, sections 5.4, 5.7 and 7.3.

use std::sync::Arc;

use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};
use cinder_types::{Name, Prim, Special, Type};

use super::flow::Flow;
use super::{Checker, FrameKind};
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::summary::{self, ClassSummary};
use crate::typed::{Container, Convert, ExprOp, LoopPlan, fast_container};

/// Levels of loops whose heads are found by iteration.
const MAX_ITERATED_DEPTH: u32 = 6;

/// Levels of `finally` whose bodies are walked for both ways into them.
const MAX_FINALLY_DEPTH: u32 = 6;

/// How often a loop body is walked before its state counts as stable. Types only widen, so few suffice.
const MAX_ROUNDS: usize = 8;

impl Checker<'_> {
    pub(super) fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    pub(super) fn merge(&mut self, other: &Flow, range: TextRange) {
        let refused = self.flow.merge(self.cx, other);
        for (_, union) in refused {
            let message = format!("invalid union type {union}; unions cannot include primitive types");
            self.report(Rule::PrimitiveInUnion, range, message);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(stmt) => {
                self.expr(&stmt.value, None);
            }
            Stmt::Assign(assign) => self.assign(assign),
            Stmt::AnnAssign(assign) => self.annotated_assignment(assign),
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::Return(stmt) => self.return_stmt(stmt),
            Stmt::If(stmt) => self.if_stmt(stmt),
            Stmt::While(stmt) => self.while_stmt(stmt),
            Stmt::For(stmt) => self.for_stmt(stmt),
            Stmt::Try(stmt) => self.try_stmt(stmt),
            Stmt::With(stmt) => self.with_stmt(stmt),
            Stmt::Match(stmt) => self.match_stmt(stmt),
            Stmt::Raise(stmt) => {
                for value in [&stmt.exc, &stmt.cause].into_iter().flatten() {
                    self.object(value, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
                }
                self.flow.dead = true;
            }
            Stmt::Assert(stmt) => {
                let (_, effect) = self.test(&stmt.test);
                if let Some(message) = &stmt.msg {
                    let before = self.flow.clone();
                    self.apply(&effect.otherwise);
                    self.object(message, Rule::PrimitiveEscape, "assert message cannot be a primitive");
                    self.flow = before;
                }
                self.apply(&effect.then);
                self.keep_assert(&stmt.test, &effect);
            }
            Stmt::Delete(stmt) => stmt.targets.iter().for_each(|target| self.delete(target)),
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    self.flow.set_local(name.id.clone(), Type::Dynamic);
                }
                let lowered = crate::type_expr::TypeExpr::lower(&alias.value);
                if matches!(lowered, crate::type_expr::TypeExpr::Const(_) | crate::type_expr::TypeExpr::Value) {
                    let source = self.source.get(alias.value.range().to_std_range()).unwrap_or_default();
                    let name = self.source.get(alias.name.range().to_std_range()).unwrap_or_default();
                    let message = format!("RHS of type alias {name} is not a type: {source}");
                    self.report(Rule::InvalidAnnotation, alias.range, message);
                }
            }
            Stmt::Break(_) => {
                if let Some(breaks) = self.breaks.last_mut() {
                    breaks.push(self.flow.clone());
                }
                self.flow.dead = true;
            }
            Stmt::Continue(_) => {
                if let Some(continues) = self.continues.last_mut() {
                    continues.push(self.flow.clone());
                }
                self.flow.dead = true;
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn assign(&mut self, assign: &ast::StmtAssign) {
        // With several targets the narrowest kind flows into the value.
        let expected = assign
            .targets
            .iter()
            .filter_map(|target| self.expected_of(target))
            .min_by_key(|ty| ty.prim().map_or(u32::MAX, Prim::bits));
        let ty = self.expr(&assign.value, expected.as_ref());
        let single = assign.targets.len() == 1;
        for target in &assign.targets {
            // With several targets the value is one and the conversions differ, so they stand on the targets.
            self.store(target, &ty, single.then_some(&*assign.value));
        }
    }

    fn return_stmt(&mut self, stmt: &ast::StmtReturn) {
        let (returns, annotated) = (self.frame().returns.clone(), self.frame().returns_annotated);
        if self.frame().kind != FrameKind::Function {
            return;
        }
        match &stmt.value {
            None => {
                if annotated && !returns.is_dynamic() && !self.assignable(&returns, &Type::None) {
                    let message =
                        format!("mismatched types: expected {returns} because of return type, found None instead");
                    self.report(Rule::InvalidReturn, stmt.range, message);
                }
            }
            Some(value) if self.frame().class_decorators.is_some() => self.return_decorator(stmt, value),
            Some(value) => {
                let ty = self.expr(value, Some(&returns).filter(|ty| **ty != Type::Dynamic));
                self.check_return(stmt, value, &ty, &returns);
            }
        }
        self.flow.dead = true;
    }

    /// A class decorator is an inner function that takes a class and gives it back.
    fn return_decorator(&mut self, stmt: &ast::StmtReturn, value: &Expr) {
        let ty = self.expr(value, None);
        let inner = match value {
            Expr::Name(name) => {
                let known = self.frame().class_decorators.iter().flatten().find(|(own, _)| *own == name.id);
                known.map(|(_, is_decorator)| (name.id.clone(), *is_decorator))
            }
            _ => None,
        };
        let found = match (inner, &ty) {
            (Some((_, true)), _) => return,
            (Some((name, false)), _) => format!("{}.{name}", self.index.scope(self.frame().scope).name),
            (None, Type::None) => "None".to_owned(),
            (None, Type::Function(_)) => "types.FunctionType".to_owned(),
            _ => return,
        };
        let message =
            format!("mismatched types: expected ClassDecorator because of return type, found {found} instead");
        self.report(Rule::InvalidReturn, stmt.range, message);
    }

    fn check_return(&mut self, stmt: &ast::StmtReturn, value: &Expr, ty: &Type, returns: &Type) {
        if let (Type::Prim(prim), Type::Dynamic) = (returns, ty) {
            self.set_convert(value, Convert::Unbox(*prim));
            return;
        }
        // Callers take the result for the very class they gave: another one is not it.
        let is_other_class = matches!(returns, Type::TypeVar(_))
            && (matches!(ty, Type::Class(_)) || ty.known_class() == Some(cinder_types::KnownClass::Type));
        if !is_other_class && self.assignable(returns, ty) {
            self.convert_to(value, ty, returns);
            return;
        }
        let (dest, src) = if is_other_class {
            (returns.to_string(), "Type[type]".to_owned())
        } else if returns.is_exact() && self.assignable(&returns.to_inexact(), ty) {
            (returns.with_exactness(), ty.with_exactness())
        } else {
            (returns.to_string(), ty.to_string())
        };
        let message = format!("mismatched types: expected {dest} because of return type, found {src} instead");
        let mut finding = crate::Finding::new(Rule::InvalidReturn, stmt.range, message);
        if ty.is_optional() && self.assignable(returns, &ty.without_none()) {
            finding = finding.with_help("exclude None first, or declare the result Optional");
        } else if ty.is_prim() && !returns.is_prim() {
            finding = finding.with_help("turn the primitive into an object with `box(...)`");
        }
        self.push_finding(finding);
    }

    // ---- branches ----------------------------------------------------------------------------------

    fn if_stmt(&mut self, stmt: &ast::StmtIf) {
        if let Some(body) = summary::live_branch(stmt) {
            self.body(body);
            return;
        }
        if self.frame().kind != FrameKind::Function && summary::is_type_checking(&stmt.test) {
            self.expr(&stmt.test, None);
            self.body(&stmt.body);
            for clause in &stmt.elif_else_clauses {
                let before = self.flow.clone();
                self.body(&clause.body);
                self.flow = before;
            }
            return;
        }
        let clauses: Vec<(Option<&Expr>, &[Stmt])> = std::iter::once((Some(&*stmt.test), &*stmt.body))
            .chain(stmt.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &*clause.body)))
            .collect();
        self.branches(&clauses, stmt.range);
    }

    /// `if`, its first `elif` as the else branch, and so on.
    fn branches(&mut self, clauses: &[(Option<&Expr>, &[Stmt])], range: TextRange) {
        let Some(((test, body), rest)) = clauses.split_first() else { return };
        let Some(test) = test else {
            self.body(body);
            return;
        };
        let (_, effect) = self.test(test);
        let before = self.flow.clone();
        self.apply(&effect.then);
        self.body(body);
        let after_body = std::mem::replace(&mut self.flow, before);
        self.apply(&effect.otherwise);
        self.branches(rest, range);
        let other = std::mem::replace(&mut self.flow, after_body);
        self.merge(&other, range);
    }

    // ---- loops -------------------------------------------------------------------------------------

    /// Walks a loop body until the state at its head is stable, then once for good. Leaves the join of not entering and of the body's
    /// end; gives the states that leave by `break`, and the body's end.
    ///
    /// Cost: nested loops multiply their rounds, so beyond a few levels the head is widened at once instead of iterated.
    fn looping(&mut self, range: TextRange, body: &[Stmt], mut round: impl FnMut(&mut Self)) -> (Vec<Flow>, Flow) {
        self.loop_depth += 1;
        if self.loop_depth > MAX_ITERATED_DEPTH {
            self.widen_assigned(body);
        }
        let entry = self.flow.clone();
        let mut head = entry.clone();
        let mut last = None;
        if self.loop_depth <= MAX_ITERATED_DEPTH {
            self.silent += 1;
            for _ in 0..MAX_ROUNDS {
                let (broken, end) = self.loop_round(range, head.clone(), &mut round);
                self.flow = head.clone();
                self.merge(&end, range);
                if self.flow == head {
                    last = Some((broken, end));
                    break;
                }
                head = self.flow.clone();
            }
            self.silent -= 1;
        }
        // Inside another loop's silent rounds the stable round has told all there is to know.
        let (broken, end) = match last {
            Some(last) if self.silent > 0 => last,
            _ => self.loop_round(range, head, &mut round),
        };
        self.loop_depth -= 1;
        self.flow = entry;
        self.merge(&end, range);
        (broken, end)
    }

    /// Forgets what is known about variables the body may assign: what they are declared as is all that stays.
    fn widen_assigned(&mut self, body: &[Stmt]) {
        let mut names = Vec::new();
        assigned_names(body, &mut names);
        for name in names {
            let Some(current) = self.flow.local(&name) else { continue };
            if current.is_prim() {
                continue;
            }
            let declared =
                self.frame().locals.get(&name).filter(|local| local.annotated).map(|local| local.declared.clone());
            self.flow.narrow_local(&name, declared.unwrap_or(Type::Dynamic));
        }
        self.clobber();
    }

    /// One walk from the state `head`: the states that break, and the state at the body's end joined with those that continue.
    fn loop_round(&mut self, range: TextRange, head: Flow, round: &mut impl FnMut(&mut Self)) -> (Vec<Flow>, Flow) {
        self.flow = head;
        self.breaks.push(Vec::new());
        self.continues.push(Vec::new());
        round(self);
        for other in &self.continues.pop().unwrap_or_default() {
            self.merge(other, range);
        }
        (self.breaks.pop().unwrap_or_default(), std::mem::take(&mut self.flow))
    }

    fn while_stmt(&mut self, stmt: &ast::StmtWhile) {
        let always = crate::fold::fold(&stmt.test).is_some_and(|value| value.truth());
        // The condition reversed holds of the entry state only; the end of the body is joined as it is.
        let entry = self.flow.clone();
        self.silent += 1;
        let (_, effect) = self.test(&stmt.test);
        self.apply(&effect.otherwise);
        self.silent -= 1;
        let reversed = std::mem::replace(&mut self.flow, entry);
        let (broken, end) = self.looping(stmt.range, &stmt.body, |this| {
            let (_, effect) = this.test(&stmt.test);
            this.apply(&effect.then);
            this.body(&stmt.body);
        });
        self.flow = reversed;
        self.merge(&end, stmt.range);
        if always {
            self.flow.dead = true;
        }
        if !stmt.orelse.is_empty() {
            // The else branch runs right after the condition was false.
            self.silent += 1;
            let (_, effect) = self.test(&stmt.test);
            self.silent -= 1;
            self.apply(&effect.otherwise);
        }
        self.body(&stmt.orelse);
        for other in &broken {
            self.merge(other, stmt.range);
        }
    }

    fn for_stmt(&mut self, stmt: &ast::StmtFor) {
        if let Some(call) = self.crange_call(&stmt.iter) {
            self.crange_loop(stmt, call);
            return;
        }
        let iter = self.expr(&stmt.iter, None);
        let several = matches!(&*stmt.target, Expr::Tuple(_) | Expr::List(_));
        let plan = match (fast_container(&iter), &*stmt.target) {
            (Some(fast), Expr::Name(_)) if fast.exact && !stmt.is_async => match fast.container {
                Container::List | Container::Tuple | Container::CheckedList | Container::Array => {
                    LoopPlan::Sequence(fast.container)
                }
                _ => LoopPlan::Python,
            },
            _ => LoopPlan::Python,
        };
        if several && matches!(fast_container(&iter), Some(fast) if matches!(fast.container, Container::Array)) {
            let message = format!("cannot unpack multiple values from {iter} while iterating");
            self.report(Rule::SequenceUnpack, stmt.target.range(), message);
        }
        self.clobber();
        let item = if stmt.is_async {
            if iter.is_prim() {
                self.report(Rule::PrimitiveEscape, stmt.iter.range(), "cannot await a primitive value");
            }
            Type::Dynamic
        } else {
            self.element_of(&stmt.iter, &iter)
        };
        self.loop_plan(&stmt.iter, plan);
        let (broken, _) = self.looping(stmt.range, &stmt.body, |this| {
            this.clobber();
            this.store(&stmt.target, &item, None);
            this.body(&stmt.body);
        });
        self.body(&stmt.orelse);
        for other in &broken {
            self.merge(other, stmt.range);
        }
    }

    fn loop_plan(&mut self, iter: &Expr, plan: LoopPlan) {
        if self.silent == 0
            && let Some(key) = Self::key(iter)
        {
            self.unit.loops.insert(key, plan);
        }
    }

    fn crange_call<'e>(&self, iter: &'e Expr) -> Option<&'e ast::ExprCall> {
        let Expr::Call(call) = iter else { return None };
        let entity = match &*call.func {
            Expr::Name(name) if !self.is_frame_local(&name.id) || self.is_global_here(&name.id) => {
                self.resolver().global(&name.id)
            }
            Expr::Attribute(_) => self.resolver().entity(&crate::type_expr::TypeExpr::lower(&call.func)),
            _ => return None,
        };
        (entity == Entity::Special(Special::CRange)).then_some(call)
    }

    fn crange_loop(&mut self, stmt: &ast::StmtFor, call: &ast::ExprCall) {
        let int64 = Type::Prim(Prim::Int64);
        if !call.arguments.keywords.is_empty() {
            self.report(Rule::InvalidIntrinsic, stmt.iter.range(), "crange() takes no keyword arguments");
        } else if !matches!(call.arguments.args.len(), 1 | 2) {
            self.report(Rule::InvalidIntrinsic, stmt.iter.range(), "crange() accepts only 1 or 2 parameters");
        }
        for argument in call.arguments.iter_source_order() {
            let value = argument.value();
            let ty = self.expr(value, Some(&int64));
            match &ty {
                Type::Prim(prim) if prim.is_int() => self.convert_to(value, &ty, &int64),
                Type::Unknown => {}
                ty => self.report(Rule::InvalidIntrinsic, value.range(), format!("can't use crange with arg: {ty}")),
            }
        }
        if !matches!(&*stmt.target, Expr::Name(_)) {
            let message = format!("cannot unpack multiple values from {int64} while iterating");
            self.report(Rule::SequenceUnpack, stmt.target.range(), message);
        }
        self.set(&stmt.iter, int64.clone(), ExprOp::Python);
        self.loop_plan(&stmt.iter, LoopPlan::CRange);
        // The counter is set before the first test, so it is assigned even when the loop is empty.
        if matches!(&*stmt.target, Expr::Name(_)) {
            self.store(&stmt.target, &int64, None);
        }
        let (broken, _) = self.looping(stmt.range, &stmt.body, |this| {
            if matches!(&*stmt.target, Expr::Name(_)) {
                this.store(&stmt.target, &int64, None);
            }
            this.body(&stmt.body);
        });
        self.body(&stmt.orelse);
        for other in &broken {
            self.merge(other, stmt.range);
        }
    }

    // ---- try, with, match --------------------------------------------------------------------------

    fn try_stmt(&mut self, stmt: &ast::StmtTry) {
        let before = self.flow.clone();
        self.body(&stmt.body);
        let after_body = self.flow.clone();
        // A handler may be reached from anywhere in the body.
        let mut alive = after_body.clone();
        alive.dead = false;
        alive.forget_attributes();
        self.flow = before;
        self.flow.forget_attributes();
        self.merge(&alive, stmt.range);
        let handler_entry = std::mem::replace(&mut self.flow, after_body);
        self.body(&stmt.orelse);
        let mut ends = vec![self.flow.clone()];
        for handler in &stmt.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            self.flow = handler_entry.clone();
            self.clobber();
            if let Some(ty) = &handler.type_ {
                self.expr(ty, None);
            }
            if let Some(name) = &handler.name {
                self.except_name(handler, name, stmt.is_star);
            }
            self.body(&handler.body);
            if let Some(name) = &handler.name {
                self.flow.remove_local(&name.id);
            }
            ends.push(self.flow.clone());
        }
        let mut ends = ends.into_iter();
        self.flow = ends.next().unwrap_or_default();
        for end in ends {
            self.merge(&end, stmt.range);
        }
        if !stmt.finalbody.is_empty() {
            self.finally(stmt, &handler_entry);
        }
    }

    /// `finally` runs from every state; the state after it is that of the ordinary way.
    fn finally(&mut self, stmt: &ast::StmtTry, abnormal: &Flow) {
        let normal = std::mem::replace(&mut self.flow, abnormal.clone());
        self.merge(&normal, stmt.range);
        let entered = self.flow.clone();
        if !normal.dead && self.finally_depth < MAX_FINALLY_DEPTH {
            // Names assigned on the ordinary way stay known after the statement.
            self.finally_depth += 1;
            self.flow = normal.clone();
            self.silent += 1;
            self.body(&stmt.finalbody);
            self.silent -= 1;
            let after = std::mem::replace(&mut self.flow, entered);
            self.body(&stmt.finalbody);
            self.finally_depth -= 1;
            self.flow = after;
        } else {
            self.body(&stmt.finalbody);
            self.flow.dead = true;
        }
    }

    fn except_name(&mut self, handler: &ast::ExceptHandlerExceptHandler, name: &ast::Identifier, is_star: bool) {
        let key = cinder_syntax::node_id(name);
        let is_final = self.frame().locals.get(&name.id).is_some_and(|local| local.is_final);
        if is_final {
            self.report(Rule::AssignToFinal, name.range, "Cannot assign to a Final variable");
        }
        let ty = match &handler.type_ {
            Some(ty) if !is_star => self.caught_type(ty),
            _ => Type::Dynamic,
        };
        if self.frame().kind == FrameKind::Function && !self.is_global_here(&name.id) {
            // An exception name is declared afresh.
            self.frame_mut().locals.remove(&name.id);
            let _ = key;
            self.note_register(&name.id, &ty);
        }
        self.flow.set_local(name.id.clone(), ty);
    }

    /// The type of what `except E` catches.
    fn caught_type(&mut self, class: &Expr) -> Type {
        self.silent += 1;
        let types: Vec<Type> = match class {
            Expr::Tuple(tuple) => tuple.elts.iter().map(|element| self.expr(element, None)).collect(),
            other => vec![self.expr(other, None)],
        };
        self.silent -= 1;
        let instances: Option<Vec<Type>> = types
            .iter()
            .map(|ty| match ty {
                Type::Class(class) => class.instance.class_id().map(Type::instance),
                _ => None,
            })
            .collect();
        match instances {
            Some(instances) if instances.len() == 1 => instances.into_iter().next().unwrap_or(Type::Dynamic),
            _ => Type::Dynamic,
        }
    }

    fn with_stmt(&mut self, stmt: &ast::StmtWith) {
        let mut transparent = true;
        for item in &stmt.items {
            let manager = self.object(&item.context_expr, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
            self.lint_manager(&item.context_expr);
            transparent &= !stmt.is_async && self.never_swallows(&manager);
            self.clobber();
            if let Some(target) = &item.optional_vars {
                self.store(target, &Type::Dynamic, None);
            }
        }
        let before = self.flow.clone();
        self.body(&stmt.body);
        self.clobber();
        if transparent {
            self.transparent.insert(stmt.range);
        }
        // The manager may swallow an exception: control may come here although the body ends in `return` or `raise`.
        if self.flow.dead && !transparent {
            let dead = std::mem::replace(&mut self.flow, before);
            let mut alive = dead;
            alive.dead = false;
            self.merge(&alive, stmt.range);
            self.flow.forget_attributes();
        }
    }

    /// The manager's `__exit__` is declared to return `Literal[False]`, and no override may differ.
    fn never_swallows(&self, manager: &Type) -> bool {
        manager
            .class_id()
            .and_then(|class| self.find_method(&class, "__exit__"))
            .is_some_and(|(_, method)| method.signature.returns == Type::BoolLiteral(false))
    }

    fn match_stmt(&mut self, stmt: &ast::StmtMatch) {
        self.object(&stmt.subject, Rule::PrimitiveOperation, "cannot match a primitive value");
        let mut entry = self.flow.clone();
        entry.forget_attributes();
        self.clobber();
        let mut ends: Vec<Flow> = Vec::new();
        for case in &stmt.cases {
            self.flow = entry.clone();
            self.pattern(&case.pattern);
            let mut names = Vec::new();
            summary::pattern_names(&case.pattern, &mut names);
            for name in names {
                // A capture stores whatever the subject holds, unchecked.
                if self.declared_type(&name).is_some_and(|declared| declared.is_prim()) {
                    let message = "type mismatch: dynamic cannot be assigned to a primitive";
                    self.report(Rule::InvalidAssignment, case.pattern.range(), message);
                }
                if self.frame().kind == FrameKind::Function {
                    self.note_register(&name, &Type::Dynamic);
                }
                self.flow.set_local(name, Type::Dynamic);
            }
            if let Some(guard) = &case.guard {
                self.expr(guard, None);
            }
            self.body(&case.body);
            ends.push(self.flow.clone());
        }
        // No pattern counts as certain to match.
        ends.push(entry);
        let mut ends = ends.into_iter();
        self.flow = ends.next().unwrap_or_default();
        for end in ends {
            self.merge(&end, stmt.range);
        }
    }

    fn pattern(&mut self, pattern: &ast::Pattern) {
        use ast::Pattern;
        match pattern {
            Pattern::MatchValue(value) => {
                self.expr(&value.value, None);
            }
            Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => {}
            Pattern::MatchSequence(sequence) => sequence.patterns.iter().for_each(|inner| self.pattern(inner)),
            Pattern::MatchMapping(mapping) => {
                mapping.keys.iter().for_each(|key| {
                    self.expr(key, None);
                });
                mapping.patterns.iter().for_each(|inner| self.pattern(inner));
            }
            Pattern::MatchClass(class) => {
                self.expr(&class.cls, None);
                class.arguments.patterns.iter().for_each(|inner| self.pattern(inner));
                class.arguments.keywords.iter().for_each(|inner| self.pattern(&inner.pattern));
            }
            Pattern::MatchAs(inner) => {
                if let Some(inner) = &inner.pattern {
                    self.pattern(inner);
                }
            }
            Pattern::MatchOr(or) => or.patterns.iter().for_each(|inner| self.pattern(inner)),
        }
    }

    // ---- definitions -------------------------------------------------------------------------------

    fn function_def(&mut self, def: &ast::StmtFunctionDef) {
        let class: Option<Arc<ClassSummary>> = match self.frame().kind {
            FrameKind::Class => self.classes.last().cloned(),
            _ => None,
        };
        self.function_header(def, class.as_ref());
        let nested = self.frame().kind == FrameKind::Function;
        let key = Self::key(def);
        if nested {
            self.bind_name(&def.name.id, Type::Dynamic, def.name.range, key);
        } else {
            self.flow.set_local(def.name.id.clone(), Type::Dynamic);
        }
        if (self.has_own_unit)(def) {
            return;
        }
        let typed = self.function_body(def, class.as_ref(), nested);
        if self.silent == 0
            && let Some(key) = key
        {
            self.unit.functions.insert(key, typed);
        }
    }

    fn import(&mut self, import: &ast::StmtImport) {
        self.import_flags(import);
        for alias in &import.names {
            let bound = match &alias.asname {
                Some(name) => name.id.clone(),
                None => Name::new(alias.name.as_str().split('.').next().unwrap_or_default()),
            };
            let key = cinder_syntax::node_id(alias);
            self.bind_name(&bound, Type::Dynamic, alias.range, key);
        }
        self.clobber();
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let target = import.module.as_ref().map(ast::Identifier::as_str);
        let module = summary::absolute_module(&self.cx.module.name, self.cx.module.is_package, import.level, target);
        if module.is_none() && import.level > 0 {
            self.report(Rule::RelativeImport, import.range, "attempted relative import beyond top-level package");
        }
        for alias in &import.names {
            let name = alias.name.as_str();
            if target == Some("__static__") {
                if name == "*" {
                    self.report(Rule::StaticImport, import.range, "from __static__ import * is disallowed");
                } else if crate::names::fixed("__static__", name) == Some(Entity::Unsupported) {
                    self.report(Rule::StaticImport, alias.range, format!("unsupported static import {name}"));
                }
            }
            if name == "*" {
                continue;
            }
            if let Some(module) = &module {
                self.known_in(module, name, alias.range);
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).id.clone();
            let key = cinder_syntax::node_id(alias);
            self.bind_name(&bound, Type::Dynamic, alias.range, key);
        }
        self.clobber();
    }

    /// Warns of a name that a module does not have.
    pub(super) fn known_in(&mut self, module: &str, name: &str, range: TextRange) {
        if self.silent == 0 && self.cx.env.lacks(module, name) {
            self.report(Rule::UnknownModuleName, range, format!("module '{module}' has no attribute '{name}'"));
        }
    }

    // ---- termination -------------------------------------------------------------------------------

    /// The end of these statements is not reached (section 5.7).
    pub(super) fn terminates(&self, body: &[Stmt]) -> bool {
        body.iter().any(|stmt| self.is_terminal(stmt))
    }

    fn is_terminal(&self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Return(_) | Stmt::Raise(_) => true,
            Stmt::If(stmt) => {
                let has_else = stmt.elif_else_clauses.iter().any(|clause| clause.test.is_none());
                has_else
                    && self.terminates(&stmt.body)
                    && stmt.elif_else_clauses.iter().all(|clause| self.terminates(&clause.body))
            }
            Stmt::Try(stmt) => {
                let handlers = stmt.handlers.iter().all(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    self.terminates(&handler.body)
                });
                self.terminates(&stmt.finalbody)
                    || (handlers && (self.terminates(&stmt.body) || self.terminates(&stmt.orelse)))
            }
            Stmt::With(stmt) => self.transparent.contains(&stmt.range) && self.terminates(&stmt.body),
            Stmt::While(stmt) => {
                let always = match crate::fold::fold(&stmt.test) {
                    Some(value @ (cinder_types::ConstValue::Bool(_) | cinder_types::ConstValue::Int(_))) => {
                        value.truth()
                    }
                    _ => false,
                };
                always && !has_break(&stmt.body)
            }
            _ => false,
        }
    }
}

/// Names the statements bind by assignment, loop, `with`, `except`, pattern or walrus; those of inner functions excluded.
fn assigned_names(body: &[Stmt], names: &mut Vec<Name>) {
    use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
    struct Assigned<'n>(&'n mut Vec<Name>);
    impl<'a> SourceOrderVisitor<'a> for Assigned<'_> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::FunctionDef(def) => self.0.push(def.name.id.clone()),
                Stmt::ClassDef(def) => self.0.push(def.name.id.clone()),
                stmt => walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Name(name) if name.ctx != ast::ExprContext::Load => self.0.push(name.id.clone()),
                Expr::Lambda(_) => {}
                expr => walk_expr(self, expr),
            }
        }

        fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
            let ast::ExceptHandler::ExceptHandler(inner) = handler;
            self.0.extend(inner.name.as_ref().map(|name| name.id.clone()));
            cinder_syntax::ast::visitor::source_order::walk_except_handler(self, handler);
        }

        fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
            summary::pattern_names(pattern, self.0);
        }
    }
    let mut walk = Assigned(names);
    for stmt in body {
        walk.visit_stmt(stmt);
    }
}

/// A `break` that leaves this loop.
fn has_break(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Break(_) => true,
        Stmt::If(stmt) => has_break(&stmt.body) || stmt.elif_else_clauses.iter().any(|clause| has_break(&clause.body)),
        Stmt::For(stmt) => has_break(&stmt.orelse),
        Stmt::While(stmt) => has_break(&stmt.orelse),
        Stmt::With(stmt) => has_break(&stmt.body),
        Stmt::Try(stmt) => {
            let handlers = stmt.handlers.iter().any(|handler| {
                let ast::ExceptHandler::ExceptHandler(handler) = handler;
                has_break(&handler.body)
            });
            has_break(&stmt.body) || handlers || has_break(&stmt.orelse) || has_break(&stmt.finalbody)
        }
        Stmt::Match(stmt) => stmt.cases.iter().any(|case| has_break(&case.body)),
        _ => false,
    })
}
