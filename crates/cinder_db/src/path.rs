//! Names of files: on disk, in the bundled stubs, or in nobody's file system.

use std::fmt;
use std::path::{Component, Path, PathBuf};

/// Where a file's text comes from.
///
/// Paths on disk are absolute and lexically normal (no `.`, no `..`); [`Files`](crate::Files) sees to that, so equal files have equal paths
/// except for symbolic links, which are kept as the user wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilePath {
    Disk(PathBuf),
    /// A path inside the bundled typeshed, `/`-separated, for example `stdlib/os/path.pyi`.
    Vendored(Box<str>),
    /// Text that has no file: `-c` programs, unsaved editor buffers.
    Virtual(Box<str>),
}

impl FilePath {
    pub fn vendored(path: &str) -> FilePath {
        FilePath::Vendored(path.into())
    }

    pub fn as_disk(&self) -> Option<&Path> {
        match self {
            FilePath::Disk(path) => Some(path),
            _ => None,
        }
    }

    /// The last component, without its folder.
    pub fn file_name(&self) -> Option<&str> {
        match self {
            FilePath::Disk(path) => path.file_name()?.to_str(),
            FilePath::Vendored(path) => path.rsplit('/').next(),
            FilePath::Virtual(name) => Some(name),
        }
    }

    /// Whether the file holds declarations only (`.pyi`).
    pub fn is_stub(&self) -> bool {
        self.file_name().is_some_and(|name| name.ends_with(".pyi"))
    }

    /// The folder that holds this file; `None` for virtual files and roots.
    pub fn parent(&self) -> Option<FilePath> {
        match self {
            FilePath::Disk(path) => path.parent().map(|parent| FilePath::Disk(parent.to_path_buf())),
            FilePath::Vendored(path) => path.rsplit_once('/').map(|(parent, _)| FilePath::vendored(parent)),
            FilePath::Virtual(_) => None,
        }
    }

    /// This folder's child of the given name.
    pub fn join(&self, name: &str) -> FilePath {
        match self {
            FilePath::Disk(path) => FilePath::Disk(path.join(name)),
            FilePath::Vendored(path) => FilePath::Vendored(format!("{path}/{name}").into()),
            FilePath::Virtual(path) => FilePath::Virtual(format!("{path}/{name}").into()),
        }
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilePath::Disk(path) => path.display().fmt(f),
            FilePath::Vendored(path) => write!(f, "vendored://{path}"),
            FilePath::Virtual(name) => f.write_str(name),
        }
    }
}

/// Makes `path` absolute against `base` and removes `.` and `..` without looking at the disk.
pub fn absolute(path: &Path, base: &Path) -> PathBuf {
    let mut result = if path.is_absolute() { PathBuf::new() } else { base.to_path_buf() };
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}
