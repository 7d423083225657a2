//! Statements and patterns.

use super::{Builder, grow};
use crate::{DefinitionKind, ScopeFlags, ScopeKind, SymbolFlags, future};
use cinder_syntax::ast::{self, Expr, Pattern, Stmt, name::Name};
use cinder_text::{Ranged, TextRange};

impl Builder {
    pub(super) fn statements(&mut self, body: &[Stmt]) {
        for statement in body {
            grow(|| self.statement(statement));
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Return(node) => self.return_(node),
            Stmt::Delete(node) => self.binding_as(DefinitionKind::Delete, node, |this| this.visit_all(&node.targets)),
            Stmt::Assign(node) => self.binding_as(DefinitionKind::Assignment, node, |this| {
                this.visit_all(&node.targets);
                this.visit(&node.value);
            }),
            Stmt::AugAssign(node) => self.binding_as(DefinitionKind::AugmentedAssignment, node, |this| {
                this.visit(&node.target);
                if let Expr::Name(name) = &*node.target {
                    this.read(&name.id, name.range);
                }
                this.visit(&node.value);
            }),
            Stmt::AnnAssign(node) => {
                self.binding_as(DefinitionKind::AnnotatedAssignment, node, |this| this.annotated_assignment(node))
            }
            Stmt::For(node) => self.for_(node),
            Stmt::While(node) => {
                self.visit(&node.test);
                self.conditional_body(&node.body);
                self.conditional_body(&node.orelse);
            }
            Stmt::If(node) => self.if_(node),
            Stmt::With(node) => self.with(node),
            Stmt::Match(node) => self.match_(node),
            Stmt::Raise(node) => {
                self.visit_optional(node.exc.as_deref());
                self.visit_optional(node.cause.as_deref());
            }
            Stmt::Try(node) => self.try_(node),
            Stmt::Assert(node) => {
                self.visit(&node.test);
                self.visit_optional(node.msg.as_deref());
            }
            Stmt::Import(node) => self.binding_as(DefinitionKind::Import, node, |this| {
                for alias in &node.names {
                    this.import_alias(alias);
                }
            }),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Global(node) => self.directive(&node.names, node.range, SymbolFlags::GLOBAL),
            Stmt::Nonlocal(node) => self.directive(&node.names, node.range, SymbolFlags::NONLOCAL),
            Stmt::Expr(node) => self.visit(&node.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn conditional_body(&mut self, body: &[Stmt]) {
        self.conditionally(|this| this.statements(body));
    }

    fn return_(&mut self, node: &ast::StmtReturn) {
        if let Some(value) = &node.value {
            self.visit(value);
            self.scope_mut().flags |= ScopeFlags::RETURNS_VALUE;
        }
    }

    fn for_(&mut self, node: &ast::StmtFor) {
        self.binding_as(DefinitionKind::For, node, |this| this.visit(&node.target));
        self.visit(&node.iter);
        self.conditional_body(&node.body);
        self.conditional_body(&node.orelse);
    }

    fn if_(&mut self, node: &ast::StmtIf) {
        self.visit(&node.test);
        self.conditional_body(&node.body);
        for clause in &node.elif_else_clauses {
            self.visit_optional(clause.test.as_ref());
            self.conditional_body(&clause.body);
        }
    }

    fn with(&mut self, node: &ast::StmtWith) {
        self.conditionally(|this| {
            for item in &node.items {
                this.visit(&item.context_expr);
                if let Some(target) = &item.optional_vars {
                    this.binding_as(DefinitionKind::With, item, |this| this.visit(target));
                }
            }
            this.statements(&node.body);
        });
    }

    fn try_(&mut self, node: &ast::StmtTry) {
        self.conditionally(|this| {
            this.statements(&node.body);
            for handler in &node.handlers {
                let ast::ExceptHandler::ExceptHandler(handler) = handler;
                this.visit_optional(handler.type_.as_deref());
                if let Some(name) = &handler.name {
                    this.binding_as(DefinitionKind::Except, handler, |this| this.identifier(name));
                }
                this.statements(&handler.body);
            }
            this.statements(&node.orelse);
            this.statements(&node.finalbody);
        });
    }

    fn match_(&mut self, node: &ast::StmtMatch) {
        self.visit(&node.subject);
        self.conditionally(|this| {
            for case in &node.cases {
                this.binding_as(DefinitionKind::Match, case, |this| this.pattern(&case.pattern));
                this.visit_optional(case.guard.as_deref());
                this.statements(&case.body);
            }
        });
    }

    fn pattern(&mut self, pattern: &Pattern) {
        grow(|| match pattern {
            Pattern::MatchValue(node) => self.visit(&node.value),
            Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(node) => self.patterns(&node.patterns),
            Pattern::MatchMapping(node) => {
                self.visit_all(&node.keys);
                self.patterns(&node.patterns);
                self.capture(node.rest.as_ref());
            }
            Pattern::MatchClass(node) => {
                self.visit(&node.cls);
                self.patterns(&node.arguments.patterns);
                for keyword in &node.arguments.keywords {
                    self.pattern(&keyword.pattern);
                }
            }
            Pattern::MatchStar(node) => self.capture(node.name.as_ref()),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner);
                }
                self.capture(node.name.as_ref());
            }
            Pattern::MatchOr(node) => self.patterns(&node.patterns),
        });
    }

    fn patterns(&mut self, patterns: &[Pattern]) {
        for pattern in patterns {
            self.pattern(pattern);
        }
    }

    fn capture(&mut self, name: Option<&ast::Identifier>) {
        if let Some(name) = name {
            self.identifier(name);
        }
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom) {
        if self.kind() != ScopeKind::Module && future::is_future(node) {
            let error = future::too_late(node);
            self.index.errors.push(error);
        }
        self.binding_as(DefinitionKind::Import, node, |this| {
            for alias in &node.names {
                this.import_alias(alias);
            }
        });
    }

    fn import_alias(&mut self, alias: &ast::Alias) {
        if let Some(name) = &alias.asname {
            return self.bind(&name.id, SymbolFlags::IMPORT, name.range);
        }
        if alias.name.as_str() == "*" {
            if self.kind() != ScopeKind::Module {
                self.error("import * only allowed at module level", alias.range);
            }
            return;
        }
        let first = alias.name.split('.').next().unwrap_or_default();
        self.bind(first, SymbolFlags::IMPORT, alias.name.range);
    }

    fn directive(&mut self, names: &[ast::Identifier], range: TextRange, flag: SymbolFlags) {
        let word = if flag == SymbolFlags::GLOBAL { "global" } else { "nonlocal" };
        for name in names {
            let seen = self.flags_of(&name.id);
            let message = if seen.contains(SymbolFlags::PARAM) {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if seen.contains(SymbolFlags::USE) {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if seen.contains(SymbolFlags::ANNOTATED) {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if seen.intersects(SymbolFlags::LOCAL | SymbolFlags::IMPORT) {
                Some(format!("name '{name}' is assigned to before {word} declaration"))
            } else {
                None
            };
            if let Some(message) = message {
                self.error(message, range);
            }
            self.declare(&name.id, flag, range);
            self.record_directive(&name.id, range);
        }
    }

    fn annotated_assignment(&mut self, node: &ast::StmtAnnAssign) {
        self.scope_mut().flags |= ScopeFlags::ANNOTATIONS_USED;
        match &*node.target {
            Expr::Name(name) if node.simple => {
                let seen = self.flags_of(&name.id);
                if self.kind() != ScopeKind::Module && seen.intersects(SymbolFlags::GLOBAL | SymbolFlags::NONLOCAL) {
                    let word = if seen.contains(SymbolFlags::GLOBAL) { "global" } else { "nonlocal" };
                    self.error(format!("annotated name '{}' can't be {word}", name.id), node.range);
                }
                self.bind(&name.id, SymbolFlags::ANNOTATED | SymbolFlags::LOCAL, name.range);
            }
            Expr::Name(name) => {
                if node.value.is_some() {
                    self.bind(&name.id, SymbolFlags::LOCAL, name.range);
                }
            }
            target => self.visit(target),
        }
        self.body_annotation(&node.annotation);
        self.visit_optional(node.value.as_deref());
    }

    /// An annotation of an assignment. All of one body share a scope, which becomes its `__annotate__` function.
    fn body_annotation(&mut self, annotation: &Expr) {
        let kind = self.kind();
        let always_conditional = kind == ScopeKind::Module;
        if !self.index.future.annotations
            && (always_conditional || kind == ScopeKind::Class && self.position.conditional)
            && !self.scope().flags.contains(ScopeFlags::CONDITIONAL_ANNOTATIONS)
        {
            self.scope_mut().flags |= ScopeFlags::CONDITIONAL_ANNOTATIONS;
            if kind == ScopeKind::Module {
                self.declare("__conditional_annotations__", SymbolFlags::USE, annotation.range());
            }
        }
        let name = Name::new_static("__annotate__");
        let shared = if self.index.future.annotations { None } else { self.scope().annotation_scope };
        let scope = match shared {
            Some(scope) => scope,
            None => {
                let scope = self.make_deferred_scope(
                    ScopeKind::Annotation,
                    &name,
                    annotation.range(),
                    kind == ScopeKind::Class,
                );
                if self.index.future.annotations || kind.is_function_like() {
                    self.index.scopes[scope.index()].flags |= ScopeFlags::UNEVALUATED;
                }
                if !self.index.future.annotations {
                    self.scope_mut().annotation_scope = Some(scope);
                }
                scope
            }
        };
        self.within(scope, |this| this.visit(annotation));
        let conditional = self.scope().flags.contains(ScopeFlags::CONDITIONAL_ANNOTATIONS);
        if conditional && kind == ScopeKind::Class {
            self.within(scope, |this| {
                this.declare("__conditional_annotations__", SymbolFlags::USE, annotation.range());
            });
        }
    }
}
