//! Finished checks on disk, beside the project.
//!
//! Problem: an unchanged tree is checked over and over, by hooks and in continuous integration.
//! Idea: a file for each combination of settings and paths holds a snapshot (`cinder_project::snapshot`), which says itself whether it still
//! answers. The folder ignores itself, so no repository ever sees it.
//! Holds: a check gives the same answer with and without the cache. Files appear whole, by renaming, so processes may share the folder;
//! what cannot be read or written is done without.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The folder's name in a project.
const FOLDER: &str = ".cinder_cache";

/// Snapshots kept; the oldest go first.
const MOST: usize = 16;

/// Checks of fewer files are quicker than looking whether they changed.
pub(crate) const LEAST_FILES: usize = 32;

#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder that is named, or in the project's.
    pub(crate) fn new(named: Option<&Path>, root: &Path) -> Cache {
        Cache { folder: named.map_or_else(|| root.join(FOLDER), Path::to_path_buf) }
    }

    pub(crate) fn load(&self, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.place(key)).ok()
    }

    /// Drops a snapshot.
    pub(crate) fn forget(&self, key: &str) {
        // Another process may have been quicker.
        let _ = std::fs::remove_file(self.place(key));
    }

    /// Keeps a snapshot, if the machine lets us.
    pub(crate) fn store(&self, key: &str, bytes: &[u8]) {
        if self.prepare().is_err() {
            return;
        }
        let unfinished = self.folder.join(format!("{key}.{}.tmp", std::process::id()));
        let is_stored =
            std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, self.place(key))).is_ok();
        if !is_stored {
            // Nothing to be done about a folder that takes no files.
            let _ = std::fs::remove_file(&unfinished);
        }
        self.tidy();
    }

    fn place(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.check"))
    }

    fn prepare(&self) -> std::io::Result<()> {
        if self.folder.join(".gitignore").exists() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by cinder; may be deleted at any time.\n";
        std::fs::write(self.folder.join("CACHEDIR.TAG"), tag)?;
        std::fs::write(self.folder.join(".gitignore"), "# Made by cinder.\n*\n")
    }

    /// Removes the oldest snapshots, and what processes left that were killed.
    fn tidy(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        let mut known: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .filter(|(_, path)| path.extension().is_some_and(|extension| extension == "check" || extension == "tmp"))
            .collect();
        known.sort();
        let surplus = known.len().saturating_sub(MOST);
        for (_, path) in known.into_iter().take(surplus) {
            // Another process may have been quicker.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Nanoseconds since 1970.
pub(crate) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_nanos())
}

/// What distinguishes this binary from any other one.
pub(crate) fn binary_version() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let build = file.ok().map(|file| (file.len(), file.modified().ok()));
    format!("{} {build:?}", env!("CARGO_PKG_VERSION"))
}
