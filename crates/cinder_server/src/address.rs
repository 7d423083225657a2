//! Addresses of files: between `file:` and paths.
//!
//! Holds: what [`of_path`] writes, [`path_of`] reads back. Percent escapes that are no UTF-8 are replaced, they name no file.

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The path of an address, whose scheme the caller has looked at; `None` when it has none.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = uri.path().as_estr().decode().into_string_lossy();
    if path.is_empty() {
        return None;
    }
    if !cfg!(windows) {
        return Some(PathBuf::from(path.as_ref()));
    }
    let host = uri.authority().map(|authority| authority.host().as_str()).unwrap_or_default();
    match host {
        // `/c:/x`
        "" => Some(PathBuf::from(path.get(1..)?)),
        host => Some(PathBuf::from(format!("//{host}{path}"))),
    }
}

/// The address of an absolute path; `None` for others.
pub(crate) fn of_path(path: &Path) -> Option<Uri> {
    if !path.is_absolute() {
        return None;
    }
    let path = path.to_string_lossy();
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
    let mut address = String::with_capacity(path.len() + 8);
    address.push_str("file://");
    if !path.starts_with('/') {
        address.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                address.push(char::from(byte))
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.parse().ok()
}

#[cfg(test)]
mod tests;
