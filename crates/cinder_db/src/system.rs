//! The only door to the operating system.
//!
//! Problem: analysis must be deterministic and testable, so it may not open files, list folders or read the environment by itself.
//! Idea: everything it may ask is a method of [`System`]; [`OsSystem`] asks the machine, [`MemorySystem`] a table. Queries call it only while they
//! also read an input ([`File`](crate::File), [`Folder`](crate::Folder)) whose revision stands for the answer.

mod memory;
mod os;

pub use memory::MemorySystem;
pub use os::OsSystem;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

/// What a path names, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathKind {
    File,
    Folder,
    /// A pipe, socket or device: exists and is never opened, because reading could block or have effects.
    Special,
}

/// What the system knows about a path without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    pub kind: PathKind,
    /// Changes when the content may have changed. Nanoseconds since 1970 on disk, a counter in memory.
    pub revision: u128,
    pub size_bytes: u64,
}

/// A child of a folder. `name` is a single component; names that are not UTF-8 are left out, for they cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    pub name: Box<str>,
    pub kind: PathKind,
}

/// How [`System::walk`] goes through a tree.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Leave out what `.gitignore`, `.ignore` and git's exclude files name, also outside a repository.
    pub respect_ignore_files: bool,
    /// Folders of these names are not entered.
    pub skip_folders: Vec<String>,
}

/// A file found by [`System::walk`], or what went wrong on the way.
pub type WalkResult = Result<PathBuf, WalkError>;

/// A folder that could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalkError {
    pub path: Option<PathBuf>,
    pub message: String,
}

/// What analysis may ask of the machine. All paths are absolute.
pub trait System: Debug + Send + Sync {
    /// Errors: as the operating system reports them; a missing path is `NotFound`.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// The bytes of a regular file.
    ///
    /// Errors: `NotFound`, permissions, and `InvalidInput` for folders, pipes, sockets and devices, which are never opened.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The children of a folder, sorted by name.
    fn list(&self, path: &Path) -> io::Result<Vec<FolderEntry>>;

    /// Every regular file below `root`, sorted by path. `root` itself is a folder.
    fn walk(&self, root: &Path, options: &WalkOptions) -> Vec<WalkResult>;

    /// An environment variable that is set and valid UTF-8.
    fn env(&self, name: &str) -> Option<String>;

    fn current_dir(&self) -> &Path;

    /// The same path with links resolved.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;
}
