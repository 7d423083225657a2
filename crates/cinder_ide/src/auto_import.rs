//! Names that could be imported, and where an import goes.

use cinder_db::{Db, File, parsed_module, source_text};
use cinder_module_resolver::{ModuleName, module_name_of_file, resolve_module, search_paths};
use cinder_semantic::{DefinitionKind, semantic_index};
use cinder_syntax::ast::{Expr, Stmt};
use cinder_text::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashSet;

/// What a module offers to others, and what it takes from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exports {
    /// Public names bound on the module's level, imports left out.
    pub(crate) names: Vec<(Box<str>, DefinitionKind)>,
    /// `from module import name`, as far as the module's name is absolute.
    pub(crate) taken: Vec<(Box<str>, Box<str>)>,
}

#[salsa::tracked(returns(ref), lru = 4096)]
pub(crate) fn exports(db: &dyn Db, file: File) -> Exports {
    let index = semantic_index(db, file);
    let module = index.scope(index.module_scope());
    let public = module.symbols.iter().filter(|symbol| !symbol.name.starts_with('_'));
    let names = public.filter_map(|symbol| {
        let definition = index.definition(*symbol.definitions.first()?);
        (definition.kind != DefinitionKind::Import).then(|| (symbol.name.as_str().into(), definition.kind))
    });
    let mut taken = Vec::new();
    for stmt in parsed_module(db, file).suite() {
        let Stmt::ImportFrom(import) = stmt else { continue };
        if let (0, Some(module)) = (import.level, &import.module) {
            taken.extend(import.names.iter().map(|alias| (module.as_str().into(), alias.name.as_str().into())));
        }
    }
    Exports { names: names.collect(), taken }
}

/// A name that can be imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// `None` when the name is a module itself: `import name`.
    pub(crate) module: Option<String>,
}

/// Names for which `is_wanted`, from the files of the workspace, from what those import elsewhere, and top-level modules. Sorted, each once.
pub(crate) fn candidates(db: &dyn Db, file: File, files: &[File], is_wanted: &dyn Fn(&str) -> bool) -> Vec<Candidate> {
    let mut found: FxHashSet<Candidate> = FxHashSet::default();
    for other in files.iter().filter(|other| **other != file) {
        let exports = exports(db, *other);
        let wanted = exports.names.iter().filter(|(name, _)| is_wanted(name));
        let mut module = None;
        for (name, _) in wanted {
            let module = module.get_or_insert_with(|| module_name_of_file(db, *other));
            if let Some(module) = module {
                found.insert(Candidate { name: name.to_string(), module: Some(module.to_string()) });
            }
        }
        for (module, name) in exports.taken.iter().filter(|(_, name)| is_wanted(name)) {
            let exists = || ModuleName::new(module).is_some_and(|name| resolve_module(db, &name, None).is_some());
            if exists() {
                found.insert(Candidate { name: name.to_string(), module: Some(module.to_string()) });
            }
        }
    }
    for name in top_level_modules(db) {
        if is_wanted(&name) {
            found.insert(Candidate { name, module: None });
        }
    }
    let mut sorted: Vec<Candidate> = found.into_iter().collect();
    sorted.sort();
    sorted
}

/// Modules that `import name` finds, sorted.
pub(crate) fn top_level_modules(db: &dyn Db) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for path in search_paths(db) {
        let folder = db.files().folder(db, &path.folder);
        for entry in folder.entries(db).as_deref().unwrap_or_default() {
            let stem =
                entry.name.strip_suffix(".py").or_else(|| entry.name.strip_suffix(".pyi")).unwrap_or(&entry.name);
            if stem.contains(['.', '-']) || stem.starts_with("__") {
                continue;
            }
            names.push(stem.to_string());
        }
    }
    names.sort();
    names.dedup();
    names.retain(|name| ModuleName::new(name).is_some_and(|name| resolve_module(db, &name, None).is_some()));
    names
}

/// An insertion that imports a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportEdit {
    pub range: TextRange,
    pub text: String,
}

/// The edit that makes a candidate available in a file: an existing `from` import grows, otherwise a line is added after the last import of its kind.
pub(crate) fn import_edit(db: &dyn Db, file: File, candidate: &Candidate) -> ImportEdit {
    let body = parsed_module(db, file).suite();
    if let Some(module) = &candidate.module {
        let existing = body.iter().find_map(|stmt| match stmt {
            Stmt::ImportFrom(import)
                if import.level == 0
                    && import.module.as_ref().is_some_and(|it| it.as_str() == module)
                    && import.names.iter().all(|alias| alias.name.as_str() != "*") =>
            {
                import.names.last()
            }
            _ => None,
        });
        if let Some(last) = existing {
            return ImportEdit { range: TextRange::empty(last.range.end()), text: format!(", {}", candidate.name) };
        }
    }
    let line = match &candidate.module {
        Some(module) => format!("from {module} import {}", candidate.name),
        None => format!("import {}", candidate.name),
    };
    insert_import(db, file, &line)
}

/// The edit that adds an import line after the last import at the top, or where the first would go.
pub(crate) fn insert_import(db: &dyn Db, file: File, line: &str) -> ImportEdit {
    let body = parsed_module(db, file).suite();
    let at_top = body.iter().take_while(|stmt| {
        matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_))
            || matches!(stmt, Stmt::Expr(stmt) if matches!(&*stmt.value, Expr::StringLiteral(_)))
    });
    match at_top.last() {
        Some(last) => {
            let text = if matches!(last, Stmt::Expr(_)) { format!("\n\n{line}") } else { format!("\n{line}") };
            ImportEdit { range: TextRange::empty(last.end()), text }
        }
        None => {
            let at = header_end(source_text(db, file));
            ImportEdit { range: TextRange::empty(at), text: format!("{line}\n") }
        }
    }
}

/// Where the comments at the top of a file end.
pub(crate) fn header_end(text: &str) -> TextSize {
    let mut end = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in text[end..].split_inclusive('\n') {
        if !line.starts_with('#') {
            break;
        }
        end += line.len();
    }
    TextSize::new(end as u32)
}
