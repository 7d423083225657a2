//! One file per command. Each has `Arguments` and `main`, which gives the exit code.

use std::path::{Path, PathBuf};

use anyhow::bail;

pub(crate) mod check;
pub(crate) mod dump;
pub(crate) mod explain;
pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod survey;

/// Finds the files below `path`, ordered by name, hidden folders and caches left out.
pub(crate) fn collect_sources(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        if !path.exists() {
            bail!("{}: no such file or folder", path.display());
        }
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        let is_source = entry.extension().is_some_and(|extension| extension == "py" || extension == "pyi");
        if entry.is_dir() && !entry.is_symlink() {
            collect_sources(&entry, files)?;
        } else if is_source && entry.is_file() {
            files.push(entry);
        }
    }
    Ok(())
}
