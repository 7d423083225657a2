//! The door to the operating system: nothing else here touches files, the environment or the process.

use std::io::Read;

use cinder_vm::ModuleDef;
use cinder_vm::import::{ModuleHost, PathKind};

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
