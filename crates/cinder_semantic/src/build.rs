//! Collects scopes and what the text of each says about its names.
//!
//! Idea: one recursive walk in CPython's order with the current scope in hand; statements here, expressions, comprehensions and
//! type parameters in the modules below.
//! Holds: the native stack grows with the nesting of the program, so no depth overflows it.
//! Source: the visitor half of CPython's `Python/symtable.c`.

mod expression;
mod function;
mod statement;

use crate::{
    Definition, DefinitionId, DefinitionKind, FutureFeatures, Resolution, Scope, ScopeFlags, ScopeId, ScopeKind,
    SemanticIndex, SymbolError, SymbolFlags, SymbolId, Use,
};
use cinder_syntax::ast::{self, Expr, Stmt, name::Name};
use cinder_text::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

/// Runs `step` with enough native stack for one more level of nesting.
fn grow<R>(step: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 2 * 1024 * 1024, step)
}

/// Where the walk stands within a scope. Saved and restored with it.
#[derive(Clone, Copy, Default)]
struct Position {
    /// Inside `if`, a loop, `try`, `with` or `match`: an annotation here may not be reached.
    conditional: bool,
    /// In the target of a comprehension's `for`.
    comp_target: bool,
    /// Depth of enclosing comprehension iterables evaluated in this scope.
    comp_iterable: u32,
}

pub(crate) struct Builder {
    index: SemanticIndex,
    current: ScopeId,
    position: Position,
    private: Option<Name>,
    mangled_only: Option<FxHashSet<Name>>,
    /// What a stored name is, for its [`Definition`].
    binding: (DefinitionKind, TextRange),
    /// In type-variable scopes, how errors call the place ("a TypeVar bound").
    type_variable_place: &'static str,
}

impl Builder {
    pub(crate) fn new(range: TextRange, future: FutureFeatures, errors: Vec<SymbolError>) -> Self {
        let module = Scope {
            kind: ScopeKind::Module,
            name: Name::new_static("top"),
            parent: None,
            children: Vec::new(),
            range,
            flags: ScopeFlags::empty(),
            symbols: Vec::new(),
            annotation_scope: None,
            private: None,
            mangled_only: None,
            by_name: FxHashMap::default(),
        };
        Self {
            index: SemanticIndex {
                scopes: vec![module],
                by_node: [((ScopeKind::Module, range), ScopeId::MODULE)].into_iter().collect(),
                definitions: Vec::new(),
                uses: Vec::new(),
                errors,
                future,
                directives: Vec::new(),
            },
            current: ScopeId::MODULE,
            position: Position::default(),
            private: None,
            mangled_only: None,
            binding: (DefinitionKind::Assignment, range),
            type_variable_place: "",
        }
    }

    pub(crate) fn module(mut self, body: &[Stmt]) -> SemanticIndex {
        self.statements(body);
        self.index
    }

    pub(crate) fn expression(mut self, body: &Expr) -> SemanticIndex {
        self.visit(body);
        self.index
    }

    fn scope(&self) -> &Scope {
        self.index.scope(self.current)
    }

    fn scope_mut(&mut self) -> &mut Scope {
        &mut self.index.scopes[self.current.index()]
    }

    fn kind(&self) -> ScopeKind {
        self.scope().kind
    }

    fn error(&mut self, message: impl Into<String>, range: TextRange) {
        self.index.errors.push(SymbolError { message: message.into(), range });
    }

    /// Makes a scope without entering it, so that its annotations can be visited first.
    fn make_scope(&mut self, kind: ScopeKind, name: &Name, range: TextRange) -> ScopeId {
        let id = ScopeId::new(self.index.scopes.len());
        let parent = self.scope();
        let mut flags = parent.flags & (ScopeFlags::NESTED | ScopeFlags::UNEVALUATED);
        if parent.kind.is_function_like() {
            flags |= ScopeFlags::NESTED;
        }
        if parent.kind == ScopeKind::Class && kind.is_function_block() {
            flags |= ScopeFlags::METHOD;
        }
        self.index.scopes.push(Scope {
            kind,
            name: name.clone(),
            parent: Some(self.current),
            children: Vec::new(),
            range,
            flags,
            symbols: Vec::new(),
            annotation_scope: None,
            private: self.private.clone(),
            mangled_only: self.mangled_only.clone(),
            by_name: FxHashMap::default(),
        });
        self.scope_mut().children.push(id);
        self.index.by_node.entry((kind, range)).or_insert(id);
        id
    }

    /// Runs `body` inside scope `id`.
    fn within<R>(&mut self, id: ScopeId, body: impl FnOnce(&mut Self) -> R) -> R {
        let saved = (self.current, self.position, self.binding);
        self.current = id;
        // What is evaluated while an iterable is, at any depth, may not rebind with `:=`.
        self.position = Position { comp_iterable: saved.1.comp_iterable, ..Position::default() };
        let result = body(self);
        (self.current, self.position, self.binding) = saved;
        result
    }

    /// A scope for deferred code: `.format` is its parameter; within a class it can see the class.
    fn make_deferred_scope(&mut self, kind: ScopeKind, name: &Name, range: TextRange, sees_class: bool) -> ScopeId {
        let id = self.make_scope(kind, name, range);
        self.within(id, |this| {
            this.declare(".format", SymbolFlags::PARAM | SymbolFlags::USE, range);
            if sees_class {
                this.see_class(range);
            }
        });
        id
    }

    fn see_class(&mut self, range: TextRange) {
        self.scope_mut().flags |= ScopeFlags::CAN_SEE_CLASS;
        self.declare("__classdict__", SymbolFlags::USE, range);
    }

    fn mangled(&self, name: &str) -> Name {
        let mangled = match &self.mangled_only {
            Some(only) if !only.contains(name) => name.into(),
            _ => crate::mangle(self.private.as_deref(), name),
        };
        Name::new(mangled)
    }

    fn flags_of(&self, name: &str) -> SymbolFlags {
        self.scope().flags_of(&self.mangled(name))
    }

    /// Adds `flags` to `name` in the current scope and checks what CPython's `symtable_add_def` checks.
    fn declare(&mut self, name: &str, flags: SymbolFlags, range: TextRange) -> SymbolId {
        if flags.intersects(SymbolFlags::PARAM | SymbolFlags::LOCAL | SymbolFlags::IMPORT) && name == "__debug__" {
            self.error("cannot assign to __debug__", range);
        }
        let mangled = self.mangled(name);
        let current = self.current.index();
        let id = self.index.scopes[current].ensure(&mangled);
        let before = self.index.scopes[current].symbols[id.index()].flags;
        if flags.contains(SymbolFlags::PARAM) && before.contains(SymbolFlags::PARAM) {
            self.error(format!("duplicate argument '{name}' in function definition"), range);
        }
        if flags.contains(SymbolFlags::TYPE_PARAM) && before.contains(SymbolFlags::TYPE_PARAM) {
            self.error(format!("duplicate type parameter '{name}'"), range);
        }
        let mut after = before | flags;
        if self.position.comp_target {
            if before.intersects(SymbolFlags::GLOBAL | SymbolFlags::NONLOCAL) {
                self.error(
                    format!("comprehension inner loop cannot rebind assignment expression target '{name}'"),
                    range,
                );
            }
            after |= SymbolFlags::COMP_ITER;
        }
        let symbol = &mut self.index.scopes[current].symbols[id.index()];
        symbol.flags = after;
        symbol.resolution = Resolution::GlobalImplicit;
        id
    }

    fn add_flags(&mut self, scope: ScopeId, mangled: &Name, flags: SymbolFlags) {
        let scope = &mut self.index.scopes[scope.index()];
        let id = scope.ensure(mangled);
        scope.symbols[id.index()].flags |= flags;
        scope.symbols[id.index()].resolution = Resolution::GlobalImplicit;
    }

    /// Binds `name` here; the definition is of the kind and node in `self.binding`.
    fn bind(&mut self, name: &str, flags: SymbolFlags, range: TextRange) {
        let symbol = self.declare(name, flags, range);
        self.define_symbol(self.current, symbol, range);
    }

    fn define(&mut self, scope: ScopeId, name: &str, range: TextRange) {
        let mangled = self.mangled(name);
        let symbol = self.index.scopes[scope.index()].ensure(&mangled);
        self.define_symbol(scope, symbol, range);
    }

    fn define_symbol(&mut self, scope: ScopeId, symbol: SymbolId, range: TextRange) {
        let id = DefinitionId::new(self.index.definitions.len());
        let entry = &mut self.index.scopes[scope.index()];
        entry.symbols[symbol.index()].definitions.push(id);
        let (kind, node) = self.binding;
        self.index.definitions.push(Definition { kind, scope, symbol, range, node });
    }

    fn read(&mut self, name: &str, range: TextRange) {
        let symbol = self.declare(name, SymbolFlags::USE, range);
        self.index.uses.push(Use { scope: self.current, symbol, range });
    }

    fn record_directive(&mut self, name: &str, range: TextRange) {
        let entry = (self.current, self.mangled(name), range);
        self.index.directives.push(entry);
    }

    /// Runs `body` with stored names counted as definitions of `kind` by `node`.
    fn binding_as<R>(&mut self, kind: DefinitionKind, node: impl Ranged, body: impl FnOnce(&mut Self) -> R) -> R {
        let saved = std::mem::replace(&mut self.binding, (kind, node.range()));
        let result = body(self);
        self.binding = saved;
        result
    }

    fn conditionally(&mut self, body: impl FnOnce(&mut Self)) {
        let saved = std::mem::replace(&mut self.position.conditional, true);
        body(self);
        self.position.conditional = saved;
    }

    fn visit_optional(&mut self, expression: Option<&Expr>) {
        if let Some(expression) = expression {
            self.visit(expression);
        }
    }

    fn visit_all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) {
        for expression in expressions {
            self.visit(expression);
        }
    }

    fn identifier(&mut self, name: &ast::Identifier) {
        self.bind(&name.id, SymbolFlags::LOCAL, name.range);
    }
}
