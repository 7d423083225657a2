//! Scopes, symbols and definitions of a module, with the scoping rules of Python 3.14.
//!
//! Problem: `x` means a register, a cell, a global or a class attribute depending on the whole nest of scopes around it, and
//! checker, editor and code generator must agree on which.
//! Idea: one walk over the tree ([`build`]) collects scopes and what each says about its names; one pass over the scopes,
//! outermost first ([`resolve`]), decides every name by looking up through the enclosing scopes, and marks the scopes in between.
//! Holds: names are stored mangled; every symbol has a [`Resolution`]; a symbol is [`Resolution::Cell`] exactly when code that
//! runs in another frame reads it; the errors are those, and carry the words, of CPython's `Python/symtable.c`.
//! Goes beyond CPython: an inlined comprehension keeps a scope of its own, so a consumer need not undo the merge.
#![forbid(unsafe_code)]

mod build;
mod dump;
mod error;
mod future;
mod mangle;
mod queries;
mod resolve;
mod scope;
#[cfg(test)]
mod tests;

pub use error::SymbolError;
pub use future::{FutureFeatures, future_features};
pub use mangle::mangle;
pub use queries::semantic_index;
pub use scope::{
    Definition, DefinitionId, DefinitionKind, Resolution, Scope, ScopeFlags, ScopeId, ScopeKind, Symbol, SymbolFlags,
    SymbolId, Use,
};

use cinder_syntax::ast::{self, name::Name};
use cinder_text::TextRange;
use rustc_hash::FxHashMap;

/// All scopes of one file.
///
/// Shape: `scopes` is in the order the scopes are entered, so parents come before children and the module is first.
#[derive(Debug, PartialEq, Eq)]
pub struct SemanticIndex {
    scopes: Vec<Scope>,
    by_node: FxHashMap<(ScopeKind, TextRange), ScopeId>,
    definitions: Vec<Definition>,
    uses: Vec<Use>,
    errors: Vec<SymbolError>,
    future: FutureFeatures,
    /// `global` and `nonlocal` statements, and walrus targets in comprehensions: where an error about the name is shown.
    directives: Vec<(ScopeId, Name, TextRange)>,
}

impl SemanticIndex {
    /// Analyses a module. Total: mistakes of the program are in [`SemanticIndex::errors`].
    ///
    /// Cost: linear in the tree, plus nesting depth for each free name.
    pub fn build(module: &ast::ModModule) -> Self {
        Self::build_with(module, FutureFeatures::default())
    }

    /// Like [`SemanticIndex::build`], for source that inherits `from __future__` features (`compile` called from such code).
    pub fn build_with(module: &ast::ModModule, inherited: FutureFeatures) -> Self {
        Self::build_statements(&module.body, module.range, inherited)
    }

    /// Like [`SemanticIndex::build`], for statements that are looked at as if they were a module of their own.
    pub fn build_statements(body: &[ast::Stmt], range: TextRange, inherited: FutureFeatures) -> Self {
        let mut errors = Vec::new();
        let future = future_features(body, &mut errors).union(inherited);
        let mut index = build::Builder::new(range, future, errors).module(body);
        resolve::resolve(&mut index);
        index
    }

    /// Analyses a lone expression, as `eval` takes it.
    pub fn build_expression(expression: &ast::ModExpression, inherited: FutureFeatures) -> Self {
        let mut index = build::Builder::new(expression.range, inherited, Vec::new()).expression(&expression.body);
        resolve::resolve(&mut index);
        index
    }

    /// The scope of the module itself.
    pub fn module_scope(&self) -> ScopeId {
        ScopeId::MODULE
    }

    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// Every scope, parents before children.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = (ScopeId, &Scope)> {
        self.scopes.iter().enumerate().map(|(index, scope)| (ScopeId::new(index), scope))
    }

    /// The scope a node opens. `range` is the node's own range: the whole `def`, `class`, `lambda`, comprehension or `type`
    /// statement; for [`ScopeKind::TypeParameters`] the statement that has them; for [`ScopeKind::TypeVariable`] the bound or default
    /// expression; for [`ScopeKind::Annotation`] the `def` whose signature it is (a body's own is [`Scope::annotation_scope`]).
    pub fn scope_of(&self, kind: ScopeKind, range: TextRange) -> Option<ScopeId> {
        self.by_node.get(&(kind, range)).copied()
    }

    /// What `name`, as written in the source, is in `scope`.
    pub fn lookup(&self, scope: ScopeId, name: &str) -> Option<&Symbol> {
        let scope = self.scope(scope);
        scope.symbol(&scope.mangle(name))
    }

    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id.index()]
    }

    /// Every binding occurrence, in the order of the walk.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Every reading occurrence of a name, in the order of the walk.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Errors in the order CPython finds them; it would report the first only.
    pub fn errors(&self) -> &[SymbolError] {
        &self.errors
    }

    pub fn future(&self) -> FutureFeatures {
        self.future
    }

    /// The scope whose frame runs the code of `scope`: itself, unless it is an inlined comprehension.
    pub fn frame_scope(&self, mut scope: ScopeId) -> ScopeId {
        while self.scope(scope).is_inlined() {
            scope = self.scope(scope).parent.expect("an inlined comprehension has a host");
        }
        scope
    }

    /// Variables that the frame of `scope` gets from outside, each with the scope that binds it.
    ///
    /// Shape: sorted by name, each name once; empty for annotations that never run.
    pub fn free_variables(&self, scope: ScopeId) -> Vec<(Name, ScopeId)> {
        if self.scope(scope).flags.contains(ScopeFlags::UNEVALUATED) {
            return Vec::new();
        }
        let mut found: Vec<(Name, ScopeId)> = self
            .scope(scope)
            .symbols
            .iter()
            .filter_map(|symbol| match symbol.resolution {
                Resolution::Free { owner } => Some((symbol.name.clone(), owner)),
                _ if symbol.flags.contains(SymbolFlags::PASSES_FREE) => {
                    resolve::find_owner(self, scope, &symbol.name).map(|owner| (symbol.name.clone(), owner))
                }
                _ => None,
            })
            .collect();
        found.sort();
        found
    }
}
