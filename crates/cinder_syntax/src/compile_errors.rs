//! Errors that CPython reports after parsing: those of its symbol table and of its compiler.
//!
//! Problem: `return` at module level parses. So do `await` in a plain function, two parameters of one name, a
//! `nonlocal` without binding. CPython refuses them when it compiles, and so do we, with the same words.
//! Idea: one walk over the tree that keeps a stack of scopes. At each node it drives the parser crate's semantic
//! checker, which asks the stack about its surroundings, and keeps book of names for `global` and `nonlocal` itself,
//! since those rules depend on the order of uses.
//! Holds: each scope is entered once; the walk is linear.
//! Source: CPython `Python/symtable.c`, `Python/compile.c`, `Python/codegen.c`.

use std::cell::RefCell;

use cinder_text::TextRange;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ModModule, PythonVersion, Stmt};
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError,
};

use crate::error::{Phase, SyntaxError, SyntaxErrorKind};

mod names;
mod words;

use names::NameBook;

/// The errors in a tree that parsed without errors, without order.
pub(crate) fn find(source: &str, module: &ModModule) -> Vec<SyntaxError> {
    let mut walker = Walker {
        source,
        checker: SemanticSyntaxChecker::new(),
        found: RefCell::default(),
        scopes: vec![Scope::new(ScopeKind::Module)],
        names: NameBook::new(source),
        in_try: false,
    };
    crate::stack::with_deep_stack(|| {
        walker.visit_body(&module.body);
        walker.names.finish();
    });
    let Walker { found, names, .. } = walker;
    let mut errors: Vec<SyntaxError> = Vec::new();
    for (error, surroundings) in found.into_inner() {
        let (phase, message) = words::of(source, &error, surroundings);
        let error = SyntaxError::new(SyntaxErrorKind::Syntax, message, error.range).at_phase(phase);
        // `await` at module level is found twice: outside a function, and outside an async function.
        if !errors.iter().rev().take(2).any(|earlier| earlier.range == error.range) {
            errors.push(error);
        }
    }
    errors.extend(names.into_errors());
    errors
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
    Comprehension(ComprehensionKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

struct Scope {
    kind: ScopeKind,
    loop_depth: u32,
    has_async_clause: bool,
}

impl Scope {
    fn new(kind: ScopeKind) -> Self {
        Self { kind, loop_depth: 0, has_async_clause: false }
    }
}

struct Walker<'a> {
    source: &'a str,
    checker: SemanticSyntaxChecker,
    found: RefCell<Vec<(SemanticSyntaxError, ScopeKind)>>,
    scopes: Vec<Scope>,
    names: NameBook<'a>,
    in_try: bool,
}

impl<'a> Walker<'a> {
    fn with_checker(&mut self, check: impl FnOnce(&mut SemanticSyntaxChecker, &Self)) {
        let mut checker = std::mem::take(&mut self.checker);
        check(&mut checker, self);
        self.checker = checker;
    }

    fn scope(&self) -> &Scope {
        self.scopes.last().expect("the module scope is never popped")
    }

    fn in_scope(&mut self, scope: Scope, visit: impl FnOnce(&mut Self)) {
        self.names.enter(scope.kind);
        self.scopes.push(scope);
        visit(self);
        self.scopes.pop();
        self.names.leave();
    }

    fn in_loop(&mut self, body: &'a [Stmt]) {
        self.loop_depth(1);
        self.visit_body(body);
        self.loop_depth(-1);
    }

    fn loop_depth(&mut self, change: i32) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.loop_depth = scope.loop_depth.saturating_add_signed(change);
        }
    }

    /// What a function definition evaluates where it stands: decorators, defaults, and (checked there) annotations.
    fn visit_signature(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
        for parameter in parameters {
            if let Some(annotation) = parameter.annotation() {
                self.visit_annotation(annotation);
            }
        }
    }

    fn visit_comprehension_scope(
        &mut self,
        kind: ComprehensionKind,
        generators: &'a [ast::Comprehension],
        elements: &[&'a Expr],
    ) {
        let Some((first, rest)) = generators.split_first() else { return };
        // The first iterable belongs to the scope around the comprehension.
        self.visit_expr(&first.iter);
        let mut scope = Scope::new(ScopeKind::Comprehension(kind));
        scope.has_async_clause = generators.iter().any(|generator| generator.is_async);
        self.in_scope(scope, |walker| {
            walker.visit_expr(&first.target);
            for condition in &first.ifs {
                walker.visit_expr(condition);
            }
            for generator in rest {
                walker.visit_expr(&generator.iter);
                walker.visit_expr(&generator.target);
                for condition in &generator.ifs {
                    walker.visit_expr(condition);
                }
            }
            for element in elements {
                walker.visit_expr(element);
            }
        });
    }
}

impl<'a> Visitor<'a> for Walker<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.with_checker(|checker, context| checker.visit_stmt(stmt, context));
        self.names.statement(stmt);
        match stmt {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(type_params) = &function.type_params {
                    self.visit_type_params(type_params);
                }
                self.visit_signature(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                self.in_scope(Scope::new(ScopeKind::Function { is_async: function.is_async }), |walker| {
                    walker.names.parameters(&function.parameters);
                    walker.visit_body(&function.body);
                });
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(type_params) = &class.type_params {
                    self.visit_type_params(type_params);
                }
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.in_scope(Scope::new(ScopeKind::Class), |walker| walker.visit_body(&class.body));
            }
            Stmt::For(statement) => {
                self.visit_expr(&statement.iter);
                self.visit_expr(&statement.target);
                self.in_loop(&statement.body);
                self.visit_body(&statement.orelse);
            }
            Stmt::While(statement) => {
                self.visit_expr(&statement.test);
                self.in_loop(&statement.body);
                self.visit_body(&statement.orelse);
            }
            Stmt::Try(_) => {
                let was_in_try = std::mem::replace(&mut self.in_try, true);
                visitor::walk_stmt(self, stmt);
                self.in_try = was_in_try;
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.with_checker(|checker, context| checker.visit_expr(expr, context));
        match expr {
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_signature(parameters);
                }
                self.in_scope(Scope::new(ScopeKind::Lambda), |walker| {
                    if let Some(parameters) = &lambda.parameters {
                        walker.names.parameters(parameters);
                    }
                    walker.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(node) => {
                self.visit_comprehension_scope(ComprehensionKind::List, &node.generators, &[&node.elt]);
            }
            Expr::SetComp(node) => {
                self.visit_comprehension_scope(ComprehensionKind::Set, &node.generators, &[&node.elt]);
            }
            Expr::Generator(node) => {
                self.visit_comprehension_scope(ComprehensionKind::Generator, &node.generators, &[&node.elt]);
            }
            Expr::DictComp(node) => {
                let elements: Vec<&Expr> = node.key.as_deref().into_iter().chain([&*node.value]).collect();
                self.visit_comprehension_scope(ComprehensionKind::Dict, &node.generators, &elements);
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    self.names.bind_walrus(name);
                }
                self.with_checker(|checker, context| checker.visit_expr(&named.target, context));
            }
            Expr::Name(name) => self.names.name(name),
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.names.pattern(pattern);
        visitor::walk_pattern(self, pattern);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(clause) = handler;
        if let Some(type_) = &clause.type_ {
            self.visit_expr(type_);
        }
        if let Some(name) = &clause.name {
            self.names.bind(name);
        }
        self.visit_body(&clause.body);
    }
}

impl SemanticSyntaxContext for Walker<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        false
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        match self.scope().kind {
            ScopeKind::Function { .. } | ScopeKind::Lambda => Some(LazyImportContext::Function),
            ScopeKind::Class => Some(LazyImportContext::Class),
            _ if self.in_try => Some(LazyImportContext::TryExceptBlocks),
            _ => None,
        }
    }

    fn python_version(&self) -> PythonVersion {
        crate::PYTHON_VERSION
    }

    fn source(&self) -> &str {
        self.source
    }

    // `names` keeps the rules of `global` and `nonlocal`; the answers below keep the checker silent about them.
    fn global(&self, _name: &str) -> Option<TextRange> {
        None
    }

    fn has_nonlocal_binding(&self, _name: &str) -> bool {
        true
    }

    fn is_bound_parameter(&self, _name: &str) -> bool {
        false
    }

    fn in_async_context(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Function { is_async } => return is_async,
                ScopeKind::Module | ScopeKind::Class | ScopeKind::Lambda => return false,
                ScopeKind::Comprehension(_) => {}
            }
        }
        false
    }

    fn in_await_allowed_context(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Function { .. } | ScopeKind::Lambda => return true,
                ScopeKind::Module | ScopeKind::Class => return false,
                ScopeKind::Comprehension(_) => {}
            }
        }
        false
    }

    fn in_yield_allowed_context(&self) -> bool {
        matches!(self.scope().kind, ScopeKind::Function { .. } | ScopeKind::Lambda)
    }

    fn in_sync_comprehension(&self) -> bool {
        self.scopes.iter().any(|scope| matches!(scope.kind, ScopeKind::Comprehension(_)) && !scope.has_async_clause)
    }

    fn in_class_body_comprehension(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Comprehension(_) => {}
                ScopeKind::Class => return true,
                _ => return false,
            }
        }
        false
    }

    fn in_module_scope(&self) -> bool {
        self.scopes.len() == 1
    }

    fn in_function_scope(&self) -> bool {
        matches!(self.scope().kind, ScopeKind::Function { .. } | ScopeKind::Lambda)
    }

    fn in_generator_context(&self) -> bool {
        self.scope().kind == ScopeKind::Comprehension(ComprehensionKind::Generator)
    }

    fn in_notebook(&self) -> bool {
        false
    }

    fn in_loop_context(&self) -> bool {
        self.scope().loop_depth > 0
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        self.found.borrow_mut().push((error, self.scope().kind));
    }
}

/// The error of a `global` or `nonlocal` rule.
fn symbol_error(message: String, range: TextRange) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, message, range).at_phase(Phase::Symbols)
}
