//! A machine that exists only in memory, for tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::{FolderEntry, Metadata, PathKind, System, WalkOptions, WalkResult};

/// Files, folders and variables in a table shared by all clones. The current folder is `/`; folders spring up with their files.
#[derive(Clone, Debug, Default)]
pub struct MemorySystem {
    table: Arc<RwLock<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    nodes: BTreeMap<PathBuf, Node>,
    env: BTreeMap<String, String>,
    clock: u128,
}

#[derive(Debug)]
struct Node {
    kind: PathKind,
    bytes: Vec<u8>,
    revision: u128,
}

impl Table {
    /// As on disk, a folder is new when its listing is.
    fn touch_parents(&mut self, path: &Path) {
        let revision = self.clock;
        for folder in path.ancestors().skip(1) {
            if let Some(node) = self.nodes.get_mut(folder) {
                node.revision = revision;
            }
        }
    }
}

impl MemorySystem {
    /// Creates or replaces a file, and the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.insert(path.as_ref(), PathKind::File, content.as_ref().to_vec());
    }

    pub fn create_folder(&self, path: impl AsRef<Path>) {
        self.insert(path.as_ref(), PathKind::Folder, Vec::new());
    }

    /// Creates something that exists and must not be opened.
    pub fn create_special(&self, path: impl AsRef<Path>) {
        self.insert(path.as_ref(), PathKind::Special, Vec::new());
    }

    /// Removes a file, or a folder with everything in it.
    pub fn remove(&self, path: impl AsRef<Path>) {
        let mut table = self.lock_mut();
        table.clock += 1;
        table.nodes.retain(|name, _| !name.starts_with(path.as_ref()));
        table.touch_parents(path.as_ref());
    }

    pub fn set_env(&self, name: &str, value: &str) {
        self.lock_mut().env.insert(name.to_string(), value.to_string());
    }

    fn insert(&self, path: &Path, kind: PathKind, bytes: Vec<u8>) {
        let mut table = self.lock_mut();
        table.clock += 1;
        let revision = table.clock;
        for folder in path.ancestors().skip(1) {
            table.nodes.entry(folder.to_path_buf()).or_insert(Node {
                kind: PathKind::Folder,
                bytes: Vec::new(),
                revision,
            });
        }
        if table.nodes.insert(path.to_path_buf(), Node { kind, bytes, revision }).is_none() {
            table.touch_parents(path);
        }
    }

    fn lock_mut(&self) -> std::sync::RwLockWriteGuard<'_, Table> {
        self.table.write().expect("no test panics while it holds the table")
    }

    fn lock(&self) -> std::sync::RwLockReadGuard<'_, Table> {
        self.table.read().expect("no test panics while it holds the table")
    }
}

impl System for MemorySystem {
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let table = self.lock();
        let node = table.nodes.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Metadata { kind: node.kind, revision: node.revision, size_bytes: node.bytes.len() as u64 })
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let table = self.lock();
        let node = table.nodes.get(path).ok_or(io::ErrorKind::NotFound)?;
        match node.kind {
            PathKind::File => Ok(node.bytes.clone()),
            PathKind::Folder => Err(io::Error::new(io::ErrorKind::InvalidInput, "is a folder")),
            PathKind::Special => Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file")),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<FolderEntry>> {
        let table = self.lock();
        match table.nodes.get(path) {
            Some(node) if node.kind == PathKind::Folder => {}
            Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        let children = table.nodes.iter().filter(|(name, _)| name.parent() == Some(path));
        Ok(children
            .filter_map(|(name, node)| Some(FolderEntry { name: name.file_name()?.to_str()?.into(), kind: node.kind }))
            .collect())
    }

    /// Ignore files are not interpreted: the rules belong to the crate that walks real folders.
    fn walk(&self, root: &Path, options: &WalkOptions) -> Vec<WalkResult> {
        let table = self.lock();
        let skipped = |path: &Path| {
            path.strip_prefix(root).is_ok_and(|rest| {
                rest.parent().is_some_and(|folder| {
                    folder
                        .components()
                        .any(|part| options.skip_folders.iter().any(|name| part.as_os_str() == name.as_str()))
                })
            })
        };
        let files = table.nodes.iter().filter(|(path, node)| node.kind == PathKind::File && path.starts_with(root));
        files.filter(|(path, _)| !skipped(path)).map(|(path, _)| Ok(path.clone())).collect()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.lock().env.get(name).cloned()
    }

    fn current_dir(&self) -> &Path {
        Path::new("/")
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.metadata(path).map(|_| path.to_path_buf())
    }
}
