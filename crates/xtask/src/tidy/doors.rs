//! Foreign names have one door each, and so has the operating system.

use std::path::Path;

use super::Finding;
use crate::workspace::Metadata;

/// A prefix of foreign crate names, and who may depend on them.
const FOREIGN: &[(&str, &[&str])] = &[
    ("ruff_", &["cinder_text", "cinder_syntax"]),
    ("ty_vendored", &["cinder_db"]),
    ("ariadne", &["cinder_diagnostic"]),
    ("lsp-types", &["cinder_server"]),
    ("cranelift", &["cinder_jit"]),
    ("rustpython-pylib", &["cinder_stdlib", "cinder_runtime"]),
    ("rustpython-sre_engine", &["cinder_stdlib"]),
];

/// Where the operating system may be named. Tests may do so everywhere.
const SYSTEM_DOORS: &[&str] = &[
    "cli/",
    "crates/xtask/",
    "crates/cinder_mdtest/",
    "crates/cinder_db/src/system/os",
    "vm/cinder_stdlib/build/", // of build scripts
    "vm/cinder_stdlib/src/host",
    "vm/cinder_runtime/",
];

/// Today's offenders; the list may only shrink.
const SYSTEM_OFFENDERS: &[&str] = &[
    "vm/cinder_heap/src/config.rs",         // CINDER_GC
    "vm/cinder_vm/src/exception/source.rs", // source lines of tracebacks
    "vm/cinder_vm/src/jit.rs",              // CINDER_JIT, CINDER_DEOPT
    "vm/cinder_stdlib/src/posix.rs",        // the module that is the operating system for programs
    "vm/cinder_stdlib/src/site.rs",         // where packages are found
    "vm/cinder_stdlib/src/socket/",         // addresses of sockets
    "vm/cinder_stdlib/src/sys/info.rs",     // sys.executable and flags
];

pub(super) fn check_dependencies(metadata: &Metadata, findings: &mut Vec<Finding>) {
    for package in &metadata.packages {
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind.is_none()) {
            for (prefix, allowed) in FOREIGN {
                if dependency.name.starts_with(prefix) && !allowed.contains(&package.name.as_str()) {
                    let doors = allowed.join(", ");
                    findings.push(format!("{} -> {}: its door is {doors}", package.name, dependency.name));
                }
            }
        }
    }
}

pub(super) fn check_text(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    let name = path.to_string_lossy();
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    let is_test = name.ends_with("tests.rs")
        || name.contains("/tests/")
        || name.contains("/benches/")
        || name.contains("/examples/")
        || name.ends_with("build.rs");
    let is_door = SYSTEM_DOORS.iter().chain(SYSTEM_OFFENDERS).any(|door| name.starts_with(door));
    if !is_source || is_test || is_door {
        return;
    }
    for (number, line) in (1..).zip(text.lines()) {
        if line.contains("#[cfg(test)]") {
            // Tests inside a file come last.
            return;
        }
        let code = line.split("//").next().unwrap_or_default();
        for module in ["std::fs", "std::env::", "std::process", "std::net"] {
            let is_abort =
                ["abort", "exit(", "ExitCode"].iter().any(|end| code.contains(&format!("std::process::{end}")));
            if code.contains(module) && !is_abort {
                findings.push(format!("{name}:{number}: `{module}` belongs behind a door of the operating system"));
            }
        }
    }
}
