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

use cinder_text::{Ranged, TextRange};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ModModule, PythonVersion, Stmt};
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError, SemanticSyntaxErrorKind,
};

use crate::error::{Phase, SyntaxError, SyntaxErrorKind};

mod names;
mod rules;
mod words;

use names::NameBook;

/// The errors in a tree that parsed without errors, without order.
///
/// With `is_async_module` the module's own code may await.
pub(crate) fn find(source: &str, module: &ModModule, is_async_module: bool) -> Vec<SyntaxError> {
    let mut walker = Walker {
        source,
        checker: SemanticSyntaxChecker::new(),
        found: RefCell::default(),
        scopes: vec![Scope::new(ScopeKind::Module)],
        names: NameBook::new(source),
        in_try: false,
        own: Vec::new(),
        is_past_future: false,
        comprehended: Vec::new(),
        is_async_module,
    };
    walker.visit_body(&module.body);
    walker.names.finish();
    let Walker { found, names, own, comprehended, .. } = walker;
    let mut errors: Vec<SyntaxError> = own;
    for found in found.into_inner() {
        // The symbol table finds it too, and knows which of the two was first.
        if matches!(found.error.kind, SemanticSyntaxErrorKind::ReboundComprehensionVariable) {
            continue;
        }
        if matches!(found.error.kind, SemanticSyntaxErrorKind::InvalidExpression(..))
            && comprehended.iter().any(|part| part.contains_range(found.error.range))
        {
            continue;
        }
        let (phase, message) = words::of(source, &found.error, found.scope);
        let range = words::place(&found.error, found.scope, found.scope_range);
        let error = SyntaxError::new(SyntaxErrorKind::Syntax, message, range).at_phase(phase);
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
    Function {
        is_async: bool,
    },
    Lambda,
    Comprehension(ComprehensionKind),
    /// An annotation, a bound or default of a type parameter, the value of a type alias.
    Annotation,
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
    /// The comprehension's place; empty in other scopes.
    range: TextRange,
    loop_depth: u32,
    /// Loops, `with` and `try` blocks around the current statement.
    block_depth: u32,
    has_async_clause: bool,
    /// In an `except*` block, how many loops lie between it and the current statement.
    except_star_loops: Option<u32>,
}

impl Scope {
    fn new(kind: ScopeKind) -> Self {
        Self {
            kind,
            range: TextRange::default(),
            loop_depth: 0,
            block_depth: 0,
            has_async_clause: false,
            except_star_loops: None,
        }
    }
}

/// What the checker reported, and where it stood.
struct Found {
    error: SemanticSyntaxError,
    scope: ScopeKind,
    scope_range: TextRange,
}

struct Walker<'a> {
    source: &'a str,
    checker: SemanticSyntaxChecker,
    found: RefCell<Vec<Found>>,
    scopes: Vec<Scope>,
    names: NameBook<'a>,
    in_try: bool,
    /// Errors of [`rules`].
    own: Vec<SyntaxError>,
    /// A relative import from a module called `__future__` was seen: it is an import like any other.
    is_past_future: bool,
    /// Parts of comprehensions in annotations, which the rules for annotations do not reach.
    comprehended: Vec<TextRange>,
    is_async_module: bool,
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

    /// Annotations are code of their own, but no place for names of their own.
    fn in_annotation(&mut self, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope::new(ScopeKind::Annotation));
        visit(self);
        self.scopes.pop();
    }

    fn in_loop(&mut self, place: TextRange, body: &'a [Stmt]) {
        self.change_loops(1);
        self.in_block(place, |walker| walker.visit_body(body));
        self.change_loops(-1);
    }

    fn change_loops(&mut self, change: i32) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.loop_depth = scope.loop_depth.saturating_add_signed(change);
            scope.except_star_loops = scope.except_star_loops.map(|loops| loops.saturating_add_signed(change));
        }
    }

    /// Visits the inside of a block that the compiler must keep track of.
    fn in_block(&mut self, place: TextRange, visit: impl FnOnce(&mut Self)) {
        let scope = self.scopes.last_mut().expect("the module scope is never popped");
        scope.block_depth += 1;
        if scope.block_depth == rules::MAX_BLOCKS + 1 {
            self.own.push(rules::error(Phase::Compile, "too many statically nested blocks", place));
        }
        visit(self);
        if let Some(scope) = self.scopes.last_mut() {
            scope.block_depth -= 1;
        }
    }

    /// Jumps may not leave an `except*` block.
    fn check_jump(&mut self, stmt: &Stmt) {
        let Some(loops) = self.scope().except_star_loops else { return };
        let is_leaving = match stmt {
            Stmt::Return(_) => true,
            Stmt::Break(_) | Stmt::Continue(_) => loops == 0,
            _ => false,
        };
        if is_leaving {
            let message = "'break', 'continue' and 'return' cannot appear in an except* block";
            self.own.push(rules::error(Phase::Compile, message, stmt.range()));
        }
    }

    fn check_statement(&mut self, stmt: &'a Stmt) {
        if let Stmt::ImportFrom(import) = stmt
            && import.module.as_ref().is_some_and(|name| name.as_str() == "__future__")
        {
            if import.level > 0 {
                self.is_past_future = true;
                return;
            }
            if self.is_past_future {
                let message = "from __future__ imports must occur at the beginning of the file";
                self.own.push(rules::error(Phase::Compile, message, import.range));
            }
        }
        self.with_checker(|checker, context| checker.visit_stmt(stmt, context));
        let own = &mut self.own;
        rules::statement(stmt, &mut |error| own.push(error));
        self.check_jump(stmt);
    }

    fn visit_try(&mut self, node: &'a ast::StmtTry) {
        let was_in_try = std::mem::replace(&mut self.in_try, true);
        self.in_block(node.range, |walker| {
            walker.visit_body(&node.body);
            for handler in &node.handlers {
                let outer = walker.scope().except_star_loops;
                if node.is_star
                    && let Some(scope) = walker.scopes.last_mut()
                {
                    scope.except_star_loops = Some(0);
                }
                walker.visit_except_handler(handler);
                if let Some(scope) = walker.scopes.last_mut() {
                    scope.except_star_loops = outer;
                }
            }
            walker.visit_body(&node.orelse);
        });
        self.visit_body(&node.finalbody);
        self.in_try = was_in_try;
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
        range: TextRange,
        generators: &'a [ast::Comprehension],
        elements: &[&'a Expr],
    ) {
        let Some((first, rest)) = generators.split_first() else { return };
        // The first iterable belongs to the scope around the comprehension.
        self.visit_expr(&first.iter);
        if self.scopes.iter().any(|scope| scope.kind == ScopeKind::Annotation) {
            let inner =
                first.ifs.iter().chain(rest.iter().flat_map(|clause| std::iter::once(&clause.iter).chain(&clause.ifs)));
            self.comprehended.extend(inner.chain(elements.iter().copied()).map(Ranged::range));
        }
        let mut scope = Scope::new(ScopeKind::Comprehension(kind));
        scope.range = range;
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
        self.check_statement(stmt);
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
                self.names.type_params(function.type_params.as_deref());
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
                self.names.type_params(class.type_params.as_deref());
            }
            Stmt::For(statement) => {
                self.visit_expr(&statement.iter);
                self.visit_expr(&statement.target);
                self.in_loop(statement.range, &statement.body);
                self.visit_body(&statement.orelse);
            }
            Stmt::While(statement) => {
                self.visit_expr(&statement.test);
                self.in_loop(statement.range, &statement.body);
                self.visit_body(&statement.orelse);
            }
            Stmt::TypeAlias(node) => {
                self.visit_expr(&node.name);
                if let Some(params) = &node.type_params {
                    self.visit_type_params(params);
                }
                self.in_annotation(|walker| walker.visit_expr(&node.value));
            }
            Stmt::Try(node) => self.visit_try(node),
            Stmt::With(node) => {
                for item in &node.items {
                    self.visit_with_item(item);
                }
                self.in_block(node.range, |walker| walker.visit_body(&node.body));
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.with_checker(|checker, context| checker.visit_expr(expr, context));
        let own = &mut self.own;
        rules::expression(expr, &mut |error| own.push(error));
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
                self.visit_comprehension_scope(ComprehensionKind::List, node.range, &node.generators, &[&node.elt]);
            }
            Expr::SetComp(node) => {
                self.visit_comprehension_scope(ComprehensionKind::Set, node.range, &node.generators, &[&node.elt]);
            }
            Expr::Generator(node) => {
                self.visit_comprehension_scope(
                    ComprehensionKind::Generator,
                    node.range,
                    &node.generators,
                    &[&node.elt],
                );
            }
            Expr::DictComp(node) => {
                let elements: Vec<&Expr> = node.key.as_deref().into_iter().chain([&*node.value]).collect();
                self.visit_comprehension_scope(ComprehensionKind::Dict, node.range, &node.generators, &elements);
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

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        self.in_annotation(|walker| walker.visit_expr(annotation));
    }

    fn visit_type_params(&mut self, params: &'a ast::TypeParams) {
        self.in_annotation(|walker| visitor::walk_type_params(walker, params));
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
                ScopeKind::Module => return self.is_async_module,
                ScopeKind::Class | ScopeKind::Lambda | ScopeKind::Annotation => return false,
                // A generator expression with `await` in it is an asynchronous generator, wherever it stands.
                ScopeKind::Comprehension(ComprehensionKind::Generator) => return true,
                ScopeKind::Comprehension(_) => {}
            }
        }
        false
    }

    fn in_await_allowed_context(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Function { .. } | ScopeKind::Lambda | ScopeKind::Annotation => return true,
                ScopeKind::Module => return self.is_async_module,
                ScopeKind::Class => return false,
                ScopeKind::Comprehension(ComprehensionKind::Generator) => return true,
                ScopeKind::Comprehension(_) => {}
            }
        }
        false
    }

    fn in_yield_allowed_context(&self) -> bool {
        matches!(self.scope().kind, ScopeKind::Function { .. } | ScopeKind::Lambda | ScopeKind::Annotation)
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
        let scope = self.scope();
        self.found.borrow_mut().push(Found { error, scope: scope.kind, scope_range: scope.range });
    }
}

/// The error of a `global` or `nonlocal` rule.
fn symbol_error(message: String, range: TextRange) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, message, range).at_phase(Phase::Symbols)
}
