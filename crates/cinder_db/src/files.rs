//! Files and folders as inputs, made on demand, missing ones included.
//!
//! Problem: a query may read the file system only if a later change of what it saw invalidates it, and "there is no such file" is
//! something it saw, too.
//! Idea: every path that was ever asked about has one input: [`File`] with a status and a revision, [`Folder`] with its listing.
//! The importer probes listings, not files: one system call per folder answers for all modules in it.
//! Holds: inputs change only through [`Files::sync`] and its siblings, which look at the system again and touch an input only if its
//! answer changed. Bundled stubs never change, so queries about them are never validated.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;
use salsa::{Durability, Setter};

use crate::path::absolute;
use crate::system::{FolderEntry, PathKind};
use crate::{Db, FilePath, vendored};

/// A path that can hold a module's text.
#[salsa::input(debug)]
pub struct File {
    #[returns(ref)]
    pub path: FilePath,
    #[returns(copy)]
    pub status: FileStatus,
    /// Text that replaces what the system holds: an editor's unsaved buffer, or the program of `-c`.
    #[returns(ref)]
    pub overlay: Option<Arc<str>>,
}

/// What was last seen at a file's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// A regular file. `revision` is the system's and changes with the content; `size_bytes` lets huge files be refused unread.
    Present { revision: u128, size_bytes: u64 },
    /// A folder, pipe, socket or device.
    NotRegular,
    /// Nothing there.
    Missing,
    /// Something we may not look at.
    Denied,
}

impl File {
    /// Whether the file holds declarations only.
    pub fn is_stub(self, db: &dyn Db) -> bool {
        self.path(db).is_stub()
    }

    /// Whether there is text to read.
    pub fn exists(self, db: &dyn Db) -> bool {
        self.overlay(db).is_some() || matches!(self.status(db), FileStatus::Present { .. })
    }
}

/// A folder's children.
#[salsa::input(debug)]
pub struct Folder {
    #[returns(ref)]
    pub path: FilePath,
    /// Sorted by name; `None` when there is no such folder or it cannot be listed.
    #[returns(ref)]
    pub entries: Option<Box<[FolderEntry]>>,
}

impl Folder {
    /// What the child `name` is, if there is one.
    pub fn child(self, db: &dyn Db, name: &str) -> Option<PathKind> {
        let entries = self.entries(db).as_deref()?;
        let index = entries.binary_search_by(|entry| (*entry.name).cmp(name)).ok()?;
        Some(entries[index].kind)
    }

    pub fn exists(self, db: &dyn Db) -> bool {
        self.entries(db).is_some()
    }
}

/// The table from paths to inputs; cheap to clone, shared by all handles of a database.
#[derive(Clone, Debug, Default)]
pub struct Files {
    table: Arc<RwLock<Table>>,
    is_frozen: bool,
    is_for_checks: bool,
}

#[derive(Debug, Default)]
struct Table {
    files: FxHashMap<FilePath, File>,
    folders: FxHashMap<FilePath, Folder>,
}

const POISON: &str = "nothing panics while it holds the table of files";

impl Files {
    /// A table for a process that looks once and ends: its inputs must never be changed, and in return queries keep no record of having read them.
    pub fn frozen() -> Files {
        Files { is_frozen: true, ..Files::default() }
    }

    /// As [`Files::frozen`], for a process that asks what is wrong with files and nothing else.
    pub fn frozen_for_checks() -> Files {
        Files { is_for_checks: true, ..Files::frozen() }
    }

    /// Whether each unit is checked once and only its findings are asked for, so that nothing else of it is worth keeping.
    pub fn is_for_checks(&self) -> bool {
        self.is_for_checks
    }

    /// The input for a path, made on first use. Relative paths count from the system's current folder.
    pub fn file(&self, db: &dyn Db, path: &FilePath) -> File {
        if let Some(file) = self.table.read().expect(POISON).files.get(path) {
            return *file;
        }
        let path = normalize(db, path);
        let status = look_at_file(db, &path);
        let durability = self.durability(&path);
        // Another thread may have been quicker; its input wins, ours is forgotten.
        *self
            .table
            .write()
            .expect(POISON)
            .files
            .entry(path.clone())
            .or_insert_with(|| File::builder(path, status, None).durability(durability).new(db))
    }

    /// The input for a file on disk.
    pub fn disk_file(&self, db: &dyn Db, path: impl AsRef<Path>) -> File {
        self.file(db, &FilePath::Disk(path.as_ref().to_path_buf()))
    }

    /// A file that is on no disk, with its text.
    pub fn virtual_file(&self, db: &mut dyn Db, name: &str, text: &str) -> File {
        let path = FilePath::Virtual(name.into());
        let text: Option<Arc<str>> = Some(text.into());
        if let Some(file) = self.known_file(&path) {
            self.set_overlay(db, file, text);
            return file;
        }
        let file = File::builder(path.clone(), FileStatus::Missing, text).durability(self.durability(&path)).new(db);
        self.table.write().expect(POISON).files.insert(path, file);
        file
    }

    /// The input for a folder, made on first use.
    pub fn folder(&self, db: &dyn Db, path: &FilePath) -> Folder {
        if let Some(folder) = self.table.read().expect(POISON).folders.get(path) {
            return *folder;
        }
        let path = normalize(db, path);
        let entries = look_at_folder(db, &path);
        let durability = self.durability(&path);
        *self
            .table
            .write()
            .expect(POISON)
            .folders
            .entry(path.clone())
            .or_insert_with(|| Folder::builder(path, entries).durability(durability).new(db))
    }

    /// Looks again at one path and at the folders around it: call it for every path a watcher names.
    pub fn sync(&self, db: &mut dyn Db, path: &Path) {
        let path = FilePath::Disk(absolute(path, db.system().current_dir()));
        if let Some(file) = self.known_file(&path) {
            sync_file(db, file);
        }
        // A new file may bring new folders into being, so go up until a listing is as it was.
        let mut next = Some(path);
        let mut is_itself = true;
        while let Some(path) = next {
            let unchanged = self.known_folder(&path).is_some_and(|folder| !sync_folder(db, folder));
            if unchanged && !is_itself {
                return;
            }
            is_itself = false;
            next = path.parent();
        }
    }

    /// Looks again at everything on disk that was ever asked about.
    pub fn sync_all(&self, db: &mut dyn Db) {
        let (files, folders) = {
            let table = self.table.read().expect(POISON);
            (table.files.values().copied().collect::<Vec<_>>(), table.folders.values().copied().collect::<Vec<_>>())
        };
        files.into_iter().for_each(|file| sync_file(db, file));
        folders.into_iter().for_each(|folder| {
            sync_folder(db, folder);
        });
    }

    /// Replaces a file's text by a buffer's, or gives it back to the system with `None`.
    ///
    /// From then on the file counts as one that changes at every moment. All others do not, so what depends on none of the open files is known to
    /// be as it was after a keystroke, without a look at each file.
    pub fn set_overlay(&self, db: &mut dyn Db, file: File, text: Option<Arc<str>>) {
        if *file.overlay(db) != text {
            file.set_overlay(db).with_durability(Durability::LOW).to(text);
        }
    }

    /// Everything that was ever asked about, ordered by path: files with their status, folders with their listing.
    #[expect(clippy::type_complexity, reason = "the two tables, as they are")]
    pub fn known(&self, db: &dyn Db) -> (Vec<(FilePath, FileStatus)>, Vec<(FilePath, Option<Box<[FolderEntry]>>)>) {
        let table = self.table.read().expect(POISON);
        let mut files: Vec<_> = table.files.iter().map(|(path, file)| (path.clone(), file.status(db))).collect();
        let mut folders: Vec<_> =
            table.folders.iter().map(|(path, folder)| (path.clone(), folder.entries(db).clone())).collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        folders.sort_by(|a, b| a.0.cmp(&b.0));
        (files, folders)
    }

    /// How seldom the settings of the program change: never in a process that looks once, elsewhere more seldom than any file of the user.
    pub fn settings_durability(&self) -> Durability {
        if self.is_frozen { Durability::NEVER_CHANGE } else { Durability::HIGH }
    }

    fn durability(&self, path: &FilePath) -> Durability {
        match path {
            _ if self.is_frozen => Durability::NEVER_CHANGE,
            FilePath::Vendored(_) => Durability::HIGH,
            FilePath::Disk(_) => Durability::MEDIUM,
            FilePath::Virtual(_) => Durability::LOW,
        }
    }

    fn known_file(&self, path: &FilePath) -> Option<File> {
        self.table.read().expect(POISON).files.get(path).copied()
    }

    fn known_folder(&self, path: &FilePath) -> Option<Folder> {
        self.table.read().expect(POISON).folders.get(path).copied()
    }
}

fn normalize(db: &dyn Db, path: &FilePath) -> FilePath {
    match path {
        FilePath::Disk(path) => FilePath::Disk(absolute(path, db.system().current_dir())),
        other => other.clone(),
    }
}

fn sync_file(db: &mut dyn Db, file: File) {
    let status = look_at_file(db, file.path(db));
    if status != file.status(db) {
        file.set_status(db).to(status);
    }
}

/// Whether the listing changed.
fn sync_folder(db: &mut dyn Db, folder: Folder) -> bool {
    let entries = look_at_folder(db, folder.path(db));
    let changed = entries != *folder.entries(db);
    if changed {
        folder.set_entries(db).to(entries);
    }
    changed
}

fn look_at_file(db: &dyn Db, path: &FilePath) -> FileStatus {
    match path {
        FilePath::Disk(path) => match db.system().metadata(path) {
            Ok(found) if found.kind == PathKind::File => {
                FileStatus::Present { revision: found.revision, size_bytes: found.size_bytes }
            }
            Ok(_) => FileStatus::NotRegular,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => FileStatus::Denied,
            Err(_) => FileStatus::Missing,
        },
        FilePath::Vendored(path) if vendored::is_file(path) => FileStatus::Present { revision: 0, size_bytes: 0 },
        FilePath::Vendored(_) | FilePath::Virtual(_) => FileStatus::Missing,
    }
}

fn look_at_folder(db: &dyn Db, path: &FilePath) -> Option<Box<[FolderEntry]>> {
    match path {
        FilePath::Disk(path) => db.system().list(path).ok().map(Vec::into_boxed_slice),
        FilePath::Vendored(path) => {
            let children = vendored::list(path);
            let entries = children.into_iter().map(|(name, is_folder)| FolderEntry {
                name: name.into(),
                kind: if is_folder { PathKind::Folder } else { PathKind::File },
            });
            Some(entries.collect::<Box<[_]>>()).filter(|entries| !entries.is_empty())
        }
        FilePath::Virtual(_) => None,
    }
}

/// Paths of all files on disk that were asked about, sorted; for tests and statistics.
pub fn known_paths(files: &Files) -> Vec<PathBuf> {
    let table = files.table.read().expect(POISON);
    let mut paths: Vec<PathBuf> = table.files.keys().filter_map(|path| path.as_disk().map(Path::to_path_buf)).collect();
    paths.sort();
    paths
}
