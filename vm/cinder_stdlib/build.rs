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
const TWINS: &[(&str, &str)] = &[("_datetime.py", "_pydatetime.py"), ("_decimal.py", "_pydecimal.py")];

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
    for (name, path) in &files {
        let source = std::fs::read(path).expect("a listed file can be read");
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
