//! The table of native modules.

use cinder_vm::ModuleDef;

/// Every native module, by name.
static MODULES: &[&ModuleDef] = &[
    &cinder_vm::classloader::STATIC_MODULE,
    &crate::collections::COLLECTIONS,
    &crate::gc::GC,
    &crate::io::IO,
    &crate::itertools::ITERTOOLS,
    &crate::math::MATH,
    &crate::posix::POSIX,
    &crate::signal::SIGNAL,
    &crate::sre::SRE,
    &crate::sys::SYS,
    &crate::time::TIME,
    &crate::tokens::TOKENS,
    &crate::weakref::WEAKREF,
];

/// Declaration of the native module of this name.
pub(crate) fn find(name: &str) -> Option<&'static ModuleDef> {
    if name == "builtins" {
        return Some(&cinder_vm::builtins::BUILTINS);
    }
    MODULES.iter().find(|def| def.name == name).copied()
}

/// Names of all native modules in alphabetical order.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = MODULES.iter().map(|def| def.name).chain(["builtins"]).collect();
    names.sort_unstable();
    names
}
