//! The rules of `global` and `nonlocal`.
//!
//! Problem: a declaration must come before every use of its name in the same scope, must not name a parameter, and a
//! `nonlocal` needs a binding in a function around it, which may come later in the text.
//! Idea: each scope keeps flags per name in the order of the walk; a declaration looks at the flags so far. What
//! `nonlocal` asks for travels outwards when scopes are left, until a function that binds the name answers.
//! Source: CPython `Python/symtable.c`, `symtable_visit_stmt` and `analyze_name`.

use cinder_text::TextRange;
use ruff_python_ast::{self as ast, ExprContext, ExprName, Identifier, Pattern, Stmt};
use std::collections::HashMap;

use super::{ScopeKind, symbol_error};
use crate::error::SyntaxError;

const PARAMETER: u8 = 1;
const USED: u8 = 2;
const BOUND: u8 = 4;
const ANNOTATED: u8 = 8;
const GLOBAL: u8 = 16;
const NONLOCAL: u8 = 32;

pub(super) struct NameBook<'a> {
    /// False when the text cannot hold a declaration; then nothing is kept.
    is_needed: bool,
    scopes: Vec<NameScope<'a>>,
    errors: Vec<SyntaxError>,
}

struct NameScope<'a> {
    kind: ScopeKind,
    flags: HashMap<&'a str, u8>,
    /// Names that inner scopes declared `nonlocal` and that no scope between bound.
    wanted: Vec<(&'a str, TextRange)>,
}

impl<'a> NameBook<'a> {
    pub(super) fn new(source: &str) -> Self {
        let is_needed = source.contains("global") || source.contains("nonlocal");
        let mut book = Self { is_needed, scopes: Vec::new(), errors: Vec::new() };
        book.enter(ScopeKind::Module);
        book
    }

    pub(super) fn into_errors(self) -> Vec<SyntaxError> {
        self.errors
    }

    pub(super) fn enter(&mut self, kind: ScopeKind) {
        self.scopes.push(NameScope { kind, flags: HashMap::new(), wanted: Vec::new() });
    }

    pub(super) fn leave(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        let Some(outer) = self.scopes.last_mut() else { return };
        let is_function = matches!(scope.kind, ScopeKind::Function { .. } | ScopeKind::Lambda);
        for (name, range) in scope.wanted {
            let flags = scope.flags.get(name).copied().unwrap_or(0);
            let is_bound = is_function && flags & (PARAMETER | BOUND) != 0 && flags & GLOBAL == 0
                // The cells that every class provides to its methods.
                || scope.kind == ScopeKind::Class && matches!(name, "__class__" | "__classdict__");
            // A scope that itself says `nonlocal` has asked already, on its own account.
            if !is_bound && flags & NONLOCAL == 0 {
                outer.wanted.push((name, range));
            }
        }
        for (name, flags) in scope.flags {
            if flags & NONLOCAL != 0 && flags & GLOBAL == 0 {
                outer.wanted.push((name, TextRange::default()));
            }
        }
    }

    /// After the scope of a generic definition: its type parameters cannot be what an inner `nonlocal` asks for.
    pub(super) fn type_params(&mut self, type_params: Option<&ast::TypeParams>) {
        let Some(scope) = self.scopes.last_mut() else { return };
        for param in type_params.into_iter().flat_map(|params| &params.type_params) {
            let name = param.name().as_str();
            scope.wanted.retain(|&(wanted, range)| {
                if wanted == name && !range.is_empty() {
                    let message = format!("nonlocal binding not allowed for type parameter '{name}'");
                    self.errors.push(symbol_error(message, range));
                }
                wanted != name
            });
        }
    }

    /// Ends the module scope: what is still wanted has no binding.
    pub(super) fn finish(&mut self) {
        let Some(module) = self.scopes.pop() else { return };
        for (name, range) in module.wanted {
            if !range.is_empty() {
                self.errors.push(symbol_error(format!("no binding for nonlocal '{name}' found"), range));
            }
        }
    }

    pub(super) fn parameters(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters {
            self.flag(parameter.name().as_str(), PARAMETER);
        }
    }

    pub(super) fn bind(&mut self, name: &'a Identifier) {
        self.flag(name.as_str(), BOUND);
    }

    /// An assignment expression binds in the scope around its comprehensions.
    pub(super) fn bind_walrus(&mut self, name: &'a ExprName) {
        if !self.is_needed {
            return;
        }
        let target = self.scopes.iter_mut().rev().find(|scope| !matches!(scope.kind, ScopeKind::Comprehension(_)));
        if let Some(scope) = target {
            *scope.flags.entry(name.id.as_str()).or_default() |= BOUND;
        }
    }

    pub(super) fn name(&mut self, name: &'a ExprName) {
        let flag = match name.ctx {
            ExprContext::Load => USED,
            ExprContext::Store | ExprContext::Del => BOUND,
            ExprContext::Invalid => return,
        };
        self.flag(name.id.as_str(), flag);
    }

    pub(super) fn pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(node) => &node.name,
            Pattern::MatchStar(node) => &node.name,
            Pattern::MatchMapping(node) => &node.rest,
            _ => return,
        };
        if let Some(name) = name {
            self.bind(name);
        }
    }

    /// What a statement binds or declares by itself, before its parts are visited.
    pub(super) fn statement(&mut self, stmt: &'a Stmt) {
        if !self.is_needed {
            return;
        }
        match stmt {
            Stmt::FunctionDef(node) => self.bind(&node.name),
            Stmt::ClassDef(node) => self.bind(&node.name),
            Stmt::Import(node) => {
                for alias in &node.names {
                    match &alias.asname {
                        Some(name) => self.bind(name),
                        None => self.flag(alias.name.as_str().split('.').next().unwrap_or_default(), BOUND),
                    }
                }
            }
            Stmt::ImportFrom(node) => {
                for alias in &node.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::AnnAssign(node) => {
                if let ast::Expr::Name(name) = &*node.target {
                    self.annotate(name, node.simple);
                }
            }
            Stmt::Global(node) => {
                for name in &node.names {
                    self.declare(name, GLOBAL, node.range);
                }
            }
            // The semantic checker reports `nonlocal` at module level.
            Stmt::Nonlocal(node) if self.scopes.len() > 1 => {
                for name in &node.names {
                    self.declare(name, NONLOCAL, node.range);
                }
            }
            _ => {}
        }
    }

    fn flag(&mut self, name: &'a str, flag: u8) {
        if self.is_needed
            && let Some(scope) = self.scopes.last_mut()
        {
            *scope.flags.entry(name).or_default() |= flag;
        }
    }

    fn annotate(&mut self, name: &'a ExprName, is_simple: bool) {
        let is_module = self.scopes.len() == 1;
        let Some(scope) = self.scopes.last_mut() else { return };
        let flags = scope.flags.entry(name.id.as_str()).or_default();
        if *flags & (GLOBAL | NONLOCAL) != 0 && !is_module && is_simple {
            let what = if *flags & GLOBAL != 0 { "global" } else { "nonlocal" };
            self.errors.push(symbol_error(format!("annotated name '{}' can't be {what}", name.id), name.range));
        } else if is_simple {
            *flags |= ANNOTATED;
        }
    }

    fn declare(&mut self, name: &'a Identifier, flag: u8, statement: TextRange) {
        let Some(scope) = self.scopes.last_mut() else { return };
        let flags = scope.flags.entry(name.as_str()).or_default();
        let word = if flag == GLOBAL { "global" } else { "nonlocal" };
        let message = if *flags & PARAMETER != 0 {
            format!("name '{name}' is parameter and {word}")
        } else if *flags & USED != 0 {
            format!("name '{name}' is used prior to {word} declaration")
        } else if *flags & ANNOTATED != 0 {
            format!("annotated name '{name}' can't be {word}")
        } else if *flags & BOUND != 0 {
            format!("name '{name}' is assigned to before {word} declaration")
        } else if (*flags | flag) & (GLOBAL | NONLOCAL) == GLOBAL | NONLOCAL {
            format!("name '{name}' is nonlocal and global")
        } else {
            *flags |= flag;
            if flag == NONLOCAL {
                // Looked for from the scope around this one on.
                let depth = self.scopes.len();
                if depth >= 2 {
                    self.scopes[depth - 2].wanted.push((name.as_str(), statement));
                }
            }
            return;
        };
        self.errors.push(symbol_error(message, statement));
    }
}
