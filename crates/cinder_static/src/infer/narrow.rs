//! Tests and what they prove.
//!
//! Problem: a test changes what is known about names and attributes in its branches, and `and`, `or`, `not` compose such knowledge.
//! Idea: visiting a test gives its type and an [`Effect`]: refinements that hold when it is true, and when it is false.
//! Holds: a refinement of an attribute is applied only if nothing that may run other code happened since it was found.
//!
//! Follows: the language specification, sections 5.5 and 5.6.

use cinder_syntax::ast::{self, BoolOp, CmpOp, Expr, UnaryOp};
use cinder_text::Ranged;
use cinder_types::{Name, Special, Type, TypeDescriptor};

use super::Checker;
use super::attribute::Found;
use crate::typed::{AssertPlan, ExprOp};

/// What is narrowed.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Path {
    Local(Name),
    /// With the register that keeps the value, and the clock at which it was read.
    Attribute {
        path: (Name, Name),
        temp: u32,
        clock: u32,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Refinement {
    path: Path,
    ty: Type,
}

/// What a test proves, by its outcome.
#[derive(Clone, Debug, Default)]
pub(super) struct Effect {
    pub(super) then: Vec<Refinement>,
    pub(super) otherwise: Vec<Refinement>,
}

impl Effect {
    pub(super) fn reversed(self) -> Self {
        Self { then: self.otherwise, otherwise: self.then }
    }
}

impl Checker<'_> {
    /// Visits an expression whose truth matters.
    pub(super) fn test(&mut self, expr: &Expr) -> (Type, Effect) {
        if crate::fold::fold(expr).is_some() {
            return (self.expr(expr, None), Effect::default());
        }
        let (ty, effect) = match expr {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => self.unary(expr, unary, None),
            Expr::BoolOp(bool_op) => return self.bool_op(expr, bool_op, None),
            Expr::Compare(compare) => self.compare(expr, compare),
            Expr::Named(named) => {
                let (ty, path) = self.walrus(expr, named, None);
                let effect = path.map_or_else(Effect::default, |path| truth_effect(path, &ty));
                (ty, effect)
            }
            Expr::Name(name) => {
                let ty = self.expr(expr, None);
                let path = self.local_path(&name.id);
                let effect = path.map_or_else(Effect::default, |path| truth_effect(path, &ty));
                (ty, effect)
            }
            Expr::Call(call) => match self.isinstance(expr, call) {
                Some(found) => found,
                None => (self.expr(expr, None), Effect::default()),
            },
            _ => (self.expr(expr, None), Effect::default()),
        };
        // The value's own `__bool__` may run code.
        if !ty.is_prim() && ty != Type::bool() && !matches!(ty, Type::BoolLiteral(_)) && !is_plain_truth(&ty) {
            self.clobber();
        }
        (ty, effect)
    }

    pub(super) fn apply(&mut self, refinements: &[Refinement]) {
        for refinement in refinements {
            match &refinement.path {
                Path::Local(name) => self.flow.narrow_local(name, refinement.ty.clone()),
                Path::Attribute { path, temp, clock } => {
                    if *clock == self.flow.clock {
                        self.flow.set_attribute(path.clone(), refinement.ty.clone(), *temp);
                    }
                }
            }
        }
    }

    /// Records what is left of an assertion that proves something when assertions are left out.
    pub(super) fn keep_assert(&mut self, test: &Expr, effect: &Effect) {
        if self.silent > 0 || effect.then.is_empty() {
            return;
        }
        let Some(key) = Self::key(test) else { return };
        let casts: Option<Vec<_>> = effect
            .then
            .iter()
            .map(|refinement| match &refinement.path {
                Path::Local(name) => Some((name.clone(), TypeDescriptor::of(&refinement.ty))),
                Path::Attribute { .. } => None,
            })
            .collect();
        let plan = casts.map_or(AssertPlan::Keep, |casts| {
            AssertPlan::Casts(casts.into_iter().filter(|(_, descriptor)| !descriptor.is_object()).collect())
        });
        self.unit.asserts.insert(key, plan);
    }

    /// A local whose type may be narrowed.
    pub(super) fn local_path(&self, name: &Name) -> Option<Path> {
        let known = self.is_frame_local(name)
            && !self.is_global_here(name)
            && !self.is_shared_cell(name)
            && self.flow.local(name).is_some();
        known.then(|| Path::Local(name.clone()))
    }

    /// The refinable path an expression denotes, after the expression was visited. Attributes get a register for their value.
    pub(super) fn refinable(&mut self, expr: &Expr) -> Option<Path> {
        match expr {
            Expr::Name(name) => self.local_path(&name.id),
            Expr::Named(named) => match &*named.target {
                Expr::Name(name) => self.local_path(&name.id),
                _ => None,
            },
            Expr::Attribute(attribute) => {
                let path = self.path(attribute)?;
                if let Some((_, temp)) = self.flow.attribute(&path) {
                    return Some(Path::Attribute { temp: *temp, path, clock: self.flow.clock });
                }
                let class = self.flow.local(&path.0)?.class_id()?;
                let Found::Slot(field) = self.find(&class, &path.1) else { return None };
                if field.ty.is_prim() {
                    return None;
                }
                let temp = self.temp(&path);
                let ty = field.ty.clone();
                self.set(expr, ty, ExprOp::FieldKeep(Box::new(field), temp));
                Some(Path::Attribute { path, temp, clock: self.flow.clock })
            }
            _ => None,
        }
    }

    /// The refinement register of a path, one per path and function.
    pub(super) fn temp(&mut self, path: &(Name, Name)) -> u32 {
        let frame = self.frame_mut();
        if let Some(temp) = frame.temps.get(path) {
            return *temp;
        }
        let temp = frame.refinements;
        frame.refinements += 1;
        frame.temps.insert(path.clone(), temp);
        temp
    }

    /// `x is None`, `x is not None` and the mirrored forms.
    pub(super) fn none_test(&mut self, compare: &ast::ExprCompare, types: &[Type]) -> Effect {
        let ([op @ (CmpOp::Is | CmpOp::IsNot)], [right]) = (&*compare.ops, &*compare.comparators) else {
            return Effect::default();
        };
        let (subject, ty) = match (&*compare.left, right) {
            (subject, Expr::NoneLiteral(_)) => (subject, &types[0]),
            (Expr::NoneLiteral(_), subject) => (subject, &types[1]),
            _ => return Effect::default(),
        };
        if !ty.is_optional() {
            return Effect::default();
        }
        let Some(path) = self.refinable(subject) else { return Effect::default() };
        let none = Refinement { path: path.clone(), ty: Type::None };
        let some = Refinement { path, ty: ty.without_none() };
        let effect = Effect { then: vec![none], otherwise: vec![some] };
        if *op == CmpOp::Is { effect } else { effect.reversed() }
    }

    /// `isinstance(x, C)`; `None` when the call is not one that narrows.
    fn isinstance(&mut self, expr: &Expr, call: &ast::ExprCall) -> Option<(Type, Effect)> {
        let Expr::Name(callee) = &*call.func else { return None };
        let is_builtin = !self.is_frame_local(&callee.id)
            && self.resolver().global(&callee.id) == crate::resolve::Entity::Special(Special::IsInstance);
        let ([subject, classes], true) = (&*call.arguments.args, is_builtin && call.arguments.keywords.is_empty())
        else {
            return None;
        };
        let result = self.expr(expr, None);
        let ty = self.recorded_type(subject);
        let tested = self.tested_classes(classes);
        let clock = self.flow.clock;
        let Some(path) = self.refinable(subject) else { return Some((result, Effect::default())) };
        let is_known = !ty.is_dynamic() && self.assignable(&tested, &ty);
        if !tested.is_dynamic() && !is_known {
            self.set(expr, result.clone(), ExprOp::IsInstance(Box::new(tested.clone())));
        }
        // The call itself runs no user code for classes without `__instancecheck__`.
        let path = match path {
            Path::Attribute { path, temp, .. } => Path::Attribute { path, temp, clock },
            local => local,
        };
        let then = Refinement { path: path.clone(), ty: tested.clone() };
        let rest = ty.filter(|member| member.is_dynamic() || !self.assignable(&tested, member));
        let mut effect = Effect { then: vec![then], otherwise: Vec::new() };
        if !tested.is_dynamic() && ty.is_union() && rest != Type::Never {
            effect.otherwise.push(Refinement { path, ty: rest });
        }
        Some((result, effect))
    }

    /// The type an expression got when it was last visited.
    fn recorded_type(&mut self, expr: &Expr) -> Type {
        match expr {
            Expr::Name(name) => self.flow.local(&name.id).cloned().unwrap_or(Type::Dynamic),
            Expr::Attribute(attribute) => {
                let Some(path) = self.path(attribute) else { return Type::Dynamic };
                if let Some((ty, _)) = self.flow.attribute(&path) {
                    return ty.clone();
                }
                let class = self.flow.local(&path.0).and_then(Type::class_id);
                match class.map(|class| self.find(&class, &path.1)) {
                    Some(Found::Slot(field)) => field.ty,
                    _ => Type::Dynamic,
                }
            }
            _ => Type::Dynamic,
        }
    }

    /// What `isinstance(_, classes)` proves; `dynamic` for classes that are not known.
    fn tested_classes(&mut self, classes: &Expr) -> Type {
        self.silent += 1;
        let ty = match classes {
            Expr::Tuple(tuple) => {
                let instances: Vec<Type> = tuple.elts.iter().map(|element| self.tested_classes(element)).collect();
                self.union(classes.range(), instances)
            }
            Expr::BinOp(ast::ExprBinOp { left, op: ast::Operator::BitOr, right, .. }) => {
                let instances = [self.tested_classes(left), self.tested_classes(right)];
                self.union(classes.range(), instances)
            }
            Expr::NoneLiteral(_) => Type::None,
            _ => {
                let ty = self.expr(classes, None);
                instance_of(&ty)
            }
        };
        self.silent -= 1;
        if ty.is_prim() { Type::Dynamic } else { ty }
    }

    // ---- and, or -----------------------------------------------------------------------------------

    pub(super) fn bool_op(
        &mut self,
        expr: &Expr,
        bool_op: &ast::ExprBoolOp,
        expected: Option<&Type>,
    ) -> (Type, Effect) {
        let is_and = bool_op.op == BoolOp::And;
        let _ = expected;
        let before = self.flow.clone();
        let mut proved: Vec<Refinement> = Vec::new();
        let mut types = Vec::new();
        let last = bool_op.values.len().saturating_sub(1);
        for (index, value) in bool_op.values.iter().enumerate() {
            let (ty, effect) = self.test(value);
            let kept = if is_and { effect.then } else { effect.otherwise };
            self.apply(&kept);
            proved.extend(kept);
            // A value that lets `or` stop is true, so it is not None.
            types.push(if !is_and && index < last && ty.is_optional() { ty.without_none() } else { ty });
        }
        self.undo(&before, &proved);
        let ty = self.bool_values(expr, types);
        let op = if ty.is_prim() { ExprOp::PrimBool } else { ExprOp::Python };
        let ty = self.set(expr, ty, op);
        let effect = if is_and {
            Effect { then: proved, otherwise: Vec::new() }
        } else {
            Effect { then: Vec::new(), otherwise: proved }
        };
        (ty, effect)
    }

    fn bool_values(&mut self, expr: &Expr, types: Vec<Type>) -> Type {
        let first = types.first().cloned().unwrap_or(Type::Dynamic);
        if first.is_prim() && types.iter().all(|ty| *ty == first) {
            return first;
        }
        if types.contains(&Type::Unknown) {
            return Type::Unknown;
        }
        let inexact: Vec<Type> = types.into_iter().filter(|ty| *ty != Type::Never).collect();
        self.union(expr.range(), inexact)
    }

    /// Takes back what was applied while later operands were visited; assignments made by operands stay.
    fn undo(&mut self, before: &super::flow::Flow, proved: &[Refinement]) {
        for refinement in proved {
            match &refinement.path {
                Path::Local(name) => {
                    if self.flow.local(name) == Some(&refinement.ty)
                        && let Some(old) = before.local(name)
                    {
                        self.flow.narrow_local(name, old.clone());
                    }
                }
                Path::Attribute { path, .. } => match before.attribute(path) {
                    Some((ty, temp)) if self.flow.attribute(path).is_some() => {
                        self.flow.set_attribute(path.clone(), ty.clone(), *temp);
                    }
                    _ => self.flow.forget_attribute(path),
                },
            }
        }
    }

    // ---- walrus ------------------------------------------------------------------------------------

    pub(super) fn walrus(
        &mut self,
        expr: &Expr,
        named: &ast::ExprNamed,
        expected: Option<&Type>,
    ) -> (Type, Option<Path>) {
        let Expr::Name(name) = &*named.target else {
            let ty = self.expr(&named.value, expected);
            return (self.set(expr, ty, ExprOp::Python), None);
        };
        let declared = self.declared_type(&name.id);
        let value = self.expr(&named.value, declared.as_ref().or(expected));
        self.store(&named.target, &value, Some(&named.value));
        let ty = self.flow.local(&name.id).cloned().unwrap_or(value);
        let ty = self.set(expr, ty, ExprOp::Python);
        (ty, self.local_path(&name.id))
    }
}

/// Truthiness of a value that may be None.
fn truth_effect(path: Path, ty: &Type) -> Effect {
    if !ty.is_optional() {
        return Effect::default();
    }
    Effect {
        then: vec![Refinement { path: path.clone(), ty: ty.without_none() }],
        otherwise: vec![Refinement { path, ty: Type::None }],
    }
}

/// Builtins whose truth runs no user code.
fn is_plain_truth(ty: &Type) -> bool {
    ty.members().iter().all(|member| {
        *member == Type::None
            || (member.known_class().is_some() && member.is_exact())
            || matches!(member, Type::Generic(_))
    })
}

fn instance_of(ty: &Type) -> Type {
    match ty {
        Type::Class(class) => match &class.instance {
            Type::Instance { class, .. } => Type::instance(class.clone()),
            other => other.clone(),
        },
        _ => Type::Dynamic,
    }
}
