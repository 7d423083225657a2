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

/// Names of the modules and packages at the top of the library.
pub(crate) fn top_level() -> Vec<&'static str> {
    let name = |path: &'static str| match path.split_once('/') {
        Some((package, _)) => package,
        None => path.strip_suffix(".py").unwrap_or(path),
    };
    INDEX.iter().map(|entry| name(entry.0)).filter(|name| *name != "site-packages").collect()
}
