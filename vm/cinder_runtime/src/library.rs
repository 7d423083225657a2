//! Code of the standard library, compiled when cinder was built.

static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/code.pack"));

/// Path with `/`, offset and length in the pack; ordered by path.
static INDEX: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/code_index.rs"));

/// Encoded code of a file (`json/decoder.py`); `None` when the build left it out.
pub(crate) fn code(path: &str) -> Option<&'static [u8]> {
    let at = INDEX.binary_search_by(|entry| entry.0.cmp(path)).ok()?;
    let (_, start, length) = INDEX[at];
    Some(&PACK[start..start + length])
}

/// Differs between compilers of different sources.
pub(crate) fn compiler_fingerprint() -> u64 {
    const FINGERPRINT: &str = env!("CINDER_COMPILER_FINGERPRINT");
    FINGERPRINT.parse().expect("the build script wrote a number")
}
