//! Functions: decorators, parameters, what they return.

use cinder_db::File;
use cinder_semantic::{Definition, ScopeKind, semantic_index};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{AnyNodeRef, Expr, Stmt, StmtFunctionDef};

use super::Semantics;
use super::annotation::special_form;
use crate::syntax;
use crate::ty::{Place, Ty};

/// Bodies with more `return` statements are not looked through.
const MAX_RETURNS: usize = 24;

impl<'db> Semantics<'db> {
    pub(crate) fn function_node(&self, function: Place) -> Option<&'db StmtFunctionDef> {
        syntax::function(self.db, function.file, function.range)
    }

    /// The last part of each decorator's name.
    pub(crate) fn decorators(&self, function: Place) -> Vec<String> {
        let Some(node) = self.function_node(function) else { return Vec::new() };
        decorator_names(node)
    }

    /// The class that a function is a method of.
    pub(crate) fn method_class(&self, function: Place) -> Option<Place> {
        let index = semantic_index(self.db, function.file);
        let scope = index.scope_of(ScopeKind::Function, function.range)?;
        let mut parent = index.scope(index.scope(scope).parent?);
        while parent.kind == ScopeKind::TypeParameters {
            parent = index.scope(parent.parent?);
        }
        (parent.kind == ScopeKind::Class).then_some(Place { file: function.file, range: parent.range })
    }

    /// What a call gives.
    pub(crate) fn returned(&self, function: Place, receiver: Option<&Ty>) -> Ty {
        let Some(node) = self.function_node(function) else { return Ty::Unknown };
        let yields = self.yields(function);
        let result = match &node.returns {
            Some(annotation) => self.annotation(function.file, annotation),
            None if yields => self.generator(function),
            None => self.inferred_return(function).unwrap_or(Ty::Unknown),
        };
        let is_manager =
            decorator_names(node).iter().any(|name| matches!(name.as_str(), "contextmanager" | "asynccontextmanager"));
        if is_manager {
            return self.context_manager(result, node.is_async);
        }
        let own =
            receiver.cloned().or_else(|| self.method_class(function).map(|class| Ty::Instance(class, Vec::new())));
        let own = match own {
            // A class method's `Self` is an instance.
            Some(Ty::Class(class, args)) => Some(Ty::Instance(class, args)),
            other => other,
        };
        let result = match own {
            Some(own) => {
                let variable = self.receiver_variable(function).map(|name| (name, own.clone()));
                let known: Vec<_> = variable.into_iter().chain([("Self".to_string(), own)]).collect();
                result.substitute(&known)
            }
            None => result,
        };
        // In stubs and sources alike `async def` with `yield` is a generator already.
        if node.is_async && !yields {
            return match self.library_class("types", "CoroutineType") {
                Some(class) => Ty::Instance(class, vec![Ty::Unknown, Ty::Unknown, result]),
                None => Ty::Unknown,
            };
        }
        result
    }

    /// `T` in `def method(self: T) -> T` and `def method(cls: type[T]) -> T`: how `Self` was written before it had a name.
    fn receiver_variable(&self, function: Place) -> Option<String> {
        let parameters = &self.function_node(function)?.parameters;
        let annotation = parameters.posonlyargs.first().or(parameters.args.first())?.parameter.annotation()?;
        let annotation = match annotation {
            Expr::Subscript(of) if matches!(special_form(&of.value), Some("type" | "Type")) => &*of.slice,
            other => other,
        };
        self.method_class(function)?;
        match self.annotation(function.file, annotation) {
            Ty::Variable(name, _) => Some(name),
            _ => None,
        }
    }

    /// What the `return` statements of a body give; `None` for stubs, generators, and what nothing is known about.
    pub(crate) fn inferred_return(&self, function: Place) -> Option<Ty> {
        self.memory
            .remember(&self.memory.returns, function, None, || self.deeper(|| self.look_at_returns(function)).flatten())
    }

    fn look_at_returns(&self, function: Place) -> Option<Ty> {
        if function.file.is_stub(self.db) {
            return None;
        }
        let node = self.function_node(function)?;
        let is_placeholder =
            matches!(node.body.as_slice(), [Stmt::Expr(only)] if only.value.is_ellipsis_literal_expr());
        let mut walk = Returns::default();
        walk.visit_body(&node.body);
        if walk.yields || is_placeholder || walk.values.len() > MAX_RETURNS || raises_only(&node.body) {
            return None;
        }
        let ends = !ends_flow(&node.body);
        let values = walk.values.iter().map(|value| match value {
            Some(value) => self.expression(function.file, value),
            None => Ty::None,
        });
        let values: Vec<Ty> = values.chain(ends.then_some(Ty::None)).collect();
        // One unknown part makes the whole untrustworthy.
        (!values.iter().any(Ty::is_unknown)).then(|| Ty::union(values)).filter(|ty| !ty.is_unknown())
    }

    /// What calling a generator function without annotation gives.
    fn generator(&self, function: Place) -> Ty {
        let Some(node) = self.function_node(function) else { return Ty::Unknown };
        let mut walk = Returns::default();
        walk.visit_body(&node.body);
        let yielded = self.deeper(|| Ty::union(walk.yielded.iter().map(|value| self.expression(function.file, value))));
        let class = if node.is_async { "AsyncGeneratorType" } else { "GeneratorType" };
        let args = vec![yielded.unwrap_or(Ty::Unknown), Ty::None];
        self.library_class("types", class).map_or(Ty::Unknown, |class| Ty::Instance(class, args))
    }

    /// What `@contextmanager` makes of a function that gives an iterator.
    fn context_manager(&self, iterator: Ty, is_async: bool) -> Ty {
        let (name, entered) = match &iterator {
            Ty::Instance(_, args) if is_async => {
                ("_AsyncGeneratorContextManager", args.first().cloned().unwrap_or(Ty::Unknown))
            }
            _ => ("_GeneratorContextManager", self.iterated(iterator.clone())),
        };
        let class = self.library_class("contextlib", name);
        class.map_or(Ty::Unknown, |class| Ty::Instance(class, vec![entered, Ty::Unknown, Ty::Unknown]))
    }

    fn yields(&self, function: Place) -> bool {
        let Some(node) = self.function_node(function) else { return false };
        let mut walk = Returns::default();
        walk.visit_body(&node.body);
        walk.yields
    }

    /// The type a parameter has inside its function.
    pub(crate) fn parameter_type(&self, file: File, definition: &Definition) -> Ty {
        let path = syntax::path_to(self.db, file, definition.range);
        let function = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::StmtFunctionDef(function) => Some(Some(*function)),
            AnyNodeRef::ExprLambda(_) => Some(None),
            _ => None,
        });
        let Some(Some(function)) = function else { return Ty::Unknown };
        let name = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::Parameter(parameter) => Some(*parameter),
            _ => None,
        });
        let Some(parameter) = name else { return Ty::Unknown };
        let parameters = &function.parameters;
        let is = |other: &Option<Box<cinder_syntax::ast::Parameter>>| {
            other.as_ref().is_some_and(|it| it.range == parameter.range)
        };
        let annotated = parameter.annotation.as_ref().map(|annotation| self.annotation(file, annotation));
        if is(&parameters.vararg) {
            return self.builtin("tuple", vec![annotated.unwrap_or(Ty::Unknown)]);
        }
        if is(&parameters.kwarg) {
            let text = self.builtin("str", Vec::new());
            return self.builtin("dict", vec![text, annotated.unwrap_or(Ty::Unknown)]);
        }
        if let Some(annotated) = annotated {
            let place = Place { file, range: function.range };
            return match self.method_class(place) {
                Some(class) => annotated.substitute(&[("Self".to_string(), Ty::Instance(class, Vec::new()))]),
                None => annotated,
            };
        }
        let first = parameters.posonlyargs.first().or(parameters.args.first());
        let place = Place { file, range: function.range };
        if first.is_some_and(|first| first.parameter.range == parameter.range)
            && let Some(class) = self.method_class(place)
        {
            let decorators = decorator_names(function);
            let has = |name: &str| decorators.iter().any(|decorator| decorator == name);
            let args = self.own_arguments(class);
            if has("classmethod")
                || matches!(function.name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__")
            {
                return Ty::Class(class, args);
            }
            if !has("staticmethod") {
                return Ty::Instance(class, args);
            }
        }
        let default = parameters.iter_non_variadic_params().find(|it| it.parameter.range == parameter.range);
        match default.and_then(|it| it.default.as_deref()) {
            Some(Expr::NoneLiteral(_)) | None => Ty::Unknown,
            Some(default) => self.expression(file, default),
        }
    }
}

pub(crate) fn decorator_names(function: &StmtFunctionDef) -> Vec<String> {
    let names = function.decorator_list.iter().filter_map(|decorator| match &decorator.expression {
        Expr::Call(call) => special_form(&call.func),
        other => special_form(other),
    });
    names.map(str::to_string).collect()
}

/// The `return` statements of a body, those of functions inside left out.
#[derive(Default)]
struct Returns<'a> {
    values: Vec<Option<&'a Expr>>,
    /// Values of `yield`.
    yielded: Vec<&'a Expr>,
    yields: bool,
}

impl<'a> SourceOrderVisitor<'a> for Returns<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Return(return_) => {
                self.values.push(return_.value.as_deref());
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) => {}
            Expr::Yield(yielded) => {
                self.yields = true;
                self.yielded.extend(yielded.value.as_deref());
            }
            Expr::YieldFrom(_) => self.yields = true,
            _ => walk_expr(self, expr),
        }
    }
}

/// Whether control cannot reach the end of a body, as far as a glance shows.
pub(super) fn ends_flow(body: &[Stmt]) -> bool {
    match body.last() {
        Some(Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_)) => true,
        Some(Stmt::If(stmt)) => {
            let has_else = stmt.elif_else_clauses.last().is_some_and(|clause| clause.test.is_none());
            has_else && ends_flow(&stmt.body) && stmt.elif_else_clauses.iter().all(|clause| ends_flow(&clause.body))
        }
        Some(Stmt::With(stmt)) => ends_flow(&stmt.body),
        Some(Stmt::While(stmt)) => matches!(&*stmt.test, Expr::BooleanLiteral(test) if test.value),
        Some(Stmt::Try(stmt)) => {
            let handlers = stmt.handlers.iter().all(|handler| match handler {
                cinder_syntax::ast::ExceptHandler::ExceptHandler(handler) => ends_flow(&handler.body),
            });
            (ends_flow(&stmt.body) || ends_flow(&stmt.orelse)) && handlers || ends_flow(&stmt.finalbody)
        }
        Some(Stmt::Match(stmt)) => {
            stmt.cases.iter().all(|case| ends_flow(&case.body))
                && stmt.cases.last().is_some_and(|case| case.pattern.is_irrefutable())
        }
        _ => false,
    }
}

/// `raise NotImplementedError` as a whole body says nothing about the result.
fn raises_only(body: &[Stmt]) -> bool {
    let rest: Vec<&Stmt> = body.iter().filter(|stmt| !matches!(stmt, Stmt::Expr(_))).collect();
    matches!(rest.as_slice(), [Stmt::Raise(_)])
}
