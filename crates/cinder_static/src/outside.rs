//! Modules that are not static: which names they have.
//!
//! Problem: what an ordinary module declares is `dynamic` to static code, but a name it does not have is a mistake all the same.
//! Idea: its stub is read for existence only. Every name a stub binds anywhere at its top level counts, whatever the condition, so a missing name
//! is missing for certain; a stub with a module-level `__getattr__`, or with star imports that cannot be followed, has every name.
//! Holds: nothing here gives a type.

use cinder_db::{Db, File, parsed_module};
use cinder_module_resolver::{resolve_module, resolve_relative};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_types::Name;
use rustc_hash::FxHashSet;

use crate::summary::target_names;

/// Star imports followed from one stub to the next.
const MAX_STARS: u32 = 8;

/// The names a stub binds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct StubNames {
    names: FxHashSet<Name>,
    /// Dots and name of the modules whose names are all imported.
    stars: Vec<(u32, Option<Name>)>,
}

/// Depends on: the stub's text.
#[salsa::tracked(returns(ref))]
pub(crate) fn stub_names(db: &dyn Db, stub: File) -> StubNames {
    let mut found = StubNames::default();
    collect(parsed_module(db, stub).suite(), &mut found);
    found
}

/// Whether the stub surely has no such name at its top level.
pub(crate) fn stub_lacks(db: &dyn Db, stub: File, name: &str) -> bool {
    lacks_within(db, stub, name, MAX_STARS)
}

fn lacks_within(db: &dyn Db, stub: File, name: &str, stars: u32) -> bool {
    let found = stub_names(db, stub);
    if found.names.contains(name) || found.names.contains("__getattr__") || stars == 0 {
        return false;
    }
    found.stars.iter().all(|(level, module)| {
        let target = resolve_relative(db, stub, *level, module.as_deref()).ok();
        let target = target.and_then(|target| resolve_module(db, &target, None)?.stub);
        target.is_some_and(|target| lacks_within(db, target, name, stars - 1))
    })
}

fn collect(body: &[Stmt], found: &mut StubNames) {
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(def) => {
                found.names.insert(def.name.id.clone());
            }
            Stmt::ClassDef(def) => {
                found.names.insert(def.name.id.clone());
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| bind(target, found)),
            Stmt::AnnAssign(assign) => bind(&assign.target, found),
            Stmt::AugAssign(assign) => bind(&assign.target, found),
            Stmt::TypeAlias(alias) => bind(&alias.name, found),
            Stmt::Import(import) => found.names.extend(import.names.iter().map(|alias| match &alias.asname {
                Some(name) => name.id.clone(),
                None => Name::new(alias.name.split('.').next().unwrap_or_default()),
            })),
            Stmt::ImportFrom(import) => import_from(import, found),
            Stmt::If(stmt) => {
                collect(&stmt.body, found);
                stmt.elif_else_clauses.iter().for_each(|clause| collect(&clause.body, found));
            }
            Stmt::For(stmt) => {
                bind(&stmt.target, found);
                collect(&stmt.body, found);
                collect(&stmt.orelse, found);
            }
            Stmt::While(stmt) => {
                collect(&stmt.body, found);
                collect(&stmt.orelse, found);
            }
            Stmt::With(stmt) => {
                stmt.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|target| bind(target, found));
                collect(&stmt.body, found);
            }
            Stmt::Try(stmt) => {
                collect(&stmt.body, found);
                for handler in &stmt.handlers {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    collect(&handler.body, found);
                }
                collect(&stmt.orelse, found);
                collect(&stmt.finalbody, found);
            }
            _ => {}
        }
    }
}

fn import_from(import: &ast::StmtImportFrom, found: &mut StubNames) {
    for alias in &import.names {
        if alias.name.as_str() == "*" {
            found.stars.push((import.level, import.module.as_ref().map(|module| module.id.clone())));
        } else {
            found.names.insert(alias.asname.as_ref().unwrap_or(&alias.name).id.clone());
        }
    }
}

fn bind(target: &Expr, found: &mut StubNames) {
    let mut names = Vec::new();
    target_names(target, &mut names);
    found.names.extend(names);
}
