//! The files of the embedded standard library, for the build scripts that pack and compile them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders that make no sense in an embedded library: graphical programs, installers, tests.
const LEFT_OUT: &[&str] =
    &["idlelib", "tkinter", "turtledemo", "ensurepip", "test", "tests", "pydoc_data", "__phello__", "lib2to3"];

/// Methods of `Decimal` that native code replaces: under the second name they serve where it does not go.
const DECIMAL_NAMES: &[(&str, &str)] = &[
    ("__add__", "_py_add"),
    ("__radd__", "_py_radd"),
    ("__sub__", "_py_sub"),
    ("__rsub__", "_py_rsub"),
    ("__mul__", "_py_mul"),
    ("__rmul__", "_py_rmul"),
    ("__truediv__", "_py_truediv"),
    ("__rtruediv__", "_py_rtruediv"),
    ("__neg__", "_py_neg"),
    ("__pos__", "_py_pos"),
    ("__abs__", "_py_abs"),
    ("__bool__", "_py_bool"),
    ("__eq__", "_py_eq"),
    ("__lt__", "_py_lt"),
    ("__le__", "_py_le"),
    ("__gt__", "_py_gt"),
    ("__ge__", "_py_ge"),
    ("__str__", "_py_str"),
    ("def __new__(cls, value=\"0\", context=None):", "def _py_new(cls, value=\"0\", context=None):"),
    ("def quantize(self, exp, rounding=None", "def _py_quantize(self, exp, rounding=None"),
    ("def quantize(self, a, b):", "def _py_quantize(self, a, b):"),
    ("def add(self, a, b):", "def _py_add(self, a, b):"),
    ("def subtract(self, a, b):", "def _py_subtract(self, a, b):"),
    ("def multiply(self, a, b):", "def _py_multiply(self, a, b):"),
    ("def divide(self, a, b):", "def _py_divide(self, a, b):"),
];

/// How `pdb` finds the first line of a function. Here functions begin with their first instruction.
const AFTER_RESUME: &str = "if prev is not None and prev.opname == 'RESUME':";

/// Where `linecache` finds that nobody registered the source of code that no file holds.
const NO_LINES: &str = "        return entry[2]
    return []
";

/// There it asks for the text of `-c` and of standard input, which CPython registers at every start.
const ASKED_LINES: &str = "        return entry[2]
    from _cinder import unfiled_source
    return unfiled_source(code.co_filename).splitlines(keepends=True)
";

/// Path with `/` below the library's root and source of every file: those of the library, and those below `ours` in place of equally named ones.
pub(crate) fn files(ours: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut paths = BTreeMap::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), &mut paths);
    collect(ours, &mut paths);
    let read = |path: &PathBuf| std::fs::read(path).expect("a listed file can be read");
    let mut files: BTreeMap<_, _> = paths.iter().map(|(name, path)| (name.clone(), read(path))).collect();
    let decimal = native_decimal(&files["_pydecimal.py"], &ours.join("_decimal_native.txt"));
    files.insert("_decimal.py".to_owned(), decimal);
    let debugger = String::from_utf8(files["pdb.py"].clone()).expect("the library is UTF-8");
    assert!(debugger.contains(AFTER_RESUME), "pdb.py looks for the instruction behind RESUME");
    files.insert("pdb.py".to_owned(), debugger.replace(AFTER_RESUME, "if True:").into_bytes());
    let cache = String::from_utf8(files["linecache.py"].clone()).expect("the library is UTF-8");
    assert!(cache.contains(NO_LINES), "linecache.py looks up the lines of code that no file holds");
    files.insert("linecache.py".to_owned(), cache.replace(NO_LINES, ASKED_LINES).into_bytes());
    files
}

/// The text of `_pydecimal.py` with native numbers: see `src/decimal.rs`.
fn native_decimal(pure: &[u8], addition: &Path) -> Vec<u8> {
    let mut text = String::from_utf8(pure.to_vec()).expect("the library is UTF-8");
    for (name, new) in DECIMAL_NAMES {
        assert!(text.contains(name), "_pydecimal.py has no {name}");
        text = text.replace(name, new);
    }
    let addition = std::fs::read_to_string(addition).expect("the file lies in lib/");
    // The class is complete there, and nothing has used it yet.
    let behind_class = "\ndef _dec_from_triple(";
    assert!(text.contains(behind_class), "_pydecimal.py has no _dec_from_triple");
    text = text.replacen(behind_class, &format!("\n{addition}{behind_class}"), 1);
    let behind_context = "\nclass _WorkRep(";
    assert!(text.contains(behind_context), "_pydecimal.py has no _WorkRep");
    text = text.replacen(
        behind_context,
        &format!("\n_cinder_decimal.extend_context(Context, Decimal)\n{behind_context}"),
        1,
    );
    let before_use = "\n_numbers.Number.register(Decimal)";
    assert!(text.contains(before_use), "_pydecimal.py does not register its class");
    let triple = "\ndef _dec_from_triple(sign, coefficient, exponent, special=False, make=_cinder_decimal.from_parts):\n    \
                  return make(Decimal, sign, coefficient, exponent, special)\n";
    text = text.replacen(before_use, &format!("{triple}{before_use}"), 1);
    text.into_bytes()
}

/// Adds the `.py` files below `root` by their path relative to it, with `/`.
fn collect(root: &Path, files: &mut BTreeMap<String, PathBuf>) {
    let walk = walkdir::WalkDir::new(root).into_iter();
    let wanted = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(entry.file_type().is_dir() && LEFT_OUT.contains(&&*name))
    };
    for entry in walk.filter_entry(wanted).filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let relative = path.strip_prefix(root).expect("found below the root");
            let name = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            files.insert(name, path.to_owned());
        }
    }
}
