//! The embedded library as files: what programs find beside `os.__file__`.
//!
//! Problem: the library lies in the binary, and programs that list, stat or open its folder (test suites, packagers, documentation tools) find nothing there.
//! Idea: where the system has no such file, an absolute path below the library's place is looked up among the embedded ones. A file that is opened
//! for reading becomes an anonymous one with its content.
//! Holds: what exists on the disk comes first; nothing here can be written.

use std::ffi::CStr;
use std::sync::OnceLock;

use crate::library;

/// Where the library seems to be; set once, before any program runs.
static PLACE: OnceLock<String> = OnceLock::new();

/// Says where the library seems to be. The first answer stays.
pub(crate) fn set_place(path: &str) {
    let _ = PLACE.set(path.to_owned());
}

/// What an embedded path stands for.
enum Found {
    Folder,
    /// Size in bytes.
    File(usize),
}

/// The part of an absolute path below the library's place, without superfluous slashes; empty for the place itself.
fn relative(path: &CStr) -> Option<String> {
    let rest = path.to_str().ok()?.strip_prefix(PLACE.get()?)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn find(path: &CStr) -> Option<(String, Found)> {
    let relative = relative(path)?;
    if let Some(size) = library::size(&relative) {
        return Some((relative, Found::File(size)));
    }
    library::is_folder(&relative).then_some((relative, Found::Folder))
}

/// Fills `stat` for an embedded path.
pub(crate) fn stat(path: &CStr, stat: &mut libc::stat) -> bool {
    let Some((relative, found)) = find(path) else { return false };
    let (mode, size) = match found {
        Found::Folder => (libc::S_IFDIR | 0o555, 0),
        Found::File(size) => (libc::S_IFREG | 0o444, size),
    };
    stat.st_mode = mode;
    stat.st_size = size as libc::off_t;
    stat.st_nlink = 1;
    // Distinct, so that no two embedded files seem to be one.
    stat.st_ino = library::position(&relative) as libc::ino_t + 1;
    true
}

/// Whether `access` with these bits is granted for an embedded path.
pub(crate) fn allows(path: &CStr, mode: i32) -> bool {
    mode & libc::W_OK == 0
        && find(path).is_some_and(|(_, found)| matches!(found, Found::Folder) || mode & libc::X_OK == 0)
}

/// A descriptor that reads an embedded file; `None` for other paths, folders and flags that write.
pub(crate) fn open(path: &CStr, flags: i32) -> Option<i32> {
    let writes = flags & (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_DIRECTORY) != 0;
    let (relative, Found::File(_)) = find(path).filter(|_| !writes)? else { return None };
    let content = library::read(&relative)?;
    // SAFETY: a constant name; the descriptor is closed when it cannot be filled.
    unsafe {
        let fd = libc::memfd_create(c"cinder-library".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return None;
        }
        let mut written = 0;
        while written < content.len() {
            let rest = &content[written..];
            let put = libc::write(fd, rest.as_ptr().cast(), rest.len());
            if put <= 0 {
                libc::close(fd);
                return None;
            }
            written += put.cast_unsigned();
        }
        libc::lseek(fd, 0, libc::SEEK_SET);
        Some(fd)
    }
}

/// Names, kinds (`d_type`) and numbers of the entries of an embedded folder; `None` for other paths.
pub(crate) fn list(path: &CStr) -> Option<Vec<(Vec<u8>, u8, u64)>> {
    let (relative, Found::Folder) = find(path)? else { return None };
    let entry = |(name, is_folder): (&str, bool)| {
        let kind = if is_folder { libc::DT_DIR } else { libc::DT_REG };
        let below = if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
        (name.as_bytes().to_vec(), kind, library::position(&below) as u64 + 1)
    };
    Some(library::entries(&relative).into_iter().map(entry).collect())
}
