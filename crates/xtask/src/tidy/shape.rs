//! Sizes, documentation, and what lies where.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Finding;

/// Longer files have a reason in their module documentation and a line in [`LONG_FILES`].
const MAX_LINES: usize = 1_000;
/// Larger files do not belong into the history.
const MAX_BYTES: usize = 1_500_000;

/// Files over [`MAX_LINES`], with the lines they have today; the list may only shrink, and so may each entry.
const LONG_FILES: &[(&str, usize)] = &[];

/// Entries of the root.
const ROOT: &[&str] = &[
    ".cargo",
    ".ci",
    ".config",
    ".deny.toml",
    ".github",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "book",
    "cli",
    "crates",
    "editors",
    "testdata",
    "vm",
];

pub(super) fn check_size(path: &Path, bytes: usize, findings: &mut Vec<Finding>) {
    if bytes > MAX_BYTES {
        findings.push(format!("{}: {bytes} bytes; large files do not belong into the history", path.display()));
    }
}

pub(super) fn check_text(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    let name = path.to_string_lossy();
    check_machine_paths(&name, text, findings);
    if path.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    let is_generated = path.file_name().is_some_and(|name| name == "generated.rs");
    let lines = text.lines().count();
    let allowed = LONG_FILES.iter().find(|(known, _)| *known == name).map_or(MAX_LINES, |(_, lines)| *lines);
    if lines > allowed && !is_generated {
        findings.push(format!("{name}: {lines} lines, {allowed} allowed; look for the seam"));
    }
    let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
    if !is_test && !text.starts_with("//!") && !is_generated {
        findings.push(format!("{name}: begins without module documentation"));
    }
    let is_root = name.starts_with("crates/") && name.ends_with("src/lib.rs");
    if is_root && !text.contains("#![forbid(unsafe_code)]") {
        findings.push(format!("{name}: lacks `#![forbid(unsafe_code)]`"));
    }
}

/// Folders that exist on one machine only.
fn check_machine_paths(name: &str, text: &str, findings: &mut Vec<Finding>) {
    // Split, so that this file passes its own check.
    let prefixes = [["/wo", "rk/"], ["/ro", "ot/"], ["/opt", "/sid"], ["/ho", "me/"], ["/Use", "rs/"]];
    for (number, line) in (1..).zip(text.lines()) {
        for prefix in prefixes.map(|parts| parts.concat()) {
            if line.contains(&prefix) && !name.ends_with(".expected") {
                findings.push(format!("{name}:{number}: names a folder of one machine, `{prefix}`"));
            }
        }
    }
}

pub(super) fn check_root(files: &[PathBuf], findings: &mut Vec<Finding>) {
    let first = |path: &PathBuf| path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let entries: BTreeSet<String> = files.iter().filter_map(first).collect();
    for entry in entries.iter().filter(|entry| !ROOT.contains(&entry.as_str())) {
        findings.push(format!("{entry}: the root holds the entries of the map and no others"));
    }
    let folders: BTreeSet<PathBuf> = files
        .iter()
        .filter(|path| path.starts_with("testdata") && path.components().count() > 2)
        .filter_map(|path| path.components().nth(1).map(|part| Path::new("testdata").join(part)))
        .collect();
    for folder in folders {
        if !files.contains(&folder.join("README.md")) {
            findings.push(format!("{}: lacks a README.md", folder.display()));
        }
    }
}
