//! Packs the standard library's sources into one file that the crate embeds.
//!
//! Idea: every `.py` file of the library, and those of `lib/` in place of equally named ones, deflated one by one so that an import inflates
//! one file only. The index is Rust source: paths in order, each with its place in the pack.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Folders that make no sense in an embedded library: graphical programs, installers, tests.
const LEFT_OUT: &[&str] =
    &["idlelib", "tkinter", "turtledemo", "ensurepip", "test", "tests", "pydoc_data", "__phello__", "lib2to3"];

/// Accelerated modules for which the library's Python version serves under their name too: new name and file.
const TWINS: &[(&str, &str)] = &[("_datetime.py", "_pydatetime.py")];

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
];

fn main() {
    let ours = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("lib");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=lib");
    let mut files = BTreeMap::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), &mut files);
    collect(&ours, &mut files);
    for (name, file) in TWINS {
        let path = files[*file].clone();
        files.insert((*name).to_owned(), path);
    }
    let mut pack = Vec::new();
    let mut index = String::from("&[\n");
    files.insert("_decimal.py".to_owned(), files["_pydecimal.py"].clone());
    for (name, path) in &files {
        let mut source = std::fs::read(path).expect("a listed file can be read");
        if name == "_decimal.py" {
            source = native_decimal(&source, &ours.join("_decimal_native.txt"));
        }
        let start = pack.len();
        let mut encoder = flate2::write::DeflateEncoder::new(&mut pack, flate2::Compression::new(6));
        encoder.write_all(&source).expect("writing to memory");
        encoder.finish().expect("writing to memory");
        writeln!(index, "    ({name:?}, {start}, {}, {}),", pack.len() - start, source.len())
            .expect("writing to memory");
    }
    index.push_str("]\n");
    std::fs::write(out.join("library.pack"), pack).expect("the output folder can be written");
    std::fs::write(out.join("library_index.rs"), index).expect("the output folder can be written");
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
