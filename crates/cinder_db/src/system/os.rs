//! The machine we run on.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the door the lint sends others to")]

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{FolderEntry, Metadata, PathKind, System, WalkError, WalkOptions, WalkResult};

/// Asks the operating system. The current folder is taken once, so that a later change of it cannot change answers.
#[derive(Clone, Debug)]
pub struct OsSystem {
    current_dir: PathBuf,
}

impl OsSystem {
    /// Relative paths are resolved against `current_dir`, which is absolute.
    pub fn new(current_dir: PathBuf) -> OsSystem {
        OsSystem { current_dir }
    }

    /// Errors: the process's current folder is gone or unreadable.
    pub fn from_process() -> io::Result<OsSystem> {
        Ok(OsSystem { current_dir: std::env::current_dir()? })
    }
}

impl System for OsSystem {
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        Ok(to_metadata(&fs::metadata(path)?))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // Asked before opening, because opening a pipe waits for its writer; and again on the open file, because the path may
        // have been replaced in between.
        require_regular(&fs::metadata(path)?)?;
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        require_regular(&metadata)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0).min(1 << 26));
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<FolderEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Some(kind) = entry_kind(&entry) else { continue };
            entries.push(FolderEntry { name: name.into(), kind });
        }
        entries.sort();
        Ok(entries)
    }

    fn walk(&self, root: &Path, options: &WalkOptions) -> Vec<WalkResult> {
        let skip = options.skip_folders.clone();
        let mut builder = ignore::WalkBuilder::new(root);
        builder
            .standard_filters(options.respect_ignore_files)
            .require_git(false)
            .hidden(false)
            .follow_links(false)
            .sort_by_file_path(|a, b| a.cmp(b))
            .filter_entry(move |entry| {
                entry.depth() == 0
                    || !entry.file_type().is_some_and(|kind| kind.is_dir())
                    || !skip.iter().any(|name| entry.file_name() == name.as_str())
            });
        builder.build().filter_map(walk_entry).collect()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn current_dir(&self) -> &Path {
        &self.current_dir
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }
}

fn walk_entry(entry: Result<ignore::DirEntry, ignore::Error>) -> Option<WalkResult> {
    match entry {
        Ok(entry) => {
            let kind = entry.file_type()?;
            // A link to a file counts as that file; a link to a folder is not followed, so loops cannot occur.
            let regular = kind.is_file() || (kind.is_symlink() && entry.path().is_file());
            regular.then(|| Ok(entry.into_path()))
        }
        Err(error) => {
            // What vanished between listing and looking is not an error: the user deleted it.
            if error.io_error().is_some_and(|io| io.kind() == io::ErrorKind::NotFound) {
                return None;
            }
            Some(Err(WalkError { path: error_path(&error), message: error.to_string() }))
        }
    }
}

fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

fn entry_kind(entry: &fs::DirEntry) -> Option<PathKind> {
    let kind = entry.file_type().ok()?;
    if kind.is_symlink() {
        // A dangling link names nothing.
        return fs::metadata(entry.path()).ok().map(|target| to_kind(target.file_type()));
    }
    Some(to_kind(kind))
}

fn to_kind(kind: fs::FileType) -> PathKind {
    if kind.is_file() {
        PathKind::File
    } else if kind.is_dir() {
        PathKind::Folder
    } else {
        PathKind::Special
    }
}

fn to_metadata(metadata: &fs::Metadata) -> Metadata {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Metadata {
        kind: to_kind(metadata.file_type()),
        revision: modified.map_or(0, |age| age.as_nanos()),
        size_bytes: metadata.len(),
    }
}

fn require_regular(metadata: &fs::Metadata) -> io::Result<()> {
    match to_kind(metadata.file_type()) {
        PathKind::File => Ok(()),
        PathKind::Folder => Err(io::Error::new(io::ErrorKind::InvalidInput, "is a folder")),
        PathKind::Special => Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file")),
    }
}
