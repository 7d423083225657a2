//! Finds the virtual environment a project uses.
//!
//! Not a query: it runs once, when the settings are made, and what it read is part of the settings.

use std::path::{Path, PathBuf};

use cinder_db::System;
use cinder_db::system::PathKind;

/// A Python environment on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The folder with `pyvenv.cfg`, or of a Conda environment.
    pub root: PathBuf,
    /// In the order they are searched: its own, then the system's if the environment includes those.
    pub site_packages: Vec<PathBuf>,
}

/// The environment in use: `VIRTUAL_ENV`, `CONDA_PREFIX`, or `.venv` in `project` or a folder above it. `None` without one: packages of
/// the system's Python are not taken for the project's.
pub fn discover_environment(system: &dyn System, project: &Path) -> Option<Environment> {
    let by_variable = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(|name| system.env(name));
    let by_variable = by_variable.filter(|value| !value.is_empty()).map(PathBuf::from);
    let beside = project.ancestors().map(|folder| folder.join(".venv"));
    by_variable.chain(beside).find_map(|root| environment_at(system, &root))
}

/// Reads the environment whose folder is `root`.
pub fn environment_at(system: &dyn System, root: &Path) -> Option<Environment> {
    let root = cinder_db::path::absolute(root, system.current_dir());
    let config =
        system.read(&root.join("pyvenv.cfg")).ok().map(|bytes| Config::parse(&String::from_utf8_lossy(&bytes)));
    let mut site_packages = site_packages_below(system, &root);
    if config.is_none() && site_packages.is_empty() {
        return None;
    }
    if let Some(Config { home: Some(home), includes_system: true }) = config {
        // `home` is the folder of the interpreter's binary.
        site_packages.extend(home.parent().into_iter().flat_map(|prefix| site_packages_below(system, prefix)));
    }
    Some(Environment { root, site_packages })
}

/// What `pyvenv.cfg` says. Source: CPython `Modules/getpath.py`.
#[derive(Default)]
struct Config {
    home: Option<PathBuf>,
    includes_system: bool,
}

impl Config {
    fn parse(text: &str) -> Config {
        let mut config = Config::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            match key.trim().to_ascii_lowercase().as_str() {
                "home" => config.home = Some(PathBuf::from(value.trim())),
                "include-system-site-packages" => config.includes_system = value.trim().eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        config
    }
}

/// `lib/python3.*/site-packages`, our version first, then newest first; `Lib/site-packages` as on Windows.
fn site_packages_below(system: &dyn System, prefix: &Path) -> Vec<PathBuf> {
    let is_folder = |path: &Path| system.metadata(path).is_ok_and(|found| found.kind == PathKind::Folder);
    let lib = prefix.join("lib");
    let mut versions: Vec<u32> = system
        .list(&lib)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| entry.name.strip_prefix("python3.")?.trim_end_matches('t').parse().ok())
        .collect();
    versions.sort_by_key(|minor| (*minor != 14, std::cmp::Reverse(*minor)));
    versions.dedup();
    let unix = versions
        .iter()
        .map(|minor| lib.join(format!("python3.{minor}")).join("site-packages"))
        .find(|path| is_folder(path));
    let windows = Some(prefix.join("Lib").join("site-packages")).filter(|path| is_folder(path));
    unix.into_iter().chain(windows).collect()
}
