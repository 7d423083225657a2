//! The list of places where imports are searched.

use cinder_db::{Db, FilePath, source_text};

/// One place that is searched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchPath {
    pub kind: SearchPathKind,
    /// A folder; it need not exist.
    pub folder: FilePath,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SearchPathKind {
    /// The project's own code.
    FirstParty,
    /// Named by the user, as in `PYTHONPATH`.
    Extra,
    /// Stubs of the standard library. What runs is the library inside the VM.
    StandardLibrary,
    /// Installed packages.
    SitePackages,
    /// Named by a `.pth` file, for example by an editable install.
    Editable,
}

/// All places, first match wins: the project, `PYTHONPATH`, the standard library, installed packages. CPython's order.
///
/// Depends on: the program's settings, the listing of each `site-packages` and the `.pth` files in it.
#[salsa::tracked(returns(ref))]
pub fn search_paths(db: &dyn Db) -> Box<[SearchPath]> {
    let settings = db.program().settings(db);
    let mut paths = Vec::new();
    let mut add = |kind, folder: FilePath| {
        if !paths.iter().any(|known: &SearchPath| known.folder == folder) {
            paths.push(SearchPath { kind, folder });
        }
    };
    for root in &settings.roots {
        add(SearchPathKind::FirstParty, FilePath::Disk(root.clone()));
    }
    for path in &settings.extra_paths {
        add(SearchPathKind::Extra, FilePath::Disk(path.clone()));
    }
    let stubs = match &settings.typeshed {
        Some(folder) => FilePath::Disk(folder.join("stdlib")),
        None => FilePath::vendored("stdlib"),
    };
    add(SearchPathKind::StandardLibrary, stubs);
    for folder in &settings.site_packages {
        add(SearchPathKind::SitePackages, FilePath::Disk(folder.clone()));
        for editable in paths_in_pth_files(db, &FilePath::Disk(folder.clone())) {
            add(SearchPathKind::Editable, editable);
        }
    }
    paths.into()
}

/// Folders that the `.pth` files of a `site-packages` folder add to the path. Source: CPython `Lib/site.py`, `addpackage`; lines that run code
/// are left alone.
fn paths_in_pth_files(db: &dyn Db, site_packages: &FilePath) -> Vec<FilePath> {
    let mut found = Vec::new();
    let folder = db.files().folder(db, site_packages);
    for entry in folder.entries(db).as_deref().unwrap_or_default() {
        // A leading dot hides a file from `site`, too.
        if !entry.name.ends_with(".pth") || entry.name.starts_with('.') {
            continue;
        }
        let file = db.files().file(db, &site_packages.join(&entry.name));
        for line in source_text(db, file).lines() {
            let line = line.trim_end();
            let runs_code = line.starts_with("import ") || line.starts_with("import\t");
            if line.is_empty() || line.starts_with('#') || runs_code {
                continue;
            }
            let target = site_packages.join(line);
            let target = match target {
                FilePath::Disk(path) => FilePath::Disk(cinder_db::path::absolute(&path, db.system().current_dir())),
                other => other,
            };
            if db.files().folder(db, &target).exists(db) {
                found.push(target);
            }
        }
    }
    found
}
