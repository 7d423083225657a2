//! Code inside code that is read when it is first asked for.
//!
//! Problem: a program runs a tenth of the functions it imports; reading all of them was most of what an import cost.
//! Idea: nested code objects lie in the bytes behind their length, so reading the outer one skips them. What a function object needs before it is
//! called, the [`Head`], is read at once.
//! Holds: only [`crate::encode::decode_trusted`] makes code that is not read yet, from bytes that [`crate::encode`] wrote and nobody changed, which
//! the caller knows by their place (the program's own) or by a digest.

use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use crate::code::CodeObject;

/// Where bytes of code objects lie.
#[derive(Clone, Debug)]
pub enum CodeBytes {
    /// In the program.
    Embedded(&'static [u8]),
    /// Read from a file.
    Loaded(Arc<[u8]>),
}

impl Deref for CodeBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            CodeBytes::Embedded(bytes) => bytes,
            CodeBytes::Loaded(bytes) => bytes,
        }
    }
}

/// What is known of a code object without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Bits of [`crate::code::flags`].
    pub flags: u32,
    pub argument_count: u32,
    pub keyword_only_count: u32,
    pub register_count: u32,
}

/// A shared code object, read when it is first looked into.
#[derive(Clone, Debug)]
pub struct LazyCode {
    code: OnceLock<Arc<CodeObject>>,
    packed: Option<Box<Packed>>,
}

#[derive(Clone, Debug)]
struct Packed {
    bytes: CodeBytes,
    place: Range<usize>,
    filename: Arc<str>,
    head: Head,
}

impl LazyCode {
    pub(crate) fn packed(bytes: CodeBytes, place: Range<usize>, filename: Arc<str>, head: Head) -> LazyCode {
        LazyCode { code: OnceLock::new(), packed: Some(Box::new(Packed { bytes, place, filename, head })) }
    }

    /// What is known without reading it.
    #[must_use]
    pub fn head(&self) -> Head {
        match &self.packed {
            Some(packed) => packed.head,
            None => Head {
                flags: self.flags,
                argument_count: self.argument_count,
                keyword_only_count: self.keyword_only_count,
                register_count: self.register_count,
            },
        }
    }

    /// Its file, without reading it.
    #[must_use]
    pub fn filename(&self) -> &Arc<str> {
        match &self.packed {
            Some(packed) => &packed.filename,
            None => &self.filename,
        }
    }
}

impl From<Arc<CodeObject>> for LazyCode {
    fn from(code: Arc<CodeObject>) -> LazyCode {
        LazyCode { code: OnceLock::from(code), packed: None }
    }
}

impl Deref for LazyCode {
    type Target = Arc<CodeObject>;

    fn deref(&self) -> &Arc<CodeObject> {
        self.code.get_or_init(|| {
            let packed = self.packed.as_ref().expect("code that is not read yet has bytes");
            let code = crate::encode::decode_nested(&packed.bytes, packed.place.clone(), &packed.filename);
            Arc::new(code.expect("trusted bytes are as they were written"))
        })
    }
}
