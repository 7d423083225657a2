//! Compiles the standard library, so that a program's start compiles none of it.
//!
//! Idea: the code objects of every file of the library, encoded, in one file that the crate embeds, with an index in Rust source. A debug build takes a
//! few files only, for its compiler is slow and often changed; the others are compiled when they are imported.

#[path = "../cinder_stdlib/build/library.rs"]
mod library;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a debug build compiles ahead, so that its tests meet both kinds.
const IN_DEBUG: &[&str] = &["abc.py", "collections/__init__.py", "enum.py", "functools.py", "keyword.py", "types.py"];

/// What the code of a text depends on besides the text: these crates and the versions of what they use.
const COMPILER: &[&str] = &["cinder_bytecode", "cinder_codegen", "cinder_semantic", "cinder_syntax", "cinder_text"];

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let stdlib = root.join("vm/cinder_stdlib");
    let mut watched =
        vec![PathBuf::from("build.rs"), stdlib.join("lib"), stdlib.join("build"), root.join("Cargo.lock")];
    watched.extend(COMPILER.iter().map(|name| root.join("crates").join(name).join("src")));
    for path in &watched {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    println!("cargo:rustc-env=CINDER_COMPILER_FINGERPRINT={}", fingerprint(&watched[3..]));

    let mut files = library::files(&stdlib.join("lib"));
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        files.retain(|name, _| IN_DEBUG.contains(&name.as_str()));
    }
    let mut pack = Vec::new();
    let mut index = String::from("&[\n");
    for (name, code) in compile_all(files) {
        writeln!(index, "    ({name:?}, {}, {}),", pack.len(), code.len()).expect("writing to memory");
        pack.extend(code);
    }
    index.push_str("]\n");
    std::fs::write(out.join("code.pack"), pack).expect("the output folder can be written");
    std::fs::write(out.join("code_index.rs"), index).expect("the output folder can be written");
}

/// Encoded code by path. Files that do not compile, because they are examples of mistakes, are left out.
fn compile_all(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let (files, next, done) = (Vec::from_iter(files), AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some((name, source)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(code) = compile(source) {
                done.lock().expect("no thread panics with it").insert(name.clone(), code);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    done.into_inner().expect("no thread panics with it")
}

fn compile(source: &[u8]) -> Option<Vec<u8>> {
    let source = std::str::from_utf8(source).ok()?;
    let options = cinder_codegen::CompileOptions::default();
    let code = cinder_codegen::compile_text(source.trim_start_matches('\u{feff}'), "", &options).ok()?.code;
    cinder_bytecode::verify(&code).expect("the compiler makes code that verifies");
    Some(cinder_bytecode::encode(&code))
}

fn fingerprint(paths: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, &mut hasher);
    }
    hasher.finish()
}

fn add(path: &Path, hasher: &mut DefaultHasher) {
    for entry in walkdir::WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            hasher.write(&std::fs::read(entry.path()).expect("a listed file can be read"));
        }
    }
}
