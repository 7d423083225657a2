//! Makes imports lazy (PEP 810): with the keyword where the program is for Python 3.15 or later, otherwise by a list that older versions ignore.
//!
//! ```python
//! lazy from shop.reports import render         # for 3.15 and later
//!
//! __lazy_modules__ = ["shop.reports"]          # for older ones, which import at once as ever
//! from shop.reports import render
//! ```
//!
//! Holds: an import becomes lazy only if every name it binds may be deferred, and a module is listed only if that is so for all imports from it.
//! What the keyword may not stand in (functions, classes, `try`, `with`, blocks of any kind) stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cinder_db::{Db, parsed_module, source_text};
use cinder_strict::marker::leading_end;
use cinder_syntax::ast::{Expr, Stmt, StmtImportFrom};
use cinder_text::{Ranged, TextSize};

use crate::project::Project;
use crate::survey::Deferrable;

/// The first minor version of Python 3 that knows lazy imports.
const LAZY_IMPORTS_SINCE: u8 = 15;

/// A file whose imports were made lazy.
#[derive(Clone, Debug)]
pub struct LazyFile {
    /// Absolute.
    pub file: PathBuf,
    /// As users see it.
    pub path: String,
    pub text: String,
    /// Statements that are lazy now and were not before.
    pub imports: usize,
}

impl Project {
    /// Whether the program is for versions of Python that all know lazy imports.
    pub fn has_lazy_imports(&self) -> bool {
        self.strict_settings().python_minor >= LAZY_IMPORTS_SINCE
    }

    /// The files that have imports among `found` with these made lazy, in order of path.
    pub fn with_lazy_imports(&self, found: &[Deferrable]) -> Vec<LazyFile> {
        let mut files: BTreeMap<&PathBuf, Vec<&Deferrable>> = BTreeMap::new();
        for import in found {
            files.entry(&import.file).or_default().push(import);
        }
        files.into_values().filter_map(|imports| self.lazy_file(&imports)).collect()
    }

    fn lazy_file(&self, imports: &[&Deferrable]) -> Option<LazyFile> {
        let first = imports.first()?;
        let db = self.db();
        let file = db.files().disk_file(db, &first.file);
        let source = source_text(db, file).as_str();
        let suite = parsed_module(db, file).suite();
        let mut names: BTreeMap<TextSize, BTreeSet<&str>> = BTreeMap::new();
        for import in imports {
            names.entry(import.statement.start()).or_default().insert(&import.name);
        }
        let is_deferrable = |import: &StmtImportFrom| {
            let names = names.get(&import.start());
            !import.is_lazy
                && import.names.iter().all(|alias| names.is_some_and(|names| names.contains(alias.name.as_str())))
        };
        let on_top = suite.iter().filter_map(Stmt::as_import_from_stmt);
        let (text, count) = if self.has_lazy_imports() {
            let starts: Vec<usize> =
                on_top.filter(|import| is_deferrable(import)).map(|import| import.start().to_usize()).collect();
            let mut text = source.to_string();
            starts.iter().rev().for_each(|at| text.insert_str(*at, "lazy "));
            (text, starts.len())
        } else {
            if suite.iter().any(binds_list) {
                return None;
            }
            let modules: BTreeMap<TextSize, &str> =
                imports.iter().map(|import| (import.statement.start(), &*import.module)).collect();
            let (lazy, eager): (Vec<_>, Vec<_>) = on_top.partition(|import| is_deferrable(import));
            let name_of = |import: &&StmtImportFrom| modules.get(&import.start()).copied();
            // An import none of whose names may be deferred is not among those found, and then its module is told by its text.
            let kept: BTreeSet<&str> = eager
                .iter()
                .filter_map(|import| name_of(import).or(import.module.as_deref().filter(|_| import.level == 0)))
                .collect();
            let listed: BTreeSet<&str> =
                lazy.iter().filter_map(name_of).filter(|module| !kept.contains(module)).collect();
            let count = lazy.iter().filter(|import| name_of(import).is_some_and(|module| listed.contains(module)));
            let count = count.count();
            let list = listed.iter().map(|module| format!("\"{module}\"")).collect::<Vec<_>>().join(", ");
            let (head, tail) = source.split_at(leading_end(source, suite).to_usize());
            let gap = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
            (format!("{head}{gap}__lazy_modules__ = [{list}]\n{tail}"), count)
        };
        (count > 0).then(|| LazyFile { file: first.file.clone(), path: first.path.clone(), text, imports: count })
    }
}

/// Whether a statement says already which modules are lazy.
fn binds_list(statement: &Stmt) -> bool {
    let Stmt::Assign(assign) = statement else { return false };
    assign.targets.iter().any(|target| matches!(target, Expr::Name(name) if name.id == "__lazy_modules__"))
}
