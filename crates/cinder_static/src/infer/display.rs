//! Displays, comprehensions and lambdas.
//!
//! Follows: the language specification, sections 3.9, 6 and 7.5.

use cinder_syntax::ast::{self, Expr};
use cinder_text::{Ranged, TextRange};
use cinder_types::{GenericDef, KnownClass, Name, Prim, Type, TypeDescriptor};

use super::{Checker, FrameKind};
use crate::rules::Rule;
use crate::typed::ExprOp;

impl Checker<'_> {
    pub(super) fn checked_element(&mut self, element: &Expr, expected: Option<&Type>) -> Type {
        match element {
            Expr::Starred(starred) => {
                let ty =
                    self.object(&starred.value, Rule::PrimitiveEscape, "cannot use primitive in starred expression");
                self.set(element, Type::Dynamic, ExprOp::Python);
                match ty {
                    Type::Generic(generic) if generic.def == GenericDef::CheckedList => {
                        generic.args.first().cloned().unwrap_or(Type::Dynamic)
                    }
                    _ => Type::Dynamic,
                }
            }
            element => {
                let ty = self.expr(element, expected);
                if ty.is_prim() {
                    let message = format!("type mismatch: {ty} cannot be assigned to dynamic");
                    return self.fail(Rule::PrimitiveEscape, element.range(), message);
                }
                ty
            }
        }
    }

    pub(super) fn list(&mut self, expr: &Expr, elements: &[Expr], expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedList);
        let item = wanted.as_ref().and_then(|args| args.first().cloned());
        let types: Vec<Type> = elements.iter().map(|element| self.checked_element(element, item.as_ref())).collect();
        self.checked_list(expr, types, wanted.as_deref(), expected)
    }

    /// The type of a list display or comprehension whose elements have these types.
    pub(super) fn checked_list(
        &mut self,
        expr: &Expr,
        types: Vec<Type>,
        wanted: Option<&[Type]>,
        expected: Option<&Type>,
    ) -> Type {
        let list = Type::exact(KnownClass::List);
        let Some(item) = wanted.and_then(<[Type]>::first) else {
            let wants_plain = matches!(expected, Some(Type::Instance { exact: true, .. }));
            if self.cx.module.checked_lists && !wants_plain {
                let joined = self.element_type(expr.range(), types.into_iter().map(|ty| ty.declared_form()));
                if joined != Type::Never {
                    return self.checked(expr, Type::generic(GenericDef::CheckedList, [joined]));
                }
            }
            return self.set(expr, list, ExprOp::Python);
        };
        let fits = types.iter().all(|ty| {
            *ty == Type::Unknown || (self.assignable(item, ty) && (*ty != Type::Dynamic || item.is_dynamic()))
        });
        if fits {
            return self.checked(expr, Type::generic(GenericDef::CheckedList, [item.clone()]));
        }
        let joined = self.element_type(expr.range(), types.into_iter().map(|ty| ty.declared_form()));
        self.checked(expr, Type::generic(GenericDef::CheckedList, [joined]))
    }

    pub(super) fn element_type(&mut self, range: TextRange, types: impl Iterator<Item = Type>) -> Type {
        let types: Vec<Type> = types.collect();
        self.union(range, types)
    }

    pub(super) fn checked(&mut self, expr: &Expr, ty: Type) -> Type {
        let descriptor = TypeDescriptor::of(&ty);
        self.set(expr, ty, ExprOp::Checked(Box::new(descriptor)))
    }

    pub(super) fn dict(&mut self, expr: &Expr, dict: &ast::ExprDict, expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedDict);
        let (key_ty, value_ty) = match wanted.as_deref() {
            Some([key, value]) => (Some(key.clone()), Some(value.clone())),
            _ => (None, None),
        };
        let mut keys = Vec::new();
        let mut values = Vec::new();
        for item in &dict.items {
            match &item.key {
                Some(key) => {
                    let key_found = self.expr(key, key_ty.as_ref());
                    keys.push(if key_found.is_prim() {
                        self.fail(Rule::PrimitiveEscape, key.range(), "dict keys cannot be primitives")
                    } else {
                        key_found
                    });
                    let value_found = self.expr(&item.value, value_ty.as_ref());
                    values.push(if value_found.is_prim() {
                        self.fail(Rule::PrimitiveEscape, item.value.range(), "dict values cannot be primitives")
                    } else {
                        value_found
                    });
                }
                None => match self.object(&item.value, Rule::PrimitiveEscape, "dict splat cannot be a primitive") {
                    Type::Generic(generic) if generic.def == GenericDef::CheckedDict && generic.args.len() == 2 => {
                        keys.push(generic.args[0].clone());
                        values.push(generic.args[1].clone());
                    }
                    _ => {
                        keys.push(Type::Dynamic);
                        values.push(Type::Dynamic);
                    }
                },
            }
        }
        self.clobber();
        self.checked_dict(expr, keys, values, wanted.as_deref(), expected)
    }

    pub(super) fn checked_dict(
        &mut self,
        expr: &Expr,
        keys: Vec<Type>,
        values: Vec<Type>,
        wanted: Option<&[Type]>,
        expected: Option<&Type>,
    ) -> Type {
        let plain = Type::exact(KnownClass::Dict);
        let by_flag = self.cx.module.checked_dicts && !matches!(expected, Some(Type::Instance { .. }));
        if wanted.is_none() && !by_flag {
            return self.set(expr, plain, ExprOp::Python);
        }
        if let Some([key, value]) = wanted {
            let fits = |this: &Self, want: &Type, got: &[Type]| {
                got.iter().all(|ty| {
                    *ty == Type::Unknown || (this.assignable(want, ty) && (*ty != Type::Dynamic || want.is_dynamic()))
                })
            };
            if fits(self, key, &keys) && fits(self, value, &values) {
                return self.checked(expr, Type::generic(GenericDef::CheckedDict, [key.clone(), value.clone()]));
            }
        }
        if keys.is_empty() {
            return self.set(expr, plain, ExprOp::Python);
        }
        let key = self.element_type(expr.range(), keys.into_iter().map(|ty| ty.to_inexact()));
        let value = self.element_type(expr.range(), values.into_iter().map(|ty| ty.to_inexact()));
        self.checked(expr, Type::generic(GenericDef::CheckedDict, [key, value]))
    }

    // ---- comprehensions and lambdas ----------------------------------------------------------------

    pub(super) fn list_comprehension(
        &mut self,
        expr: &Expr,
        comp: &ast::ExprListComp,
        expected: Option<&Type>,
    ) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedList);
        let item = wanted.as_ref().and_then(|args| args.first().cloned());
        let mut element = Type::Dynamic;
        self.comprehension(expr.range(), &comp.generators, true, |this| {
            element = this.expr(&comp.elt, item.as_ref());
            if element.is_prim() {
                element = this.fail(Rule::PrimitiveEscape, comp.elt.range(), "generator element cannot be a primitive");
            }
        });
        if wanted.is_none() {
            return self.set(expr, Type::exact(KnownClass::List), ExprOp::Python);
        }
        self.checked_list(expr, vec![element], wanted.as_deref(), expected)
    }

    pub(super) fn dict_comprehension(
        &mut self,
        expr: &Expr,
        comp: &ast::ExprDictComp,
        expected: Option<&Type>,
    ) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedDict);
        let (key_ty, value_ty) = match wanted.as_deref() {
            Some([key, value]) => (Some(key.clone()), Some(value.clone())),
            _ => (None, None),
        };
        let (mut key_found, mut value_found) = (Type::Dynamic, Type::Dynamic);
        self.comprehension(expr.range(), &comp.generators, true, |this| {
            if let Some(key) = &comp.key {
                key_found = this.expr(key, key_ty.as_ref());
                if key_found.is_prim() {
                    key_found = this.fail(
                        Rule::PrimitiveEscape,
                        key.range(),
                        "dictionary comprehension key cannot be a primitive",
                    );
                }
            }
            value_found = this.expr(&comp.value, value_ty.as_ref());
            if value_found.is_prim() {
                value_found = this.fail(
                    Rule::PrimitiveEscape,
                    comp.value.range(),
                    "dictionary comprehension value cannot be a primitive",
                );
            }
        });
        if wanted.is_none() {
            return self.set(expr, Type::exact(KnownClass::Dict), ExprOp::Python);
        }
        self.checked_dict(expr, vec![key_found], vec![value_found], wanted.as_deref(), expected)
    }

    /// Walks the clauses and then `element` with the targets in scope. `eager`: the code runs now, in this frame.
    pub(super) fn comprehension(
        &mut self,
        range: TextRange,
        generators: &[ast::Comprehension],
        eager: bool,
        element: impl FnOnce(&mut Self),
    ) {
        use cinder_semantic::ScopeKind;
        let scope = [ScopeKind::ListComp, ScopeKind::SetComp, ScopeKind::DictComp, ScopeKind::Generator]
            .into_iter()
            .find_map(|kind| self.index.scope_of(kind, range));
        let mut saved: Vec<(Name, Option<Type>)> = Vec::new();
        let mut entered = false;
        let before = (!eager).then(|| self.flow.clone());
        for generator in generators {
            // The first iterable is evaluated outside.
            let item = self.iterable(&generator.iter, generator.is_async);
            if !entered {
                entered = true;
                if let Some(scope) = scope {
                    self.inner_scopes.push(scope);
                }
                if !eager {
                    self.forget_for_later();
                }
            }
            let mut names = Vec::new();
            crate::summary::target_names(&generator.target, &mut names);
            for name in names {
                if !saved.iter().any(|(own, _)| *own == name) {
                    saved.push((name.clone(), self.flow.remove_local(&name)));
                }
            }
            self.comprehension_target(&generator.target, &item);
            for condition in &generator.ifs {
                self.expr(condition, None);
            }
        }
        element(self);
        if entered && scope.is_some() {
            self.inner_scopes.pop();
        }
        match before {
            Some(before) => self.flow = before,
            None => {
                for (name, ty) in saved {
                    self.flow.restore_local(name, ty);
                }
            }
        }
        self.clobber();
    }

    /// Code that runs later cannot rely on what variables hold now.
    pub(super) fn forget_for_later(&mut self) {
        let names: Vec<Name> = self.frame().locals.keys().cloned().collect();
        for name in names {
            if self.flow.local(&name).is_some_and(|current| !current.is_prim()) {
                self.flow.narrow_local(&name, Type::Dynamic);
            }
        }
        self.flow.forget_attributes();
    }

    pub(super) fn comprehension_target(&mut self, target: &Expr, item: &Type) {
        match target {
            Expr::Name(name) => {
                if item.is_prim() {
                    let message = "generator element cannot be a primitive";
                    self.report(Rule::PrimitiveEscape, target.range(), message);
                }
                let ty = if item.is_prim() { Type::Unknown } else { item.clone() };
                self.flow.set_local(name.id.clone(), ty.clone());
                self.set(target, ty, ExprOp::Python);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.comprehension_target(element, &Type::Dynamic);
                }
            }
            Expr::Starred(starred) => self.comprehension_target(&starred.value, &Type::exact(KnownClass::List)),
            other => self.store(other, &Type::Dynamic, None),
        }
    }

    pub(super) fn lambda(&mut self, expr: &Expr, lambda: &ast::ExprLambda) -> Type {
        let scope = self.index.scope_of(cinder_semantic::ScopeKind::Lambda, expr.range());
        if let Some(parameters) = &lambda.parameters {
            for param in parameters.iter_non_variadic_params() {
                if let Some(default) = param.default() {
                    self.object(default, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
                }
            }
        }
        let before = self.flow.clone();
        let inner = std::mem::take(&mut self.inner_scopes);
        self.push_frame(FrameKind::Lambda, scope.unwrap_or_else(|| self.frame().scope));
        self.flow = super::flow::Flow::default();
        if let Some(parameters) = &lambda.parameters {
            for param in parameters.iter_source_order() {
                self.flow.set_local(param.name().id.clone(), Type::Dynamic);
            }
        }
        self.object(&lambda.body, Rule::PrimitiveEscape, "lambda cannot return primitive value");
        self.frames.pop();
        self.inner_scopes = inner;
        self.flow = before;
        self.set(expr, Type::Dynamic, ExprOp::Python)
    }

    pub(super) fn awaited(&mut self, expr: &Expr, value: &Expr) -> Type {
        let ty = self.object(value, Rule::PrimitiveEscape, "cannot await a primitive value");
        self.clobber();
        match ty {
            Type::Awaitable(result) => self.trusted(expr, (*result).clone()),
            _ => self.set(expr, Type::Dynamic, ExprOp::Python),
        }
    }

    /// Visits an iterable and gives its element type.
    pub(super) fn iterable(&mut self, iter: &Expr, is_async: bool) -> Type {
        let ty = self.expr(iter, None);
        self.clobber();
        if is_async {
            return Type::Dynamic;
        }
        self.element_of(iter, &ty)
    }

    pub(super) fn element_of(&mut self, iter: &Expr, ty: &Type) -> Type {
        match ty {
            Type::Prim(prim) => {
                self.fail(Rule::PrimitiveOperation, iter.range(), format!("cannot iterate over {prim}"))
            }
            Type::Generic(generic) => match generic.def {
                GenericDef::CheckedList => generic.args.first().cloned().unwrap_or(Type::Dynamic),
                GenericDef::Array => Type::Prim(Prim::Int64),
                GenericDef::CheckedDict => Type::Dynamic,
            },
            _ => Type::Dynamic,
        }
    }
}

fn expected_generic(expected: Option<&Type>, def: GenericDef) -> Option<Box<[Type]>> {
    expected?.members().iter().find_map(|ty| match ty {
        Type::Generic(generic) if generic.def == def && generic.args.len() == def.arity() => Some(generic.args.clone()),
        _ => None,
    })
}
