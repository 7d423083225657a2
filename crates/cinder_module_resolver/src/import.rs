//! Imports as they are written: relative to a file.

use std::path::Path;

use cinder_db::{Db, File, FilePath};

use crate::name::ModuleName;
use crate::resolve::{Module, resolve_module};
use crate::search_path::{SearchPathKind, search_paths};

/// Why an import cannot name a module, or names none. The words are those of CPython's exception.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ImportError {
    #[error("attempted relative import with no known parent package")]
    NoParentPackage,
    #[error("attempted relative import beyond top-level package")]
    BeyondTopLevel,
    #[error("No module named '{0}'")]
    NotFound(String),
}

/// Finds the module of `import name` (`level` 0) or `from ..name import ...` (`level` counts the dots) in `importer`.
///
/// Errors: CPython's `ImportError` and `ModuleNotFoundError`. A missing package is named rather than the module in it, as CPython does.
pub fn resolve_import(db: &dyn Db, importer: File, level: u32, name: Option<&str>) -> Result<Module, ImportError> {
    let absolute = resolve_relative(db, importer, level, name)?;
    let script = script_folder(db, importer);
    if let Some(module) = resolve_module(db, &absolute, script.as_ref()) {
        return Ok(module.clone());
    }
    // Name the outermost part that is missing.
    let mut missing = absolute.clone();
    while let Some(parent) = missing.parent() {
        if resolve_module(db, &parent, script.as_ref()).is_some() {
            break;
        }
        missing = parent;
    }
    Err(ImportError::NotFound(missing.to_string()))
}

/// The absolute name of an import without looking whether it exists.
pub fn resolve_relative(
    db: &dyn Db,
    importer: File,
    level: u32,
    name: Option<&str>,
) -> Result<ModuleName, ImportError> {
    let not_found = || ImportError::NotFound(name.unwrap_or_default().to_string());
    if level == 0 {
        return name.and_then(ModuleName::new).ok_or_else(not_found);
    }
    let module = module_name_of_file(db, importer);
    let is_package = importer.path(db).file_name().is_some_and(|name| matches!(name, "__init__.py" | "__init__.pyi"));
    let package = if is_package { module } else { module.and_then(|module| module.parent()) };
    let mut package = package.ok_or(ImportError::NoParentPackage)?;
    for _ in 1..level {
        package = package.parent().ok_or(ImportError::BeyondTopLevel)?;
    }
    match name {
        Some(name) => package.join(name).ok_or_else(not_found),
        None => Ok(package),
    }
}

/// The name under which `file` is imported: relative to the search path through which that name leads back to the file. For files outside of all
/// search paths, the name seen from the script's folder.
///
/// Depends on: search paths and listings.
#[salsa::tracked(returns(clone))]
pub fn module_name_of_file(db: &dyn Db, file: File) -> Option<ModuleName> {
    let path = file.path(db);
    let candidates = search_paths(db).iter().filter_map(|root| Some((name_below(&root.folder, path)?, None)));
    let script = script_folder(db, file);
    let from_script = script.as_ref().and_then(|folder| name_below(folder, path)).map(|name| (name, script.as_ref()));
    candidates.chain(from_script).find_map(|(name, script)| {
        let found = resolve_module(db, &name, script)?;
        (found.stub == Some(file) || found.source == Some(file)).then_some(name)
    })
}

/// The folder Python would put first on the path if the program that `file` belongs to were started by path: the one above the outermost
/// package. `None` if that is a search path anyway, or `file` is not on disk.
///
/// Depends on: listings of the folders above the file.
#[salsa::tracked(returns(clone))]
pub fn script_folder(db: &dyn Db, file: File) -> Option<FilePath> {
    file.path(db).as_disk()?;
    let mut folder = file.path(db).parent()?;
    while is_regular_package(db, &folder) {
        folder = folder.parent()?;
    }
    let known =
        search_paths(db).iter().any(|path| path.kind != SearchPathKind::StandardLibrary && path.folder == folder);
    (!known).then_some(folder)
}

fn is_regular_package(db: &dyn Db, folder: &FilePath) -> bool {
    let listing = db.files().folder(db, folder);
    listing.child(db, "__init__.py").or(listing.child(db, "__init__.pyi")).is_some()
}

/// The dotted name of `path` seen from `folder`; stub packages count as their package.
fn name_below(folder: &FilePath, path: &FilePath) -> Option<ModuleName> {
    let relative = match (folder, path) {
        (FilePath::Disk(folder), FilePath::Disk(path)) => path.strip_prefix(folder).ok()?,
        (FilePath::Vendored(folder), FilePath::Vendored(path)) => {
            Path::new(path.strip_prefix(&**folder)?.strip_prefix('/')?)
        }
        _ => return None,
    };
    let mut parts: Vec<&str> = relative.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
    let file = parts.pop()?;
    let stem = file.strip_suffix(".py").or_else(|| file.strip_suffix(".pyi"))?;
    if let Some(head) = parts.first_mut() {
        *head = head.strip_suffix("-stubs").unwrap_or(head);
    }
    if stem != "__init__" {
        parts.push(stem);
    }
    ModuleName::new(&parts.join("."))
}
