//! Packs the standard library's sources into one file that the crate embeds.
//!
//! Idea: every file of [`library::files`], deflated one by one so that an import inflates one file only. The index is Rust source: paths in order,
//! each with its place in the pack.

#[path = "build/library.rs"]
mod library;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

fn main() {
    let ours = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("lib");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=lib");
    let mut pack = Vec::new();
    let mut index = String::from("&[\n");
    for (name, source) in library::files(&ours) {
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
