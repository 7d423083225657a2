//! The door to the operating system: nothing else here touches files, the environment or the process.

use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use cinder_vm::ModuleDef;
use cinder_vm::import::{FileStamp, ModuleHost, PathKind};

use crate::library;

/// Where imports look.
pub(crate) struct Host {
    library_path: String,
}

impl Host {
    pub(crate) fn new(prefix: &str) -> Host {
        let library_path = library_path(prefix);
        crate::library_files::set_place(&library_path);
        Host { library_path }
    }
}

/// The entry of `sys.path` that stands for the embedded library. No such folder needs to exist.
pub(crate) fn library_path(prefix: &str) -> String {
    format!("{}/lib/python3.14", if prefix == "/" { "" } else { prefix })
}

impl ModuleHost for Host {
    fn native(&self, name: &str) -> Option<&'static ModuleDef> {
        crate::modules::find(name)
    }

    fn missing(&self, name: &str) -> Option<&'static str> {
        crate::missing::needs(name)
    }

    fn library_path(&self) -> &str {
        &self.library_path
    }

    fn library_has(&self, path: &str) -> bool {
        library::has(path)
    }

    fn library_source(&self, path: &str) -> Option<Vec<u8>> {
        library::read(path)
    }

    fn path_kind(&self, path: &str) -> PathKind {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => PathKind::Folder,
            Ok(_) => PathKind::File,
            Err(_) => PathKind::Absent,
        }
    }

    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        let mut content = Vec::new();
        std::fs::File::open(path)?.read_to_end(&mut content)?;
        Ok(content)
    }

    fn stamp(&self, path: &str) -> Option<FileStamp> {
        let found = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let nanoseconds = found.mtime_nsec() as u32;
        Some(FileStamp { seconds: found.mtime(), nanoseconds, size: found.size(), mode: found.mode() })
    }

    fn keep(&self, path: &str, bytes: &[u8], mode: u32) {
        // The number keeps the threads and processes apart that compile the same file.
        let mut number = [0; 8];
        let temporary = match random_bytes(&mut number) {
            Ok(()) => format!("{path}.{:x}", u64::from_le_bytes(number)),
            Err(_) => return,
        };
        if let Some((folder, _)) = path.rsplit_once('/') {
            // The usual case is that it is there, and what else is wrong shows below.
            let _ = std::fs::create_dir_all(folder);
        }
        let mode = mode & 0o666 | 0o200;
        let mut options = std::fs::OpenOptions::new();
        let Ok(mut file) = options.write(true).create_new(true).mode(mode).open(&temporary) else { return };
        if file.write_all(bytes).and_then(|()| std::fs::rename(&temporary, path)).is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
    }

    fn current_folder(&self) -> Option<String> {
        current_folder()
    }
}

/// The current folder, when it can be named.
pub(crate) fn current_folder() -> Option<String> {
    std::env::current_dir().ok().map(|path| path.to_string_lossy().into_owned())
}

/// Path of the running program.
pub(crate) fn executable() -> String {
    std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The number of this process, which is another one after a fork.
pub(crate) fn process() -> u32 {
    std::process::id()
}

/// A file that bytes are appended to.
pub(crate) type AppendFile = std::fs::File;

/// Opens a file to append to, and makes it when there is none.
pub(crate) fn append_to(path: &std::ffi::CStr) -> std::io::Result<AppendFile> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(path.to_bytes()));
    std::fs::OpenOptions::new().append(true).create(true).open(path)
}

/// `n` random bytes.
pub(crate) fn random_bytes(buffer: &mut [u8]) -> std::io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        let rest = &mut buffer[filled..];
        // SAFETY: the pointer and length are those of a live slice.
        let got = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        if got < 0 {
            let error = std::io::Error::last_os_error();
            if error.kind() == std::io::ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        filled += got.cast_unsigned();
    }
    Ok(())
}

/// A variable of the environment, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The user's folder.
pub(crate) fn home() -> Option<std::path::PathBuf> {
    variable("HOME").map(Into::into)
}

/// The path through which this program was started, links not followed; `None` when it cannot be told.
pub(crate) fn invoked_as() -> Option<std::path::PathBuf> {
    let name = std::env::args_os().next()?;
    let path = std::path::Path::new(&name);
    if path.components().count() > 1 {
        return std::path::absolute(path).ok().filter(|path| path.exists());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(path)).find(|path| path.is_file())
}
