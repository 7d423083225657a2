//! Which files a command is about.
//!
//! Holds: a file named by the user is always taken, whatever its name and whatever the ignore files say; below folders only `.py` and `.pyi`
//! files count. Only regular files are ever read. Files that vanish on the way are not errors.

use std::path::{Path, PathBuf};

use cinder_db::System;
use cinder_db::path::absolute;
use cinder_db::system::{PathKind, WalkOptions};

use crate::config::Config;

/// Folders that hold other people's code or generated files.
const SKIPPED_FOLDERS: [&str; 14] = [
    ".cinder_cache",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
];

/// The files found, and what stood in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Absolute, sorted, each once.
    pub files: Vec<PathBuf>,
    pub problems: Vec<PathProblem>,
}

/// A path that cannot be looked at. These are errors of the command line or the machine, not of a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .path.display())]
pub struct PathProblem {
    pub path: PathBuf,
    pub message: String,
}

/// Finds the files that `paths` (relative to the system's current folder) name or contain. Patterns of `config.exclude` count from `root`.
pub fn discover(system: &dyn System, root: &Path, config: &Config, paths: &[PathBuf]) -> Discovered {
    let mut found = Discovered::default();
    for path in paths {
        let path = absolute(path, system.current_dir());
        match system.metadata(&path) {
            Ok(metadata) => match metadata.kind {
                PathKind::File => found.files.push(path),
                PathKind::Folder => walk(system, root, config, &path, &mut found),
                PathKind::Special => found.problem(path, "not a regular file"),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => found.problem(path, "no such file or folder"),
            Err(error) => found.problem(path, &error.to_string()),
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

impl Discovered {
    fn problem(&mut self, path: PathBuf, message: &str) {
        self.problems.push(PathProblem { path, message: message.to_string() });
    }
}

fn walk(system: &dyn System, root: &Path, config: &Config, folder: &Path, found: &mut Discovered) {
    let options = WalkOptions {
        respect_ignore_files: config.respect_ignore_files,
        skip_folders: SKIPPED_FOLDERS.map(str::to_string).to_vec(),
    };
    let mut exclude = ignore::gitignore::GitignoreBuilder::new(root);
    for pattern in &config.exclude {
        // Validated when the configuration was read.
        let _ = exclude.add_line(None, pattern);
    }
    let exclude = exclude.build().unwrap_or_else(|_| ignore::gitignore::Gitignore::empty());
    let mut environments = Environments::default();
    for entry in system.walk(folder, &options) {
        let path = match entry {
            Ok(path) => path,
            Err(error) => {
                found.problem(error.path.unwrap_or_else(|| folder.to_path_buf()), &error.message);
                continue;
            }
        };
        let is_python = path.extension().is_some_and(|extension| extension == "py" || extension == "pyi");
        let is_excluded = || path.starts_with(root) && exclude.matched_path_or_any_parents(&path, false).is_ignore();
        if is_python && !is_excluded() && !environments.contain(system, folder, &path) {
            found.files.push(path);
        }
    }
}

/// Remembers which folders are virtual environments, whatever they are called.
#[derive(Default)]
struct Environments {
    /// The last folder asked about and the answer: walks are depth first, so most questions repeat.
    last: Option<(PathBuf, bool)>,
}

impl Environments {
    /// Whether `path` lies in an environment below `top`. An environment named by the user is looked at.
    fn contain(&mut self, system: &dyn System, top: &Path, path: &Path) -> bool {
        let Some(folder) = path.parent() else { return false };
        if let Some((last, answer)) = &self.last
            && last == folder
        {
            return *answer;
        }
        let between = folder.ancestors().take_while(|ancestor| *ancestor != top);
        let answer = between.into_iter().any(|ancestor| system.metadata(&ancestor.join("pyvenv.cfg")).is_ok());
        self.last = Some((folder.to_path_buf(), answer));
        answer
    }
}
