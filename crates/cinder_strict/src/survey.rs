//! What a project could gain: which modules are strict but for a marker, and which imports nothing looks at.

use cinder_db::{Db, File, Grain};
use cinder_text::TextRange;

use crate::code::Piece;
use crate::machine::import::number_of_file;
use crate::object::Body;
use crate::queries::{self, Found};
use crate::value::Value;

/// The modules with values that `file` imports at its own level. With every module forced: all of the project it imports.
pub fn imported_modules(db: &dyn Db, file: File) -> &[File] {
    queries::import_edges(db, file)
}

/// An import that nothing looks at while its module is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingImport {
    /// The statement, in the file's positions.
    pub range: TextRange,
    pub module: String,
    pub name: String,
    pub target: Target,
}

/// What a pending import leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module that was analysed.
    Module(File),
    /// A module of the library that is declared harmless.
    Library,
    Unknown,
}

/// The `from` imports of a module that are still pending when its body has run, in order of place.
///
/// Depends on: the unit's evaluation, and the file for positions.
pub fn pending_imports(db: &dyn Db, file: File) -> Vec<PendingImport> {
    let heap = queries::heap_of(db, file);
    let own = |obj: crate::value::Obj| heap.object(obj.index);
    let Some(module) = heap.module(number_of_file(file)).map(own) else { return Vec::new() };
    let Body::Module(module) = &module.body else { return Vec::new() };
    let Body::Dict(dict) = &own(module.dict).body else { return Vec::new() };
    let mut found: Vec<PendingImport> = dict
        .iter()
        .filter_map(|(_, value)| {
            let Value::Lazy(lazy) = value else { return None };
            let Piece::Module(place) = lazy.span.piece else { return None };
            if place != file {
                return None;
            }
            let whole = format!("{}.{}", lazy.module, lazy.name);
            let target = match queries::find_source(db, Some(file), &whole) {
                Found::File(file) => Target::Module(file),
                _ => match queries::find_source(db, Some(file), &lazy.module) {
                    Found::File(file) => Target::Module(file),
                    Found::Library | Found::Model(_) => Target::Library,
                    _ => Target::Unknown,
                },
            };
            Some(PendingImport {
                range: Grain::Module(file).lift(db, lazy.span.range),
                module: lazy.module.to_string(),
                name: lazy.name.to_string(),
                target,
            })
        })
        .collect();
    found.sort_by(|a, b| (a.range.start(), &a.name).cmp(&(b.range.start(), &b.name)));
    found
}
