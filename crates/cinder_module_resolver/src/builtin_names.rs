//! Modules that no file can replace.

/// Compiled into every CPython 3.14, or frozen into it: importers for these stand before the path in `sys.meta_path`.
/// Source: CPython `Modules/Setup.bootstrap.in`, `Modules/config.c.in`, `Python/frozen.c`. Sorted.
const UNSHADOWABLE: &[&str] = &[
    "_abc",
    "_ast",
    "_codecs",
    "_collections",
    "_collections_abc",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_functools",
    "_imp",
    "_io",
    "_locale",
    "_opcode",
    "_operator",
    "_signal",
    "_sitebuiltins",
    "_sre",
    "_stat",
    "_string",
    "_suggestions",
    "_symtable",
    "_sysconfig",
    "_thread",
    "_tokenize",
    "_tracemalloc",
    "_types",
    "_typing",
    "_warnings",
    "_weakref",
    "abc",
    "atexit",
    "builtins",
    "codecs",
    "errno",
    "faulthandler",
    "gc",
    "genericpath",
    "io",
    "itertools",
    "marshal",
    "ntpath",
    "os",
    "posix",
    "posixpath",
    "pwd",
    "runpy",
    "site",
    "stat",
    "sys",
    "time",
    "zipimport",
];

/// Whether the top-level module `name` is found before any search path.
pub fn is_unshadowable(name: &str) -> bool {
    UNSHADOWABLE.binary_search(&name).is_ok()
}

/// Whether the top-level module `name` belongs to cinder itself: no file declares it, the checker and the VM know it.
pub fn is_intrinsic(name: &str) -> bool {
    matches!(name, "__static__" | "__strict__")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_sorted() {
        assert!(super::UNSHADOWABLE.is_sorted());
    }
}
