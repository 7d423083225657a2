//! The habits of the house, checked.
//!
//! Checks:
//! * edges: a crate imports lower layers only, `crates/` never imports `vm/`, and the absences of the map hold ([`edges`]);
//! * doors: foreign crates are named in one place each; files, environment and processes only where the map says ([`doors`]);
//! * every source file begins with its module documentation; crates below `crates/` forbid unsafe code;
//! * no committed file names a folder of somebody's machine;
//! * files over 1,000 lines are on a list that may only shrink; no large blobs;
//! * the root holds the entries of the map and no others; every folder of `testdata/` has a README.
//!
//! A new check ships with the list of today's offenders.

mod doors;
mod edges;
mod shape;

use anyhow::bail;

use crate::workspace::{self, Metadata};

/// One violation: where and what.
pub(crate) type Finding = String;

pub(crate) fn run() -> anyhow::Result<()> {
    let metadata: Metadata = workspace::metadata()?;
    let files = workspace::files()?;
    let mut findings: Vec<Finding> = Vec::new();
    edges::check(&metadata, &mut findings);
    doors::check_dependencies(&metadata, &mut findings);
    let root = workspace::root();
    for path in &files {
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        shape::check_size(path, bytes.len(), &mut findings);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        doors::check_text(path, &text, &mut findings);
        shape::check_text(path, &text, &mut findings);
    }
    shape::check_root(&files, &mut findings);
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        eprintln!("tidy: {finding}");
    }
    bail!("tidy found {} problems", findings.len())
}
