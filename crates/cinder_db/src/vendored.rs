//! The bundled typeshed: read-only, never changes while the program runs.
//!
//! The crate `ty_vendored` carries a zip made at build time; this module is the only one that names it.

use std::io;

/// Reads `path` (for example `stdlib/builtins.pyi`) from the bundled stubs.
///
/// Errors: not found, or a folder.
pub fn read(path: &str) -> io::Result<String> {
    ty_vendored::file_system().read_to_string(path)
}

/// Whether `path` names a bundled file.
pub fn is_file(path: &str) -> bool {
    ty_vendored::file_system().is_file(path)
}

/// The direct children of a bundled folder with a flag for folders, sorted by name; empty when there is no such folder.
pub fn list(path: &str) -> Vec<(String, bool)> {
    let mut children: Vec<(String, bool)> = ty_vendored::file_system()
        .read_directory(path)
        .filter_map(|entry| {
            let name = entry.path().as_str().trim_end_matches('/').rsplit('/').next()?.to_string();
            Some((name, entry.file_type().is_directory()))
        })
        .collect();
    children.sort();
    children.dedup();
    children
}

/// The commit of python/typeshed that is bundled, in hexadecimal.
pub fn typeshed_commit() -> &'static str {
    ty_vendored::SOURCE_COMMIT
}
