//! Compiled code beside its source: `__pycache__/name.cinder-314.pyc`.
//!
//! Problem: compiling a file costs three times what reading its code costs, and programs import hundreds of files.
//! Idea: the file is CPython's `.pyc` with a time stamp, so that `importlib`, `py_compile` and `zipimport` read and write it too, followed by a
//! trailer of our own: the nanoseconds of the source's time and a digest of the whole, keyed by the compiler's fingerprint.
//! Holds: only bytes whose digest is right are used, and they are not verified again; all others, of other compilers, damaged or without a trailer, are
//! made anew. Files appear by renaming. What goes wrong with the cache is no error: the source is there. Static modules are not kept, for their
//! code depends on other modules.
//! Source: PEP 3147, PEP 552, Lib/importlib/_bootstrap_external.py (`cache_from_source`, `SourceLoader.get_code`).

use std::sync::Arc;

use cinder_bytecode::{CodeBytes, CodeObject, decode_trusted};
use cinder_heap::Gc;

use super::FileStamp;
use crate::hash::siphash13;
use crate::types::code::PyCode;
use crate::vm::Vm;

/// `importlib.util.MAGIC_NUMBER` of a compiler with this fingerprint, as a little-endian number: `importlib` looks at nothing else before it reads
/// the code. Other implementations' are below 30000.
fn magic_number(fingerprint: u64) -> u32 {
    0x0A0D_8000 | (fingerprint as u32 & 0x7fff)
}

/// `sys.implementation.cache_tag`.
pub const CACHE_TAG: &str = "cinder-314";

/// Magic number, flags (0: a time stamp follows), seconds and size of the source, each four bytes.
const HEADER: usize = 16;

/// `marshal`'s tag of a code object and the length of its bytes.
const MARSHAL: usize = 5;

/// Nanoseconds and digest, eight bytes each.
const TRAILER: usize = 16;

fn header(stamp: FileStamp, fingerprint: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&magic_number(fingerprint).to_le_bytes());
    header[8..12].copy_from_slice(&(stamp.seconds as u32).to_le_bytes());
    header[12..].copy_from_slice(&(stamp.size as u32).to_le_bytes());
    header
}

fn digest(fingerprint: u64, bytes: &[u8]) -> [u8; 8] {
    siphash13((fingerprint, 0), bytes).to_le_bytes()
}

/// The file's content for code compiled from a source with this stamp.
fn pack(code: &CodeObject, stamp: FileStamp, fingerprint: u64) -> Option<Vec<u8>> {
    let code = cinder_bytecode::encode(code);
    let length = i32::try_from(code.len()).ok()?;
    let mut bytes = Vec::with_capacity(HEADER + MARSHAL + code.len() + TRAILER);
    bytes.extend(header(stamp, fingerprint));
    bytes.push(b'c');
    bytes.extend(length.to_le_bytes());
    bytes.extend(code);
    bytes.extend(u64::from(stamp.nanoseconds).to_le_bytes());
    bytes.extend(digest(fingerprint, &bytes));
    Some(bytes)
}

/// The encoded code object in the file's content, when it is whole and from this compiler and source.
fn unpack(bytes: &[u8], stamp: FileStamp, fingerprint: u64) -> Option<&[u8]> {
    let (start, found) = bytes.split_last_chunk::<8>()?;
    let (body, nanoseconds) = start.split_last_chunk::<8>()?;
    let is_current = body.len() > HEADER + MARSHAL
        && body.starts_with(&header(stamp, fingerprint))
        && u64::from_le_bytes(*nanoseconds) == u64::from(stamp.nanoseconds)
        && *found == digest(fingerprint, start);
    is_current.then(|| &body[HEADER + MARSHAL..])
}

impl Vm {
    /// `importlib.util.MAGIC_NUMBER`, as a little-endian number.
    pub fn bytecode_magic_number(&self) -> u32 {
        magic_number(self.interp.compiler.fingerprint())
    }

    /// Where the compiled code of a source file belongs; `None` for paths that name no file.
    pub(super) fn cache_path(&self, path: &str) -> Option<String> {
        let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
        let stem = file.rsplit_once('.').map_or(file, |(stem, end)| if stem.is_empty() { end } else { stem });
        if stem.is_empty() {
            return None;
        }
        let level = match self.config.optimize {
            0 => String::new(),
            level => format!(".opt-{level}"),
        };
        let file = format!("{stem}.{CACHE_TAG}{level}.pyc");
        let prefix = self.sys_attribute("pycache_prefix").filter(|prefix| self.is_str(*prefix));
        Some(match prefix {
            Some(prefix) => {
                let place = match folder.strip_prefix('/') {
                    Some(folder) => folder.to_owned(),
                    None => format!("{}/{folder}", self.imports.host.current_folder()?.trim_start_matches('/')),
                };
                format!("{}/{}/{file}", self.str_text(prefix).trim_end_matches('/'), place.trim_end_matches('/'))
            }
            None if path.contains('/') => format!("{folder}/__pycache__/{file}"),
            None => format!("__pycache__/{file}"),
        })
    }

    /// The code that was kept for a source file with this stamp.
    pub(super) fn cached_code(&self, path: &str, stamp: FileStamp) -> Option<Gc<PyCode>> {
        let bytes = self.imports.host.read(&self.cache_path(path)?).ok()?;
        let code = unpack(&bytes, stamp, self.interp.compiler.fingerprint())?;
        self.trusted_code(&CodeBytes::Loaded(Arc::from(code)), path)
    }

    /// Code that nobody changed since a verified code object was encoded.
    pub(super) fn trusted_code(&self, bytes: &CodeBytes, path: &str) -> Option<Gc<PyCode>> {
        let code = decode_trusted(bytes, path).ok()?;
        self.new_code(Arc::new(code)).ok()
    }

    /// Keeps code that was compiled from a source file with this stamp, unless the program wants no such files.
    pub(super) fn keep_code(&self, code: &CodeObject, path: &str, stamp: FileStamp) {
        let unwanted = self.sys_attribute("dont_write_bytecode").is_none_or(|flag| self.truthy(flag).unwrap_or(true));
        if unwanted || code.flags & cinder_bytecode::flags::STATIC_MODULE != 0 {
            return;
        }
        let Some(place) = self.cache_path(path) else { return };
        if let Some(bytes) = pack(code, stamp, self.interp.compiler.fingerprint()) {
            self.imports.host.keep(&place, &bytes, stamp.mode);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> FileStamp {
        FileStamp { seconds: 1_700_000_000, nanoseconds: 5, size: 77, mode: 0o644 }
    }

    /// Whatever is changed or cut, nothing is taken for code.
    #[test]
    fn damage_is_seen() {
        let code = CodeObject::default();
        let whole = pack(&code, stamp(), 1).unwrap();
        assert_eq!(unpack(&whole, stamp(), 1), Some(&*cinder_bytecode::encode(&code)));
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            assert_eq!(unpack(&damaged, stamp(), 1), None, "byte {at}");
            assert_eq!(unpack(&whole[..at], stamp(), 1), None, "{at} bytes");
        }
        assert_eq!(unpack(&whole, stamp(), 2), None);
        assert_ne!(header(stamp(), 1)[..4], header(stamp(), 2)[..4], "importlib takes the magic number's word");
        assert_eq!(unpack(&whole, FileStamp { nanoseconds: 6, ..stamp() }, 1), None);
        assert_eq!(unpack(&whole, FileStamp { size: 78, ..stamp() }, 1), None);
    }
}
