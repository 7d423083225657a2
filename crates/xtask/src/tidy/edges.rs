//! Who may import whom.
//!
//! The numbers are the layers of the map: a crate imports lower ones only. The bans are the absences that carry the
//! design; a crate that is on no list is unknown and must be put on the map first.

use super::Finding;
use crate::workspace::{Metadata, Package};

/// Each crate and its layer.
const LAYERS: &[(&str, u32)] = &[
    ("cinder_text", 1),
    ("cinder_bytecode", 1),
    ("cinder_heap_derive", 1),
    ("cinder_syntax", 2),
    ("cinder_diagnostic", 2),
    ("cinder_layout", 2),
    ("cinder_db", 3),
    ("cinder_mdtest", 3),
    ("cinder_heap", 3),
    ("cinder_jit", 3),
    ("cinder_module_resolver", 4),
    ("cinder_vm", 4),
    ("cinder_semantic", 5),
    ("cinder_stdlib", 5),
    ("cinder_types", 6),
    ("cinder_strict", 6),
    ("cinder_static", 7),
    ("cinder_codegen", 8),
    ("cinder_ide", 8),
    ("cinder_project", 8),
    ("cinder_runtime", 9),
    ("cinder_server", 9),
    ("cinder", 10),
    ("cinder_bench", 10),
    ("cinder_fuzz", 10),
    ("xtask", 10),
];

/// Edges that must not be, although the layers would allow them.
const BANS: &[(&str, &str, &str)] = &[
    ("cinder_vm", "cinder_jit", "the JIT is reached through a trait in cinder_layout, so that it can be left out"),
    ("cinder_static", "cinder_strict", "cinder_project runs both; neither needs the other"),
    ("cinder_ide", "cinder_server", "the IDE layer knows no protocol"),
    ("cinder_jit", "cinder_heap", "a compile reads only its CompileUnit"),
];

/// The crates of `vm/` that see the front half.
const JOINS: &[&str] = &["cinder_runtime"];

pub(super) fn check(metadata: &Metadata, findings: &mut Vec<Finding>) {
    for package in &metadata.packages {
        let Some(layer) = layer(&package.name) else {
            findings.push(format!("{}: not on the map; add it to the layers in xtask and to the book", package.name));
            continue;
        };
        let ordinary = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        for dependency in ordinary.filter(|dependency| is_ours(metadata, &dependency.name)) {
            let name = &dependency.name;
            let edge = format!("{} -> {name}", package.name);
            if crate_layer(name) >= layer {
                findings.push(format!("{edge}: a crate imports lower layers only"));
            }
            if let Some((_, _, reason)) = BANS.iter().find(|(from, to, _)| *from == package.name && to == name) {
                findings.push(format!("{edge}: {reason}"));
            }
            check_halves(metadata, package, name, &edge, findings);
        }
    }
}

/// Nothing in `crates/` imports `vm/`; of `crates/`, `vm/` knows the bytecode only.
fn check_halves(metadata: &Metadata, package: &Package, name: &str, edge: &str, findings: &mut Vec<Finding>) {
    let imported_half = metadata.packages.iter().find(|other| other.name == name).map(half);
    match (half(package), imported_half) {
        ("crates", Some("vm")) => {
            findings.push(format!("{edge}: what needs a live object belongs in vm/; crates/ never imports it"));
        }
        ("vm", Some("crates")) if name != "cinder_bytecode" && !JOINS.contains(&package.name.as_str()) => {
            findings.push(format!("{edge}: the bytecode is the one name both halves share"));
        }
        _ => {}
    }
}

fn half(package: &Package) -> &'static str {
    let folder = package.manifest_path.parent().and_then(|folder| folder.parent()).and_then(|half| half.file_name());
    match folder.and_then(|name| name.to_str()) {
        Some("vm") => "vm",
        Some("crates") if package.name != "xtask" => "crates",
        _ => "",
    }
}

fn is_ours(metadata: &Metadata, name: &str) -> bool {
    metadata.packages.iter().any(|package| package.name == name)
}

fn layer(name: &str) -> Option<u32> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

fn crate_layer(name: &str) -> u32 {
    layer(name).unwrap_or(u32::MAX)
}
