//! What a name means: scopes, imports, modules.

use cinder_db::{File, parsed_module};
use cinder_module_resolver::{Module, resolve_import};
use cinder_semantic::{
    Definition, DefinitionKind, Resolution, ScopeId, ScopeKind, SemanticIndex, SymbolFlags, SymbolId, semantic_index,
};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Alias, AnyNodeRef, Expr, Identifier, Stmt, StmtImportFrom};
use cinder_text::{TextRange, TextSize};

use super::{Def, Semantics};
use crate::syntax;

/// Which scope and symbol an occurrence of a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) scope: ScopeId,
    pub(crate) symbol: SymbolId,
    pub(crate) range: TextRange,
    pub(crate) is_definition: bool,
}

/// All occurrences of plain names in a file, in order of place; where a name is read and bound at once, the binding.
#[salsa::tracked(returns(ref), no_eq, lru = 64)]
pub(crate) fn occurrences(db: &dyn cinder_db::Db, file: File) -> Box<[Occurrence]> {
    let index = semantic_index(db, file);
    let definitions = index.definitions().iter().map(|definition| Occurrence {
        scope: definition.scope,
        symbol: definition.symbol,
        range: definition.range,
        is_definition: true,
    });
    let uses = index.uses().iter().map(|it| Occurrence {
        scope: it.scope,
        symbol: it.symbol,
        range: it.range,
        is_definition: false,
    });
    let mut all: Vec<Occurrence> = definitions.chain(uses).collect();
    let text = cinder_db::source_text(db, file).as_str();
    if text.contains("global ") || text.contains("nonlocal ") {
        let mut walk = Rebindings { index, scope: index.module_scope(), found: &mut all };
        walk.visit_body(parsed_module(db, file).suite());
    }
    all.sort_by_key(|it| (it.range.start(), it.range.end(), !it.is_definition));
    all.dedup_by_key(|it| it.range);
    all.into()
}

/// Finds the names in `global` and `nonlocal` statements.
struct Rebindings<'a> {
    index: &'a SemanticIndex,
    scope: ScopeId,
    found: &'a mut Vec<Occurrence>,
}

impl Rebindings<'_> {
    fn names(&mut self, names: &[Identifier]) {
        let scope = self.index.scope(self.scope);
        for name in names {
            if let Some(symbol) = scope.symbol_id(&scope.mangle(&name.id)) {
                self.found.push(Occurrence { scope: self.scope, symbol, range: name.range, is_definition: false });
            }
        }
    }

    fn inside<'a>(&mut self, kind: ScopeKind, range: TextRange, body: &'a [Stmt])
    where
        Self: SourceOrderVisitor<'a>,
    {
        let outer = self.scope;
        self.scope = self.index.scope_of(kind, range).unwrap_or(outer);
        self.visit_body(body);
        self.scope = outer;
    }
}

impl<'a> SourceOrderVisitor<'a> for Rebindings<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Global(stmt) => self.names(&stmt.names),
            Stmt::Nonlocal(stmt) => self.names(&stmt.names),
            Stmt::FunctionDef(function) => self.inside(ScopeKind::Function, function.range, &function.body),
            Stmt::ClassDef(class) => self.inside(ScopeKind::Class, class.range, &class.body),
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// Scopes that bind names of scopes around them: there are few, and every look-up of a name must know them.
#[derive(Default)]
pub(crate) struct RebindingScopes {
    global: Vec<ScopeId>,
    nonlocal: Vec<ScopeId>,
}

#[salsa::tracked(returns(ref), no_eq, lru = 128)]
pub(crate) fn rebinding_scopes(db: &dyn cinder_db::Db, file: File) -> RebindingScopes {
    let index = semantic_index(db, file);
    let mut found = RebindingScopes::default();
    for (id, scope) in index.scopes().skip(1) {
        let has = |flag: SymbolFlags| scope.symbols.iter().any(|symbol| symbol.flags.contains(flag));
        if has(SymbolFlags::GLOBAL) {
            found.global.push(id);
        }
        // A walrus in a comprehension binds a name of its function.
        if scope
            .symbols
            .iter()
            .any(|symbol| matches!(symbol.resolution, Resolution::Free { .. }) && !symbol.definitions.is_empty())
        {
            found.nonlocal.push(id);
        }
    }
    found
}

/// An import that binds a name.
pub(crate) enum Import<'db> {
    /// `import a.b` binds `a`; `import a.b as c` binds `a.b`.
    Module(&'db Alias),
    From(&'db StmtImportFrom, &'db Alias),
}

impl<'db> Semantics<'db> {
    /// The occurrence of a plain name that has this range.
    pub(crate) fn occurrence(&self, file: File, range: TextRange) -> Option<Occurrence> {
        let all = occurrences(self.db, file);
        let at =
            all.binary_search_by_key(&(range.start(), range.end()), |it| (it.range.start(), it.range.end())).ok()?;
        Some(all[at])
    }

    /// All definitions, in its scope, of the name that is bound or used at this range.
    pub(crate) fn siblings(&self, file: File, range: TextRange) -> impl Iterator<Item = &'db Definition> + use<'db> {
        let index = semantic_index(self.db, file);
        let symbol = self.occurrence(file, range).map(|it| index.scope(it.scope).symbol_by_id(it.symbol));
        let definitions = symbol.into_iter().flat_map(|symbol| &symbol.definitions);
        definitions.map(|id| index.definition(*id))
    }

    /// The innermost scope around a place.
    pub(crate) fn scope_at(&self, file: File, offset: TextSize) -> ScopeId {
        let index = semantic_index(self.db, file);
        let around = index.scopes().filter(|(_, scope)| {
            if !scope.range.contains_inclusive(offset) {
                return false;
            }
            let starts = match scope.kind {
                // A class's or function's own line belongs to the scope outside.
                ScopeKind::Function | ScopeKind::Class => self.body_start(file, scope.range, scope.kind),
                ScopeKind::Annotation | ScopeKind::TypeVariable => return false,
                _ => scope.range.start(),
            };
            starts <= offset && offset <= scope.range.end()
        });
        around.map(|(id, _)| id).last().unwrap_or(index.module_scope())
    }

    fn body_start(&self, file: File, range: TextRange, kind: ScopeKind) -> TextSize {
        // After the colon of the header, so that completion on a line of its own is inside.
        let header_end = match kind {
            ScopeKind::Function => syntax::function(self.db, file, range).map(|function| {
                let parameters = function.parameters.range.end();
                function.returns.as_ref().map_or(parameters, |returns| cinder_text::Ranged::end(&**returns))
            }),
            _ => syntax::class(self.db, file, range).map(|class| {
                class.arguments.as_ref().map_or(class.name.range.end(), |arguments| arguments.range.end())
            }),
        };
        header_end.map_or(range.start(), |end| end + TextSize::new(1))
    }

    /// The definitions a plain name at this range may mean, in this file or builtin; imports are not followed.
    pub(crate) fn bindings_at(&self, file: File, range: TextRange) -> Vec<Def> {
        let Some(occurrence) = self.occurrence(file, range) else { return Vec::new() };
        let index = semantic_index(self.db, file);
        let name = &index.scope(occurrence.scope).symbol_by_id(occurrence.symbol).name;
        let found = self.symbol_bindings(file, index, occurrence.scope, occurrence.symbol);
        if found.is_empty() { self.outer_names(file, name) } else { found }
    }

    /// The definitions of a name seen from a scope.
    pub(crate) fn lookup(&self, file: File, mut scope: ScopeId, name: &str) -> Vec<Def> {
        let index = semantic_index(self.db, file);
        let mut is_own = true;
        loop {
            let this = index.scope(scope);
            // Class bodies are invisible from the functions inside.
            if (is_own || this.kind != ScopeKind::Class)
                && let Some(symbol) = this.symbol_id(&this.mangle(name))
            {
                let found = self.symbol_bindings(file, index, scope, symbol);
                if !found.is_empty() {
                    return found;
                }
            }
            is_own = false;
            match this.parent {
                Some(parent) => scope = parent,
                None => return self.outer_names(file, name),
            }
        }
    }

    fn symbol_bindings(&self, file: File, index: &SemanticIndex, scope: ScopeId, symbol: SymbolId) -> Vec<Def> {
        let entry = index.scope(scope).symbol_by_id(symbol);
        let name = &entry.name;
        let own = |scope: ScopeId| {
            let symbol = index.scope(scope).symbol(name);
            let ids = symbol.map(|symbol| symbol.definitions.as_slice()).unwrap_or_default();
            ids.iter().map(|id| index.definition(*id).clone()).collect::<Vec<_>>()
        };
        let definitions = match entry.resolution {
            Resolution::Local | Resolution::Cell => own(scope),
            Resolution::Free { owner } => self.nonlocal_definitions(file, owner, name),
            Resolution::GlobalExplicit | Resolution::GlobalImplicit => self.global_definitions(file, name),
        };
        let kept = definitions.into_iter().filter(|definition| definition.kind != DefinitionKind::Delete);
        kept.map(|definition| Def::Name(file, definition)).collect()
    }

    /// Bindings of a module-level name, those in functions that declare it `global` included.
    fn global_definitions(&self, file: File, name: &str) -> Vec<Definition> {
        let index = semantic_index(self.db, file);
        let rebinding = &rebinding_scopes(self.db, file).global;
        let scopes = std::iter::once(index.module_scope()).chain(rebinding.iter().copied());
        let symbols = scopes.filter_map(|scope| {
            let symbol = index.scope(scope).symbol(name)?;
            (scope == index.module_scope() || symbol.resolution == Resolution::GlobalExplicit).then_some(symbol)
        });
        symbols.flat_map(|symbol| symbol.definitions.iter().map(|id| index.definition(*id).clone())).collect()
    }

    /// Bindings of a function's variable, those by `nonlocal` included.
    fn nonlocal_definitions(&self, file: File, owner: ScopeId, name: &str) -> Vec<Definition> {
        let index = semantic_index(self.db, file);
        let rebinding = &rebinding_scopes(self.db, file).nonlocal;
        let scopes = std::iter::once(owner).chain(rebinding.iter().copied().filter(|scope| *scope != owner));
        let symbols = scopes.filter_map(|scope| {
            let symbol = index.scope(scope).symbol(name)?;
            (scope == owner || symbol.resolution == Resolution::Free { owner }).then_some(symbol)
        });
        symbols.flat_map(|symbol| symbol.definitions.iter().map(|id| index.definition(*id).clone())).collect()
    }

    /// Names that come from a star import or are builtin.
    fn outer_names(&self, file: File, name: &str) -> Vec<Def> {
        let starred = self.star_names(file, name);
        if !starred.is_empty() {
            return starred;
        }
        let found = match self.module("builtins", None).and_then(|module| module.declaration()) {
            Some(builtins) if builtins != file => self.module_names(builtins, name),
            _ => Vec::new(),
        };
        // `__file__` and what else every module has.
        let is_attribute = found.is_empty() && name.starts_with("__");
        let module = is_attribute.then(|| self.library_class("types", "ModuleType")).flatten();
        module.map_or(found, |module| self.own_members(module, name))
    }

    fn star_names(&self, file: File, name: &str) -> Vec<Def> {
        if name.starts_with('_') {
            return Vec::new();
        }
        let modules = star_imports(parsed_module(self.db, file).suite());
        let find = |(level, module): (u32, Option<&str>)| {
            let module = resolve_import(self.db, file, level, module).ok()?;
            let found = self.deeper(|| self.module_members(&module, name, false))?;
            (!found.is_empty()).then_some(found)
        };
        modules.into_iter().find_map(find).unwrap_or_default()
    }

    /// What a module's own level binds under a name; imports are not followed.
    pub(crate) fn module_names(&self, file: File, name: &str) -> Vec<Def> {
        let definitions = self.global_definitions(file, name).into_iter();
        definitions
            .filter(|definition| definition.kind != DefinitionKind::Delete)
            .map(|definition| Def::Name(file, definition))
            .collect()
    }

    /// What `module.name` means: something in the module, or a module inside. With `prefers_source`, what runs rather than what declares it.
    pub(crate) fn module_members(&self, module: &Module, name: &str, prefers_source: bool) -> Vec<Def> {
        let file = if prefers_source { module.source.or(module.stub) } else { module.declaration() };
        if let Some(file) = file {
            let own = self.module_names(file, name);
            if !own.is_empty() {
                return self.deeper(|| self.follow_all(own, prefers_source)).unwrap_or_default();
            }
            let starred = self.star_names(file, name);
            if !starred.is_empty() {
                return starred;
            }
        }
        let inner = module.name.join(name).and_then(|inner| self.module(inner.as_str(), file));
        inner.map(Def::Module).into_iter().collect()
    }

    /// The import that a definition is.
    pub(crate) fn import_of(&self, file: File, definition: &Definition) -> Option<Import<'db>> {
        let path = syntax::path_to(self.db, file, definition.range);
        let alias = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::Alias(alias) => Some(*alias),
            _ => None,
        })?;
        path.iter().rev().find_map(|node| match node {
            AnyNodeRef::StmtImportFrom(import) => Some(Import::From(import, alias)),
            AnyNodeRef::StmtImport(_) => Some(Import::Module(alias)),
            _ => None,
        })
    }

    /// Follows a definition that is an import to what it imports; others are themselves.
    pub(crate) fn follow(&self, def: &Def, prefers_source: bool) -> Vec<Def> {
        let Def::Name(file, definition) = def else { return vec![def.clone()] };
        if definition.kind != DefinitionKind::Import {
            return vec![def.clone()];
        }
        let found = match self.import_of(*file, definition) {
            Some(Import::From(import, alias)) => self.imported(*file, import, alias, prefers_source),
            Some(Import::Module(alias)) => {
                let name = match &alias.asname {
                    Some(_) => alias.name.as_str(),
                    None => alias.name.split('.').next().unwrap_or_default(),
                };
                self.module(name, Some(*file)).map(Def::Module).into_iter().collect()
            }
            None => Vec::new(),
        };
        // An import of something unknown is all there is to show.
        if found.is_empty() { vec![def.clone()] } else { found }
    }

    /// What `from module import name` names.
    pub(crate) fn imported(
        &self,
        file: File,
        import: &StmtImportFrom,
        alias: &Alias,
        prefers_source: bool,
    ) -> Vec<Def> {
        let Some(module) = self.import_module(file, import) else { return Vec::new() };
        let name = alias.name.as_str();
        // A package that imports from itself means a module inside: its own names are what is being made.
        if module.source == Some(file) || module.stub == Some(file) {
            let inner = module.name.join(name).and_then(|inner| self.module(inner.as_str(), Some(file)));
            if let Some(inner) = inner {
                return vec![Def::Module(inner)];
            }
        }
        self.deeper(|| self.module_members(&module, name, prefers_source)).unwrap_or_default()
    }

    /// The module that `from module import` reads.
    pub(crate) fn import_module(&self, file: File, import: &StmtImportFrom) -> Option<Module> {
        resolve_import(self.db, file, import.level, import.module.as_ref().map(|module| module.as_str())).ok()
    }

    pub(crate) fn follow_all(&self, defs: Vec<Def>, prefers_source: bool) -> Vec<Def> {
        let mut found: Vec<Def> = Vec::new();
        for def in defs.iter().flat_map(|def| self.follow(def, prefers_source)) {
            if !found.contains(&def) {
                found.push(def);
            }
        }
        found
    }
}

/// Modules of `from module import *` on the module's own level: dots and name, the last import first, because it wins.
pub(crate) fn star_imports(body: &[Stmt]) -> Vec<(u32, Option<&str>)> {
    fn collect<'a>(body: &'a [Stmt], found: &mut Vec<(u32, Option<&'a str>)>) {
        for stmt in body {
            match stmt {
                Stmt::ImportFrom(import) if import.names.iter().any(|alias| alias.name.as_str() == "*") => {
                    found.push((import.level, import.module.as_ref().map(|module| module.as_str())));
                }
                Stmt::If(stmt) => {
                    collect(&stmt.body, found);
                    stmt.elif_else_clauses.iter().for_each(|clause| collect(&clause.body, found));
                }
                Stmt::Try(stmt) => {
                    [&stmt.body, &stmt.orelse, &stmt.finalbody].into_iter().for_each(|body| collect(body, found))
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(body, &mut found);
    found.reverse();
    found
}
