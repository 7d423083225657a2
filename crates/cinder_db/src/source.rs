//! A file's text, decoded as Python decodes it.
//!
//! Follows PEP 263: a byte-order mark or a coding comment in the first two lines names the encoding, UTF-8 otherwise. Offsets count
//! bytes of the *decoded* text in UTF-8, without the mark.
//!
//! Holds: [`source_text`] never fails. A file that cannot be read or decoded has the empty text and says why in [`SourceText::error`].

use std::ops::Deref;
use std::sync::Arc;

use cinder_syntax::decode_source;
use cinder_text::LineIndex;

use crate::files::FileStatus;
use crate::{Db, File, FilePath, vendored};

/// Files beyond this size are refused: nobody writes them by hand, and a tree takes about thirty times the text.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// A file's text; cheap to clone, equal by content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    text: Arc<str>,
    error: Option<Arc<SourceError>>,
}

impl SourceText {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Why the text is empty although the file is not.
    pub fn error(&self) -> Option<&SourceError> {
        self.error.as_deref()
    }
}

impl Deref for SourceText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

/// Why a file has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The file is gone. Whoever walks folders ignores this: files vanish while they are looked at.
    #[error("file not found")]
    Missing,
    #[error("not a regular file")]
    NotRegular,
    #[error("file of {size_bytes} bytes is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge { size_bytes: u64 },
    #[error("cannot read: {0}")]
    Unreadable(String),
    /// The bytes are not text in the declared encoding; the words are CPython's. `line_number` counts from one.
    #[error("{message}")]
    Decode { message: String, line_number: u32 },
}

/// The text of `file`.
///
/// Depends on: the file's status and overlay. Equal text is equal: saving a file without changing it invalidates nothing.
#[salsa::tracked(returns(ref))]
pub fn source_text(db: &dyn Db, file: File) -> SourceText {
    match read(db, file) {
        Ok(text) => SourceText { text, error: None },
        Err(error) => SourceText { text: "".into(), error: Some(Arc::new(error)) },
    }
}

/// Where lines begin. Depends on: the file's text; for rendering only.
#[salsa::tracked(returns(ref), no_eq, lru = 256)]
pub fn line_index(db: &dyn Db, file: File) -> LineIndex {
    LineIndex::new(source_text(db, file))
}

fn read(db: &dyn Db, file: File) -> Result<Arc<str>, SourceError> {
    // Read whether or not there is an overlay, so that the status is always a dependency.
    let status = file.status(db);
    if let Some(text) = file.overlay(db) {
        return Ok(text.clone());
    }
    let path = match file.path(db) {
        FilePath::Disk(path) => path,
        FilePath::Vendored(path) => {
            return vendored::read(path).map(Into::into).map_err(|_| SourceError::Missing);
        }
        FilePath::Virtual(_) => return Err(SourceError::Missing),
    };
    match status {
        FileStatus::Present { size_bytes, .. } if size_bytes > MAX_FILE_BYTES => {
            return Err(SourceError::TooLarge { size_bytes });
        }
        FileStatus::Present { .. } => {}
        FileStatus::NotRegular => return Err(SourceError::NotRegular),
        FileStatus::Missing => return Err(SourceError::Missing),
        FileStatus::Denied => return Err(SourceError::Unreadable("permission denied".to_string())),
    }
    let bytes = db.system().read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => SourceError::Missing,
        _ => SourceError::Unreadable(error.to_string()),
    })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(SourceError::TooLarge { size_bytes: bytes.len() as u64 });
    }
    match decode_source(&bytes) {
        Ok(decoded) => Ok(decoded.text.into()),
        Err(error) => Err(SourceError::Decode { message: error.message, line_number: error.line_number }),
    }
}
