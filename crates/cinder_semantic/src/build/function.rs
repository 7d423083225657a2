//! Functions, classes, type aliases and type parameters.

use super::Builder;
use crate::{DefinitionKind, ScopeFlags, ScopeId, ScopeKind, SymbolFlags};
use cinder_syntax::ast::{self, Expr, TypeParam, name::Name};
use cinder_text::{Ranged, TextRange};

impl Builder {
    pub(super) fn function(&mut self, node: &ast::StmtFunctionDef) {
        self.binding_as(DefinitionKind::Function, node, |this| this.identifier(&node.name));
        for decorator in &node.decorator_list {
            self.visit(&decorator.expression);
        }
        self.defaults(&node.parameters);
        match &node.type_params {
            None => self.function_scopes(node),
            Some(params) => {
                let scope = self.make_type_parameter_scope(&node.name.id, node.range);
                self.within(scope, |this| {
                    if node
                        .parameters
                        .iter_non_variadic_params()
                        .any(|param| !is_keyword_only(&node.parameters, param) && param.default.is_some())
                    {
                        this.declare(".defaults", SymbolFlags::PARAM, node.range);
                    }
                    if node.parameters.kwonlyargs.iter().any(|param| param.default.is_some()) {
                        this.declare(".kwdefaults", SymbolFlags::PARAM, node.range);
                    }
                    this.type_parameters(params);
                    this.function_scopes(node);
                });
            }
        }
    }

    fn function_scopes(&mut self, node: &ast::StmtFunctionDef) {
        let annotations = self.signature_annotations(node);
        let scope = self.make_scope(ScopeKind::Function, &node.name.id, node.range);
        let entry = &mut self.index.scopes[scope.index()];
        if node.is_async {
            entry.flags |= ScopeFlags::COROUTINE | ScopeFlags::ASYNC_DEF;
        }
        self.within(scope, |this| {
            this.parameters(&node.parameters);
            this.statements(&node.body);
        });
        // Only now: while its body is walked, the field collects the annotations of its locals.
        self.index.scopes[scope.index()].annotation_scope = annotations;
    }

    /// The scope of parameter and return annotations, when there are any.
    fn signature_annotations(&mut self, node: &ast::StmtFunctionDef) -> Option<ScopeId> {
        let parameters = &node.parameters;
        let annotated: Vec<&Expr> = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .map(|param| &param.parameter)
            .chain(parameters.vararg.as_deref())
            .chain(parameters.kwarg.as_deref())
            .chain(parameters.kwonlyargs.iter().map(|param| &param.parameter))
            .filter_map(|param| param.annotation.as_deref())
            .chain(node.returns.as_deref())
            .collect();
        if annotated.is_empty() {
            return None;
        }
        let sees_class = self.kind() == ScopeKind::Class || self.scope().flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let name = Name::new_static("__annotate__");
        let scope = self.make_deferred_scope(ScopeKind::Annotation, &name, node.range, sees_class);
        if self.index.future.annotations {
            self.index.scopes[scope.index()].flags |= ScopeFlags::UNEVALUATED;
        }
        self.within(scope, |this| this.visit_all(annotated));
        Some(scope)
    }

    pub(super) fn lambda(&mut self, node: &ast::ExprLambda) {
        if let Some(parameters) = &node.parameters {
            self.defaults(parameters);
        }
        let scope = self.make_scope(ScopeKind::Lambda, &Name::new_static("lambda"), node.range);
        self.within(scope, |this| {
            if let Some(parameters) = &node.parameters {
                this.parameters(parameters);
            }
            this.visit(&node.body);
        });
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        for param in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
            self.visit_optional(param.default.as_deref());
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        for param in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
            self.parameter(&param.parameter);
        }
        if let Some(param) = &parameters.vararg {
            self.parameter(param);
            self.scope_mut().flags |= ScopeFlags::VARARGS;
        }
        if let Some(param) = &parameters.kwarg {
            self.parameter(param);
            self.scope_mut().flags |= ScopeFlags::VARKEYWORDS;
        }
    }

    fn parameter(&mut self, param: &ast::Parameter) {
        let shown = param.range;
        self.binding_as(DefinitionKind::Parameter, param, |this| {
            this.declare(&param.name.id, SymbolFlags::PARAM, shown);
            this.define(this.current, &param.name.id, param.name.range);
        });
    }

    pub(super) fn class(&mut self, node: &ast::StmtClassDef) {
        self.binding_as(DefinitionKind::Class, node, |this| this.identifier(&node.name));
        for decorator in &node.decorator_list {
            self.visit(&decorator.expression);
        }
        match &node.type_params {
            None => self.class_scopes(node),
            Some(params) => {
                let scope = self.make_type_parameter_scope(&node.name.id, node.range);
                let private = self.private.replace(node.name.id.clone());
                let mangled = params.iter().map(|param| type_parameter_name(param).id.clone()).collect();
                let mangled_only = self.mangled_only.replace(mangled);
                let entry = &mut self.index.scopes[scope.index()];
                entry.private = self.private.clone();
                entry.mangled_only = self.mangled_only.clone();
                self.within(scope, |this| {
                    this.declare(".type_params", SymbolFlags::LOCAL | SymbolFlags::USE, node.range);
                    this.declare(".generic_base", SymbolFlags::LOCAL | SymbolFlags::USE, node.range);
                    this.type_parameters(params);
                    this.class_scopes(node);
                });
                self.private = private;
                self.mangled_only = mangled_only;
            }
        }
    }

    fn class_scopes(&mut self, node: &ast::StmtClassDef) {
        if let Some(arguments) = &node.arguments {
            self.visit_all(&arguments.args);
            self.visit_all(arguments.keywords.iter().map(|keyword| &keyword.value));
        }
        let private = self.private.replace(node.name.id.clone());
        let mangled_only = self.mangled_only.take();
        let scope = self.make_scope(ScopeKind::Class, &node.name.id, node.range);
        self.within(scope, |this| {
            if node.type_params.is_some() {
                this.declare("__type_params__", SymbolFlags::LOCAL, node.range);
                this.declare(".type_params", SymbolFlags::USE, node.range);
            }
            this.statements(&node.body);
        });
        self.private = private;
        self.mangled_only = mangled_only;
    }

    fn make_type_parameter_scope(&mut self, name: &Name, range: TextRange) -> ScopeId {
        let in_class = self.kind() == ScopeKind::Class;
        let scope = self.make_scope(ScopeKind::TypeParameters, name, range);
        if in_class {
            self.within(scope, |this| this.see_class(range));
        }
        scope
    }

    fn type_parameters(&mut self, params: &ast::TypeParams) {
        let mut defaulted = false;
        for param in &params.type_params {
            let name = type_parameter_name(param);
            self.binding_as(DefinitionKind::TypeParameter, param, |this| {
                this.bind(&name.id, SymbolFlags::TYPE_PARAM | SymbolFlags::LOCAL, name.range);
            });
            if let TypeParam::TypeVar(variable) = param
                && let Some(bound) = &variable.bound
            {
                let place = if bound.is_tuple_expr() { "a TypeVar constraint" } else { "a TypeVar bound" };
                self.type_variable(&name.id, bound, place);
            }
            match (param.default(), param) {
                (Some(default), TypeParam::TypeVar(_)) => self.type_variable(&name.id, default, "a TypeVar default"),
                (Some(default), TypeParam::TypeVarTuple(_)) => {
                    self.type_variable(&name.id, default, "a TypeVarTuple default")
                }
                (Some(default), TypeParam::ParamSpec(_)) => {
                    self.type_variable(&name.id, default, "a ParamSpec default")
                }
                (None, _) if defaulted => {
                    self.error(
                        format!("non-default type parameter '{}' follows default type parameter", name.id),
                        param.range(),
                    );
                }
                (None, _) => {}
            }
            defaulted |= param.default().is_some();
        }
    }

    fn type_variable(&mut self, name: &Name, value: &Expr, place: &'static str) {
        let sees_class = self.scope().flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let scope = self.make_deferred_scope(ScopeKind::TypeVariable, name, value.range(), sees_class);
        let saved = std::mem::replace(&mut self.type_variable_place, place);
        self.within(scope, |this| this.visit(value));
        self.type_variable_place = saved;
    }

    pub(super) fn type_alias(&mut self, node: &ast::StmtTypeAlias) {
        self.binding_as(DefinitionKind::TypeAlias, node, |this| this.visit(&node.name));
        let name = match &*node.name {
            Expr::Name(name) => name.id.clone(),
            _ => Name::new_static("type"),
        };
        match &node.type_params {
            None => self.type_alias_value(&name, node),
            Some(params) => {
                let scope = self.make_type_parameter_scope(&name, node.range);
                self.within(scope, |this| {
                    this.type_parameters(params);
                    this.type_alias_value(&name, node);
                });
            }
        }
    }

    fn type_alias_value(&mut self, name: &Name, node: &ast::StmtTypeAlias) {
        let sees_class = self.kind() == ScopeKind::Class || self.scope().flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let scope = self.make_deferred_scope(ScopeKind::TypeAlias, name, node.range, sees_class);
        self.within(scope, |this| this.visit(&node.value));
    }
}

fn is_keyword_only(parameters: &ast::Parameters, param: &ast::ParameterWithDefault) -> bool {
    parameters.kwonlyargs.iter().any(|other| std::ptr::eq(other, param))
}

fn type_parameter_name(param: &TypeParam) -> &ast::Identifier {
    match param {
        TypeParam::TypeVar(param) => &param.name,
        TypeParam::TypeVarTuple(param) => &param.name,
        TypeParam::ParamSpec(param) => &param.name,
    }
}
