//! The embedded standard library: Python sources inside the binary.
//!
//! The build script packs them; a file is inflated when it is imported or shown in a traceback.

use std::io::Read;

static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.pack"));

/// Path with `/`, offset and deflated size in the pack, size of the source; ordered by path.
static INDEX: &[(&str, usize, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/library_index.rs"));

fn find(path: &str) -> Option<&'static (&'static str, usize, usize, usize)> {
    INDEX.binary_search_by(|entry| entry.0.cmp(path)).ok().map(|at| &INDEX[at])
}

/// Whether the library has this file (`json/decoder.py`).
pub(crate) fn has(path: &str) -> bool {
    find(path).is_some()
}

/// Source of a file of the library.
pub(crate) fn read(path: &str) -> Option<Vec<u8>> {
    let (_, start, packed, len) = *find(path)?;
    let mut source = Vec::with_capacity(len);
    flate2::read::DeflateDecoder::new(&PACK[start..start + packed])
        .read_to_end(&mut source)
        .expect("the build script packed this file");
    Some(source)
}

/// Size of a file of the library in bytes.
pub(crate) fn size(path: &str) -> Option<usize> {
    find(path).map(|entry| entry.3)
}

/// Number of the first entry that is not before `path`.
pub(crate) fn position(path: &str) -> usize {
    INDEX.partition_point(|entry| entry.0 < path)
}

/// Files below a folder; `""` is the whole library.
fn below(folder: &str) -> impl Iterator<Item = &'static str> + use<> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let from = position(&prefix);
    INDEX[from..].iter().map_while(move |entry| entry.0.strip_prefix(&prefix))
}

/// Whether files of the library lie below this path.
pub(crate) fn is_folder(path: &str) -> bool {
    below(path).next().is_some()
}

/// Names directly in a folder, each once, and whether it is a folder itself.
pub(crate) fn entries(folder: &str) -> Vec<(&'static str, bool)> {
    let mut found: Vec<(&'static str, bool)> = Vec::new();
    for path in below(folder) {
        let (name, is_folder) = path.split_once('/').map_or((path, false), |(name, _)| (name, true));
        if found.last().is_none_or(|last| last.0 != name) {
            found.push((name, is_folder));
        }
    }
    found
}

/// Names of the modules and packages at the top of the library.
pub(crate) fn top_level() -> Vec<&'static str> {
    let name = |path: &'static str| match path.split_once('/') {
        Some((package, _)) => package,
        None => path.strip_suffix(".py").unwrap_or(path),
    };
    INDEX.iter().map(|entry| name(entry.0)).filter(|name| *name != "site-packages").collect()
}
