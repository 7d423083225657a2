//! Which static modules a module may know: those its imports name.
//!
//! Problem: a module that is static because the settings say so, and cannot be compiled as such, must become an ordinary one *before* any module
//! that relies on it is compiled.
//! Idea: what a module knows of others it knows through dotted names that begin with an import. All of them are collected from the tree, wherever they
//! stand; those that are static modules are its neighbours.
//! Holds: errs on the side of too many.

use cinder_db::{Db, File, parsed_module};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt};
use cinder_types::Name;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::queries::{module_header, static_module_file};
use crate::summary::absolute_module;

/// The static modules that the file's imports name, and the packages around them, ordered by name.
///
/// Depends on: the file's text, the headers of the modules found.
pub fn imported_static_modules(db: &dyn Db, file: File) -> Vec<File> {
    let header = module_header(db, file);
    let mut walk = Walk {
        module: &header.name,
        is_package: header.is_package,
        bound: FxHashMap::default(),
        found: FxHashSet::default(),
        chains: Vec::new(),
    };
    walk.visit_body(parsed_module(db, file).suite());
    for chain in std::mem::take(&mut walk.chains) {
        let (root, rest) = chain.split_once('.').unwrap_or((&chain, ""));
        if let Some(module) = walk.bound.get(root).cloned() {
            walk.name(&format!("{module}.{rest}"));
        }
    }
    let mut names: Vec<Name> = walk.found.into_iter().filter(|name| *name != header.name).collect();
    names.sort();
    names.iter().filter_map(|name| static_module_file(db, file, name)).collect()
}

struct Walk<'a> {
    module: &'a str,
    is_package: bool,
    /// Names that imports bind, and the modules they may stand for.
    bound: FxHashMap<Name, Name>,
    found: FxHashSet<Name>,
    /// `name.attribute.attribute`, as written.
    chains: Vec<String>,
}

impl Walk<'_> {
    /// A dotted name and all its beginnings.
    fn name(&mut self, dotted: &str) {
        let ends = dotted.match_indices('.').map(|(at, _)| at).chain([dotted.len()]);
        self.found.extend(ends.map(|end| Name::new(&dotted[..end])));
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    self.name(module);
                    let first = module.split('.').next().unwrap_or_default();
                    let (name, stands_for) = match &alias.asname {
                        Some(name) => (name.as_str(), module),
                        None => (first, first),
                    };
                    self.bound.insert(Name::new(name), Name::new(stands_for));
                }
            }
            Stmt::ImportFrom(import) => {
                let target = import.module.as_ref().map(|module| module.as_str());
                let Some(module) = absolute_module(self.module, self.is_package, import.level, target) else { return };
                self.name(&module);
                for alias in &import.names {
                    let dotted = format!("{module}.{}", alias.name);
                    self.name(&dotted);
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bound.insert(name.id.clone(), Name::new(dotted));
                }
            }
            statement => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match dotted(expr) {
            Some(chain) if chain.contains('.') => self.chains.push(chain),
            Some(_) => {}
            None => walk_expr(self, expr),
        }
    }
}

fn dotted(expr: &Expr) -> Option<String> {
    let mut names = Vec::new();
    let mut inner = expr;
    while let Expr::Attribute(attribute) = inner {
        names.push(attribute.attr.as_str());
        inner = &attribute.value;
    }
    let Expr::Name(name) = inner else { return None };
    names.push(&name.id);
    names.reverse();
    Some(names.join("."))
}
