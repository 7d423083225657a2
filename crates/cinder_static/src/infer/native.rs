//! `@native`: functions of C libraries.
//!
//! Follows: the language specification, section 12.3.

use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::Ranged;
use cinder_types::{ConstValue, Prim, Special, Type};

use super::Checker;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::type_expr::TypeExpr;

impl Checker<'_> {
    /// Rules of a `def` that carries the decorator.
    pub(super) fn native_rules(&mut self, def: &ast::StmtFunctionDef, is_method: bool) {
        let native = |this: &Self, expr: &Expr| {
            this.resolver().entity(&TypeExpr::lower(expr)) == Entity::Special(Special::Native)
        };
        let Some(decorator) = def.decorator_list.iter().find(|decorator| native(self, &decorator.expression)) else {
            return;
        };
        if let Some((range, message)) = self.native_error(def, &decorator.expression, is_method) {
            self.report(Rule::InvalidNative, range, message);
        }
    }

    fn native_error(
        &mut self,
        def: &ast::StmtFunctionDef,
        decorator: &Expr,
        is_method: bool,
    ) -> Option<(cinder_text::TextRange, String)> {
        let at = decorator.range();
        let fail = |message: &str| Some((at, message.to_owned()));
        if is_method {
            return fail("Cannot decorate a method with @native");
        }
        let Expr::Call(call) = decorator else {
            return fail("@native decorator must specify the library to be loaded");
        };
        if !call.arguments.keywords.is_empty() {
            return fail("@native decorator takes no keyword arguments");
        }
        if call.arguments.args.iter().any(Expr::is_starred_expr) {
            return fail("@native decorator takes no starred arguments");
        }
        let [library] = &*call.arguments.args else {
            return fail("@native decorator accepts a single parameter, the path to .so file");
        };
        let library_ty = self.recorded_argument(library);
        if !library_ty.is_dynamic() && !self.assignable(&Type::str(), &library_ty) {
            let message = format!("type mismatch: {library_ty} received for positional arg 'lib', expected str");
            return Some((library.range(), message));
        }
        if !matches!(self.folded(library), Some(ConstValue::Str(_))) {
            return Some((library.range(), "@native decorator 'lib' argument must be a `str`".to_owned()));
        }
        if def.decorator_list.len() > 1 {
            return fail("@native decorator cannot be used with other decorators");
        }
        if def.is_async {
            return fail("@native decorator cannot be used on async functions");
        }
        self.native_signature(def)
    }

    fn recorded_argument(&mut self, expr: &Expr) -> Type {
        self.silent += 1;
        let ty = self.expr(expr, None);
        self.silent -= 1;
        ty
    }

    /// The body is checked in the unit that holds it.
    pub(super) fn native_body(&mut self, def: &ast::StmtFunctionDef) {
        if !matches!(&*def.body, [Stmt::Pass(_)]) {
            let message = "@native callables cannot contain a function body, only 'pass' is allowed";
            self.report(Rule::InvalidNative, def.name.range, message);
        }
    }

    fn native_signature(&self, def: &ast::StmtFunctionDef) -> Option<(cinder_text::TextRange, String)> {
        let fail = |message: &str| Some((def.name.range, message.to_owned()));
        let parameters = &def.parameters;
        if !parameters.posonlyargs.is_empty() {
            return fail("@native callables cannot contain pos-only args");
        }
        if !parameters.kwonlyargs.is_empty() || parameters.vararg.is_some() {
            return fail("@native callables cannot contain kw-only args");
        }
        if parameters.kwarg.is_some() || parameters.args.iter().any(|param| param.default().is_some()) {
            return fail("@native callables cannot contain kwargs");
        }
        let passes = |ty: &Type| matches!(ty, Type::Prim(prim) if *prim != Prim::Double);
        let refused = parameters.args.iter().find_map(|param| {
            let ty = match param.parameter.annotation() {
                Some(annotation) => self.resolver().ty(&TypeExpr::lower(annotation)).ok()?,
                None => Type::Dynamic,
            };
            let message = format!("@native: expected a primitive arg for {}, not {ty}", param.parameter.name);
            (!passes(&ty)).then_some((param.parameter.range, message))
        });
        // C functions give integers, or nothing.
        refused.or_else(|| {
            let ty = match &def.returns {
                Some(annotation) => self.resolver().ty(&TypeExpr::lower(annotation)).ok()?,
                None => Type::Dynamic,
            };
            let message = format!("@native: expected a primitive result, not {ty}");
            let range = def.returns.as_ref().map_or(def.name.range, |returns| returns.range());
            (ty != Type::None && !passes(&ty)).then_some((range, message))
        })
    }
}
